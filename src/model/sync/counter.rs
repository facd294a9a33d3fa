//! Counts of what a process did, for those who watch it: atomic, and cheap enough for every request.

use std::sync::atomic::{AtomicU64, Ordering};

/// A count that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Makes a count of nothing.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds one.
    pub fn increment(&self) {
        self.add(1);
    }

    /// Adds so many.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Returns how many there were.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many values were at most each of some bounds.
#[derive(Debug)]
pub struct Spread {
    bounds: &'static [u64],
    /// One for each bound, and one for what is greater than all.
    counts: Vec<Count>,
    sum: Count,
}

impl Spread {
    /// Makes a spread of nothing over bounds in rising order.
    pub fn over(bounds: &'static [u64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| Count::new()).collect();
        Self { bounds, counts, sum: Count::new() }
    }

    /// Adds a value.
    pub fn note(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        self.counts[place].increment();
        self.sum.add(value);
    }

    /// Returns the sum of the values, and how many are in each bound and in none of those before; the last bound is infinite.
    pub fn read(&self) -> (u64, Vec<(f64, u64)>) {
        let bounds = self.bounds.iter().map(|bound| *bound as f64).chain([f64::MAX]);
        (self.sum.get(), bounds.zip(self.counts.iter().map(Count::get)).collect())
    }
}

/// What is synced to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synced {
    /// Objects and refs of Git.
    Git,
    /// The index.
    Index,
    /// The log of telemetry.
    Telemetry,
    /// The audit log.
    Audit,
}

/// Syncs of the process, as each is a wait for its disk, whichever thread it serves.
static SYNCS: [Count; 4] = [Count::new(), Count::new(), Count::new(), Count::new()];

impl Synced {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Git, Self::Index, Self::Telemetry, Self::Audit];

    /// Returns its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Index => "index",
            Self::Telemetry => "telemetry",
            Self::Audit => "audit",
        }
    }

    /// Counts one sync.
    pub fn note(self) {
        SYNCS[self as usize].increment();
    }

    /// Returns how many syncs there were since the process began.
    pub fn count(self) -> u64 {
        SYNCS[self as usize].get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_by_their_bounds() {
        let spread = Spread::over(&[1, 4]);
        [1, 1, 2, 4, 5].into_iter().for_each(|value| spread.note(value));
        assert_eq!(spread.read(), (13, vec![(1.0, 2), (4.0, 2), (f64::MAX, 1)]));
    }
}
