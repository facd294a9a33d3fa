//! How sure a difference of two means is, where units are the sample: an interval from two independent methods, of which the
//! wider end counts.
//!
//! The interval is Welch's (*The generalization of "Student's" problem when several different population variances are
//! involved*, Biometrika 34, 1947), in the form for units of which some are on both sides: see `sample`. It asks nothing of the
//! spreads of the sides, but it relies on means of few units being distributed symmetrically, which they are not where values are
//! skewed and the sides differ in size. So each end is widened until the studentised permutation test, which is exact for values of
//! any distribution, rejects a difference there too: see `permutation`. `coverage` measures both.
//!
//! A few units have too few arrangements to show a confidence: five on both sides have 32, and 95 % needs 40. Where the sides have
//! as many units, the difference is distributed symmetrically if they do not differ, and Welch's interval alone covers no less than
//! it promises (Efron, *Student's t-test under symmetry conditions*, Journal of the American Statistical Association 64, 1969).
//! Elsewhere there is no interval.
//!
//! Neither the order in which units are given nor which side is called left makes a difference.

use super::distribution::student;
use super::permutation::{self, Arrangements, End};
use super::sample::Sample;

pub use super::permutation::Resampling;
pub use super::sample::Values;

/// More units times resamples than this are refused.
const DRAWS_MAX: usize = 200_000_000;
/// How many resamples lie beyond each end at the least.
const PER_END_MIN: f64 = 2.0;

/// Where the true difference probably lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfidenceInterval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Of the arrangements of the units other than the one observed, the share whose difference lies above it, those alike counted
    /// half: near 1 where the true difference lies below zero. Where there are too few arrangements, the confidence at which
    /// the interval would end at zero.
    pub share_below_zero: f64,
}

/// Why there is no interval.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// No interval has this confidence.
    #[error("the confidence of an interval lies between 0 and 1, {0} does not")]
    Confidence(f64),
    /// The number of resamples is too small or too large.
    #[error("{0} resamples were asked for, from {least} to {most} may be", least = Resampling::RESAMPLES.start(), most = Resampling::RESAMPLES.end())]
    Resamples(usize),
    /// So few resamples do not show such a confidence.
    #[error("a confidence of {percent} % needs {least} resamples or more, not {asked}", percent = 100.0 * confidence)]
    FewResamples {
        /// What was asked for.
        asked: usize,
        /// How many are needed.
        least: f64,
        /// The confidence asked for.
        confidence: f64,
    },
    /// The sides are too large for so many resamples.
    #[error("{resamples} resamples of {units} units are too many: ask for {most} resamples or fewer")]
    TooManyDraws {
        /// The units of both sides.
        units: usize,
        /// What was asked for.
        resamples: usize,
        /// How many resamples are drawn of so many units at the most.
        most: usize,
    },
    /// Chance alone would show as great a difference too often, whatever the values.
    #[error(transparent)]
    TooFewUnits(#[from] TooFewUnits),
}

/// Units of which no difference could be shown at the confidence, whatever their values.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "the units can be arranged over the sides in {arrangements} ways, and a confidence of {percent} % needs {needed} or more: \
     more units, or less confidence, give an interval",
    percent = 100.0 * confidence
)]
pub struct TooFewUnits {
    /// In how many ways the units can be arranged.
    pub arrangements: f64,
    /// How many ways are needed.
    pub needed: f64,
    /// What was asked for.
    pub confidence: f64,
}

impl Resampling {
    /// The least and the most resamples that may be asked for.
    pub const RESAMPLES: std::ops::RangeInclusive<usize> = 1_000..=100_000;

    /// Refuses a confidence or a number of resamples that no interval has.
    pub fn check(self) -> Result<(), Error> {
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(Error::Confidence(self.confidence));
        }
        if !Self::RESAMPLES.contains(&self.resamples) {
            return Err(Error::Resamples(self.resamples));
        }
        let least = PER_END_MIN * self.arrangements_min();
        if (self.resamples as f64) < least {
            return Err(Error::FewResamples { asked: self.resamples, least, confidence: self.confidence });
        }
        Ok(())
    }

    /// Returns how many arrangements show the confidence at the least.
    fn arrangements_min(self) -> f64 {
        // Less than this comes from rounding.
        (1.0 / self.tail() - 1e-6).ceil()
    }

    /// Returns the probability of a true difference beyond either end.
    fn tail(self) -> f64 {
        (1.0 - self.confidence) / 2.0
    }
}

