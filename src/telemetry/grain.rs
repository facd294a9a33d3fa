//! What a sample weighs: the pure function of a grain's samples that every aggregate is made of.
//!
//! Time is cut into grains: hours of UTC, or days or blocks of four weeks where a sample may speak for longer than an hour or
//! a day. Of the rows of one instant the last arrival counts. A sample speaks until the next one of its grain; the grain
//! is taken as a circle, so the last speaks until it ends and from its start to the first. No sample speaks longer than
//! `hold`, nor than four weeks. So a regular series weighs its period times its count wherever it lies in the grain, a
//! gap is time that nobody speaks for, and a grain's weights depend on nothing outside it.

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
    /// Nanoseconds that it speaks for.
    pub(super) weight: u64,
    /// How many earlier arrivals of its instant it replaced.
    pub(super) overwritten: u32,
    /// How many arrivals of its instant were late.
    pub(super) late: u32,
}

const DAY: i64 = 24 * HOUR;

/// Returns the grain in which samples that speak for up to `hold` are weighed; without a hold, the hour.
pub(super) const fn of(hold: i64) -> i64 {
    if hold <= HOUR {
        HOUR
    } else if hold <= DAY {
        DAY
    } else {
        28 * DAY
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

fn take(weighed: &mut Vec<Weighed>, start: usize, row: Row) {
    let (overwritten, late) = (u32::from(row.overwritten()), u32::from(row.late()));
    match weighed[start..].last_mut() {
        Some(last) if last.at == row.at => {
            last.value = row.value;
            last.overwritten += 1 + overwritten;
            last.late += late;
        }
        _ => weighed.push(Weighed { at: row.at, value: row.value, weight: 0, overwritten, late }),
    }
}

fn spread(one: &mut [Weighed], hold: i64, grain: i64) {
    let Some(first) = one.first().map(|sample| sample.at) else { return };
    let limit = if hold > 0 { hold } else { grain };
    for index in 0..one.len() {
        let next = one.get(index + 1).map_or(first + grain, |next| next.at);
        one[index].weight = (next - one[index].at).min(limit) as u64;
    }
}
