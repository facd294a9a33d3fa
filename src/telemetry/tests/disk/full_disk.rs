//! A disk that takes no more. The system's limit on the size of a file replaces it, in a process of its own: writes
//! then fail half-way, as on a full disk.

use crate::telemetry::error::Error;
use crate::telemetry::ingest::line::Precision;
use crate::telemetry::store::Store;
use crate::telemetry::tests::{SECOND, lines, only, open, piece, span};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the child process's folder.
const FOLDER: &str = "THROUGHLINE_FULL_DISK_FOLDER";

/// Lets files grow to so many bytes in this process.
fn limit(bytes: &str) {
    let pid = std::process::id().to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")]).status();
    assert!(set.unwrap().success());
}

/// Rows that compress badly, each of a series of its own every tenth.
fn rows(round: i64, count: i64) -> String {
    let value = |at: i64| ((at + round * 7919) as f64).sqrt();
    let line = |at: i64| {
        format!("m,twin=t{} v={} {}", if at % 10 == 0 { round } else { 0 }, value(at), round * 10_000 + at)
    };
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

fn counts(store: &Store) -> Vec<(String, u64)> {
    let view = store.now();
    let count = |id| only(&view, piece(id, span(0, 1_000_000))).count;
    view.all_series().into_iter().map(|series| (series.twin, count(series.id))).collect()
}

fn refused(store: &Store, text: &str) -> bool {
    match store.write_lines(text.as_bytes(), Precision::Seconds) {
        Ok(_) => false,
        Err(Error::NotStored { reason }) => reason.contains("File too large"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
#[ignore = "run by a_full_disk_refuses_and_heals"]
fn child() {
    let folder = PathBuf::from(std::env::var(FOLDER).unwrap());
    let store = open(&folder);
    lines(&store, &rows(1, 2000));
    let expect = counts(&store);
    limit("60000");
    // What does not fit is refused, as often as it is tried; reads go on, and what fits is taken.
    for round in 2..5 {
        assert!(refused(&store, &rows(round, 2000)));
        assert_eq!(counts(&store), expect);
        assert!(store.is_writable());
    }
    lines(&store, "m,twin=t0 v=1 5");
    let names: Vec<_> = counts(&store).into_iter().map(|(twin, _)| twin).collect();
    assert_eq!(names, ["t1", "t0"], "what was refused leaves no name");
    let mut expect = counts(&store);
    // Nor can anything be sealed, which costs nothing.
    limit("2000");
    assert!(matches!(store.seal(), Err(Error::Io { .. })));
    assert!(matches!(store.seal(), Err(Error::Io { .. })));
    assert_eq!(counts(&store), expect);
    limit("unlimited");
    lines(&store, &rows(4, 10));
    store.seal().unwrap();
    expect[1].1 += 9;
    expect.push(("t4".to_owned(), 1));
    assert_eq!(counts(&store), expect);
    drop(store);
    assert_eq!(counts(&open(&folder)), expect);
}

/// Runs the child in a process in which a failing write is an error, not a signal.
fn run(folder: &Path) -> std::process::Output {
    let program = std::env::current_exe().unwrap();
    let name = "telemetry::tests::disk::full_disk::child";
    Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" --exact \"$1\" --ignored --nocapture"])
        .arg(program)
        .arg(name)
        .env(FOLDER, folder)
        .output()
        .unwrap()
}

#[test]
fn a_full_disk_refuses_and_heals() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("skipped: prlimit is not there");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path());
    let output_text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && output_text.contains("1 passed"),
        "{output_text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // Nor is hand repair wanted by a store that was not closed before the disk was full.
    let store = open(folder.path());
    lines(&store, "m,twin=t1 v=1 999999");
    let first = store.now().all_series()[0].id;
    assert_eq!(store.now().latest(first).unwrap().unwrap().at.nanos(), 999_999 * SECOND);
}
