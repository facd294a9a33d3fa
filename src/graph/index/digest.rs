//! The content of an index as a number that does not depend on its layout: an index kept up through any history and one
//! rebuilt from Git have the same digest.
//!
//! Lanes, ordinals, numbers and term ids are an index's own business. So what is digested are events: a row begins at a
//! commit (with its origin), a row ends at a commit. A tombstone is an end, unless it is beside the end of a
//! present lifespan at the same place. An event is hashed with the bytes of its terms (SHA-256, 128 bits of it); hashes are added
//! up, so that their order does not matter. Beside the rows: whom each commit touched, each commit with the commits it
//! is based on, refs, and keys.

use super::commits::{Lane, Placed, position};
use super::error::Error;
use super::indexed_refs::commit_id;
use super::read::tables::Tables;
use super::rows::key;
use super::rows::lifespan::{Lifespan, OPEN};
use super::storage::packed::{Cursor, Direction};
use super::terms::codes::read_id;
use super::terms::dictionary;
use crate::graph::model::commit::CommitId;
use redb::ReadableTable;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt;

/// How many term hashes are remembered.
const TERMS_MAX: usize = 1_000_000;

/// The digest of an index's content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) begun: Sum,
    pub(crate) ended: Sum,
    pub(crate) touched: Sum,
    pub(crate) commits: Sum,
    pub(crate) refs: Sum,
    pub(crate) keys: Sum,
}

/// Hashes added up, and how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) count: u64,
    total: u128,
}

impl Sum {
    fn add(&mut self, parts: &[&[u8]]) {
        self.count += 1;
        self.total = self.total.wrapping_add(u128::from_be_bytes(hash(parts)));
    }
}

impl Digest {
    fn parts(&self) -> [(&'static str, Sum); 6] {
        [
            ("rows begun", self.begun),
            ("rows ended", self.ended),
            ("subjects touched", self.touched),
            ("commits", self.commits),
            ("refs", self.refs),
            ("idempotency keys", self.keys),
        ]
    }

    /// Returns what differs between this index and another, as one line each.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let pairs = self.parts().into_iter().zip(other.parts());
        let differing = pairs.filter(|((_, a), (_, b))| a != b);
        differing.map(|((what, a), (_, b))| format!("{what}: {} here, {} there", a.count, b.count)).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals: Vec<u8> = self.parts().iter().flat_map(|(_, sum)| sum.total.to_be_bytes()).collect();
        hash(&[&totals]).iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn hash(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    for part in parts {
        // With its length, so that no two lists of parts run together.
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hasher.finalize()[..16]);
    short
}

/// Digests all that an index holds.
pub(crate) fn digest(tables: &Tables) -> Result<Digest, Error> {
    let places = Places::read(tables)?;
    let mut events = Events { tables, places, terms: HashMap::new(), digest: Digest::default() };
    for entry in tables.refs.iter()? {
        let (name, id) = entry?;
        events.digest.refs.add(&[name.value().as_bytes(), id.value()]);
    }
    for entry in tables.keys.iter()? {
        let (key, ids) = entry?;
        events.digest.keys.add(&[key.value().as_bytes(), ids.value()]);
    }
    for entry in tables.commits.iter()? {
        let (id, placed) = entry?;
        events.commit(&Placed::read(commit_id(id.value())?, placed.value())?)?;
    }
    let mut touched = Cursor::new(&tables.touched, &[], &[u8::MAX; 5], Direction::Forward)?;
    while touched.step()? {
        events.touched(touched.key())?;
    }
    tables.each_row(&[], |row, spans| events.row(row, spans))?;
    Ok(events.digest)
}

/// Which commit is where.
struct Places {
    by_number: HashMap<u32, CommitId>,
    by_place: HashMap<u64, CommitId>,
    lanes: HashMap<u32, Lane>,
}

impl Places {
    fn read(tables: &Tables) -> Result<Self, Error> {
        let (mut by_number, mut by_place, mut lanes) = (HashMap::new(), HashMap::new(), HashMap::new());
        for entry in tables.numbers.iter()? {
            let (number, id) = entry?;
            by_number.insert(number.value(), commit_id(id.value())?);
        }
        for entry in tables.positions.iter()? {
            let (place, number) = entry?;
            let id = by_number.get(&number.value()).ok_or_else(|| Error::corrupt("missing number"))?;
            by_place.insert(place.value(), *id);
        }
        for entry in tables.lanes.iter()? {
            let (lane, row) = entry?;
            lanes.insert(lane.value(), Lane::read(row.value())?);
        }
        Ok(Self { by_number, by_place, lanes })
    }

    fn at(&self, lane: u32, ordinal: u32) -> Result<CommitId, Error> {
        self.by_place.get(&position(lane, ordinal)).copied().ok_or_else(|| Error::corrupt("missing place"))
    }

    fn numbered(&self, number: u32) -> Result<CommitId, Error> {
        self.by_number.get(&number).copied().ok_or_else(|| Error::corrupt("missing number"))
    }

    /// Returns the commit that a commit is based on, by its place.
    fn below(&self, placed: &Placed) -> Result<Option<CommitId>, Error> {
        if placed.ordinal > 1 {
            return self.at(placed.lane, placed.ordinal - 1).map(Some);
        }
        let lane = self.lanes.get(&placed.lane).ok_or_else(|| Error::corrupt("missing lane"))?;
        if lane.fork == 0 { Ok(None) } else { self.at(lane.parent, lane.fork).map(Some) }
    }
}

struct Events<'a> {
    tables: &'a Tables,
    places: Places,
    /// Hashes of terms met before.
    terms: HashMap<u64, [u8; 16]>,
    digest: Digest,
}

impl Events<'_> {
    fn commit(&mut self, placed: &Placed) -> Result<(), Error> {
        let commit = &placed.commit;
        let is_placed = self.places.at(placed.lane, placed.ordinal)? == commit.id
            && self.places.numbered(placed.number)? == commit.id
            && self.places.below(placed)? == commit.parents.first().copied();
        let merged = self.tables.merged_into(placed.lane, placed.ordinal, placed.ordinal)?;
        let merged = merged.into_iter().map(|(lane, ordinal)| self.places.at(lane, ordinal));
        let others = commit.parents.iter().skip(1).copied();
        if !is_placed || merged.collect::<Result<Vec<_>, _>>()? != others.collect::<Vec<_>>() {
            return Err(Error::corrupt("a commit that is not at its place"));
        }
        let parents: Vec<u8> = commit.parents.iter().flat_map(|parent| parent.0).collect();
        self.digest.commits.add(&[
            &commit.id.0,
            &parents,
            &commit.time.nanos().to_be_bytes(),
            &commit.order.nanos().to_be_bytes(),
            &placed.ontology,
            commit.author.name.as_bytes(),
            commit.author.email.as_bytes(),
            commit.message.as_bytes(),
        ]);
        Ok(())
    }

