//! Aggregates beside their definitions, computed the plain way.

use super::{SECOND, lines, open, piece, span};
use crate::model::quantity::{Conversion, Transform};
use crate::telemetry::{Comparator, Piece, Plan, Store, Summary, Weight};
use proptest::prelude::*;

fn store(values: &[f64], seal: bool) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let text: Vec<_> =
        values.iter().enumerate().map(|(at, v)| format!("m,twin=a v={v} {}", at * 10)).collect();
    assert!(lines(&store, &text.join("\n")).is_empty());
    if seal {
        store.seal().unwrap();
    }
    (folder, store)
}

fn ask(store: &Store, change: impl Fn(&mut Piece), limits: Vec<Comparator>, quantiles: bool) -> Summary {
    let view = store.now();
    let mut piece = piece(view.all_series()[0].id, span(0, 86_400));
    piece.hold_ns = 10 * SECOND;
    change(&mut piece);
    let plan = Plan { limits, quantiles, ..Plan::whole(piece.within) };
    view.aggregate(&[piece], &plan).unwrap().remove(0).remove(0)
}

fn near(got: Option<f64>, expect: f64, relative: f64) -> bool {
    got.is_some_and(|got| (got - expect).abs() <= relative * expect.abs().max(1e-9))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn figures_agree_with_their_definitions(
        values in prop::collection::vec(-50i32..2000, 300..900),
        scale in prop::sample::select(vec![1.0, 0.001, -1.8]),
        offset in prop::sample::select(vec![0.0, 32.0, -273.15]),
        absolute: bool,
        seal: bool,
        p in 0.01f64..0.99,
    ) {
        let values: Vec<f64> = values.into_iter().map(|value| f64::from(value) / 8.0).collect();
        let (_folder, store) = store(&values, seal);
        let conversion = Conversion { scale, offset };
        let transform = if absolute { Transform::Abs } else { Transform::None };
        let mut mapped: Vec<f64> = values.iter().map(|value| conversion.apply(*value)).collect();
        if absolute {
            mapped.iter_mut().for_each(|value| *value = value.abs());
        }
        let limit = mapped[7];
        let limits = vec![Comparator::Lt(limit), Comparator::Between(limit, limit + 1.0)];
        let set = |piece: &mut Piece| (piece.conversion, piece.transform) = (conversion, transform);
        let got = ask(&store, set, limits.clone(), true);
        for (beyond, comparator) in got.beyond.iter().zip(&limits) {
            let expect = mapped.iter().filter(|value| !comparator.holds(**value)).count() as u64;
            prop_assert_eq!((beyond.count, beyond.time_ns), (expect, u128::from(expect) * 10_000_000_000));
        }
        let n = mapped.len() as f64;
        let mean = mapped.iter().sum::<f64>() / n;
        let deviation = (mapped.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
        let first = mapped[0];
        mapped.sort_by(f64::total_cmp);
        let ranked = mapped[((p * n).ceil() as usize).clamp(1, mapped.len()) - 1];
        for weight in [Weight::Time, Weight::Sample] {
            prop_assert!(near(got.mean(weight), mean, 1e-9), "{:?} {mean}", got.mean(weight));
            prop_assert!(near(got.stddev(weight), deviation, 1e-6), "{:?} {deviation}", got.stddev(weight));
            prop_assert!(near(got.percentile(p, weight), ranked, 0.01), "{:?} {ranked}", got.percentile(p, weight));
        }
        prop_assert_eq!((got.count, got.min, got.max), (mapped.len() as u64, mapped.first().copied(), mapped.last().copied()));
        prop_assert_eq!(got.first.map(|sample| sample.value), Some(first));
        prop_assert_eq!(got.histogram(7).iter().map(|bar| bar.count).sum::<u64>(), got.count);
        // Leaving the quantiles out leaves all else as it is.
        let without = ask(&store, set, limits, false);
        prop_assert_eq!(without.mean(Weight::Time), got.mean(Weight::Time));
        prop_assert_eq!((&without.beyond, without.min, without.max, without.percentile(0.5, Weight::Time)), (&got.beyond, got.min, got.max, None));
    }
}

#[test]
fn nothing_counted_says_nothing() {
    let (_folder, store) = store(&[1.0], false);
    let summary = ask(&store, |piece| piece.within = span(3600, 7200), vec![], true);
    assert_eq!(
        (summary.count, summary.mean(Weight::Time), summary.percentile(0.5, Weight::Sample)),
        (0, None, None)
    );
    assert!(summary.histogram(3).is_empty());
}

#[test]
fn cells_with_different_units_share_an_answer() {
    let (_folder, store) = store(&[10.0; 300], true);
    let view = store.now();
    let celsius = piece(view.all_series()[0].id, span(0, 1000));
    let kelvin = Piece {
        within: span(1000, 3000),
        conversion: Conversion { scale: 1.0, offset: 273.15 },
        ..celsius.clone()
    };
    let plan = Plan::whole(span(0, 3000));
    let summary = view.aggregate(&[celsius, kelvin], &plan).unwrap().remove(0).remove(0);
    assert_eq!((summary.count, summary.min, summary.max), (300, Some(10.0), Some(283.15)));
    assert!(near(summary.percentile(0.5, Weight::Sample), 283.15, 0.01));
    assert!(near(summary.percentile(0.2, Weight::Sample), 10.0, 0.01));
}
