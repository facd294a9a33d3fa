//! One series: its name, and its samples as far as they are held in memory.

use super::row::Row;
use super::series::{Series, SeriesId};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A series and its samples.
#[derive(Debug)]
pub(super) struct Track {
    /// Its name.
    pub(super) series: Series,
    /// The position of the batch that brought its first sample.
    pub(super) born: u64,
    body: RwLock<Body>,
}

/// The samples of a series.
#[derive(Debug)]
pub(super) struct Body {
    head: Vec<Row>,
    sorted: bool,
    newest: i64,
}

impl Track {
    /// Makes a series without samples.
    pub(super) fn new(series: Series, born: u64) -> Self {
        Self { series, born, body: RwLock::new(Body { head: Vec::new(), sorted: true, newest: i64::MIN }) }
    }

    /// Returns its number.
    pub(super) fn id(&self) -> SeriesId {
        self.series.id
    }

    /// Opens the samples for change.
    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Body> {
        self.body.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, Body> {
        let body = self.body.read().unwrap_or_else(PoisonError::into_inner);
        if body.sorted {
            return body;
        }
        drop(body);
        self.write().sort();
        // A writer may come in between: then the next reader's turn sorts again.
        self.body.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends to `rows`, in order, the rows of `[from, to)` that had arrived at `position`.
    pub(super) fn rows(&self, from: i64, to: i64, position: u64, rows: &mut Vec<Row>) {
        let body = self.read();
        let start = rows.len();
        rows.extend(body.within(from, to).filter(|row| row.position() <= position));
        if !body.sorted {
            rows[start..].sort_by_key(|row| row.at);
        }
    }

    /// Returns the latest row that had arrived at `position`.
    pub(super) fn latest(&self, position: u64) -> Option<Row> {
        let body = self.read();
        body.within(i64::MIN, i64::MAX).filter(|row| row.position() <= position).max_by_key(|row| row.at)
    }
}

impl Body {
    /// Takes in a sample. Samples arrive in the order of their positions.
    #[inline]
    pub(super) fn push(&mut self, at: i64, value: f64, position: u64) {
        let late = at < self.newest;
        self.sorted &= self.head.last().is_none_or(|last| last.at <= at);
        self.head.push(Row::new(at, value, position, late));
        self.newest = self.newest.max(at);
    }

    /// Puts the rows in order; arrivals of one instant keep theirs.
    fn sort(&mut self) {
        if !self.sorted {
            self.head.sort_by_key(|row| row.at);
            self.sorted = true;
        }
    }

    fn within(&self, from: i64, to: i64) -> impl Iterator<Item = Row> + '_ {
        let range = if self.sorted {
            self.head.partition_point(|row| row.at < from)..self.head.partition_point(|row| row.at < to)
        } else {
            0..self.head.len()
        };
        self.head[range].iter().copied().filter(move |row| from <= row.at && row.at < to)
    }
}
