//! The rows of the tables with their lifespans, those of a previewed commit among them.

use super::tables::Tables;
use crate::graph::index::error::Error;
use crate::graph::index::format::Bytes;
use crate::graph::index::rows::lifespan::{Lifespan, read_open};
use crate::graph::index::rows::time_bucket::Places;
use crate::graph::index::rows::{closed, key};
use crate::graph::index::storage::packed::{self, Cursor, Direction};
use redb::ReadOnlyTable;
use std::collections::BTreeMap;

/// How many rows are in memory at once while all are read; few in tests, so that they read in parts.
const ROWS_AT_ONCE: usize = if cfg!(test) { 5 } else { 200_000 };

/// The first rows behind one, of rows that come in any order, each several times.
struct FirstRows {
    rows: BTreeMap<Vec<u8>, Vec<Lifespan>>,
    after: Option<Vec<u8>>,
    /// Whether there are more than fit.
    has_more: bool,
}

impl FirstRows {
    fn after(after: Option<Vec<u8>>) -> Self {
        Self { rows: BTreeMap::new(), after, has_more: false }
    }

    fn add(&mut self, row: &[u8], spans: &[Lifespan]) {
        if self.after.as_deref().is_some_and(|after| row <= after) {
            return;
        }
        if let Some(known) = self.rows.get_mut(row) {
            known.extend_from_slice(spans);
            return;
        }
        if self.rows.len() >= ROWS_AT_ONCE {
            self.has_more = true;
            // What goes is behind all that stay, so it never comes back in this pass.
            match self.rows.last_key_value() {
                Some((last, _)) if row < last.as_slice() => drop(self.rows.pop_last()),
                _ => return,
            }
        }
        self.rows.insert(row.to_vec(), spans.to_vec());
    }

    /// Returns the last row, where there are more behind it.
    fn last_of_many(&self) -> Option<Vec<u8>> {
        self.rows.last_key_value().filter(|_| self.has_more).map(|(row, _)| row.clone())
    }
}

impl Tables {
    /// Returns the rows from `from` to before `to`, each with those of its lifespans that are in `live`, of the preview, or cover one of
    /// some places.
    pub(super) fn rows<'a>(
        &'a self,
        places: &'a Places,
        [from, to]: [&[u8]; 2],
        direction: Direction,
    ) -> Result<Rows<'a>, Error> {
        let mut preview = self.preview_rows(from, to);
        // The next is taken from the end.
        if direction == Direction::Forward {
            preview.reverse();
        }
        #[cfg(test)]
        super::rows_read::add_one();
        let mut live = Cursor::new(&self.live, from, to, direction)?;
        let mut by_lane = closed::Scan::new(&self.by_lane, places, from, to, direction)?;
        let (is_live, is_by_lane) = (live.step()?, by_lane.step()?);
        let (row, spans) = (Vec::new(), Vec::new());
        Ok(Rows { live, by_lane, is_live, is_by_lane, preview, direction, row, spans })
    }

    /// Returns those of a row's lifespans that are in `live`, of the preview, or cover one of some places.
    pub(super) fn lifespans(&self, row: &[u8], places: &Places) -> Result<Vec<Lifespan>, Error> {
        let mut spans = Vec::new();
        if let Some(open) = packed::get(&self.live, row)? {
            read_open(&open, &mut spans)?;
        }
        closed::of_row(&self.by_lane, row, places, &mut spans)?;
        spans.extend(self.preview.as_ref().and_then(|preview| preview.row(row)));
        Ok(spans)
    }

    /// Returns what a previewed commit does to the rows from `from` to before `to`, in their order.
    pub(super) fn preview_rows(&self, from: &[u8], to: &[u8]) -> Vec<(&[u8], Lifespan)> {
        match &self.preview {
            Some(preview) if from < to => preview.rows(from, to).collect(),
            _ => Vec::new(),
        }
    }

    /// Calls `each` with every row that begins with `prefix` and all its lifespans, past and present, on every lane. Of
    /// the rows with one first id that `live` does not have, so many are in memory as [`ROWS_AT_ONCE`]: where there are more, they are
    /// read once more for each so many.
    pub(crate) fn each_row(
        &self,
        prefix: &[u8],
        mut each: impl FnMut(&[u8], &[Lifespan]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let end = if prefix.is_empty() { vec![u8::MAX] } else { key::after(prefix) };
        let mut live = Cursor::new(&self.live, prefix, &end, Direction::Forward)?;
        let mut is_live = live.step()?;
        let mut from = prefix.to_vec();
        while let Some(head) = self.next_head(&from, &end)? {
            let (first, after) = (prefix.max(&head), key::after(&head));
            let mut passed: Option<Vec<u8>> = None;
            loop {
                let mut past = FirstRows::after(passed.take());
                closed::each(&self.by_lane, first, |row, spans| {
                    past.add(row, spans);
                    Ok(true)
                })?;
                for (row, span) in self.preview_rows(first, after.as_slice().min(&end)) {
                    past.add(row, &[span]);
                }
                passed = past.last_of_many();
                for (row, mut spans) in past.rows {
                    while is_live && live.key() < row.as_slice() {
                        each(live.key(), &open(live.value())?)?;
                        is_live = live.step()?;
                    }
                    if is_live && live.key() == row {
                        read_open(live.value(), &mut spans)?;
                        is_live = live.step()?;
                    }
                    each(&row, &spans)?;
                }
                if passed.is_none() {
                    break;
                }
            }
            from = after;
        }
        while is_live {
            each(live.key(), &open(live.value())?)?;
            is_live = live.step()?;
        }
        Ok(())
    }

    /// Returns the order and first id of the next rows that have lifespans which `live` does not have.
    fn next_head(&self, from: &[u8], to: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let by_lane = closed::next_head(&self.by_lane, from)?;
        let preview = self.preview_rows(from, to);
        let preview = preview.first().map(|(row, _)| closed::head(row).map(<[u8]>::to_vec)).transpose()?;
        Ok(by_lane.into_iter().chain(preview).filter(|head| head.as_slice() < to).min())
    }
}

