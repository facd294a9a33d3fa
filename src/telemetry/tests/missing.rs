//! Files that are missing or cut short: the store does not open without them, and reports it.

use super::{lines, open, span};
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::repair::check::check;
use crate::telemetry::repair::salvage::salvage;
use crate::telemetry::store::Store;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn reopened(folder: &Path) -> Result<Store, Error> {
    Store::open(folder, Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000))))
}

/// A store that has sealed once or not yet, with a pin.
fn filled(folder: &Path, is_sealed: bool) {
    let store = open(folder);
    lines(&store, "m,twin=a v=1 60\nm,twin=b v=1 60");
    if is_sealed {
        store.seal().unwrap();
    }
    lines(&store, "m,twin=a v=1 120");
    let view = store.now();
    store.pin(view.watermark(), span(0, 3600), [view.all_series()[0].id]).unwrap();
}

/// Harms a file in each of both stores; each must be refused by the opening and found by the check, under the file's name.
fn check_harm(file: &str, harm: impl Fn(&Path)) {
    for is_sealed in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path(), is_sealed);
        // As an earlier program left it: without second directories, by which a store opens that lacks a part.
        let copies = files(folder.path()).into_iter();
        let copies = copies.filter(|path| path.extension().is_some_and(|extension| extension == "tld"));
        copies.filter(|_| file == "part-").for_each(|path| fs::remove_file(path).unwrap());
        let Some(path) = files(folder.path())
            .into_iter()
            .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(file))
        else {
            assert!(!is_sealed && file == "part-", "{file} is not there");
            continue;
        };
        harm(&path);
        let before: Vec<_> = files(folder.path());
        let refusal = reopened(folder.path()).map(drop).unwrap_err().to_string();
        assert!(refusal.contains(path.to_str().unwrap()) && refusal.contains("backup"), "{file}: {refusal}");
        let found = check(folder.path()).unwrap().damages;
        let names =
            |damage: &crate::telemetry::repair::check::Damage| damage.what.contains(path.to_str().unwrap());
        assert!(found.iter().any(names), "{file} {is_sealed}: {found:?}");
        // Nothing was made in its place, so the next opening refuses as well.
        assert_eq!(files(folder.path()), before, "{file}");
        assert!(reopened(folder.path()).is_err(), "{file}");
    }
}

#[test]
fn a_missing_file_is_refused() {
    for file in ["id", "control.tlc", "series.tln", "pins.tlq", "parts.tll", "arrivals.tla", "wal-", "part-"]
    {
        check_harm(file, |path| fs::remove_file(path).unwrap());
    }
}

#[test]
fn a_file_that_is_cut_short_is_refused() {
    let cut = |to: fn(u64) -> u64| {
        move |path: &Path| {
            let length = fs::metadata(path).unwrap().len();
            fs::OpenOptions::new().write(true).open(path).unwrap().set_len(to(length)).unwrap();
        }
    };
    for file in ["control.tlc", "pins.tlq", "parts.tll", "wal-", "part-"] {
        check_harm(file, cut(|_| 0));
        check_harm(file, cut(|length| length / 2));
    }
    for file in ["pins.tlq", "parts.tll", "wal-", "part-"] {
        check_harm(file, cut(|length| length - 1));
    }
}

#[test]
fn an_opening_that_stopped_half_way_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    fs::remove_file(folder.path().join("id")).unwrap();
    assert_eq!(check(folder.path()).unwrap().damages.len(), 0);
    let store = reopened(folder.path()).unwrap();
    lines(&store, "m,twin=a v=1 60");
    drop(store);
    assert_eq!(reopened(folder.path()).unwrap().now().all_series().len(), 1);
}

#[test]
fn an_id_or_control_file_is_made_again_on_demand() {
    for file in ["id", "control.tlc"] {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path(), true);
        let watermark = reopened(folder.path()).unwrap().now().watermark();
        fs::remove_file(folder.path().join(file)).unwrap();
        let reported = salvage(folder.path()).unwrap().join("\n");
        assert!(reported.contains(file), "{reported}");
        assert_eq!(check(folder.path()).unwrap().damages.len(), 0);
        let store = reopened(folder.path()).unwrap();
        assert_eq!((store.now().watermark(), store.pins().len()), (watermark, 1));
    }
}

#[test]
fn a_second_process_is_refused_whatever_becomes_of_the_lock_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fs::remove_file(folder.path().join("lock")).unwrap();
    assert!(matches!(reopened(folder.path()), Err(Error::InUse { .. })));
    assert!(matches!(check(folder.path()), Err(Error::InUse { .. })));
    drop(store);
    assert!(reopened(folder.path()).is_ok());
}

#[test]
fn a_folder_that_was_moved_takes_nothing_more() {
    let place = tempfile::tempdir().unwrap();
    let (folder, moved) = (place.path().join("telemetry"), place.path().join("moved"));
    let store = open(&folder);
    lines(&store, "m,twin=a v=1 60");
    fs::rename(&folder, &moved).unwrap();
    // Another store at the path: its files are its own.
    let other = open(&folder);
    lines(&other, "m,twin=b v=2 60");
    let before = files(&folder);
    let write = store.write_lines(b"m,twin=a v=1 120", crate::telemetry::ingest::line::Precision::Seconds);
    assert!(matches!(write, Err(Error::Moved(_))), "{write:?}");
    assert!(matches!(store.seal(), Err(Error::Moved(_))));
    assert!(matches!(store.maintain(), Err(Error::Moved(_))));
    assert_eq!(files(&folder), before);
    drop((store, other));
    assert_eq!(open(&moved).now().all_series().len(), 1);
    let view = open(&folder).now();
    let rows = view.samples(view.all_series()[0].id, span(0, 3600), 10).unwrap();
    assert_eq!(rows.iter().map(|row| row.value).collect::<Vec<_>>(), [2.0]);
}
