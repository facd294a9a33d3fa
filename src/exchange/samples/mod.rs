//! Readings from a CSV file: wide (a column per signal) or long (a column that names the signal, one with its value).
//!
//! An empty cell is a gap, never a zero, and so is one with a word for it (`NaN`, `NULL`, `-`). A cell that is no number is
//! refused with its line and column; the other cells of its row are kept. How the file writes numbers and times is its
//! [`Dialect`], the one of tables. A time that a clock shows twice is resolved as the dialect states, else by the
//! order of the rows of its unit where that is evidence, else refused.

mod columns;
mod count;
pub mod influxql;
mod measures;
pub mod mqtt;
mod order;
mod repeats;
mod series;
#[cfg(test)]
mod tests;
mod written;

pub use measures::Known;
pub use repeats::Repeats;
pub use written::Table;

use super::table::cell::time::Ambiguous;
use super::table::problem::readable;
use super::table::sheet::Sheet;
use super::table::sheet::fault::Fault;
use super::table::{Dialect, Mapping, Problem};
use crate::model::time::instant::Instant;
use crate::model::time::period::Shown;
use columns::{Columns, When};
use measures::Measures;
use order::{Order, Ordered, Pending};
use repeats::Finder;
use series::Series;
use std::io::Read;

/// How the columns are to be understood.
#[derive(Clone, Debug)]
pub struct Layout {
    /// How the file is written.
    pub dialect: Dialect,
    /// The mapping whose derived columns there are.
    pub mapping: Option<Mapping>,
    /// The column that holds the time, or a text with columns in braces such as `{Date} {Time}`.
    pub time: String,
    /// The column that holds the offset of the time.
    pub offset: Option<String>,
    /// How the time is stated.
    pub clock: Clock,
    /// What names the twin.
    pub twin: Twin,
    /// Which columns hold values.
    pub signals: Signals,
    /// Where the units of the values are stated.
    pub units: Units,
}

/// Where a file states the units of its values; they are compared with what is known of the signals, and stored nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Units {
    /// Nowhere, or of no interest.
    #[default]
    Unstated,
    /// In the first line below the header, by column.
    Row,
    /// In a column, row by row.
    Column(String),
}

/// How the time of a reading is stated.
#[derive(Clone, Debug)]
pub enum Clock {
    /// As an instant, or as a local time of the dialect's zone.
    Instant,
    /// As a running number of steps (cycles, hours of operation) since an instant.
    Count {
        /// When the number is 0.
        epoch: Instant,
        /// How long a step lasts, in nanoseconds.
        step_ns: i64,
    },
}

/// What names the twin of a reading.
#[derive(Clone, Debug)]
pub enum Twin {
    /// A column, or a name with columns in braces such as `engine/{unit}`.
    Column(String),
    /// All readings are of this one.
    Unit(String),
}

/// Where signals and values are.
#[derive(Clone, Debug)]
pub enum Signals {
    /// A column per signal: (column, signal); all columns but time, offset and twin where empty.
    Wide(Vec<(String, String)>),
    /// One column names the signal, another holds its value.
    Long {
        /// The column with the signal's name.
        signal: String,
        /// The column with the value.
        value: String,
    },
}

/// One reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading<'a> {
    /// When.
    pub at: Instant,
    /// The number of its series among those of the file, from 0.
    pub series: usize,
    /// Of which twin.
    pub twin: &'a str,
    /// Of which signal.
    pub signal: &'a str,
    /// How much.
    pub value: f64,
    /// The line in the file, from 1.
    pub line: u64,
}

/// A cell that was refused, or a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line in the file, from 1.
    pub line: u64,
    /// The column's name; empty where the line as a whole is wrong.
    pub column: String,
    /// What is wrong, with the value and what would be right.
    pub reason: String,
}

/// How many refused cells are listed; the others are counted.
const REFUSED_MAX: usize = 1000;

