//! Whether groups live equally long, without a distribution: the log-rank test.

use super::kaplan_meier::risk_sets;
use super::lives::Lives;
use crate::statistics::distribution::special::gamma;

/// The result of a log-rank test.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRank {
    /// For each group how many failed, and how many would have if all lived equally long.
    pub groups: Vec<(f64, f64)>,
    /// The statistic, which has the χ² distribution if all live equally long.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub freedom: usize,
    /// The probability of a statistic as great or greater if all live equally long.
    pub p: f64,
}

/// Compares the lives of groups; `None` where nothing can be compared. Delayed entry counts in the sets at risk.
///
/// At each age of a failure the d failures are expected in each group by its share of the n items at risk, with the hypergeometric
/// variance d (n − d) ∕ (n − 1) · p (1 − p). Source: Mantel, Cancer Chemotherapy Reports 50, 1966; Klein and Moeschberger,
/// *Survival Analysis*, 2003, section 7.3.
pub fn log_rank(groups: &[&Lives]) -> Option<LogRank> {
    let count = groups.len();
    let all = Lives { rows: sorted(groups) };
    let mut observed = vec![0.0; count];
    let mut expected = vec![0.0; count];
    let mut covariance = vec![vec![0.0; count]; count];
    for (age, at_risk, failed) in risk_sets(&all) {
        let shares: Vec<f64> = groups.iter().map(|lives| at_risk_of(lives, age) / at_risk).collect();
        for (group, lives) in groups.iter().enumerate() {
            observed[group] += failed_at(lives, age);
            expected[group] += failed * shares[group];
        }
        if at_risk > 1.0 {
            let weight = failed * (at_risk - failed) / (at_risk - 1.0);
            for a in 0..count {
                for b in 0..count {
                    let own = if a == b { shares[a] } else { 0.0 };
                    covariance[a][b] += weight * (own - shares[a] * shares[b]);
                }
            }
        }
    }
    // The differences add up to nothing, so the last group is determined by the others; a group that never was at risk beside
    // another determines nothing.
    let compared: Vec<usize> = (0..count).filter(|group| covariance[*group][*group] > 1e-12).collect();
    let (_, kept) = compared.split_last()?;
    let matrix: Vec<Vec<f64>> =
        kept.iter().map(|a| kept.iter().map(|b| covariance[*a][*b]).collect()).collect();
    let differences: Vec<f64> = kept.iter().map(|group| observed[*group] - expected[*group]).collect();
    let statistic = quadratic_form(matrix, &differences)?;
    let freedom = kept.len();
    let p = 1.0 - gamma(freedom as f64 / 2.0, statistic / 2.0);
    Some(LogRank { groups: observed.into_iter().zip(expected).collect(), statistic, freedom, p })
}

fn sorted(groups: &[&Lives]) -> Vec<super::Observation> {
    let mut rows: Vec<_> = groups.iter().flat_map(|lives| lives.rows.iter().copied()).collect();
    rows.sort_by(|a, b| a.end.age().total_cmp(&b.end.age()));
    rows
}

fn at_risk_of(lives: &Lives, age: f64) -> f64 {
    let after = lives.rows.partition_point(|row| row.end.age() < age);
    lives.rows[after..].iter().filter(|row| row.entry < age).map(|row| row.count).sum()
}

fn failed_at(lives: &Lives, age: f64) -> f64 {
    let first = lives.rows.partition_point(|row| row.end.age() < age);
    let here = lives.rows[first..].iter().take_while(|row| row.end.age() == age);
    here.filter(|row| !matches!(row.end, super::End::Suspended(_))).map(|row| row.count).sum()
}

/// Returns xᵀ A⁻¹ x of a symmetric positive matrix by elimination; `None` where it is singular.
pub(super) fn quadratic_form(mut matrix: Vec<Vec<f64>>, x: &[f64]) -> Option<f64> {
    let mut left = x.to_vec();
    let mut sum = 0.0;
    for at in 0..left.len() {
        let pivot = matrix[at][at];
        if pivot.is_nan() || pivot <= 1e-12 {
            return None;
        }
        sum += left[at] * left[at] / pivot;
        for row in at + 1..left.len() {
            let factor = matrix[row][at] / pivot;
            left[row] -= factor * left[at];
            let (above, below) = matrix.split_at_mut(row);
            for (value, pivots) in below[0].iter_mut().zip(&above[at]).skip(at) {
                *value -= factor * pivots;
            }
        }
    }
    Some(sum)
}
