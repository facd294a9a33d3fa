//! Samples beyond what their sensor can measure: stored, and counted for nothing but their own account.

use super::{SECOND, lines, only, open, piece, span};
use crate::model::number::quantity::Conversion;
use crate::telemetry::aggregate::beyond::Beyond;
use crate::telemetry::ingest::line::Precision;
use crate::telemetry::query::summary::Summary;
use crate::telemetry::read::plan::{Comparator, Guard, Piece, Plan, Plausible};
use crate::telemetry::store::Store;
use proptest::prelude::*;
use std::sync::Arc;

const RANGE: Plausible = Plausible { min: -40.0, max: 150.0 };

/// A store with a value of one series every so many seconds.
fn store(values: &[f64], step: i64, seal: bool) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let text: String =
        (0i64..).zip(values).map(|(at, value)| format!("m,twin=a v={value} {}\n", at * step)).collect();
    store.write_lines(text.as_bytes(), Precision::Seconds).unwrap();
    if seal {
        store.seal().unwrap();
    }
    (folder, store)
}

fn asked(store: &Store, to: i64, plausible: Plausible) -> Piece {
    Piece { plausible, hold_ns: 0, ..piece(store.now().all_series()[0].id, span(0, to)) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whether rollups serve or not, the answer is that of the samples without those that are not plausible; their time is missing.
    #[test]
    fn the_rest_counts_as_if_the_implausible_had_no_weight(
        faults in prop::collection::btree_map(0usize..3000, prop::sample::select(vec![-9999.0, 150.5, 1e30]), 0..4),
        seal: bool,
        cut in 1i64..29_000,
    ) {
        let mut values: Vec<f64> = (0..3000).map(|at| f64::from(at * 7919 % 1900) / 10.0 - 40.0).collect();
        faults.iter().for_each(|(at, value)| values[*at] = *value);
        let (_folder, store) = store(&values, 10, seal);
        let (view, end) = (store.now(), 30_000);
        let buckets = vec![span(0, cut), span(cut, end)];
        let found = |limits: Vec<Comparator>| {
            let plan = Plan { buckets: buckets.clone(), limits, ..Plan::whole(span(0, end)) };
            let mut all = Summary::default();
            for part in view.aggregate(&[asked(&store, end, RANGE)], &plan).unwrap().remove(0) {
                all.merge(&part);
            }
            all
        };
        // A limit among the values needs the samples; without one, rollups serve whose extremes are plausible.
        let mut with_limit = found(vec![Comparator::Le(100.0)]);
        let found = found(Vec::new());
        let beyond = std::mem::take(&mut with_limit.beyond)[0];
        prop_assert_eq!(&with_limit, &found);
        let good: Vec<f64> = values.iter().copied().filter(|value| RANGE.contains(*value)).collect();
        let nanos = |count: usize| (count as i64 * 10 * SECOND) as u128;
        prop_assert_eq!(found.count, good.len() as u64);
        // Of the last sample no next one is known: it counts for an hour, that of which no period is declared.
        let lone = u128::from(RANGE.contains(values[2999])) * (3590 * SECOND) as u128;
        prop_assert_eq!(found.time_ns, nanos(good.len()) + lone);
        prop_assert_eq!(found.implausible.count, values.len() as u64 - found.count);
        prop_assert_eq!(found.implausible.time_ns + found.time_ns, (30_000 * SECOND) as u128 + lone);
        prop_assert_eq!(found.min, good.iter().copied().reduce(f64::min));
        prop_assert_eq!(found.max, good.iter().copied().reduce(f64::max));
        prop_assert_eq!(beyond.count, good.iter().filter(|value| **value > 100.0).count() as u64);
        // Without a range all count.
        let all = only(&view, asked(&store, end, Plausible::ALL));
        prop_assert_eq!((all.count, all.implausible), (values.len() as u64, Beyond::default()));
    }
}

#[test]
fn a_counter_steps_over_what_is_not_plausible() {
    let check = |values: &[f64], expect: (f64, u64, u64)| {
        for seal in [false, true] {
            let values: Vec<f64> = values.iter().flat_map(|value| std::iter::repeat_n(*value, 300)).collect();
            let (_folder, store) = store(&values, 10, seal);
            let end = values.len() as i64 * 10;
            let piece = asked(&store, end, Plausible { min: 0.0, ..Plausible::ALL });
            let got = store.now().increase(&[piece], &Plan::whole(span(0, end))).unwrap().remove(0).remove(0);
            assert_eq!((got.total(), got.resets, got.count), expect, "sealed: {seal}");
        }
    };
    check(&[100.0, -9999.0, 110.0], (10.0, 0, 600));
    check(&[-9999.0, 100.0, 3.0, -1.0], (3.0, 1, 600));
    check(&[-9999.0, -1.0], (0.0, 0, 0));
}

#[test]
fn nothing_is_known_while_a_sensor_is_at_fault() {
    let (_folder, store) = store(&[1.0, 0.0, -9999.0, -9999.0, 1.0, 1.0], 600, false);
    lines(&store, "m,twin=b v=5 1230\nm,twin=b v=6 1800\nm,twin=b v=7 2700");
    let view = store.now();
    let condition = asked(&store, 3600, Plausible { min: 0.0, ..Plausible::ALL });
    let plan = Plan::whole(span(0, 3600));
    let states = view.states(std::slice::from_ref(&condition), &plan).unwrap().remove(0).remove(0);
    let minutes = |count: i64| (count * 60 * SECOND) as u128;
    assert_eq!(states.times_ns().collect::<Vec<_>>(), [(0.0, minutes(10)), (1.0, minutes(30))]);
    assert_eq!((states.count, states.transitions), (4, 2));
    // A condition that every value would satisfy is undecided while there is none that is plausible.
    let guard = Guard {
        series: Some(condition.series),
        conversion: Conversion::IDENTITY,
        transform: condition.transform,
        comparator: Comparator::Lt(2.0),
        hold_ns: 0,
        plausible: condition.plausible,
    };
    let guarded = Piece { guards: Arc::new([guard]), ..piece(view.all_series()[1].id, span(0, 3600)) };
    let summary = only(&view, guarded);
    assert_eq!((summary.count, summary.min), (1, Some(7.0)));
}
