//! The text of a file cut into a header and rows by its dialect, each row with the line it begins on. It knows no ontology
//! and no values.

pub(super) mod dialect;
mod foreign;
pub(super) mod quotes;
pub(in crate::exchange) mod row;

use crate::exchange::blanks::Blanks;
use dialect::Dialect;
use encoding_rs_io::DecodeReaderBytesBuilder;
use quotes::{Misplaced, Quotes};
use row::Header;
use std::io::{BufRead, BufReader, Cursor, Read};

/// A last row that no file has: where it ends up in a cell, a quotation mark is not closed.
const END: &str = "\n\0\n";

/// The rows of a file.
pub(in crate::exchange) struct Sheet<'a> {
    reader: csv::Reader<Box<dyn Read + 'a>>,
    file: &'a str,
    /// The names of the columns, derived ones last.
    pub(in crate::exchange) names: Vec<String>,
    /// How many columns the file itself has.
    columns: usize,
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

/// What is wrong with the form of a file.
#[derive(Debug)]
pub(in crate::exchange) enum Fault {
    /// It cannot be read.
    Io(std::io::Error),
    /// A line is wrong; the column counts from 0.
    Line { line: u64, column: Option<usize>, message: String },
    /// A line is a header of other columns, so what follows is another table.
    Header { line: u64, message: String },
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
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
            .from_reader(text);
        let guessed = (stated.is_none() && delimiter != b',').then_some(char::from(delimiter));
        let names = dialect.header.clone();
        let (columns, below) = (names.len(), Vec::new());
        let (header_line, repeated) = (None, None);
        let mut sheet = Self {
            reader,
            file,
            names,
            columns,
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
        let is_name =
            |cell: &str| cell.chars().any(char::is_alphabetic) && own.iter().any(|name| name == cell);
        let cells = || record.iter().map(unmarked).filter(|cell| !cell.is_empty());
        let (all, names) = (cells().count(), cells().filter(|cell| is_name(cell)).count());
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
                csv::ErrorKind::Io(error) => Fault::Io(error),
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

/// How many bytes of a file show what it is.
const START: u64 = 512;

/// Returns the text in UTF-8, without a byte order mark; files that are no text are refused by name.
fn decoded<'a>(mut text: impl Read + 'a, dialect: &Dialect) -> Result<Box<dyn BufRead + 'a>, Fault> {
    let mut start = Vec::new();
    text.by_ref().take(START).read_to_end(&mut start)?;
    if let Some(what) = foreign::foreign(&start) {
        let message = format!("the file is no CSV text but {what}");
        return Err(Fault::Line { line: 1, column: None, message });
    }
    let decoder = DecodeReaderBytesBuilder::new()
        .encoding(dialect.encoding)
        .utf8_passthru(true)
        .strip_bom(true)
        .bom_override(true)
        .build(Cursor::new(start).chain(text));
    Ok(Box::new(BufReader::with_capacity(1 << 16, decoder)))
}

/// The lines before the CSV text.
struct Lines<'a> {
    text: Box<dyn BufRead + 'a>,
    /// A line that is read, but not skipped.
    next: Vec<u8>,
    skipped: u64,
}

impl<'a> Lines<'a> {
    fn new(text: Box<dyn BufRead + 'a>) -> Result<Self, Fault> {
        let mut lines = Self { text, next: Vec::new(), skipped: 0 };
        let first = lines.peek()?;
        // Lines that end with CR alone, as old Macintosh programs write them: then the first line is all of the text.
        if first.contains(&b'\r') && !first.contains(&b'\n') {
            let text: Vec<u8> = first.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect();
            lines = Self { text: Box::new(Cursor::new(text)), next: Vec::new(), skipped: 0 };
        }
        Ok(lines)
    }

    fn peek(&mut self) -> Result<&[u8], Fault> {
        if self.next.is_empty() {
            self.text.read_until(b'\n', &mut self.next)?;
        }
        Ok(&self.next)
    }

    fn skip(&mut self) -> Result<(), Fault> {
        self.skipped += u64::from(!self.peek()?.is_empty());
        self.next.clear();
        Ok(())
    }

    /// Returns the delimiter that Excel's first line states, as in `sep=;`.
    fn separator(&mut self) -> Result<Option<u8>, Fault> {
        let line = self.peek()?;
        let line = line.trim_ascii_end();
        let stated = line.strip_prefix(b"sep=").or_else(|| line.strip_prefix(b"\"sep="));
        Ok(stated.and_then(|stated| match stated {
            [byte] | [byte, b'"'] => Some(*byte),
            // The trim has taken a tab.
            [] => Some(b'\t'),
            _ => None,
        }))
    }

