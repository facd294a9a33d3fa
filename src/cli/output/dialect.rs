//! Flags that describe how a CSV file is written, named as the keys of a mapping are.

use crate::app::StatedDialect;
use crate::exchange::table::Stated;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Flags {
    /// The character between columns; a blank for as many as it takes [default: found in the header]
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// The encoding, such as windows-1252 [default: UTF-8, or that of a byte order mark]
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// How many lines are above the header, or above the rows where --header names the columns
    #[arg(long, value_name = "COUNT")]
    skip_lines: Option<usize>,
    /// How many lines below the header are no rows: units, types
    #[arg(long, value_name = "COUNT")]
    skip_below: Option<usize>,
    /// The names of the columns of files that have no header
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    header: Vec<String>,
    /// A text that denotes an empty cell, besides NaN, NULL, N/A, None and - among values; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    empty: Vec<String>,
    /// A name that is meant as it is written, though it looks as if a spreadsheet had spoilt it
    #[arg(long, value_name = "NAME")]
    literal: Vec<String>,
    /// The decimal mark [default: .]
    #[arg(long, value_name = "MARK")]
    decimal: Option<char>,
    /// The mark between thousands [default: none]
    #[arg(long, value_name = "MARK")]
    thousands: Option<char>,
    /// The zone of times without an offset, such as Europe/Paris
    #[arg(long)]
    zone: Option<String>,
    /// How times are written that are not ISO 8601, as in DD.MM.YYYY hh:mm:ss
    #[arg(long)]
    format: Option<String>,
    /// The first year that two digits (YY) can mean
    #[arg(long, value_name = "YEAR")]
    years_from: Option<u32>,
    /// Which one a time is that a clock shows twice: earlier or later [default: by the order of rows, else refused]
    #[arg(long, value_name = "RULE")]
    ambiguous: Option<String>,
}

impl Flags {
    /// Returns what the flags state.
    pub(in crate::cli) fn stated(&self) -> StatedDialect {
        let stated = Stated {
            delimiter: self.delimiter.clone(),
            encoding: self.encoding.clone(),
            header: self.header.clone(),
            empty: self.empty.clone(),
            literal: self.literal.clone(),
            decimal: self.decimal,
            thousands: self.thousands,
            zone: self.zone.clone(),
            format: self.format.clone(),
            years_from: self.years_from,
            ambiguous: self.ambiguous.clone(),
            ..Stated::default()
        };
        StatedDialect { stated, skip_lines: self.skip_lines, skip_below: self.skip_below }
    }
}
