//! The share of items that survive an age, without a distribution (Kaplan and Meier).

use super::lives::{End, Lives};
use crate::statistics::distribution::normal;

/// The curve of survival: a step at each age at which anything failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// In order of age.
    pub steps: Vec<Step>,
}

/// A step of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The age.
    pub age: f64,
    /// How many items were watched just before it.
    pub at_risk: f64,
    /// How many failed at it.
    pub failed: f64,
    /// The share that survives it.
    pub survival: f64,
    /// The band around that share; `None` where none is left, or nothing but the step is known.
    pub band: Option<(f64, f64)>,
}

/// Returns the curve at a confidence between 0 and 1; failures between two ages count at the later one, so that
/// [`turnbull`](super::turnbull) is to be taken where there are such.
///
/// S = Π (1 − d ∕ n), where n items were watched just before an age, those whose stretch begins at that age or later left out, and d
/// of them failed at it (Kaplan and Meier, Journal of the American Statistical Association 53, 1958; with delayed entry
/// Klein and Moeschberger, *Survival Analysis*, 2003, section 4.6). The band is S^exp(± z s), s = √(Σ d ∕ (n (n − d))) ∕ ln S: Greenwood's
/// variance on the scale ln (−ln S), on which the band stays between 0 and 1 (Klein and Moeschberger, section 4.3).
pub fn kaplan_meier(lives: &Lives, confidence: f64) -> Curve {
    let z = -normal::quantile((1.0 - confidence) / 2.0);
    let (mut survival, mut variance) = (1.0, 0.0);
    let steps = risk_sets(lives).into_iter().map(|(age, at_risk, failed)| {
        let left = at_risk - failed;
        // What is left of counts that are no whole numbers may be rounding.
        let none_left = left <= 1e-9 * at_risk;
        survival *= if none_left { 0.0 } else { left / at_risk };
        variance += failed / (at_risk * left);
        let band = (survival > 0.0 && survival < 1.0).then(|| {
            let log = libm::log(survival);
            let reach = z * variance.sqrt() / log.abs();
            (libm::exp(log * libm::exp(reach)), libm::exp(log * libm::exp(-reach)))
        });
        Step { age, at_risk, failed, survival, band }
    });
    Curve { steps: steps.collect() }
}

/// Returns for each age of a failure how many were watched just before it and how many failed at it.
pub(super) fn risk_sets(lives: &Lives) -> Vec<(f64, f64, f64)> {
    let mut entries: Vec<(f64, f64)> = lives.rows.iter().map(|row| (row.entry, row.count)).collect();
    entries.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (mut entered, mut at_risk, mut left) = (0, 0.0, 0);
    let mut sets: Vec<(f64, f64, f64)> = Vec::new();
    // Rows are in the order of the ages at which they end.
    for row in lives.rows.iter().filter(|row| !matches!(row.end, End::Suspended(_))) {
        let age = row.end.age();
        if let Some(last) = sets.last_mut().filter(|last| last.0 == age) {
            last.2 += row.count;
            continue;
        }
        while let Some((_, count)) = entries.get(entered).filter(|(entry, _)| *entry < age) {
            at_risk += count;
            entered += 1;
        }
        while let Some(ended) = lives.rows.get(left).filter(|ended| ended.end.age() < age) {
            at_risk -= ended.count;
            left += 1;
        }
        sets.push((age, at_risk, row.count));
    }
    sets
}

impl Curve {
    /// Returns the share that survives an age.
    pub fn survival(&self, age: f64) -> f64 {
        let after = self.steps.partition_point(|step| step.age <= age);
        after.checked_sub(1).map_or(1.0, |at| self.steps[at].survival)
    }

    /// Returns the points of a probability plot: each age of a failure with the share failed in the middle of its step (Meeker and
    /// Escobar, *Statistical Methods for Reliability Data*, 1998, section 6.4).
    pub fn plot_points(&self) -> Vec<(f64, f64)> {
        let before = std::iter::once(1.0).chain(self.steps.iter().map(|step| step.survival));
        before
            .zip(&self.steps)
            .map(|(before, step)| (step.age, 1.0 - f64::midpoint(before, step.survival)))
            .collect()
    }

    /// Returns the age by which half of the items have failed; `None` where they have not.
    pub fn median(&self) -> Option<f64> {
        self.steps.iter().find(|step| step.survival <= 0.5).map(|step| step.age)
    }
}
