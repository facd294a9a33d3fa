//! The tables of the index as one transaction found them: refs, commits and their places, terms.

use super::preview::Preview;
use crate::graph::index::commits::{self, Lane, Placed, lineage, position};
use crate::graph::index::error::Error;
use crate::graph::index::format::{
    BY_LANE, Bytes, COMMITS, IDS, KEYS, LANES, LIVE, MERGES, NUMBERS, POSITIONS, REFS, TERMS, TOUCHED,
};
use crate::graph::index::indexed_refs::commit_id;
use crate::graph::index::rows::key;
use crate::graph::index::rows::lifespan::Lineage;
use crate::graph::index::storage::packed::{Cursor, Direction};
use crate::graph::index::terms::codes::read_id;
use crate::graph::index::terms::term_cache::TermCache;
use crate::graph::index::terms::{dictionary, inline};
use crate::graph::model::commit::{Author, Commit, CommitId};
use crate::graph::model::delta::DocumentDelta;
use crate::graph::model::indexed_refs::Stamps;
use crate::graph::model::ref_name::is_vendor;
use oxigraph::model::Term;
use redb::{ReadOnlyTable, ReadableTable as _, ReadableTableMetadata as _};
use std::collections::HashSet;
use std::sync::Arc;

/// The tables of the index as one transaction found them.
pub(crate) struct Tables {
    pub(in crate::graph::index) terms: ReadOnlyTable<Bytes, Bytes>,
    pub(in crate::graph::index) ids: ReadOnlyTable<Bytes, Bytes>,
    pub(in crate::graph::index) live: ReadOnlyTable<Bytes, Bytes>,
    pub(in crate::graph::index) by_lane: ReadOnlyTable<Bytes, Bytes>,
    pub(in crate::graph::index) touched: ReadOnlyTable<Bytes, Bytes>,
    pub(in crate::graph::index) commits: ReadOnlyTable<Bytes, Bytes>,
    pub(in crate::graph::index) numbers: ReadOnlyTable<u32, Bytes>,
    pub(in crate::graph::index) positions: ReadOnlyTable<u64, u32>,
    pub(in crate::graph::index) lanes: ReadOnlyTable<u32, Bytes>,
    pub(in crate::graph::index) merges: ReadOnlyTable<u64, Bytes>,
    pub(in crate::graph::index) refs: ReadOnlyTable<&'static str, Bytes>,
    pub(in crate::graph::index) keys: ReadOnlyTable<&'static str, Bytes>,
    /// Recent answers of the dictionary.
    pub(crate) term_cache: Arc<TermCache>,
    /// Keeps the file open.
    _reader: Arc<()>,
    /// A commit that is in no table, and read as if it were.
    pub(in crate::graph::index) preview: Option<Box<Preview>>,
}

impl Tables {
    pub(crate) fn open(
        read: &redb::ReadTransaction,
        term_cache: Arc<TermCache>,
        reader: Arc<()>,
    ) -> Result<Self, Error> {
        Ok(Self {
            terms: read.open_table(TERMS)?,
            ids: read.open_table(IDS)?,
            live: read.open_table(LIVE)?,
            by_lane: read.open_table(BY_LANE)?,
            touched: read.open_table(TOUCHED)?,
            commits: read.open_table(COMMITS)?,
            numbers: read.open_table(NUMBERS)?,
            positions: read.open_table(POSITIONS)?,
            lanes: read.open_table(LANES)?,
            merges: read.open_table(MERGES)?,
            refs: read.open_table(REFS)?,
            keys: read.open_table(KEYS)?,
            term_cache,
            _reader: reader,
            preview: None,
        })
    }

    /// Returns the commit that a full ref name refers to.
    pub(crate) fn reference(&self, name: &str) -> Result<Option<CommitId>, Error> {
        self.refs.get(name)?.map(|id| commit_id(id.value())).transpose()
    }

    /// Returns the refs whose full name begins with `prefix`, in name order.
    pub(crate) fn references(&self, prefix: &str) -> Result<Vec<(String, CommitId)>, Error> {
        let mut found = Vec::new();
        for entry in self.refs.range(prefix..)? {
            let (name, id) = entry?;
            if !name.value().starts_with(prefix) {
                break;
            }
            found.push((name.value().to_owned(), commit_id(id.value())?));
        }
        Ok(found)
    }

