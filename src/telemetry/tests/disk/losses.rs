//! Files that are missing or damaged: the store names them, a check finds them, a salvage goes on without them.

use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::part;
use crate::telemetry::read::plan::Plan;
use crate::telemetry::repair::check::check;
use crate::telemetry::repair::salvage::salvage;
use crate::telemetry::store::Store;
use crate::telemetry::store::view::View;
use crate::telemetry::tests::{lines, open, piece, span};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn file(folder: &Path, name: &str) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_str().unwrap();
        file.starts_with(name) && !file.ends_with(".tld")
    };
    let mut files: Vec<_> = files.filter(is_it).collect();
    files.sort();
    files.remove(0)
}

/// How many samples of each twin there are.
fn counts(view: &View) -> Vec<(String, u64)> {
    let count = |id| {
        let piece = piece(id, span(0, 100_000));
        let plan = Plan::whole(piece.within);
        view.aggregate(&[piece], &plan).unwrap().remove(0).remove(0).count
    };
    view.all_series().into_iter().map(|series| (series.twin, count(series.id))).collect()
}

fn expect(counts: &[(&str, u64)]) -> Vec<(String, u64)> {
    counts.iter().map(|(twin, count)| ((*twin).to_owned(), *count)).collect()
}

/// Two parts, each with the samples of a twin, and a log with those of a third.
fn filled(folder: &Path) {
    let store = open(folder);
    for twin in ["a", "b"] {
        let rows: Vec<_> = (0..100).map(|at| format!("m,twin={twin} v={at} {}", at * 60)).collect();
        lines(&store, &rows.join("\n"));
        store.seal().unwrap();
    }
    lines(&store, "m,twin=c v=1 60\nm,twin=a v=1 6000");
    drop(store);
    // As an earlier program left it: without second directories.
    remove_copies(folder);
}

fn remove_copies(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "tld") {
            fs::remove_file(path).unwrap();
        }
    }
}

/// What a missing part had is refused, and all else answered.
#[test]
fn a_missing_part_refuses_only_its_own_content() {
    {
        let harm = |path: &Path| fs::remove_file(path).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        for twin in ["a", "b", "c"] {
            let rows: Vec<_> = (0..100).map(|at| format!("m,twin={twin} v={at} {}", at * 60)).collect();
            lines(&store, &rows.join("\n"));
            store.seal().unwrap();
        }
        drop(store);
        // What an earlier program left is made when the store is opened.
        remove_copies(folder.path());
        drop(open(folder.path()));
        let path = file(folder.path(), "part-00000000000000000002");
        harm(&path);
        assert!(damages(folder.path()).join("\n").contains(path.to_str().unwrap()));
        let check = |store: &Store| {
            let view = store.now();
            let read = |twin: &str, from: i64| {
                let id = view.series_of(twin)[0].id;
                let samples = view.samples(id, span(from, 100_000), 1000);
                samples.map(|samples| samples.len()).map_err(|error| error.to_string())
            };
            assert_eq!((read("a", 0), read("c", 0)), (Ok(101), Ok(101)));
            assert!(read("b", 0).unwrap_err().contains(path.to_str().unwrap()));
            assert_eq!(read("b", 6000), Ok(1));
        };
        let mut store = open(folder.path());
        lines(&store, "m,twin=a v=1 7000\nm,twin=b v=1 7000\nm,twin=c v=1 7000");
        check(&store);
        store.seal().unwrap();
        store.maintain().unwrap();
        check(&store);
        drop(store);
        store = open(folder.path());
        check(&store);
    }
}

/// A part has its directory twice: one of them is enough to answer all, and a salvage makes the other one again.
#[test]
fn a_directory_that_is_broken_is_read_from_its_copy() {
    let flipped = |from_end: usize| {
        move |path: &Path| {
            let mut bytes = fs::read(path).unwrap();
            let place = bytes.len() - from_end;
            bytes[place] ^= 1;
            fs::write(path, bytes).unwrap();
        }
    };
    // In the directory, at its end, and in the header, of either file.
    for (extension, place) in
        [("tlp", Some(30)), ("tlp", Some(10)), ("tlp", None), ("tld", Some(30)), ("tld", None)]
    {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path());
        let store = open(folder.path());
        let (expect, watermark) = (counts(&store.now()), store.now().watermark());
        drop(store);
        let path = file(folder.path(), "part-00000000000000000002").with_extension(extension);
        let length = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
        flipped(place.unwrap_or(length - 13))(&path);
        let found = damages(folder.path()).join("\n");
        assert!(found.contains(path.to_str().unwrap()), "{extension} {place:?}: {found}");
        let salvaged = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, salvaged.path().join(path.file_name().unwrap())).unwrap();
        }
        // The store is used with it, over a sealing, a compaction and a restart.
        let store = open(folder.path());
        assert_eq!(counts(&store.now()), expect, "{extension} {place:?}");
        lines(&store, "m,twin=b v=1 7000");
        store.seal().unwrap();
        store.maintain().unwrap();
        drop(store);
        let store = open(folder.path());
        assert_eq!(counts(&store.now())[1].1, expect[1].1 + 1);
        assert_eq!(counts(&store.as_known_at(watermark).unwrap()), expect);
        drop(store);
        assert_eq!(damages(folder.path()).is_empty(), extension == "tld", "{extension} {place:?}");
        let reported = salvage(salvaged.path()).unwrap();
        assert_eq!(reported.len(), usize::from(extension == "tlp"), "{reported:?}");
        let store = open(salvaged.path());
        assert_eq!(counts(&store.as_known_at(watermark).unwrap()), expect);
        drop(store);
        assert_eq!(damages(salvaged.path()), Vec::<String>::new(), "{extension} {place:?}");
    }
}

