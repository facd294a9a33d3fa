//! How sure a difference of two means is: the bootstrap over units, for the units of a cohort are the sample, not their
//! readings.
//!
//! The difference of the means of two cohorts is a sum over units: each adds its value on the right over the number of
//! units there, less its value on the left over the number there. A resample draws units with replacement, as many as
//! there are, within each of three strata: units on the left alone, on the right alone, and on both sides, which bring
//! both their values, so that comparing two periods of the same units compares each with itself (Efron and Tibshirani,
//! *An Introduction to the Bootstrap*, 1993, chapter 8). The interval is the bias-corrected and accelerated one (BCa): ibid.,
//! sections 14.3 and 15.4, equation 15.36 for several samples; DiCiccio and Efron, *Bootstrap confidence intervals*,
//! Statistical Science 11, 1996, section 2.
//!
//! Units are drawn in the order of their names, and a stratum's random numbers come from the place of its first unit in it. So
//! neither the order in which units are given nor which cohort is called left makes a difference.

use super::error::Error;
use super::normal;
use crate::model::random;
use std::collections::{BTreeMap, BTreeSet};

/// More units times resamples than this are refused.
const DRAWS_MAX: usize = 200_000_000;

/// How an interval is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// The probability with which the interval holds the true difference, between 0 and 1.
    pub confidence: f64,
    /// How often units are drawn.
    pub resamples: usize,
    /// Where the random numbers begin: the same seed gives the same interval.
    pub seed: u64,
}

/// Where the true difference probably lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfidenceInterval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The share of resamples whose difference is below zero, those at zero counted half.
    pub share_below_zero: f64,
}

/// The value of each unit, by name.
pub(super) type Values<'a> = BTreeMap<&'a str, f64>;

impl Default for Resampling {
    /// 95 %, 10,000 resamples.
    fn default() -> Self {
        Self { confidence: 0.95, resamples: 10_000, seed: 1 }
    }
}

impl Resampling {
    /// The least and the most resamples that may be asked for.
    pub const RESAMPLES: std::ops::RangeInclusive<usize> = 1_000..=100_000;

    pub(super) fn check(self) -> Result<(), Error> {
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(Error::Confidence(self.confidence));
        }
        if !Self::RESAMPLES.contains(&self.resamples) {
            return Err(Error::Resamples(self.resamples));
        }
        Ok(())
    }
}

/// Returns the interval of the difference of means, right less left. Neither side may be empty.
pub(super) fn interval(
    left: &Values<'_>,
    right: &Values<'_>,
    how: Resampling,
) -> Result<ConfidenceInterval, Error> {
    let strata = strata(left, right);
    let units: usize = strata.iter().map(|stratum| stratum.deviations.len()).sum();
    if units * how.resamples > DRAWS_MAX {
        return Err(Error::TooManyDraws { units, resamples: how.resamples, most: DRAWS_MAX / units });
    }
    let difference: f64 = strata.iter().map(|stratum| stratum.sum).sum();
    let drawn = Drawn::new(&strata, how);
    let (low, high) = ends(how.confidence, drawn.bias(), acceleration(&strata));
    Ok(ConfidenceInterval {
        low: difference + drawn.quantile(low),
        high: difference + drawn.quantile(high),
        share_below_zero: drawn.share_below(-difference),
    })
}

/// Units that are drawn for each other.
struct Stratum {
    /// What tells its random numbers from those of the others.
    stream: u64,
    /// What its units add to the difference.
    sum: f64,
    /// How far what each of them adds is from their mean.
    deviations: Vec<f64>,
}

