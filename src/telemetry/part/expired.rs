//! Spans of a series whose samples have expired, as retention left them.
//!
//! A span begins and ends with slots of its level. When the samples went, every slot of that level in which there was one got a
//! rollup, whatever its size; so a slot of the level without a rollup was empty, and a rollup is all that can be
//! known of the others. No sample is taken any more that lies before the end of such a span, so these rollups stay true.

use crate::telemetry::aggregate::slot::Level;

/// A span whose samples have expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Expired {
    /// Its first instant.
    pub(in crate::telemetry) from: i64,
    /// The first instant after it.
    pub(in crate::telemetry) to: i64,
    /// The finest level of which every slot has its rollup.
    pub(in crate::telemetry) level: Level,
}

/// Adds a span; those of one level that touch become one.
pub(in crate::telemetry) fn add(all: &mut Vec<Expired>, more: Expired) {
    all.push(more);
    all.sort_unstable_by_key(|expired| expired.from);
    all.dedup_by(|next, expired| {
        let joins = next.level == expired.level && next.from <= expired.to;
        if joins {
            expired.to = expired.to.max(next.to);
        }
        joins
    });
}

/// Returns `[from, to)` without its expired spans, in order.
pub(in crate::telemetry) fn without(all: &[Expired], from: i64, to: i64) -> Vec<(i64, i64)> {
    let (mut left, mut cursor) = (Vec::new(), from);
    for expired in all.iter().filter(|expired| expired.from < to && from < expired.to) {
        left.extend((cursor < expired.from).then_some((cursor, expired.from)));
        cursor = cursor.max(expired.to);
    }
    left.extend((cursor < to).then_some((cursor, to)));
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_join_and_leave_the_rest() {
        let mut all = Vec::new();
        for (from, to, level) in [(20, 30, Level::Day), (0, 10, Level::Day), (10, 20, Level::Day)] {
            add(&mut all, Expired { from, to, level });
        }
        add(&mut all, Expired { from: 40, to: 50, level: Level::Month });
        let spans: Vec<_> = all.iter().map(|expired| (expired.from, expired.to)).collect();
        assert_eq!(spans, [(0, 30), (40, 50)]);
        assert_eq!(without(&all, 25, 60), [(30, 40), (50, 60)]);
        assert_eq!(without(&all, 0, 30), []);
        assert_eq!(without(&[], 5, 6), [(5, 6)]);
    }
}
