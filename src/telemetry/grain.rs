//! What a sample weighs: a pure function of the samples of one grain, from which every aggregate is made.
//!
//! Time is cut into grains: hours of UTC, or days, blocks of four weeks or blocks of 52 weeks where the hold is longer than an
//! hour, a day or four weeks. Of the rows of one instant the last arrival counts. A sample counts until the next one of its
//! grain; where that is further away than `hold`, it counts for two thirds of the hold: the period that the hold is 1.5 times of
//! (see [`counted`]). The grain is taken as a circle: the last sample counts until the grain ends and also from
//! its start to the first sample, provided that this stretch is not longer than `hold` (a longer one is a gap that
//! began before the grain), and that a clock without jitter does not show that a sample is missing there (see [`is_missing`]). So a regular series weighs its period times its count wherever it lies in the grain, a clock that
//! moves a sample across the grain's edge loses nothing, a gap is time without weight, and a grain's weights depend on
//! nothing outside it.

use super::row::Row;

/// The length of an hour in nanoseconds.
pub(super) const HOUR: i64 = 3_600_000_000_000;

/// A sample that counts, and for how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weighed {
    /// The instant.
    pub(super) at: i64,
    /// The value as sent.
    pub(super) value: f64,
    /// Nanoseconds that it counts for.
    pub(super) weight: u64,
    /// Those of them that lie between the grain's start and its first sample.
    pub(super) before: u64,
    /// How many earlier arrivals of its instant it replaced.
    pub(super) overwritten: u32,
    /// How many arrivals of its instant were late.
    pub(super) late: u32,
}

/// The length of a day in nanoseconds.
pub(super) const DAY: i64 = 24 * HOUR;
/// The longest grain of series that bring a sample a day or more.
pub(super) const FOUR_WEEKS: i64 = 28 * DAY;
/// The longest grain of all.
pub(super) const LONGEST: i64 = 13 * FOUR_WEEKS;

/// Returns the grain in which samples with a hold are weighed; without a hold, the hour.
pub(super) const fn of(hold: i64) -> i64 {
    if hold <= HOUR {
        HOUR
    } else if hold <= DAY {
        DAY
    } else if hold <= FOUR_WEEKS {
        FOUR_WEEKS
    } else {
        LONGEST
    }
}

/// Returns the start of the grain that an instant lies in.
pub(super) const fn floor(at: i64, grain: i64) -> i64 {
    at.div_euclid(grain) * grain
}

/// Returns the first start of a grain at or after an instant.
pub(super) const fn ceil(at: i64, grain: i64) -> i64 {
    let start = floor(at, grain);
    if start == at { at } else { start + grain }
}

/// Returns how much of a stretch after a sample it counts for: all of it, or a period where it is longer than the hold. The half period
/// that the hold leaves to a clock that jitters is no time that the sample was there for.
pub(super) const fn counted(stretch: u64, hold: u64) -> u64 {
    if stretch <= hold { stretch } else { hold - hold / 3 }
}

/// Weighs the rows of whole grains, which come in order of instant and arrival, into `weighed`.
pub(super) fn weigh(rows: &[Row], hold: i64, weighed: &mut Vec<Weighed>) {
    weighed.clear();
    let grain = of(hold);
    let mut rest = rows;
    while let Some(first) = rest.first() {
        let end = floor(first.at, grain) + grain;
        let length = rest.iter().position(|row| row.at >= end).unwrap_or(rest.len());
        let (one, more) = rest.split_at(length);
        let start = weighed.len();
        one.iter().for_each(|row| take(weighed, start, *row));
        spread(&mut weighed[start..], hold, grain);
        rest = more;
    }
}

/// Returns how many nanoseconds of `[from, to)` a sample counts for.
#[inline]
pub(super) fn covered(sample: Weighed, grain: i64, from: i64, to: i64) -> u64 {
    let shared = |start: i64, length: u64| ((start + length as i64).min(to) - start.max(from)).max(0) as u64;
    shared(sample.at, sample.weight - sample.before) + shared(floor(sample.at, grain), sample.before)
}