    fn touched(&mut self, key: &[u8]) -> Result<(), Error> {
        let (number, mut subject) = key.split_first_chunk().ok_or_else(|| Error::corrupt("touched"))?;
        let commit = self.places.numbered(u32::from_be_bytes(*number))?;
        let subject = self.term(read_id(&mut subject)?)?;
        self.digest.touched.add(&[&commit.0, &subject]);
        Ok(())
    }

    fn row(&mut self, row: &[u8], spans: &[Lifespan]) -> Result<(), Error> {
        let name = self.name(row)?;
        for span in spans.iter().filter(|span| !span.tombstone) {
            let (begins, origin) =
                (self.places.at(span.lane, span.born)?, self.places.numbered(span.origin)?);
            self.digest.begun.add(&[&name, &begins.0, &origin.0]);
            if span.died != OPEN {
                self.digest.ended.add(&[&name, &self.places.at(span.lane, span.died)?.0]);
            }
        }
        for tombstone in spans.iter().filter(|span| span.tombstone) {
            let beside = |span: &Lifespan| {
                !span.tombstone && span.lane == tombstone.lane && span.died == tombstone.born
            };
            if !spans.iter().any(beside) {
                self.digest.ended.add(&[&name, &self.places.at(tombstone.lane, tombstone.born)?.0]);
            }
        }
        Ok(())
    }

    /// Returns a row's bytes with the hashes of its terms in place of their ids.
    fn name(&mut self, row: &[u8]) -> Result<Vec<u8>, Error> {
        let mut name = row.get(..1).ok_or_else(|| Error::corrupt("row"))?.to_vec();
        name.extend(self.term(key::id(row, 0)?)?);
        name.extend(self.term(key::id(row, 1)?)?);
        if name[0] == key::FRAGMENTS {
            return Ok(name);
        }
        let last = if name[0] == key::ORDERED {
            let (value, subject) = key::value_and_subject(row)?;
            name.extend_from_slice(value);
            subject
        } else {
            key::id(row, 2)?
        };
        name.extend(self.term(last)?);
        Ok(name)
    }

    fn term(&mut self, id: u64) -> Result<[u8; 16], Error> {
        if let Some(known) = self.terms.get(&id) {
            return Ok(*known);
        }
        // An id with its value inline needs no dictionary.
        let hash = if id >> 60 != 0 || id == key::OWN_IRI {
            hash(&[&id.to_be_bytes()])
        } else {
            let bytes = dictionary::bytes_of(id, &self.tables.terms)?;
            if dictionary::find_bytes(&bytes, &self.tables.ids)? != Some(id) {
                return Err(Error::corrupt("a term that its text does not lead to"));
            }
            hash(&[&bytes])
        };
        if self.terms.len() >= TERMS_MAX {
            self.terms.clear();
        }
        self.terms.insert(id, hash);
        Ok(hash)
    }
}

#[cfg(test)]
impl Tables {
    /// Counts commits, lanes and lifespans.
    pub(crate) fn size(&self) -> Result<(usize, usize, usize), Error> {
        let mut lifespans = 0;
        self.each_row(&[], |_, spans| {
            lifespans += spans.len();
            Ok(())
        })?;
        Ok((self.commits.iter()?.count(), self.lanes.iter()?.count(), lifespans))
    }
}
