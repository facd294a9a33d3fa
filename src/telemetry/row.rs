//! A sample with what is known of its arrival.

/// One arrival of a sample. Rows are kept in order of instant, then of arrival.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    /// The instant, in nanoseconds since 1970.
    pub(super) at: i64,
    /// The value as sent.
    pub(super) value: f64,
    stamp: u64,
}

impl Row {
    /// Puts a row together.
    pub(super) fn new(at: i64, value: f64, position: u64, late: bool) -> Self {
        Self { at, value, stamp: position << 1 | u64::from(late) }
    }

    /// Returns the number of the batch that brought the sample.
    pub(super) fn position(self) -> u64 {
        self.stamp >> 1
    }

    /// Tells whether a sample of a later instant had arrived before.
    pub(super) fn late(self) -> bool {
        self.stamp & 1 == 1
    }
}
