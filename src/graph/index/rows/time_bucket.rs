//! Slots of time: stretches of a lane's ordinals, each within a longer one.
//!
//! At height 0 a slot has 32 ordinals, at every further height 32 slots of the height below. A lifespan belongs to the smallest
//! slot that holds all of it; so of lifespans that follow each other no slot has more than 32, as each lies in a slot below of its
//! own or crosses from one into the next. The open lifespans of a lane are in a slot of their own, whenever they began.

use super::lifespan::{Lifespan, OPEN};
use crate::graph::index::error::Error;
use crate::graph::index::terms::codes::{read_id, write_id};

/// How many bits of an ordinal one height covers; few in tests, so that they meet many heights.
const BITS: u32 = if cfg!(test) { 1 } else { 5 };

/// The height of the slot that has the open lifespans of a lane.
const OPEN_HEIGHT: u8 = u8::MAX;

/// A stretch of a lane's ordinals. Sorted as keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::graph::index) struct TimeBucket {
    pub(in crate::graph::index) lane: u32,
    /// The first ordinal.
    pub(super) start: u32,
    height: u8,
}

impl TimeBucket {
    /// Returns the slot of a height that holds an ordinal.
    fn at(lane: u32, ordinal: u32, height: u8) -> Self {
        let bits = BITS * (u32::from(height) + 1);
        let start = ordinal.checked_shr(bits).map_or(0, |number| number << bits);
        Self { lane, start, height }
    }

    /// Returns the slot that has the open lifespans of a lane.
    fn of_open(lane: u32) -> Self {
        Self { lane, start: 0, height: OPEN_HEIGHT }
    }

    pub(super) fn is_of_open(self) -> bool {
        self.height == OPEN_HEIGHT
    }

    /// Returns the smallest slot that holds a whole lifespan.
    pub(in crate::graph::index) fn of(span: &Lifespan) -> Self {
        if span.died == OPEN {
            return Self::of_open(span.lane);
        }
        let last = span.died.saturating_sub(1).max(span.born);
        let mut heights = Self::heights(span.lane, span.born);
        let holds = |slot: &Self| *slot == Self::at(span.lane, last, slot.height);
        heights.find(holds).unwrap_or_else(|| Self::at(span.lane, 0, OPEN_HEIGHT - 1))
    }

    /// Returns the slots that hold an ordinal, the smallest first; the last one holds all ordinals.
    fn heights(lane: u32, ordinal: u32) -> impl Iterator<Item = Self> {
        let highest = u8::try_from(u32::BITS / BITS).unwrap_or(u8::MAX);
        (0..=highest).map(move |height| Self::at(lane, ordinal, height))
    }

    pub(in crate::graph::index) fn write(self, into: &mut Vec<u8>) {
        write_id(u64::from(self.lane), into);
        write_id(u64::from(self.start >> BITS), into);
        into.push(self.height);
    }

    pub(in crate::graph::index) fn read(bytes: &mut &[u8]) -> Result<Self, Error> {
        let corrupt = || Error::corrupt("slot");
        let lane = u32::try_from(read_id(bytes)?).map_err(|_| corrupt())?;
        let start = u32::try_from(read_id(bytes)? << BITS).map_err(|_| corrupt())?;
        let (&height, rest) = bytes.split_first().ok_or_else(corrupt)?;
        *bytes = rest;
        Ok(Self { lane, start, height })
    }
}

/// Places of the history at which lifespans are read that `live` does not have, and the slots that have them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    places: Vec<(u32, u32)>,
    pub(super) slots: Vec<TimeBucket>,
}

impl Places {
    /// Gathers places that closed lifespans may cover, and places on side lanes that open ones may cover.
    pub(crate) fn new(closed: &[(u32, u32)], open: &[(u32, u32)]) -> Self {
        let mut places = [closed, open].concat();
        places.sort_unstable();
        places.dedup();
        let of_closed = closed.iter().flat_map(|&(lane, ordinal)| TimeBucket::heights(lane, ordinal));
        let mut slots: Vec<_> =
            of_closed.chain(open.iter().map(|&(lane, _)| TimeBucket::of_open(lane))).collect();
        slots.sort_unstable();
        slots.dedup();
        Self { places, slots }
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
            let mut slots: BTreeMap<TimeBucket, u32> = BTreeMap::new();
            let mut born = 1;
            for lasts in lasted {
                *slots.entry(TimeBucket::of(&Lifespan { lane: 0, tombstone: false, born, died: born + lasts, origin: 0 })).or_default() += 1;
                born += lasts;
            }
            prop_assert!(slots.values().all(|count| *count <= 1 << BITS));
        }
    }
}