/// Returns the strata in the order of their first units.
fn strata(left: &Values<'_>, right: &Values<'_>) -> Vec<Stratum> {
    let names: BTreeSet<&str> = left.keys().chain(right.keys()).copied().collect();
    let mut strata: BTreeMap<(bool, bool), (usize, Vec<f64>)> = BTreeMap::new();
    for (place, name) in names.into_iter().enumerate() {
        let (of_left, of_right) = (left.get(name), right.get(name));
        let share = |value: Option<&f64>, of: &Values<'_>| value.map_or(0.0, |value| value / of.len() as f64);
        let stratum = strata.entry((of_left.is_some(), of_right.is_some()));
        stratum.or_insert((place, Vec::new())).1.push(share(of_right, right) - share(of_left, left));
    }
    let stratum = |(place, adds): (usize, Vec<f64>)| {
        let sum: f64 = adds.iter().sum();
        let mean = sum / adds.len() as f64;
        Stratum { stream: place as u64, sum, deviations: adds.into_iter().map(|adds| adds - mean).collect() }
    };
    let mut strata: Vec<Stratum> = strata.into_values().map(stratum).collect();
    strata.sort_by_key(|stratum| stratum.stream);
    strata
}

/// How far the difference of each resample is from the one observed, in ascending order.
struct Drawn {
    deviations: Vec<f64>,
    /// Deviations no greater than this come from rounding.
    rounding: f64,
}

impl Drawn {
    fn new(strata: &[Stratum], how: Resampling) -> Self {
        let resample = |number: usize| strata.iter().map(|stratum| stratum.draw(number, how.seed)).sum();
        let mut deviations: Vec<f64> = (0..how.resamples).map(resample).collect();
        deviations.sort_unstable_by(f64::total_cmp);
        let moved =
            |stratum: &Stratum| stratum.deviations.iter().map(|deviation| deviation.abs()).sum::<f64>();
        Self { deviations, rounding: 1e-12 * strata.iter().map(moved).sum::<f64>() }
    }

    /// Returns the share below a deviation, those at it counted half.
    fn share_below(&self, at: f64) -> f64 {
        let below = self.deviations.partition_point(|deviation| *deviation < at - self.rounding);
        let up_to = self.deviations.partition_point(|deviation| *deviation <= at + self.rounding);
        (below + up_to) as f64 / (2 * self.deviations.len()) as f64
    }

    /// Returns z₀, how far the median of the resamples is from the difference observed. That all lie on one side means no
    /// more than that the next would not.
    fn bias(&self) -> f64 {
        let least = 0.5 / self.deviations.len() as f64;
        normal::quantile(self.share_below(0.0).clamp(least, 1.0 - least))
    }

    /// Returns the quantile `p`, between two resamples by the straight line.
    fn quantile(&self, p: f64) -> f64 {
        let place = p * (self.deviations.len() - 1) as f64;
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        let (below_it, above_it) = (self.deviations[below], self.deviations[above]);
        below_it + (above_it - below_it) * (place - place.floor())
    }
}

impl Stratum {
    /// Draws as many units as there are and returns how far what they add is from what the stratum adds.
    fn draw(&self, number: usize, seed: u64) -> f64 {
        let seed = random::mix(seed, self.stream);
        let count = self.deviations.len();
        let places = number * count..(number + 1) * count;
        places.map(|place| self.deviations[random::below(random::mix(seed, place as u64), count)]).sum()
    }
}

/// Returns the acceleration: how fast the spread of the difference grows with it, by the jackknife. Leaving one unit of a mean
/// out moves it by the unit's deviation, so equation 15.36 needs no second pass.
fn acceleration(strata: &[Stratum]) -> f64 {
    let (mut squares, mut cubes) = (0.0, 0.0);
    for deviation in strata.iter().flat_map(|stratum| &stratum.deviations) {
        squares += deviation * deviation;
        cubes += deviation * deviation * deviation;
    }
    if squares > 0.0 { cubes / (squares * squares.sqrt()) / 6.0 } else { 0.0 }
}