/// Returns the interval of the difference of means, right less left. Each side needs two units.
pub fn interval(left: &Values<'_>, right: &Values<'_>, how: Resampling) -> Result<ConfidenceInterval, Error> {
    let sample = Sample::new(left, right);
    let units = sample.singles.len() + sample.pairs.len();
    if units * how.resamples > DRAWS_MAX {
        return Err(Error::TooManyDraws { units, resamples: how.resamples, most: DRAWS_MAX / units });
    }
    let (arrangements, needed) = (permutation::count(&sample), how.arrangements_min());
    let too_few = TooFewUnits { arrangements, needed, confidence: how.confidence };
    let can_be_tested = arrangements >= needed;
    if left.len().min(right.len()) < 2 || !(can_be_tested || sample.is_balanced()) {
        return Err(too_few.into());
    }
    let deviation = sample.variance().sqrt();
    if deviation <= sample.rounding {
        return Ok(point(&sample));
    }
    let welch = Welch { deviation, freedom: sample.freedom() };
    let tested = can_be_tested.then(|| Arrangements::new(&sample, how));
    let difference = sample.difference;
    let reach = welch.reach(how.tail());
    let (below, above) = match &tested {
        None => (reach, reach),
        Some(tested) => (
            widened(reach, |reach| tested.reject(-reach, End::Low, how.tail())),
            widened(reach, |reach| tested.reject(reach, End::High, how.tail())),
        ),
    };
    if !(below.is_finite() && above.is_finite()) {
        return Err(too_few.into());
    }
    let share_below_zero = match tested {
        Some(tested) => tested.share_above(-difference),
        None => welch.share_below(-difference),
    };
    Ok(ConfidenceInterval { low: difference - below, high: difference + above, share_below_zero })
}

/// Returns Welch's interval alone, for units that are on one side each or all on both.
pub(super) fn welch(left: &Values<'_>, right: &Values<'_>, confidence: f64) -> (f64, f64) {
    let sample = Sample::new(left, right);
    let welch = Welch { deviation: sample.variance().sqrt(), freedom: sample.freedom() };
    let reach = welch.reach((1.0 - confidence) / 2.0);
    (sample.difference - reach, sample.difference + reach)
}

/// Units that do not differ leave no doubt.
fn point(sample: &Sample) -> ConfidenceInterval {
    let difference = sample.difference;
    let share = if difference.abs() <= sample.rounding { 0.5 } else { f64::from(difference < 0.0) };
    ConfidenceInterval { low: difference, high: difference, share_below_zero: share }
}

/// The distribution of the difference after Welch.
struct Welch {
    deviation: f64,
    freedom: f64,
}

impl Welch {
    /// Returns how far from the difference an end lies.
    fn reach(&self, tail: f64) -> f64 {
        self.deviation * student::upper_quantile(tail, self.freedom)
    }

    /// Returns how sure it is that the true difference lies below one that is `shift` away.
    fn share_below(&self, shift: f64) -> f64 {
        student::probability(shift / self.deviation, self.freedom)
    }
}

