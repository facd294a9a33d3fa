//! Whether a statistic keeps a limit: exactly, never from the bins of a histogram nor from a converted number.
//!
//! The greatest value is at most L exactly if no sample lies above L, and at least L if some sample does not lie below it. The store
//! counts samples beyond a limit in the unit in which they were sent, so no rounding of a conversion decides.
//!
//! A percentile is the smallest value such that values up to it weigh at least p of all (nearest rank on time). So it is
//! at most L exactly if what lies above L weighs no more than the rest, which the store counts exactly; and so on for
//! the other comparisons. The percentile's value itself may come from bins; it is kept on the side of the limit that
//! the count proves.

use super::constraint::{Constraint, Statistic};
use crate::telemetry::{self, Beyond, Comparator, SampleWeight, Summary};
use crate::twins::Portion;

/// What was found for one set of samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::feedback) struct Judgement {
    /// Whether the statistic keeps the limit.
    pub(super) keeps: bool,
    /// The statistic.
    pub(in crate::feedback) observed: f64,
}

/// A mean is a rounded number: nearer to a limit than this share of what it is rounded at or of the limit, it is the limit.
const MEAN_ROUNDING: f64 = 1e-12;

/// Judges samples; `None` where there are none, or their limits were not counted.
pub(in crate::feedback) fn judge(
    constraint: &Constraint,
    portion: &Portion,
    summary: &Summary,
) -> Result<Option<Judgement>, telemetry::Error> {
    let observed = constraint.statistic.of(summary, SampleWeight::Time)?;
    Ok(observed.and_then(|observed| judge_one(constraint, portion, summary, observed)))
}

fn judge_one(
    constraint: &Constraint,
    portion: &Portion,
    summary: &Summary,
    mut observed: f64,
) -> Option<Judgement> {
    let mut keeps = true;
    let sides = match constraint.comparator {
        Comparator::Between(lower, upper) => vec![Comparator::Ge(lower), Comparator::Le(upper)],
        one => vec![one],
    };
    for side in sides {
        let kept = match constraint.statistic {
            Statistic::Mean => {
                observed = rounded(observed, side.limit(), summary);
                side.holds(observed)
            }
            of => counted(of, side, portion.beyond_of(summary, side)?, summary),
        };
        observed = hold(side, kept, observed);
        keeps &= kept;
    }
    Some(Judgement { keeps, observed })
}

/// Returns the limit in place of a mean that differs from it by no more than rounding.
fn rounded(mean: f64, limit: f64, summary: &Summary) -> f64 {
    let magnitude = summary.mean_magnitude(SampleWeight::Time).unwrap_or(0.0);
    if (mean - limit).abs() <= MEAN_ROUNDING * limit.abs().max(magnitude) { limit } else { mean }
}

/// Judges an extreme or a percentile by what lies beyond the limit.
fn counted(statistic: Statistic, side: Comparator, beyond: Beyond, summary: &Summary) -> bool {
    let upper = matches!(side, Comparator::Le(_) | Comparator::Lt(_));
    match statistic {
        Statistic::Percentile(p) => side_holds(side, beyond.time_ns, summary.time_ns, p),
        // All values keep the limit, or at least one does.
        Statistic::Max if upper => beyond.count == 0,
        Statistic::Min if !upper => beyond.count == 0,
        _ => beyond.count < summary.count,
    }
}

/// Compares weights, not values: `beyond` is what does not satisfy the comparison, of `total`.
fn side_holds(side: Comparator, beyond: u128, total: u128, p: u8) -> bool {
    let p = u128::from(p);
    match side {
        // Pp ≤ L: what is up to L weighs at least p.
        Comparator::Le(_) | Comparator::Lt(_) => (total - beyond) * 100 >= total * p,
        // Pp ≥ L: what is below L weighs less than p.
        Comparator::Ge(_) | Comparator::Gt(_) => beyond * 100 < total * p,
        Comparator::Between(..) => false,
    }
}

/// Puts a value that is right to a cell on the side of the limit where it certainly lies.
fn hold(side: Comparator, kept: bool, value: f64) -> f64 {
    match (side, kept) {
        (Comparator::Le(limit), true) | (Comparator::Gt(limit), false) => value.min(limit),
        (Comparator::Le(limit), false) | (Comparator::Gt(limit), true) => value.max(limit.next_up()),
        (Comparator::Lt(limit), true) | (Comparator::Ge(limit), false) => value.min(limit.next_down()),
        (Comparator::Lt(limit), false) | (Comparator::Ge(limit), true) => value.max(limit),
        (Comparator::Between(..), _) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition itself, on unit weights.
    fn nearest_rank(values: &[f64], p: u8) -> f64 {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let rank = (usize::from(p) * values.len()).div_ceil(100).max(1);
        values[rank - 1]
    }

    proptest::proptest! {
        #[test]
        fn counting_beyond_a_limit_is_comparing_the_percentile(
            values in proptest::collection::vec(0_i32..6, 1..60),
            limit in 0_i32..6,
            p in proptest::sample::select(vec![1_u8, 5, 50, 95, 99]),
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let limit = f64::from(limit);
            for side in [Comparator::Le(limit), Comparator::Lt(limit), Comparator::Ge(limit), Comparator::Gt(limit)] {
                let beyond = values.iter().filter(|value| !side.holds(**value)).count();
                let exact = side.holds(nearest_rank(&values, p));
                proptest::prop_assert_eq!(side_holds(side, beyond as u128, values.len() as u128, p), exact);
            }
        }
    }

    #[test]
    fn a_value_of_a_cell_stays_on_its_side() {
        let check = |side: Comparator, kept: bool| {
            for value in [84.5, 85.0, 85.5] {
                assert_eq!(side.holds(hold(side, kept, value)), kept, "{side:?} {value}");
            }
        };
        for side in [Comparator::Le(85.0), Comparator::Lt(85.0), Comparator::Ge(85.0), Comparator::Gt(85.0)] {
            check(side, true);
            check(side, false);
        }
    }
}