/// Returns the two quantiles of the resamples between which the confidence lies (equation 14.10).
fn ends(confidence: f64, bias: f64, acceleration: f64) -> (f64, f64) {
    let end = |z: f64| {
        let moved = bias + z;
        let stretch = 1.0 - acceleration * moved;
        // Beyond this the spread would be negative: the last resample is the end.
        let moved = if stretch > 0.0 { moved / stretch } else { moved * f64::INFINITY };
        normal::probability(bias + moved)
    };
    let z = normal::quantile((1.0 - confidence) / 2.0);
    (end(z), end(-z))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    const FEW: Resampling = Resampling { confidence: 0.95, resamples: 1_000, seed: 7 };

    type Units = Vec<(String, f64)>;

    fn named(values: &[(String, f64)]) -> Values<'_> {
        values.iter().map(|(name, value)| (name.as_str(), *value)).collect()
    }

    /// Units of one side; `from` tells where their names begin, so that sides may share some.
    fn side(from: usize) -> impl Strategy<Value = Units> {
        let values = proptest::collection::vec(-50.0_f64..50.0, 5..25);
        values.prop_map(move |values| {
            values.into_iter().enumerate().map(|(n, value)| (format!("u{:02}", from + n), value)).collect()
        })
    }

    /// Cohorts that share no unit, some, or all.
    fn sides() -> impl Strategy<Value = (Units, Units)> {
        prop_oneof![Just(0_usize), Just(3), Just(30)].prop_flat_map(|from| (side(from), side(12)))
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn swapped_sides_negate_the_interval((left, right) in sides()) {
            let one = interval(&named(&left), &named(&right), FEW).expect("an interval");
            let other = interval(&named(&right), &named(&left), FEW).expect("an interval");
            prop_assert!(near(one.low, -other.high) && near(one.high, -other.low), "{one:?} {other:?}");
            prop_assert!(near(one.share_below_zero, 1.0 - other.share_below_zero), "{one:?} {other:?}");
            prop_assert!(one.low <= one.high);
        }

        #[test]
        fn a_shift_of_one_side_shifts_the_interval((left, right) in sides(), shift in -100.0_f64..100.0) {
            let shifted: Units = right.iter().map(|(name, value)| (name.clone(), value + shift)).collect();
            let one = interval(&named(&left), &named(&right), FEW).expect("an interval");
            let other = interval(&named(&left), &named(&shifted), FEW).expect("an interval");
            prop_assert!(near(one.low + shift, other.low) && near(one.high + shift, other.high), "{one:?} {other:?}");
        }

        #[test]
        fn a_scale_of_both_sides_scales_the_interval((left, right) in sides()) {
            let scaled = |side: &[(String, f64)]| side.iter().map(|(name, value)| (name.clone(), value * 1.8)).collect::<Vec<_>>();
            let one = interval(&named(&left), &named(&right), FEW).expect("an interval");
            let other = interval(&named(&scaled(&left)), &named(&scaled(&right)), FEW).expect("an interval");
            prop_assert!(near(one.low * 1.8, other.low) && near(one.high * 1.8, other.high), "{one:?} {other:?}");
        }
    }

    fn values(of: &[f64], prefix: &str) -> Units {
        of.iter().enumerate().map(|(n, value)| (format!("{prefix}{n:02}"), *value)).collect()
    }

    #[test]
    fn units_on_both_sides_are_compared_with_themselves() {
        let before = [40.0, 60.0, 80.0, 100.0, 120.0, 140.0];
        let after: Vec<f64> =
            before.iter().zip([-1.0, -1.2, -0.8, -1.1, -0.9, -1.0]).map(|(a, b)| a + b).collect();
        let width = |found: ConfidenceInterval| found.high - found.low;
        let paired =
            interval(&named(&values(&before, "u")), &named(&values(&after, "u")), FEW).expect("an interval");
        assert!(width(paired) < 0.3 && paired.high < -0.8, "{paired:?}");
        let apart =
            interval(&named(&values(&before, "u")), &named(&values(&after, "v")), FEW).expect("an interval");
        assert!(width(apart) > 40.0, "{apart:?}");
    }

    #[test]
    fn units_that_are_all_alike_leave_no_doubt() {
        let (left, right) = (values(&[70.1; 6], "l"), values(&[68.3; 9], "r"));
        let found = interval(&named(&left), &named(&right), FEW).expect("an interval");
        assert!(near(found.low, -1.8) && near(found.high, -1.8), "{found:?}");
        assert_eq!(found.share_below_zero, 1.0);
    }

    #[test]
    fn a_seed_gives_the_same_bits_and_another_nearly_the_same() {
        let (left, right) =
            (values(&[1.0, 4.0, 2.0, 8.0, 5.0, 7.0], "l"), values(&[9.0, 3.0, 6.0, 2.0, 9.5], "r"));
        let with = |seed| {
            interval(&named(&left), &named(&right), Resampling { seed, ..Resampling::default() })
                .expect("an interval")
        };
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
        assert!((with(1).low - with(2).low).abs() < 0.2 && (with(1).high - with(2).high).abs() < 0.2);
    }

    #[test]
    fn skewed_units_skew_the_interval() {
        let (left, right) =
            (values(&[0.0; 5], "l"), values(&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 11.0], "r"));
        let found = interval(&named(&left), &named(&right), Resampling::default()).expect("an interval");
        assert!(found.high - 2.0 > 1.5 * (2.0 - found.low), "{found:?}");
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let check = |how: Resampling, expect: &str| {
            let error = how.check().expect_err("refused").to_string();
            assert!(error.contains(expect), "{error}");
        };
        check(Resampling { confidence: 1.0, ..FEW }, "confidence");
        check(Resampling { confidence: f64::NAN, ..FEW }, "confidence");
        check(Resampling { resamples: 10, ..FEW }, "resamples");
        let many = values(&vec![1.0; 3_000], "u");
        let error = interval(&named(&many), &named(&many), Resampling { resamples: 100_000, ..FEW });
        assert!(matches!(error, Err(Error::TooManyDraws { most: 66_666, .. })), "{error:?}");
    }

    /// Runs `benches/peers/bootstrap.py`; without a Python that has SciPy it says that it is skipped, and fails under CI.
    #[test]
    fn the_interval_is_that_of_scipy() {
        let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let there = Command::new(&python).args(["-c", "import scipy"]).output();
        if !there.is_ok_and(|output| output.status.success()) {
            assert!(std::env::var_os("CI").is_none(), "{python} has no scipy");
            eprintln!("skipped: {python} has no scipy");
            return;
        }
        let spread = |place: u64, count: u64, power: i32| -> Vec<f64> {
            let uniform = |n: u64| (random::mix(place, n) >> 11) as f64 / (1_u64 << 53) as f64;
            (0..count).map(|n| 60.0 + 10.0 * uniform(n).powi(power)).collect()
        };
        let cases = [
            case("two cohorts", &spread(1, 40, 1), &spread(2, 25, 1), false, 0.95),
            case("two skewed cohorts", &spread(3, 12, 6), &spread(4, 30, 8), false, 0.95),
            case("few units, little confidence", &spread(5, 6, 2), &spread(6, 7, 2), false, 0.8),
            case("units before and after", &spread(7, 20, 3), &spread(8, 20, 5), true, 0.95),
        ];
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/bootstrap.py");
        let mut peer = Command::new(&python);
        let peer = peer.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut peer = peer.expect("python runs");
        let given = serde_json::to_vec(&cases).expect("JSON");
        peer.stdin.take().expect("an input").write_all(&given).expect("the peer reads");
        let output = peer.wait_with_output().expect("the peer ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    fn case(name: &str, left: &[f64], right: &[f64], paired: bool, confidence: f64) -> serde_json::Value {
        let how = Resampling { confidence, ..Resampling::default() };
        let (lefts, rights) = (values(left, "u"), values(right, if paired { "u" } else { "v" }));
        let found = interval(&named(&lefts), &named(&rights), how).expect("an interval");
        serde_json::json!({ "name": name, "left": left, "right": right, "paired": paired, "confidence": confidence,
            "resamples": how.resamples, "low": found.low, "high": found.high })
    }
}
