//! Aggregates beside their definitions, computed the plain way.

use super::{SECOND, lines, open, piece, span};
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::sync::cancellation::{Cancellation, Cancelled};
use crate::telemetry::error::Error;
use crate::telemetry::file::columns;
use crate::telemetry::part;
use crate::telemetry::query::summary::{SampleWeight, Summary};
use crate::telemetry::read::fragment::KEPT;
use crate::telemetry::read::plan::{Comparator, Guard, Piece, Plan, Plausible};
use crate::telemetry::store::Store;
use crate::telemetry::store::view::View;
use proptest::prelude::*;

const DAY: i64 = 86_400;

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
    piece.hold_ns = 15 * SECOND;
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
        let conversion = Conversion::linear(scale, offset);
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
        for weight in [SampleWeight::Time, SampleWeight::Sample] {
            prop_assert!(near(got.mean(weight), mean, 1e-9), "{:?} {mean}", got.mean(weight));
            prop_assert!(near(got.stddev(weight), deviation, 1e-6), "{:?} {deviation}", got.stddev(weight));
            let range = mapped[mapped.len() * 99 / 100] - mapped[mapped.len() / 100];
            let off = (got.percentile(p, weight).unwrap().unwrap() - ranked).abs();
            prop_assert!(off <= 0.001 * range && off <= got.resolution().unwrap() * 1.000_001, "{off} {range} {}", got.resolution().unwrap());
        }
        prop_assert_eq!((got.count, got.min, got.max), (mapped.len() as u64, mapped.first().copied(), mapped.last().copied()));
        prop_assert_eq!(got.first.map(|sample| sample.value), Some(first));
        prop_assert_eq!(got.histogram(7).unwrap().iter().map(|bar| bar.count).sum::<u64>(), got.count);
        // Leaving the quantiles out leaves all else as it is.
        let without = ask(&store, set, limits, false);
        prop_assert_eq!(without.mean(SampleWeight::Time), got.mean(SampleWeight::Time));
        prop_assert_eq!((&without.beyond, without.min, without.max, without.percentile(0.5, SampleWeight::Time).unwrap()), (&got.beyond, got.min, got.max, None));
    }
}

