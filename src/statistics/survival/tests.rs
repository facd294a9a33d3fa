//! Published examples, laws, and the peers of `benches/peers/lives.py`.

use super::family::Family::{Lognormal, Weibull};
use super::forecast::{InService, Predictor};
use super::kaplan_meier::kaplan_meier;
use super::limits::{Cutoff, Profiles, Quantity};
use super::log_rank::log_rank;
use super::three::weibull_with_location;
use super::turnbull::turnbull;
use super::weibayes::{Weibayes, items_to_show};
use super::{End, Error, Family, Fit, Lives, Observation, goodness::goodness};
use crate::model::random;
use crate::statistics::recurrence::History;
use crate::statistics::recurrence::mean_cumulative::mean_cumulative;
use crate::statistics::recurrence::rate_ratio::{Observed, rate_ratio};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// The distance in kilometres at which shock absorbers of vehicles failed, or (negative) were still whole: O'Connor 1985, as in Meeker
/// and Escobar, *Statistical Methods for Reliability Data*, 1998, table C.2.
const SHOCK_ABSORBERS: [f64; 38] = [
    6700.0, -6950.0, -7820.0, -8790.0, 9120.0, -9660.0, -9820.0, -11310.0, -11690.0, -11850.0, -11880.0,
    -12140.0, 12200.0, -12870.0, 13150.0, -13330.0, -13470.0, -14040.0, 14300.0, 17520.0, -17540.0, -17890.0,
    -18450.0, -18960.0, -18980.0, -19410.0, 20100.0, -20100.0, -20150.0, -20320.0, 20900.0, 22700.0,
    -23490.0, 26510.0, -27410.0, 27490.0, -27890.0, -28100.0,
];

/// Millions of revolutions of deep-groove ball bearings to failure: Lieblein and Zelen, Journal of Research of the National Bureau of
/// Standards 57, 1956.
const BALL_BEARINGS: [f64; 23] = [
    17.88, 28.92, 33.0, 41.52, 42.12, 45.6, 48.4, 51.84, 51.96, 54.12, 55.56, 67.8, 68.64, 68.64, 68.88,
    84.12, 93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.4,
];

/// Weeks of remission of leukaemia with 6-mercaptopurine and without: Freireich et al., Blood 21, 1963.
const TREATED: [f64; 21] = [
    6.0, 6.0, 6.0, -6.0, 7.0, -9.0, 10.0, -10.0, -11.0, 13.0, 16.0, -17.0, -19.0, -20.0, 22.0, 23.0, -25.0,
    -32.0, -32.0, -34.0, -35.0,
];
const PLACEBO: [f64; 21] = [
    1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 8.0, 8.0, 8.0, 8.0, 11.0, 11.0, 12.0, 12.0, 15.0, 17.0,
    22.0, 23.0,
];

/// Months to breast retraction after radiotherapy, between two visits; without a second one: not until the first. Finkelstein and Wolfe,
/// Biometrics 41, 1985.
const RETRACTION: [(f64, f64); 46] = [
    (45.0, 0.0),
    (6.0, 10.0),
    (0.0, 7.0),
    (46.0, 0.0),
    (46.0, 0.0),
    (7.0, 16.0),
    (17.0, 0.0),
    (7.0, 14.0),
    (37.0, 44.0),
    (0.0, 8.0),
    (4.0, 11.0),
    (15.0, 0.0),
    (11.0, 15.0),
    (22.0, 0.0),
    (46.0, 0.0),
    (46.0, 0.0),
    (25.0, 37.0),
    (46.0, 0.0),
    (26.0, 40.0),
    (46.0, 0.0),
    (27.0, 34.0),
    (36.0, 44.0),
    (46.0, 0.0),
    (36.0, 48.0),
    (37.0, 0.0),
    (40.0, 0.0),
    (17.0, 25.0),
    (46.0, 0.0),
    (11.0, 18.0),
    (38.0, 0.0),
    (5.0, 12.0),
    (37.0, 0.0),
    (0.0, 5.0),
    (18.0, 0.0),
    (24.0, 0.0),
    (36.0, 0.0),
    (5.0, 11.0),
    (19.0, 35.0),
    (17.0, 25.0),
    (24.0, 0.0),
    (32.0, 0.0),
    (33.0, 0.0),
    (19.0, 26.0),
    (37.0, 0.0),
    (34.0, 0.0),
    (36.0, 0.0),
];

fn row(entry: f64, end: End) -> Observation {
    Observation { entry, end, count: 1.0 }
}