/// What a file came to, besides its readings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The first cells that were refused, in line order.
    pub refused: Vec<Refused>,
    /// How many were refused.
    pub refused_count: usize,
    /// How many cells of values are gaps.
    pub gaps: u64,
    /// The columns that are not used.
    pub unused_columns: Vec<String>,
    /// The readings that repeat an instant of their series within the file.
    pub repeats: Repeats,
    /// How many rows have a time that a clock shows twice and that their order resolved.
    pub ordered_count: u64,
    /// The line of the first of them.
    pub ordered_line: u64,
    /// The delimiter, where it was found in the file.
    pub delimiter: Option<char>,
    /// The lines that repeat the header and are no rows: how many, and the first.
    pub repeated_headers: Option<(u64, u64)>,
}

impl Report {
    /// Adds a cell, or a line, that is refused.
    pub fn refuse(&mut self, line: u64, column: &str, reason: String) {
        self.refused_count += 1;
        if self.refused.len() < REFUSED_MAX {
            self.refused.push(Refused { line, column: column.to_owned(), reason: readable(reason) });
        }
    }
}

/// Why a file is no table of readings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The columns are not those that the layout names.
    #[error("{0}")]
    Columns(String),
    /// The mapping's derived columns do not fit the file.
    #[error(transparent)]
    Mapping(#[from] super::table::Error),
    /// The form of the file is wrong.
    #[error("{0}")]
    Form(Problem),
    /// The file cannot be read.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file could not be read to its end.
    #[error("{source}; {stored} samples before that are stored")]
    Partly {
        /// How many samples are stored.
        stored: u64,
        /// Why.
        source: Box<Self>,
    },
}

/// Reads a table and hands out its readings row by row. What is in another unit than its signal is `known` to be in is refused.
pub fn read(
    csv: impl Read,
    file: &str,
    layout: &Layout,
    known: impl Known,
    each: impl FnMut(Reading<'_>),
) -> Result<Report, Error> {
    let failed = |fault| match fault {
        Fault::Io(source) => Error::Io { file: file.to_owned(), source },
        Fault::Line { line, message, .. } | Fault::Header { line, message } => {
            Error::Form(Problem { file: file.to_owned(), line, column: None, message })
        }
    };
    let mut sheet = Sheet::open(csv, file, &layout.dialect).map_err(failed)?;
    let mut columns = Columns::find(&mut sheet, layout, file)?;
    let mut measures = Measures::new(known);
    let refused = |message| Error::Columns(format!("{file}: {message}"));
    columns.check_header(&mut measures).map_err(refused)?;
    if layout.units == Units::Row {
        columns.check_units(sheet.below.first(), &mut measures).map_err(refused)?;
    }
    let report = Report {
        unused_columns: columns.unused(&sheet.names),
        delimiter: sheet.guessed,
        ..Report::default()
    };
    let by_order = layout.dialect.wall.ambiguous == Ambiguous::Refused && layout.dialect.wall.zone.is_some();
    let mut reader = Reader {
        layout,
        columns,
        measures,
        series: Series::default(),
        order: by_order.then(Order::new),
        repeats: Finder::default(),
        report,
        each,
    };
    let mut record = csv::StringRecord::new();
    loop {
        match sheet.next(&mut record, &[]) {
            Ok(None) => break,
            Ok(Some(line)) => reader.row(&mut record, line, sheet.rows),
            // Where the first row does not fit the names that were given, none will.
            Err(fault @ Fault::Line { .. }) if sheet.rows == 1 && !layout.dialect.header.is_empty() => {
                return Err(failed(fault));
            }
            Err(Fault::Line { line, column, message }) => {
                let column = column.and_then(|column| sheet.names.get(column)).map_or("", String::as_str);
                reader.report.refuse(line, column, message);
            }
            Err(fault) => {
                // What waits for the order of the rows counts among what was read.
                reader.finish();
                return Err(failed(fault));
            }
        }
    }
    reader.report.repeated_headers = sheet.repeated;
    Ok(reader.finish())
}

/// The values of a row whose instant is not known yet.
struct Row {
    line: u64,
    /// What the file states of the time, where a clock shows it twice.
    time: String,
    /// By series.
    values: Vec<(usize, f64)>,
}

struct Reader<'a, K, F> {
    layout: &'a Layout,
    columns: Columns,
    measures: Measures<K>,
    series: Series,
    /// Absent where the dialect resolves times that are shown twice.
    order: Option<Order<Row>>,
    repeats: Finder,
    report: Report,
    each: F,
}

