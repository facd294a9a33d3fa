//! Whether failures of repaired items come more or less often as they age.

use super::{Error, History, check};
use crate::statistics::distribution::normal;

/// The result of a test of trend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Above 0 where failures come more often with age, below 0 where they come less often; standard normal where neither.
    pub statistic: f64,
    /// The probability of a statistic as far from 0 or farther if there is no trend.
    pub p: f64,
    /// How many failures there are.
    pub failures: usize,
}

/// Tests for a trend; at least one failure is needed, and the normal distribution is right from about four.
///
/// U = Σ (x − (S + T) ∕ 2) ∕ √(Σ n (T − S)² ∕ 12): without a trend failures lie anywhere in the watched ages. Source: Laplace;
/// Cox and Lewis, *The Statistical Analysis of Series of Events*, 1966; for several items Kvaløy and Lindqvist, *TTT-based tests for
/// trend in repairable systems data*, Reliability Engineering & System Safety 60, 1998.
pub fn laplace(histories: &[History]) -> Result<Trend, Error> {
    let failures = check(histories)?;
    if failures == 0 {
        return Err(Error::TooFewFailures { found: 0, enough: 1 });
    }
    let (mut sum, mut variance) = (0.0, 0.0);
    for History { from, to, failures } in histories {
        let middle = f64::midpoint(*from, *to);
        sum += failures.iter().map(|age| age - middle).sum::<f64>();
        variance += failures.len() as f64 * (to - from) * (to - from) / 12.0;
    }
    let statistic = sum / variance.sqrt();
    Ok(Trend { statistic, p: 2.0 * normal::probability(-statistic.abs()), failures })
}
