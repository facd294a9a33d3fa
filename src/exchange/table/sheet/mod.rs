//! The text of a file cut into a header and rows by its dialect, each row with the line it begins on. It knows no ontology
//! and no values.

mod cells;
pub(super) mod dialect;
pub(in crate::exchange) mod fault;
mod foreign;
pub(super) mod quotes;
pub(in crate::exchange) mod row;
#[cfg(test)]
mod tests;
mod text;

use crate::exchange::blanks::Blanks;
use cells::{Cells, TooMany};
use dialect::Dialect;
use fault::Fault;
use quotes::{Misplaced, Quotes};
use row::Header;
use std::collections::HashSet;
use std::io::Read;
use text::{END, Lines, decoded, guess};

/// The rows of a file.
pub(in crate::exchange) struct Sheet<'a> {
    reader: csv::Reader<Box<dyn Read + 'a>>,
    file: &'a str,
    /// The names of the columns, derived ones last.
    pub(in crate::exchange) names: Vec<String>,
    /// How many columns the file itself has.
    columns: usize,
    /// The names of those, but for names without a letter.
    words: HashSet<String>,
    /// The lines below the header that are no rows.
    pub(in crate::exchange) below: Vec<csv::StringRecord>,
    /// The lines above the CSV text.
    above: u64,
    /// The number of rows so far that hold something.
    pub(in crate::exchange) rows: u64,
    /// The delimiter, where it was found in the file and not stated.
    pub(in crate::exchange) guessed: Option<char>,
    /// The line of the header, from 1; absent where the names were given.
    header_line: Option<u64>,
    /// The lines that repeat the header and are no rows: how many, and the first.
    pub(in crate::exchange) repeated: Option<(u64, u64)>,
    misplaced: Misplaced,
}

