//! A panic while a change is made: that change is refused, and the next one is made.

use crate::graph::model::failpoint;
use crate::graph::tests::*;

#[test]
fn a_panic_in_validation_refuses_one_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
    repository.create_branch("try", "main").expect("a branch");
    let on_try = CommitRequest {
        branch: "try".to_owned(),
        changes: vec![Change::Add(triple("b", "p", "1"))],
        ..Default::default()
    };
    repository.commit(&on_try).expect("a commit");
    let merge = MergeRequest { source: "try".to_owned(), into: "main".to_owned(), ..Default::default() };
    let changes: [&dyn Fn() -> Result<usize, Error>; 3] = [
        &|| Ok(commit(&repository, vec![Change::Add(triple("a", "p", "2"))])?.changed),
        &|| Ok(import(&repository, "tool", &[triple("c", "p", "1")])?.changed),
        &|| Ok(repository.merge(&merge)?.changed),
    ];
    for change in changes {
        let before = all(&repository);
        failpoint::startle("validate");
        let refused = change().expect_err("a panic");
        assert!(matches!(&refused, Error::Panicked(text) if text.contains("startled")), "{refused}");
        assert_eq!(all(&repository), before);
        assert!(repository.is_writable());
        assert_eq!(change().expect("the same change once more"), 1);
    }
}

#[test]
fn a_panic_while_git_is_written_stops_writing() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    failpoint::startle("files written");
    let refused = commit(&repository, vec![Change::Add(triple("a", "p", "1"))]);
    assert!(matches!(refused, Err(Error::Panicked(_))), "{refused:?}");
    assert!(!repository.is_writable());
    assert!(matches!(commit(&repository, vec![Change::Add(triple("a", "p", "1"))]), Err(Error::Stopped)));
    drop(repository);
    let repository = Repository::open(folder.path(), clock()).expect("a restart");
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
}
