//! A sample with what is known of its arrival.

/// One arrival of a sample. Rows are kept in order of instant, then of arrival.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::telemetry) struct Row {
    /// The instant, in nanoseconds since 1970.
    pub(in crate::telemetry) at: i64,
    /// The value as sent.
    pub(in crate::telemetry) value: f64,
    /// Position, then 8 bits each of how many overwritten and late arrivals it covers.
    stamp: u64,
}

impl Row {
    /// Positions end here: at a thousand batches a second, after nine thousand years.
    pub(in crate::telemetry) const POSITION_MAX: u64 = u64::MAX >> 16;

    /// Puts a row together.
    pub(in crate::telemetry) fn new(at: i64, value: f64, position: u64, late: bool) -> Self {
        Self { at, value, stamp: position << 16 | u64::from(late) }
    }

    /// Puts a row together that covers removed arrivals.
    pub(in crate::telemetry) fn with_counts(
        at: i64,
        value: f64,
        position: u64,
        overwritten: u8,
        late: u8,
    ) -> Self {
        Self { at, value, stamp: position << 16 | u64::from(overwritten) << 8 | u64::from(late) }
    }

    /// Returns the number of the batch that brought the sample.
    pub(in crate::telemetry) fn position(self) -> u64 {
        self.stamp >> 16
    }

    /// Returns how many earlier arrivals of its instant that it replaced were removed.
    pub(in crate::telemetry) fn overwritten(self) -> u8 {
        (self.stamp >> 8) as u8
    }

    /// Returns how many arrivals came after a sample of a later instant: of itself and of those that were removed.
    pub(in crate::telemetry) fn late(self) -> u8 {
        self.stamp as u8
    }

    /// Lets the row cover an earlier one of the same instant and batch: no watermark lies between them. `None` where it is another's, or the
    /// counts have no room.
    pub(in crate::telemetry) fn in_place_within_batch(self, replaced: Self) -> Option<Self> {
        let is_of_batch = (self.at, self.position()) == (replaced.at, replaced.position());
        if is_of_batch { self.in_place_of(replaced) } else { None }
    }

    /// Lets the row cover an earlier arrival of its instant as well; `None` where the counts have no room.
    pub(in crate::telemetry) fn in_place_of(self, replaced: Self) -> Option<Self> {
        let overwritten = self.overwritten().checked_add(replaced.overwritten())?.checked_add(1)?;
        let late = self.late().checked_add(replaced.late())?;
        Some(Self::with_counts(self.at, self.value, self.position(), overwritten, late))
    }
}
