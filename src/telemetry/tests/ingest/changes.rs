//! Counters and states beside their definitions, computed the plain way.

use crate::model::number::quantity::Conversion;
use crate::telemetry::error::Error;
use crate::telemetry::query::counter::Increase;
use crate::telemetry::read::plan::{Comparator, Guard, Piece, Plan, Plausible};
use crate::telemetry::store::Store;
use crate::telemetry::tests::{SECOND, lines, open, piece, span};
use proptest::prelude::*;
use std::sync::Arc;

fn store(steps: &[(i64, f64)], field: &str, seal: bool) -> (tempfile::TempDir, Store, Vec<(i64, f64)>) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut at = 0;
    let samples: Vec<_> = steps
        .iter()
        .map(|(step, value)| {
            at += step;
            (at, *value)
        })
        .collect();
    let text: Vec<_> = samples.iter().map(|(at, value)| format!("m,twin=a {field}={value} {at}")).collect();
    for half in text.chunks(text.len() / 2 + 1) {
        assert!(lines(&store, &half.join("\n")).is_empty());
        if seal {
            store.seal().unwrap();
        }
    }
    (folder, store, samples)
}

fn plan(cuts: &[i64]) -> Plan {
    let buckets: Vec<_> = cuts.windows(2).map(|cut| span(cut[0], cut[1])).collect();
    Plan { buckets, ..Plan::whole(span(cuts[0], cuts[cuts.len() - 1])) }
}

