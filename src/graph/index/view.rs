//! Reading the index at one place of the history.

use super::ancestry::Ancestry;
use super::commits::{self, Lane, Placed, lineage, position};
use super::lifespan::{Lifespan, Lineage, read_closed, read_open, visible};
use super::{
    COMMITS, DEAD, Error, IDS, KEYS, LANES, LIVE, MERGES, NUMBERS, POSITIONS, REFS, TERMS, rows, terms,
};
use crate::graph::commit::CommitId;
use oxigraph::model::{NamedNode, Term};
use redb::ReadOnlyTable;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::{OnceLock, PoisonError, RwLock};

type Bytes = &'static [u8];

/// The tables of the index as one transaction found them.
pub(crate) struct Tables {
    pub(super) terms: ReadOnlyTable<u64, Bytes>,
    pub(super) ids: ReadOnlyTable<Bytes, u64>,
    pub(super) live: ReadOnlyTable<Bytes, Bytes>,
    pub(super) dead: ReadOnlyTable<Bytes, Bytes>,
    pub(super) commits: ReadOnlyTable<Bytes, Bytes>,
    pub(super) numbers: ReadOnlyTable<u32, Bytes>,
    pub(super) positions: ReadOnlyTable<u64, u32>,
    pub(super) lanes: ReadOnlyTable<u32, Bytes>,
    pub(super) merges: ReadOnlyTable<u64, Bytes>,
    pub(super) refs: ReadOnlyTable<&'static str, Bytes>,
    pub(super) keys: ReadOnlyTable<&'static str, Bytes>,
}

impl Tables {
    pub(crate) fn open(read: &redb::ReadTransaction) -> Result<Self, Error> {
        Ok(Self {
            terms: read.open_table(TERMS)?,
            ids: read.open_table(IDS)?,
            live: read.open_table(LIVE)?,
            dead: read.open_table(DEAD)?,
            commits: read.open_table(COMMITS)?,
            numbers: read.open_table(NUMBERS)?,
            positions: read.open_table(POSITIONS)?,
            lanes: read.open_table(LANES)?,
            merges: read.open_table(MERGES)?,
            refs: read.open_table(REFS)?,
            keys: read.open_table(KEYS)?,
        })
    }

    /// Returns the commit that a full ref name stands for.
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

    /// Returns the commits made under an idempotency key: one, unless plain Git brought in a copy of it.
    pub(crate) fn keyed(&self, key: &str) -> Result<Vec<CommitId>, Error> {
        self.keys.get(key)?.map_or(Ok(Vec::new()), |ids| super::keys::read(ids.value()))
    }

    pub(crate) fn commit(&self, id: CommitId) -> Result<Option<Placed>, Error> {
        commits::find(id, &self.commits)
    }

    pub(crate) fn commit_numbered(&self, number: u32) -> Result<Placed, Error> {
        commits::by_number(number, &self.numbers, &self.commits)
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

    /// Returns the way from a commit's place down to lane 0.
    pub(crate) fn lineage(&self, at: &Placed) -> Result<Lineage, Error> {
        lineage(at.lane, at.ordinal, &self.lanes)
    }

    /// Returns the place that a lane forked from.
    pub(crate) fn fork(&self, lane: u32) -> Result<(u32, u32), Error> {
        let row = self.lanes.get(lane)?.ok_or_else(|| Error::corrupt("missing lane"))?;
        let row = Lane::read(row.value())?;
        Ok((row.parent, row.fork))
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
        let Some(number) = self.positions.get(position(lane, ordinal))? else { return Ok(None) };
        self.commit_numbered(number.value()).map(Some)
    }
}

fn commit_id(bytes: &[u8]) -> Result<CommitId, Error> {
    bytes.try_into().map(CommitId).map_err(|_| Error::corrupt("commit id"))
}

/// The index read at one place.
pub(crate) struct View {
    pub(crate) tables: Tables,
    lineage: Lineage,
    /// Whether ended lifespans can matter: not at the tip of a lane that has no parent.
    past: bool,
    /// The predicates met so far: they are few, and every statement has one.
    predicates: RwLock<HashMap<u64, NamedNode>>,
    ancestry: OnceLock<Ancestry>,
}

/// Which way a scan goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

impl View {
    pub(crate) fn new(tables: Tables, at: &Placed) -> Result<Self, Error> {
        let lineage = tables.lineage(at)?;
        let tip = tables.positions.get(position(at.lane, at.ordinal + 1))?.is_none();
        let past = lineage.len() > 1 || !tip;
        Ok(Self { tables, lineage, past, predicates: RwLock::default(), ancestry: OnceLock::new() })
    }

    pub(crate) fn id(&self, term: &Term) -> Result<Option<u64>, Error> {
        terms::find(term, &self.tables.ids)
    }

    pub(crate) fn id_of_bytes(&self, bytes: &[u8]) -> Result<Option<u64>, Error> {
        Ok(self.tables.ids.get(bytes)?.map(|id| id.value()))
    }

    /// Returns the IRIs whose dictionary bytes begin with `first`, with their ids.
    pub(crate) fn ids_beginning(&self, first: &[u8]) -> Result<Vec<(NamedNode, u64)>, Error> {
        let mut found = Vec::new();
        for entry in self.tables.ids.range(first..rows::after(first).as_slice())? {
            let (bytes, id) = entry?;
            if let Term::NamedNode(iri) = terms::from_bytes(bytes.value())? {
                found.push((iri, id.value()));
            }
        }
        Ok(found)
    }