    /// Returns the refs that the index was last brought up to.
    pub(crate) fn stamps(&self) -> Result<Stamps, Error> {
        crate::graph::index::indexed_refs::read(&self.refs)
    }

    /// Returns the commits made under an idempotency key: one, unless plain Git brought in a copy of it.
    pub(crate) fn keyed(&self, key: &str) -> Result<Vec<CommitId>, Error> {
        self.keys
            .get(key)?
            .map_or(Ok(Vec::new()), |ids| crate::graph::index::commits::idempotency::read(ids.value()))
    }

    pub(crate) fn commit(&self, id: CommitId) -> Result<Option<Placed>, Error> {
        match self.preview_where(|preview| preview.is(id)) {
            Some(preview) => Ok(Some(preview.placed.clone())),
            None => commits::find(id, &self.commits),
        }
    }

    pub(crate) fn commit_numbered(&self, number: u32) -> Result<Placed, Error> {
        match self.preview_where(|preview| preview.placed.number == number) {
            Some(preview) => Ok(preview.placed.clone()),
            None => commits::by_number(number, &self.numbers, &self.commits),
        }
    }

    /// Returns the previewed commit where it passes a test.
    fn preview_where(&self, is_meant: impl Fn(&Preview) -> bool) -> Option<&Preview> {
        self.preview.as_deref().filter(|preview| is_meant(preview))
    }

    /// Returns the id of a term by its dictionary bytes; `None` where no statement ever had it.
    pub(crate) fn id(&self, bytes: &[u8]) -> Result<Option<u64>, Error> {
        let known = self.term_cache.id(bytes, || dictionary::find_bytes(bytes, &self.ids))?;
        Ok(known.or_else(|| self.preview.as_ref()?.id(bytes)))
    }

    /// Returns the term of an id.
    pub(super) fn term(&self, id: u64) -> Result<Term, Error> {
        if let Some(inline) = inline::outline(id) {
            return Ok(inline);
        }
        match self.preview.as_ref().and_then(|preview| preview.term(id)) {
            Some(term) => Ok(term.clone()),
            None => {
                self.term_cache.term(id, || dictionary::from_bytes(&dictionary::bytes_of(id, &self.terms)?))
            }
        }
    }

    /// Counts the commits.
    pub(crate) fn commit_count(&self) -> Result<u64, Error> {
        Ok(self.commits.len()?)
    }

