//! Reading the index at one place of the history.

use super::ancestry::Ancestry;
use super::preview::Preview;
use super::read_log::ReadLog;
use crate::graph::index::commits::{self, Lane, Placed, lineage, position};
use crate::graph::index::error::Error;
use crate::graph::index::format::{
    BY_LANE, Bytes, COMMITS, IDS, KEYS, LANES, LIVE, MERGES, NUMBERS, POSITIONS, REFS, TERMS, TOUCHED,
};
use crate::graph::index::rows::lifespan::{self, Lifespan, Lineage, read_open, visible};
use crate::graph::index::rows::time_bucket::Places;
use crate::graph::index::rows::{closed, key};
use crate::graph::index::stamps::commit_id;
pub(crate) use crate::graph::index::storage::packed::Direction;
use crate::graph::index::storage::packed::{self, Cursor};
use crate::graph::index::terms::codes::read_id;
use crate::graph::index::terms::term_cache::TermCache;
use crate::graph::index::terms::{dictionary, inline};
use crate::graph::model::commit::CommitId;
use crate::graph::model::ref_name::is_vendor;
use crate::graph::model::stamps::Stamps;
use crate::model::sync::cancellation::Cancellation;
use oxigraph::model::{NamedNode, Term};
use redb::{ReadOnlyTable, ReadableTableMetadata as _};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};

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

/// So many rows are in memory at once while all are read; few in tests, so that they read in parts.
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
        crate::graph::index::stamps::read(&self.refs)
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
    fn term(&self, id: u64) -> Result<Term, Error> {
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

    /// Returns the rows from `from` to before `to`, each with those of its lifespans that are in `live`, of the preview, or cover one of
    /// some places.
    fn rows<'a>(
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
        rows_read::add_one();
        let mut live = Cursor::new(&self.live, from, to, direction)?;
        let mut by_lane = closed::Scan::new(&self.by_lane, places, from, to, direction)?;
        let (is_live, is_by_lane) = (live.step()?, by_lane.step()?);
        let (row, spans) = (Vec::new(), Vec::new());
        Ok(Rows { live, by_lane, is_live, is_by_lane, preview, direction, row, spans })
    }

    /// Returns those of a row's lifespans that are in `live`, of the preview, or cover one of some places.
    fn lifespans(&self, row: &[u8], places: &Places) -> Result<Vec<Lifespan>, Error> {
        let mut spans = Vec::new();
        if let Some(open) = packed::get(&self.live, row)? {
            read_open(&open, &mut spans)?;
        }
        closed::of_row(&self.by_lane, row, places, &mut spans)?;
        spans.extend(self.preview.as_ref().and_then(|preview| preview.row(row)));
        Ok(spans)
    }

    /// Returns what a previewed commit does to the rows from `from` to before `to`, in their order.
    fn preview_rows(&self, from: &[u8], to: &[u8]) -> Vec<(&[u8], Lifespan)> {
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
        let row = self.lanes.get(lane)?;
        let lane = row.map(|row| Lane::read(row.value())).transpose()?;
        Ok(lane.is_some_and(|lane| is_vendor(&lane.branch)))
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
}

fn read_touched(key: &[u8]) -> Result<(u32, u64), Error> {
    let (number, mut subject) = key.split_first_chunk().ok_or_else(|| Error::corrupt("touched subject"))?;
    Ok((u32::from_be_bytes(*number), read_id(&mut subject)?))
}

/// The index read at one place.
pub(crate) struct View {
    pub(crate) tables: Tables,
    lineage: Lineage,
    /// Where lifespans matter that `live` does not have: not at the end of a main lane.
    by_lane: Places,
    ancestry: OnceLock<Ancestry>,
    /// Whether reads are still wanted: asked before each scan and once in so many rows.
    pub(crate) wanted: Cancellation,
    /// Notes what is read, where that matters.
    pub(crate) log: Option<Arc<ReadLog>>,
}

/// Once in so many rows a scan looks whether it is still wanted.
const ROWS_PER_LOOK: u32 = 256;

impl View {
    pub(crate) fn new(tables: Tables, at: &Placed) -> Result<Self, Error> {
        let lineage = tables.lineage(at)?;
        let by_lane = Places::read_at(&tables, lineage.iter().copied())?;
        let (ancestry, wanted) = (OnceLock::new(), Cancellation::default());
        Ok(Self { tables, lineage, by_lane, ancestry, wanted, log: None })
    }

    /// Notes that something is read of which nobody knows what changes it.
    pub(crate) fn note_more(&self) {
        if let Some(log) = &self.log {
            log.note_more();
        }
    }

    pub(crate) fn id(&self, term: &Term) -> Result<Option<u64>, Error> {
        match inline::inline(term) {
            Some(id) => Ok(Some(id)),
            None => self.id_of_bytes(&dictionary::bytes(term)),
        }
    }

