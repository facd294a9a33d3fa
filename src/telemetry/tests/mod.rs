//! The store as its callers see it.

mod answers;
mod deletions;
pub(super) mod disk;
mod histories;
pub(super) mod ingest;
mod laws;
mod missing;
mod plausible;
mod unjoined;

use super::ingest::line::Precision;
use super::query::summary::{SampleWeight, Summary};
use super::read::plan::{Comparator, Guard, Piece, Plan, Plausible};
use super::series::key::SeriesId;
use super::store::Store;
use super::store::view::View;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use std::path::Path;
use std::sync::Arc;

pub(super) const SECOND: i64 = 1_000_000_000;

pub(super) fn open(folder: &Path) -> Store {
    let clock = FixedClock::new(Instant::from_seconds(1_700_000_000));
    Store::open(folder, Arc::new(clock)).expect("a test store opens")
}

pub(super) fn span(from: i64, to: i64) -> Interval {
    Interval::new(Instant::from_seconds(from), Instant::from_seconds(to)).expect("a test span")
}

pub(super) fn lines(store: &Store, text: &str) -> Vec<String> {
    let written = store.write_lines(text.as_bytes(), Precision::Seconds).expect("a test write");
    written.rejected.into_iter().map(|bad| format!("{}: {}", bad.line, bad.message)).collect()
}

pub(super) fn piece(series: SeriesId, within: Interval) -> Piece {
    Piece {
        series,
        within,
        conversion: Conversion::IDENTITY,
        transform: Transform::None,
        hold_ns: 600 * SECOND,
        cell: 0,
        guards: Arc::new([]),
        plausible: Plausible::ALL,
    }
}

pub(super) fn only(view: &View, piece: Piece) -> Summary {
    let plan = Plan::whole(piece.within);
    view.aggregate(&[piece], &plan).expect("a test aggregate").remove(0).remove(0)
}

fn series(view: &View, twin: &str, field: &str) -> SeriesId {
    let series = view.series_of(twin);
    series.iter().find(|series| series.field == field).expect("the series is there").id
}

#[test]
fn good_lines_are_kept_and_bad_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let check = |line: &str, expect: &str| {
        let got = lines(&store, &format!("{line}\nm,twin=ok v=1 5"));
        let expect = if expect.is_empty() { vec![] } else { vec![format!("1: {expect}")] };
        assert_eq!(got, expect, "{line}");
    };
    check("m,twin=a v=1,w=2i,x=t,y=-3.5e2,z=7u 10", "");
    check("m\\ x,twin=a\\,b,t\\=1=v\\ 2 f\\ 1=1 10", "");
    check("# a comment", "");
    check("m,twin=a v=1", "");
    check("m v=1 10", "the tag \"twin\" is missing: it names the unit the values are from");
    check("m,twin=a v=\"a b\" 10", "field \"v\": \"a b\" is text; only numbers and booleans can be stored");
    check(
        "m,twin=a v=1,w=9007199254740993i 10",
        "field \"w\": \"9007199254740993i\" lies beyond what a double holds exactly (2^53); the other fields of the line are stored",
    );
    check("m,twin=a v=NaN 10", "field \"v\": \"NaN\" is not a finite number or boolean");
    check("m,twin=a v=-inf 10", "field \"v\": \"-inf\" is not a finite number or boolean");
    check("m,twin=a v=1e999 10", "field \"v\": \"1e999\" is not a finite number or boolean");
    check("m,twin=a v=1 10s", "\"10s\" is not a timestamp");
    check(
        "m,twin=a v=1 1704067200.5",
        "\"1704067200.5\" is not a timestamp; it is a whole number: for parts of a second state the precision ms, us or ns",
    );
    check(
        "m,twin=a v=71,5 10",
        "expected field=value, found \"5\"; a number has a decimal point: is \"v=71,5\" one with a decimal comma?",
    );
    check("m,twin=a v=1 -5", "the timestamp -5 lies outside 1970 to 2262; is the precision right?");
    check(
        "m,twin=a v=1 1700000000000000",
        "the timestamp 1700000000000000 lies outside 1970 to 2262; is the precision right?",
    );
    check("m,twin=a", "expected fields after the measurement and tags");
    check("m,twin=a,twin=b v=1", "the tag \"twin\" occurs twice");
    check("m,twin= v=1", "a tag has no name or no value");
    check("m,twin=a v", "expected field=value");
    check("m,twin=a v= 10", "field \"v\": \"\" is not a finite number or boolean");
    check("m,twin=a v=hot,w=1 10", "field \"v\": \"hot\" is not a finite number or boolean");
    let view = store.now();
    assert_eq!(view.latest(series(&view, "ok", "v")).unwrap().unwrap().value, 1.0);
    assert_eq!(view.latest(series(&view, "a", "x")).unwrap().unwrap().value, 1.0);
    let escaped = &view.series_of("a,b")[0];
    assert_eq!((escaped.measurement.as_str(), escaped.field.as_str()), ("m x", "f 1"));
    assert_eq!(escaped.tags["t=1"], "v 2");
    // A line that is refused makes no series.
    assert_eq!(view.all_series().len(), 7);
}

