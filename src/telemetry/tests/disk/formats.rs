//! Stores as earlier versions of this program left them are read, later ones refused.
//!
//! `fixtures/telemetry/version-N` is a small store in the format of that version, with `answers.txt` beside it. A new version of the
//! format gets a folder of its own: `cargo test --lib -- --ignored a_store_of_this_version` writes one that is missing, and all answers
//! anew, which differ where the meaning of a figure has changed.

use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::ingest::line::Precision;
use crate::telemetry::part;
use crate::telemetry::query::summary::SampleWeight;
use crate::telemetry::read::plan::Plan;
use crate::telemetry::settings::{Rollups, Rule, Settings};
use crate::telemetry::store::Store;
use crate::telemetry::store::view::View;
use crate::telemetry::tests::{SECOND, lines, piece, span};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DAY: i64 = 86_400;
/// The format that is written today: a new one fails here until its fixture is added to those before.
const TODAY: u32 = part::VERSION;

fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/telemetry/version-{version}"))
}

fn open(folder: &Path) -> Result<Store, Error> {
    let rule = Rule {
        measurement: "old".to_owned(),
        field: "*".to_owned(),
        keep_ns: 30 * DAY * SECOND,
        rollups: Rollups::Day,
    };
    let settings = Settings { readable_ns: 0, retention: vec![rule], ..Settings::default() };
    Store::open_with(folder, Arc::new(FixedClock::new(Instant::from_seconds(500 * DAY))), settings)
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// Lists all that a view knows.
fn listing(view: &View) -> String {
    let mut text = String::new();
    for series in view.all_series() {
        let _ = writeln!(text, "{} {} {} {:?}", series.twin, series.measurement, series.field, series.tags);
        for (from, to) in [(0, 500 * DAY), (400 * DAY, 401 * DAY), (471 * DAY + 7, 500 * DAY)] {
            let mut piece = piece(series.id, span(from, to));
            piece.hold_ns = 0;
            let summary = view.aggregate(std::slice::from_ref(&piece), &Plan::whole(piece.within));
            let _ = match summary.map(|mut cells| cells.remove(0).remove(0)) {
                Ok(all) => writeln!(
                    text,
                    "  {from}: {} {} {:?} {:?} {:?} {:?} {} {}",
                    all.count,
                    all.time_ns,
                    all.mean(SampleWeight::Time),
                    all.stddev(SampleWeight::Sample),
                    all.percentile(0.9, SampleWeight::Time).unwrap(),
                    all.last,
                    all.overwritten,
                    all.late
                ),
                Err(error) => writeln!(text, "  {from}: {error}"),
            };
            if let Ok(samples) = view.samples(series.id, piece.within, usize::MAX) {
                let sum: f64 = samples.iter().map(|sample| sample.value).sum();
                let _ = writeln!(text, "  {from}: {} samples, {sum}", samples.len());
            }
        }
    }
    text
}

fn answers(store: &Store) -> String {
    let mut text = listing(&store.now());
    for pin in store.pins() {
        let view = store.as_known_at(pin.watermark).unwrap();
        let _ = writeln!(text, "{} {} {:?}", pin.watermark, pin.window, pin.series);
        for series in pin.series {
            let _ = writeln!(text, "  {:?}", view.samples(series, pin.window, 20));
        }
    }
    text
}

/// Writes a store that uses all of the format.
fn write(folder: &Path) {
    let store = open(folder).unwrap();
    // Several pages, and quarters of months with enough samples for a rollup.
    let rows = (0..2000).map(|at| {
        let at = 400 * DAY + at * 1500;
        let noise = at * 7919 % 1009;
        format!(
            "new,twin=a,line=1 decimal={}.5,single={},wide={} {at}\nold,twin=a v={noise} {at}",
            noise % 100,
            f64::from((noise as f32).sqrt()),
            (noise as f64).sqrt(),
        )
    });
    let rows: Vec<_> = rows.collect();
    assert!(lines(&store, &rows.join("\n")).is_empty());
    let id = store.now().all_series()[0].id;
    for value in [1, 2, 3] {
        lines(&store, &format!("new,twin=a,line=1 decimal={value} {}", 400 * DAY));
        store.seal().unwrap();
        if value == 2 {
            store.pin(store.now().watermark(), span(400 * DAY, 400 * DAY + 9000), [id]).unwrap();
        }
    }
    store.maintain().unwrap();
    lines(
        &store,
        &format!("new,twin=b printed=7.1199999 {}\nnew,twin=b printed=0.95999998 {}", 450 * DAY, 449 * DAY),
    );
}

#[test]
#[ignore = "writes the fixture of a new version, and the answers of all"]
fn a_store_of_this_version_is_kept() {
    let folder = fixture(TODAY);
    if !folder.exists() {
        fs::create_dir_all(&folder).unwrap();
        write(&folder);
    }
    for version in 1..=TODAY {
        let copied = tempfile::tempdir().unwrap();
        copy(&fixture(version), copied.path());
        let answers = answers(&open(copied.path()).unwrap());
        fs::write(fixture(version).join("answers.txt"), answers).unwrap();
    }
}

#[test]
fn stores_of_all_versions_answer_as_they_did() {
    for version in 1..=TODAY {
        let folder = tempfile::tempdir().unwrap();
        copy(&fixture(version), folder.path());
        let expect = fs::read_to_string(fixture(version).join("answers.txt")).unwrap();
        let store = open(folder.path()).unwrap();
        assert_eq!(answers(&store), expect, "version {version}");
        // And so they do once this version has written to them.
        let text = format!("new,twin=a,line=1 decimal=1 {}\nelse,twin=z v=1 5", 499 * DAY);
        store.write_lines(text.as_bytes(), Precision::Seconds).unwrap();
        store.seal().unwrap();
        drop(store);
        assert!(!answers(&open(folder.path()).unwrap()).is_empty());
    }
}

/// Rollups of earlier versions weigh samples otherwise: they do not take the place of samples that can still be read.
#[test]
fn figures_of_earlier_versions_stay_when_samples_go_by_age() {
    for version in 1..=TODAY {
        let folder = tempfile::tempdir().unwrap();
        copy(&fixture(version), folder.path());
        let (measurement, count) = if version == 1 { ("telemetry", 2) } else { ("new", 3) };
        let open = |keep_days: i64| {
            let rule = Rule {
                measurement: measurement.to_owned(),
                field: "*".to_owned(),
                keep_ns: keep_days * DAY * SECOND,
                rollups: Rollups::Day,
            };
            let settings = Settings { readable_ns: 0, retention: vec![rule], ..Settings::default() };
            let clock = FixedClock::new(Instant::from_seconds(500 * DAY));
            Store::open_with(folder.path(), Arc::new(clock), settings).unwrap()
        };
        // Days, quarters and months of 1971, one of which begins with day 424.
        let spans = [(401, 402), (404, 412), (396, 424), (424, 455), (432, 440), (0, 500)];
        let ask = |store: &Store| {
            let view = store.now();
            let all = view
                .all_series()
                .into_iter()
                .filter(|series| series.twin == "a" && series.measurement == measurement);
            let ask = |id| {
                spans.map(|(from, to)| {
                    let mut piece = piece(id, span(from * DAY, to * DAY));
                    piece.hold_ns = 0;
                    let found = view.aggregate(std::slice::from_ref(&piece), &Plan::whole(piece.within));
                    let all = found.unwrap().remove(0).remove(0);
                    let mean = all.mean(SampleWeight::Time).map(|mean| format!("{mean:.9}"));
                    (all.count, all.time_ns, mean, all.min, all.max)
                })
            };
            all.flat_map(|series| ask(series.id)).collect::<Vec<_>>()
        };
        let store = open(400);
        let expect = ask(&store);
        assert_eq!(expect.len(), count * spans.len(), "version {version}");
        drop(store);
        let store = open(30);
        store.maintain().unwrap();
        let view = store.now();
        let id = view.all_series().into_iter().find(|series| series.field == "wide").unwrap().id;
        let expired = view.samples(id, span(410 * DAY, 411 * DAY), 10);
        assert!(matches!(expired, Err(Error::Expired { .. })), "version {version}: {expired:?}");
        assert_eq!(ask(&store), expect, "version {version}");
        drop(store);
        assert_eq!(ask(&open(30)), expect, "version {version}");
    }
}

#[test]
fn what_a_later_version_wrote_is_refused() {
    for name in ["part-", "series", "pins", "wal-", "parts.tll"] {
        let folder = tempfile::tempdir().unwrap();
        copy(&fixture(TODAY), folder.path());
        drop(open(folder.path()).unwrap());
        let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let file = files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name)).max();
        let file = file.unwrap();
        let mut bytes = fs::read(&file).unwrap();
        bytes[8..12].copy_from_slice(&9u32.to_le_bytes());
        let sum = if name.ends_with('-') { 36 } else { 28 };
        let made = crc32fast::hash(&bytes[..sum]).to_le_bytes();
        bytes[sum..sum + 4].copy_from_slice(&made);
        fs::write(&file, bytes).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(matches!(error, Error::Format { found: 9, .. }), "{name}: {error}");
        assert!(error.to_string().contains("has the format 9, this program reads up to"), "{error}");
    }
}
