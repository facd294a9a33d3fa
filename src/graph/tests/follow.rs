//! Following branches.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

fn on(repository: &Repository, branch: &str, text: &str) -> CommitId {
    let request = CommitRequest {
        branch: branch.to_owned(),
        changes: vec![Change::Add(triple("a", text, text))],
        ..Default::default()
    };
    repository.commit(&request).expect("a commit").commit.id
}

fn reported(repository: &Repository, follower: &mut Follower) -> Vec<CommitId> {
    std::iter::from_fn(|| match repository.next(follower).expect("news") {
        FollowEvent::Commit(commit) => Some(commit.id),
        FollowEvent::Nothing | FollowEvent::BranchDeleted => None,
    })
    .collect()
}

#[test]
fn a_follower_receives_each_commit_once_and_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let rings = Arc::new(AtomicUsize::new(0));
    let heard = Arc::clone(&rings);
    let listening = repository.listen(move || _ = heard.fetch_add(1, Ordering::Relaxed));
    on(&repository, "main", "before");
    assert_eq!(rings.load(Ordering::Relaxed), 1);
    let mut main = repository.follow(Some("main")).expect("a follower");
    let mut all = repository.follow(None).expect("a follower");
    assert_eq!(reported(&repository, &mut main), []);
    let first = on(&repository, "main", "1");
    assert_eq!(reported(&repository, &mut main), [first]);
    repository.create_branch("try", "main").expect("a branch");
    let tried = [on(&repository, "try", "2"), on(&repository, "try", "3")];
    let fourth = on(&repository, "main", "4");
    assert_eq!(reported(&repository, &mut main), [fourth]);
    let request = MergeRequest { source: "try".to_owned(), into: "main".to_owned(), ..Default::default() };
    let merged = repository.merge(&request).expect("a merge").commit.id;
    assert_eq!(reported(&repository, &mut main), [tried[0], tried[1], merged]);
    assert_eq!(reported(&repository, &mut all), [first, tried[0], tried[1], fourth, merged]);
    let mut deleted = repository.follow(Some("try")).expect("a follower");
    repository.delete_branch("try", None).expect("deleted");
    assert_eq!(repository.next(&mut deleted).expect("news"), FollowEvent::BranchDeleted);
    assert_eq!(reported(&repository, &mut all), []);
    assert!(matches!(repository.follow(Some("try")), Err(Error::UnknownBranch(_))));
    drop(listening);
    let before = rings.load(Ordering::Relaxed);
    on(&repository, "main", "5");
    assert_eq!(rings.load(Ordering::Relaxed), before);
}