/// Signals as they are: narrow on an offset, of few values, with outliers, idle, of both signs, drifting, tiny and huge.
fn signals() -> impl Strategy<Value = Vec<f64>> {
    let noise = prop::collection::vec(0.0f64..1.0, 300..1500);
    let shapes: Vec<fn(usize, f64) -> f64> = vec![
        |_, noise| 642.0 + noise * 2.0,
        |_, noise| ((518.67 + noise * 0.6) * 100.0).round() / 100.0,
        |_, noise| 1e9 + noise,
        |at, noise| if at % 97 == 5 { -9999.0 } else { 20.0 + noise },
        |at, noise| if at == 7 { 1e30 } else { noise * noise * noise },
        |at, noise| if at % 3 > 0 { 0.0 } else { 2000.0 * noise },
        |_, noise| (noise - 0.3) * 1e-310,
        |_, noise| (noise - 0.5) * 1e300,
        |at, noise| at as f64 + noise,
        |_, noise| (noise - 0.5).signum() * (10.0 + noise),
        |_, _| 85.2,
        |at, noise| if at % 200 == 3 { noise } else { 100.0 },
    ];
    (noise, prop::sample::select(shapes)).prop_map(|(noise, shape)| {
        noise.into_iter().enumerate().map(|(at, noise)| shape(at, noise)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn percentiles_and_bars_are_right_to_a_thousandth_of_the_range(
        values in signals(),
        narrow in prop::collection::vec(0.0f64..1.0, 0..3000),
        (scale, offset) in prop::sample::select(vec![(1.0, 0.0), (0.5, 0.0), (-1.0, 0.0), (1.8, -459.67), (-2.0, 1000.0)]),
        absolute: bool,
        cut in 1usize..300,
        bars in 1usize..30,
    ) {
        // What comes later may be much narrower, so that cells made before are too wide for the whole.
        let values: Vec<f64> = values.iter().copied().chain(narrow.iter().map(|noise| values[0] + noise * values[0] / 1e6)).collect();
        let conversion = Conversion::linear(scale, offset);
        let transform = if absolute { Transform::Abs } else { Transform::None };
        let set = |piece: &mut Piece| (piece.conversion, piece.transform) = (conversion, transform);
        let (_folder, store) = store(&values, false);
        let plain = ask(&store, set, vec![], true);
        store.seal().unwrap();
        // Rollups, samples and any mixture of them, in one piece or two, give the same bits.
        let got = ask(&store, set, vec![], true);
        prop_assert!(got == plain);
        let cut = cut as i64 * 10;
        let mut parts = ask(&store, |piece| { set(piece); piece.within = span(cut, DAY); }, vec![], true);
        parts.merge(&ask(&store, |piece| { set(piece); piece.within = span(0, cut); }, vec![], true));
        prop_assert_eq!(parts.distribution().unwrap(), got.distribution().unwrap());
        prop_assert_eq!(parts.stddev(SampleWeight::Sample), got.stddev(SampleWeight::Sample));

        let map = |value: &f64| if absolute { conversion.apply(*value).abs() } else { conversion.apply(*value) };
        let mut mapped: Vec<f64> = values.iter().map(map).collect();
        mapped.sort_by(f64::total_cmp);
        let rank = |p: f64| mapped[((p * mapped.len() as f64).ceil() as usize).clamp(1, mapped.len()) - 1];
        let range = rank(0.99) - rank(0.01);
        let last_digits = rank(0.99).abs().max(rank(0.01).abs()) * 1e-15;
        for p in [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] {
            let off = (got.percentile(p, SampleWeight::Sample).unwrap().unwrap() - rank(p)).abs();
            prop_assert!(off <= 0.001 * range + last_digits, "{p} {off} {range}");
        }
        let histogram = got.histogram(bars).unwrap();
        prop_assert_eq!(histogram.iter().map(|bar| bar.count).sum::<u64>(), got.count);
        prop_assert_eq!(histogram.iter().map(|bar| bar.time_ns).sum::<u128>(), got.time_ns);
        prop_assert_eq!((histogram[0].from, histogram[histogram.len() - 1].to), (mapped[0], mapped[mapped.len() - 1]));
        let edge_off = 0.001 * range + last_digits;
        for bar in &histogram {
            // The values that are not near an edge are in their bar.
            let inner = mapped.iter().filter(|value| bar.from + edge_off <= **value && **value < bar.to - edge_off).count() as u64;
            let outer = mapped.iter().filter(|value| bar.from - edge_off <= **value && **value <= bar.to + edge_off).count() as u64;
            prop_assert!((inner..=outer).contains(&bar.count), "{inner} {bar:?} {outer}");
        }
    }
}

#[test]
fn the_deviation_does_not_drown_in_the_mean() {
    let check = |values: &[f64], conversion: Conversion, expect: f64| {
        let (_folder, store) = store(values, true);
        let got = ask(&store, |piece| piece.conversion = conversion, vec![], true);
        for weight in [SampleWeight::Time, SampleWeight::Sample] {
            let deviation = got.stddev(weight).unwrap();
            assert!((deviation - expect).abs() <= 1e-9 * expect, "{deviation} {expect}");
        }
    };
    let around = |mean: f64, off: f64| -> Vec<f64> {
        (0..400).map(|n| mean + if n % 2 == 0 { off } else { -off }).collect()
    };
    check(&around(1e9, 0.5), Conversion::IDENTITY, 0.5);
    check(&around(1e15, 1.0), Conversion::linear(0.5, 3.0), 0.5);
    check(&around(642.0, 0.001_953_125), Conversion::linear(5.0 / 9.0, -273.15), 0.001_953_125 * 5.0 / 9.0);
    check(&[642.35; 300], Conversion::linear(5.0 / 9.0, -273.15), 0.0);
}

#[test]
fn nothing_counted_gives_no_value() {
    let (_folder, store) = store(&[1.0], false);
    let summary = ask(&store, |piece| piece.within = span(3600, 7200), vec![], true);
    assert_eq!(
        (
            summary.count,
            summary.mean(SampleWeight::Time),
            summary.percentile(0.5, SampleWeight::Sample).unwrap()
        ),
        (0, None, None)
    );
    assert!(summary.histogram(3).unwrap().is_empty());
}

#[test]
fn cells_with_different_units_share_an_answer() {
    let (_folder, store) = store(&[10.0; 300], true);
    let view = store.now();
    let celsius = piece(view.all_series()[0].id, span(0, 1000));
    let kelvin =
        Piece { within: span(1000, 3000), conversion: Conversion::linear(1.0, 273.15), ..celsius.clone() };
    let plan = Plan::whole(span(0, 3000));
    let summary = view.aggregate(&[celsius, kelvin], &plan).unwrap().remove(0).remove(0);
    assert_eq!((summary.count, summary.min, summary.max), (300, Some(10.0), Some(283.15)));
    assert_eq!(summary.percentile(0.5, SampleWeight::Sample).unwrap(), Some(283.15));
    assert_eq!(summary.percentile(0.2, SampleWeight::Sample).unwrap(), Some(10.0));
}

#[test]
fn a_histogram_places_values_between_equal_edges() {
    let (_folder, store) = store(&[10.0, 14.0, 26.0, 37.0, 50.0, 14.5], false);
    let check = |bars: usize, expect: &[(f64, f64, u64, u128)]| {
        let histogram = ask(&store, |_| {}, vec![], true).histogram(bars).unwrap();
        let got: Vec<_> =
            histogram.iter().map(|bar| (bar.from, bar.to, bar.count, bar.time_ns / 1_000_000_000)).collect();
        assert_eq!(got, expect, "{bars}");
    };
    // Each value counts for ten seconds; the last bar holds the greatest.
    check(4, &[(10.0, 20.0, 3, 30), (20.0, 30.0, 1, 10), (30.0, 40.0, 1, 10), (40.0, 50.0, 1, 10)]);
    check(2, &[(10.0, 30.0, 4, 40), (30.0, 50.0, 2, 20)]);
    check(1, &[(10.0, 50.0, 6, 60)]);
    check(0, &[]);
    let (_folder, alike) = self::store(&[7.0; 5], true);
    let bars = ask(&alike, |_| {}, vec![], true).histogram(9).unwrap();
    assert_eq!(bars.iter().map(|bar| (bar.from, bar.to, bar.count)).collect::<Vec<_>>(), [(7.0, 7.0, 5)]);
}

#[test]
fn a_mean_is_a_double_where_the_sum_is_none() {
    let check = |values: &[f64], is_sum_finite: bool, mean: f64| {
        let (_folder, store) = self::store(values, true);
        let summary = ask(&store, |_| {}, vec![], true);
        for weight in [SampleWeight::Time, SampleWeight::Sample] {
            assert_eq!(summary.sum(weight).is_finite(), is_sum_finite, "{values:?}");
            assert!(near(summary.mean(weight), mean, 1e-12), "{values:?}");
            // What cancels is summed without rounding.
            assert!(near(summary.mean_magnitude(weight), mean.abs(), 1e-12), "{values:?}");
        }
    };
    check(&[f64::MAX, f64::MAX, 0.0, 0.0], false, f64::MAX / 2.0);
    check(&[-f64::MAX, -f64::MAX, -f64::MAX, -1.0], false, -0.75 * f64::MAX);
    check(&[1e38, -1e38, 90.0, 90.0], true, 45.0);
}

#[test]
fn time_and_samples_weigh_apart_where_samples_come_at_two_rates() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    // An hour with a value each minute, then five with one each ten minutes.
    let dense = (0..60).map(|minute| format!("m,twin=a v=90 {}", minute * 60));
    let sparse = (6..36).map(|step| format!("m,twin=a v=50 {}", step * 600));
    let rows: Vec<_> = dense.chain(sparse).collect();
    assert!(lines(&store, &rows.join("\n")).is_empty());
    let check = |seal: bool| {
        let summary = ask(&store, |piece| piece.hold_ns = 900 * SECOND, vec![], true);
        assert_eq!((summary.count, summary.hours()), (90, 6.0), "{seal}");
        assert!(near(summary.mean(SampleWeight::Time), (90.0 + 5.0 * 50.0) / 6.0, 1e-12));
        assert!(near(summary.mean(SampleWeight::Sample), (60.0 * 90.0 + 30.0 * 50.0) / 90.0, 1e-12));
        assert_eq!(summary.percentile(0.5, SampleWeight::Time).unwrap(), Some(50.0));
        assert_eq!(summary.percentile(0.5, SampleWeight::Sample).unwrap(), Some(90.0));
        assert_eq!(summary.sum(SampleWeight::Sample), 60.0 * 90.0 + 30.0 * 50.0);
        assert_eq!(summary.sum(SampleWeight::Time), 3600.0 * (90.0 + 5.0 * 50.0));
    };
    check(false);
    store.seal().unwrap();
    check(true);
}

/// A store with the first days of 1970, a sample each step but where `is_gap` is true.
fn first_days(days: i64, step: i64, is_gap: impl Fn(i64) -> bool) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    // Samples of ten days fill one write.
    for first in (0..days).step_by(10) {
        let instants = (first * DAY..(first + 10) * DAY).step_by(step as usize).filter(|at| !is_gap(*at));
        let rows: Vec<_> = instants.map(|at| format!("m,twin=a v={} {at}", at % 977)).collect();
        assert!(lines(&store, &rows.join("\n")).is_empty());
    }
    store.seal().unwrap();
    (folder, store)
}

/// Counts the samples of a span, and the rows that were restored for it.
fn count(store: &Store, step: i64, spans: &[(i64, i64)]) -> (u64, usize) {
    let view = store.now();
    let piece = |(from, to): &(i64, i64)| Piece {
        hold_ns: step * SECOND,
        ..piece(view.all_series()[0].id, span(*from, *to))
    };
    let pieces: Vec<_> = spans.iter().map(piece).collect();
    let before = columns::RESTORED.get();
    let summaries = view.aggregate(&pieces, &Plan::whole(span(0, 60 * DAY))).unwrap();
    (summaries[0][0].count, columns::RESTORED.get() - before)
}

#[test]
fn a_month_that_is_cut_costs_the_quarter_that_is() {
    let (_folder, store) = first_days(60, 600, |_| false);
    let check = |spans: &[(i64, i64)], count: i64, restored: usize| {
        assert_eq!(self::count(&store, 600, spans), (count as u64, restored), "{spans:?}");
    };
    let (hour, month) = (3600, 31 * DAY);
    check(&[(0, month)], month / 600, 0);
    check(&[(8 * DAY, 24 * DAY)], 16 * DAY / 600, 0);
    // A swap on the 12th: the two pages, of 7.1 days each, that the quarter from the 9th to the 16th lies in.
    check(&[(0, 11 * DAY + 700), (11 * DAY + 700, month)], month / 600, 2048);
    // A month of a zone that is an hour east: the hour before it, which ends the first of two chunks, and its last days but for an hour.
    check(&[(month - hour, month + 28 * DAY - hour)], 28 * DAY / 600, 1024 + 1024 + 224);
}

#[test]
fn a_quarter_full_of_gaps_does_not_spoil_its_month() {
    // 40 samples are missing, each an hour apart: more than their quarter keeps apart, not more than their month.
    let is_gap = |at: i64| (9 * DAY..9 * DAY + 40 * 3600).contains(&at) && at % 3600 == 600;
    let (_folder, store) = first_days(60, 600, is_gap);
    assert_eq!(count(&store, 600, &[(0, 31 * DAY)]), (31 * 144 - 40, 0));
    assert_eq!(count(&store, 600, &[(8 * DAY, 16 * DAY)]), (8 * 144 - 40, 2048));
    assert_eq!(count(&store, 1200, &[(8 * DAY, 16 * DAY)]), (8 * 144 - 40, 0));
}

#[test]
fn the_cost_follows_pieces_and_buckets_not_samples() {
    const MONTH: i64 = 31 * DAY;
    let reads = |step: i64| {
        // January is whole.
        let (_folder, store) = first_days(40, step, |_| false);
        let view = store.now();
        let month = Piece { hold_ns: step * SECOND, ..piece(view.all_series()[0].id, span(0, MONTH)) };
        let before = part::READS.get();
        let summary = view.aggregate(std::slice::from_ref(&month), &Plan::whole(month.within)).unwrap();
        assert_eq!((summary[0][0].count, summary[0][0].hours()), ((MONTH / step) as u64, 744.0));
        part::READS.get() - before
    };
    let (few, many) = (reads(600), reads(60));
    assert_eq!((few, many), (1, 1), "a whole month is one rollup, however many samples it had");
}

#[test]
fn a_condition_leaves_percentiles_as_right_as_any() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    // A few hundred values of a wide range, then many of a range a thousand times as narrow.
    let wide = (0..300).map(|n| f64::from(n * 7919 % 10_007) / 10.0);
    let narrow = (0..40_000).map(|n| 500.0 + f64::from(n * 7919 % 10_007) / 10_007.0);
    let values: Vec<f64> = wide.chain(narrow).collect();
    for (start, part) in values.chunks(10_000).enumerate() {
        let at = |n: usize| (start * 10_000 + n) * 10;
        let rows: Vec<_> =
            part.iter().enumerate().map(|(n, v)| format!("m,twin=a v={v},on={} {}", n % 2, at(n))).collect();
        assert!(lines(&store, &rows.join("\n")).is_empty());
    }
    let view = store.now();
    let (value, on) = (super::series(&view, "a", "v"), super::series(&view, "a", "on"));
    let guard = Guard {
        series: Some(on),
        conversion: Conversion::IDENTITY,
        transform: Transform::None,
        comparator: Comparator::Gt(0.5),
        hold_ns: 15 * SECOND,
        plausible: Plausible::ALL,
    };
    let within = span(0, 500_000);
    let guarded = Piece { hold_ns: 15 * SECOND, guards: vec![guard].into(), ..piece(value, within) };
    let mut counted: Vec<f64> = values.iter().copied().skip(1).step_by(2).collect();
    counted.sort_by(f64::total_cmp);
    let rank = |p: f64| counted[((p * counted.len() as f64).ceil() as usize).clamp(1, counted.len()) - 1];
    let check = |seal: bool| {
        let view = store.now();
        let got =
            view.aggregate(std::slice::from_ref(&guarded), &Plan::whole(within)).unwrap().remove(0).remove(0);
        assert_eq!(got.count, counted.len() as u64);
        let most = 0.001 * (rank(0.99) - rank(0.01));
        assert!(got.resolution().unwrap() <= most, "{:?} {most}", got.resolution());
        for p in [0.01, 0.05, 0.5, 0.95, 0.99] {
            let found = got.percentile(p, SampleWeight::Sample).unwrap().unwrap();
            assert!((found - rank(p)).abs() <= most, "sealed: {seal}, {p}: {found}, not {}", rank(p));
        }
    };
    check(false);
    store.seal().unwrap();
    check(true);
}

