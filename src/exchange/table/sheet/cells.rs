//! A bound on the cells of a row, before a reader keeps them all in memory.

use memchr::memchr2_iter;
use std::io::{Error, Read, Result};

/// How many cells a row may have: as many as one of a worksheet in Excel.
const CELLS_MAX: usize = 16_384;

/// A row has too many cells.
#[derive(Debug, thiserror::Error)]
#[error("the row has more than {CELLS_MAX} cells; is the delimiter right?")]
pub(super) struct TooMany {
    /// Its line, from 1.
    pub(super) line: u64,
}

/// A text that is read on as it is while no line of it has too many delimiters.
pub(super) struct Cells<R> {
    text: R,
    delimiter: u8,
    line: u64,
    cells: usize,
}

impl<R: Read> Cells<R> {
    pub(super) fn new(text: R, delimiter: u8) -> Self {
        Self { text, delimiter, line: 1, cells: 1 }
    }

    /// Goes over bytes, and returns how many of them come before the line that has too many cells.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut whole = 0;
        for at in memchr2_iter(b'\n', self.delimiter, bytes) {
            if bytes[at] == b'\n' {
                (self.line, self.cells, whole) = (self.line + 1, 1, at + 1);
            } else {
                self.cells += 1;
            }
            if self.cells > CELLS_MAX {
                return whole;
            }
        }
        bytes.len()
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

    #[test]
    fn a_row_has_as_many_cells_as_a_worksheet() {
        let check = |cells: &[usize], expect: Option<u64>| {
            let rows: String = cells.iter().map(|cells| format!("{}\n", ";".repeat(cells - 1))).collect();
            let mut before = Vec::new();
            let read = Cells::new(rows.as_bytes(), b';').read_to_end(&mut before);
            assert_eq!(
                before.iter().filter(|byte| **byte == b'\n').count() as u64,
                expect.map_or(cells.len() as u64, |line| line - 1)
            );
            let found = read.err().and_then(|error| Some(error.get_ref()?.downcast_ref::<TooMany>()?.line));
            assert_eq!(found, expect, "{cells:?}");
        };
        check(&[CELLS_MAX, 1, CELLS_MAX], None);
        check(&[2, CELLS_MAX + 1, 1], Some(2));
    }
}
