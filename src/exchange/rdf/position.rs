//! The position of an error in a file.

use oxigraph::io::{RdfParser, RdfSyntaxError};
use std::cell::Cell;
use std::io::Read;

/// A place in a file; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Finds where the parser stopped.
pub(super) fn of_error(error: &RdfSyntaxError, parser: RdfParser, bytes: &[u8]) -> Position {
    match error.location().and_then(|range| usize::try_from(range.start.offset).ok()) {
        Some(offset) => of_offset(bytes, offset),
        None => of_offset(bytes, stopping_offset(parser, bytes)),
    }
}

/// Finds the first occurrence of a blank node's label; the start of the file where it has none.
pub(super) fn of_label(bytes: &[u8], label: &str) -> Position {
    of_offset(bytes, memchr::memmem::find(bytes, label.as_bytes()).unwrap_or(0))
}

/// Returns what is wrong, without the position that the parser puts before it.
pub(super) fn message(error: &RdfSyntaxError) -> String {
    let text = error.to_string();
    match text.split_once(": ") {
        Some((head, rest)) if head.starts_with("Parser error") => rest.to_owned(),
        _ => text,
    }
}

/// Returns the position of a byte.
pub(super) fn of_offset(bytes: &[u8], offset: usize) -> Position {
    let before = &bytes[..offset.min(bytes.len())];
    let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    Position {
        line: memchr::memchr_iter(b'\n', before).count() + 1,
        column: String::from_utf8_lossy(&before[start..]).chars().count() + 1,
    }
}

/// Parses again, a byte at a time, and returns how many bytes were taken when the error came: the RDF/XML
/// parser reports no position of its own.
fn stopping_offset(parser: RdfParser, bytes: &[u8]) -> usize {
    let taken = Cell::new(0);
    let reader = Stepwise { bytes, taken: &taken };
    let failed = parser.for_reader(reader).any(|quad| quad.is_err());
    if failed { taken.get().saturating_sub(1) } else { bytes.len() }
}

struct Stepwise<'a> {
    bytes: &'a [u8],
    taken: &'a Cell<usize>,
}

impl Read for Stepwise<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let at = self.taken.get();
        match (self.bytes.get(at), buffer.first_mut()) {
            (Some(byte), Some(slot)) => {
                *slot = *byte;
                self.taken.set(at + 1);
                Ok(1)
            }
            _ => Ok(0),
        }
    }
}
