//! How great a difference is beside the spread among units, free of the unit of measure.

/// Returns Hedges' g: the difference of the means, right less left, in pooled standard deviations of the units, made smaller
/// for few units by 1 − 3 ∕ (4 ν − 1) with ν degrees of freedom (Hedges, *Distribution theory for Glass's estimator of effect
/// size*, Journal of Educational Statistics 6, 1981). `None` where the units of a side do not differ from each other, or are
/// fewer than two.
pub fn hedges_g(left: &[f64], right: &[f64]) -> Option<f64> {
    if left.len() < 2 || right.len() < 2 {
        return None;
    }
    let freedom = (left.len() + right.len() - 2) as f64;
    let pooled = ((squares(left) + squares(right)) / freedom).sqrt();
    let (left, right) = (mean(left)?, mean(right)?);
    let difference = right - left;
    // Less than this comes from rounding.
    (pooled > 1e-12 * (left.abs() + right.abs()))
        .then(|| difference / pooled * (1.0 - 3.0 / (4.0 * freedom - 1.0)))
}

/// Returns Hedges' g of units that are compared with themselves: the mean of their differences in standard deviations of the
/// differences, made smaller for few units as in [`hedges_g`]. `None` where the differences do not differ from each other, or
/// are fewer than two.
pub fn paired_hedges_g(differences: &[f64]) -> Option<f64> {
    let (mean, deviation) = (mean(differences)?, deviation(differences)?);
    let freedom = (differences.len() - 1) as f64;
    // Less than this comes from rounding.
    (deviation > 1e-12 * mean.abs()).then(|| mean / deviation * (1.0 - 3.0 / (4.0 * freedom - 1.0)))
}

/// Returns Cliff's delta: the probability that a unit of the right lies above one of the left, less that it lies below: −1
/// where all lie below, 1 where all lie above (Cliff, *Dominance statistics*, Psychological Bulletin 114, 1993).
pub fn cliffs_delta(left: &[f64], right: &[f64]) -> Option<f64> {
    let mut sorted = left.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let dominance = |value: &f64| {
        let below = sorted.partition_point(|other| other < value) as f64;
        let above = (sorted.len() - sorted.partition_point(|other| other <= value)) as f64;
        below - above
    };
    let pairs = (left.len() * right.len()) as f64;
    (pairs > 0.0).then(|| right.iter().map(dominance).sum::<f64>() / pairs)
}

/// Returns the mean.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Returns the median; of an even number of values the middle of the two in the middle.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    Some(if sorted.len() % 2 == 1 { upper } else { f64::midpoint(sorted[middle - 1], upper) })
}

/// Returns the standard deviation of a sample (over n − 1); `None` for fewer than two values.
pub fn deviation(values: &[f64]) -> Option<f64> {
    (values.len() > 1).then(|| (squares(values) / (values.len() - 1) as f64).sqrt())
}

/// Sums the squares of the distances from the mean.
fn squares(values: &[f64]) -> f64 {
    let mean = mean(values).unwrap_or_default();
    values.iter().map(|value| (value - mean) * (value - mean)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_are_those_of_the_papers() {
        let check = |left: &[f64], right: &[f64], g: Option<f64>, delta: Option<f64>| {
            let near = |found: Option<f64>, expect: Option<f64>| match (found, expect) {
                (Some(found), Some(expect)) => (found - expect).abs() < 1e-9,
                (found, expect) => found == expect,
            };
            assert!(near(hedges_g(left, right), g), "g {:?}", hedges_g(left, right));
            assert!(near(cliffs_delta(left, right), delta), "delta {:?}", cliffs_delta(left, right));
        };
        // Pooled variance (2 + 2) ∕ 4, ν = 4, 1 − 3 ∕ 15.
        check(&[1.0, 2.0, 3.0], &[3.0, 4.0, 5.0], Some(2.0 * 0.8), Some(8.0 / 9.0));
        check(&[3.0, 4.0, 5.0], &[1.0, 2.0, 3.0], Some(-2.0 * 0.8), Some(-8.0 / 9.0));
        check(&[1.0, 1.0], &[2.0, 2.0], None, Some(1.0));
        check(&[70.1; 6], &[68.3; 9], None, Some(-1.0));
        check(&[1.0, 1.0], &[1.0, 1.0], None, Some(0.0));
        check(&[1.0], &[2.0], None, Some(1.0));
        check(&[], &[2.0], None, None);
    }

    #[test]
    fn paired_units_are_measured_by_their_differences() {
        // Deviation 1, ν = 2, 1 − 3 ∕ 7.
        assert_eq!(paired_hedges_g(&[1.0, 2.0, 3.0]), Some(2.0 * (1.0 - 3.0 / 7.0)));
        assert_eq!(
            (paired_hedges_g(&[-0.5; 4]), paired_hedges_g(&[1.0]), paired_hedges_g(&[])),
            (None, None, None)
        );
    }

    #[test]
    fn the_middle_and_the_spread() {
        assert_eq!(
            (median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 2.0, 3.0]), median(&[])),
            (Some(2.0), Some(2.5), None)
        );
        assert_eq!((deviation(&[1.0, 3.0]), deviation(&[1.0])), (Some(std::f64::consts::SQRT_2), None));
        assert_eq!((mean(&[1.0, 2.0]), mean(&[])), (Some(1.5), None));
    }
}
