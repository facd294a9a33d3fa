//! The mean number of failures of an item up to an age, without a distribution.

use super::{Error, History, check};
use crate::statistics::distribution::normal;

/// A step of the mean cumulative function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The age.
    pub age: f64,
    /// How many items were watched at it.
    pub at_risk: usize,
    /// How many failures came at it.
    pub failed: usize,
    /// The mean number of failures of an item up to it.
    pub mean: f64,
    /// The standard error of that.
    pub error: f64,
    /// The limits of it.
    pub low: f64,
    /// The limits of it.
    pub high: f64,
}

/// Returns the mean cumulative function at a confidence between 0 and 1.
///
/// Each failure adds 1 ∕ n, n being the items watched at its age. The variance adds up for each item the square of what it differs
/// from the mean; it asks nothing of how failures of one item depend on each other. The limits are M exp (± z s ∕ M). Source:
/// Nelson, *Recurrent Events Data Analysis*, 2003; Lawless and Nadeau, *Some simple robust methods for the analysis of recurrent events*,
/// Technometrics 37, 1995, equation 2.6.
pub fn mean_cumulative(histories: &[History], confidence: f64) -> Result<Vec<Step>, Error> {
    check(histories)?;
    let z = -normal::quantile((1.0 - confidence) / 2.0);
    let mut events: Vec<(f64, usize)> = histories
        .iter()
        .enumerate()
        .flat_map(|(item, history)| history.failures.iter().map(move |age| (*age, item)))
        .collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut differs = vec![0.0; histories.len()];
    let mut steps: Vec<Step> = Vec::new();
    let mut mean = 0.0;
    for here in events.chunk_by(|a, b| a.0 == b.0) {
        let age = here[0].0;
        let watched = |history: &History| history.from < age && age <= history.to;
        let at_risk = histories.iter().filter(|history| watched(history)).count();
        let failed = here.len();
        mean += failed as f64 / at_risk as f64;
        let share = failed as f64 / at_risk as f64;
        for (item, _) in histories.iter().enumerate().filter(|(_, history)| watched(history)) {
            differs[item] -= share / at_risk as f64;
        }
        for (_, item) in here {
            differs[*item] += 1.0 / at_risk as f64;
        }
        let error = differs.iter().map(|differs| differs * differs).sum::<f64>().sqrt();
        let factor = libm::exp(z * error / mean);
        steps.push(Step { age, at_risk, failed, mean, error, low: mean / factor, high: mean * factor });
    }
    Ok(steps)
}