/// Returns the least reach, from a given one up, at which a difference is rejected, to one part in 2⁴⁰.
fn widened(reach: f64, is_rejected: impl Fn(f64) -> bool) -> f64 {
    let (mut kept, mut rejected) = (reach, reach);
    // The arrangement observed is the only one that grows with the reach without bound, so that this ends early.
    while !is_rejected(rejected) && rejected.is_finite() {
        (kept, rejected) = (rejected, 1.25 * rejected);
    }
    for _ in 0..40 {
        let middle = f64::midpoint(kept, rejected);
        if is_rejected(middle) { rejected = middle } else { kept = middle }
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::random;
    use proptest::prelude::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    const FEW: Resampling = Resampling { confidence: 0.95, resamples: 1_000, seed: 7 };

    type Units = Vec<(String, f64)>;

    fn named(values: &[(String, f64)]) -> Values<'_> {
        values.iter().map(|(name, value)| (name.as_str(), *value)).collect()
    }

    /// Units of one side; `from` is where their names begin, so that sides may share some.
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
        (a - b).abs() < 1e-8
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn swapped_sides_negate_the_interval((left, right) in sides()) {
            let (one, other) = (found(&left, &right), found(&right, &left));
            let negated = other.map(|other| (-other.high, -other.low, 1.0 - other.share_below_zero));
            prop_assert!(alike(one, negated), "{one:?} {other:?}");
            prop_assert!(one.is_none_or(|one| one.low <= one.high));
        }

        #[test]
        fn a_shift_of_one_side_shifts_the_interval((left, right) in sides(), shift in -100.0_f64..100.0) {
            let shifted: Units = right.iter().map(|(name, value)| (name.clone(), value + shift)).collect();
            let (one, other) = (found(&left, &right), found(&left, &shifted));
            let back = other.zip(one).map(|(other, one)| (other.low - shift, other.high - shift, one.share_below_zero));
            prop_assert!(alike(one, back), "{one:?} {other:?}");
        }

        #[test]
        fn a_scale_of_both_sides_scales_the_interval((left, right) in sides()) {
            let scaled = |side: &[(String, f64)]| side.iter().map(|(name, value)| (name.clone(), value * 1.8)).collect::<Vec<_>>();
            let (one, other) = (found(&left, &right), found(&scaled(&left), &scaled(&right)));
            let back = other.map(|other| (other.low / 1.8, other.high / 1.8, other.share_below_zero));
            prop_assert!(alike(one, back), "{one:?} {other:?}");
        }
    }

    /// Returns the interval; `None` where the sides overlap so that they have too few arrangements.
    fn found(left: &[(String, f64)], right: &[(String, f64)]) -> Option<ConfidenceInterval> {
        match interval(&named(left), &named(right), FEW) {
            Err(Error::TooFewUnits(_)) => None,
            found => Some(found.expect("an interval")),
        }
    }

    fn alike(found: Option<ConfidenceInterval>, expect: Option<(f64, f64, f64)>) -> bool {
        match (found, expect) {
            (Some(found), Some((low, high, share))) => {
                near(found.low, low) && near(found.high, high) && near(found.share_below_zero, share)
            }
            (found, expect) => found.is_none() && expect.is_none(),
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
        assert!(width(paired) < 0.5 && paired.high < -0.7, "{paired:?}");
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

    /// Five units, and thirty of which some lie far out on one side.
    fn skewed() -> (Units, Units) {
        let right: Vec<f64> = (1..=30).map(|n| libm::exp(f64::from(n) / 5.0) / 100.0).collect();
        (values(&[1.0, 1.4, 0.2, 0.8, 0.5], "l"), values(&right, "r"))
    }

    #[test]
    fn a_seed_gives_the_same_bits_and_another_nearly_the_same() {
        let (left, right) = skewed();
        let with = |seed| {
            interval(&named(&left), &named(&right), Resampling { seed, ..Resampling::default() })
                .expect("an interval")
        };
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
        assert!((with(1).low - with(2).low).abs() < 0.5 && (with(1).high - with(2).high).abs() < 0.5);
    }

    #[test]
    fn a_few_units_far_out_widen_the_interval_on_their_side() {
        let (left, right) = skewed();
        let found = interval(&named(&left), &named(&right), Resampling::default()).expect("an interval");
        let (low, high) = welch(&named(&left), &named(&right), 0.95);
        assert!(near(found.high, high) && found.low < low - 0.2, "{found:?} {low} {high}");
    }

    #[test]
    fn too_few_arrangements_leave_no_interval() {
        let check = |left: &[f64], right: &[f64], confidence: f64, expect: Option<&str>| {
            let (left, right) = (values(left, "l"), values(right, "r"));
            let found = interval(&named(&left), &named(&right), Resampling { confidence, ..FEW });
            let error = found.err().map(|error| error.to_string());
            assert!(
                error.as_deref().map(|error| error.split(':').next().unwrap_or("")) == expect,
                "{error:?}"
            );
        };
        let units = [1.0, 2.0, 4.0, 3.0, 7.0];
        check(&units, &units, 0.95, None);
        // As many on either side: Welch's interval alone.
        check(&units[..3], &units[..3], 0.95, None);
        let three =
            "the units can be arranged over the sides in 35 ways, and a confidence of 95 % needs 40 or more";
        check(&units[..3], &units[..4], 0.95, Some(three));
        check(&units[..3], &units[..4], 0.94, None);
        let one =
            "the units can be arranged over the sides in 6 ways, and a confidence of 50 % needs 4 or more";
        check(&units[..1], &units, 0.5, Some(one));
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
        check(
            Resampling { confidence: 0.999, ..FEW },
            "a confidence of 99.9 % needs 4000 resamples or more, not 1000",
        );
        let many = values(&vec![1.0; 3_000], "u");
        let error = interval(&named(&many), &named(&many), Resampling { resamples: 100_000, ..FEW });
        assert!(matches!(error, Err(Error::TooManyDraws { most: 66_666, .. })), "{error:?}");
    }

    /// Runs `benches/peers/intervals.py`; without a Python that has SciPy it reports that it is skipped, and fails under CI.
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
            case("two skewed cohorts of other sizes", &spread(13, 6, 6), &spread(14, 60, 6), false, 0.9),
            case("a few skewed units", &spread(13, 5, 9), &spread(14, 30, 9), false, 0.95),
            case("all arrangements", &spread(9, 5, 3), &spread(10, 5, 3), false, 0.95),
            case("few units, little confidence", &spread(5, 6, 2), &spread(6, 7, 2), false, 0.8),
            case("units before and after", &spread(7, 20, 3), &spread(8, 20, 5), true, 0.95),
            case("few units before and after", &spread(11, 7, 3), &spread(12, 7, 5), true, 0.95),
        ];
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/intervals.py");
        let mut peer = Command::new(&python);
        let peer = peer.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut peer = peer.expect("python runs");
        let given = serde_json::to_vec(&cases).expect("JSON");
        peer.stdin.take().expect("an input").write_all(&given).expect("the peer reads");
        let output = peer.wait_with_output().expect("the peer ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    fn case(name: &str, left: &[f64], right: &[f64], paired: bool, confidence: f64) -> serde_json::Value {
        let how = Resampling { confidence, resamples: 50_000, ..Resampling::default() };
        let (lefts, rights) = (values(left, "u"), values(right, if paired { "u" } else { "v" }));
        let found = interval(&named(&lefts), &named(&rights), how).expect("an interval");
        serde_json::json!({ "name": name, "left": left, "right": right, "paired": paired, "confidence": confidence,
            "low": found.low, "high": found.high })
    }
}