/// Of a part that was cut short a salvage keeps the blocks that are there.
#[test]
fn a_part_that_was_cut_short_keeps_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for twin in ["a", "b"] {
        let rows: Vec<_> = (0..200).map(|at| format!("m,twin={twin} v={} {at}", at * at)).collect();
        lines(&store, &rows.join("\n"));
    }
    store.seal().unwrap();
    let second = store.now().series_of("b")[0].id;
    drop(store);
    let path = file(folder.path(), "part-");
    let (_, directory) = part::Part::open(&path, part_store(folder.path())).unwrap();
    let begin = directory.chunks.iter().find(|chunk| chunk.series == second).unwrap().extent.offset;
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(begin + 3).unwrap();
    for is_salvaged in [false, true] {
        if is_salvaged {
            assert_eq!(salvage(folder.path()).unwrap().len(), 1);
        }
        let view = open(folder.path()).now();
        let read = |twin: &str| view.samples(view.series_of(twin)[0].id, span(0, 1000), 1000);
        assert_eq!(read("a").unwrap().len(), 200);
        assert!(matches!(read("b"), Err(Error::Damaged { .. })), "salvaged: {is_salvaged}");
    }
}

fn part_store(folder: &Path) -> uuid::Uuid {
    fs::read_to_string(folder.join("id")).unwrap().trim().parse().unwrap()
}

fn refused(folder: &Path) -> String {
    let clock = Arc::new(FixedClock::new(Instant::from_seconds(0)));
    Store::open(folder, clock).unwrap_err().to_string()
}

fn damages(folder: &Path) -> Vec<String> {
    check(folder).unwrap().damages.iter().map(ToString::to_string).collect()
}

/// Harms a store: it must not open but name the file; so must the check; and a salvage leaves `left`.
fn harmed(harm: impl Fn(&Path) -> PathBuf, reason: &str, left: &[(&str, u64)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    assert_eq!(damages(folder.path()), Vec::<String>::new());
    assert_eq!(salvage(folder.path()).unwrap(), Vec::<String>::new());
    let watermark = open(folder.path()).now().watermark();
    remove_copies(folder.path());
    let path = harm(folder.path()).display().to_string();
    let refusal = refused(folder.path());
    assert!(refusal.contains(&path) && refusal.contains(reason) && refusal.contains("fsck"), "{refusal}");
    let found = damages(folder.path()).join("\n");
    assert!(
        found.contains(&path) && found.contains(reason) && found.contains("--salvage-telemetry"),
        "{found}"
    );
    let let_go = salvage(folder.path()).unwrap().join("\n");
    assert!(let_go.contains("part-") || let_go.contains("wal-"), "{let_go}");
    assert_eq!(damages(folder.path()), Vec::<String>::new());
    assert_eq!(salvage(folder.path()).unwrap(), Vec::<String>::new());
    let check = |store: &Store| {
        assert_eq!(counts(&store.now()), expect(left));
        let lost = store.as_known_at(watermark).unwrap_err();
        assert!(matches!(lost, Error::LostWatermark { asked } if asked == watermark), "{lost}");
        assert!(store.now().watermark() > watermark);
        assert!(store.as_known_at(store.now().watermark()).is_ok());
    };
    let store = open(folder.path());
    check(&store);
    lines(&store, "m,twin=d v=1 60");
    store.seal().unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.now().series_of("d").len(), 1);
    folder
}

#[test]
fn a_part_that_is_missing_is_reported() {
    let removed = |name: &'static str| {
        move |folder: &Path| {
            let path = file(folder, name);
            fs::remove_file(&path).unwrap();
            path
        }
    };
    harmed(removed("part-00000000000000000001"), "is missing", &[("a", 1), ("b", 100), ("c", 1)]);
    harmed(removed("part-00000000000000000002"), "is missing", &[("a", 101), ("b", 0), ("c", 1)]);
    // A part that was merged into another has left, and is not missed.
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for at in 0..20 {
        lines(&store, &format!("m,twin=a v=1 {at}"));
        store.seal().unwrap();
    }
    drop(store);
    assert_eq!(counts(&open(folder.path()).now()), expect(&[("a", 20)]));
    assert_eq!(damages(folder.path()), Vec::<String>::new());
}

