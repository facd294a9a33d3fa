//! What a sample weighs: the pure function of an hour's samples that every aggregate is made of.
//!
//! Time is cut into hours of UTC. Of the rows of one instant the last arrival counts. A sample speaks until the next one of
//! its hour; the hour is taken as a circle, so the last speaks until the hour ends and from its start to the first. No
//! sample speaks longer than `hold`. So a regular series weighs its period times its count wherever it lies in the
//! hour, a gap is time that nobody speaks for, and an hour's weights depend on nothing outside the hour.

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

/// Returns the start of the hour that an instant lies in.
pub(super) const fn floor(at: i64) -> i64 {
    at.div_euclid(HOUR) * HOUR
}

/// Returns the first start of an hour at or after an instant.
pub(super) const fn ceil(at: i64) -> i64 {
    let start = floor(at);
    if start == at { at } else { start + HOUR }
}

/// Weighs the rows of whole hours, which come in order of instant and arrival, into `weighed`.
pub(super) fn weigh(rows: &[Row], hold: i64, weighed: &mut Vec<Weighed>) {
    weighed.clear();
    let mut rest = rows;
    while let Some(first) = rest.first() {
        let end = floor(first.at) + HOUR;
        let length = rest.iter().position(|row| row.at >= end).unwrap_or(rest.len());
        let (hour, more) = rest.split_at(length);
        let start = weighed.len();
        hour.iter().for_each(|row| take(weighed, start, *row));
        spread(&mut weighed[start..], hold);
        rest = more;
    }
}

fn take(weighed: &mut Vec<Weighed>, start: usize, row: Row) {
    let late = u32::from(row.late());
    match weighed[start..].last_mut() {
        Some(last) if last.at == row.at => {
            last.value = row.value;
            last.overwritten += 1;
            last.late += late;
        }
        _ => weighed.push(Weighed { at: row.at, value: row.value, weight: 0, overwritten: 0, late }),
    }
}

fn spread(hour: &mut [Weighed], hold: i64) {
    let Some(first) = hour.first().map(|sample| sample.at) else { return };
    let limit = if hold > 0 { hold } else { HOUR };
    for index in 0..hour.len() {
        let next = hour.get(index + 1).map_or(first + HOUR, |next| next.at);
        hour[index].weight = (next - hour[index].at).min(limit) as u64;
    }
}
