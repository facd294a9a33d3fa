//! Reading the index at one place of the history.

use super::ancestry::Ancestry;
use super::read_log::ReadLog;
use super::row_scan::open;
#[cfg(test)]
use super::rows_read;
use super::tables::Tables;
use crate::graph::index::commits::Placed;
use crate::graph::index::error::Error;
use crate::graph::index::rows::lifespan::{self, Lifespan, Lineage, read_open, visible};
use crate::graph::index::rows::time_bucket::Places;
use crate::graph::index::rows::{closed, key};
use crate::graph::index::storage::packed::{Cursor, Direction};
use crate::graph::index::terms::{dictionary, inline};
use crate::model::sync::cancellation::Cancellation;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};

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

    /// Returns how many commits are on the line of first parents up to here: each lane counts its own from 1.
    pub(crate) fn depth(&self) -> u64 {
        self.lineage.iter().map(|(_, ordinal)| u64::from(*ordinal)).sum()
    }

    /// Returns whether a place is on the line of first parents up to here.
    pub(crate) fn is_on_line(&self, lane: u32, ordinal: u32) -> bool {
        self.lineage.iter().any(|(own, last)| *own == lane && ordinal <= *last)
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
        let mut look = self.look();
        self.tables.each_row(prefix, |row, spans| {
            look()?;
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
        let mut look = self.look();
        let mut live = Cursor::new(&self.tables.live, prefix, &key::after(prefix), Direction::Forward)?;
        while live.step()? {
            #[cfg(test)]
            rows_read::add_one();
            look()?;
            for span in open(live.value())? {
                if !each(live.key(), &span)? {
                    return Ok(());
                }
            }
        }
        closed::each(&self.tables.by_lane, prefix, |row, spans| {
            #[cfg(test)]
            rows_read::add_one();
            look()?;
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

    /// Returns what a scan calls for each row: once in so many it refuses to go on where the read is not wanted any more.
    fn look(&self) -> impl FnMut() -> Result<(), Error> {
        let mut looks = (0_u32..).map(|row| row % ROWS_PER_LOOK == 0);
        move || if looks.next() == Some(true) { Ok(self.wanted.check()?) } else { Ok(()) }
    }

    /// Like [`Self::scan`], for the rows from `from` to before `to`.
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
        let mut look = self.look();
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
