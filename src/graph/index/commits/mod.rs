//! The place of each commit: its number, lane and ordinal, and what `log` and `since` read of it.
//!
//! A commit's value: number u32, lane u32, ordinal u32, ordinal u32 at which its run begins, effective time i64 (ns), order i64 (ns),
//! ontology tree 20 bytes, parent count u8 and
//! their ids, then author name, e-mail and message, each ended by NUL. A lane's: parent lane u32, fork ordinal u32,
//! branch; lane 0 has itself as parent. A number is greater than those of all commits behind it.
//!
//! The *effective* time of a commit is the time it was recorded, or one nanosecond after its first parent's where that is
//! later: plain Git makes several commits within a second. It follows from the history alone, so a rebuild gives the same.
//!
//! Where a commit of the service's own is recorded more than [`CLOCK_FAST_MAX`] before its first parent, the clock of that one
//! ran fast and was corrected: the commit keeps its time, or one jump of a clock would date all later commits. Times then
//! begin anew: a *run* is a stretch of a lane along which they strictly increase. The *order* of a commit is its time or one
//! nanosecond after its first parent's order, whichever is later, so that it always increases.

pub(crate) mod idempotency;

use super::error::Error;
use super::format::{COMMITS, LANES, MERGES, NUMBERS};
use super::rows::lifespan::Lineage;
use crate::graph::model::commit::{Author, Commit, CommitId};
use crate::graph::model::draft::Recorded;
use crate::graph::model::ref_name::is_vendor;
use crate::model::time::instant::Instant;
use redb::ReadableTable;

/// By so much, in nanoseconds, a commit may come before its first parent and still be dated after it: a clock that is disciplined
/// is stepped back by less than a second, and until then no instant leaves out the newest commit for longer.
pub(crate) const CLOCK_FAST_MAX: i64 = 1_000_000_000;

/// A commit with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) commit: Commit,
    /// The Git tree of its `ontology` folder.
    pub(crate) ontology: [u8; 20],
    pub(crate) number: u32,
    pub(crate) lane: u32,
    pub(crate) ordinal: u32,
    /// The ordinal at which the run of increasing times begins that the commit is in.
    pub(crate) run: u32,
}

impl Placed {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(128);
        for word in [self.number, self.lane, self.ordinal, self.run] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        for instant in [self.commit.time, self.commit.order] {
            bytes.extend_from_slice(&instant.nanos().to_be_bytes());
        }
        bytes.extend_from_slice(&self.ontology);
        // Git itself knows no commit with more parents than this.
        bytes.push(u8::try_from(self.commit.parents.len()).unwrap_or(u8::MAX));
        for parent in self.commit.parents.iter().take(usize::from(u8::MAX)) {
            bytes.extend_from_slice(&parent.0);
        }
        for text in [&self.commit.author.name, &self.commit.author.email, &self.commit.message] {
            bytes.extend(text.bytes().filter(|&b| b != 0));
            bytes.push(0);
        }
        bytes
    }

    pub(crate) fn read(id: CommitId, bytes: &[u8]) -> Result<Self, Error> {
        Reader(bytes).placed(id).ok_or_else(|| Error::corrupt("commit"))
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn placed(&mut self, id: CommitId) -> Option<Placed> {
        let (number, lane, ordinal, run) = (self.word()?, self.word()?, self.word()?, self.word()?);
        let mut instant = || self.take().map(i64::from_be_bytes).map(Instant::from_nanos);
        let (time, order) = (instant()?, instant()?);
        let ontology = self.take()?;
        let [count] = self.take()?;
        let parents = (0..count).map(|_| self.take().map(CommitId)).collect::<Option<_>>()?;
        let author = Author { name: self.text()?, email: self.text()?, by: None };
        let commit = Commit { id, parents, author, time, order, message: self.text()? };
        Some(Placed { commit, ontology, number, lane, ordinal, run })
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn word(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let end = self.0.iter().position(|&b| b == 0)?;
        let text = String::from_utf8(self.0[..end].to_vec()).ok()?;
        self.0 = &self.0[end + 1..];
        Some(text)
    }
}

/// Returns whether an instant is after another by more than a clock is stepped back.
pub(crate) fn is_well_after(one: Instant, other: Instant) -> bool {
    one > other.plus_nanos(CLOCK_FAST_MAX)
}

/// A lane: where it forked off and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lane {
    pub(crate) parent: u32,
    pub(crate) fork: u32,
    pub(crate) branch: String,
}