impl<K: Known, F: FnMut(Reading<'_>)> Reader<'_, K, F> {
    /// Hands out the readings of a row, and notes the cells that are refused.
    fn row(&mut self, record: &mut csv::StringRecord, line: u64, number: u64) {
        let Self { columns, measures, report, series, .. } = self;
        if number == 1 && self.layout.units == Units::Unstated && columns.are_units(record, measures) {
            let reason = "the line states units, not values: read it as such with --units-row (units-row = true of a mapping)";
            return report.refuse(line, "", reason.to_owned());
        }
        columns.extend(record, (line, number), &self.layout.dialect, report);
        let Some(When { time, shown, twin }) = columns.when(record, (line, number), self.layout, report)
        else {
            return;
        };
        let mut values = Vec::new();
        let unit = columns.unit(record);
        columns.values(record, line, &self.layout.dialect, report, |signal, column, in_header, value| {
            // What the header states of a column with one signal is checked already.
            if let Some(unit) = in_header.filter(|_| column.is_none()) {
                measures.check(signal, column, unit, 0)?;
            }
            if let Some(unit) = unit.filter(|unit| !unit.is_empty() || in_header.is_none()) {
                measures.check(signal, column, unit, line)?;
            }
            values.push((series.of(&twin, signal), value));
            Ok(())
        });
        let Some((first, _)) = values.first() else { return };
        let key = if columns.is_long() { *first } else { series.twin(&twin) };
        let time = if matches!(shown, Shown::Twice(..)) { time.into_owned() } else { String::new() };
        let row = Row { line, time, values };
        match (shown, self.order.as_mut()) {
            (Shown::Once(at), None) => self.emit(at, &row),
            (Shown::Once(at), Some(order)) => {
                order.certain(key, at);
                self.emit(at, &row);
            }
            (Shown::Twice(earlier, later), Some(order)) => {
                let refused = order.pending(key, Pending { earlier, later, row });
                self.decided(refused.into_iter().collect());
            }
            (Shown::Twice(earlier, later), None) => {
                let is_later = self.layout.dialect.wall.ambiguous == Ambiguous::Later;
                self.emit(if is_later { later } else { earlier }, &row);
            }
        }
    }

    fn decided(&mut self, rows: Vec<Ordered<Row>>) {
        for (row, at) in rows {
            match at {
                Ok(at) => {
                    self.report.ordered_count += 1;
                    if self.report.ordered_line == 0 || row.line < self.report.ordered_line {
                        self.report.ordered_line = row.line;
                    }
                    self.emit(at, &row);
                }
                Err((earlier, later)) => {
                    let reason = format!(
                        "\"{}\" is shown twice by the clocks of this zone, at {earlier} and at {later}, and the order of the rows does not show which is meant: it does where all rows of a unit are sorted and go back once in that hour, and a repeated row only among hourly ones of which no other repeats; name a column with the offset (--offset), or state which is meant (--ambiguous earlier or later)",
                        row.time
                    );
                    self.report.refuse(row.line, &self.layout.time, reason);
                }
            }
        }
    }

    fn emit(&mut self, at: Instant, row: &Row) {
        for (series, value) in &row.values {
            self.repeats.add(*series, at, row.line);
            let (twin, signal) = self.series.name(*series);
            (self.each)(Reading { at, series: *series, twin, signal, value: *value, line: row.line });
        }
    }

    fn finish(mut self) -> Report {
        if let Some(order) = self.order.take() {
            self.decided(order.finish());
        }
        self.report.repeats = self.repeats.found;
        self.report.refused.sort_by_key(|refused| refused.line);
        self.report
    }
}
