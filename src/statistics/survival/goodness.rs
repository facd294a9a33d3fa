//! Whether a fitted distribution explains the failures: those observed in stretches of age against those expected.

use super::fit::Fit;
use super::lives::{End, Lives};
use super::log_rank::quadratic_form;
use crate::statistics::distribution::special::gamma;

/// The result of a test of fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Goodness {
    /// For each stretch of age where it ends, how many failed in it and how many the fit expects. The last one is open.
    pub cells: Vec<(f64, f64, f64)>,
    /// The statistic, which has the χ² distribution if the fit is right.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub freedom: usize,
    /// The probability of a statistic as great or greater if the fit is right.
    pub p: f64,
}

/// Fewer failures in a stretch make the distribution of the statistic another one.
const FAILURES_MIN: f64 = 5.0;
const CELLS_MAX: usize = 10;

/// Tests a fit; `None` where failures are too few for three stretches of five, or are only known to lie between two ages.
///
/// The items at risk accumulate hazard as they age, so that the fit expects E = Σ ΔH failures in a stretch, whatever is censored or
/// enters late. The differences have the covariance diag E − B I⁻¹ Bᵀ, where B are the derivatives of E by the parameters and I
/// is the information. Source: Hjort, *Goodness of fit tests in models for life history data based on cumulative hazard rates*,
/// Annals of Statistics 18, 1990, section 4.
pub fn goodness(fit: &Fit, lives: &Lives) -> Option<Goodness> {
    if lives.has_intervals() {
        return None;
    }
    let ends = ends(lives)?;
    let cells = ends.len();
    let (mut observed, mut expected) = (vec![0.0; cells], vec![0.0; cells]);
    let mut slopes = vec![[0.0; 2]; cells];
    for row in &lives.rows {
        let exit = row.end.age();
        let mut from = row.entry;
        for cell in ends.partition_point(|end| *end <= row.entry)..cells {
            let to = exit.min(ends[cell]);
            let (before, after) = (hazard(fit, from), hazard(fit, to));
            expected[cell] += row.count * (after[0] - before[0]);
            slopes[cell][0] += row.count * (after[1] - before[1]);
            slopes[cell][1] += row.count * (after[2] - before[2]);
            if exit <= ends[cell] {
                if matches!(row.end, End::Failed(_)) {
                    observed[cell] += row.count;
                }
                break;
            }
            from = to;
        }
    }
    // The differences of a Weibull fit add up to nothing, so one of them is determined by the others.
    let kept = cells - 1;
    let [vm, vml, vl] = fit.covariance();
    let matrix: Vec<Vec<f64>> = (0..kept)
        .map(|a| {
            (0..kept)
                .map(|b| {
                    let ([am, al], [bm, bl]) = (slopes[a], slopes[b]);
                    let taken = am * (vm * bm + vml * bl) + al * (vml * bm + vl * bl);
                    (if a == b { expected[a] } else { 0.0 }) - taken
                })
                .collect()
        })
        .collect();
    let differences: Vec<f64> = (0..kept).map(|cell| observed[cell] - expected[cell]).collect();
    let statistic = quadratic_form(matrix, &differences)?;
    let p = 1.0 - gamma(kept as f64 / 2.0, statistic / 2.0);
    let cells = ends.into_iter().zip(observed.into_iter().zip(expected)).map(|(end, (o, e))| (end, o, e));
    Some(Goodness { cells: cells.collect(), statistic, freedom: kept, p })
}

/// Cuts ages so that each stretch has as many failures; the last end is infinite.
fn ends(lives: &Lives) -> Option<Vec<f64>> {
    let failures = lives.failures();
    let cells = ((failures / FAILURES_MIN).floor() as usize).min(CELLS_MAX);
    if cells < 3 {
        return None;
    }
    let each = failures / cells as f64;
    let (mut ends, mut count) = (Vec::with_capacity(cells), 0.0);
    for row in lives.rows.iter().filter(|row| matches!(row.end, End::Failed(_))) {
        count += row.count;
        if count >= each * (ends.len() + 1) as f64 - 1e-9 && ends.last() != Some(&row.end.age()) {
            ends.push(row.end.age());
        }
    }
    ends.pop();
    ends.push(f64::INFINITY);
    (ends.len() >= 3).then_some(ends)
}

/// Returns the cumulative hazard at an age and its derivatives by μ and ln σ.
fn hazard(fit: &Fit, age: f64) -> [f64; 3] {
    if age <= 0.0 {
        return [0.0; 3];
    }
    let u = fit.standard(age);
    let [log, slope, _] = fit.family.survival(u);
    [-log, slope / fit.sigma, slope * u]
}
