//! Pins, compaction, retention and what a full disk does, each on its own.

use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::ingest::line::Precision;
use crate::telemetry::query::summary::{SampleWeight, Summary};
use crate::telemetry::read::plan::Plan;
use crate::telemetry::settings::{Rollups, Rule, Settings};
use crate::telemetry::store::Store;
use crate::telemetry::store::compact;
use crate::telemetry::store::view::View;
use crate::telemetry::tests::{SECOND, lines, only, piece, span};
use std::path::Path;
use std::sync::Arc;

const DAY: i64 = 86_400;

fn open(folder: &Path, clock: &Arc<FixedClock>, settings: &Settings) -> Store {
    Store::open_with(folder, clock.clone(), settings.clone()).unwrap()
}

fn clock(seconds: i64) -> Arc<FixedClock> {
    Arc::new(FixedClock::new(Instant::from_seconds(seconds)))
}

fn parts(folder: &Path) -> (usize, u64) {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let parts = files.filter(|entry| entry.file_name().to_str().unwrap().ends_with(".tlp"));
    // A compaction may remove one meanwhile.
    let sizes: Vec<u64> = parts.filter_map(|entry| Some(entry.metadata().ok()?.len())).collect();
    (sizes.len(), sizes.iter().sum())
}

/// A value from 60.00 to 79.99 that compresses as badly as noise (G. Steele et al., *SplitMix*, 2014).
fn noise(at: i64) -> f64 {
    let mut bits = (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (6000 + (bits >> 33) % 2000) as f64 / 100.0
}

fn sum(view: &View) -> (u64, f64, u64) {
    let summary = only(view, piece(view.all_series()[0].id, span(0, 40 * DAY)));
    (summary.count, summary.sum(SampleWeight::Sample), summary.overwritten)
}

#[test]
fn compaction_drops_what_was_replaced_and_refuses_what_it_no_longer_knows() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { readable_ns: DAY * SECOND, ..Settings::default() };
    let clock = clock(1000 * DAY);
    let store = open(folder.path(), &clock, &settings);
    let mut marks = Vec::new();
    for round in 0..12 {
        let rows = (0..2000).map(|at| format!("m,twin=a v={} {}", noise(at + round * 2000), at * 60));
        let rows: Vec<_> = rows.collect();
        assert!(lines(&store, &rows.join("\n")).is_empty());
        clock.set(Instant::from_seconds(1000 * DAY + round * 3600));
        marks.push((store.now().watermark(), sum(&store.now())));
        store.seal().unwrap();
    }
    let pinned = marks[1];
    let pin = store.pin(pinned.0, span(0, 40 * DAY), [store.now().all_series()[0].id]).unwrap();
    // A pin's view refuses what is not pinned before compaction as after it.
    let more = piece(store.now().all_series()[0].id, span(0, 41 * DAY));
    let view = store.pinned(pin.number).unwrap();
    let refused =
        view.aggregate(std::slice::from_ref(&more), &Plan::whole(more.within)).unwrap_err().to_string();
    assert_eq!(sum(&view), marks[1].1);
    // All were handed out within the day that they stay readable.
    store.maintain().unwrap();
    for (watermark, expect) in &marks {
        assert_eq!(sum(&store.as_known_at(*watermark).unwrap()), *expect);
    }
    let before = parts(folder.path()).1;
    clock.set(Instant::from_seconds(1002 * DAY));
    store.trust_clock().unwrap();
    lines(&store, &format!("m,twin=b v=1 {}", 999 * DAY));
    store.seal().unwrap();
    for _ in 0..8 {
        lines(&store, &format!("m,twin=b v=1 {}", 999 * DAY));
        store.seal().unwrap();
    }
    store.maintain().unwrap();
    let (count, after) = parts(folder.path());
    assert!(count < 4 && after < before / 2, "{count} parts, {before} bytes, then {after}");
    let check = |store: &Store| {
        for (watermark, expect) in [marks[1], marks[11]] {
            assert_eq!(sum(&store.as_known_at(watermark).unwrap()), expect);
        }
        for (watermark, _) in [marks[0], marks[2], marks[10]] {
            let error = store.as_known_at(watermark).unwrap_err();
            let Error::CompactedWatermark { asked, oldest } = error else { panic!("{error}") };
            assert_eq!(asked, watermark);
            sum(&store.as_known_at(oldest).unwrap());
        }
        // What is not pinned is refused, be it another series or more time.
        let view = store.as_known_at(marks[1].0).unwrap();
        let again = view.aggregate(std::slice::from_ref(&more), &Plan::whole(more.within));
        assert_eq!(again.unwrap_err().to_string(), refused);
        assert!(matches!(view.latest(more.series), Err(Error::NotPinned { .. })));
        let late = store.pin(marks[0].0, span(0, 1), [more.series]);
        assert!(matches!(late, Err(Error::CompactedWatermark { .. })));
        let less = store.pin(marks[1].0, span(0, 1), [more.series]).unwrap();
        // The view of one pin answers what that pin holds, whatever else is pinned at its watermark.
        assert_eq!(sum(&store.pinned(0).unwrap()), marks[1].1);
        let view = store.pinned(less.number).unwrap();
        assert_eq!(view.watermark(), marks[1].0);
        assert!(view.answers(more.series, span(0, 1)) && !view.answers(more.series, span(0, 2)));
        let refused = view.samples(more.series, span(0, 2), 1).unwrap_err();
        assert!(matches!(refused, Error::NotPinned { .. }), "{refused}");
        assert!(matches!(store.pinned(9), Err(Error::NoPin(9))));
    };
    check(&store);
    drop(store);
    check(&open(folder.path(), &clock, &settings));
}

