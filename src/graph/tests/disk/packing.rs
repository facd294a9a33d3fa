//! Loose objects are packed while the repository is in use.

use crate::graph::index::digest::digest;
use crate::graph::sync::catch_up;
use crate::graph::tests::*;
use crate::graph::upkeep::fsck;

fn files(folder: &Path, kind: &str) -> usize {
    let packs = std::fs::read_dir(folder.join("thread.git/objects/pack")).expect("packs").flatten();
    packs.filter(|file| file.path().extension().is_some_and(|of| of == kind)).count()
}

fn loose(folder: &Path) -> usize {
    let shards = std::fs::read_dir(folder.join("thread.git/objects")).expect("objects").flatten();
    let shards = shards.filter(|shard| shard.file_name().len() == 2);
    shards.map(|shard| std::fs::read_dir(shard.path()).expect("a shard").count()).sum()
}

#[test]
fn all_that_is_loose_is_packed_and_packs_stay_few() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    for round in 0..40 {
        for n in 0..3 {
            commit(&repository, vec![Change::Add(triple(&format!("part/{round}/{n}"), "p", "1"))])
                .expect("a commit");
        }
        let before = loose(folder.path());
        let done = repository.maintain(&|| false).expect("packed");
        assert_eq!((done.packed, loose(folder.path())), (before, 0), "{round}");
        assert_eq!((done.packs, done.damaged), (files(folder.path(), "pack"), Vec::new()));
        assert_eq!(files(folder.path(), "idx"), done.packs);
        // Handles that were open before read on.
        repository.tag(&format!("v{round}"), "main", "v").expect("a tag");
    }
    assert!(files(folder.path(), "pack") <= 12, "{}", files(folder.path(), "pack"));
    assert_eq!(all(&repository).len(), 120);
    let kept_up = digest(&repository.index.tables().expect("tables")).expect("a digest");
    catch_up::rebuild(&repository.writer().expect("a writer").history, &repository.index).expect("rebuilt");
    let rebuilt = digest(&repository.index.tables().expect("tables")).expect("a digest");
    assert_eq!(kept_up.differences(&rebuilt), Vec::<String>::new());
    assert_eq!(repository.maintain(&|| false).expect("packed").packed, 1, "the last tag");
    drop(repository);
    assert_eq!(fsck::check(folder.path(), Depth::Whole).expect("a check").damages, []);
}

#[test]
fn commits_go_on_while_objects_are_packed() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let many: Vec<_> = (0..300).map(|n| triple(&format!("bulk/{n}"), "p", "1")).collect();
    import(&repository, "tool", &many).expect("an import");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let packing = scope.spawn(|| {
            let mut packed = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                packed += repository.maintain(&|| false).expect("packed").packed;
            }
            packed + repository.maintain(&|| false).expect("packed").packed
        });
        let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for n in 0..60 {
                commit(&repository, vec![Change::Add(triple(&format!("part/{n}"), "p", "1"))])
                    .expect("a commit");
                repository.snapshot("main").expect("main");
            }
        }));
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(packing.join().expect("it ends") > 60);
        worked.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    assert_eq!((loose(folder.path()), all(&repository).len()), (0, 360));
    drop(repository);
    assert_eq!(fsck::check(folder.path(), Depth::Whole).expect("a check").damages, []);
}

#[test]
fn a_stopped_run_deletes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let before = loose(folder.path());
    assert_eq!(
        repository.maintain(&|| true).expect("it ends"),
        Maintained { packs: 0, ..Default::default() }
    );
    assert_eq!(loose(folder.path()), before);
}

#[test]
fn an_object_that_is_damaged_stays_and_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let head = commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit").commit.id;
    let id = head.to_string();
    let file = folder.path().join("thread.git/objects").join(&id[..2]).join(&id[2..]);
    let bytes = std::fs::read(&file).expect("the object");
    std::fs::remove_file(&file)
        .and_then(|()| std::fs::write(&file, &bytes[..bytes.len() / 2]))
        .expect("a cut");
    let done = repository.maintain(&|| false).expect("packed");
    assert!(done.damaged.len() == 1 && done.damaged[0].contains(&id), "{done:?}");
    assert!(done.packed > 0 && file.exists());
}

#[test]
fn an_index_over_several_packs_is_removed_before_the_packs_are() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(repository(folder.path()));
    let git = |arguments: &[&str]| {
        std::process::Command::new("git")
            .arg("-C")
            .arg(folder.path().join("thread.git"))
            .args(arguments)
            .output()
    };
    if git(&["--version"]).is_err() {
        return;
    }
    let mut written = 0;
    let mut merged = 0;
    for round in 0..4 {
        // Opened again, so that what Git wrote is in use.
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        for n in 0..3 {
            commit(&repository, vec![Change::Add(triple(&format!("part/{round}/{n}"), "p", "1"))])
                .expect("a commit");
        }
        let head = repository.head("main").expect("main").commit().id;
        assert!(!repository.read().changed_files(None, head).expect("all files").is_empty());
        merged += repository.maintain(&|| false).expect("packed").merged;
        assert!(!repository.read().changed_files(None, head).expect("all files").is_empty());
        commit(&repository, vec![Change::Add(triple(&format!("last/{round}"), "p", "1"))]).expect("a commit");
        drop(repository);
        for command in [&["multi-pack-index", "write"][..], &["commit-graph", "write", "--reachable"]] {
            written += usize::from(git(command).expect("git").status.success());
        }
    }
    assert!(written == 8 && merged > 0, "{written} {merged}");
    assert_eq!(fsck::check(folder.path(), Depth::Whole).expect("a check").damages, []);
    let checked = git(&["fsck", "--full", "--strict"]).expect("git");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    assert!(git(&["commit-graph", "verify"]).expect("git").status.success());
}
