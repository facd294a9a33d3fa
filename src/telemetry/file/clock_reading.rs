//! How far the service's clock is believed.
//!
//! Retention and compaction erase by age, so a clock that jumps years forward for seconds would erase years. An injected clock gives no
//! other time to compare with, so what counts is how it went on: of the time that it moved forward between two readings an hour is
//! believed at once, and a clock that keeps to its new time is followed 32 times as fast as it runs, but by an hour a
//! reading at most. A clock that goes back before it was believed, by a day at most, was wrong: what was believed of it meanwhile is so no
//! more, however often it jumps. One that goes back further is itself the doubtful one, as after its battery died. After a month without power that takes some days, after a jump that nobody mends longer than it takes to be
//! noticed. An operator who knows that the clock is right confirms it.

/// How much of a step between two readings is believed.
const STEP_MAX: i64 = 3_600_000_000_000;
/// How far below what is believed a clock may fall and be believed at once, when it was ahead: more than what a few hours of a wrong clock
/// are believed.
const CORRECTED_MAX: i64 = 24 * STEP_MAX;
/// How much faster than itself a clock is followed.
const CATCH_UP: i64 = 32;

/// What is known of the clock, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::telemetry) struct ClockReading {
    /// What it read last; 0 where it was never read.
    pub(in crate::telemetry) last: i64,
    /// How far it is believed.
    pub(super) believed: i64,
}

impl ClockReading {
    /// Believes that it is `now`.
    pub(in crate::telemetry) const fn trusted(now: i64) -> Self {
        Self { last: now, believed: now }
    }

    /// Takes in a reading.
    #[must_use]
    pub(in crate::telemetry) fn read(self, now: i64) -> Self {
        if self.last == 0 {
            return Self::trusted(now);
        }
        let back = self.believed.saturating_sub(now);
        if (1..=CORRECTED_MAX).contains(&back) && self.believed < self.last {
            return Self::trusted(now);
        }
        let step = now.saturating_sub(self.last).max(0).saturating_mul(CATCH_UP).min(STEP_MAX);
        let believed = if self.believed <= now {
            self.believed.saturating_add(step).min(now)
        } else {
            self.believed.saturating_sub(step).max(now)
        };
        Self { last: now, believed }
    }

    /// Returns the instant that it is at least, as far as is believed.
    pub(in crate::telemetry) fn present(self) -> i64 {
        self.believed.min(self.last)
    }

    /// Returns the latest instant that it may be where the clock reads `now`: a clock that was stepped back may be wrong.
    pub(in crate::telemetry) fn latest(self, now: i64) -> i64 {
        self.believed.max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000_000;
    const DAY: i64 = 24 * STEP_MAX;

    /// Reads a clock that began at day 1000, and returns how far behind it is what is believed, in minutes.
    fn check(readings: &[i64], expect: i64) {
        let start = ClockReading::default().read(1000 * DAY);
        let end = readings.iter().fold(start, |reading, at| reading.read(1000 * DAY + at));
        let last = 1000 * DAY + readings.last().copied().unwrap_or(0);
        assert_eq!((last - end.present()) / MINUTE, expect, "{readings:?}");
    }

    #[test]
    fn a_clock_is_believed_as_far_as_it_goes_on() {
        check(&[], 0);
        check(&[10 * MINUTE, 20 * MINUTE, 30 * MINUTE], 0);
        check(&[12 * 365 * DAY], 12 * 365 * 24 * 60 - 60);
        // Back again, and what was believed meanwhile is over.
        check(&[12 * 365 * DAY, 10 * MINUTE], 0);
        check(&[12 * 365 * DAY, 10 * MINUTE, 20 * MINUTE], 0);
        // Again and again, as one that starts with a wrong year until it is set: an hour counts, not one each time.
        let jumps: Vec<_> =
            (1..=30).flat_map(|at| [12 * 365 * DAY, at * MINUTE]).chain([12 * 365 * DAY]).collect();
        check(&jumps, 12 * 365 * 24 * 60 - 30 - 60);
        // A weekend without power, and before that was made up for a reboot with a clock of 1970 that is set again.
        check(&[60 * 60 * MINUTE, -900 * DAY, 60 * 60 * MINUTE], 58 * 60);
        // A night without power, then running again.
        check(&[8 * 60 * MINUTE], 7 * 60);
        check(&[8 * 60 * MINUTE, 490 * MINUTE], 7 * 60 + 10 - 60);
        let nights: Vec<_> = (0..10).map(|at| (480 + 10 * at) * MINUTE).collect();
        check(&nights, 0);
        // A step back, for a while or for good, is followed at once.
        check(&[-365 * DAY], 0);
        check(&[-365 * DAY, 10 * MINUTE], 0);
        check(&[5 * MINUTE, 5 * MINUTE, 0, 6 * MINUTE], 0);
    }
}
