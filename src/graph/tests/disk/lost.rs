//! Files of the folder that vanish while it is open.

use crate::graph::tests::*;
use crate::graph::upkeep::fsck;

#[test]
fn a_lock_file_that_was_deleted_lets_nobody_in_and_stops_writing() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
    std::fs::remove_file(folder.path().join("lock")).expect("a lock less");
    // The index is locked by itself.
    assert!(matches!(Repository::open(folder.path(), clock()), Err(Error::Locked(_))));
    let refused = commit(&repository, vec![Change::Add(triple("b", "p", "1"))]);
    assert!(matches!(refused, Err(Error::LostFolder(_))), "{refused:?}");
    assert!(matches!(import(&repository, "tool", &[triple("c", "p", "1")]), Err(Error::LostFolder(_))));
    assert!(matches!(repository.tag("v1", "main", "v1"), Err(Error::LostFolder(_))));
    assert!(!repository.is_writable());
    assert_eq!(all(&repository).len(), 1, "it is read as it was");
    drop(repository);
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    commit(&repository, vec![Change::Add(triple("b", "p", "1"))]).expect("a commit");
}

#[test]
fn what_a_killed_process_left_beside_is_removed_by_a_start() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(repository(folder.path()));
    let left = [
        "index.new.redb",
        "index.check.redb",
        "thread.git/packed-refs.lock",
        "thread.git/refs/heads/main.lock",
    ];
    for name in left {
        std::fs::write(folder.path().join(name), "half").expect("a file left behind");
    }
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
    repository.reindex().expect("an index made anew");
    assert_eq!(all(&repository).len(), 1);
    commit(&repository, vec![Change::Add(triple("b", "p", "1"))]).expect("a commit");
    assert_eq!(left.map(|name| folder.path().join(name).exists()), [false; 4]);
}

#[test]
fn a_folder_that_was_moved_takes_no_commit_under_its_old_name() {
    let above = tempfile::tempdir().expect("a folder");
    let (old, new) = (above.path().join("old"), above.path().join("new"));
    let repository = repository(&old);
    std::fs::rename(&old, &new).expect("moved");
    let refused = commit(&repository, vec![Change::Add(triple("a", "p", "1"))]);
    assert!(matches!(refused, Err(Error::LostFolder(_))), "{refused:?}");
    assert!(!repository.is_writable());
    drop(repository);
    let repository = Repository::open(&new, clock()).expect("the thread");
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
}

/// Removes the file of an object.
fn lose(folder: &Path, id: &str) {
    let (shard, name) = id.split_at(2);
    std::fs::remove_file(folder.join("thread.git/objects").join(shard).join(name)).expect("an object less");
}

#[test]
fn what_one_ref_leads_to_being_lost_refuses_that_ref_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
    repository.create_branch("try", "main").expect("a branch");
    let on_try = |text: &str| {
        let changes = vec![Change::Add(triple("b", "p", text))];
        repository.commit(&CommitRequest { branch: "try".to_owned(), changes, ..Default::default() })
    };
    let tagged = on_try("1").expect("a commit").commit.id;
    repository.tag("v1", "try", "v1").expect("a tag");
    repository.keep("review/DR-1", tagged).expect("kept");
    on_try("2").expect("a commit");
    repository.tag("v2", "main", "v2").expect("a tag");
    drop(repository);
    // The commit of a tag and a review, behind the head of a branch; and the tag itself of another.
    lose(folder.path(), &tagged.to_string());
    let git = git2::Repository::open_bare(folder.path().join("thread.git")).expect("a repository");
    let tag = git.find_reference("refs/tags/v2").expect("a ref").target().expect("a tag");
    lose(folder.path(), &tag.to_string());
    for index in ["kept", "lost"] {
        if index == "lost" {
            std::fs::remove_file(folder.path().join("index.redb")).expect("an index less");
        }
        let repository = Repository::open(folder.path(), clock()).expect("a start");
        let refused = |name: &str| match repository.snapshot(name) {
            Err(Error::Unreadable { name: refused, .. }) => assert_eq!(refused, name),
            other => panic!("{index} {name}: {other:?}"),
        };
        refused("v2");
        if index == "lost" {
            ["try", "v1", "review:DR-1"].into_iter().for_each(refused);
        }
        assert!(matches!(repository.snapshot("v3"), Err(Error::UnknownVersion(_))));
        assert_eq!(all(&repository).len(), 1);
        let change = vec![Change::Add(triple("c", "p", index))];
        commit(&repository, change.clone()).expect("a commit");
        commit(&repository, vec![Change::Retire(iri("c"))]).expect("a commit");
    }
    let damages = fsck::check(folder.path(), Depth::Whole).expect("a check").damages;
    assert!(damages.len() >= 2, "{damages:?}");
}

#[test]
fn a_main_that_cannot_be_read_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let lost = commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit").commit.id;
    commit(&repository, vec![Change::Add(triple("a", "p", "2"))]).expect("a commit");
    drop(repository);
    lose(folder.path(), &lost.to_string());
    std::fs::remove_file(folder.path().join("index.redb")).expect("an index less");
    assert!(matches!(Repository::open(folder.path(), clock()), Err(Error::Git(_))));
}

#[test]
fn a_folder_that_was_copied_while_it_was_open_is_read_whole() {
    let (folder, copies) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let repository = repository(folder.path());
    let lost = commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit").commit.id;
    commit(&repository, vec![Change::Add(triple("a", "p", "2"))]).expect("a commit");
    let (whole, torn) = (copies.path().join("whole"), copies.path().join("torn"));
    for copy in [&whole, &torn] {
        super::flips::copy(folder.path(), copy);
    }
    let opened = Repository::open(&whole, clock()).expect("a copy");
    assert_eq!(all(&opened), all(&repository));
    drop(opened);
    lose(&torn, &lost.to_string());
    for _ in 0..2 {
        let refused = Repository::open(&torn, clock()).expect_err("an object less");
        assert!(refused.to_string().contains("throughline backup"), "{refused}");
    }
    // One that was moved is none.
    drop(repository);
    let moved = copies.path().join("moved");
    std::fs::rename(&whole, &moved).expect("moved");
    Repository::open(&moved, clock()).expect("the thread");
}
