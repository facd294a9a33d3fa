//! Tables, examples by hand, and the peers of `benches/peers/quality.py`.

use super::capability::{Tolerance, capability};
use super::chart::{Charts, autocorrelation, deviation, individuals, means_and_deviations};
use super::constants::{c4, d2_of_pairs, d3_of_pairs};
use super::memory::{cumulative_sums, weighted_means};
use super::nelson::{Signal, signals};
use crate::model::random;
use crate::statistics::contrast::multiplicity::Correction;
use crate::statistics::contrast::rank_sum::rank_sum;
use crate::statistics::trend::slope::Line;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

fn near(found: f64, expect: f64, tolerance: f64) {
    assert!((found - expect).abs() <= tolerance, "{found} {expect}");
}

#[test]
fn factors_are_those_of_the_tables() {
    // Montgomery 2012, appendix VI.
    for (size, expect) in [(2, 0.7979), (3, 0.8862), (5, 0.9400), (10, 0.9727), (25, 0.9896)] {
        near(c4(size), expect, 5e-5);
    }
    near(d2_of_pairs(), 1.128, 5e-4);
    near(d3_of_pairs(), 0.853, 5e-4);
}

#[test]
fn single_values_have_limits_by_their_moving_ranges() {
    let charts = individuals(&[10.0, 12.0, 11.0, 13.0, 9.0], 5).expect("charts");
    // Moving ranges 2, 1, 2, 4: mean 2.25; E₂ = 2.660, D₄ = 3.267.
    near(charts.spread.centre, 2.25, 1e-12);
    near(charts.location.centre, 11.0, 1e-12);
    // The table has three digits.
    near(charts.location.points[0].upper, 11.0 + 2.660 * 2.25, 5e-3);
    near(charts.spread.points[0].upper, 3.267 * 2.25, 2e-3);
    assert_eq!(charts.spread.points.len(), 4);
    assert_eq!((individuals(&[1.0], 1), individuals(&[], 0)), (None, None));
    let still = individuals(&[3.0, 3.0, 3.0], 3).expect("charts");
    assert!(still.location.scores().is_empty() && still.sigma == 0.0);
}

#[test]
fn subgroups_have_limits_by_their_size() {
    let groups = vec![vec![1.0, 3.0], vec![2.0, 4.0, 6.0], vec![50.0, 90.0]];
    let charts = means_and_deviations(&groups, 2).expect("charts");
    // Squares 2 and 8, freedom 1 and 2: σ² = 10 ∕ 3; the third is judged by the first two.
    near(charts.sigma, (10.0_f64 / 3.0).sqrt(), 1e-12);
    assert_eq!((charts.freedom, charts.location.points.len()), (3.0, 3));
    assert!(charts.location.points[2].is_out() && charts.spread.points[2].is_out());
    near(charts.location.centre, 3.2, 1e-12);
    near(charts.location.points[1].upper, 3.2 + 3.0 * charts.sigma / 3.0_f64.sqrt(), 1e-12);
    assert_eq!(means_and_deviations(&groups, 1), None);
}

#[test]
fn patterns_are_found_where_they_are_complete() {
    let check = |scores: &[f64], expect: &[(usize, usize)]| {
        let expect: Vec<Signal> = expect.iter().map(|(at, rule)| Signal { at: *at, rule: *rule }).collect();
        assert_eq!(signals(scores), expect, "{scores:?}");
    };
    check(&[0.5, 3.1, -0.5], &[(1, 1)]);
    check(&[0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1], &[(8, 2)]);
    check(&[0.1, 0.2, 0.1, 0.2, 0.0, 0.2, 0.1, 0.2, 0.1], &[]);
    check(&[-0.9, -0.5, -0.2, 0.1, 0.4, 0.8], &[(5, 3)]);
    let zigzag: Vec<f64> = (0..14).map(|n| if n % 2 == 0 { 1.2 } else { -0.2 }).collect();
    check(&zigzag, &[(13, 4)]);
    check(&[2.1, 0.0, 2.2], &[(2, 5)]);
    check(&[2.1, 0.0, -2.2], &[]);
    check(&[1.1, 1.2, 0.0, 1.1, 1.2], &[(4, 6)]);
    let near_centre: Vec<f64> = (0..15).map(|n| if n % 3 == 0 { 0.4 } else { -0.3 }).collect();
    check(&near_centre, &[(14, 7)]);
    check(&[1.1, -1.2, 1.3, 1.1, -1.1, -1.2, 1.4, -1.1], &[(7, 8)]);
    check(&[], &[]);
}

#[test]
fn a_process_of_no_spread_or_no_limits_has_no_index() {
    let values = [1.0, 2.0, 3.0];
    let open = capability(&values, (1.0, 2.0), Tolerance::default(), 0.95);
    assert_eq!((open.cp, open.ppk), (None, None));
    let upper = Tolerance { lower: None, upper: Some(8.0) };
    let one_sided = capability(&values, (1.0, 2.0), upper, 0.95);
    assert_eq!((one_sided.cp, one_sided.cpk.expect("an index").estimate), (None, 2.0));
    assert_eq!(capability(&values, (0.0, 2.0), upper, 0.95).cpk, None);
    assert_eq!(capability(&[1.0], (1.0, 0.0), upper, 0.95).cpk, None);
}