/// Makes lives of ages of failures; negative ones are suspended.
fn lives(ages: &[f64]) -> Lives {
    let end = |age: &f64| if *age < 0.0 { End::Suspended(-age) } else { End::Failed(*age) };
    Lives::new(ages.iter().map(|age| row(0.0, end(age)))).expect("lives")
}

fn retraction() -> Lives {
    let end =
        |&(after, by): &(f64, f64)| if by == 0.0 { End::Suspended(after) } else { End::Between(after, by) };
    Lives::new(RETRACTION.iter().map(|bounds| row(0.0, end(bounds)))).expect("lives")
}

fn near(found: f64, expect: f64, within: f64) {
    assert!((found - expect).abs() <= within, "{found}, not {expect}");
}

#[test]
fn fits_are_those_of_the_books() {
    let check = |family: Family, ages: &[f64], shape: f64, scale: f64, (within, of_scale): (f64, f64)| {
        let fit = Fit::new(family, &lives(ages)).expect("a fit");
        near(fit.shape(), shape, within);
        near(fit.scale(), scale, of_scale);
    };
    // Meeker and Escobar 1998, table 8.1.
    check(Weibull, &SHOCK_ABSORBERS, 3.160, 27_718.7, (5e-4, 0.1));
    check(Lognormal, &SHOCK_ABSORBERS, 0.530_1, 25_404.0, (5e-5, 150.0));
    // Lawless 2003, example 5.1.1 and 5.2.1: u = 4.405, b = 0.476; μ = 4.150, σ = 0.522.
    check(Weibull, &BALL_BEARINGS, 1.0 / 0.476, 81.88, (3e-3, 0.05));
    check(Lognormal, &BALL_BEARINGS, 0.522, 63.46, (5e-4, 0.05));
}

#[test]
fn curves_are_those_of_the_books() {
    // Klein and Moeschberger 2003, table 4.1A: the product limit of the treated; the median of the others is 8.
    let curve = kaplan_meier(&lives(&TREATED), 0.95);
    let expect = [
        (6.0, 21.0, 0.857),
        (7.0, 17.0, 0.807),
        (10.0, 15.0, 0.753),
        (13.0, 12.0, 0.690),
        (16.0, 11.0, 0.627),
        (22.0, 7.0, 0.538),
        (23.0, 6.0, 0.448),
    ];
    assert_eq!(curve.steps.len(), expect.len());
    for (step, (age, at_risk, survival)) in curve.steps.iter().zip(expect) {
        assert_eq!((step.age, step.at_risk), (age, at_risk));
        near(step.survival, survival, 5e-4);
    }
    assert_eq!(kaplan_meier(&lives(&PLACEBO), 0.95).median(), Some(8.0));
    // Fay and Shaw, *Exact and asymptotic weighted logrank tests for interval censored data*, Journal of Statistical Software 36, 2010:
    // `icfit` of the radiotherapy group; Klein and Moeschberger 2003, section 5.2, stop some rounds earlier.
    let masses = turnbull(&retraction());
    assert!(masses.converged);
    for (age, survival) in [
        (4.0, 1.0),
        (5.0, 0.954),
        (7.0, 0.920),
        (8.0, 0.832),
        (12.0, 0.761),
        (25.0, 0.668),
        (34.0, 0.586),
        (40.0, 0.4656),
    ] {
        near(masses.survival(age).0, survival, 6e-4);
    }
}

#[test]
fn groups_are_compared_as_in_the_books() {
    // Klein and Moeschberger 2003, section 7.3: χ² = 16.79 of the remission of leukaemia.
    let found = log_rank(&[&lives(&TREATED), &lives(&PLACEBO)]).expect("a test");
    near(found.statistic, 16.793, 1e-3);
    near(found.groups[0].1, 19.25, 5e-3);
    assert_eq!(found.freedom, 1);
    assert!(found.p < 5e-5);
    assert_eq!(log_rank(&[&lives(&[-1.0]), &lives(&[-2.0])]), None);
}