#[test]
fn booleans_are_one_and_zero() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let words = ["t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE"];
    let text: Vec<_> =
        words.iter().enumerate().map(|(at, word)| format!("m,twin=a on={word} {}", at * 10)).collect();
    assert!(lines(&store, &text.join("\n")).is_empty());
    let view = store.now();
    let samples = view.samples(series(&view, "a", "on"), span(0, 3600), 100).unwrap();
    let values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
    assert_eq!(values, [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn of_many_bad_lines_the_first_are_listed_and_all_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let text = format!("{}m,twin=a v=1 5\n", "x\n".repeat(1000));
    let written = store.write_lines(text.as_bytes(), Precision::Seconds).unwrap();
    assert_eq!((written.samples, written.rejected_count, written.rejected.len()), (1, 1000, 100));
    assert_eq!(written.rejected[99].line, 100);
}

#[test]
fn a_sample_counts_until_the_next_one_wherever_an_hour_ends() {
    let check = |instants: &[i64], hold: i64, expect: i64| {
        // The same samples at other places of the hour, in memory and sealed.
        for shift in [0, 500, 1800, 3300] {
            let folder = tempfile::tempdir().unwrap();
            let store = open(folder.path());
            let text: Vec<_> = instants.iter().map(|at| format!("m,twin=a v=1 {}", at + shift)).collect();
            lines(&store, &text.join("\n"));
            for seal in [false, true] {
                if seal {
                    store.seal().unwrap();
                }
                let view = store.now();
                let mut piece = piece(series(&view, "a", "v"), span(0, 20_000));
                piece.hold_ns = hold * SECOND;
                let time = only(&view, piece).time_ns;
                assert_eq!(time, (expect * SECOND) as u128, "{instants:?} + {shift}, sealed: {seal}");
            }
        }
    };
    check(&[100, 700, 1300, 1900, 2500, 3100], 900, 3600);
    // The last sample counts for a period, of which the hold is 1.5, as any before a gap.
    check(&[100, 700, 1300, 1900, 2500, 3100], 600, 3400);
    check(&[100, 700, 1900, 2500, 3100], 900, 3000);
    check(&[100], 900, 600);
    check(&[3100, 4300], 900, 1200);
    check(&[2400, 3000, 4200, 4800], 900, 2400);
    // One of an exact clock comes a minute early.
    check(&[2400, 3000, 3540, 4200, 4800], 900, 3000);
    // Without a period one of an hour is assumed.
    check(&[100, 700, 1900, 2500, 3100], 0, 6600);
    check(&[100, 3700, 9101], 0, 3 * 3600);
}

/// The example of docs/telemetry.md.
#[test]
fn a_sample_weighs_where_its_instant_lies() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    lines(&store, "m,twin=a v=90 3480\nm,twin=a v=70 7080");
    let check = |(from, to): (i64, i64), hold: i64, mean: f64, minutes: i64, covered: i64| {
        let view = store.now();
        let mut piece = piece(series(&view, "a", "v"), span(from, to));
        piece.hold_ns = hold * SECOND;
        let summary = only(&view, piece);
        assert_eq!(summary.mean(SampleWeight::Time), Some(mean), "{from} {to} {hold}");
        assert_eq!(summary.time_ns, (minutes * 60 * SECOND) as u128, "{from} {to} {hold}");
        assert_eq!(summary.covered_ns, (covered * 60 * SECOND) as u128, "{from} {to} {hold}");
    };
    check((0, 7200), 0, 80.0, 120, 62);
    check((3600, 7200), 0, 70.0, 60, 60);
    check((0, 7200), 900, 80.0, 20, 12);
    check((3600, 7200), 900, 70.0, 10, 10);
}

#[test]
fn a_sample_may_count_for_days_or_weeks() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (hour, day) = (3600, 86_400);
    for n in (0..40).filter(|n| *n != 13) {
        lines(&store, &format!("m,twin=six v=1 {}", 28 * day + n * 6 * hour + 1000));
    }
    for n in 0..4 {
        lines(&store, &format!("m,twin=week v=1 {}", 28 * day + n * 7 * day + 1000));
    }
    store.seal().unwrap();
    let check = |twin: &str, within: (i64, i64), hold: i64, expect: i64| {
        let view = store.now();
        let mut piece = piece(series(&view, twin, "v"), span(28 * day + within.0, 28 * day + within.1));
        piece.hold_ns = hold * SECOND;
        assert_eq!(only(&view, piece).time_ns, (expect * SECOND) as u128, "{twin} {within:?}");
    };
    // Ten days of four samples, one of which is missing.
    check("six", (0, 10 * day), 9 * hour, 39 * 6 * hour);
    // Half a day holds two of them, and each weighs the same wherever the question is cut.
    check("six", (0, day / 2), 9 * hour, 2 * 6 * hour);
    check("week", (0, 28 * day), 7 * day * 3 / 2, 28 * day);
    check("week", (0, 7 * day), 7 * day * 3 / 2, 7 * day);
}