fn keeping(days: i64, rollups: Rollups) -> Settings {
    let rule =
        Rule { measurement: "m".to_owned(), field: "v*".to_owned(), keep_ns: days * DAY * SECOND, rollups };
    Settings { readable_ns: 0, retention: vec![rule], ..Settings::default() }
}

#[test]
fn samples_go_by_age_and_rollups_stay() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(30 * DAY);
    let store = open(folder.path(), &clock, &keeping(10, Rollups::Day));
    // Data of every minute of thirty days; of the second day nothing.
    let instants = (0..30 * 1440).map(|at| at * 60).filter(|at| at / DAY != 1);
    let rows: Vec<_> = instants.map(|at| format!("m,twin=a v={},w=1 {at}", noise(at))).collect();
    assert!(lines(&store, &rows.join("\n")).is_empty());
    store.seal().unwrap();
    let series = store.now().all_series();
    let whole = piece(series[0].id, span(0, 30 * DAY));
    let expect = only(&store.now(), whole.clone());
    let before = parts(folder.path()).1;
    store.maintain().unwrap();
    assert!(parts(folder.path()).1 < before, "{before} bytes, then {}", parts(folder.path()).1);
    let ask = |store: &Store, from: i64, to: i64| {
        let piece = piece(series[0].id, span(from, to));
        store
            .now()
            .aggregate(std::slice::from_ref(&piece), &Plan::whole(piece.within))
            .map(|mut cells| cells.remove(0).remove(0))
    };
    let check = |store: &Store| {
        assert_eq!(ask(store, 0, 30 * DAY).unwrap(), expect);
        assert_eq!(ask(store, 3 * DAY, 7 * DAY).unwrap().count, 4 * 1440);
        assert_eq!(ask(store, DAY + 5, 2 * DAY - 5).unwrap().count, 0);
        assert_eq!(ask(store, 20 * DAY + 5, 21 * DAY).unwrap().count, 1439);
        for (from, to) in [(3 * DAY + 5, 7 * DAY), (0, 5000)] {
            let error = ask(store, from, to).unwrap_err();
            assert!(matches!(error, Error::Expired { .. }), "{error}");
        }
        let view = store.now();
        assert!(matches!(view.samples(series[0].id, span(0, DAY), 10), Err(Error::Expired { .. })));
        assert_eq!(view.samples(series[0].id, span(20 * DAY, 21 * DAY), 2000).unwrap().len(), 1440);
        assert_eq!(view.samples(series[1].id, span(0, DAY), 2000).unwrap().len(), 1440);
        let late = lines(store, &format!("m,twin=a v=5,w=5 {}\nm,twin=a v=5 {}", 20 * DAY - 1, 20 * DAY));
        let expect =
            "1: the sample is older than what is kept of its series, which begins at 1970-01-21T00:00:00Z";
        assert_eq!(late, [expect]);
    };
    check(&store);
    drop(store);
    let store = open(folder.path(), &clock, &keeping(10, Rollups::Day));
    let again = ask(&store, 0, 30 * DAY).unwrap();
    assert_eq!((again.count, again.overwritten), (expect.count, 1));
    // When all has expired, the last value is still in its rollup.
    clock.set(Instant::from_seconds(60 * DAY));
    store.trust_clock().unwrap();
    store.maintain().unwrap();
    assert_eq!(ask(&store, 0, 30 * DAY).unwrap(), again);
    assert_eq!(store.now().latest(series[0].id).unwrap().map(|last| last.at), again.last.map(|last| last.at));
}

