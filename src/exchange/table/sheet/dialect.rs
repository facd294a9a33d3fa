//! How a file writes its table: one dialect for tables of resources and for readings.

use crate::exchange::table::cell::marks::Marks;
use crate::exchange::table::cell::time::{Ambiguous, Pattern, Wall};
use encoding_rs::Encoding;

/// A dialect as a person states it, in a mapping or by flags; all that is absent is as in RFC 4180 and ISO 8601.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// The encoding, by its name in the WHATWG list (`windows-1252`, `utf-16le`); UTF-8, or that of a byte order mark.
    pub encoding: Option<String>,
    /// The character between columns; a blank matches as many as it takes to align them.
    pub delimiter: Option<String>,
    /// How many lines are above the header.
    pub skip_lines: usize,
    /// How many lines below the header are no rows: units, types.
    pub skip_below: usize,
    /// The names of the columns of a file that has no header.
    pub header: Vec<String>,
    /// Texts that mean an empty cell.
    pub empty: Vec<String>,
    /// Names that are meant as they are written, though they look as if a spreadsheet had spoilt them.
    pub literal: Vec<String>,
    /// The decimal mark.
    pub decimal: Option<char>,
    /// The mark between thousands.
    pub thousands: Option<char>,
    /// The zone of times without an offset.
    pub zone: Option<String>,
    /// How times and dates are written that are not ISO 8601.
    pub format: Option<String>,
    /// The first year that two digits can mean.
    pub years_from: Option<u32>,
    /// What a time is that a clock shows twice: `refuse`, `earlier` or `later`.
    pub ambiguous: Option<String>,
}

/// A part of a dialect that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct Unreadable {
    /// The part, as mappings and flags name it.
    pub key: &'static str,
    /// What is wrong with it.
    pub message: String,
}

/// How a file writes its table.
#[derive(Clone, Debug, Default)]
pub struct Dialect {
    pub(in crate::exchange::table) encoding: Option<&'static Encoding>,
    pub(in crate::exchange::table) delimiter: Option<u8>,
    pub(in crate::exchange::table) skip_lines: usize,
    pub(in crate::exchange::table) skip_below: usize,
    pub(in crate::exchange) header: Vec<String>,
    pub(in crate::exchange) empty: Vec<String>,
    pub(in crate::exchange) literal: Vec<String>,
    pub(in crate::exchange) marks: Marks,
    pub(in crate::exchange) wall: Wall,
}

impl Dialect {
    /// Reads a dialect.
    pub fn new(stated: &Stated) -> Result<Self, Unreadable> {
        let wrong = |key, message| Unreadable { key, message };
        let encoding = stated.encoding.as_deref().map(encoding).transpose();
        let delimiter = stated.delimiter.as_deref().map(delimiter).transpose();
        let delimiter = delimiter.map_err(|message| wrong("delimiter", message))?;
        let marks =
            Marks::new(stated.decimal, stated.thousands).map_err(|message| wrong("thousands", message))?;
        if delimiter.is_some_and(|byte| char::from(byte) == marks.decimal()) {
            let message =
                format!("\"{}\" is between columns, so it cannot be the decimal mark too", marks.decimal());
            return Err(wrong("decimal", message));
        }
        Ok(Self {
            encoding: encoding.map_err(|message| wrong("encoding", message))?,
            delimiter,
            skip_lines: stated.skip_lines,
            skip_below: stated.skip_below,
            header: stated.header.clone(),
            empty: stated.empty.clone(),
            literal: stated.literal.clone(),
            marks,
            wall: wall(
                stated.zone.as_deref(),
                stated.format.as_deref(),
                stated.years_from,
                stated.ambiguous.as_deref(),
            )?,
        })
    }
}

/// Reads how times are written.
pub(in crate::exchange::table) fn wall(
    zone: Option<&str>,
    format: Option<&str>,
    years_from: Option<u32>,
    ambiguous: Option<&str>,
) -> Result<Wall, Unreadable> {
    let wrong = |key, message| Unreadable { key, message };
    Ok(Wall {
        zone: zone
            .map(str::parse)
            .transpose()
            .map_err(|error: crate::model::time::period::Error| wrong("zone", error.to_string()))?,
        pattern: format
            .map(|text| Pattern::new(text, years_from))
            .transpose()
            .map_err(|message| wrong("format", message))?,
        ambiguous: ambiguous
            .map_or(Ok(Ambiguous::default()), Ambiguous::parse)
            .map_err(|message| wrong("ambiguous", message))?,
    })
}

fn encoding(label: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(label.as_bytes())
        .ok_or_else(|| format!("\"{label}\" is no encoding such as utf-8, windows-1252 or utf-16le"))
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n".contains(byte) => Ok(*byte),
        b"\\t" | b"tab" => Ok(b'\t'),
        _ => Err(format!(
            "\"{text}\" cannot be between columns; state one character, such as \";\" or \"\\t\""
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_named() {
        let check = |stated: Stated, expect: &str| {
            let got = Dialect::new(&stated).map_or_else(|error| error.to_string(), |_| "good".to_owned());
            assert_eq!(got, expect);
        };
        let text = |text: &str| Some(text.to_owned());
        check(Stated { delimiter: text("\\t"), encoding: text("cp1252"), ..Stated::default() }, "good");
        check(
            Stated { delimiter: text("::"), ..Stated::default() },
            "delimiter: \"::\" cannot be between columns; state one character, such as \";\" or \"\\t\"",
        );
        check(
            Stated { delimiter: text(","), decimal: Some(','), ..Stated::default() },
            "decimal: \",\" is between columns, so it cannot be the decimal mark too",
        );
        check(
            Stated { encoding: text("excel"), ..Stated::default() },
            "encoding: \"excel\" is no encoding such as utf-8, windows-1252 or utf-16le",
        );
        check(
            Stated { zone: text("Berlin"), ..Stated::default() },
            "zone: \"Berlin\" is not a time zone such as UTC or Europe/Paris",
        );
        check(
            Stated { ambiguous: text("first"), ..Stated::default() },
            "ambiguous: \"first\" is neither refuse nor earlier nor later",
        );
        check(
            Stated { decimal: Some(','), thousands: Some(','), ..Stated::default() },
            "thousands: \",\" cannot be both the decimal mark and the mark between thousands",
        );
    }
}
