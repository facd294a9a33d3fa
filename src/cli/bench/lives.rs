//! How often the limits of lives hold the true quantity, with those for many failures beside them, and how long many stays take.

use super::report::Report;
use crate::model::random;
use crate::statistics::coverage::LifeTrials;
use crate::statistics::survival::limits::{Cutoff, Profiles, Quantity};
use crate::statistics::survival::{End, Error, Family, Lives, Observation};
use std::time::Instant;

/// The least share of limits that must hold the true quantity where 95 % are promised, in percent.
const COVERED_MIN: f64 = 93.0;
/// The longest that the fit of many stays may take, with the limits of four quantities.
const MILLIS_MAX: f64 = 1_000.0;
const STAYS: u64 = 100_000;

/// How many items, and the age of suspension where the scale is 1.
const CASES: [(usize, f64); 8] = [
    (5, f64::MAX),
    (7, f64::MAX),
    (10, f64::MAX),
    (20, f64::MAX),
    (50, f64::MAX),
    (20, 0.9),
    (50, 0.7),
    (100, 0.6),
];

/// Prints the figures, each with its bar.
pub(super) fn run(trials: usize, report: &mut Report) -> Result<(), Error> {
    report.text(&format!(
        "lives: {trials} draws a figure, nominal 95 %; the worst of shape, scale, B10 and reliability"
    ));
    for (family, name) in [(Family::Weibull, "Weibull"), (Family::Lognormal, "lognormal")] {
        for (items, until) in CASES {
            let of = LifeTrials { family, shape: 2.0, items, until, failures_min: 5, count: trials, seed: 1 };
            let ended =
                if until < f64::MAX { format!(", suspended at {until} of the scale") } else { String::new() };
            let what = format!("{name}, {items} items{ended}");
            report.at_least(&what, 100.0 * of.measure(Cutoff::SmallSample).least(), COVERED_MIN, "% covered");
            let beside = 100.0 * of.measure(Cutoff::ChiSquare).least();
            report.text(&format!("{:62}{beside:12.3} % covered", format!("  {what}: by χ²")));
        }
    }
    let lives = fleet()?;
    let begun = Instant::now();
    let profiles = Profiles::fitted(Family::Weibull, &lives, 0.95, Cutoff::SmallSample)?;
    for quantity in [Quantity::Shape, Quantity::Scale, Quantity::Quantile(0.1), Quantity::Reliability(500.0)]
    {
        profiles.limits(quantity);
    }
    let millis = begun.elapsed().as_secs_f64() * 1e3;
    report.at_most("Weibull with limits of four quantities, 100,000 stays", millis, MILLIS_MAX, "ms");
    Ok(())
}

/// Makes stays of which two thirds enter late and a quarter fails.
fn fleet() -> Result<Lives, Error> {
    let uniform = |place: u64, n: u64| ((random::mix(place, n) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let stay = |n: u64| {
        let (age, end) = (1000.0 * (-uniform(1, n).ln()).sqrt(), 300.0 + 500.0 * uniform(2, n));
        let entry = if n.is_multiple_of(3) { 0.0 } else { 200.0 * uniform(3, n) };
        let end = if age > end { End::Suspended(end) } else { End::Failed(age) };
        (end.age() > entry).then_some(Observation { entry, end, count: 1.0 })
    };
    Lives::new((0..STAYS).filter_map(stay))
}
