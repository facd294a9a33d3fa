//! A disk that takes no more of the index: what Git has is committed and answered all the same, and the next start needs no help.

use crate::graph::tests::*;
use crate::graph::upkeep::fsck;
use std::path::PathBuf;
use std::process::Command;

/// Names the folder of the process in which files may not grow.
const FOLDER: &str = "THROUGHLINE_FULL_GRAPH_FOLDER";

/// How many resources take more of an index than a new one has room for.
const RESOURCES: usize = 3_000;

/// Lets files grow to so many bytes in this process.
fn limit(bytes: &str) {
    let pid = std::process::id().to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")]).status();
    assert!(set.expect("prlimit").success());
}

fn changes(round: usize) -> Vec<Change> {
    (0..RESOURCES)
        .map(|n| Change::Add(triple(&format!("part/{n}"), "p", &format!("{round} of {n}"))))
        .collect()
}

#[test]
#[ignore = "run by a_full_disk_fails_no_commit_that_git_has"]
fn child() {
    let folder = PathBuf::from(std::env::var(FOLDER).expect("a folder"));
    let repository = repository(&folder);
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
    let index = folder.join("index.redb");
    let size = std::fs::metadata(&index).expect("the index").len();
    limit(&size.to_string());
    for round in 0..3 {
        commit(&repository, changes(round)).expect("Git has room");
        assert_eq!(all(&repository).len(), 1 + RESOURCES * (round + 1));
    }
    assert_eq!(std::fs::metadata(&index).expect("the index").len(), size, "the index has no room");
    assert!(repository.is_writable());
    // Nor does a restart or a check need room.
    drop(repository);
    let repository = Repository::open(&folder, clock()).expect("a start on a full disk");
    assert_eq!(all(&repository).len(), 1 + RESOURCES * 3);
    drop(repository);
    assert_eq!(fsck::check(&folder, Depth::Whole).expect("a check").damages, []);
    // Where Git has no room, one commit is refused.
    let repository = Repository::open(&folder, clock()).expect("the thread");
    limit("10");
    assert!(matches!(
        commit(&repository, vec![Change::Add(triple("b", "p", "1"))]),
        Err(Error::NotWritten(_))
    ));
    limit("unlimited");
}

#[test]
fn a_full_disk_fails_no_commit_that_git_has() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("skipped: prlimit is not there");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" --exact \"$1\" --ignored --nocapture"])
        .arg(std::env::current_exe().expect("this program"))
        .arg("graph::tests::disk::full_disk::child")
        .env(FOLDER, folder.path())
        .output()
        .expect("the second process");
    let reported = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && reported.contains("1 passed"), "{reported}{errors}");
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    assert_eq!(all(&repository).len(), 1 + RESOURCES * 3);
    commit(&repository, vec![Change::Add(triple("b", "p", "1"))]).expect("a commit");
}