/// A store of two months, each sealed, and a piece over both. The first is much wider than the second, so that its rollup is too
/// coarse for both together and its samples are read again.
fn two_months() -> (tempfile::TempDir, Store, Piece) {
    let value = |n: i64| if n < 400 { n * 7919 % 10_007 } else { 5000 + n * 7919 % 907 };
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for month in 0..2 {
        let instants = (0..400 * (1 + 99 * month)).map(|n| (400 * month + n, 31 * DAY * month + n * 60));
        let rows: Vec<_> = instants.map(|(n, at)| format!("m,twin=a v={} {at}", value(n))).collect();
        assert!(lines(&store, &rows.join("\n")).is_empty());
        store.seal().unwrap();
    }
    let whole = piece(store.now().all_series()[0].id, span(0, 62 * DAY));
    (folder, store, whole)
}

#[test]
fn reading_samples_again_ends_with_its_client() {
    let (_folder, store, whole) = two_months();
    let wanted = Cancellation::at(std::time::Instant::now() + std::time::Duration::from_secs(3600));
    let plan = Plan::whole(whole.within);
    let ask = |view: &View| view.aggregate(std::slice::from_ref(&whole), &plan).unwrap().remove(0).remove(0);
    let found = ask(&store.now().while_wanted(&wanted));
    let merged = {
        let mut merged = found.clone();
        merged.merge(&found);
        merged
    };
    assert!(merged.percentile(0.5, SampleWeight::Time).is_ok());
    wanted.abandon();
    let abandoned = found.percentile(0.5, SampleWeight::Time).unwrap_err();
    assert!(matches!(abandoned, Error::Cancelled(Cancelled::Abandoned)), "{abandoned}");
    assert!(ask(&store.now()).percentile(0.5, SampleWeight::Time).is_ok());
}

