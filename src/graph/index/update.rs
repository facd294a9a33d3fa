//! Taking a commit into the index: which rows begin, which end, on which lane.

mod undo;

use super::commits::{Placed, Places, find, lineage};
use super::lifespan::{
    Lifespan, Lineage, OPEN, closed_key, read_closed, read_open, visible, write_closed, write_open,
};
use super::terms::Dictionary;
use super::{DEAD, Error, LIVE, rows};
use crate::graph::commit::{Commit, CommitId};
use crate::model::statement::Statement;
use redb::ReadableTable;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// How many rows an update holds before it writes them out; few in tests, so that they meet the writing too.
const ROWS_HELD: usize = if cfg!(test) { 20 } else { 1_500_000 };

/// One document before and after a commit; each list sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct DocumentDelta {
    pub(crate) before: Vec<Statement>,
    pub(crate) after: Vec<Statement>,
}

/// A transaction of the index that takes commits in, oldest first.
pub(crate) struct Update<'txn> {
    dictionary: Dictionary<'txn>,
    pub(crate) places: Places<'txn>,
    live: redb::Table<'txn, &'static [u8], &'static [u8]>,
    dead: redb::Table<'txn, &'static [u8], &'static [u8]>,
    held: HashMap<Vec<u8>, Row>,
    here: Here,
}

/// The place that rows begin and end at.
#[derive(Default)]
struct Here {
    lane: u32,
    ordinal: u32,
    number: u32,
    /// The way down from the first parent's lane, without this lane.
    below: Lineage,
    /// The way down from the second parent, where the commit merges.
    merged: Option<Lineage>,
}

impl Here {
    /// Tells whether another lane's past can decide what is present here.
    fn needs_past(&self) -> bool {
        !self.below.is_empty() || self.merged.is_some()
    }
}

#[derive(Default)]
struct Row {
    spans: Vec<Lifespan>,
    /// Whether `spans` holds what ended before this update too; else only what was open.
    whole: bool,
}

impl<'txn> Update<'txn> {
    pub(crate) fn open(write: &'txn redb::WriteTransaction) -> Result<Self, Error> {
        Ok(Self {
            dictionary: Dictionary::open(write)?,
            places: Places::open(write)?,
            live: write.open_table(LIVE)?,
            dead: write.open_table(DEAD)?,
            held: HashMap::new(),
            here: Here::default(),
        })
    }

    /// Makes room for the rows of so many documents.
    pub(crate) fn expect(&mut self, documents: usize) {
        self.held.reserve((documents * 24).min(ROWS_HELD));
    }

    /// Tells whether a commit is in already.
    pub(crate) fn knows(&self, id: CommitId) -> Result<bool, Error> {
        Ok(find(id, &self.places.commits)?.is_some())
    }

    /// Begins to take in one commit, whose parents are in already.
    pub(crate) fn begin_commit(
        &mut self,
        commit: Commit,
        ontology: [u8; 20],
        branch: &str,
    ) -> Result<Placed, Error> {
        let merged = match commit.parents.get(1) {
            None => None,
            Some(&second) => {
                let second =
                    find(second, &self.places.commits)?.ok_or_else(|| Error::corrupt("missing parent"))?;
                Some(lineage(second.lane, second.ordinal, &self.places.lanes)?)
            }
        };
        let placed = self.places.place(commit, ontology, branch)?;
        let below = lineage(placed.lane, placed.ordinal, &self.places.lanes)?.split_off(1);
        self.here = Here { lane: placed.lane, ordinal: placed.ordinal, number: placed.number, below, merged };
        Ok(placed)
    }

    /// Takes in what the begun commit does to one document, told against its first parent.
    pub(crate) fn document(&mut self, document: &DocumentDelta) -> Result<(), Error> {
        let before = rows::of_document(&document.before, &mut self.dictionary)?;
        let after = rows::of_document(&document.after, &mut self.dictionary)?;
        for row in before.difference(&after) {
            self.end(row.clone())?;
        }
        for row in after.difference(&before) {
            self.begin(row.clone())?;
        }
        if self.held.len() > ROWS_HELD { self.flush() } else { Ok(()) }
    }

    /// Writes out what is held.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        // What is written out now holds only ids given out by now.
        self.dictionary.first_new = self.dictionary.next;
        let mut rows: Vec<_> = std::mem::take(&mut self.held).into_iter().collect();
        // In key order, so that the tree is written from left to right.
        rows.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for (key, row) in rows {
            let (open, closed): (Vec<_>, Vec<_>) = row.spans.into_iter().partition(|span| span.died == OPEN);
            if open.is_empty() {
                self.live.remove(key.as_slice())?;
            } else {
                self.live.insert(key.as_slice(), write_open(&open).as_slice())?;
            }
            for span in closed {
                self.dead.insert(closed_key(&key, &span).as_slice(), write_closed(&span).as_slice())?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, key: Vec<u8>) -> Result<(), Error> {
        let in_full = self.here.needs_past();
        let (spans, here) = self.hold(key, in_full)?;
        let origin = here.merged.as_ref().and_then(|way| visible(spans, way)).unwrap_or(here.number);
        close(spans, here, true);
        spans.push(Lifespan { lane: here.lane, tombstone: false, born: here.ordinal, died: OPEN, origin });
        Ok(())
    }

    fn end(&mut self, key: Vec<u8>) -> Result<(), Error> {
        let in_full = self.here.needs_past();
        let (spans, here) = self.hold(key, in_full)?;
        close(spans, here, false);
        if visible(spans, &here.below).is_some() {
            let (lane, born, origin) = (here.lane, here.ordinal, here.number);
            spans.push(Lifespan { lane, tombstone: true, born, died: OPEN, origin });
        }
        Ok(())
    }

    /// Returns the lifespans of a row: the open ones, and all of them where `in_full`.
    fn hold(&mut self, key: Vec<u8>, in_full: bool) -> Result<(&mut Vec<Lifespan>, &Here), Error> {
        // A row with a term that came up since the last writing cannot have been written.
        let is_new = rows::holds_id_from(&key, self.dictionary.first_new)?;
        let mut slot = match self.held.entry(key) {
            Entry::Occupied(slot) => slot,
            Entry::Vacant(slot) => {
                let mut row = Row { spans: Vec::new(), whole: is_new };
                if !is_new && let Some(open) = self.live.get(slot.key().as_slice())? {
                    read_open(open.value(), &mut row.spans)?;
                }
                slot.insert_entry(row)
            }
        };
        if in_full && !slot.get().whole {
            let mut ended = Vec::new();
            for closed in self.dead.range(slot.key().as_slice()..rows::after(slot.key()).as_slice())? {
                let (key, value) = closed?;
                ended.push(read_closed(key.value(), value.value())?.1);
            }
            let row = slot.get_mut();
            row.spans.append(&mut ended);
            row.whole = true;
        }
        Ok((&mut slot.into_mut().spans, &self.here))
    }
}

/// Ends this lane's open lifespan of the kind, where there is one.
fn close(spans: &mut [Lifespan], here: &Here, tombstone: bool) {
    for span in spans {
        if span.lane == here.lane && span.died == OPEN && span.tombstone == tombstone {
            span.died = here.ordinal;
        }
    }
}