    pub(crate) fn id_of_bytes(&self, bytes: &[u8]) -> Result<Option<u64>, Error> {
        let id = self.tables.id(bytes)?;
        if let (None, Some(log)) = (id, &self.log) {
            log.note_unknown(bytes);
        }
        Ok(id)
    }

    /// Returns the IRI of an id.
    pub(crate) fn iri(&self, id: u64) -> Result<NamedNode, Error> {
        match self.term(id)? {
            Term::NamedNode(iri) => Ok(iri),
            _ => Err(Error::corrupt("a subject or predicate that is no IRI")),
        }
    }

    pub(crate) fn term(&self, id: u64) -> Result<Term, Error> {
        self.tables.term(id)
    }

    /// Returns the number of the commit that first made the row, where the row is present.
    pub(crate) fn origin(&self, row: &[u8]) -> Result<Option<u32>, Error> {
        self.note_more();
        Ok(visible(&self.tables.lifespans(row, &self.by_lane)?, &self.lineage))
    }

    /// Returns the lifespan by which the row is present at any place.
    pub(crate) fn deciding(&self, row: &[u8], lineage: &Lineage) -> Result<Option<Lifespan>, Error> {
        self.note_more();
        let places = Places::read_at(&self.tables, lineage.iter().copied())?;
        Ok(lifespan::deciding(&self.tables.lifespans(row, &places)?, lineage).copied())
    }

