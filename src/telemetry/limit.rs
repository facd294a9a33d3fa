//! How many samples lie beyond a limit, told from a tally where that is certain.

use super::mapping::Mapping;
use super::plan::Comparator;
use super::sketch;
use super::summary::Beyond;
use super::tally::Tally;

/// Counts the samples that do not satisfy the comparison; `None` where the limit falls between values of one bin, so that
/// only the samples can tell.
///
/// A mapping of raw tallies is monotone on the values of a bin other than zero's, since they share their sign, and
/// each half of a comparison is monotone in the mapped value: alike at both ends of the bin means alike throughout.
pub(super) fn beyond(tally: &Tally, mapping: Mapping, comparator: Comparator) -> Option<Beyond> {
    match halves(comparator) {
        (one, None) => beyond_half(tally, mapping, one),
        (one, Some(other)) => {
            let (a, b) = (beyond_half(tally, mapping, one)?, beyond_half(tally, mapping, other)?);
            let both = Beyond { count: a.count + b.count, time_ns: a.time_ns + b.time_ns };
            // Nothing lies below the lower and above the upper limit, unless these are the wrong way round.
            comparator.is_ordered().then_some(both)
        }
    }
}

fn halves(comparator: Comparator) -> (Comparator, Option<Comparator>) {
    match comparator {
        Comparator::Between(lower, upper) => (Comparator::Ge(lower), Some(Comparator::Le(upper))),
        half => (half, None),
    }
}

fn beyond_half(tally: &Tally, mapping: Mapping, half: Comparator) -> Option<Beyond> {
    let holds = |value: f64| half.holds(mapping.apply(value));
    let mut beyond = Beyond::default();
    for (key, bin) in tally.sketch.bins() {
        let (low, high) = sketch::span(key);
        let (low, high) = (low.max(tally.min), high.min(tally.max));
        let at_low = holds(low);
        if at_low != holds(high) || (key == 0 && at_low != holds(0.0)) {
            return None;
        }
        if !at_low {
            beyond.count += bin.count;
            beyond.time_ns += bin.time;
        }
    }
    Some(beyond)
}
