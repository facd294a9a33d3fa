//! A bit flipped in the header of any file: the check names it, and what it advises ends in a store that answers as before.

use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::repair::check::{Damage, check};
use crate::telemetry::repair::salvage::salvage;
use crate::telemetry::series::watermark::Watermark;
use crate::telemetry::store::Store;
use crate::telemetry::tests::{lines, open, span};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn filled(folder: &Path) -> Store {
    let store = open(folder);
    for twin in ["a", "b"] {
        let rows: Vec<_> = (0..50).map(|at| format!("m,twin={twin} v={at} {}", at * 60)).collect();
        lines(&store, &rows.join("\n"));
        store.seal().unwrap();
        let view = store.now();
        let ids: Vec<_> = view.all_series().iter().map(|series| series.id).collect();
        store.pin(view.watermark(), span(0, 3600), ids).unwrap();
    }
    lines(&store, "m,twin=c v=1 60");
    store
}

fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()))
        .collect()
}

fn written(files: &BTreeMap<String, Vec<u8>>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
    folder
}

fn answers(store: &Store, watermark: Watermark) -> Vec<String> {
    let mut all = Vec::new();
    for view in [store.now(), store.as_known_at(watermark).unwrap()] {
        for series in view.all_series() {
            all.push(format!("{series:?} {:?}", view.samples(series.id, span(0, 100_000), 1000).unwrap()));
        }
    }
    all.extend(store.pins().iter().map(|pin| format!("{pin:?}")));
    all
}

fn refusal(folder: &Path) -> Option<Error> {
    Store::open(folder, Arc::new(FixedClock::new(Instant::from_seconds(0)))).err()
}

/// Does what the check advises.
fn follow(folder: &Path, damages: &[Damage]) {
    for damage in damages {
        if damage.advice.contains("--salvage-telemetry") {
            salvage(folder).unwrap();
        } else {
            assert!(damage.advice.contains("start the service"), "{damage}");
            drop(open(folder));
        }
    }
}

#[test]
fn a_header_that_is_broken_is_written_anew_by_what_is_advised() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path());
    let (expect, watermark) = (answers(&store, store.now().watermark()), store.now().watermark());
    // As a process that is killed leaves it, and as one that ends in order does.
    let killed = read(folder.path());
    drop(store);
    let mut kinds = Vec::new();
    for files in [killed, read(folder.path())] {
        for name in files.keys().filter(|name| *name != "lock") {
            kinds.push(name.split('-').next().unwrap().to_owned());
            // The magic, the version, the store, the number or the sum.
            for (place, bit) in [(0, 1), (8, 1), (9, 4), (14, 1), (29, 1), (37, 1)] {
                let mut flipped = files.clone();
                let bytes = flipped.get_mut(name).unwrap();
                if place >= bytes.len().min(if name == "id" { 32 } else { 40 })
                    || (name == "id" && place == 9)
                {
                    continue;
                }
                bytes[place] ^= bit;
                let folder = written(&flipped);
                let what = format!("{name} byte {place}");
                let found = check(folder.path()).unwrap().damages;
                if !name.contains("tlp") && !name.contains("tld") && !found.is_empty() {
                    assert!(matches!(refusal(folder.path()), Some(Error::Damaged { .. })), "{what}");
                }
                // Behind a header of 32 bytes comes a record, or nothing.
                if found.iter().any(|damage| damage.advice.contains("does not open")) {
                    assert!(place > 31, "{what}: {found:?}");
                    continue;
                }
                assert!(!found.is_empty() || place > 31, "{what}");
                assert!(found.iter().all(|damage| damage.what.contains(name.as_str())), "{what}: {found:?}");
                follow(folder.path(), &found);
                assert_eq!(answers(&open(folder.path()), watermark), expect, "{what}");
                assert_eq!(check(folder.path()).unwrap().damages, Vec::new(), "{what}");
            }
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        ["arrivals.tla", "control.tlc", "id", "part", "parts.tll", "pins.tlq", "series.tln", "wal"]
    );
}

/// The file is there, and a salvage goes on without what was in it.
#[test]
fn a_log_that_ends_within_its_header_was_cut_short() {
    for length in [0, 1, 20, 39] {
        let folder = tempfile::tempdir().unwrap();
        drop(filled(folder.path()));
        let mut files = read(folder.path());
        let (name, log) = files.iter_mut().find(|(name, _)| name.starts_with("wal-")).unwrap();
        log.truncate(length);
        let name = name.clone();
        let folder = written(&files);
        let reason = format!("it was cut short: it has {length} bytes");
        let refused = refusal(folder.path()).unwrap().to_string();
        assert!(refused.contains(&name) && refused.contains(&reason), "{refused}");
        let found = check(folder.path()).unwrap().damages;
        assert!(found[0].what.contains(&name) && found[0].what.contains(&reason), "{found:?}");
        let let_go = salvage(folder.path()).unwrap().join("\n");
        assert!(let_go.contains(&name) && let_go.contains(&reason), "{let_go}");
        assert_eq!(check(folder.path()).unwrap().damages, Vec::new());
        let view = open(folder.path()).now();
        assert_eq!(view.samples(view.series_of("a")[0].id, span(0, 100_000), 1000).unwrap().len(), 50);
    }
}

/// A salvage that cannot end in a store that opens leaves every byte as it was.
#[test]
fn a_salvage_that_does_not_finish_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()));
    for broken in ["pins.tlq", "series.tln", "parts.tll", "arrivals.tla"] {
        let mut files = read(folder.path());
        for (name, place) in [("id", 10), ("control.tlc", 9), (broken, 41)] {
            files.get_mut(name).unwrap()[place] ^= 1;
        }
        let folder = written(&files);
        let error = salvage(folder.path()).unwrap_err().to_string();
        assert!(error.contains(broken) && error.contains("backup"), "{error}");
        assert_eq!(read(folder.path()), files, "{broken}");
    }
}