#[test]
fn a_part_that_cannot_be_opened_is_set_aside() {
    let spoiled = |folder: &Path| {
        let path = file(folder, "part-00000000000000000002");
        let mut bytes = fs::read(&path).unwrap();
        let end = bytes.len() - 30;
        bytes[end] ^= 1;
        fs::write(&path, bytes).unwrap();
        path
    };
    let folder = harmed(spoiled, "", &[("a", 101), ("b", 0), ("c", 1)]);
    assert!(file(folder.path(), "part-00000000000000000002").to_str().unwrap().ends_with(".tlp.damaged"));
}

#[test]
fn a_log_that_is_missing_is_reported() {
    let removed = |folder: &Path| {
        let path = file(folder, "wal-");
        fs::remove_file(&path).unwrap();
        path
    };
    harmed(removed, "is missing", &[("a", 100), ("b", 100)]);
}

#[test]
fn a_block_that_is_broken_is_found() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let path = file(folder.path(), "part-");
    let mut bytes = fs::read(&path).unwrap();
    bytes[50] ^= 1;
    fs::write(&path, bytes).unwrap();
    let found = damages(folder.path()).join("\n");
    assert!(found.contains("the block at byte 40 is broken") && found.contains("backup"), "{found}");
}

/// Four batches in the log: the first makes both series, of the second one byte is harmed, the third and fourth follow.
fn cut(second: &str, byte: usize) -> Vec<(String, u64)> {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    lines(&store, "m,twin=a v=1 60\nm,twin=b v=1 60");
    let path = file(folder.path(), "wal-");
    let before = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    let first = store.now().watermark();
    lines(&store, second);
    let second = store.now().watermark();
    lines(&store, "m,twin=a v=1 180");
    lines(&store, "m,twin=e v=1 240");
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    bytes[before + byte] ^= 4;
    fs::write(&path, bytes).unwrap();
    let refusal = refused(folder.path());
    assert!(refusal.contains(&format!("the frame at byte {before} is broken")), "{refusal}");
    assert!(damages(folder.path()).join("\n").contains("--salvage-telemetry"));
    let reported = salvage(folder.path()).unwrap().join("\n");
    assert!(reported.contains("bytes are broken"), "{reported}");
    let store = open(folder.path());
    // What was known before the harm is known as before.
    assert_eq!(counts(&store.as_known_at(first).unwrap()), expect(&[("a", 1), ("b", 1)]));
    assert!(matches!(store.as_known_at(second), Err(Error::LostWatermark { .. })));
    counts(&store.now())
}

#[test]
fn of_a_broken_log_what_can_be_read_stays() {
    // A value or a length is broken: the batch made no series, so all that follow are what they were.
    assert_eq!(cut("m,twin=a v=1 120", 44), expect(&[("a", 2), ("b", 1), ("e", 1)]));
    assert_eq!(cut("m,twin=a v=1 120", 0), expect(&[("a", 2), ("b", 1), ("e", 1)]));
    // A batch that made a series, or of which not even that is known: what follows stays where its series is known.
    assert_eq!(cut("m,twin=z v=1 120", 60), expect(&[("a", 2), ("b", 1)]));
    assert_eq!(cut("m,twin=a v=1 120", 28), expect(&[("a", 2), ("b", 1)]));
}

/// Samples arrive, are sealed, compacted and dropped beside a block that cannot be read; what needs it is refused.
#[test]
fn a_block_that_is_broken_holds_nothing_else_up() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || crate::telemetry::settings::Settings { readable_ns: 0, ..Default::default() };
    let open = || {
        let clock = FixedClock::new(Instant::from_seconds(1_700_000_000));
        Store::open_with(folder.path(), Arc::new(clock), settings()).unwrap()
    };
    let store = open();
    lines(&store, "m,twin=a v=1 60\nm,twin=b v=1 60");
    store.seal().unwrap();
    drop(store);
    let path = file(folder.path(), "part-");
    let mut bytes = fs::read(&path).unwrap();
    bytes[41] ^= 1;
    fs::write(&path, bytes).unwrap();
    let store = open();
    for round in 0..20 {
        lines(&store, &format!("m,twin=a v=2 {0}\nm,twin=b v=2 {0}\nm,twin=b v=3 {0}", 120 + round * 60));
        store.seal().unwrap();
        store.maintain().unwrap();
    }
    let parts = fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().ends_with(".tlp"));
    assert!(parts.count() < 12, "compaction goes on");
    let view = store.now();
    let ids: Vec<_> = view.all_series().iter().map(|series| series.id).collect();
    let refused = view.samples(ids[0], span(0, 3600), 100).unwrap_err().to_string();
    assert!(refused.contains("the block at byte 40 is broken"), "{refused}");
    assert_eq!(view.samples(ids[0], span(120, 3600), 100).unwrap().len(), 20);
    assert_eq!(view.samples(ids[1], span(0, 3600), 100).unwrap().len(), 21);
}
