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
        repository.commit(&request).expect("a commit");
    };
    for round in 0..rounds {
        let branch = format!("try/{round}");
        repository.create_branch(&branch, "main").expect("done while Git tidies up");
        let again = triple(&format!("again/{round}"), "p", "1");
        on(&branch, again.clone());
        repository.delete_branch(&branch, None).expect("done while Git tidies up");
        on("main", triple(&format!("part/{round}"), "p", "1"));
        on("main", again);
        repository.tag(&format!("v{round}"), "main", "v").expect("done while Git tidies up");
    }
    let many: Vec<_> = (0..250).map(|number| triple(&format!("bulk/{number}"), "p", "1")).collect();
    import(repository, "tool", &many).expect("done while Git tidies up");
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
fn a_ref_that_is_locked_for_a_moment_refuses_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let lock = folder.path().join("thread.git/refs/heads/main.lock");
    std::fs::write(&lock, "").expect("a lock");
    std::thread::scope(|scope| {
        let committed = scope.spawn(|| commit(&repository, vec![Change::Add(triple("a", "p", "1"))]));
        // The commit has written its objects, and waits for the ref.
        until(|| repository.history.try_lock().is_err() || committed.is_finished());
        std::fs::remove_file(&lock).expect("a lock less");
        committed.join().expect("no panic").expect("a commit");
    });
    // Where it stays locked, the client is refused with the reason, and nothing has changed.
    std::fs::write(&lock, "").expect("a lock");
    let refused = commit(&repository, vec![Change::Add(triple("b", "p", "1"))]);
    assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
    std::fs::remove_file(&lock).expect("a lock less");
    assert_eq!(all(&repository).len(), 1);
    commit(&repository, vec![Change::Add(triple("b", "p", "1"))]).expect("a commit");
}

/// What Git would not read, or read as another history, although this program does not read it at all.
#[test]
fn files_that_git_reads_beside_the_objects_are_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(repository(folder.path()));
    let damages = || crate::graph::upkeep::fsck::check(folder.path(), Depth::Heads).expect("a check").damages;
    let check = |name: &str, content: &[u8], expect: Option<&str>| {
        let path = folder.path().join("thread.git").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        let found: Vec<_> = damages().into_iter().map(|damage| (damage.place, damage.what)).collect();
        match expect {
            Some(part) => {
                let [(place, what)] = &found[..] else { panic!("{found:?}") };
                assert!(place.ends_with(name) && what.contains(part), "{place}: {what}");
            }
            None => assert_eq!(found, []),
        }
        std::fs::remove_file(&path).expect("removed");
    };
    for cache in ["objects/info/commit-graph", "objects/pack/multi-pack-index"] {
        check(cache, b"", Some("is damaged"));
        check(cache, b"garbage, and more of it than a check sum", Some("is damaged"));
    }
    for cut in ["shallow", "info/grafts"] {
        check(cut, b"", None);
        check(cut, b"0123456789012345678901234567890123456789\n", Some("a clone lacks those before"));
    }
    // Those that Git has made.
    if git(folder.path(), &["commit-graph", "write", "--reachable"]).is_ok() {
        assert!(folder.path().join("thread.git/objects/info/commit-graph").exists());
        assert_eq!(damages(), []);
    }
}

fn until(mut holds: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(180);
    while !holds() {
        assert!(std::time::Instant::now() < end, "not within three minutes");
    }
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

/// What a power cut or a hand may leave of the files that hold Git back.
#[test]
fn what_holds_git_back_is_named_where_it_lacks_and_written_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(repository(folder.path()));
    let path = |name: &str| folder.path().join("thread.git").join(name);
    let check = |name: &str, spoil: &dyn Fn(&std::path::Path), named: usize| {
        spoil(&path(name));
        let damages =
            crate::graph::upkeep::fsck::check(folder.path(), Depth::Heads).expect("a check").damages;
        let of_it = damages.iter().filter(|damage| damage.place.ends_with(name)).count();
        assert_eq!((of_it, damages.len()), (named, named), "{damages:?}");
        drop(Repository::open(folder.path(), clock()).expect("the thread"));
        let left = crate::graph::upkeep::fsck::check(folder.path(), Depth::Heads).expect("a check").damages;
        assert!(left.is_empty(), "{left:?}");
        if let Ok(refused) = git(folder.path(), &["prune", "--expire=now"]) {
            assert!(!refused.status.success());
        }
    };
    let empty: &dyn Fn(&std::path::Path) = &|path| std::fs::write(path, "").expect("emptied");
    let remove: &dyn Fn(&std::path::Path) = &|path| std::fs::remove_file(path).expect("removed");
    check("config", empty, 4);
    check("config", remove, 1);
    check("config", &|path| std::fs::write(path, "[core]\n\tbare = true\n").expect("cut short"), 3);
    check("hooks/update", empty, 1);
    check("hooks/update", remove, 1);
    #[cfg(unix)]
    check(
        "hooks/update",
        &|path| {
            use std::os::unix::fs::PermissionsExt as _;
            let plain = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(path, plain).expect("not executable");
        },
        1,
    );
}
