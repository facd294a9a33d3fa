//! Spans of time, closed at the start and open at the end: `[from, to)`.

use super::instant::Instant;
use std::fmt;

/// A bounded span `[from, to)` that holds at least one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    from: Instant,
    to: Instant,
}

/// The end of a span does not come after its start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the end {to} does not come after the start {from}")]
pub struct Empty {
    from: Instant,
    to: Instant,
}

impl Interval {
    /// All of time.
    pub const ALWAYS: Self = Self { from: Instant::MIN, to: Instant::MAX };

    /// Makes `[from, to)`; refuses a span without an instant.
    pub fn new(from: Instant, to: Instant) -> Result<Self, Empty> {
        if from < to { Ok(Self { from, to }) } else { Err(Empty { from, to }) }
    }

    /// Returns the first instant of the span.
    pub const fn from(self) -> Instant {
        self.from
    }

    /// Returns the first instant after the span.
    pub const fn to(self) -> Instant {
        self.to
    }

    /// Returns the length in nanoseconds, at most `i64::MAX`.
    pub const fn nanos(self) -> i64 {
        self.to.nanos().saturating_sub(self.from.nanos())
    }

    /// Returns whether `at` lies in the span.
    pub fn contains(self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }

    /// Returns what both spans share.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to)).ok()
    }

    /// Returns what is left of the span when `others` are cut out, in time order.
    #[must_use]
    pub fn without(self, others: &[Self]) -> Vec<Self> {
        let mut cuts: Vec<Self> = others.iter().filter_map(|other| self.intersect(*other)).collect();
        cuts.sort_unstable();
        let mut rest = Vec::new();
        let mut from = self.from;
        for cut in cuts {
            rest.extend(Self::new(from, cut.from));
            from = from.max(cut.to);
        }
        rest.extend(Self::new(from, self.to));
        rest
    }

    /// Returns what lies in any of the spans, as sorted, disjoint spans.
    #[must_use]
    pub fn union(mut spans: Vec<Self>) -> Vec<Self> {
        spans.sort_unstable();
        let mut merged: Vec<Self> = Vec::with_capacity(spans.len());
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
                _ => merged.push(span),
            }
        }
        merged
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Instant::MIN, Instant::MAX) => write!(f, "all of time"),
            (Instant::MIN, to) => write!(f, "(…, {to})"),
            (from, Instant::MAX) => write!(f, "[{from}, …)"),
            (from, to) => write!(f, "[{from}, {to})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Interval {
        Interval::new(Instant::from_nanos(from), Instant::from_nanos(to)).expect("a test span")
    }

    #[test]
    fn an_empty_span_is_refused() {
        assert!(Interval::new(Instant::from_nanos(5), Instant::from_nanos(5)).is_err());
        assert_eq!(span(0, 5).intersect(span(5, 9)), None);
    }

    fn spans(edges: &[(i64, i64)]) -> Vec<Interval> {
        edges.iter().map(|&(from, to)| span(from, to)).collect()
    }

    #[test]
    fn a_union_is_sorted_and_disjoint() {
        let check = |of: &[(i64, i64)], expect: &[(i64, i64)]| {
            assert_eq!(Interval::union(spans(of)), spans(expect), "{of:?}");
        };
        check(&[], &[]);
        check(&[(5, 8), (0, 3), (3, 4)], &[(0, 4), (5, 8)]);
        check(&[(0, 9), (2, 3), (1, 10)], &[(0, 10)]);
    }

    #[test]
    fn cutting_leaves_the_rest_in_order() {
        let check = |cuts: &[(i64, i64)], expect: &[(i64, i64)]| {
            assert_eq!(span(0, 10).without(&spans(cuts)), spans(expect));
        };
        check(&[], &[(0, 10)]);
        check(&[(8, 12), (2, 4), (3, 5)], &[(0, 2), (5, 8)]);
        check(&[(-5, 20)], &[]);
    }
}
