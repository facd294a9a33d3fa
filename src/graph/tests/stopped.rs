//! A write that fails half-way: nothing more is written until a restart, while what is there is read.

use super::*;

/// Runs a commit whose `deed` fails, and returns the repository afterwards.
fn stopped(folder: &Path, deed: &'static str) -> Repository {
    let repository = repository(folder);
    commit(&repository, vec![Change::Add(says("a", "p", "1"))]).expect("a commit");
    window::fail(deed);
    let refused = commit(&repository, vec![Change::Add(says("b", "p", "1"))]);
    assert!(matches!(refused, Err(Error::NotWritten(_))), "{refused:?}");
    repository
}

#[test]
fn after_a_failed_sync_nothing_is_written_until_a_restart() {
    for deed in ["write", "move"] {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = stopped(folder.path(), deed);
        assert!(!repository.is_writable(), "{deed}");
        let again = commit(&repository, vec![Change::Add(says("b", "p", "1"))]);
        assert!(matches!(again, Err(Error::Stopped)), "{deed}: {again:?}");
        assert!(matches!(import(&repository, "tool", &[says("c", "p", "1")]), Err(Error::Stopped)));
        assert!(matches!(repository.create_branch("try", "main"), Err(Error::Stopped)));
        assert!(matches!(repository.tag("v1", "main", "v1"), Err(Error::Stopped)));
        assert_eq!(all(&repository).len(), 1, "{deed}: it is read as it was");
        drop(repository);
        let repository = Repository::open(folder.path(), clock()).expect("a restart");
        assert!(repository.is_writable());
        commit(&repository, vec![Change::Add(says("b", "p", "1"))]).expect("a commit");
        assert_eq!(all(&repository).len(), 2, "{deed}");
    }
}

#[test]
fn a_thread_is_set_to_sync_every_object() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(repository(folder.path()));
    let git = git2::Repository::open_bare(folder.path().join("thread.git")).expect("the repository");
    let settings = git.config().and_then(|mut config| config.snapshot()).expect("settings");
    assert!(settings.get_bool("core.fsyncObjectFiles").expect("a setting"));
}

#[test]
fn an_import_is_one_pack() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let packs = || {
        let files = std::fs::read_dir(folder.path().join("thread.git/objects/pack")).expect("packs");
        files.flatten().filter(|file| file.path().extension().is_some_and(|kind| kind == "pack")).count()
    };
    let many: Vec<_> = (0..200).map(|number| says(&format!("part/{number}"), "p", "1")).collect();
    let imported = import(&repository, "tool", &many).expect("an import");
    assert_eq!((packs(), imported.commit.parents.len()), (1, 2), "what the source says, and its merge");
}