fn counted(samples: &[(i64, f64)], from: i64, to: i64, since: i64) -> (f64, u64, i64, u64) {
    let pairs = samples.windows(2).filter(|pair| since <= pair[0].0 && from <= pair[1].0 && pair[1].0 < to);
    let mut all =
        (0.0, 0, 0, samples.iter().filter(|sample| from <= sample.0 && sample.0 < to).count() as u64);
    for pair in pairs {
        let (before, after) = (pair[0], pair[1]);
        let fall = before.1 - after.1;
        let is_digit = fall == 1.0 && before.1.fract() == 0.0 && after.1.fract() == 0.0;
        let is_reset = fall > 0.0 && (after.1 == 0.0 || (fall >= before.1 / 10.0 && !is_digit));
        all.0 += if is_reset { after.1 } else { -fall };
        all.1 += u64::from(is_reset);
        all.2 += after.0 - before.0;
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn an_increase_is_the_sum_of_its_steps(
        steps in prop::collection::vec((1i64..900, 0u32..4000), 400..1200),
        grows: bool,
        most in prop::sample::select(vec![5u32, 4000]),
        seal: bool,
        cut in 0i64..400_000,
        from in prop::sample::select(vec![0i64, 86_400, 100_000]),
    ) {
        let mut value = 0.0;
        let steps = steps.into_iter().map(|(step, amount)| {
            value = if grows && amount > 40 { value + f64::from(amount) / 8.0 } else { f64::from(amount % most) };
            (step, value)
        });
        let (_folder, store, samples) = store(&steps.collect::<Vec<_>>(), "v", seal);
        let view = store.now();
        let to = 2_000_000;
        let piece = piece(view.all_series()[0].id, span(from, to));
        let cut = cut.max(from + 1);
        let got = view.increase(std::slice::from_ref(&piece), &plan(&[from, cut, to])).unwrap().remove(0);
        for (got, (start, end)) in got.iter().zip([(from, cut), (cut, to)]) {
            let (total, resets, time, count) = counted(&samples, start, end, from);
            prop_assert_eq!((got.total(), got.resets, got.count), (total, resets, count));
            prop_assert_eq!(got.time_ns, (time * SECOND) as u128);
            prop_assert_eq!(got.rate(), (time > 0).then(|| total / time as f64));
        }
        let mut both = got[0].clone();
        both.merge(&got[1]);
        let whole = view.increase(std::slice::from_ref(&piece), &plan(&[from, to])).unwrap().remove(0).remove(0);
        prop_assert_eq!(&both, &whole);
        // Units convert without their offset.
        let conversion = Conversion::linear(2.0, 32.0);
        let twice = view.increase(&[Piece { conversion, ..piece }], &plan(&[from, to])).unwrap().remove(0).remove(0);
        prop_assert_eq!(twice.total(), 2.0 * whole.total());
    }

    #[test]
    fn states_hold_until_the_next_one(
        steps in prop::collection::vec((1i64..900, 0u8..4), 50..300),
        hold in prop::sample::select(vec![0i64, 300, 600]),
        seal: bool,
        from in 0i64..20_000,
        cut in 20_000i64..100_000,
    ) {
        let steps: Vec<_> = steps.into_iter().map(|(step, value)| (step, f64::from(value))).collect();
        let (_folder, store, samples) = store(&steps, "v", seal);
        let view = store.now();
        let to = 120_000;
        let mut piece = piece(view.all_series()[0].id, span(from, to));
        piece.hold_ns = hold * SECOND;
        let got = view.states(&[piece], &plan(&[from, cut, to])).unwrap().remove(0);
        let inside: Vec<_> = samples.iter().copied().filter(|sample| from <= sample.0 && sample.0 < to).collect();
        for (got, (start, end)) in got.iter().zip([(from, cut), (cut, to)]) {
            let mut times = std::collections::BTreeMap::new();
            let mut transitions = 0;
            for (index, (at, value)) in inside.iter().enumerate() {
                // Before a gap a sample holds for a period; where the piece ends makes no gap.
                let next = samples.iter().map(|sample| sample.0).find(|next| next > at);
                let until = match next {
                    Some(next) if hold == 0 || next - at <= hold => next,
                    _ if hold == 0 => to,
                    _ => at + hold / 3 * 2,
                };
                let lasted = until.min(to).min(end) - (*at).max(start);
                if lasted > 0 {
                    *times.entry(*value as u8).or_insert(0) += lasted;
                }
                let changes = index > 0 && inside[index - 1].1 != *value;
                transitions += u64::from(changes && start <= *at && *at < end);
            }
            let found: std::collections::BTreeMap<u8, i64> =
                got.times_ns().map(|(value, time)| (value as u8, (time / 1_000_000_000) as i64)).collect();
            prop_assert_eq!(found, times);
            prop_assert_eq!(got.transitions, transitions);
        }
    }
}

#[test]
fn a_counter_that_dips_goes_on_and_one_that_falls_begins_anew() {
    let check = |values: &[f64], expect: (f64, u64)| {
        // An instant every ten seconds fills hours, whose rollups serve once they are sealed.
        for step in [10, 1800] {
            for seal in [false, true] {
                let steady = values.iter().flat_map(|value| std::iter::repeat_n(*value, 300));
                let steps: Vec<_> = steady.map(|value| (step, value)).collect();
                let (_folder, store, samples) = store(&steps, "v", seal);
                let view = store.now();
                let end = samples[samples.len() - 1].0 + 1;
                let piece = piece(view.all_series()[0].id, span(0, end));
                let cuts: Vec<i64> = (0..=10).map(|part| end * part / 10).collect();
                let mut all = Increase::default();
                for part in view.increase(std::slice::from_ref(&piece), &plan(&cuts)).unwrap().remove(0) {
                    all.merge(&part);
                }
                assert_eq!((all.total(), all.resets), expect, "{values:?} every {step} s, sealed: {seal}");
                let whole = view.increase(&[piece], &plan(&[0, end])).unwrap().remove(0).remove(0);
                assert_eq!(whole, all);
            }
        }
    };
    check(&[215.5, 215.75, 215.5, 215.75, 216.0], (0.5, 0));
    check(&[215.5, 215.75, 0.0, 0.5], (0.75, 1));
    check(&[4.0, 3.0, 5.0], (1.0, 0));
    // A new meter, which had counted 20 before its first reading here.
    check(&[900.0, 1000.0, 20.0, 30.0], (130.0, 1));
    check(&[65_530.0, 65_535.0, 4.0], (9.0, 1));
    // Less than a tenth twice: no counter does that, and its fall is no gain.
    check(&[100.0, 92.0, 84.0], (-16.0, 0));
}

#[test]
fn conditions_choose_the_instants_that_count() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for (at, starts, load) in [(0, 5, 0), (600, 7, 1), (1200, 8, 0), (1800, 1, 1), (2400, 4, 1)] {
        lines(&store, &format!("m,twin=a starts={starts},load={load} {at}"));
    }
    let view = store.now();
    let (load, starts) = (
        crate::telemetry::tests::series(&view, "a", "load"),
        crate::telemetry::tests::series(&view, "a", "starts"),
    );
    let guard = Guard {
        series: Some(load),
        conversion: Conversion::IDENTITY,
        transform: crate::model::number::quantity::Transform::None,
        comparator: Comparator::Gt(0.5),
        hold_ns: 600 * SECOND,
        plausible: Plausible::ALL,
    };
    let loaded = Piece { guards: Arc::new([guard]), ..piece(starts, span(0, 3600)) };
    let got = view.increase(&[loaded], &Plan::whole(span(0, 3600))).unwrap().remove(0).remove(0);
    assert_eq!((got.total(), got.resets, got.count), (2.0 + 1.0 + 3.0, 1, 3));
    let got =
        view.states(&[piece(load, span(0, 3600))], &Plan::whole(span(0, 3600))).unwrap().remove(0).remove(0);
    let seconds = |count: i64| (count * SECOND) as u128;
    // The last one counts for a period, two thirds of the hold.
    assert_eq!(got.times_ns().collect::<Vec<_>>(), [(0.0, seconds(1200)), (1.0, seconds(1200 + 400))]);
    assert_eq!((got.transitions, got.first.unwrap().value, got.last.unwrap().value), (3, 0.0, 1.0));
}

#[test]
fn a_measured_value_is_no_state() {
    let steps: Vec<_> = (0..1500).map(|value| (1, f64::from(value))).collect();
    let (_folder, store, _) = store(&steps, "v", false);
    let view = store.now();
    let piece = piece(view.all_series()[0].id, span(0, 3600));
    let error = view.states(&[piece], &Plan::whole(span(0, 3600))).unwrap_err();
    assert!(matches!(error, Error::TooManyStates { .. }), "{error}");
}