/// A unit that is watched in stretches counts as the whole, and one that was never watched before an age adds nothing of it.
#[test]
fn stretches_of_a_life_add_up() {
    let whole = [
        row(0.0, End::Failed(9.0)),
        row(0.0, End::Suspended(7.0)),
        row(0.0, End::Failed(4.0)),
        row(0.0, End::Failed(6.0)),
    ];
    let cut = [
        row(3.0, End::Failed(9.0)),
        row(0.0, End::Suspended(3.0)),
        row(0.0, End::Suspended(2.0)),
        row(2.0, End::Suspended(7.0)),
        whole[2],
        whole[3],
    ];
    let fit = |rows: &[Observation]| {
        Fit::new(Weibull, &Lives::new(rows.iter().copied()).expect("lives")).expect("a fit")
    };
    let (one, other) = (fit(&whole), fit(&cut));
    near(one.shape(), other.shape(), 1e-9);
    near(one.scale(), other.scale(), 1e-9);
    let curve = |rows: &[Observation]| kaplan_meier(&Lives::new(rows.iter().copied()).expect("lives"), 0.95);
    assert_eq!(curve(&whole), curve(&cut));
    // Three items of one row are three rows.
    let many = Lives::new([Observation { count: 3.0, ..whole[0] }, whole[2]]).expect("lives");
    let each = Lives::new([whole[0], whole[0], whole[0], whole[2]]).expect("lives");
    assert_eq!(kaplan_meier(&many, 0.95), kaplan_meier(&each, 0.95));
}

