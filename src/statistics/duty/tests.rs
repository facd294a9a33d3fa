//! Published examples, laws, and the peers of `benches/peers/cycles.py`.

use super::damage::{BelowKnee, Damaging, WoehlerLine};
use super::level::Crossings;
use super::rainflow::{Cycle, Rainflow, Residue, Spectrum};
use crate::model::random;
use proptest::prelude::{prop, proptest};
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};

fn counted(values: &[f64], residue: Residue) -> Vec<Cycle> {
    let mut count = Rainflow::new(Vec::new(), 0.0);
    values.iter().for_each(|value| count.push(*value));
    let mut cycles = count.finish(residue);
    cycles.sort_by(|a, b| {
        a.range.total_cmp(&b.range).then(a.mean.total_cmp(&b.mean)).then(a.count.total_cmp(&b.count))
    });
    cycles
}

/// Sums counts by range.
fn by_range(values: &[f64]) -> Vec<(f64, f64)> {
    let mut sums: Vec<(f64, f64)> = Vec::new();
    for cycle in counted(values, Residue::Half) {
        match sums.last_mut() {
            Some(last) if last.0 == cycle.range => last.1 += cycle.count,
            _ => sums.push((cycle.range, cycle.count)),
        }
    }
    sums
}

#[test]
fn the_example_of_the_standard_is_counted_as_there() {
    // ASTM E1049-85, figure 6.
    let history = [-2.0, 1.0, -3.0, 5.0, -1.0, 3.0, -4.0, 4.0, -2.0];
    assert_eq!(by_range(&history), [(3.0, 0.5), (4.0, 1.5), (6.0, 0.5), (8.0, 1.0), (9.0, 0.5)]);
    // Values on the way, and the same value again, are no turning points.
    let on_the_way = [-2.0, -1.0, 1.0, 1.0, -3.0, 0.0, 5.0, -1.0, -1.0, 3.0, -4.0, 4.0, 0.0, -2.0];
    assert_eq!(by_range(&on_the_way), by_range(&history));
    assert_eq!(by_range(&[1.0]), []);
    assert_eq!(by_range(&[1.0, 1.0]), []);
    assert_eq!(by_range(&[]), []);
}

#[test]
fn noise_is_no_cycle() {
    let mut count = Rainflow::new(Vec::new(), 0.5);
    [0.0, 10.0, 9.8, 10.0, 9.7, 10.2, 0.0, 0.3, 0.0].iter().for_each(|value| count.push(*value));
    let cycles = count.finish(Residue::Half);
    let ranges: Vec<f64> = cycles.iter().map(|cycle| cycle.range).collect();
    assert_eq!(ranges, [10.2, 10.2]);
}

proptest! {
    /// Stretches counted apart and joined have the cycles of the whole.
    #[test]
    fn counts_roll_up(values in prop::collection::vec(-6_i32..6, 0..60), at in 0_usize..60, second in 0_usize..60) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let (at, second) = (at.min(values.len()), second.min(values.len()));
        let (first, second) = (at.min(second), at.max(second));
        let mut whole = Rainflow::new(Vec::new(), 0.0);
        let mut crossings = Crossings::new(vec![-2.5, 0.0, 3.0]);
        for part in [&values[..first], &values[first..second], &values[second..]] {
            let (mut count, mut own) = (Rainflow::new(Vec::new(), 0.0), Crossings::new(vec![-2.5, 0.0, 3.0]));
            part.iter().for_each(|value| { count.push(*value); own.push(*value); });
            whole.append(&count);
            whole.closed.extend(count.closed);
            crossings.append(&own);
        }
        let mut joined = whole.finish(Residue::Half);
        joined.sort_by(|a, b| a.range.total_cmp(&b.range).then(a.mean.total_cmp(&b.mean)).then(a.count.total_cmp(&b.count)));
        proptest::prop_assert_eq!(joined, counted(&values, Residue::Half));
        let mut apart = Crossings::new(vec![-2.5, 0.0, 3.0]);
        values.iter().for_each(|value| apart.push(*value));
        proptest::prop_assert_eq!(crossings.up, apart.up);
    }
}