impl Lane {
    pub(crate) fn write(&self) -> Vec<u8> {
        [&self.parent.to_be_bytes(), &self.fork.to_be_bytes(), self.branch.as_bytes()].concat()
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let corrupt = || Error::corrupt("lane");
        let mut reader = Reader(bytes);
        let (parent, fork) = (reader.word().ok_or_else(corrupt)?, reader.word().ok_or_else(corrupt)?);
        let branch = String::from_utf8(reader.0.to_vec()).map_err(|_| corrupt())?;
        Ok(Self { parent, fork, branch })
    }
}

/// Returns whether a lane is a side lane, whose open lifespans `live` does not have: any but main's and those of sources. These have
/// nearly the same rows, and there are few of them; of the others there are as many as there ever were branches.
pub(crate) fn is_side(lane: u32, lanes: &impl ReadableTable<u32, &'static [u8]>) -> Result<bool, Error> {
    if lane == 0 {
        return Ok(false);
    }
    let row = lanes.get(lane)?.map(|row| Lane::read(row.value())).transpose()?;
    Ok(row.is_some_and(|row| !is_vendor(&row.branch)))
}

pub(crate) fn find(
    id: CommitId,
    commits: &impl ReadableTable<&'static [u8], &'static [u8]>,
) -> Result<Option<Placed>, Error> {
    commits.get(id.0.as_slice())?.map(|bytes| Placed::read(id, bytes.value())).transpose()
}

pub(crate) fn by_number(
    number: u32,
    numbers: &impl ReadableTable<u32, &'static [u8]>,
    commits: &impl ReadableTable<&'static [u8], &'static [u8]>,
) -> Result<Placed, Error> {
    let missing = || Error::corrupt("missing commit");
    let id = numbers.get(number)?.ok_or_else(missing)?;
    let id = CommitId(id.value().try_into().map_err(|_| missing())?);
    find(id, commits)?.ok_or_else(missing)
}

/// Returns the way from a place down to lane 0.
pub(crate) fn lineage(
    lane: u32,
    ordinal: u32,
    lanes: &impl ReadableTable<u32, &'static [u8]>,
) -> Result<Lineage, Error> {
    let mut way = vec![(lane, ordinal)];
    let mut lane = lane;
    while lane != 0 {
        let row = lanes.get(lane)?.ok_or_else(|| Error::corrupt("missing lane"))?;
        let row = Lane::read(row.value())?;
        way.push((row.parent, row.fork));
        lane = row.parent;
    }
    Ok(way)
}

/// The commit tables while an update writes to them.
pub(crate) struct Places<'txn> {
    pub(crate) commits: redb::Table<'txn, &'static [u8], &'static [u8]>,
    pub(crate) numbers: redb::Table<'txn, u32, &'static [u8]>,
    pub(crate) positions: redb::Table<'txn, u64, u32>,
    pub(crate) lanes: redb::Table<'txn, u32, &'static [u8]>,
    pub(crate) merges: redb::Table<'txn, u64, &'static [u8]>,
}

/// The key of a place in the `positions` table.
pub(crate) fn position(lane: u32, ordinal: u32) -> u64 {
    u64::from(lane) << 32 | u64::from(ordinal)
}

/// The place that a key of the `positions` table encodes.
pub(crate) fn place(position: u64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = position.to_be_bytes();
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}

impl<'txn> Places<'txn> {
    pub(crate) fn open(write: &'txn redb::WriteTransaction) -> Result<Self, Error> {
        Ok(Self {
            commits: write.open_table(COMMITS)?,
            numbers: write.open_table(NUMBERS)?,
            positions: write.open_table(super::format::POSITIONS)?,
            lanes: write.open_table(LANES)?,
            merges: write.open_table(MERGES)?,
        })
    }

