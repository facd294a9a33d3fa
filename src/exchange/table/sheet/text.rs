//! The text of a file before it is cut into cells: its encoding, the lines above the header, the delimiter.

use super::dialect::Dialect;
use super::fault::Fault;
use super::foreign;
use encoding_rs_io::DecodeReaderBytesBuilder;
use std::io::{BufRead, BufReader, Cursor, Read};

/// A last row that no file has: where it ends up in a cell, a quotation mark is not closed.
pub(super) const END: &str = "\n\0\n";

/// How many bytes of a file show what it is.
const START: u64 = 512;

/// Returns the text in UTF-8, without a byte order mark; files that are no text are refused by name.
pub(super) fn decoded<'a>(
    mut text: impl Read + 'a,
    dialect: &Dialect,
) -> Result<Box<dyn BufRead + 'a>, Fault> {
    let mut start = Vec::new();
    text.by_ref().take(START).read_to_end(&mut start)?;
    if let Some(what) = foreign::foreign(&start) {
        let message = format!("the file is no CSV text but {what}");
        return Err(Fault::Line { line: 1, column: None, message });
    }
    // The decoder lets marks of UTF-16 override what is stated, but not the mark of UTF-8, which it passes through.
    let encoding = dialect.encoding.filter(|_| !start.starts_with(b"\xEF\xBB\xBF"));
    let decoder = DecodeReaderBytesBuilder::new()
        .encoding(encoding)
        .utf8_passthru(true)
        .strip_bom(true)
        .bom_override(true)
        .build(Cursor::new(start).chain(text));
    Ok(Box::new(BufReader::with_capacity(1 << 16, decoder)))
}

/// The lines before the CSV text.
pub(super) struct Lines<'a> {
    text: Box<dyn BufRead + 'a>,
    /// A line that is read, but not skipped.
    next: Vec<u8>,
    pub(super) skipped: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: Box<dyn BufRead + 'a>) -> Result<Self, Fault> {
        let mut lines = Self { text, next: Vec::new(), skipped: 0 };
        let first = lines.peek()?;
        // Lines that end with CR alone, as old Macintosh programs write them: then the first line is all of the text.
        if first.contains(&b'\r') && !first.contains(&b'\n') {
            let text: Vec<u8> = first.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect();
            lines = Self { text: Box::new(Cursor::new(text)), next: Vec::new(), skipped: 0 };
        }
        Ok(lines)
    }

    pub(super) fn peek(&mut self) -> Result<&[u8], Fault> {
        if self.next.is_empty() {
            self.text.read_until(b'\n', &mut self.next)?;
        }
        Ok(&self.next)
    }

    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        self.skipped += u64::from(!self.peek()?.is_empty());
        self.next.clear();
        Ok(())
    }

    /// Returns the delimiter that Excel's first line states, as in `sep=;`.
    pub(super) fn separator(&mut self) -> Result<Option<u8>, Fault> {
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
    pub(super) fn rest(self) -> Box<dyn Read + 'a> {
        Box::new(Cursor::new(self.next).chain(self.text).chain(Cursor::new(END)))
    }
}

/// Finds the delimiter in the first line: the comma, unless a semicolon or a tab makes more columns of it, or as many as
/// are named.
pub(super) fn guess(line: &[u8], named: usize) -> u8 {
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