impl<'a> Sheet<'a> {
    /// Opens a file and reads its header; `file` names it in errors.
    pub(in crate::exchange) fn open(
        text: impl Read + 'a,
        file: &'a str,
        dialect: &Dialect,
    ) -> Result<Self, Fault> {
        let mut text = Lines::new(decoded(text, dialect)?)?;
        let separator = text.separator()?;
        // Excel's own line holds nothing more; where lines are skipped it is one of them.
        let skip = dialect.skip_lines.max(usize::from(separator.is_some()));
        for _ in 0..skip {
            text.skip()?;
        }
        let first = text.peek()?;
        let stated = dialect.delimiter.or(separator);
        let delimiter = stated.unwrap_or_else(|| guess(first, dialect.header.len()));
        let above = text.skipped;
        let rest = text.rest();
        let misplaced = Misplaced::default();
        let text: Box<dyn Read + 'a> = if delimiter == b' ' {
            Box::new(Blanks::new(rest))
        } else {
            Box::new(Quotes::new(rest, delimiter, misplaced.clone()))
        };
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            // A CR before the LF becomes part of the last cell, which loses it with the blanks around it: with CRLF as the
            // terminator the reader counts lines before the LF.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(Box::new(Cells::new(text, delimiter)) as Box<dyn Read + 'a>);
        let guessed = (stated.is_none() && delimiter != b',').then_some(char::from(delimiter));
        let names = dialect.header.clone();
        let (columns, below) = (names.len(), Vec::new());
        let (header_line, repeated) = (None, None);
        let mut sheet = Self {
            reader,
            file,
            names,
            columns,
            words: HashSet::new(),
            below,
            above,
            rows: 0,
            guessed,
            header_line,
            repeated,
            misplaced,
        };
        if sheet.names.is_empty() {
            sheet.read_header()?;
        }
        for _ in 0..dialect.skip_below {
            let mut record = csv::StringRecord::new();
            sheet.record(&mut record)?;
            sheet.below.push(record);
        }
        Ok(sheet)
    }

    /// Returns the names of the columns, to look them up.
    pub(in crate::exchange) fn header(&self) -> Header<'_> {
        Header { names: &self.names, table: self.file }
    }

    fn read_header(&mut self) -> Result<(), Fault> {
        let mut record = csv::StringRecord::new();
        let mut line = self.record(&mut record)?;
        while is_annotation(&record) {
            line = self.record(&mut record)?;
        }
        let line = line.unwrap_or(self.above + 1);
        self.header_line = Some(line);
        self.names = record.iter().map(|name| name.trim().to_owned()).collect();
        while self.names.last().is_some_and(String::is_empty) {
            self.names.pop();
        }
        self.columns = self.names.len();
        let words = self.names.iter().filter(|name| name.chars().any(char::is_alphabetic));
        self.words = words.cloned().collect();
        let fault = |message: &str| Err(Fault::Line { line, column: None, message: message.to_owned() });
        if self.names.is_empty() {
            return fault("the table has no header; its first line names the columns");
        }
        if self.names.iter().any(|name| name.contains('\0')) {
            let order = if self.names[0].starts_with('\0') { "be" } else { "le" };
            return fault(&format!(
                "the text looks like UTF-16 without a byte order mark; save it as \"CSV UTF-8\", or state encoding = \"utf-16{order}\""
            ));
        }
        Ok(())
    }

    /// Reads the next row that holds something and returns the line it begins on. A row must have a cell for each column;
    /// empty ones beyond them are left out. After a fault of a line the next row can be read.
    pub(in crate::exchange) fn next(
        &mut self,
        record: &mut csv::StringRecord,
        empty: &[String],
    ) -> Result<Option<u64>, Fault> {
        loop {
            let Some(line) = self.record(record)? else { return Ok(None) };
            if record.iter().all(|cell| is_empty(cell, empty)) || is_annotation(record) {
                continue;
            }
            if self.is_header(record, line)? {
                let (count, first) = self.repeated.unwrap_or((0, line));
                self.repeated = Some((count + 1, first));
                continue;
            }
            self.rows += 1;
            if record.len() != self.columns {
                self.fit(record, line)?;
            }
            return Ok(Some(line));
        }
    }

    /// Returns whether a line repeats the header, as files that were joined have it. A line most of whose cells are names of
    /// columns is a header too: the columns below it are others, which is a fault.
    fn is_header(&self, record: &csv::StringRecord, line: u64) -> Result<bool, Fault> {
        let Some(header_line) = self.header_line else { return Ok(false) };
        let own = &self.names[..self.columns];
        let cells = || record.iter().map(unmarked).filter(|cell| !cell.is_empty());
        let (all, names) = (cells().count(), cells().filter(|cell| self.words.contains(*cell)).count());
        if names < 2 || names * 2 <= all {
            return Ok(false);
        }
        let ends_alike = record.iter().skip(own.len()).all(|cell| cell.trim().is_empty());
        if ends_alike && record.iter().map(unmarked).take(own.len()).eq(own.iter().map(String::as_str)) {
            return Ok(true);
        }
        let message = format!(
            "the line is a header of other columns than that on line {header_line}; put it and what follows into a file of its own"
        );
        Err(Fault::Header { line, message })
    }

    /// Cuts empty cells beyond the columns off.
    fn fit(&self, record: &mut csv::StringRecord, line: u64) -> Result<(), Fault> {
        if record.iter().skip(self.columns).any(|cell| !cell.trim().is_empty()) || record.len() < self.columns
        {
            let newlines = memchr::memchr_iter(b'\n', record.as_slice().as_bytes()).count();
            let hint = if newlines > 0 {
                format!(
                    "; a cell in quotation marks goes on to line {}: is one not closed?",
                    line + newlines as u64
                )
            } else {
                "; is the delimiter right?".to_owned()
            };
            let message =
                format!("the row has {} cells, but the header {}{hint}", record.len(), self.columns);
            return Err(Fault::Line { line, column: None, message });
        }
        record.truncate(self.columns);
        Ok(())
    }

    /// Reads one record and returns the line it begins on.
    fn record(&mut self, record: &mut csv::StringRecord) -> Result<Option<u64>, Fault> {
        let read = self.reader.read_record(record);
        // Each row ends with a newline, so the reader is on the line below the record.
        let below = self.above + self.reader.position().line();
        let misplaced = self.misplaced.above(self.reader.position().line());
        match read {
            Ok(false) => Ok(None),
            Ok(true) if record.len() == 1 && record.get(0) == Some("\0") => {
                record.clear();
                Ok(None)
            }
            Ok(true) => {
                let inside = memchr::memchr_iter(b'\n', record.as_slice().as_bytes()).count() as u64;
                if record.as_slice().ends_with(END) {
                    let message = "a quotation mark in this row is not closed".to_owned();
                    return Err(Fault::Line { line: below.saturating_sub(inside), column: None, message });
                }
                if let Some(line) = misplaced {
                    let message = "a quotation mark is misplaced: marks enclose a whole cell, with no blank before them and no text behind them, and one inside is written twice (\"a 3/4\"\" pipe\")".to_owned();
                    return Err(Fault::Line { line: self.above + line, column: None, message });
                }
                Ok(Some((below - 1).saturating_sub(inside)))
            }
            Err(error) => Err(match error.into_kind() {
                csv::ErrorKind::Io(error) => match error.get_ref().and_then(|error| error.downcast_ref()) {
                    // The rest of the line would have to be read to find the next one.
                    Some(TooMany { line }) => Fault::Header { line: self.above + line, message: error.to_string() },
                    None => Fault::Io(error),
                },
                csv::ErrorKind::Utf8 { err, .. } => Fault::Line {
                    line: below - 1,
                    column: Some(err.field()),
                    message: "is not UTF-8; save the table as \"CSV UTF-8\", or state its encoding, as in encoding = \"windows-1252\"".to_owned(),
                },
                kind => Fault::Line { line: below - 1, column: None, message: format!("{kind:?}") },
            }),
        }
    }
}

/// Returns a cell without blanks, nor the byte-order mark that a file has kept which was joined to another one.
fn unmarked(cell: &str) -> &str {
    cell.trim_start_matches('\u{feff}').trim()
}

/// Returns whether a line is one of those that InfluxDB writes above each header of its annotated CSV.
fn is_annotation(record: &csv::StringRecord) -> bool {
    matches!(record.get(0), Some("#group" | "#datatype" | "#default"))
}

fn is_empty(cell: &str, empty: &[String]) -> bool {
    let cell = cell.trim();
    cell.is_empty() || empty.iter().any(|text| text == cell)
}
