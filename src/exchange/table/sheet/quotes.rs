//! Quotation marks where RFC 4180 has none: text behind a closing one (`"3/4" pipe`), or blanks before an opening one
//! (`1, "a"`). A reader would drop such marks or cut the row elsewhere, so the lines are noted to refuse them.

use memchr::{memchr, memchr_iter};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{Read, Result};
use std::rc::Rc;

/// Lines with misplaced quotation marks that were read but not asked for yet, from 1, in ascending order.
#[derive(Clone, Debug, Default)]
pub(in crate::exchange::table) struct Misplaced(Rc<RefCell<VecDeque<u64>>>);

impl Misplaced {
    /// Returns the first such line above `below`, and drops all of them.
    pub(super) fn above(&self, below: u64) -> Option<u64> {
        let mut lines = self.0.borrow_mut();
        let first = lines.front().copied().filter(|line| *line < below);
        while lines.front().is_some_and(|line| *line < below) {
            lines.pop_front();
        }
        first
    }

    fn note(&self, line: u64) {
        let mut lines = self.0.borrow_mut();
        if lines.back() != Some(&line) {
            lines.push_back(line);
        }
    }
}

/// Where in a cell the next byte is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum QuoteState {
    /// At its beginning.
    Start,
    /// Behind blanks at its beginning.
    Blanks,
    /// In a cell without quotation marks around it.
    Plain,
    Quoted,
    /// Behind a mark that closes the cell, or is the first of two.
    Mark,
    /// Behind blanks that follow the closing mark.
    Closed,
}

/// A text that is read on as it is while misplaced quotation marks in it are noted.
pub(in crate::exchange::table) struct Quotes<R> {
    text: R,
    delimiter: u8,
    place: QuoteState,
    line: u64,
    misplaced: Misplaced,
}

impl<R: Read> Quotes<R> {
    pub(in crate::exchange::table) fn new(text: R, delimiter: u8, misplaced: Misplaced) -> Self {
        Self { text, delimiter, place: QuoteState::Start, line: 1, misplaced }
    }

    fn take(&mut self, bytes: &[u8]) {
        let is_unquoted = !matches!(self.place, QuoteState::Quoted | QuoteState::Mark | QuoteState::Closed);
        if is_unquoted && memchr(b'"', bytes).is_none() {
            return self.skip(bytes);
        }
        for byte in bytes {
            self.step(*byte);
        }
    }

    /// Goes over bytes outside of quotation marks in which there is none.
    fn skip(&mut self, bytes: &[u8]) {
        self.line += memchr_iter(b'\n', bytes).count() as u64;
        let end = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last);
        for byte in &bytes[end..] {
            self.place = self.unquoted(*byte);
        }
    }

    fn unquoted(&self, byte: u8) -> QuoteState {
        match byte {
            b'\n' => QuoteState::Start,
            byte if byte == self.delimiter => QuoteState::Start,
            b' ' if matches!(self.place, QuoteState::Start | QuoteState::Blanks) => QuoteState::Blanks,
            _ => QuoteState::Plain,
        }
    }

    fn step(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (QuoteState::Quoted, b'"') => QuoteState::Mark,
            (QuoteState::Quoted, _) => QuoteState::Quoted,
            (QuoteState::Start, b'"') | (QuoteState::Mark, b'"') => QuoteState::Quoted,
            (QuoteState::Mark | QuoteState::Closed, b' ' | b'\r') if byte != self.delimiter => {
                QuoteState::Closed
            }
            (QuoteState::Mark | QuoteState::Closed, _) => {
                let next = self.unquoted(byte);
                if next != QuoteState::Start {
                    self.misplaced.note(self.line);
                }
                next
            }
            (QuoteState::Blanks, b'"') => {
                self.misplaced.note(self.line);
                QuoteState::Plain
            }
            (QuoteState::Start | QuoteState::Blanks | QuoteState::Plain, _) => self.unquoted(byte),
        };
        self.line += u64::from(byte == b'\n');
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let length = self.text.read(out)?;
        self.take(&out[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a text in pieces of every length, and expects these lines to be noted.
    fn check(text: &str, expect: &[u64]) {
        for length in 1..=text.len() {
            let misplaced = Misplaced::default();
            let mut quotes = Quotes::new(text.as_bytes(), b';', misplaced.clone());
            let mut piece = vec![0; length];
            while quotes.read(&mut piece).expect("a text") > 0 {}
            let noted: Vec<u64> = std::iter::from_fn(|| {
                let first = misplaced.0.borrow().front().copied()?;
                misplaced.above(first + 1)
            })
            .collect();
            assert_eq!(noted, expect, "{text:?} in pieces of {length}");
        }
    }

    #[test]
    fn notes_misplaced_quotation_marks() {
        check("a;b\n\"x\";\"y;\"\"z\"\"\"\n\"\";\"two\nlines\" \r\n", &[]);
        check("P-1;pipe 3/4\" steel\nP-2;2\"\n", &[]);
        check("a;b\n1;\"3/4\" pipe\n\"x\"y;1\n2;z\n", &[2, 3]);
        check("1; \"a;b\"\n2;  \"c\"\n  3;4\n", &[1, 2]);
        check("\"a\nb\"c;d\n", &[2]);
    }
}