/// A year of daily samples, of which those of the last ten years are kept.
fn a_year(folder: &Path, clock: &Arc<FixedClock>) -> Store {
    let store = open(folder, clock, &keeping(3650, Rollups::Day));
    let rows: Vec<_> = (9_635..10_000).map(|day| format!("m,twin=a v={day} {}", day * DAY)).collect();
    assert!(lines(&store, &rows.join("\n")).is_empty());
    store.seal().unwrap();
    store
}

#[test]
fn a_clock_that_jumps_forward_erases_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(10_000 * DAY);
    let mut store = a_year(folder.path(), &clock);
    let count = |store: &Store| {
        let view = store.now();
        view.samples(view.all_series()[0].id, span(0, 20_000 * DAY), 10_000).unwrap().len()
    };
    let watermark = store.now().watermark();
    for _ in 0..3 {
        // Twelve years fast for five seconds, over a restart and a sealing, and back.
        clock.set(Instant::from_seconds(14_380 * DAY));
        store.maintain().unwrap();
        store.seal().unwrap();
        clock.set(Instant::from_seconds(14_380 * DAY + 5));
        drop(store);
        store = open(folder.path(), &clock, &keeping(3650, Rollups::Day));
        store.maintain().unwrap();
        assert_eq!(count(&store), 365);
        clock.set(Instant::from_seconds(10_000 * DAY));
        store.maintain().unwrap();
    }
    // What was known before is known as before, and samples of the present are taken.
    assert!(store.as_known_at(watermark).is_ok());
    assert!(lines(&store, &format!("m,twin=a v=1 {}", 9_999 * DAY + 60)).is_empty());
    assert_eq!(count(&store), 366);
    // A clock that is right, and whose jump was only its owner's absence, is believed when the owner confirms it.
    clock.set(Instant::from_seconds(14_380 * DAY));
    store.maintain().unwrap();
    assert_eq!(count(&store), 366);
    store.trust_clock().unwrap();
    store.maintain().unwrap();
    let view = store.now();
    let expired = view.samples(view.all_series()[0].id, span(9_635 * DAY, 9_636 * DAY), 10);
    assert!(matches!(expired, Err(Error::Expired { .. })), "{expired:?}");
    // Even if it was wrong: only what went is refused from then on.
    clock.set(Instant::from_seconds(10_001 * DAY));
    assert!(lines(&store, &format!("m,twin=a v=1 {}", 10_000 * DAY)).is_empty());
    assert_eq!(lines(&store, &format!("m,twin=a v=1 {}", 9_999 * DAY)).len(), 1);
}

#[test]
fn a_store_that_is_opened_trusting_believes_its_clock() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(10_000 * DAY);
    drop(a_year(folder.path(), &clock));
    std::fs::write(
        folder.path().join("settings.toml"),
        "[[retention]]\nkeep = \"P3650D\"\nrollups = \"DAY\"\n",
    )
    .unwrap();
    clock.set(Instant::from_seconds(14_380 * DAY));
    let old = |store: &Store| {
        store.now().samples(store.now().all_series()[0].id, span(9_635 * DAY, 9_636 * DAY), 10)
    };
    let store = Store::open(folder.path(), clock.clone()).unwrap();
    store.maintain().unwrap();
    assert!(old(&store).is_ok());
    drop(store);
    let store =
        Store::open_trusting(folder.path(), clock.clone(), Settings::read(folder.path()).unwrap()).unwrap();
    store.maintain().unwrap();
    assert!(matches!(old(&store), Err(Error::Expired { .. })));
}

#[test]
fn a_clock_that_goes_on_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(10_000 * DAY);
    let store = a_year(folder.path(), &clock);
    // Ten years less some days without power, and then a week at work.
    for minutes in (0..7 * 1440).step_by(10) {
        clock.set(Instant::from_seconds(13_300 * DAY + minutes * 60));
        store.maintain().unwrap();
    }
    let kept = |store: &Store, day: i64| {
        let view = store.now();
        view.samples(view.all_series()[0].id, span(day * DAY, (day + 1) * DAY), 10).is_ok()
    };
    // A week at work is worth six weeks: as if it were the 42nd day after the last.
    assert!(kept(&store, 9_635), "nothing is ten years old by what is believed");
    clock.set(Instant::from_seconds(13_307 * DAY));
    store.trust_clock().unwrap();
    store.maintain().unwrap();
    assert!(!kept(&store, 9_635) && kept(&store, 9_700));
}

