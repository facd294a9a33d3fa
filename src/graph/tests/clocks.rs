//! Clocks that jump: a commit that one dated hides no later commit, and fixes no later time.

use super::*;
use crate::graph::index::digest::digest;

const SECOND: i64 = 1_000_000_000;
const BEGUN: i64 = 1_700_000_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn at(seconds: i64) -> Instant {
    Instant::from_seconds(BEGUN + seconds)
}

/// Makes a commit on a branch at an instant.
fn commit_at(repository: &Repository, clock: &FixedClock, seconds: i64, branch: &str, text: &str) -> Commit {
    clock.set(at(seconds));
    let (branch, changes) = (branch.to_owned(), vec![Change::Add(triple("a", "p", text))]);
    repository.commit(&CommitRequest { branch, changes, ..Default::default() }).expect("a commit").commit
}

fn version(repository: &Repository, name: &str) -> CommitId {
    repository.snapshot(name).expect("a version").commit().id
}

#[test]
fn a_clock_that_jumped_forward_hides_no_later_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let repository = Repository::init(folder.path(), &[], BASE, clock.clone()).expect("a thread");
    let nine_years = 9 * 366 * DAY;
    let before = commit_at(&repository, &clock, DAY, "main", "1");
    let fast = commit_at(&repository, &clock, DAY + nine_years, "main", "2");
    repository.create_branch("try", "main").expect("a branch");
    let right = commit_at(&repository, &clock, 2 * DAY, "main", "3");
    let tried = commit_at(&repository, &clock, 2 * DAY + HOUR, "try", "3");
    let next = commit_at(&repository, &clock, 3 * DAY, "main", "4");
    // A second jump, by hours.
    let hours = commit_at(&repository, &clock, 3 * DAY + 12 * HOUR, "main", "5");
    let last = commit_at(&repository, &clock, 3 * DAY + HOUR, "main", "6");
    let times = [&before, &fast, &right, &tried, &next, &hours, &last].map(|commit| commit.time);
    let expect =
        [DAY, DAY + nine_years, 2 * DAY, 2 * DAY + HOUR, 3 * DAY, 3 * DAY + 12 * HOUR, 3 * DAY + HOUR];
    assert_eq!(times, expect.map(at));
    let check = |repository: &Repository| {
        let is = |name: String, commit: &Commit| assert_eq!(version(repository, &name), commit.id, "{name}");
        is(at(DAY).to_string(), &before);
        is(at(2 * DAY - 1).to_string(), &before);
        is(at(2 * DAY).to_string(), &right);
        is(at(3 * DAY + 1).to_string(), &next);
        is(at(3 * DAY + 2 * HOUR).to_string(), &last);
        is(at(2 * nine_years).to_string(), &last);
        is(format!("try@{}", at(2 * DAY)), &before);
        is(format!("try@{}", at(3 * DAY)), &tried);
        let main = repository.snapshot("main").expect("main");
        let log = |resource| {
            let log = repository.log(&main, resource, None, 6).expect("a log");
            log.into_iter().map(|commit| commit.id).collect::<Vec<_>>()
        };
        let expect = [&last, &hours, &next, &right, &fast, &before].map(|commit| commit.id);
        assert_eq!(log(None), expect);
        assert_eq!(log(Some(&iri("a"))), expect);
        let rest = repository.log(&main, Some(&iri("a")), Some(right.id), 6).expect("a log");
        assert_eq!(rest.iter().map(|commit| commit.id).collect::<Vec<_>>(), [fast.id, before.id]);
    };
    check(&repository);
    let kept_up = digest(&repository.index.tables().expect("tables")).expect("a digest");
    drop(repository);
    let repository = Repository::rebuild(folder.path(), clock).expect("the thread");
    check(&repository);
    assert_eq!(digest(&repository.index.tables().expect("tables")).expect("a digest"), kept_up);
}

#[test]
fn a_clock_that_is_stepped_back_refuses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let repository = Repository::init(folder.path(), &[], BASE, clock.clone()).expect("a thread");
    let first = commit_at(&repository, &clock, DAY, "main", "1");
    let second = commit_at(&repository, &clock, DAY - 1, "main", "2");
    assert_eq!(second.time, first.time.plus_nanos(1));
    // What an instant answered before stays so.
    assert_eq!(version(&repository, &first.time.to_string()), first.id);
    // Further back, the clock ran fast until now: the present instant finds the newest commit.
    let later = commit_at(&repository, &clock, DAY - 2, "main", "3");
    assert_eq!(later.time, at(DAY - 2));
    assert_eq!(version(&repository, &at(DAY - 2).to_string()), later.id);
}

#[test]
fn a_clock_from_before_the_thread_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let repository = Repository::init(folder.path(), &[], BASE, clock.clone()).expect("a thread");
    commit_at(&repository, &clock, 30 * DAY, "main", "1");
    clock.set(Instant::from_nanos(7 * SECOND));
    let refused = commit(&repository, vec![Change::Add(triple("a", "p", "2"))]).expect_err("1970");
    assert!(matches!(refused, Error::Clock { .. }), "{refused}");
    assert!(refused.to_string().contains("1970-01-01T00:00:07Z"), "{refused}");
    let refused = import(&repository, "tool", &[triple("b", "p", "1")]).expect_err("1970");
    assert!(matches!(refused, Error::Clock { .. }), "{refused}");
    assert!(repository.is_writable());
    commit_at(&repository, &clock, 31 * DAY, "main", "2");
}
