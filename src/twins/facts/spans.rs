//! Sets of instants as sorted, disjoint spans.

use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;

/// A span and whether it is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::twins) struct Span {
    pub(in crate::twins) within: Interval,
    pub(in crate::twins) certain: bool,
}

/// Returns the span between bounds that may be open.
pub(in crate::twins) fn between(from: Option<Instant>, to: Option<Instant>) -> Option<Interval> {
    Interval::new(from.unwrap_or(Instant::MIN), to.unwrap_or(Instant::MAX)).ok()
}

/// Returns the start of a span, `None` where it is open.
pub(in crate::twins) fn start(span: Interval) -> Option<Instant> {
    Some(span.from()).filter(|from| *from != Instant::MIN)
}

/// Returns the end of a span, `None` where it is open.
pub(in crate::twins) fn end(span: Interval) -> Option<Instant> {
    Some(span.to()).filter(|to| *to != Instant::MAX)
}

/// Returns what is left of disjoint spans when others are cut out.
pub(in crate::twins) fn minus(spans: &[Interval], others: &[Interval]) -> Vec<Interval> {
    spans.iter().flat_map(|span| span.without(others)).collect()
}

/// Returns the length in hours.
pub(in crate::twins) fn hours(nanos: i128) -> f64 {
    nanos as f64 / 3.6e12
}