fn take(weighed: &mut Vec<Weighed>, start: usize, row: Row) {
    let (overwritten, late) = (u32::from(row.overwritten()), u32::from(row.late()));
    match weighed[start..].last_mut() {
        Some(last) if last.at == row.at => {
            last.value = row.value;
            last.overwritten += 1 + overwritten;
            last.late += late;
        }
        _ => weighed.push(Weighed { at: row.at, value: row.value, weight: 0, before: 0, overwritten, late }),
    }
}

fn spread(one: &mut [Weighed], hold: i64, grain: i64) {
    let Some(first) = one.first().map(|sample| sample.at) else { return };
    let start = floor(first, grain);
    let limit = if hold > 0 { hold } else { grain };
    for index in 0..one.len() {
        let next = one.get(index + 1).map_or(start + grain, |next| next.at);
        one[index].weight = counted((next - one[index].at) as u64, limit as u64);
    }
    let before = first - start;
    let counts = before <= limit && !is_missing(one, before);
    if let Some(last) = one.last_mut().filter(|_| counts) {
        last.before = before as u64;
        last.weight += last.before;
    }
}

/// Tells whether a sample is missing at the start of a grain, by a clock without jitter that begins its periods there: the stretch before
/// the first sample and all those between samples are multiples of the shortest. A clock that jitters may have put that sample
/// into the grain before.
fn is_missing(one: &[Weighed], before: i64) -> bool {
    let steps = || one.windows(2).map(|pair| pair[1].at - pair[0].at);
    let is_exact = |least: i64| before % least == 0 && steps().all(|step| step % least == 0);
    before > 0 && steps().min().is_some_and(is_exact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: i64 = HOUR / 60;

    fn time(instants: impl IntoIterator<Item = i64>, hold: i64) -> u64 {
        let rows: Vec<Row> = instants.into_iter().map(|at| Row::new(at, 1.0, 1, false)).collect();
        let mut weighed = Vec::new();
        weigh(&rows, hold, &mut weighed);
        weighed.iter().map(|sample| sample.weight).sum()
    }

    #[test]
    fn a_gap_is_cut_and_what_lies_before_it_is_none() {
        let check = |minutes: &[i64], hold: i64, expect: i64| {
            let got = time(minutes.iter().map(|at| at * MINUTE), hold * MINUTE);
            assert_eq!(got as i64, expect * MINUTE, "{minutes:?} {hold}");
        };
        check(&[0, 10, 20, 30, 40, 50], 15, 60);
        // The sample of the full hour came a moment early, into the hour before, or late into this one.
        check(&[10, 20, 30, 41, 50], 15, 60);
        // By an exact clock the sample of the full hour is missing.
        check(&[10, 20, 30, 40, 50], 15, 50);
        check(&[10, 20, 40, 50], 15, 40);
        check(&[0, 10, 20, 30, 40, 50, 59], 15, 60);
        // A device that begins or ends within the hour.
        check(&[35, 45, 55], 15, 25);
        check(&[5, 15, 25], 15, 35);
        check(&[5, 15, 45, 55], 15, 40);
        check(&[], 15, 0);
        // Long holds have long grains.
        check(&[0, 59, 121], 90, 181);
        check(&[0, 31 * 1440, 59 * 1440], 45 * 1440, (59 + 30) * 1440);
    }

    proptest! {
        #[test]
        fn a_clock_that_jitters_loses_nothing(
            period in prop::sample::select(vec![1i64, 7, 10, 15, 20, 30, 45, 60, 120, 1440]),
            phase in 0i64..2,
            // Odd, as no sample of such a clock comes at its very time.
            jitter in prop::collection::vec((-10i64..10).prop_map(|tenth| 2 * tenth + 1), 2 * 364 * 6),
        ) {
            // Whole grains of samples up to 2 % early or late, and what comes just before and after them.
            let (period, hold) = (period * MINUTE, period * MINUTE * 3 / 2);
            let span = of(hold).max(6 * HOUR);
            let samples = (span / period).min(jitter.len() as i64 - 2);
            prop_assume!(samples * period == span);
            let at = |n: i64| span + n * period + phase * period / 3 + period / 1000 * jitter[(n + 1) as usize];
            let all: Vec<i64> = (-1..=samples).map(at).collect();
            let within = all.iter().copied().filter(|at| (span..2 * span).contains(at));
            prop_assert_eq!(time(within, hold), span as u64);
        }
    }
}