#[test]
fn a_pin_holds_samples_back() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(100 * DAY);
    let store = open(folder.path(), &clock, &keeping(10, Rollups::Hour));
    let rows: Vec<_> =
        (0..100 * 24).map(|at| format!("m,twin=a v={},vb={at} {}", at % 97, at * 3600)).collect();
    assert!(lines(&store, &rows.join("\n")).is_empty());
    let view = store.now();
    let (id, window) = (view.all_series()[0].id, span(40 * DAY + 7, 41 * DAY - 7));
    let expect = (only(&view, piece(id, window)), view.samples(id, window, 100).unwrap());
    store.pin(view.watermark(), window, [id]).unwrap();
    store.maintain().unwrap();
    let view = store.as_known_at(view.watermark()).unwrap();
    assert_eq!((only(&view, piece(id, window)), view.samples(id, window, 100).unwrap()), expect);
    let other = view.all_series()[1].id;
    assert!(matches!(view.samples(other, window, 100), Err(Error::Expired { .. })));
}

#[test]
fn samples_are_sealed_in_the_background() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(1000 * DAY);
    let store = open(folder.path(), &clock, &Settings { seal_rows: 1000, ..Settings::default() });
    let write = |from: i64, to: i64| {
        let rows: Vec<_> = (from..to).map(|at| format!("m,twin=a v={at} {}", at * 60)).collect();
        assert!(lines(&store, &rows.join("\n")).is_empty());
    };
    write(0, 999);
    assert_eq!(parts(folder.path()).0, 0, "too few to be sealed");
    write(999, 1000);
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while parts(folder.path()).0 == 0 {
        assert!(std::time::Instant::now() < patience, "nothing was sealed");
        std::thread::yield_now();
    }
    // A writer that meets too many in memory waits until they are sealed.
    write(1000, 4000);
    write(4000, 5001);
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
    let logs = files.filter(|entry| entry.file_name().to_str().unwrap().starts_with("wal-"));
    // One that is sealed meanwhile is removed.
    let log: u64 = logs.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum();
    assert!(log < 25_000, "the log holds 1,001 samples, not 4,001: {log} bytes");
    assert_eq!(sum(&store.now()), (5001, (0..5001).map(f64::from).sum(), 0));
}

#[test]
fn parts_are_compacted_in_the_background() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, settings) = (clock(1000 * DAY), Settings { seal_rows: 1000, ..Settings::default() });
    let store = open(folder.path(), &clock, &settings);
    for round in 0..40 {
        let rows: Vec<_> =
            (0..1000).map(|at| format!("m,twin=a v={} {}", noise(at), (round * 1000 + at) * 60)).collect();
        assert!(lines(&store, &rows.join("\n")).is_empty());
    }
    let before = sum(&store.now());
    assert_eq!(before.0, 40_000);
    // A writer waits for every third part at the latest, so there were more of them than may lie beside each other.
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !(1..8).contains(&parts(folder.path()).0) {
        assert!(std::time::Instant::now() < patience, "nothing was compacted");
        std::thread::yield_now();
    }
    drop(store);
    assert_eq!(sum(&open(folder.path(), &clock, &settings).now()), before);
}

/// Senders of a thousand samples a second whose timestamps are whole seconds.
#[test]
fn many_arrivals_of_one_instant_are_compacted_once() {
    for (batches, readable_ns) in [(1000, 0), (1, 0), (4, 0), (4, 7 * DAY * SECOND)] {
        let folder = tempfile::tempdir().unwrap();
        let clock = clock(1000 * DAY);
        let store = open(folder.path(), &clock, &Settings { readable_ns, ..Settings::default() });
        for batch in 0..batches {
            let rows: Vec<_> = (0..1000 / batches)
                .map(|at| format!("m,twin=a v={} 60", batch * 1000 / batches + at))
                .collect();
            assert!(lines(&store, &rows.join("\n")).is_empty());
            if (batch + 1) % (batches / 4).max(1) == 0 {
                store.seal().unwrap();
            }
        }
        store.maintain().unwrap();
        let before = parts(folder.path());
        store.maintain().unwrap();
        assert_eq!(parts(folder.path()), before, "{batches}");
        let summary = only(&store.now(), piece(store.now().all_series()[0].id, span(0, 3600)));
        assert_eq!((summary.count, summary.overwritten, summary.max), (1, 999, Some(999.0)), "{batches}");
    }
}

