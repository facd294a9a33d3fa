//! Parts whose record in the ledger fails: their maker gets an error, so they must not come into use later.

use super::{lines, only, piece, span};
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::file::control::Recorded;
use crate::telemetry::file::frames::FAILS;
use crate::telemetry::query::summary::Summary;
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::settings::Settings;
use crate::telemetry::store::Store;
use crate::telemetry::store::pins::Pin;
use crate::telemetry::store::view::View;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DAY: i64 = 86_400;

/// Opens a store whose watermarks may be compacted at once.
fn open(folder: &Path) -> Store {
    let clock = FixedClock::new(Instant::from_seconds(1000 * DAY));
    Store::open_with(folder, Arc::new(clock), Settings { readable_ns: 0, ..Settings::default() }).unwrap()
}

/// Does something while a step of writing the ledger fails, after so many that do not.
fn failing<T>(step: &'static str, after: usize, deed: impl FnOnce() -> T) -> T {
    FAILS.set(Some((Recorded::Ledger, step, after)));
    let done = deed();
    FAILS.set(None);
    done
}

fn write(store: &Store, value: i64) {
    let rows: Vec<_> = (0..300).map(|at| format!("m,twin=a v={} {}", value + at, at * 60)).collect();
    assert!(lines(store, &rows.join("\n")).is_empty());
}

fn values(view: &View, id: SeriesId) -> Vec<f64> {
    view.samples(id, span(0, DAY), 1000).unwrap().iter().map(|sample| sample.value).collect()
}

fn summary(store: &Store) -> Summary {
    let view = store.now();
    only(&view, piece(view.all_series()[0].id, span(0, DAY)))
}

fn parts(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut parts: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "tlp")).collect();
    parts.sort();
    parts
}

#[test]
fn a_compaction_that_was_refused_takes_nothing_from_a_later_pin() {
    // The record is not written, is not known to be on the disk, or is there while nobody knows it.
    for step in ["write", "sync", "record"] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let mut marks = Vec::new();
        for round in 0..4 {
            write(&store, round * 1000);
            marks.push(store.now().watermark());
            store.seal().unwrap();
        }
        let id = store.now().all_series()[0].id;
        let expect = values(&store.as_known_at(marks[1]).unwrap(), id);
        assert!(failing(step, 0, || store.maintain()).is_err(), "{step}");
        let pinned: Result<Pin, Error> = store.pin(marks[1], span(0, DAY), [id]);
        assert_eq!(pinned.is_ok(), step == "write", "{step}: {pinned:?}");
        write(&store, 9000);
        let now = summary(&store);
        drop(store);
        for _ in 0..2 {
            let store = open(folder.path());
            assert_eq!(summary(&store), now, "{step}");
            if let Ok(pin) = &pinned {
                assert_eq!(values(&store.pinned(pin.number).unwrap(), id), expect, "{step}");
            }
            match store.as_known_at(marks[1]) {
                Ok(view) => assert_eq!(values(&view, id), expect, "{step}"),
                Err(error) => {
                    assert!(step == "record" && matches!(error, Error::CompactedWatermark { .. }), "{error}");
                }
            }
            store.seal().unwrap();
            if pinned.is_ok() {
                store.maintain().unwrap();
            }
        }
    }
}

#[test]
fn a_sealing_that_was_refused_counts_nothing_twice() {
    for step in ["write", "sync", "record"] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        write(&store, 0);
        store.seal().unwrap();
        write(&store, 1000);
        assert!(failing(step, 0, || store.seal()).is_err(), "{step}");
        write(&store, 2000);
        let expect = summary(&store);
        drop(store);
        for _ in 0..2 {
            let store = open(folder.path());
            assert_eq!(summary(&store), expect, "{step}");
            store.seal().unwrap();
            assert_eq!(summary(&store), expect, "{step}");
        }
    }
}

/// Parts that cannot be recorded to have left, or whose files come back, are what they were when they left: nothing.
#[test]
fn a_part_that_left_does_not_come_back() {
    for fails in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let mut first = None;
        for round in 0..40 {
            lines(&store, &format!("m,twin=a v={round} {}", round * 60));
            if fails {
                failing("write", 1, || store.seal()).unwrap();
            } else {
                store.seal().unwrap();
            }
            let path = parts(folder.path()).remove(0);
            first.get_or_insert_with(|| (path.clone(), fs::read(&path).unwrap()));
            if round == 20 {
                store.maintain().unwrap();
            }
        }
        store.maintain().unwrap();
        let expect = summary(&store);
        assert_eq!((expect.count, expect.overwritten), (40, 0));
        drop(store);
        let (path, bytes) = first.unwrap();
        assert!(!path.exists());
        fs::write(&path, bytes).unwrap();
        let store = open(folder.path());
        assert_eq!(summary(&store), expect, "fails: {fails}");
        assert!(!path.exists(), "it is removed again");
    }
}