    /// Calls `each` with every row that begins with `prefix` and is present at one of two places, and at which.
    pub(crate) fn each_at(
        &self,
        prefix: &[u8],
        at: &TwoPlaces,
        mut each: impl FnMut(&[u8], [bool; 2]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.note_more();
        let mut rows = self.tables.rows(&at.by_lane, [prefix, &key::after(prefix)], Direction::Forward)?;
        while rows.step()? {
            #[cfg(test)]
            rows_read::add_one();
            let present = at.lineages.each_ref().map(|place| visible(&rows.spans, place).is_some());
            if present.contains(&true) {
                each(&rows.row, present)?;
            }
        }
        Ok(())
    }

    /// Returns every row that begins with `prefix`, past or present, on any lane, with all its lifespans.
    pub(crate) fn lifespans_by_row(&self, prefix: &[u8]) -> Result<BTreeMap<Vec<u8>, Vec<Lifespan>>, Error> {
        self.note_more();
        let mut rows: BTreeMap<Vec<u8>, Vec<Lifespan>> = BTreeMap::new();
        self.tables.each_row(prefix, |row, spans| {
            rows.insert(row.to_vec(), spans.to_vec());
            Ok(())
        })?;
        Ok(rows)
    }

    /// Calls `each` with the lifespans, past or present, on any lane, of the rows that begin with `prefix`, until it returns `false`; in no
    /// order.
    pub(crate) fn each_lifespan(
        &self,
        prefix: &[u8],
        mut each: impl FnMut(&[u8], &Lifespan) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        self.note_more();
        for (row, span) in self.tables.preview_rows(prefix, &key::after(prefix)) {
            if !each(row, &span)? {
                return Ok(());
            }
        }
        let mut live = Cursor::new(&self.tables.live, prefix, &key::after(prefix), Direction::Forward)?;
        while live.step()? {
            #[cfg(test)]
            rows_read::add_one();
            for span in open(live.value())? {
                if !each(live.key(), &span)? {
                    return Ok(());
                }
            }
        }
        closed::each(&self.tables.by_lane, prefix, |row, spans| {
            #[cfg(test)]
            rows_read::add_one();
            for span in spans {
                if !each(row, span)? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Returns how far a place lies behind this one along first parents, in lanes and commits; `None` where it does not.
    pub(crate) fn distance_from(&self, (lane, ordinal): (u32, u32)) -> Option<(usize, u32)> {
        let found = self.lineage.iter().enumerate().find(|(_, (own, _))| *own == lane);
        found.and_then(|(at, (_, last))| Some((at, last.checked_sub(ordinal)?)))
    }

    /// Returns the subjects that were touched after an ancestor along first parents; `None` where more than `most` were,
    /// counted once a commit.
    pub(crate) fn touched_since(
        &self,
        (lane, ordinal): (u32, u32),
        most: usize,
    ) -> Result<Option<HashSet<u64>>, Error> {
        self.note_more();
        let (mut subjects, mut left) = (HashSet::new(), most);
        let all = key::prefix(key::SPO, &[]);
        for (row, _) in self.tables.preview_rows(&all, &key::after(&all)) {
            subjects.insert(key::id(row, 0)?);
        }
        for &(own, last) in &self.lineage {
            let first = if own == lane { ordinal + 1 } else { 1 };
            if !self.tables.add_touched(own, first, last, &mut subjects, &mut left)? {
                return Ok(None);
            }
            if own == lane {
                break;
            }
        }
        Ok(Some(subjects))
    }

    /// Returns what lies behind this view's place, along all parents.
    pub(crate) fn ancestry(&self) -> Result<&Ancestry, Error> {
        self.note_more();
        if let Some(ancestry) = self.ancestry.get() {
            return Ok(ancestry);
        }
        let ancestry = Ancestry::of(&self.tables, &self.lineage)?;
        Ok(self.ancestry.get_or_init(|| ancestry))
    }

    /// Calls `each` with every present row that begins with `prefix` and its origin, until it returns `false`.
    pub(crate) fn scan(
        &self,
        prefix: &[u8],
        direction: Direction,
        each: impl FnMut(&[u8], u32) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        self.scan_range(prefix, &key::after(prefix), direction, each)
    }

    /// Does as [`Self::scan`] for the rows from `from` to before `to`.
    pub(crate) fn scan_range(
        &self,
        from: &[u8],
        to: &[u8],
        direction: Direction,
        mut each: impl FnMut(&[u8], u32) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        if from >= to {
            return Ok(());
        }
        if let Some(log) = &self.log {
            log.note_range(from, to);
        }
        let mut looks = (0_u32..).map(|row| row % ROWS_PER_LOOK == 0);
        let mut look = || if looks.next() == Some(true) { self.wanted.check() } else { Ok(()) };
        if self.by_lane.is_empty() && self.tables.preview.is_none() {
            #[cfg(test)]
            rows_read::add_one();
            let mut spans = Vec::new();
            let mut live = Cursor::new(&self.tables.live, from, to, direction)?;
            while live.step()? {
                #[cfg(test)]
                rows_read::add_one();
                look()?;
                spans.clear();
                read_open(live.value(), &mut spans)?;
                if let Some(origin) = visible(&spans, &self.lineage)
                    && !each(live.key(), origin)?
                {
                    break;
                }
            }
            return Ok(());
        }
        let mut rows = self.tables.rows(&self.by_lane, [from, to], direction)?;
        while rows.step()? {
            #[cfg(test)]
            rows_read::add_one();
            look()?;
            if let Some(origin) = visible(&rows.spans, &self.lineage)
                && !each(&rows.row, origin)?
            {
                break;
            }
        }
        Ok(())
    }
}

/// Rows one after the other, each with its lifespans.
struct Rows<'a> {
    live: Cursor<'a>,
    by_lane: closed::Scan<'a, ReadOnlyTable<Bytes, Bytes>>,
    /// Whether the cursors are at an entry.
    is_live: bool,
    is_by_lane: bool,
    /// What a previewed commit does to rows, the next one last.
    preview: Vec<(&'a [u8], Lifespan)>,
    direction: Direction,
    /// The row it is at, and its lifespans.
    row: Vec<u8>,
    spans: Vec<Lifespan>,
}

impl Rows<'_> {
    /// Goes to the next row; `false` at the end.
    fn step(&mut self) -> Result<bool, Error> {
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

/// Two places to read at once.
pub(crate) struct TwoPlaces {
    lineages: [Lineage; 2],
    by_lane: Places,
}

impl TwoPlaces {
    pub(crate) fn new(tables: &Tables, lineages: [Lineage; 2]) -> Result<Self, Error> {
        let by_lane = Places::read_at(tables, lineages.iter().flatten().copied())?;
        Ok(Self { lineages, by_lane })
    }
}

fn open(value: &[u8]) -> Result<Vec<Lifespan>, Error> {
    let mut spans = Vec::new();
    read_open(value, &mut spans)?;
    Ok(spans)
}

impl Places {
    /// Gathers places to be read: no closed lifespan covers the end of a lane, and `live` has the open ones of a main lane.
    pub(crate) fn read_at(
        tables: &Tables,
        places: impl IntoIterator<Item = (u32, u32)>,
    ) -> Result<Self, Error> {
        let (mut closed, mut open) = (Vec::new(), Vec::new());
        for (lane, ordinal) in places {
            if !tables.is_end(lane, ordinal)? {
                closed.push((lane, ordinal));
            }
            if tables.is_side(lane)? {
                open.push((lane, ordinal));
            }
        }
        Ok(Self::new(&closed, &open))
    }
}

/// Counts the scans that a thread begins and the rows that it reads.
#[cfg(test)]
pub(crate) mod rows_read {
    use std::cell::Cell;

    thread_local!(static READ: Cell<usize> = const { Cell::new(0) });

    pub(in crate::graph) fn add_one() {
        READ.set(READ.get() + 1);
    }

    /// Returns how many rows some work reads.
    pub(crate) fn during<T>(work: impl FnOnce() -> T) -> (T, usize) {
        READ.set(0);
        let done = work();
        (done, READ.get())
    }
}