#[test]
fn sealings_and_pins_go_on_while_parts_are_compacted() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(1000 * DAY);
    let store = open(folder.path(), &clock, &Settings { readable_ns: 0, ..Settings::default() });
    let write = |twin: &str, from: i64| {
        let rows: Vec<_> = (0..300).map(|at| format!("m,twin={twin} v={} {}", from + at, at * 60)).collect();
        assert!(lines(&store, &rows.join("\n")).is_empty());
    };
    let mut marks = Vec::new();
    for round in 0..4 {
        write("a", round * 1000);
        write("b", round * 1000);
        marks.push(store.now().watermark());
        store.seal().unwrap();
    }
    let ask = |view: &View, series: usize| {
        let id = view.all_series()[series].id;
        let samples = view.samples(id, span(0, DAY), 1000).unwrap();
        samples.iter().map(|sample| sample.value).collect::<Vec<_>>()
    };
    let expect = ask(&store.as_known_at(marks[1]).unwrap(), 0);
    let rewritten = store.shared().rewrite(&std::collections::BTreeSet::new()).unwrap().expect("a step");
    // A pin of a watermark that still answers, and a sealing that takes up chunks again, come before the part is shown.
    let id = store.now().all_series()[0].id;
    let pin = store.pin(marks[1], span(0, DAY), [id]).unwrap();
    write("a", 9000);
    write("c", 9000);
    store.seal().unwrap();
    store.shared().publish(rewritten).unwrap();
    let check = |store: &Store| {
        assert_eq!(ask(&store.now(), 0)[..2], [9000.0, 9001.0]);
        assert_eq!(ask(&store.now(), 1)[..2], [3000.0, 3001.0]);
        assert_eq!(ask(&store.now(), 2).len(), 300);
        let view = store.pinned(pin.number).unwrap();
        let samples = view.samples(id, span(0, DAY), 1000).unwrap();
        assert_eq!(samples.iter().map(|sample| sample.value).collect::<Vec<_>>(), expect);
        // What compaction no longer knows is refused, as ever.
        assert!(matches!(store.as_known_at(marks[0]), Err(Error::CompactedWatermark { .. })));
    };
    check(&store);
    store.maintain().unwrap();
    check(&store);
    drop(store);
    check(&open(folder.path(), &clock, &Settings { readable_ns: 0, ..Settings::default() }));
}

/// Parts are written anew without the locks that a sample or a sealing takes: another thread comes to the end of both meanwhile.
#[test]
fn samples_are_taken_and_sealed_amid_a_compaction() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(1000 * DAY);
    let store = Arc::new(open(folder.path(), &clock, &Settings { readable_ns: 0, ..Settings::default() }));
    for _ in 0..2 {
        assert!(lines(&store, "m,twin=a v=1 60\nm,twin=a v=1 120").is_empty());
        store.seal().unwrap();
    }
    let (done, ended) = std::sync::mpsc::channel();
    let other = Arc::clone(&store);
    let passed = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let noted = Arc::clone(&passed);
    compact::amid::arm(move || {
        let writer = std::thread::spawn(move || {
            assert!(lines(&other, "m,twin=a v=9 180").is_empty());
            other.seal().unwrap();
            done.send(()).unwrap();
        });
        ended
            .recv_timeout(std::time::Duration::from_secs(180))
            .expect("a sample is stored amid the compaction");
        writer.join().unwrap();
        noted.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    store.shared().maintain().unwrap();
    assert!(passed.load(std::sync::atomic::Ordering::Relaxed), "there was a compaction");
    let view = store.now();
    let samples = view.samples(view.all_series()[0].id, span(0, DAY), 10).unwrap();
    assert_eq!(samples.iter().map(|sample| sample.value).collect::<Vec<_>>(), [1.0, 1.0, 9.0]);
}

/// A compaction takes all of a part but one run, for which a pin came meanwhile: what a removed part recorded about it stays recorded.
#[test]
fn what_counts_no_more_in_a_part_that_stays_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, settings) = (clock(5000 * DAY), Settings { readable_ns: 0, ..Settings::default() });
    let store = open(folder.path(), &clock, &settings);
    let write = |twin: &str, rows: i64, step: i64, salt: i64| {
        let row = |at: i64| format!("m,twin={twin} v={} {}", noise(at + salt), at * step);
        assert!(lines(&store, &(0..rows).map(row).collect::<Vec<_>>().join("\n")).is_empty());
    };
    // Of a each arrival is replaced, of b the chunk is sealed anew, of c the next chunk lies over the first.
    write("a", 100, 60, 0);
    let mark = store.now().watermark();
    write("a", 100, 60, 5000);
    write("b", 20, 60, 0);
    write("c", 1000, 2 * DAY, 0);
    store.seal().unwrap();
    write("b", 30, 61, 700);
    write("c", 490, 4 * DAY, 7000);
    store.seal().unwrap();
    let answers = |store: &Store| {
        let view = store.now();
        let ask = |id| only(&view, piece(id, span(0, 2100 * DAY)));
        view.all_series().into_iter().map(|series| ask(series.id)).collect::<Vec<_>>()
    };
    let expect = answers(&store);
    let rewritten = store.shared().rewrite(&std::collections::BTreeSet::new()).unwrap().expect("a step");
    store.pin(mark, span(0, DAY), [store.now().all_series()[0].id]).unwrap();
    store.shared().publish(rewritten).unwrap();
    let names = || {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names = files.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".tlp"));
        let mut numbers: Vec<_> = names.map(|name| name[5..25].parse::<u64>().unwrap()).collect();
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(names(), [1, 3], "the first part stays for its run, the second was removed");
    let dropped = |all: &[Summary]| {
        all.iter().map(|all| (all.count, all.mean(SampleWeight::Time), all.min)).collect::<Vec<_>>()
    };
    assert_eq!(dropped(&answers(&store)), dropped(&expect));
    let expect = answers(&store);
    drop(store);
    let store = open(folder.path(), &clock, &settings);
    assert_eq!(answers(&store), expect);
    assert_eq!(names(), [1, 3]);
}