#[test]
fn the_last_arrival_wins_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    lines(&store, "m,twin=a v=1 100\nm,twin=a v=5 200\nm,twin=a v=2 100");
    let before = store.now();
    lines(&store, "m,twin=a v=9 100");
    let id = series(&before, "a", "v");
    let check = |view: &View, sum: f64, overwritten: u64, late: u64| {
        let summary = only(view, piece(id, span(0, 3600)));
        let got = (summary.count, summary.sum(SampleWeight::Sample), summary.overwritten, summary.late);
        assert_eq!(got, (2, sum, overwritten, late));
    };
    check(&before, 7.0, 1, 1);
    check(&store.now(), 14.0, 2, 2);
    let watermark = before.watermark().to_string();
    drop(store);
    let store = open(folder.path());
    check(&store.as_known_at(watermark.parse().unwrap()).unwrap(), 7.0, 1, 1);
    check(&store.now(), 14.0, 2, 2);
}

#[test]
fn guards_and_limits() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for (at, vane, power) in [(0, 3.0, 10.0), (600, -7.0, 2000.0), (1200, 5.0, 2000.0), (1800, 1.0, 0.0)] {
        lines(&store, &format!("m,twin=a vane={vane},power={power} {at}"));
    }
    lines(&store, "m,twin=a vane=-9 2500\nm,twin=a vane=2 1799");
    let view = store.now();
    let guard = Guard {
        series: Some(series(&view, "a", "power")),
        conversion: Conversion::linear(0.001, 0.0),
        transform: Transform::None,
        comparator: Comparator::Gt(1.0),
        hold_ns: 600 * SECOND,
        plausible: Plausible::ALL,
    };
    let within = span(0, 3600);
    let vane = Piece { transform: Transform::Abs, ..piece(series(&view, "a", "vane"), within) };
    let guarded = Piece { guards: Arc::new([guard]), cell: 1, ..vane.clone() };
    let plan = Plan { cells: 2, limits: vec![Comparator::Le(4.0)], ..Plan::whole(within) };
    let cells = view.aggregate(&[vane, guarded], &plan).unwrap();
    let check = |summary: &Summary, expect: (u64, f64, f64, u64)| {
        let got = (summary.count, summary.min.unwrap(), summary.max.unwrap(), summary.beyond[0].count);
        assert_eq!(got, expect);
    };
    check(&cells[0][0], (6, 1.0, 9.0, 3));
    check(&cells[1][0], (3, 2.0, 7.0, 2));
}

#[test]
fn watermarks_of_others_are_refused() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(one.path());
    lines(&store, "m,twin=a v=1 100");
    let watermark = store.now().watermark();
    assert!(store.as_known_at(watermark).is_ok());
    let unreached = format!("{watermark}9").parse().unwrap();
    assert!(matches!(store.as_known_at(unreached), Err(super::error::Error::UnreachedWatermark { .. })));
    let other = Store::open(two.path(), Arc::new(FixedClock::new(Instant::from_seconds(5)))).unwrap();
    assert!(matches!(other.as_known_at(watermark), Err(super::error::Error::ForeignWatermark(_))));
    let again = Store::open(one.path(), Arc::new(FixedClock::new(Instant::MIN)));
    assert!(matches!(again, Err(super::error::Error::InUse { .. })));
}

#[test]
fn stores_and_views_are_shared_by_threads() {
    fn check<T: Send + Sync>() {}
    check::<Store>();
    check::<View>();
}

/// A start costs what the catalog and the log hold, whatever was sealed of the series: no sample of a part is decoded.
#[test]
fn a_start_with_many_series_decodes_no_sealed_sample() {
    use super::file::columns::RESTORED;
    const SERIES: usize = 3_000;
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let text: String = (0..SERIES).map(|n| format!("m,twin=u{n} v=1 10\nm,twin=u{n} v=2 20\n")).collect();
    assert_eq!(lines(&store, &text), [""; 0]);
    store.seal().expect("sealed");
    drop(store);
    RESTORED.set(0);
    let store = open(folder.path());
    let view = store.now();
    assert_eq!((view.all_series().len(), RESTORED.get()), (SERIES, 0));
    // The counter counts: a question of one series decodes its samples.
    assert_eq!(only(&view, piece(series(&view, "u7", "v"), span(0, 15))).count, 1);
    assert!((1..=2).contains(&RESTORED.get()), "{}", RESTORED.get());
}