    /// Gives the commit its place and writes it. A commit goes on the lane of its first parent where that lane is its
    /// branch's and ends there; else it opens a lane.
    pub(crate) fn place(&mut self, recorded: &Recorded, branch: &str) -> Result<Placed, Error> {
        let Recorded { mut commit, ontology, is_own, .. } = recorded.clone();
        let number = self.numbers.last()?.map_or(0, |(number, _)| number.value() + 1);
        let (lane, ordinal, run) = match commit.parents.first() {
            None => {
                let (lane, ordinal) = self.open_lane(0, 0, branch)?;
                (lane, ordinal, ordinal)
            }
            Some(&parent) => {
                let parent = find(parent, &self.commits)?.ok_or_else(|| Error::corrupt("missing parent"))?;
                let goes_on = self.branch_of(parent.lane)? == branch && self.is_tip(&parent)?;
                // A history of another system begins at the thread's first commit, with dates before it.
                let is_after = goes_on || !parent.commit.parents.is_empty();
                let is_put_right = is_own && is_well_after(parent.commit.time, commit.time);
                if is_after && !is_put_right {
                    commit.time = commit.time.max(parent.commit.time.plus_nanos(1));
                }
                commit.order = match is_after {
                    true => commit.time.max(parent.commit.order.plus_nanos(1)),
                    false => commit.time,
                };
                if goes_on {
                    let ordinal = parent.ordinal + 1;
                    (parent.lane, ordinal, if is_put_right { ordinal } else { parent.run })
                } else {
                    let (lane, ordinal) = self.open_lane(parent.lane, parent.ordinal, branch)?;
                    (lane, ordinal, ordinal)
                }
            }
        };
        let placed = Placed { commit, ontology, number, lane, ordinal, run };
        self.commits.insert(placed.commit.id.0.as_slice(), placed.write().as_slice())?;
        self.numbers.insert(number, placed.commit.id.0.as_slice())?;
        self.positions.insert(position(lane, ordinal), number)?;
        self.note_merge(&placed)?;
        Ok(placed)
    }

    /// Gives a placed commit the name that it has got by now.
    pub(crate) fn name(
        &mut self,
        mut placed: Placed,
        commit: Commit,
        ontology: [u8; 20],
    ) -> Result<(), Error> {
        self.commits.remove(placed.commit.id.0.as_slice())?;
        let Commit { time, order, .. } = placed.commit;
        placed.commit = Commit { time, order, ..commit };
        placed.ontology = ontology;
        self.commits.insert(placed.commit.id.0.as_slice(), placed.write().as_slice())?;
        self.numbers.insert(placed.number, placed.commit.id.0.as_slice())?;
        Ok(())
    }

    /// Takes the last commit of a lane off it; a lane with nothing left goes.
    pub(crate) fn remove(&mut self, placed: &Placed) -> Result<(), Error> {
        self.commits.remove(placed.commit.id.0.as_slice())?;
        self.numbers.remove(placed.number)?;
        self.positions.remove(position(placed.lane, placed.ordinal))?;
        self.merges.remove(position(placed.lane, placed.ordinal))?;
        if placed.ordinal == 1 {
            self.lanes.remove(placed.lane)?;
        }
        Ok(())
    }

    /// Notes what a merge took in; of a place that holds no merge nothing is left from its earlier commit.
    fn note_merge(&mut self, placed: &Placed) -> Result<(), Error> {
        let here = position(placed.lane, placed.ordinal);
        let mut sources = Vec::new();
        for &parent in placed.commit.parents.iter().skip(1) {
            let parent = find(parent, &self.commits)?.ok_or_else(|| Error::corrupt("missing parent"))?;
            sources.extend_from_slice(&position(parent.lane, parent.ordinal).to_be_bytes());
        }
        match sources.is_empty() {
            true => drop(self.merges.remove(here)?),
            false => drop(self.merges.insert(here, sources.as_slice())?),
        }
        Ok(())
    }

    fn branch_of(&self, lane: u32) -> Result<String, Error> {
        let row = self.lanes.get(lane)?.ok_or_else(|| Error::corrupt("missing lane"))?;
        Ok(Lane::read(row.value())?.branch)
    }

    fn is_tip(&self, placed: &Placed) -> Result<bool, Error> {
        Ok(self.positions.get(position(placed.lane, placed.ordinal + 1))?.is_none())
    }

    fn open_lane(&mut self, parent: u32, fork: u32, branch: &str) -> Result<(u32, u32), Error> {
        let lane = self.lanes.last()?.map_or(0, |(lane, _)| lane.value() + 1);
        let row = Lane { parent, fork, branch: branch.to_owned() };
        self.lanes.insert(lane, row.write().as_slice())?;
        Ok((lane, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip() {
        let id = CommitId([7; 20]);
        let commit = Commit {
            id,
            parents: vec![CommitId([1; 20]), CommitId([2; 20])],
            author: Author { name: "Ada".to_owned(), email: "ada@example.org".to_owned(), by: None },
            time: Instant::from_nanos(-5),
            order: Instant::from_nanos(7),
            message: "Tighten the limit\n".to_owned(),
        };
        let placed = Placed { commit, ontology: [9; 20], number: 3, lane: 1, ordinal: 2, run: 1 };
        assert_eq!(Placed::read(id, &placed.write()).expect("own bytes"), placed);
        assert!(Placed::read(id, &placed.write()[..60]).is_err());
    }
}
