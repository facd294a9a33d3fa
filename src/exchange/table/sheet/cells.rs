//! A bound on the cells of a row, before a reader keeps them all in memory.

use memchr::{memchr, memchr2_iter};
use std::io::{Error, Read, Result};

/// How many cells a row may have: as many as one of a worksheet in Excel.
const CELLS_MAX: usize = 16_384;

/// A row has too many cells.
#[derive(Debug, thiserror::Error)]
#[error("the row has more than {CELLS_MAX} cells; is the delimiter right?")]
pub(super) struct TooMany {
    /// The line that has one too many, from 1.
    pub(super) line: u64,
}

/// Where in a cell the next byte is, as the reader sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CellState {
    /// At its beginning.
    Start,
    /// In a cell without quotation marks around it, or behind one with them.
    Plain,
    Quoted,
    /// Behind a mark that closes the cell, or is the first of two.
    Mark,
}

/// A text that is read on as it is while no row of it has too many cells.
pub(super) struct Cells<R> {
    text: R,
    delimiter: u8,
    place: CellState,
    line: u64,
    cells: usize,
}

impl<R: Read> Cells<R> {
    pub(super) fn new(text: R, delimiter: u8) -> Self {
        Self { text, delimiter, place: CellState::Start, line: 1, cells: 1 }
    }

    /// Goes over bytes, and returns how many of them come before the row that has too many cells; 0 where that began before them.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let is_unquoted = matches!(self.place, CellState::Start | CellState::Plain);
        if is_unquoted && memchr(b'"', bytes).is_none() { self.skip(bytes) } else { self.steps(bytes) }
    }

    /// Goes over bytes outside of quotation marks in which there is none.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        let mut whole = 0;
        for at in memchr2_iter(b'\n', self.delimiter, bytes) {
            if self.end(bytes[at]) {
                whole = at + 1;
            }
            if self.cells > CELLS_MAX {
                return whole;
            }
        }
        if let Some(last) = bytes.last() {
            let is_end = *last == b'\n' || *last == self.delimiter;
            self.place = if is_end { CellState::Start } else { CellState::Plain };
        }
        bytes.len()
    }

    fn steps(&mut self, bytes: &[u8]) -> usize {
        let mut whole = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            self.place = match (self.place, byte) {
                (CellState::Start | CellState::Mark, b'"') => CellState::Quoted,
                (CellState::Quoted, b'"') => CellState::Mark,
                (CellState::Quoted, _) => {
                    self.line += u64::from(byte == b'\n');
                    CellState::Quoted
                }
                (_, byte) if byte == b'\n' || byte == self.delimiter => {
                    if self.end(byte) {
                        whole = at + 1;
                    }
                    CellState::Start
                }
                _ => CellState::Plain,
            };
            if self.cells > CELLS_MAX {
                return whole;
            }
        }
        bytes.len()
    }

    /// Notes the end of a cell; returns whether it ends the row.
    fn end(&mut self, byte: u8) -> bool {
        let is_row = byte == b'\n';
        (self.line, self.cells) = if is_row { (self.line + 1, 1) } else { (self.line, self.cells + 1) };
        is_row
    }
}

impl<R: Read> Read for Cells<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.cells <= CELLS_MAX {
            let length = self.text.read(out)?;
            let taken = self.take(&out[..length]);
            if taken > 0 || length == 0 {
                return Ok(taken);
            }
        }
        Err(Error::other(TooMany { line: self.line }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a text, and expects it to be refused at a line, with the rows before it read.
    fn check(text: &str, expect: Option<(u64, usize)>) {
        let mut before = Vec::new();
        let read = Cells::new(text.as_bytes(), b';').read_to_end(&mut before);
        let line = read.err().and_then(|error| Some(error.get_ref()?.downcast_ref::<TooMany>()?.line));
        assert_eq!(line, expect.map(|(line, _)| line), "{text:.40}");
        if let Some((_, rows)) = expect {
            assert_eq!(memchr::memchr_iter(b'\n', &before).count(), rows, "{text:.40}");
        }
    }

    fn row(cells: usize) -> String {
        format!("{}\n", ";".repeat(cells - 1))
    }

    #[test]
    fn a_row_has_as_many_cells_as_a_worksheet() {
        check(&[row(CELLS_MAX), row(1), row(CELLS_MAX)].concat(), None);
        check(&[row(2), row(CELLS_MAX + 1), row(1)].concat(), Some((2, 1)));
    }

    #[test]
    fn quotation_marks_are_read_as_the_reader_reads_them() {
        // A line feed in a cell ends no row, and delimiters there are none.
        let half = format!("{};\"\n\"", ";".repeat(CELLS_MAX / 2));
        check(&format!("a\n{half}{half};b\n"), Some((3, 2)));
        check(&format!("\"{}\"\n\"a\"\"{}\";b\n", ";".repeat(40_000), ";".repeat(40_000)), None);
        check(&format!("a\"b\n{}", row(CELLS_MAX + 1)), Some((2, 1)));
    }
}
