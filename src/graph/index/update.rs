//! Taking a commit into the index: which rows begin, which end, on which lane.

use super::commits::{Placed, Places, find, lineage};
use super::lifespan::{
    Lifespan, Lineage, OPEN, closed_key, read_closed, read_open, visible, write_closed, write_open,
};
use super::terms::Dictionary;
use super::{DEAD, Error, LIVE, rows};
use crate::graph::commit::Commit;
use crate::model::statement::Statement;
use redb::ReadableTable;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How many rows an update holds before it writes them out.
const ROWS_HELD: usize = 1_500_000;

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
    held: BTreeMap<Vec<u8>, Row>,
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

#[derive(Default)]
struct Row {
    /// The open lifespans, or all of them where the row had to be known in full.
    spans: Vec<Lifespan>,
}

impl<'txn> Update<'txn> {
    pub(crate) fn open(write: &'txn redb::WriteTransaction) -> Result<Self, Error> {
        Ok(Self {
            dictionary: Dictionary::open(write)?,
            places: Places::open(write)?,
            live: write.open_table(LIVE)?,
            dead: write.open_table(DEAD)?,
            held: BTreeMap::new(),
            here: Here::default(),
        })
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
            self.end(row)?;
        }
        for row in after.difference(&before) {
            self.begin(row)?;
        }
        if self.held.len() > ROWS_HELD { self.flush() } else { Ok(()) }
    }

    /// Writes out what is held.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        for (key, row) in std::mem::take(&mut self.held) {
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

    fn begin(&mut self, key: &[u8]) -> Result<(), Error> {
        let spans = Self::hold(&mut self.held, &self.live, &self.dead, &self.here, key)?;
        let here = &self.here;
        let origin = here.merged.as_ref().and_then(|way| visible(spans, way)).unwrap_or(here.number);
        close(spans, here, true);
        spans.push(Lifespan { lane: here.lane, tombstone: false, born: here.ordinal, died: OPEN, origin });
        Ok(())
    }

    fn end(&mut self, key: &[u8]) -> Result<(), Error> {
        let spans = Self::hold(&mut self.held, &self.live, &self.dead, &self.here, key)?;
        let here = &self.here;
        close(spans, here, false);
        if visible(spans, &here.below).is_some() {
            let (lane, born, origin) = (here.lane, here.ordinal, here.number);
            spans.push(Lifespan { lane, tombstone: true, born, died: OPEN, origin });
        }
        Ok(())
    }

    /// Returns the lifespans of a row: the open ones, and the closed ones too where another lane's past decides.
    fn hold<'a>(
        held: &'a mut BTreeMap<Vec<u8>, Row>,
        live: &impl ReadableTable<&'static [u8], &'static [u8]>,
        dead: &impl ReadableTable<&'static [u8], &'static [u8]>,
        here: &Here,
        key: &[u8],
    ) -> Result<&'a mut Vec<Lifespan>, Error> {
        let slot = match held.entry(key.to_vec()) {
            Entry::Occupied(slot) => return Ok(&mut slot.into_mut().spans),
            Entry::Vacant(slot) => slot,
        };
        let mut row = Row::default();
        if let Some(open) = live.get(key)? {
            read_open(open.value(), &mut row.spans)?;
        }
        if !here.below.is_empty() || here.merged.is_some() {
            for closed in dead.range(key..rows::after(key).as_slice())? {
                let (key, value) = closed?;
                row.spans.push(read_closed(key.value(), value.value())?.1);
            }
        }
        Ok(&mut slot.insert(row).spans)
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
