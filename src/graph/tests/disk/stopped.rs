//! A write that fails half-way: nothing more is written until a restart, while what is there is read.

use crate::graph::model::failpoint;
use crate::graph::tests::*;

/// Runs a commit whose `deed` fails, and returns the repository afterwards with the refusal.
fn refused(folder: &Path, deed: &'static str) -> (Repository, Error) {
    let repository = repository(folder);
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
    failpoint::fail(deed);
    let refused = commit(&repository, vec![Change::Add(triple("b", "p", "1"))]).expect_err("a failure");
    (repository, refused)
}

#[test]
fn after_a_folder_could_not_be_synced_nothing_is_written_until_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let (repository, error) = refused(folder.path(), "sync objects");
    assert!(matches!(error, Error::Unsynced(_)), "{error:?}");
    assert!(!repository.is_writable());
    let again = commit(&repository, vec![Change::Add(triple("b", "p", "1"))]);
    assert!(matches!(again, Err(Error::Stopped)), "{again:?}");
    assert!(matches!(import(&repository, "tool", &[triple("c", "p", "1")]), Err(Error::Stopped)));
    assert!(matches!(repository.create_branch("try", "main"), Err(Error::Stopped)));
    assert!(matches!(repository.tag("v1", "main", "v1"), Err(Error::Stopped)));
    assert_eq!(all(&repository).len(), 1, "it is read as it was");
    drop(repository);
    let repository = Repository::open(folder.path(), clock()).expect("a restart");
    assert!(repository.is_writable());
    commit(&repository, vec![Change::Add(triple("b", "p", "1"))]).expect("a commit");
    assert_eq!(all(&repository).len(), 2);
}

#[test]
fn a_write_that_leaves_nothing_in_its_place_stops_nobody() {
    for deed in ["write", "move"] {
        let folder = tempfile::tempdir().expect("a folder");
        let (repository, error) = refused(folder.path(), deed);
        assert!(matches!(error, Error::NotWritten(_)), "{deed}: {error:?}");
        assert_eq!(all(&repository).len(), 1, "{deed}");
        commit(&repository, vec![Change::Add(triple("b", "p", "1"))]).expect("a commit");
        assert_eq!(all(&repository).len(), 2, "{deed}");
        repository.tag("v1", "main", "v1").expect("a tag");
    }
}

#[test]
fn a_thread_is_set_to_make_git_sync_objects_and_refs() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(repository(folder.path()));
    let open = || git2::Repository::open_bare(folder.path().join("thread.git")).expect("the repository");
    let check = || {
        let settings = open().config().and_then(|mut config| config.snapshot()).expect("settings");
        let synced = settings.get_str("core.fsync").expect("a setting").to_owned();
        assert_eq!(synced, "committed,loose-object,reference");
        assert!(settings.get_bool("core.fsyncObjectFiles").is_err(), "Git warns of it");
    };
    check();
    // As an earlier release set it.
    let mut config = open().config().expect("the configuration");
    config.remove("core.fsync").and_then(|()| config.set_bool("core.fsyncObjectFiles", true)).expect("set");
    drop(Repository::open(folder.path(), clock()).expect("the thread"));
    check();
}

#[test]
fn an_import_is_one_pack() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let packs = || {
        let files = std::fs::read_dir(folder.path().join("thread.git/objects/pack")).expect("packs");
        files.flatten().filter(|file| file.path().extension().is_some_and(|kind| kind == "pack")).count()
    };
    let many: Vec<_> = (0..200).map(|number| triple(&format!("part/{number}"), "p", "1")).collect();
    let imported = import(&repository, "tool", &many).expect("an import");
    assert_eq!(
        (packs(), imported.commit.parents.len()),
        (1, 2),
        "the statements of the source, and their merge"
    );
}

#[test]
fn an_import_whose_tag_fails_reports_that_it_is_committed() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    failpoint::fail("tag");
    let refused = repository.import(ImportRequest {
        source: "tool".to_owned(),
        into: "main".to_owned(),
        message: "import".to_owned(),
        statements: vec![triple("a", "p", "1")],
        tag: Some("v1".to_owned()),
        ..Default::default()
    });
    let Err(Error::Untagged { commit, tag, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!((repository.head("main").expect("main").commit().id, tag.as_str()), (commit, "v1"));
    assert_eq!(all(&repository).len(), 1);
    repository.tag("v1", &commit.to_string(), "now").expect("the tag is made afterwards");
}
