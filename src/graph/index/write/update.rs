//! Taking commits into the index: which rows begin, which end, on which lane.
//!
//! What commits do is noted first, a statement at a time; it is written by the batch, each order of rows sorted, so that
//! every block of a table is read and written once.

use super::replay::{Event, Here, Replay};
use crate::graph::index::commits::{self, Placed, Places, find, lineage};
use crate::graph::index::error::Error;
use crate::graph::index::format::{BY_LANE, Bytes, LIVE, TOUCHED};
use crate::graph::index::rows::key;
use crate::graph::index::rows::lifespan::Lineage;
use crate::graph::index::storage::packed::{self, Puts};
use crate::graph::index::terms::codes;
use crate::graph::index::terms::dictionary::{Dictionary, Intern};
use crate::graph::model::commit::CommitId;
use crate::graph::model::delta::{DocumentDelta, by_subject};
use crate::graph::model::draft::Recorded;
use crate::model::statement::Statement;
use crate::model::statement::difference::differing;
use std::collections::HashSet;

/// How many statements an update notes before it writes them; few in tests, so that they meet the writing too.
const STATEMENTS_MAX: usize = if cfg!(test) { 7 } else { 2_000_000 };

/// How many new terms it notes.
const TERMS_MAX: u64 = 1_000_000;

/// A transaction of the index that takes commits in, oldest first.
pub(crate) struct Update<'txn> {
    dictionary: Dictionary<'txn>,
    pub(crate) places: Places<'txn>,
    live: redb::Table<'txn, Bytes, Bytes>,
    by_lane: redb::Table<'txn, Bytes, Bytes>,
    touched: redb::Table<'txn, Bytes, Bytes>,
    /// The commits whose documents are noted: each step is one, or several with the same documents.
    steps: Vec<Vec<Here>>,
    /// The side lanes that the steps are on or read.
    sides: HashSet<u32>,
    /// Subject, predicate, object.
    statements: Vec<Event<[u64; 3]>>,
    /// Whole rows, of the value order and of fragments.
    whole: Vec<Event<Vec<u8>>>,
    /// Number of a commit, a subject that it touches, and whether it is taken in or back.
    subjects: Vec<(u32, u64, bool)>,
}

impl<'txn> Update<'txn> {
    pub(crate) fn open(write: &'txn redb::WriteTransaction) -> Result<Self, Error> {
        Ok(Self {
            dictionary: Dictionary::open(write)?,
            places: Places::open(write)?,
            live: write.open_table(LIVE)?,
            by_lane: write.open_table(BY_LANE)?,
            touched: write.open_table(TOUCHED)?,
            steps: Vec::new(),
            sides: HashSet::new(),
            statements: Vec::new(),
            whole: Vec::new(),
            subjects: Vec::new(),
        })
    }

    /// Returns whether a commit is in already.
    pub(crate) fn knows(&self, id: CommitId) -> Result<bool, Error> {
        Ok(find(id, &self.places.commits)?.is_some())
    }

    /// Begins to take in one commit, whose parents are in already.
    pub(crate) fn begin_commit(&mut self, recorded: &Recorded, branch: &str) -> Result<Placed, Error> {
        self.steps.push(Vec::new());
        self.join_commit(recorded, branch)
    }

    /// Begins to take in a commit with the same documents as the one before, so that both are taken in together.
    pub(crate) fn join_commit(&mut self, recorded: &Recorded, branch: &str) -> Result<Placed, Error> {
        let merged = match recorded.commit.parents.get(1) {
            None => None,
            Some(&second) => Some(self.way_from(second)?),
        };
        let placed = self.places.place(recorded, branch)?;
        let below = lineage(placed.lane, placed.ordinal, &self.places.lanes)?.split_off(1);
        let read = below.iter().chain(merged.iter().flatten()).map(|(lane, _)| *lane);
        for lane in read.chain([placed.lane]) {
            self.note_side(lane)?;
        }
        let here = Here::taken_in(&placed, below, merged, &self.sides);
        self.steps.last_mut().ok_or_else(|| Error::corrupt("no commit begun"))?.push(here);
        Ok(placed)
    }

    /// Begins to take back a commit that is the last one of its lane; the changes of its documents that follow are undone.
    pub(crate) fn begin_undo(&mut self, placed: &Placed) -> Result<(), Error> {
        self.note_side(placed.lane)?;
        self.steps.push(vec![Here::taken_back(placed, &self.sides)]);
        self.places.remove(placed)
    }

