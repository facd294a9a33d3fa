//! Samples of a request that was refused, and what becomes of the log after a sync that failed.

use crate::telemetry::error::Error;
use crate::telemetry::ingest::line::Precision;
use crate::telemetry::log::SYNC_FAILS;
use crate::telemetry::repair::check::check;
use crate::telemetry::store::Store;
use crate::telemetry::tests::{lines, open, span};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

fn log(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_log = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "log");
    files.filter(is_log).max().unwrap()
}

fn samples(store: &Store) -> Vec<(String, usize)> {
    let view = store.now();
    let count = |id| view.samples(id, span(0, 1000), 100).unwrap().len();
    view.all_series().into_iter().map(|series| (series.twin, count(series.id))).collect()
}

fn write_with_failing_sync(store: &Store, text: &str) -> Error {
    SYNC_FAILS.set(Some(0));
    let error = store.write_lines(text.as_bytes(), Precision::Seconds).unwrap_err();
    SYNC_FAILS.set(None);
    error
}

#[test]
fn what_was_refused_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    lines(&store, "m,twin=a v=1 60");
    let last = store.now().watermark();
    let error = write_with_failing_sync(&store, "m,twin=a v=2 120\nm,twin=b v=2 120");
    assert!(matches!(error, Error::MaybeStored { .. }), "{error}");
    assert!(error.to_string().contains("may be stored or not"), "{error}");
    assert!(!store.is_writable());
    let error = store.write_lines(b"m,twin=a v=3 180", Precision::Seconds).unwrap_err();
    assert!(matches!(error, Error::Stopped { .. }), "{error}");
    drop(store);
    assert_eq!(check(folder.path()).unwrap().damages.len(), 0);
    let store = open(folder.path());
    assert_eq!(samples(&store), [("a".to_owned(), 1)]);
    lines(&store, "m,twin=c v=2 120");
    assert!(store.now().watermark() > last);
    drop(store);
    assert_eq!(samples(&open(folder.path())), [("a".to_owned(), 1), ("c".to_owned(), 1)]);
}

/// Where a sync failed, pages that are not on the disk may read as if they were, and a later sync of them succeeds.
#[test]
fn a_log_that_was_not_closed_in_order_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    lines(&store, "m,twin=a v=1 60");
    let file = |folder: &Path| fs::metadata(log(folder)).unwrap().ino();
    let before = file(folder.path());
    drop(store);
    drop(open(folder.path()));
    assert_eq!(file(folder.path()), before, "it was closed in order");
    let store = open(folder.path());
    write_with_failing_sync(&store, "m,twin=a v=2 120");
    drop(store);
    let store = open(folder.path());
    assert_ne!(file(folder.path()), before);
    assert_eq!(samples(&store), [("a".to_owned(), 1)]);
}

/// A power cut in the last seconds before which the control file was not written back.
#[test]
fn an_unfinished_end_is_left_out_and_its_number_is_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    lines(&store, "m,twin=a v=1 60");
    let control = fs::read(folder.path().join("control.tlc")).unwrap();
    let path = log(folder.path());
    let start = fs::metadata(&path).unwrap().len() as usize;
    let before = fs::read(&path).unwrap();
    let rows: Vec<_> = (0..200).map(|at| format!("m,twin=a v={}.5 {at}", at + 1)).collect();
    lines(&store, &rows.join("\n"));
    let newest = store.now().watermark();
    drop(store);
    let whole = fs::read(&path).unwrap();
    let check = |bytes: &[u8], expect: Option<usize>| {
        fs::write(&path, bytes).unwrap();
        fs::write(folder.path().join("control.tlc"), &control).unwrap();
        let clock =
            crate::model::time::clock::FixedClock::new(crate::model::time::instant::Instant::from_seconds(0));
        let store = Store::open(folder.path(), std::sync::Arc::new(clock));
        assert_eq!(store.as_ref().ok().map(|store| samples(store)[0].1), expect);
        if let Ok(store) = store {
            lines(&store, "m,twin=a v=1 999");
            assert!(store.now().watermark() > newest);
            drop(store);
            crate::telemetry::tests::open(folder.path());
        }
    };
    check(&whole, Some(100));
    check(&whole[..whole.len() - 1], Some(1));
    check(&whole[..start + 3], Some(1));
    let mut bytes = whole.clone();
    bytes[start + 1024..start + 2048].fill(0);
    check(&bytes, Some(1));
    check(&[&before[..], &[0; 900]].concat(), Some(1));
    // All of it is there, and one bit is not as it was: that is damage, not an unfinished write.
    let mut bytes = whole.clone();
    bytes[start + 1200] ^= 4;
    check(&bytes, None);
}

/// A large request is stored piece by piece: where a piece fails, the error states how much is stored.
#[test]
fn of_a_large_request_the_pieces_before_a_failure_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let body = b"m,twin=a v=1 60\nm,twin=a v=2 120\nm,twin=b v=3 60\nm,twin=b v=4 120";
    SYNC_FAILS.set(Some(1));
    let error = store.write_lines_in_pieces(body, Precision::Seconds, 2).unwrap_err();
    SYNC_FAILS.set(None);
    assert!(error.to_string().starts_with("the first 2 samples of the request are stored"), "{error}");
    drop(store);
    assert_eq!(samples(&open(folder.path())), [("a".to_owned(), 2)]);
}

/// In pieces or as a whole, a request comes to the same.
#[test]
fn pieces_of_a_request_are_like_the_whole() {
    let check = |body: &str, expect: Result<(u64, usize), &str>| {
        for piece in [1, 2, 3, 1000] {
            let folder = tempfile::tempdir().unwrap();
            let store = open(folder.path());
            let written = store.write_lines_in_pieces(body.as_bytes(), Precision::Seconds, piece);
            match (written, expect) {
                (Ok(written), Ok(expect)) => {
                    assert_eq!((written.samples, written.rejected_count), expect, "{body} by {piece}");
                    assert_eq!(written.rejected.len(), expect.1, "{body} by {piece}");
                    let stored: usize = samples(&store).iter().map(|(_, count)| count).sum();
                    assert_eq!(stored as u64, expect.0, "{body} by {piece}");
                }
                (Err(error), Err(expect)) => {
                    assert!(error.to_string().contains(expect), "{body} by {piece}: {error}");
                    assert_eq!(samples(&store), [], "{body} by {piece}");
                }
                (got, _) => panic!("{body} by {piece}: {got:?}"),
            }
        }
    };
    check("m,twin=a v=1,w=2 60\nm,twin=b v=1,w=2 60\nm,twin=a v=3 120", Ok((5, 0)));
    check("x\nm,twin=a v=1 60\ny\nm,twin=a v=2 120\nz", Ok((2, 3)));
    check("", Ok((0, 0)));
    check(
        "m,twin=a v=1 1700000000000\nm,twin=a v=2 1700000001000\nm,twin=a v=3 1700000002000",
        Err("precision"),
    );
    // The last instant shows that the precision is right.
    check("m,twin=a v=3 120\nx 1700000000000", Ok((1, 1)));
}
