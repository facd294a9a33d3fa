//! How much of what was observed is beyond a limit.

/// Samples that do not satisfy a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    /// How many.
    pub count: u64,
    /// The time that they count for, in nanoseconds.
    pub time_ns: u128,
}

impl Beyond {
    /// Adds more of them.
    pub(in crate::telemetry) fn merge(&mut self, more: Self) {
        self.count += more.count;
        self.time_ns += more.time_ns;
    }
}
