//! Text whose columns are separated by blanks, as many as it takes to align them.

use std::io::{BufRead, BufReader, Read, Result};

/// Reads a text so that one blank is between the columns of each line, and none at its ends.
pub(super) struct Blanks<R> {
    lines: BufReader<R>,
    line: Vec<u8>,
    taken: usize,
}

impl<R: Read> Blanks<R> {
    pub(super) fn new(text: R) -> Self {
        Self { lines: BufReader::new(text), line: Vec::new(), taken: 0 }
    }
}

impl<R: Read> Read for Blanks<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.taken == self.line.len() {
            let mut line = Vec::new();
            if self.lines.read_until(b'\n', &mut line)? == 0 {
                return Ok(0);
            }
            let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            self.line = words.collect::<Vec<_>>().join(&b' ');
            self.line.push(b'\n');
            self.taken = 0;
        }
        let length = out.len().min(self.line.len() - self.taken);
        out[..length].copy_from_slice(&self.line[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_align_columns_and_mean_nothing_else() {
        let mut text = String::new();
        Blanks::new(" 1  -0.5\t x  \r\n\n10 2 3".as_bytes()).read_to_string(&mut text).expect("a text");
        assert_eq!(text, "1 -0.5 x\n\n10 2 3\n");
    }
}