    /// Returns the predicate of an id.
    pub(crate) fn predicate(&self, id: u64) -> Result<NamedNode, Error> {
        if let Some(known) = self.predicates.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(known.clone());
        }
        let Term::NamedNode(predicate) = self.term(id)? else {
            return Err(Error::corrupt("a predicate that is no IRI"));
        };
        self.predicates.write().unwrap_or_else(PoisonError::into_inner).insert(id, predicate.clone());
        Ok(predicate)
    }

    pub(crate) fn term(&self, id: u64) -> Result<Term, Error> {
        terms::resolve(id, &self.tables.terms)
    }

    /// Returns the number of the commit that first made the row, where the row is present.
    pub(crate) fn origin(&self, row: &[u8]) -> Result<Option<u32>, Error> {
        let mut spans = Vec::new();
        if let Some(open) = self.tables.live.get(row)? {
            read_open(open.value(), &mut spans)?;
        }
        if self.past {
            for entry in self.tables.dead.range(row..rows::after(row).as_slice())? {
                let (key, value) = entry?;
                spans.push(read_closed(key.value(), value.value())?.1);
            }
        }
        Ok(visible(&spans, &self.lineage))
    }

    /// Returns every row that begins with `prefix`, past or present, on any lane, with all its lifespans.
    pub(crate) fn lifespans_by_row(&self, prefix: &[u8]) -> Result<BTreeMap<Vec<u8>, Vec<Lifespan>>, Error> {
        let mut rows: BTreeMap<Vec<u8>, Vec<Lifespan>> = BTreeMap::new();
        self.each_lifespan(prefix, |row, span| {
            rows.entry(row.to_vec()).or_default().push(*span);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Calls `each` with every lifespan, past or present, on any lane, of the rows that begin with `prefix`.
    pub(crate) fn each_lifespan(
        &self,
        prefix: &[u8],
        mut each: impl FnMut(&[u8], &Lifespan) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let end = rows::after(prefix);
        let mut spans = Vec::new();
        for entry in self.tables.live.range(prefix..end.as_slice())? {
            let (row, open) = entry?;
            spans.clear();
            read_open(open.value(), &mut spans)?;
            spans.iter().try_for_each(|span| each(row.value(), span))?;
        }
        for entry in self.tables.dead.range(prefix..end.as_slice())? {
            let (key, value) = entry?;
            let (row, span) = read_closed(key.value(), value.value())?;
            each(row, &span)?;
        }
        Ok(())
    }

    /// Returns what lies behind this view's place, along all parents.
    pub(crate) fn ancestry(&self) -> Result<&Ancestry, Error> {
        if let Some(ancestry) = self.ancestry.get() {
            return Ok(ancestry);
        }
        let ancestry = Ancestry::of(&self.tables, &self.lineage)?;
        Ok(self.ancestry.get_or_init(|| ancestry))
    }

    /// Calls `each` with every present row that begins with `prefix` and its origin, until it says `false`.
    pub(crate) fn scan(
        &self,
        prefix: &[u8],
        direction: Direction,
        each: impl FnMut(&[u8], u32) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        self.scan_range(prefix, &rows::after(prefix), direction, each)
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
        let mut live = self.tables.live.range(from..to)?;
        let mut spans = Vec::new();
        if !self.past {
            while let Some(entry) = step(&mut live, direction) {
                let (key, value) = entry?;
                spans.clear();
                read_open(value.value(), &mut spans)?;
                if let Some(origin) = visible(&spans, &self.lineage)
                    && !each(key.value(), origin)?
                {
                    break;
                }
            }
            return Ok(());
        }
        let mut dead = self.tables.dead.range(from..to)?;
        let mut next_live = step(&mut live, direction).transpose()?;
        let mut next_dead = step(&mut dead, direction).transpose()?;
        let mut row = Vec::new();
        loop {
            row.clear();
            spans.clear();
            let ended = next_dead.as_ref().map(|(key, _)| closed_row(key.value()));
            let live_first = match (&next_live, ended) {
                (None, None) => return Ok(()),
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some((key, _)), Some(ended)) => match key.value().cmp(ended) {
                    Ordering::Equal => true,
                    order => (order == Ordering::Less) == (direction == Direction::Forward),
                },
            };
            if live_first && let Some((key, value)) = &next_live {
                row.extend_from_slice(key.value());
                read_open(value.value(), &mut spans)?;
                next_live = step(&mut live, direction).transpose()?;
            } else if let Some(ended) = ended {
                row.extend_from_slice(ended);
            }
            while let Some((key, value)) = &next_dead {
                if closed_row(key.value()) != row.as_slice() {
                    break;
                }
                let (_, span): (_, Lifespan) = read_closed(key.value(), value.value())?;
                spans.push(span);
                next_dead = step(&mut dead, direction).transpose()?;
            }
            if let Some(origin) = visible(&spans, &self.lineage)
                && !each(&row, origin)?
            {
                return Ok(());
            }
        }
    }
}

/// Returns the row of a closed lifespan's key.
pub(super) fn closed_row(key: &[u8]) -> &[u8] {
    &key[..key.len().saturating_sub(8)]
}

fn step<I: DoubleEndedIterator>(range: &mut I, direction: Direction) -> Option<I::Item> {
    match direction {
        Direction::Forward => range.next(),
        Direction::Backward => range.next_back(),
    }
}
