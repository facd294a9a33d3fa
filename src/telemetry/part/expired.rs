//! Spans of a series whose samples are gone, as retention left them.
//!
//! A span begins and ends with slots of its level. When the samples went, every slot of that level in which there was one got a
//! rollup, whatever its size; so a slot of the level without a rollup held nothing, and a rollup is all that can be
//! told of the others. No sample is taken any more that lies before the end of such a span, so these rollups stay true.

use crate::telemetry::aggregate::slot::Level;

/// A span whose samples are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Gone {
    /// Its first instant.
    pub(in crate::telemetry) from: i64,
    /// The first instant after it.
    pub(in crate::telemetry) to: i64,
    /// The finest level of which every slot has its rollup.
    pub(in crate::telemetry) level: Level,
}

/// Adds a span; those of one level that touch become one.
pub(in crate::telemetry) fn add(all: &mut Vec<Gone>, more: Gone) {
    all.push(more);
    all.sort_unstable_by_key(|gone| gone.from);
    all.dedup_by(|next, gone| {
        let joins = next.level == gone.level && next.from <= gone.to;
        if joins {
            gone.to = gone.to.max(next.to);
        }
        joins
    });
}

/// Returns `[from, to)` without what is gone of it, in order.
pub(in crate::telemetry) fn without(all: &[Gone], from: i64, to: i64) -> Vec<(i64, i64)> {
    let (mut left, mut cursor) = (Vec::new(), from);
    for gone in all.iter().filter(|gone| gone.from < to && from < gone.to) {
        left.extend((cursor < gone.from).then_some((cursor, gone.from)));
        cursor = cursor.max(gone.to);
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
            add(&mut all, Gone { from, to, level });
        }
        add(&mut all, Gone { from: 40, to: 50, level: Level::Month });
        let spans: Vec<_> = all.iter().map(|gone| (gone.from, gone.to)).collect();
        assert_eq!(spans, [(0, 30), (40, 50)]);
        assert_eq!(without(&all, 25, 60), [(30, 40), (50, 60)]);
        assert_eq!(without(&all, 0, 30), []);
        assert_eq!(without(&[], 5, 6), [(5, 6)]);
    }
}