#[test]
fn a_store_that_is_closed_compacts_no_further() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(1000 * DAY);
    let store = open(folder.path(), &clock, &Settings { readable_ns: 0, ..Settings::default() });
    for _ in 0..2 {
        lines(&store, "m,twin=a v=1 60\nm,twin=a v=1 120");
        store.seal().unwrap();
    }
    let before = parts(folder.path()).0;
    store.shared().stop();
    assert!(store.shared().rewrite(&std::collections::BTreeSet::new()).unwrap().is_none());
    store.maintain().unwrap();
    assert_eq!(parts(folder.path()).0, before);
}

/// A stop that comes while a part is written anew ends that step: what was written is not published and leaves nothing behind.
#[test]
fn a_store_that_is_closed_amid_a_compaction_publishes_no_part() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, settings) = (clock(1000 * DAY), Settings { readable_ns: 0, ..Settings::default() });
    let store = Arc::new(open(folder.path(), &clock, &settings));
    for _ in 0..2 {
        assert!(lines(&store, "m,twin=a v=1 60\nm,twin=a v=1 120").is_empty());
        store.seal().unwrap();
    }
    let files = || {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> =
            files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.starts_with("part-"));
        names.sort_unstable();
        names
    };
    let before = files();
    let (stopped, passed) = (Arc::clone(&store), Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let noted = Arc::clone(&passed);
    compact::amid::arm(move || {
        stopped.shared().stop();
        noted.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    store.shared().maintain().unwrap();
    assert!(passed.load(std::sync::atomic::Ordering::Relaxed), "a compaction was under way");
    assert_eq!(files(), before);
    drop(store);
    // The next start does what was left undone.
    let store = open(folder.path(), &clock, &settings);
    store.maintain().unwrap();
    assert_eq!(parts(folder.path()).0, 1);
    let samples = store.now().samples(store.now().all_series()[0].id, span(0, DAY), 10).unwrap();
    assert_eq!(samples.iter().map(|sample| sample.value).collect::<Vec<_>>(), [1.0, 1.0]);
}

#[test]
fn a_clock_that_is_stepped_back_by_days_takes_samples_of_the_present() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock(10_000 * DAY);
    let store = open(folder.path(), &clock, &keeping(3650, Rollups::Day));
    clock.set(Instant::from_seconds(9_990 * DAY));
    assert!(lines(&store, &format!("m,twin=a v=1 {}", 10_000 * DAY)).is_empty());
    let beyond = store.write_lines(format!("m,twin=a v=1 {}", 10_002 * DAY).as_bytes(), Precision::Seconds);
    assert!(matches!(beyond, Err(Error::Precision(_))), "{beyond:?}");
}
