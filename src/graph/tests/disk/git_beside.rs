//! Git's own maintenance beside a repository that is open and being written to.

use crate::graph::tests::*;
use crate::graph::upkeep::fsck;
use std::panic::AssertUnwindSafe;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// What may be run at any time; Git refuses what would delete objects.
const COMMANDS: [&[&str]; 8] = [
    &["gc", "--quiet", "--prune=now"],
    &["prune", "--expire=now"],
    &["repack", "-adq"],
    &["repack", "-q"],
    &["prune-packed", "-q"],
    &["pack-refs", "--all", "--prune"],
    &["commit-graph", "write", "--reachable"],
    &["multi-pack-index", "write"],
];

fn git(folder: &Path, arguments: &[&str]) -> std::io::Result<std::process::Output> {
    let git = folder.join("thread.git");
    Command::new("git")
        .arg("-C")
        .arg(git)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
}

/// Commits on main and on branches of its own, which it deletes, with tags and imports between; the same content comes back
/// on main after its branch is deleted.
fn work(repository: &Repository, rounds: u32) {
    let on = |branch: &str, statement: Statement| {
        let (branch, changes) = (branch.to_owned(), vec![Change::Add(statement)]);
        let request = CommitRequest { branch, changes, ..Default::default() };
        loop {
            match repository.commit(&request) {
                // Git holds the ref for a moment.
                Err(Error::Busy) => {}
                done => return done.expect("a commit"),
            }
        }
    };
    let retried = |make: &dyn Fn() -> Result<(), Error>| {
        loop {
            match make() {
                Err(Error::Busy) => {}
                done => return done.expect("a ref"),
            }
        }
    };
    for round in 0..rounds {
        let branch = format!("try/{round}");
        retried(&|| repository.create_branch(&branch, "main").map(drop));
        let again = triple(&format!("again/{round}"), "p", "1");
        on(&branch, again.clone());
        retried(&|| repository.delete_branch(&branch, None).map(drop));
        on("main", triple(&format!("part/{round}"), "p", "1"));
        on("main", again);
        retried(&|| repository.tag(&format!("v{round}"), "main", "v").map(drop));
    }
    let many: Vec<_> = (0..250).map(|number| triple(&format!("bulk/{number}"), "p", "1")).collect();
    retried(&|| import(repository, "tool", &many).map(drop));
}

#[test]
fn no_commit_loses_an_object_or_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let repository = repository(folder);
    if git(folder, &["--version"]).is_err() {
        return;
    }
    const ROUNDS: u32 = 12;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let tidy = scope.spawn(|| {
            for (runs, command) in COMMANDS.iter().cycle().enumerate() {
                if done.load(Ordering::Relaxed) && runs >= COMMANDS.len() {
                    return;
                }
                git(folder, command).expect("git");
            }
        });
        let worked = std::panic::catch_unwind(AssertUnwindSafe(|| work(&repository, ROUNDS)));
        done.store(true, Ordering::Relaxed);
        tidy.join().expect("it ends");
        worked.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    let parts = usize::try_from(ROUNDS).expect("a few");
    assert_eq!(all(&repository).len(), 2 * parts + 250);
    // The handles that were open all the time read what a fresh process reads.
    let head = repository.head("main").expect("main").commit().id;
    let files = repository.read().changed_files(None, head).expect("all files");
    let is_document = |path: &str| path.ends_with(".ttl") && !path.starts_with("ontology/");
    assert_eq!(files.iter().filter(|file| is_document(&file.path)).count(), all(&repository).len());
    drop(repository);
    let checked = git(folder, &["fsck", "--full", "--strict", "--no-dangling"]).expect("git");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    assert_eq!(fsck::check(folder, Depth::Whole).expect("a check").damages, []);
}

#[test]
fn git_refuses_to_delete_objects_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(repository(folder.path()));
    let Ok(refused) = git(folder.path(), &["prune", "--expire=now"]) else { return };
    let reported = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && reported.contains("precious"), "{reported}");
    // A repository of an earlier release is protected once it is opened.
    git(folder.path(), &["config", "--unset", "extensions.preciousObjects"]).expect("git");
    drop(Repository::open(folder.path(), clock()).expect("the thread"));
    assert!(!git(folder.path(), &["repack", "-adq"]).expect("git").status.success());
}
