//! What a sample weighs: the time until the next one of its series.
//!
//! Of the rows of one instant the last arrival counts. A sample counts until the next one, wherever a bucket, an hour or a page ends in
//! between. Where the next one is further away than the hold, a gap follows and the sample counts for two thirds of the hold: the period
//! that the hold is 1.5 times of (see [`counted`]). Without an expected period one of an hour is assumed. So a weight depends on two
//! instants and the hold alone, a regular series weighs its period times its count, a clock that jitters loses nothing, and a gap is
//! time without weight.

use crate::telemetry::series::row::Row;

/// The length of an hour in nanoseconds.
pub(in crate::telemetry) const HOUR: i64 = 3_600_000_000_000;
/// The length of a day in nanoseconds.
pub(in crate::telemetry) const DAY: i64 = 24 * HOUR;

/// A sample that counts, and for how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::telemetry) struct Weighed {
    /// The instant.
    pub(in crate::telemetry) at: i64,
    /// The value as sent.
    pub(in crate::telemetry) value: f64,
    /// Nanoseconds that it counts for.
    pub(in crate::telemetry) weight: u64,
    /// How many earlier arrivals of its instant it replaced.
    pub(in crate::telemetry) overwritten: u32,
    /// How many arrivals of its instant were late.
    pub(in crate::telemetry) late: u32,
}

/// The longest stretch to the next sample that counts whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::telemetry) struct Hold(u64);

impl Hold {
    /// No stretch is too long: the weights that a rollup keeps.
    pub(in crate::telemetry) const ENDLESS: Self = Self(u64::MAX);

    /// Returns the hold of a piece; zero or less: that of a period of an hour.
    pub(in crate::telemetry) fn of(hold_ns: i64) -> Self {
        Self(u64::try_from(hold_ns).ok().filter(|hold| *hold > 0).unwrap_or(HOUR as u64 / 2 * 3))
    }

    /// Returns its length in nanoseconds.
    pub(in crate::telemetry) fn nanos(self) -> u64 {
        self.0
    }

    /// Returns how much of a stretch counts: all of it, or a period where it is longer than the hold. The half period that the hold
    /// leaves to a clock that jitters is no time that the sample was there for.
    pub(in crate::telemetry) fn counted(self, stretch: u64) -> u64 {
        if stretch <= self.0 { stretch } else { self.0 - self.0 / 3 }
    }

    /// Returns the first instant at which a sample is too late to end the stretch of the one at `at`.
    pub(in crate::telemetry) fn end(self, at: i64) -> i64 {
        at.saturating_add_unsigned(self.0).saturating_add(1)
    }

    /// Returns the first instant at which a sample may count until `at`.
    pub(in crate::telemetry) fn start(self, at: i64) -> i64 {
        at.saturating_sub_unsigned(self.0)
    }
}

/// Weighs rows, which come in order of instant and arrival, into `weighed`; the last sample weighs `last`.
pub(in crate::telemetry) fn weigh(rows: &[Row], hold: Hold, last: u64, weighed: &mut Vec<Weighed>) {
    weighed.clear();
    for row in rows {
        let (overwritten, late) = (u32::from(row.overwritten()), u32::from(row.late()));
        match weighed.last_mut() {
            Some(before) if before.at == row.at => {
                before.value = row.value;
                before.overwritten += 1 + overwritten;
                before.late += late;
                continue;
            }
            Some(before) => before.weight = hold.counted(row.at.abs_diff(before.at)),
            None => {}
        }
        weighed.push(Weighed { at: row.at, value: row.value, weight: last, overwritten, late });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: i64 = HOUR / 60;

    /// Returns the weights of samples, the last of which is the last of its series.
    fn weights(instants: impl IntoIterator<Item = i64>, hold: i64) -> Vec<i64> {
        let rows: Vec<Row> = instants.into_iter().map(|at| Row::new(at, 1.0, 1, false)).collect();
        let (mut weighed, hold) = (Vec::new(), Hold::of(hold));
        weigh(&rows, hold, hold.counted(u64::MAX), &mut weighed);
        weighed.iter().map(|sample| sample.weight as i64).collect()
    }

    #[test]
    fn a_sample_counts_until_the_next_one_or_for_a_period() {
        let check = |minutes: &[i64], hold: i64, expect: &[i64]| {
            let got = weights(minutes.iter().map(|at| at * MINUTE), hold * MINUTE);
            assert_eq!(
                got.iter().map(|time| time / MINUTE).collect::<Vec<_>>(),
                expect,
                "{minutes:?} {hold}"
            );
        };
        check(&[0, 10, 20, 30, 40, 50], 15, &[10; 6]);
        // A sample is missing, at the full hour or elsewhere, among many or few.
        check(&[40, 50, 70, 80], 15, &[10; 4]);
        check(&[50, 70], 15, &[10; 2]);
        check(&[10, 20, 40, 50], 15, &[10; 4]);
        // One comes a minute early, into the hour before.
        check(&[40, 50, 59, 70, 80], 15, &[10, 9, 11, 10, 10]);
        // Without a period.
        check(&[0, 30, 120, 211], 0, &[30, 90, 60, 60]);
        check(&[0, 1440, 3000, 5000], 2160, &[1440, 1560, 2000, 1440]);
        check(&[], 15, &[]);
    }

    proptest! {
        #[test]
        fn a_clock_that_jitters_loses_nothing(
            period in prop::sample::select(vec![1i64, 7, 10, 60, 1440]),
            jitter in prop::collection::vec(-20i64..=20, 2..400),
        ) {
            let (period, samples) = (period * MINUTE, jitter.len() as i64);
            let at: Vec<i64> = (1..=samples).zip(&jitter).map(|(n, jitter)| n * period + period / 1000 * jitter).collect();
            let total: i64 = weights(at.iter().copied(), period * 3 / 2).iter().sum();
            prop_assert_eq!(total, at[at.len() - 1] - at[0] + period);
        }
    }
}