    /// Returns the commits whose id begins with the hexadecimal `prefix`, two at the most.
    pub(crate) fn commits_beginning(&self, prefix: &str) -> Result<Vec<CommitId>, Error> {
        let mut low = prefix.to_owned();
        low.extend(std::iter::repeat_n('0', 40_usize.saturating_sub(prefix.len())));
        let Ok(low) = low.parse::<CommitId>() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for entry in self.commits.range(low.0.as_slice()..)?.take(2) {
            let id = commit_id(entry?.0.value())?;
            if id.to_string().starts_with(prefix) {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// Returns whether a commit that nobody has made is laid over the tables.
    pub(crate) fn is_preview(&self) -> bool {
        self.preview.is_some()
    }

    /// Adds the subjects that the commits of a lane touched, from an ordinal to another, both included; `false` where
    /// more than `left` were met, each counted once a commit.
    pub(crate) fn add_touched(
        &self,
        lane: u32,
        first: u32,
        last: u32,
        subjects: &mut HashSet<u64>,
        left: &mut usize,
    ) -> Result<bool, Error> {
        for number in self.positions.range(position(lane, first)..position(lane, last) + 1)? {
            let prefix = number?.1.value().to_be_bytes();
            let mut cursor = Cursor::new(&self.touched, &prefix, &key::after(&prefix), Direction::Forward)?;
            while cursor.step()? {
                if *left == 0 {
                    return Ok(false);
                }
                *left -= 1;
                subjects.insert(read_touched(cursor.key())?.1);
            }
        }
        Ok(true)
    }

    /// Returns whether a place is the last one of its lane.
    pub(crate) fn is_end(&self, lane: u32, ordinal: u32) -> Result<bool, Error> {
        Ok(self.positions.get(position(lane, ordinal + 1))?.is_none())
    }

    /// Returns the way from a commit's place down to lane 0.
    pub(crate) fn lineage(&self, at: &Placed) -> Result<Lineage, Error> {
        let Some(preview) = self.preview_where(|preview| preview.placed.lane == at.lane) else {
            return lineage(at.lane, at.ordinal, &self.lanes);
        };
        let (lane, ordinal) = preview.fork;
        let mut way = lineage(lane, ordinal, &self.lanes)?;
        way.insert(0, (at.lane, at.ordinal));
        Ok(way)
    }

    /// Returns the place that a lane forked from.
    pub(crate) fn fork(&self, lane: u32) -> Result<(u32, u32), Error> {
        if let Some(preview) = self.preview_where(|preview| preview.placed.lane == lane) {
            return Ok(preview.fork);
        }
        let row = self.lanes.get(lane)?.ok_or_else(|| Error::corrupt("missing lane"))?;
        let row = Lane::read(row.value())?;
        Ok((row.parent, row.fork))
    }

    /// Returns whether `live` does not have the open lifespans of a lane.
    pub(crate) fn is_side(&self, lane: u32) -> Result<bool, Error> {
        commits::is_side(lane, &self.lanes)
    }

    /// Returns whether a lane is a vendor branch's.
    pub(crate) fn is_vendor(&self, lane: u32) -> Result<bool, Error> {
        Ok(self.vendor(lane)?.is_some())
    }

    /// Returns the vendor branch that a lane is of; `None` where it is another branch's.
    pub(crate) fn vendor(&self, lane: u32) -> Result<Option<String>, Error> {
        let row = self.lanes.get(lane)?;
        let lane = row.map(|row| Lane::read(row.value())).transpose()?;
        Ok(lane.map(|lane| lane.branch).filter(|branch| is_vendor(branch)))
    }

    /// Calls `each` with the author of every commit of the thread, in no order.
    pub(crate) fn each_author(&self, mut each: impl FnMut(Author)) -> Result<(), Error> {
        for entry in self.commits.iter()? {
            let (id, bytes) = entry?;
            each(Placed::read(commit_id(id.value())?, bytes.value())?.commit.author);
        }
        Ok(())
    }

    /// Returns the places that merges took in on a lane, from an ordinal to another, both included.
    pub(crate) fn merged_into(&self, lane: u32, first: u32, last: u32) -> Result<Vec<(u32, u32)>, Error> {
        let mut sources = Vec::new();
        for entry in self.merges.range(position(lane, first)..=position(lane, last))? {
            let bytes = entry?.1;
            for place in bytes.value().chunks_exact(8) {
                let place = u64::from_be_bytes(place.try_into().map_err(|_| Error::corrupt("merge"))?);
                sources.push(commits::place(place));
            }
        }
        Ok(sources)
    }

    /// Returns the commit at a place.
    pub(crate) fn commit_at(&self, lane: u32, ordinal: u32) -> Result<Option<Placed>, Error> {
        if let Some(preview) = self.preview_where(|preview| preview.placed.lane == lane) {
            return Ok((ordinal == 1).then(|| preview.placed.clone()));
        }
        let Some(number) = self.positions.get(position(lane, ordinal))? else { return Ok(None) };
        self.commit_numbered(number.value()).map(Some)
    }

    /// Lays a commit over the tables, which has the documents that differ from its one parent; returns its
    /// place.
    pub(crate) fn preview(
        &mut self,
        commit: Commit,
        parent: &Placed,
        documents: &[DocumentDelta],
    ) -> Result<Placed, Error> {
        let number = self.numbers.last()?.map_or(0, |(number, _)| number.value() + 1);
        let lane = self.lanes.last()?.map_or(0, |(lane, _)| lane.value() + 1);
        let placed = Placed { commit, ontology: parent.ontology, number, lane, ordinal: 1, run: 1 };
        let at = (placed.clone(), (parent.lane, parent.ordinal));
        let preview = Preview::new(at, documents, &self.ids, dictionary::next(&self.terms)?)?;
        // What it calls new, a later commit may know by other ids.
        self.term_cache = Arc::default();
        self.preview = Some(Box::new(preview));
        Ok(placed)
    }
}

fn read_touched(key: &[u8]) -> Result<(u32, u64), Error> {
    let (number, mut subject) = key.split_first_chunk().ok_or_else(|| Error::corrupt("touched subject"))?;
    Ok((u32::from_be_bytes(*number), read_id(&mut subject)?))
}
