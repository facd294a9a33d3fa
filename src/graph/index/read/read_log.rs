//! Which rows and terms some work has read: whether it would read the same at a later version is known from what changed since.

use crate::graph::index::rows::key;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// How many reads are noted; of more, that they were many.
const READS_MAX: usize = 100_000;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// The beginnings of all rows that were read, each made of whole ids.
    pub(crate) prefixes: HashSet<Box<[u8]>>,
    /// The dictionary bytes of terms that no statement had used yet.
    pub(crate) unknown: HashSet<Box<[u8]>>,
    /// Whether anything was read that is not noted.
    pub(crate) is_more: bool,
}

/// Notes what is read, by whichever thread.
#[derive(Debug, Default)]
pub(crate) struct ReadLog(Mutex<Reads>);

impl ReadLog {
    /// Notes a read of all rows from a key to before another.
    pub(crate) fn note_range(&self, from: &[u8], to: &[u8]) {
        let is_of_statements = !matches!(from.first(), Some(&key::ORDERED) | None);
        match is_of_statements && key::after(from) == to {
            true => self.note(|reads| _ = reads.prefixes.insert(from.into())),
            false => self.note_more(),
        }
    }

    /// Notes that a term had no id.
    pub(crate) fn note_unknown(&self, bytes: &[u8]) {
        self.note(|reads| _ = reads.unknown.insert(bytes.into()));
    }

    /// Notes a read of which nothing more is known.
    pub(crate) fn note_more(&self) {
        self.note(|reads| reads.is_more = true);
    }

    /// Returns what was read since the last time.
    pub(crate) fn take(&self) -> Reads {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, note: impl FnOnce(&mut Reads)) {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !reads.is_more {
            note(&mut reads);
            reads.is_more |= reads.prefixes.len() + reads.unknown.len() > READS_MAX;
        }
    }
}
