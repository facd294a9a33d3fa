//! Lifespans: when, on which lane, a row was so, and which commit first made it so.
//!
//! An open lifespan is written `lane << 1 | tombstone`, `born`, `origin`, each as LEB128; a live row's value is the list of
//! them. All others are stored as in [`closed`](super::closed).

use crate::graph::index::error::Error;
use crate::model::varint;

/// One lifespan; `died` is [`OPEN`] while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifespan {
    pub(crate) lane: u32,
    pub(crate) tombstone: bool,
    pub(crate) born: u32,
    pub(crate) died: u32,
    /// The number of the commit that first made the row.
    pub(crate) origin: u32,
}

/// The end of a lifespan that has none.
pub(crate) const OPEN: u32 = u32::MAX;

/// A place in the history and the way down from it: (lane, ordinal), then each parent lane at its fork.
pub(crate) type Lineage = Vec<(u32, u32)>;

/// Returns the origin where the row is present at the lineage's place.
pub(crate) fn visible(lifespans: &[Lifespan], lineage: &[(u32, u32)]) -> Option<u32> {
    deciding(lifespans, lineage).map(|span| span.origin)
}

/// Returns the lifespan by which the row is present at the lineage's place.
pub(crate) fn deciding<'a>(lifespans: &'a [Lifespan], lineage: &[(u32, u32)]) -> Option<&'a Lifespan> {
    for &(lane, ordinal) in lineage {
        let covering =
            lifespans.iter().find(|span| span.lane == lane && span.born <= ordinal && ordinal < span.died);
        if let Some(span) = covering {
            return (!span.tombstone).then_some(span);
        }
    }
    None
}

pub(crate) fn write_open(spans: &[Lifespan], into: &mut Vec<u8>) {
    for span in spans {
        varint::write(u64::from(span.lane) << 1 | u64::from(span.tombstone), into);
        varint::write(u64::from(span.born), into);
        varint::write(u64::from(span.origin), into);
    }
}

pub(crate) fn read_open(mut bytes: &[u8], into: &mut Vec<Lifespan>) -> Result<(), Error> {
    while !bytes.is_empty() {
        let head = read_varint(&mut bytes)?;
        let born = read_u32(&mut bytes)?;
        let origin = read_u32(&mut bytes)?;
        let lane = u32::try_from(head >> 1).map_err(|_| Error::corrupt("lane"))?;
        into.push(Lifespan { lane, tombstone: head & 1 == 1, born, died: OPEN, origin });
    }
    Ok(())
}

fn read_varint(bytes: &mut &[u8]) -> Result<u64, Error> {
    varint::read(bytes).ok_or_else(|| Error::corrupt("lifespan"))
}

pub(super) fn read_u32(bytes: &mut &[u8]) -> Result<u32, Error> {
    u32::try_from(read_varint(bytes)?).map_err(|_| Error::corrupt("lifespan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(lane: u32, tombstone: bool, born: u32, died: u32) -> Lifespan {
        Lifespan { lane, tombstone, born, died, origin: born }
    }

    #[test]
    fn the_first_lane_that_knows_decides() {
        // Made on main at 3; a branch from main's 5 removes it at its 2; a branch of that one, from its 1, still sees it.
        let spans = [span(0, false, 3, OPEN), span(1, true, 2, OPEN)];
        let check =
            |lineage: &[(u32, u32)], expect: Option<u32>| assert_eq!(visible(&spans, lineage), expect);
        check(&[(0, 2)], None);
        check(&[(0, 9)], Some(3));
        check(&[(1, 1), (0, 5)], Some(3));
        check(&[(1, 2), (0, 5)], None);
        check(&[(2, 7), (1, 1), (0, 5)], Some(3));
        check(&[(1, 1), (0, 2)], None);
    }

    #[test]
    fn bytes_round_trip() {
        let spans = [span(0, false, 3, OPEN), span(70_000, true, 2_000_000, OPEN)];
        let mut back = Vec::new();
        let mut bytes = Vec::new();
        write_open(&spans, &mut bytes);
        read_open(&bytes, &mut back).expect("own bytes");
        assert_eq!(back, spans);
    }
}