/// Intervals hold the true index in about as many cases as they promise.
#[test]
fn intervals_hold_the_true_index() {
    let tolerance = Tolerance { lower: Some(-4.0), upper: Some(4.0) };
    let (mut cp, mut ppk) = (0, 0);
    for draw in 0..400 {
        let values = normal(draw, 30);
        let charts = individuals(&values, values.len()).expect("charts");
        let found = capability(&values, (charts.sigma, charts.freedom), tolerance, 0.95);
        let holds = |index: Option<super::capability::Index>| {
            let index = index.expect("an index");
            index.low <= 4.0 / 3.0 && 4.0 / 3.0 <= index.high
        };
        cp += usize::from(holds(found.cp));
        ppk += usize::from(holds(found.ppk));
    }
    assert!(cp >= 368 && ppk >= 368, "{cp} {ppk} of 400");
}

fn normal(seed: u64, count: u64) -> Vec<f64> {
    let uniform = |place: u64| (random::mix(seed, place) >> 11) as f64 / (1_u64 << 53) as f64;
    let one = |n: u64| {
        let radius = (-2.0 * (1.0 - uniform(2 * n)).ln()).sqrt();
        radius * (core::f64::consts::TAU * uniform(2 * n + 1)).cos()
    };
    (0..count).map(one).collect()
}

fn points(chart: &super::chart::Chart) -> Vec<Value> {
    chart.points.iter().map(|point| json!([point.value, point.lower, point.upper])).collect()
}

fn charts(charts: &Charts) -> Value {
    json!({ "sigma": charts.sigma, "freedom": charts.freedom, "location": points(&charts.location), "spread": points(&charts.spread) })
}

fn cases() -> Value {
    let values: Vec<f64> = normal(7, 40).iter().map(|value| 20.0 + 2.0 * value).collect();
    let groups: Vec<Vec<f64>> =
        (0..12).map(|group| normal(100 + group, 3 + group % 4).iter().map(|v| 5.0 + v).collect()).collect();
    let single = individuals(&values, values.len()).expect("charts");
    let grouped = means_and_deviations(&groups, groups.len()).expect("charts");
    let (target, sigma) = (single.location.centre, single.sigma);
    let sums = cumulative_sums(&values, target, sigma, (0.5, 5.0));
    let tolerance = Tolerance { lower: Some(13.0), upper: Some(28.0) };
    let found = capability(&values, (single.sigma, single.freedom), tolerance, 0.9);
    let index = |index: Option<super::capability::Index>| {
        let index = index.expect("an index");
        json!([index.estimate, index.low, index.high])
    };
    let (left, right) = (normal(1, 12), normal(2, 9).iter().map(|v| v + 0.8).collect::<Vec<_>>());
    let (tied_left, tied_right): (Vec<f64>, Vec<f64>) = (
        normal(3, 60).iter().map(|v| (4.0 * v).round()).collect(),
        normal(4, 80).iter().map(|v| (4.0 * v + 1.0).round()).collect(),
    );
    let test = |left: &[f64], right: &[f64]| {
        let found = rank_sum(left, right).expect("a test");
        json!({ "left": left, "right": right, "statistic": found.statistic, "p": found.p, "exact": found.is_exact })
    };
    let probabilities: Vec<f64> =
        (0..25).map(|n| (random::mix(5, n) >> 11) as f64 / (1_u64 << 53) as f64).collect();
    let times: Vec<f64> = (0..values.len()).map(|n| n as f64).collect();
    let series: Vec<(f64, f64)> = times.iter().copied().zip(values.iter().copied()).collect();
    json!({
        "values": values, "groups": groups, "individuals": charts(&single), "grouped": charts(&grouped),
        "autocorrelation": autocorrelation(&values), "deviation": deviation(&values),
        "ewma": points(&weighted_means(&values, target, sigma, 0.2, 2.962)), "target": target,
        "cusum": { "upper": sums.upper, "lower": sums.lower, "limit": sums.limit },
        "c4": (2..=30).map(c4).collect::<Vec<_>>(),
        "capability": { "lower": 13.0, "upper": 28.0, "confidence": 0.9, "cp": index(found.cp), "cpk": index(found.cpk),
            "pp": index(found.pp), "ppk": index(found.ppk) },
        "ranks": [test(&left, &right), test(&tied_left, &tied_right)],
        "probabilities": probabilities, "falseDiscovery": Correction::FalseDiscovery.adjust(&probabilities),
        "familyWise": Correction::FamilyWise.adjust(&probabilities),
        "slope": Line::fit(&series).expect("a line").slope,
    })
}

/// Runs `benches/peers/quality.py`; without a Python that has SciPy it reports that it is skipped, and fails under CI.
#[test]
fn figures_are_those_of_the_peers() {
    let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python).args(["-c", "import scipy"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "{python} has no scipy");
        eprintln!("skipped: {python} has no scipy");
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/quality.py");
    let mut peer = Command::new(&python);
    let mut peer =
        peer.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python runs");
    let given = serde_json::to_vec(&cases()).expect("JSON");
    peer.stdin.take().expect("an input").write_all(&given).expect("the peer reads");
    let output = peer.wait_with_output().expect("the peer ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