#[test]
fn too_little_is_refused_with_what_would_be_enough() {
    let check = |ages: &[f64], expect: &str| {
        let error = Fit::new(Weibull, &lives(ages)).expect_err("refused").to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(&[-3.0, -4.0], "0 failed at different ages, 2 are enough");
    check(&[3.0, 3.0, 3.0, -4.0], "1 failed at different ages, 2 are enough");
    check(&[], "0 failed");
    let error = weibull_with_location(&lives(&[3.0, 4.0, -5.0]));
    assert_eq!(error, Err(Error::TooFewFailures { found: 2, enough: 3 }));
    assert_eq!(kaplan_meier(&lives(&[-3.0]), 0.95).steps, []);
}

#[test]
fn few_failures_are_borne_by_a_known_shape() {
    // 2 T^β ∕ χ²: with β = 1 the limits of a mean time between failures (IEC 60605-4).
    let of = Weibayes::new(1.0, &lives(&[100.0, -400.0, -500.0]), 0.95).expect("Weibayes");
    near(of.scale.estimate, 1000.0, 1e-9);
    near(of.scale.low, 1000.0 / 5.571_643, 1e-3);
    near(of.scale.high, 1000.0 / 0.025_318, 1.0);
    let none = Weibayes::new(2.0, &lives(&[-300.0, -400.0]), 0.9).expect("Weibayes");
    assert_eq!((none.scale.estimate, none.scale.high), (f64::INFINITY, f64::INFINITY));
    // −ln 0.05 failures at the most, at 95 % on one side.
    near(none.scale.low, (250_000.0 / 2.995_732_27_f64).sqrt(), 1e-4);
    near(none.reliability(100.0).low, (-10_000.0 / (250_000.0 / 2.995_732_27_f64)).exp(), 1e-9);
    assert!(Weibayes::new(f64::NAN, &lives(&[1.0]), 0.9).is_err());
    // Meeker, Hahn and Escobar 2017, section 9.6: 230 items without failure show 99 % with a confidence of 90 %.
    assert_eq!(items_to_show(0.99, 1.0, 1.0, 0, 0.9), 230.0);
    assert_eq!(items_to_show(0.99, 2.0, 2.0, 0, 0.9), 58.0);
}

#[test]
fn a_wrong_distribution_is_found_out() {
    let draw = |place: u64, count: u64, of: &dyn Fn(f64) -> f64| -> Lives {
        let uniform = |n: u64| ((random::mix(place, n) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        lives(&(0..count).map(|n| of(uniform(n))).collect::<Vec<_>>())
    };
    let right = draw(1, 200, &|u| (-u.ln()).powf(0.5));
    let fit = Fit::new(Weibull, &right).expect("a fit");
    let found = goodness(&fit, &right).expect("a test");
    assert!(found.p > 0.05, "{found:?}");
    // Of two kinds of items one lives ten times as long.
    let wrong = draw(2, 200, &|u| {
        if u < 0.5 { (-(2.0 * u).ln()).powf(0.2) } else { 10.0 * (-(2.0 * u - 1.0).ln()).powf(0.2) }
    });
    let fit = Fit::new(Weibull, &wrong).expect("a fit");
    assert!(goodness(&fit, &wrong).expect("a test").p < 1e-4);
    assert_eq!(goodness(&fit, &lives(&[1.0, 2.0])), None);
}

#[test]
fn a_forecast_is_of_those_that_have_survived() {
    // A constant rate of one in 1,000 hours: a hundred items of any age fail in 100 hours with 1 − e^−0.1.
    let known = Weibayes::new(1.0, &lives(&vec![1000.0; 2_000]), 0.95).expect("Weibayes");
    let forecast = |age: f64| {
        Predictor::of_weibayes(&known, 0.95).forecast(&[InService { age, more: 100.0, count: 100.0 }])
    };
    near(forecast(0.0).expected, 9.516, 0.01);
    near(forecast(0.0).expected, forecast(5_000.0).expected, 1e-9);
    // Binomial(100, 0.0952): 2.5 % lie below 4, 97.5 % up to 16.
    assert_eq!((forecast(0.0).low, forecast(0.0).high), (4.0, 16.0));
    // Wear-out: old items fail sooner; few failures make wide intervals.
    let worn = lives(&BALL_BEARINGS);
    let fit = Fit::new(Weibull, &worn).expect("a fit");
    let predictor = Predictor::of_fit(fit, &worn, 0.95);
    let at = |age: f64| predictor.forecast(&[InService { age, more: 10.0, count: 50.0 }]);
    let expect = |age: f64| 50.0 * (1.0 - fit.reliability(age + 10.0) / fit.reliability(age));
    near(at(20.0).expected, expect(20.0), 1e-9);
    near(at(80.0).expected, expect(80.0), 1e-9);
    assert!(
        at(80.0).expected > 3.0 * at(20.0).expected
            && at(80.0).low < expect(80.0)
            && at(80.0).high > expect(80.0)
    );
    let none = predictor.forecast(&[]);
    assert_eq!((none.expected, none.low, none.high), (0.0, 0.0, 0.0));
}

fn given(lives: &Lives) -> Value {
    let row = |row: &Observation| {
        let (kind, from, to) = match row.end {
            End::Failed(age) => ("F", age, age),
            End::Suspended(age) => ("S", age, age),
            End::Between(after, by) => ("B", after, by),
        };
        json!([row.entry, kind, from, to, row.count])
    };
    Value::Array(lives.rows().iter().map(row).collect())
}

fn fit_case(name: &str, family: Family, lives: &Lives, peer: bool) -> Value {
    let cutoff = Cutoff::SmallSample.value(lives.failures(), 0.95);
    let profiles = Profiles::fitted(family, lives, 0.95, Cutoff::SmallSample).expect("a fit");
    let (fit, age) = (*profiles.fit(), profiles.fit().quantile(0.3));
    let limits = [
        ("SHAPE", Quantity::Shape, None),
        ("QUANTILE", Quantity::Quantile(0.1), Some(0.1)),
        ("QUANTILE", Quantity::Quantile(0.5), Some(0.5)),
        ("RELIABILITY", Quantity::Reliability(age), Some(age)),
    ];
    let limits = limits.map(|(of, quantity, at)| {
        let found = profiles.limits(quantity);
        json!({ "of": of, "at": at, "low": found.low, "high": found.high })
    });
    json!({ "kind": "fit", "name": name, "family": if family == Weibull { "WEIBULL" } else { "LOGNORMAL" }, "rows": given(lives),
        "shape": fit.shape(), "scale": fit.scale(), "logLikelihood": fit.log_likelihood, "cutoff": cutoff, "limits": limits,
        "peer": peer })
}

/// Lives that begin before they are watched, and of which some failures are only known to lie between two ages.
fn late(place: u64, with_intervals: bool) -> Lives {
    let uniform = |n: u64| ((random::mix(place, n) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let rows = (0..120).filter_map(|n| {
        let age = 100.0 * (-uniform(3 * n).ln()).powf(0.6);
        let (entry, end) = (60.0 * uniform(3 * n + 1), 40.0 + 120.0 * uniform(3 * n + 2));
        let end = if age > end {
            End::Suspended(end)
        } else if with_intervals && n % 3 == 0 {
            End::Between((age / 20.0).floor() * 20.0, (age / 20.0).ceil() * 20.0)
        } else {
            End::Failed(age)
        };
        (end.age() > entry && age > entry).then(|| row(entry, end))
    });
    Lives::new(rows.collect::<Vec<_>>()).expect("lives")
}

fn cases() -> Vec<Value> {
    let mut cases = Vec::new();
    for family in [Weibull, Lognormal] {
        let name = |what: &str| format!("{what}, {}", family.name());
        cases.push(fit_case(&name("shock absorbers"), family, &lives(&SHOCK_ABSORBERS), true));
        cases.push(fit_case(&name("ball bearings"), family, &lives(&BALL_BEARINGS), true));
        cases.push(fit_case(&name("retraction"), family, &retraction(), true));
        cases.push(fit_case(&name("delayed entry"), family, &late(1, false), true));
        cases.push(fit_case(&name("delayed entry and intervals"), family, &late(2, true), false));
        cases.push(fit_case(
            &name("five failures of many"),
            family,
            &lives(&[vec![3.0, 7.0, 8.0, 11.0, 12.0], vec![-15.0; 90]].concat()),
            true,
        ));
    }
    for (name, of) in [
        ("treated", lives(&TREATED)),
        ("delayed entry", late(1, false)),
        ("shock absorbers", lives(&SHOCK_ABSORBERS)),
    ] {
        let steps = kaplan_meier(&of, 0.9).steps.into_iter().map(|step| {
            json!([step.age, step.survival, step.band.map(|band| band.0), step.band.map(|band| band.1)])
        });
        cases.push(json!({ "kind": "kaplanMeier", "name": name, "rows": given(&of), "confidence": 0.9, "steps": steps.collect::<Vec<_>>() }));
    }
    let groups = [lives(&TREATED), lives(&PLACEBO), lives(&BALL_BEARINGS)];
    let found = log_rank(&groups.iter().collect::<Vec<_>>()).expect("a test");
    cases.push(json!({ "kind": "logRank", "name": "three groups", "groups": groups.iter().map(given).collect::<Vec<_>>(),
        "statistic": found.statistic, "p": found.p }));
    let masses = turnbull(&retraction());
    let survival = [5.0, 8.0, 12.0, 25.0, 34.0, 40.0].map(|age| json!([age, masses.survival(age).0]));
    let finite = |age: f64| age.is_finite().then_some(age);
    cases.push(json!({ "kind": "turnbull", "name": "retraction", "rows": given(&retraction()),
        "masses": masses.intervals.iter().map(|(after, by, mass)| json!([after, finite(*by), mass])).collect::<Vec<_>>(),
        "survival": survival }));
    let of = lives(&BALL_BEARINGS);
    let found = weibull_with_location(&of).expect("failures").expect("a maximum");
    cases.push(json!({ "kind": "three", "name": "ball bearings with a location", "rows": given(&of), "location": found.location, "shape": found.fit.shape(),
        "scale": found.fit.scale(), "logLikelihood": found.fit.log_likelihood }));
    let history = |to: f64, failures: &[f64]| History { from: 0.0, to, failures: failures.to_vec() };
    let histories = [
        history(17.0, &[5.0, 10.0, 15.0]),
        history(19.0, &[6.0, 13.0, 17.0]),
        history(26.0, &[12.0, 20.0, 25.0]),
        history(24.0, &[13.0, 15.0]),
        history(28.0, &[16.0, 22.0, 25.0]),
    ];
    let steps = mean_cumulative(&histories, 0.95).expect("steps");
    cases.push(json!({ "kind": "repairable", "name": "repaired items",
        "histories": histories.iter().map(|one| json!({ "to": one.to, "failures": one.failures })).collect::<Vec<_>>(),
        "steps": steps.iter().map(|step| json!([step.age, step.mean])).collect::<Vec<_>>() }));
    for (left, right) in [((21, 3011.0), (11, 800.0)), ((5, 100.0), (0, 80.0)), ((0, 10.0), (3, 20.0))] {
        let observed = |(failures, exposure): (u64, f64)| Observed { failures, exposure };
        let found = rate_ratio(observed(left), observed(right), 0.95).expect("a ratio").ratio;
        cases.push(json!({ "kind": "rateRatio", "name": format!("{left:?} against {right:?}"), "left": left, "right": right,
            "confidence": 0.95, "low": found.low, "high": found.high.is_finite().then_some(found.high) }));
    }
    cases
}

/// Runs `benches/peers/lives.py`; without a Python that has the peers it reports that it is skipped, and fails under CI.
#[test]
fn estimates_are_those_of_the_peers() {
    let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python).args(["-c", "import scipy, lifelines, reliability"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "{python} has not all of scipy, lifelines, reliability");
        eprintln!("skipped: {python} has not all of scipy, lifelines, reliability");
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/lives.py");
    let mut peer = Command::new(&python);
    let mut peer =
        peer.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python runs");
    let given = serde_json::to_vec(&cases()).expect("JSON");
    peer.stdin.take().expect("an input").write_all(&given).expect("the peer reads");
    let output = peer.wait_with_output().expect("the peer ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
