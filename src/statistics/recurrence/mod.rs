//! Failures that come again: items that are repaired and go on.

pub mod mean_cumulative;
pub mod power_law;
pub mod rate_ratio;
pub mod trend;

/// An item that is repaired: the ages between which it was watched, and those at which it failed.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// From which age it was watched.
    pub from: f64,
    /// Up to which.
    pub to: f64,
    /// When it failed: after the first age, at the second or before.
    pub failures: Vec<f64>,
}

/// Why histories cannot be estimated from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A history that ends before it begins, or an age that is no number.
    #[error(
        "item {item} is watched from the age {from} to {to}: finite ages from 0 are needed, the second above the first"
    )]
    Backwards {
        /// Which, from 0.
        item: usize,
        /// The first age.
        from: f64,
        /// The second age.
        to: f64,
    },
    /// A failure while nobody watched.
    #[error("item {item} fails at the age {age}, outside of those at which it was watched")]
    Outside {
        /// Which, from 0.
        item: usize,
        /// The age.
        age: f64,
    },
    /// Not enough has failed.
    #[error("{found} failures, {enough} are enough")]
    TooFewFailures {
        /// How many there are.
        found: usize,
        /// How many are needed.
        enough: usize,
    },
}

/// Checks histories.
pub(super) fn check(histories: &[History]) -> Result<usize, Error> {
    for (item, history) in histories.iter().enumerate() {
        let History { from, to, failures } = history;
        if !(from.is_finite() && to.is_finite() && *from >= 0.0 && to > from) {
            return Err(Error::Backwards { item, from: *from, to: *to });
        }
        if let Some(age) = failures.iter().find(|age| !(**age > *from && **age <= *to)) {
            return Err(Error::Outside { item, age: *age });
        }
    }
    Ok(histories.iter().map(|history| history.failures.len()).sum())
}

#[cfg(test)]
mod tests {
    use super::mean_cumulative::mean_cumulative;
    use super::power_law::{PowerLaw, constant_rate};
    use super::rate_ratio::{Observed, rate_ratio};
    use super::trend::laplace;
    use super::{Error, History};

    fn history(from: f64, to: f64, failures: &[f64]) -> History {
        History { from, to, failures: failures.to_vec() }
    }

    fn near(found: f64, expect: f64, within: f64) {
        assert!((found - expect).abs() <= within, "{found}, not {expect}");
    }

    /// Three systems watched for 200 hours: Crow, *Reliability analysis for complex, repairable systems*, 1974, table 1.
    fn crow() -> [History; 3] {
        [
            history(0.0, 200.0, &[4.3, 4.4, 10.2, 23.5, 23.8, 26.4, 74.0, 77.1, 92.1, 197.2]),
            history(
                0.0,
                200.0,
                &[0.1, 5.6, 18.6, 19.5, 24.2, 26.7, 45.1, 45.8, 75.7, 79.7, 98.6, 120.1, 161.8, 180.6, 190.8],
            ),
            history(0.0, 200.0, &[8.4, 32.5, 44.7, 48.4, 50.6, 73.6, 98.7, 112.2, 129.8, 136.0, 195.8]),
        ]
    }

    #[test]
    fn a_power_law_is_that_of_crow() {
        let found = PowerLaw::fit(&crow(), 0.9).expect("a fit");
        assert_eq!(found.failures, 36);
        near(found.growth.estimate, 0.615, 5e-4);
        near(found.rate, 0.461, 1e-3);
        near(found.mean(200.0), 12.0, 1e-9);
        assert!(found.growth.low > 0.44 && found.growth.high < 0.80, "{found:?}");
        // Watched from later on the law is the same, its limits those of the profile.
        let later: Vec<History> = crow()
            .into_iter()
            .map(|one| {
                let failures = one.failures.into_iter().filter(|age| *age > 20.0).collect();
                History { from: 20.0, failures, ..one }
            })
            .collect();
        let found = PowerLaw::fit(&later, 0.9).expect("a fit");
        assert!(
            found.growth.low < found.growth.estimate && found.growth.estimate < found.growth.high,
            "{found:?}"
        );
        let none = PowerLaw::fit(&[history(0.0, 5.0, &[1.0])], 0.9);
        assert_eq!(none, Err(Error::TooFewFailures { found: 1, enough: 2 }));
    }