/// Rows one after the other, each with its lifespans.
pub(super) struct Rows<'a> {
    live: Cursor<'a>,
    by_lane: closed::Scan<'a, ReadOnlyTable<Bytes, Bytes>>,
    /// Whether the cursors are at an entry.
    is_live: bool,
    is_by_lane: bool,
    /// What a previewed commit does to rows, the next one last.
    preview: Vec<(&'a [u8], Lifespan)>,
    direction: Direction,
    /// The row it is at, and its lifespans.
    pub(super) row: Vec<u8>,
    pub(super) spans: Vec<Lifespan>,
}

impl Rows<'_> {
    /// Goes to the next row; `false` at the end.
    pub(super) fn step(&mut self) -> Result<bool, Error> {
        let Self { live, by_lane, preview, row, spans, .. } = self;
        let heads = [
            self.is_live.then(|| live.key()),
            self.is_by_lane.then(|| by_lane.row()),
            preview.last().map(|(row, _)| *row),
        ];
        let heads = heads.into_iter().flatten();
        let next = match self.direction {
            Direction::Forward => heads.min(),
            Direction::Backward => heads.max(),
        };
        let Some(next) = next else { return Ok(false) };
        row.clear();
        row.extend_from_slice(next);
        spans.clear();
        if self.is_live && live.key() == row.as_slice() {
            read_open(live.value(), spans)?;
            self.is_live = live.step()?;
        }
        while self.is_by_lane && by_lane.row() == row.as_slice() {
            spans.extend_from_slice(by_lane.spans());
            self.is_by_lane = by_lane.step()?;
        }
        if let Some((_, span)) = preview.pop_if(|(preview, _)| *preview == row.as_slice()) {
            spans.push(span);
        }
        Ok(true)
    }
}

/// Reads the lifespans of a row of `live`.
pub(super) fn open(value: &[u8]) -> Result<Vec<Lifespan>, Error> {
    let mut spans = Vec::new();
    read_open(value, &mut spans)?;
    Ok(spans)
}