    /// Notes whether a lane is a side lane; the number of one of which nothing is left may be given to a lane of the other kind.
    fn note_side(&mut self, lane: u32) -> Result<(), Error> {
        match commits::is_side(lane, &self.places.lanes)? {
            true => self.sides.insert(lane),
            false => self.sides.remove(&lane),
        };
        Ok(())
    }

    fn way_from(&self, commit: CommitId) -> Result<Lineage, Error> {
        let placed = find(commit, &self.places.commits)?.ok_or_else(|| Error::corrupt("missing parent"))?;
        lineage(placed.lane, placed.ordinal, &self.places.lanes)
    }

    /// Takes in what the begun commits do to one document, compared with their first parents.
    pub(crate) fn document(&mut self, document: &DocumentDelta) -> Result<(), Error> {
        let step = self.steps.len().checked_sub(1).and_then(|step| u32::try_from(step).ok());
        let step = step.ok_or_else(|| Error::corrupt("no commit begun"))?;
        for (before, after) in by_subject(&document.before, &document.after) {
            self.subject(step, before, after)?;
        }
        let is_full = self.statements.len() >= STATEMENTS_MAX || self.dictionary.unwritten() >= TERMS_MAX;
        if is_full { self.flush() } else { Ok(()) }
    }

    /// Notes what becomes of the rows of one subject.
    fn subject(&mut self, step: u32, before: &[Statement], after: &[Statement]) -> Result<(), Error> {
        let Some(first) = before.first().or(after.first()).filter(|_| before != after) else { return Ok(()) };
        let subject = self.dictionary.intern_iri(first.subject.as_ref())?;
        self.subjects
            .extend(self.steps[step as usize].iter().map(|here| (here.number, subject, !here.is_undone)));
        for (statement, begins) in differing(before.iter(), after.iter()) {
            let predicate = self.dictionary.intern_iri(statement.predicate.as_ref())?;
            let object = self.dictionary.intern(&statement.object)?;
            self.statements.push(Event { row: [subject, predicate, object], step, begins });
        }
        let was = key::ordered(before, &mut self.dictionary)?;
        let is = key::ordered(after, &mut self.dictionary)?;
        for (row, begins) in differing(was.iter(), is.iter()) {
            self.whole.push(Event { row: row.clone(), step, begins });
        }
        if before.is_empty() != after.is_empty()
            && let Some(row) = key::fragment(first.subject.as_ref(), &mut self.dictionary)?
        {
            self.whole.push(Event { row, step, begins: before.is_empty() });
        }
        Ok(())
    }

    /// Writes out what is noted.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        let statements = std::mem::take(&mut self.statements);
        for (order, places) in key::ORDERS {
            let mut rows: Vec<_> = statements
                .iter()
                .map(|event| Event { row: places.map(|at| event.row[at]), ..*event })
                .collect();
            // Stable, so that what several commits do to one row stays in their order.
            rows.sort_by_key(|event| event.row);
            self.replay(&rows, |row, key| key::write_prefix(order, row, key))?;
        }
        let mut whole = std::mem::take(&mut self.whole);
        whole.sort_by(|a, b| a.row.cmp(&b.row));
        self.replay(&whole, |row, key| key.extend_from_slice(row))?;
        self.flush_subjects()?;
        self.dictionary.flush()?;
        // What comes next still belongs to the commit begun last.
        let begun = self.steps.pop();
        self.steps.clear();
        self.steps.extend(begun);
        Ok(())
    }

    /// Applies events, sorted by row, to the lifespans of their rows.
    fn replay<R: PartialEq>(
        &mut self,
        events: &[Event<R>],
        write_key: impl Fn(&R, &mut Vec<u8>),
    ) -> Result<(), Error> {
        let mut replay =
            Replay::new(events, &self.steps, &self.sides, &self.by_lane, &self.dictionary, write_key);
        packed::edit(&mut self.live, &mut replay)?;
        let mut by_lane = replay.by_lane_edits.sorted();
        packed::edit(&mut self.by_lane, &mut by_lane)
    }

    fn flush_subjects(&mut self) -> Result<(), Error> {
        let mut subjects = std::mem::take(&mut self.subjects);
        subjects.sort_by_key(|(number, subject, _)| (*number, *subject));
        // A number that is given anew belongs to the commit that has it last.
        let last = subjects.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter_map(<[_]>::last);
        let entry = |(number, subject, is_in): &(u32, u64, bool)| {
            let mut key = number.to_be_bytes().to_vec();
            codes::write_id(*subject, &mut key);
            (key, is_in.then(Vec::new))
        };
        packed::edit(&mut self.touched, &mut Puts::new(last.map(entry)))
    }
}
