//! Slots of time: stretches of a lane's ordinals, each within a longer one.
//!
//! At height 0 a slot has 32 ordinals, at every further height 32 slots of the height below. A lifespan belongs to the smallest
//! slot that holds all of it; so of lifespans that follow each other no slot has more than 32, as each lies in a slot below of its
//! own or crosses from one into the next.

use super::Error;
use super::codes::{read_id, write_id};
use super::lifespan::Lifespan;
use super::view::Tables;

/// How many bits of an ordinal one height tells; few in tests, so that they meet many heights.
const BITS: u32 = if cfg!(test) { 1 } else { 5 };

/// A stretch of a lane's ordinals. Sorted as keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) lane: u32,
    /// The first ordinal.
    pub(super) start: u32,
    height: u8,
}

impl Slot {
    /// Returns the slot of a height that holds an ordinal.
    fn at(lane: u32, ordinal: u32, height: u8) -> Self {
        let bits = BITS * (u32::from(height) + 1);
        let start = ordinal.checked_shr(bits).map_or(0, |number| number << bits);
        Self { lane, start, height }
    }

    /// Returns the smallest slot that holds a whole lifespan.
    pub(super) fn of(span: &Lifespan) -> Self {
        let last = span.died.saturating_sub(1).max(span.born);
        let mut heights = Self::heights(span.lane, span.born);
        heights.find(|slot| *slot == Self::at(span.lane, last, slot.height)).unwrap_or(Self {
            lane: span.lane,
            start: 0,
            height: u8::MAX,
        })
    }

    /// Returns the slots that hold an ordinal, the smallest first; the last one holds all ordinals.
    fn heights(lane: u32, ordinal: u32) -> impl Iterator<Item = Self> {
        let highest = u8::try_from(u32::BITS / BITS).unwrap_or(u8::MAX);
        (0..=highest).map(move |height| Self::at(lane, ordinal, height))
    }

    pub(super) fn write(self, into: &mut Vec<u8>) {
        write_id(u64::from(self.lane), into);
        write_id(u64::from(self.start >> BITS), into);
        into.push(self.height);
    }

    pub(super) fn read(bytes: &mut &[u8]) -> Result<Self, Error> {
        let corrupt = || Error::corrupt("slot");
        let lane = u32::try_from(read_id(bytes)?).map_err(|_| corrupt())?;
        let start = u32::try_from(read_id(bytes)? << BITS).map_err(|_| corrupt())?;
        let (&height, rest) = bytes.split_first().ok_or_else(corrupt)?;
        *bytes = rest;
        Ok(Self { lane, start, height })
    }
}

/// Places of the history at which ended lifespans are asked for, and the slots that hold them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    places: Vec<(u32, u32)>,
    pub(super) slots: Vec<Slot>,
}

impl Places {
    pub(crate) fn new(places: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut places: Vec<_> = places.into_iter().collect();
        places.sort_unstable();
        places.dedup();
        let mut slots: Vec<_> =
            places.iter().flat_map(|&(lane, ordinal)| Slot::heights(lane, ordinal)).collect();
        slots.sort_unstable();
        slots.dedup();
        Self { places, slots }
    }

    /// Leaves out the ends of lanes, which no ended lifespan covers.
    pub(crate) fn past(tables: &Tables, places: impl IntoIterator<Item = (u32, u32)>) -> Result<Self, Error> {
        let mut past = Vec::new();
        for (lane, ordinal) in places {
            if !tables.is_end(lane, ordinal)? {
                past.push((lane, ordinal));
            }
        }
        Ok(Self::new(past))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn are_met_by(&self, span: &Lifespan) -> bool {
        let covered =
            |&(lane, ordinal): &(u32, u32)| lane == span.lane && span.born <= ordinal && ordinal < span.died;
        self.places.iter().any(covered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// However long each value lasted, a read passes over no more than a slot of each height holds.
        #[test]
        fn no_slot_holds_many_values_of_one_property(lasted in prop::collection::vec(1..70_u32, 1..400)) {
            let mut slots: BTreeMap<Slot, u32> = BTreeMap::new();
            let mut born = 1;
            for lasts in lasted {
                *slots.entry(Slot::of(&Lifespan { lane: 0, tombstone: false, born, died: born + lasts, origin: 0 })).or_default() += 1;
                born += lasts;
            }
            prop_assert!(slots.values().all(|count| *count <= 1 << BITS));
        }
    }
}
