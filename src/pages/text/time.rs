//! Instants as people read them, and as addresses and charts have them. All times are in UTC.

use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};

/// The seconds of a day.
pub(in crate::pages) const DAY: i64 = 86_400;

/// Writes an instant of RFC 3339 to the minute, in UTC.
pub(in crate::pages) fn minute(text: &str) -> String {
    match text.parse::<Instant>() {
        Ok(at) => at.to_string().chars().take(16).map(|sign| if sign == 'T' { ' ' } else { sign }).collect(),
        Err(_) => text.to_owned(),
    }
}

/// Writes the date of an instant, in UTC.
pub(in crate::pages) fn date(at: Instant) -> String {
    at.to_string().chars().take(10).collect()
}

/// Returns an instant in seconds, for charts.
pub(in crate::pages) fn seconds(at: Instant) -> f64 {
    at.nanos() as f64 / 1e9
}

/// Reads an instant of RFC 3339 in seconds, for charts.
pub(in crate::pages) fn seconds_of(text: &str) -> Option<f64> {
    text.parse().ok().map(seconds)
}

/// Reads a date, as its midnight in UTC, or an instant.
pub(in crate::pages) fn instant(text: &str) -> Option<Instant> {
    let is_date = text.len() == 10 && text.is_ascii();
    if is_date { format!("{text}T00:00:00Z").parse().ok() } else { text.parse().ok() }
}

/// Writes an instant as its date where it is midnight.
pub(in crate::pages) fn short(at: Instant) -> String {
    if at.nanos() % (DAY * 1_000_000_000) == 0 { date(at) } else { at.to_string() }
}

/// Returns where the buckets of a window begin.
pub(in crate::pages) fn buckets(from: Instant, to: Instant, length: &str) -> Vec<Instant> {
    let window = Interval::new(from, to).ok();
    let buckets = window.zip(length.parse::<Period>().ok());
    let buckets = buckets.and_then(|(window, period)| period.buckets(window, &Zone::UTC, 100).ok());
    buckets.into_iter().flatten().map(Interval::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_shown_to_the_minute() {
        let check = |text: &str, expect: &str| assert_eq!(minute(text), expect, "{text}");
        check("2026-01-05T00:14:00.000000001Z", "2026-01-05 00:14");
        check("2026-01-05T01:14:00+01:00", "2026-01-05 00:14");
        check("never", "never");
    }
}
