//! Aggregates that compute nothing: each counts what another aggregate beside it keeps, in the budget.

use super::budget::{BYTES_PER_TERM, Budget};
use super::error::Error;
use super::term::{TEXT_BYTES_MAX, text_bytes};
use foldhash::fast::FixedState;
use oxigraph::model::Term;
use spareval::AggregateFunctionAccumulator;
use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::Arc;

/// What a kept value takes besides its text, and what its hash takes here.
const VALUE_TERMS: u64 = 6;
/// What a row's group and each of its aggregates take, about.
const GROUP_BYTES: u64 = 160;
const AGGREGATE_BYTES: u64 = 160;
/// What a variable of a group's key takes.
const KEY_BYTES: u64 = 24;

/// What another aggregate keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// The group itself.
    Group {
        /// How many variables it is grouped by.
        keys: usize,
        /// How many aggregates it has.
        aggregates: usize,
    },
    /// A number.
    Nothing,
    /// One of the values.
    One,
    /// The texts of all values, with a separator of so many bytes.
    Texts(usize),
}

/// What to count of one aggregate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    pub(super) keeps: Keeps,
    /// Whether it keeps each different value as well.
    pub(super) distinct: bool,
}

impl Meter {
    /// Begins to count for one group.
    pub(super) fn begin(self, budget: &Arc<Budget>) -> Counter {
        let mut counter =
            Counter { meter: self, budget: Arc::clone(budget), seen: HashSet::new(), bytes: 0, in_memory: 0 };
        if let Keeps::Group { keys, aggregates } = self.keeps {
            let bytes = GROUP_BYTES + KEY_BYTES * keys as u64 + AGGREGATE_BYTES * aggregates as u64;
            counter.hold(bytes / BYTES_PER_TERM);
        }
        counter
    }
}

/// What one aggregate of one group keeps so far.
pub(super) struct Counter {
    meter: Meter,
    budget: Arc<Budget>,
    /// The hashes of the different values.
    seen: HashSet<u64>,
    /// The bytes of text that the aggregate keeps.
    bytes: usize,
    in_memory: u64,
}

impl Counter {
    fn hold(&mut self, terms: u64) {
        self.in_memory += terms;
        self.budget.hold(terms);
    }

    /// Counts a longer text than before. A text that grows takes up to twice its length.
    fn grow_to(&mut self, bytes: usize) {
        if bytes > self.bytes {
            let terms = |bytes: usize| 2 * bytes as u64 / BYTES_PER_TERM;
            self.hold(terms(bytes) - terms(self.bytes));
            self.bytes = bytes;
        }
    }
}

impl AggregateFunctionAccumulator for Counter {
    fn accumulate(&mut self, value: Term) {
        let bytes = text_bytes(&value);
        self.budget.tick_text(bytes);
        if self.meter.distinct {
            if !self.seen.insert(FixedState::default().hash_one(&value)) {
                return;
            }
            self.hold(VALUE_TERMS + bytes as u64 / BYTES_PER_TERM);
        }
        match self.meter.keeps {
            Keeps::Group { .. } | Keeps::Nothing => {}
            Keeps::One => self.grow_to(bytes),
            Keeps::Texts(separator) => {
                let bytes = self.bytes + separator + bytes;
                if bytes > TEXT_BYTES_MAX + separator {
                    self.budget.stop(Error::Text(TEXT_BYTES_MAX));
                }
                self.grow_to(bytes);
            }
        }
    }

    fn finish(&mut self) -> Option<Term> {
        None
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.budget.release(self.in_memory);
    }
}