#[test]
fn bins_that_were_dropped_answer_as_those_kept() {
    let (_folder, store, whole) = two_months();
    let rows: Vec<_> = (0..500).map(|n| format!("m,twin=a v={} {}", n * n, 45 * DAY + n * 61)).collect();
    assert!(lines(&store, &rows.join("\n")).is_empty());
    let plan = Plan::whole(whole.within);
    let ask = |kept: usize| {
        let before = KEPT.replace(kept);
        let found = store.now().aggregate(std::slice::from_ref(&whole), &plan).unwrap().remove(0).remove(0);
        KEPT.set(before);
        (found.distribution().unwrap().to_vec(), found.resolution().unwrap())
    };
    let all = ask(usize::MAX);
    assert!(all.0.len() > 100);
    for kept in [0, 1000, 5000] {
        assert_eq!(ask(kept), all, "{kept}");
    }
}

/// What a percentile needs cannot be read any more: that is an error, never a coarser answer.
#[test]
fn a_percentile_of_damaged_samples_is_refused() {
    let (folder, store, whole) = two_months();
    let view = store.now();
    let ask = || {
        view.aggregate(std::slice::from_ref(&whole), &Plan::whole(whole.within)).unwrap().remove(0).remove(0)
    };
    let (before, resolution) = (ask(), ask().resolution().unwrap());
    assert!(resolution < 1.0, "{resolution}");
    // The first chunk of the first part.
    let part = part::path(folder.path(), 1);
    let mut bytes = std::fs::read(&part).unwrap();
    bytes[50] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    let found = ask();
    assert_eq!(
        (found.count, found.mean(SampleWeight::Time)),
        (before.count, before.mean(SampleWeight::Time))
    );
    for error in [
        found.percentile(0.5, SampleWeight::Time).unwrap_err(),
        found.histogram(3).unwrap_err(),
        found.resolution().unwrap_err(),
    ] {
        assert!(error.to_string().contains("is damaged"), "{error}");
    }
}

/// A page of series costs what it has, not what follows it.
#[test]
fn the_first_series_are_read_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let text: Vec<_> = (0..50).map(|number| format!("m,twin=a v{number}=1 10")).collect();
    assert!(lines(&store, &text.join("\n")).is_empty());
    let view = store.now();
    let check = |after: Option<u32>, limit: usize, expect: &[&str], most: usize| {
        let asked = std::cell::Cell::new(0);
        let found = view.first_series(after, limit, |series| {
            asked.set(asked.get() + 1);
            &*series.field != "v5"
        });
        assert_eq!(found.iter().map(|series| &*series.field).collect::<Vec<_>>(), expect);
        assert!(asked.get() <= most, "{} were looked at", asked.get());
    };
    let number = |field: &str| {
        view.all_series().iter().find(|series| &*series.field == field).map(|series| series.id.number())
    };
    check(None, 2, &["v0", "v1"], 2);
    check(number("v3"), 3, &["v4", "v6", "v7"], 4);
    check(number("v47"), 9, &["v48", "v49"], 2);
    check(number("v49"), 9, &[], 0);
    check(Some(u32::MAX), 9, &[], 0);
}