#[test]
fn damage_is_that_of_miner() {
    let line = |below: BelowKnee| WoehlerLine { knee: 100.0, cycles: 1e6, slope: 5.0, below };
    let of = |below: BelowKnee, range: f64| line(below).damage(Cycle { range, mean: 0.0, count: 1000.0 });
    let check = |found: f64, expect: f64| assert!((found - expect).abs() < 1e-15, "{found} {expect}");
    check(of(BelowKnee::Elementary, 100.0), 1e-3);
    check(of(BelowKnee::Endured, 200.0), 32e-3);
    check(of(BelowKnee::Endured, 50.0), 0.0);
    check(of(BelowKnee::Elementary, 50.0), 1e-3 / 32.0);
    check(of(BelowKnee::Haibach, 50.0), 1e-3 / 512.0);
    check(of(BelowKnee::Elementary, 0.0), 0.0);
    let spectrum = Spectrum { range_width: 10.0, ..Spectrum::default() };
    let damaging = Damaging { cycles: spectrum, line: Some(line(BelowKnee::Elementary)), damage: 0.0 };
    let mut count = Rainflow::new(damaging, 0.0);
    [0.0, 100.0, 0.0, 100.0, 0.0].iter().for_each(|value| count.push(*value));
    let found = count.finish(Residue::Half);
    check(found.damage, 2e-6);
    assert_eq!(
        (found.cycles.total(), found.cycles.beyond(90.5), found.cycles.beyond(100.5)),
        (2.0, 2.0, 0.0)
    );
    assert_eq!(found.cycles.bins.keys().copied().collect::<Vec<_>>(), [(9, 0)]);
}

#[test]
fn levels_are_crossed_on_the_way_up() {
    let mut found = Crossings::new(vec![2.0, 0.5]);
    [0.0, 1.0, 2.0, 1.0, 3.0, 0.0, 0.4, 9.0].iter().for_each(|value| found.push(*value));
    assert_eq!((found.levels(), &found.up[..]), (&[0.5, 2.0][..], &[2, 3][..]));
}

/// Runs `benches/peers/cycles.py`; without a Python that has the peers it reports that it is skipped, and fails under CI.
#[test]
fn cycles_are_those_of_the_peers() {
    let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python).args(["-c", "import rainflow, fatpack"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "{python} has not both of rainflow, fatpack");
        eprintln!("skipped: {python} has not both of rainflow, fatpack");
        return;
    }
    let uniform = |place: u64, n: u64| (random::mix(place, n) >> 11) as f64 / (1_u64 << 53) as f64;
    let noise: Vec<f64> = (0..500).map(|n| 100.0 * uniform(1, n)).collect();
    let mut place = 0.0;
    let walk: Vec<f64> = (0..2_000)
        .map(|n| {
            place += uniform(2, n) - 0.5;
            place
        })
        .collect();
    let steps: Vec<f64> = (0..300).map(|n| (6.0 * uniform(3, n)).floor()).collect();
    let line = WoehlerLine { knee: 30.0, cycles: 1e5, slope: 4.0, below: BelowKnee::Elementary };
    let cases = [("noise", noise), ("walk", walk), ("steps", steps)].map(|(name, values)| {
        let cycles = |residue: Residue| -> Vec<(f64, f64, f64)> {
            counted(&values, residue).into_iter().map(|cycle| (cycle.range, cycle.mean, cycle.count)).collect()
        };
        let damage: f64 = counted(&values, Residue::Repeated).into_iter().map(|cycle| line.damage(cycle)).sum();
        json!({ "name": name, "values": values, "half": cycles(Residue::Half), "repeated": cycles(Residue::Repeated),
            "knee": line.knee, "cycles": line.cycles, "slope": line.slope, "damage": damage })
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/cycles.py");
    let mut peer = Command::new(&python);
    let mut peer =
        peer.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python runs");
    let given = serde_json::to_vec(&cases).expect("JSON");
    peer.stdin.take().expect("an input").write_all(&given).expect("the peer reads");
    let output = peer.wait_with_output().expect("the peer ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