    #[test]
    fn a_trend_is_that_of_laplace() {
        let check = |failures: &[f64], expect: f64| {
            near(laplace(&[history(0.0, 10.0, failures)]).expect("a trend").statistic, expect, 1e-9);
        };
        check(&[5.0], 0.0);
        // Two at the end: (5 + 5) ∕ √(2 · 100 ∕ 12).
        check(&[10.0, 10.0], 10.0 / (200.0_f64 / 12.0).sqrt());
        check(&[1.0], -4.0 / (100.0_f64 / 12.0).sqrt());
        assert!(laplace(&crow()).expect("a trend").p < 0.01);
        assert_eq!(laplace(&[history(0.0, 1.0, &[])]), Err(Error::TooFewFailures { found: 0, enough: 1 }));
    }

    #[test]
    fn a_mean_cumulative_function_counts_those_that_are_watched() {
        let steps = mean_cumulative(
            &[history(0.0, 10.0, &[2.0, 8.0]), history(0.0, 5.0, &[2.0]), history(4.0, 10.0, &[9.0])],
            0.95,
        );
        let steps = steps.expect("steps");
        let found: Vec<_> =
            steps.iter().map(|step| (step.age, step.at_risk, step.failed, step.mean)).collect();
        assert_eq!(found, [(2.0, 2, 2, 1.0), (8.0, 2, 1, 1.5), (9.0, 2, 1, 2.0)]);
        // Both failed once by 2: nothing differs. At 8 one has ½ more and one ½ ∕ 2 less of the mean.
        near(steps[0].error, 0.0, 1e-12);
        near(steps[1].error, (2.0_f64 / 16.0).sqrt(), 1e-12);
    }

    #[test]
    fn a_ratio_of_rates_has_the_limits_of_r() {
        // R: poisson.test(c(11, 21), c(800, 3011)), from its help page; its p counts both tails by their probability.
        let observed = |failures, exposure| Observed { failures, exposure };
        let found = rate_ratio(observed(21, 3011.0), observed(11, 800.0), 0.95).expect("a ratio");
        near(found.ratio.estimate, 1.971_488, 1e-6);
        near(found.ratio.low, 0.858_426_4, 1e-6);
        near(found.ratio.high, 4.277_265_9, 1e-6);
        near(found.p, 0.1, 0.025);
        let none = rate_ratio(observed(4, 100.0), observed(0, 100.0), 0.95).expect("a ratio");
        assert_eq!((none.ratio.estimate, none.ratio.low), (0.0, 0.0));
        // 1 in 16 that all four are on the left, twice.
        near(none.p, 0.125, 1e-12);
        assert_eq!(rate_ratio(observed(0, 1.0), observed(0, 1.0), 0.95), None);
        let rate =
            constant_rate(&[history(0.0, 10.0, &[1.0]), history(0.0, 90.0, &[])], 0.95).expect("a rate");
        near(rate.estimate, 0.01, 1e-15);
        near(rate.high, 0.055_716_43, 1e-7);
    }

    #[test]
    fn what_is_no_history_is_refused() {
        let check = |one: History, expect: &str| {
            let error = laplace(&[one]).expect_err("refused").to_string();
            assert!(error.contains(expect), "{error}");
        };
        check(history(5.0, 4.0, &[]), "the second above the first");
        check(history(0.0, f64::NAN, &[]), "finite ages");
        check(history(0.0, 5.0, &[6.0]), "fails at the age 6, outside");
    }
}
