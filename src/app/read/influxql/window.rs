//! Buckets of time as InfluxDB cuts them: from whole multiples of their length since 1970, in a zone from those of its clock.

use super::error::Failure;
use super::reading::BUCKETS_MAX;
use crate::exchange::samples::influxql::statement::Every;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Zone;

/// Buckets in time order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Windows {
    /// The instants that name them; the first may be before the time that is asked for.
    pub(super) starts: Vec<i64>,
    /// What of them is in the time that is asked for.
    pub(super) spans: Vec<Interval>,
}

impl Windows {
    /// Makes one bucket of all the time.
    pub(super) fn whole(span: Interval) -> Self {
        Self { starts: vec![span.from().nanos()], spans: vec![span] }
    }

    /// Cuts a span into buckets.
    pub(super) fn of(span: Interval, every: Every, zone: Option<&Zone>) -> Result<Self, Failure> {
        let count = usize::try_from(span.nanos() / every.nanos).unwrap_or(usize::MAX);
        if count >= BUCKETS_MAX {
            let hint = "ask for a shorter time or longer buckets";
            return Err(Failure::limit("max-select-buckets", count.saturating_add(1), BUCKETS_MAX, hint));
        }
        let (mut starts, mut spans) = (Vec::new(), Vec::new());
        let mut at = span.from().nanos();
        while at < span.to().nanos() {
            let (start, end) = bucket(at, every, zone);
            let bucket =
                Interval::new(Instant::from_nanos(at), Instant::from_nanos(end.max(at.saturating_add(1))));
            starts.push(start);
            spans.extend(bucket.ok().and_then(|bucket| bucket.intersect(span)));
            at = end.max(at.saturating_add(1));
        }
        Ok(Self { starts, spans })
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }
}

/// Returns the start and the end of the bucket that an instant is in. Where the zone's clock is changed by less than the length of a bucket, the
/// edges move with it.
fn bucket(at: i64, every: Every, zone: Option<&Zone>) -> (i64, i64) {
    let offset = |at: i64| zone.map_or(0, |zone| zone.offset_nanos(Instant::from_nanos(at)));
    let shifted = at.saturating_sub(every.offset);
    let here = offset(shifted);
    let into = shifted.saturating_add(here).rem_euclid(every.nanos);
    let moved = |edge: i64| {
        let change = here - offset(edge);
        if change != 0 && change.abs() < every.nanos { edge.saturating_add(change) } else { edge }
    };
    let start = shifted.saturating_sub(into).saturating_add(every.offset);
    let end = shifted.saturating_add(every.nanos - into).saturating_add(every.offset);
    (moved(start), moved(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_cut() {
        let check = |from: &str, to: &str, every: (i64, i64), zone: &str, expect: &[&str]| {
            let instant = |text: &str| text.parse::<Instant>().expect("an instant");
            let span = Interval::new(instant(from), instant(to)).expect("a span");
            let zone = zone.parse::<Zone>().ok();
            let every = Every { nanos: every.0 * 60_000_000_000, offset: every.1 * 60_000_000_000 };
            let windows = Windows::of(span, every, zone.as_ref()).expect("buckets");
            let starts: Vec<_> =
                windows.starts.iter().map(|start| Instant::from_nanos(*start).to_string()).collect();
            assert_eq!(starts, expect, "{from} {every:?}");
            assert_eq!(windows.spans.first().map(|span| span.from()), Some(span.from()));
            assert_eq!(windows.spans.last().map(|span| span.to()), Some(span.to()));
            assert!(windows.spans.windows(2).all(|pair| pair[0].to() == pair[1].from()));
            assert_eq!(windows.spans.len(), starts.len());
        };
        let hour = ["2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z"];
        check("2024-01-01T00:30:00Z", "2024-01-01T01:30:00Z", (60, 0), "", &hour);
        check(
            "2024-01-01T00:10:00Z",
            "2024-01-01T00:20:00Z",
            (60, 15),
            "",
            &["2023-12-31T23:15:00Z", "2024-01-01T00:15:00Z"],
        );
        check(
            "1969-12-31T23:50:00Z",
            "1970-01-01T00:10:00Z",
            (60, 0),
            "",
            &["1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"],
        );
        let days = ["2024-03-29T23:00:00Z", "2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z"];
        check("2024-03-30T12:00:00Z", "2024-04-01T12:00:00Z", (1440, 0), "Europe/Berlin", &days);
        let autumn = ["2024-10-25T22:00:00Z", "2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z"];
        check("2024-10-26T12:00:00Z", "2024-10-28T12:00:00Z", (1440, 0), "Europe/Berlin", &autumn);
    }

    #[test]
    fn too_many_buckets_are_refused() {
        let span = Interval::new(Instant::from_seconds(0), Instant::from_seconds(1_000_000)).expect("a span");
        let every = Every { nanos: 1_000_000_000, offset: 0 };
        let Err(Failure::Refused(text)) = Windows::of(span, every, None) else { panic!("made") };
        assert!(text.starts_with("max-select-buckets limit exceeded: (1000001/100000): ask"), "{text}");
    }
}
