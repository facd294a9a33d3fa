//! The ordered rows of some classes as one stream, read a chunk at a time: what is not asked for is not read.

use crate::graph::index;
use crate::graph::index::read::view::View;
use crate::graph::index::rows::key::{self, ORDERED};
use crate::graph::index::storage::packed::Direction;
use std::vec::IntoIter;

/// How many rows are read first; each next time twice as many, up to [`CHUNK_MAX`].
const CHUNK_MIN: usize = 64;
const CHUNK_MAX: usize = 4096;

/// A value key and the subject that has it.
type Entry = (Vec<u8>, u64);

/// The value keys and subjects of one property, in the order of the keys.
pub(super) struct Ordered<'a> {
    view: &'a View,
    descending: bool,
    classes: Vec<Range>,
}

/// What is left of the rows of one class.
struct Range {
    from: Vec<u8>,
    to: Vec<u8>,
    read: IntoIter<Entry>,
    next: Option<Entry>,
    chunk: usize,
    more: bool,
}

impl<'a> Ordered<'a> {
    /// Begins at a key, or at the first.
    pub(super) fn new(
        view: &'a View,
        classes: &[u64],
        predicate: u64,
        descending: bool,
        start: Option<&[u8]>,
    ) -> Result<Self, index::Error> {
        let ranges = classes.iter().map(|&class| {
            let prefix = key::prefix(ORDERED, &[class, predicate]);
            let (mut from, mut to) = (prefix.clone(), key::after(&prefix));
            if let Some(key) = start {
                let at = [prefix.as_slice(), key].concat();
                if descending { to = key::after(&at) } else { from = at }
            }
            Range { from, to, read: Vec::new().into_iter(), next: None, chunk: CHUNK_MIN, more: true }
        });
        let mut ordered = Self { view, descending, classes: ranges.collect() };
        for range in &mut ordered.classes {
            range.step(view, descending)?;
        }
        Ok(ordered)
    }

    /// Returns the next key and subject. A subject that is in two of the classes comes twice.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, index::Error> {
        let key = |range: &Range| range.next.as_ref().map(|(key, _)| key.clone());
        let heads = self.classes.iter().enumerate().filter(|(_, range)| range.next.is_some());
        let by_key = |a: &(usize, &Range), b: &(usize, &Range)| match key(a.1).cmp(&key(b.1)) {
            order if self.descending => order.reverse(),
            order => order,
        };
        let first = match self.classes.as_slice() {
            [_] => Some(0),
            _ => heads.min_by(by_key).map(|(at, _)| at),
        };
        let Some(range) = first.and_then(|at| self.classes.get_mut(at)) else { return Ok(None) };
        let entry = range.next.take();
        range.step(self.view, self.descending)?;
        Ok(entry)
    }
}

impl Range {
    fn step(&mut self, view: &View, descending: bool) -> Result<(), index::Error> {
        if self.read.len() == 0 && self.more {
            self.refill(view, descending)?;
        }
        self.next = self.read.next();
        Ok(())
    }

    fn refill(&mut self, view: &View, descending: bool) -> Result<(), index::Error> {
        let direction = if descending { Direction::Backward } else { Direction::Forward };
        let (mut read, mut last) = (Vec::with_capacity(self.chunk), Vec::new());
        let chunk = self.chunk;
        view.scan_range(&self.from, &self.to, direction, |row, _| {
            let (key, subject) = key::value_and_subject(row)?;
            read.push((key.to_vec(), subject));
            if read.len() == chunk {
                last.extend_from_slice(row);
            }
            Ok(read.len() < chunk)
        })?;
        self.more = !last.is_empty();
        // The next chunk begins after the last row; rows end where their last id does, so none begins with another.
        match self.more {
            true if descending => self.to = last,
            true => self.from = key::after(&last),
            false => {}
        }
        self.chunk = (chunk * 2).min(CHUNK_MAX);
        self.read = read.into_iter();
        Ok(())
    }
}