    /// Returns what is left, and the end mark.
    fn rest(self) -> Box<dyn Read + 'a> {
        Box::new(Cursor::new(self.next).chain(self.text).chain(Cursor::new(END)))
    }
}

/// Finds the delimiter in the first line: the comma, unless a semicolon or a tab makes more columns of it, or as many as
/// are named.
fn guess(line: &[u8], named: usize) -> u8 {
    let columns = |delimiter: u8| {
        let (mut columns, mut quoted) = (1, false);
        for byte in line {
            quoted ^= *byte == b'"';
            columns += usize::from(*byte == delimiter && !quoted);
        }
        columns
    };
    let fits = |delimiter: &u8| columns(*delimiter) == named;
    if named > 0
        && let Some(fit) = [b'\t', b';', b','].iter().find(|delimiter| fits(delimiter))
    {
        return *fit;
    }
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| columns(*delimiter)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::dialect::Stated;
    use super::*;

    /// Reads a file; returns a line for each row and for what is wrong.
    fn check(bytes: &[u8], stated: &Stated, expect: &[&str]) {
        let dialect = Dialect::new(stated).expect("a good dialect");
        let mut seen = Vec::new();
        let fault = |fault| match fault {
            Fault::Io(error) => error.to_string(),
            Fault::Line { line, message, .. } | Fault::Header { line, message } => {
                format!("{line}: {message}")
            }
        };
        match Sheet::open(bytes, "f.csv", &dialect) {
            Err(error) => seen.push(fault(error)),
            Ok(mut sheet) => {
                seen.push(sheet.names.join("|"));
                let mut record = csv::StringRecord::new();
                loop {
                    match sheet.next(&mut record, &dialect.empty) {
                        Ok(None) => break,
                        Ok(Some(line)) => {
                            let cells: Vec<&str> = record.iter().map(str::trim).collect();
                            seen.push(format!("{line}: {}", cells.join("|")));
                        }
                        Err(error) => seen.push(fault(error)),
                    }
                }
            }
        }
        assert_eq!(seen, expect, "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn lines_are_counted_however_they_end() {
        let expect = ["a|b", "2: 1|x", "4: 2|\"y\nz\"", "6: 3|w"];
        let text = "a,b\n1,x\n\n2,\"\"\"y\nz\"\"\"\n3,w";
        for text in [text.to_owned(), format!("{text}\n")] {
            check(text.as_bytes(), &Stated::default(), &expect);
            let crlf = text.replace('\n', "\r\n");
            check(crlf.as_bytes(), &Stated::default(), &["a|b", "2: 1|x", "4: 2|\"y\r\nz\"", "6: 3|w"]);
        }
        check(b"a,b\r1,x\r2,y", &Stated::default(), &["a|b", "2: 1|x", "3: 2|y"]);
        let skipping = Stated { skip_lines: 2, skip_below: 1, ..Stated::default() };
        check(b"title\r\n\r\na;b\r\nmm;s\r\n1;2\r\n", &skipping, &["a|b", "5: 1|2"]);
    }

    #[test]
    fn rows_without_content_are_left_out_and_others_are_complete() {
        let stated = Stated { empty: vec!["-".to_owned()], ..Stated::default() };
        check(
            "\u{feff}a;b;\r\n1;2;\r\n;;\r\n ; - \r\n3\r\n4;5;6\r\n7;8;;\r\n;".as_bytes(),
            &stated,
            &[
                "a|b",
                "2: 1|2",
                "5: the row has 1 cells, but the header 2; is the delimiter right?",
                "6: the row has 3 cells, but the header 2; is the delimiter right?",
                "7: 7|8",
            ],
        );
        check(
            b"a,b\n1,\"x\n2,y\n3,z\n",
            &Stated::default(),
            &["a|b", "2: a quotation mark in this row is not closed"],
        );
        check(
            b"a,b,c\n1,\"x\n2,y,1\"\n3,z,1\n",
            &Stated::default(),
            &[
                "a|b|c",
                "2: the row has 2 cells, but the header 3; a cell in quotation marks goes on to line 3: is one not closed?",
                "4: 3|z|1",
            ],
        );
    }

    #[test]
    fn encodings_are_read_or_refused_by_name() {
        let text = "Länge;µ\n1;2\n";
        let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect()
        };
        let expect = ["Länge|µ", "2: 1|2"];
        check(&utf16(&[0xFF, 0xFE], u16::to_le_bytes), &Stated::default(), &expect);
        check(&utf16(&[0xFE, 0xFF], u16::to_be_bytes), &Stated::default(), &expect);
        let little = Stated { encoding: Some("utf-16le".to_owned()), ..Stated::default() };
        check(&utf16(&[], u16::to_le_bytes), &little, &expect);
        check(
            b"\0a\0;\0b\0\n\0c\0;\0d\0\n",
            &Stated::default(),
            &[
                "1: the text looks like UTF-16 without a byte order mark; save it as \"CSV UTF-8\", or state encoding = \"utf-16be\"",
            ],
        );
        check(
            b"a\0;\0b\0\n\0c\0;\0d\0\n\0",
            &Stated::default(),
            &[
                "1: the text looks like UTF-16 without a byte order mark; save it as \"CSV UTF-8\", or state encoding = \"utf-16le\"",
            ],
        );
        let windows = Stated { encoding: Some("windows-1252".to_owned()), ..Stated::default() };
        check(b"L\xE4nge;\xB5\n1;2\n", &windows, &expect);
        check(
            b"a;b\r\n1;2\r\n\xE4;2\r\n3;4\r\n",
            &Stated::default(),
            &[
                "a|b",
                "2: 1|2",
                "3: is not UTF-8; save the table as \"CSV UTF-8\", or state its encoding, as in encoding = \"windows-1252\"",
                "4: 3|4",
            ],
        );
        check(
            b"PK\x03\x04\x14",
            &Stated::default(),
            &[
                "1: the file is no CSV text but an Excel workbook (.xlsx) or another archive; save the sheet as \"CSV UTF-8\"",
            ],
        );
    }

    #[test]
    fn headers_in_the_middle_are_no_rows() {
        check(b"t;u;v\n1;A;2\nt;u;v;\n2;B;3\n", &Stated::default(), &["t|u|v", "2: 1|A|2", "4: 2|B|3"]);
        let joined = "\u{feff}t;u;v\n1;A;2\n\u{feff}t;u;v\n2;B;3\n";
        check(joined.as_bytes(), &Stated::default(), &["t|u|v", "2: 1|A|2", "4: 2|B|3"]);
        check(
            b"t;u;v\n1;A;2\nt;v;u\n2;3;B\n",
            &Stated::default(),
            &[
                "t|u|v",
                "2: 1|A|2",
                "3: the line is a header of other columns than that on line 1; put it and what follows into a file of its own",
                "4: 2|3|B",
            ],
        );
        // Cells that are names of columns by chance, and numbers for names.
        check(b"a,b,c\n1,a,2\n", &Stated::default(), &["a|b|c", "2: 1|a|2"]);
        check(b"1,2\n1,2\n", &Stated::default(), &["1|2", "2: 1|2"]);
        // InfluxDB's annotated CSV.
        let block = "#group,false,true\n#datatype,long,double\n#default,_result,\n,table,_value\n,,7\n";
        let text = format!("{block}\n{block}");
        check(text.as_bytes(), &Stated::default(), &["|table|_value", "5: ||7", "11: ||7"]);
    }

    #[test]
    fn misplaced_quotation_marks_are_refused() {
        let misplaced = "a quotation mark is misplaced: marks enclose a whole cell, with no blank before them and no text behind them, and one inside is written twice (\"a 3/4\"\" pipe\")";
        check(
            b"title\na;b\n1;\"3/4\" pipe\n2; \"x\"\n3;pipe 3/4\"\n4;\"y\nz\"\n5;\"w\"v\n",
            &Stated { skip_lines: 1, ..Stated::default() },
            &[
                "a|b",
                &format!("3: {misplaced}"),
                &format!("4: {misplaced}"),
                "5: 3|pipe 3/4\"",
                "6: 4|y\nz",
                &format!("8: {misplaced}"),
            ],
        );
    }

    #[test]
    fn the_delimiter_is_stated_or_found() {
        check(b"sep=|\na|b\n1|2\n", &Stated::default(), &["a|b", "3: 1|2"]);
        check(b"a\tb;c\td\n1\t2\t3\n", &Stated::default(), &["a|b;c|d", "2: 1|2|3"]);
        check(b"a;\"b,c,d\"\n1;2\n", &Stated::default(), &["a|b,c,d", "2: 1|2"]);
        check(b"a,b;c\n1,2\n", &Stated::default(), &["a|b;c", "2: 1|2"]);
        let named = Stated { header: vec!["t".to_owned(), "v".to_owned()], ..Stated::default() };
        check(b"08:00;1,5\n", &named, &["t|v", "1: 08:00|1,5"]);
        check(b"08:00;1\n", &named, &["t|v", "1: 08:00|1"]);
        check(b"", &Stated::default(), &["1: the table has no header; its first line names the columns"]);
    }
}
