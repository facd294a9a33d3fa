//! Commits by many threads at once are as if they had been made one after the other, in the order of their branch, whatever fails.

use super::merging::{THINGS, THINGS_RULES, set, typed};
use super::*;
use crate::graph::model::failpoint;
use crate::graph::sync::catch_up;
use crate::graph::upkeep::fsck;

const BRANCHES: [&str; 2] = ["main", "try"];

/// One commit, and what is to fail while it is made.
#[derive(Clone, Debug)]
struct Deed {
    branch: usize,
    changes: Vec<Change>,
    /// Whether it may only follow the head that its thread saw before.
    is_exact: bool,
    key: Option<u8>,
    failure: Failure,
}

#[derive(Clone, Copy, Debug)]
enum Failure {
    None,
    /// A write or a move of a ref fails.
    Fails(&'static str),
    /// Validation, or the writing of a group, panics.
    Panics(&'static str),
}

fn deed() -> impl Strategy<Value = Deed> {
    let link = |from: u8, to: u8| {
        let link = Statement::new(subject(from), iri("p/uses"), subject(to));
        vec![Change::Add(typed(subject(from))), Change::Add(link)]
    };
    let changes = prop_oneof![
        4 => (0..6_u8, 0..5_i64).prop_map(|(thing, code)| set(thing, "code", code)),
        3 => (0..6_u8, 0..6_u8).prop_map(move |(from, to)| link(from, to)),
        2 => (0..3_u8).prop_map(|thing| vec![Change::Retire(subject(thing * 2))]),
        3 => (10..40_u8, 0..9_i64).prop_map(|(thing, size)| set(thing, "size", size)),
    ];
    let failure = prop_oneof![
        12 => Just(Failure::None),
        1 => prop::sample::select(vec!["write", "move"]).prop_map(Failure::Fails),
        1 => prop::sample::select(vec!["validate", "commit written"]).prop_map(Failure::Panics),
    ];
    let key = prop::option::weighted(0.2, 0..4_u8);
    (0..2_usize, changes, prop::bool::weighted(0.2), key, failure).prop_map(
        |(branch, changes, is_exact, key, failure)| Deed { branch, changes, is_exact, key, failure },
    )
}

/// What a deed came to.
struct Outcome {
    request: CommitRequest,
    answer: Result<Committed, Error>,
}

fn run(repository: &Repository, thread: usize, number: usize, deed: Deed) -> Outcome {
    let branch = BRANCHES[deed.branch].to_owned();
    let head = repository.head(&branch).expect("the branch").commit().id;
    let request = CommitRequest {
        branch,
        message: format!("{thread} {number}"),
        author: Author { name: format!("Thread {thread}"), email: "thread@example.org".to_owned(), by: None },
        changes: deed.changes,
        expected_head: deed.is_exact.then_some(head),
        exact: deed.is_exact,
        idempotency_key: deed.key.map(|key| format!("key-{key}").into()),
        ..CommitRequest::default()
    };
    match deed.failure {
        Failure::None => {}
        Failure::Fails(deed) => failpoint::fail(deed),
        Failure::Panics(window) => failpoint::startle(window),
    }
    let answer = repository.commit(&request);
    Outcome { request, answer }
}

fn apply(state: &mut BTreeSet<Statement>, change: &Change) {
    match change {
        Change::Add(statement) => _ = state.insert(statement.clone()),
        Change::Set { subject, predicate, values } => {
            state.retain(|known| known.subject != *subject || known.predicate != *predicate);
            let statement = |value: &Term| Statement::new(subject.clone(), predicate.clone(), value.clone());
            state.extend(values.iter().map(statement));
        }
        Change::Retire(resource) => {
            let fragment = format!("{}#", resource.as_str());
            state
                .retain(|known| known.subject != *resource && !known.subject.as_str().starts_with(&fragment));
        }
        other => panic!("{other:?}"),
    }
}

/// The commits of a branch, the first one first.
fn commits(repository: &Repository, branch: &str) -> Vec<Commit> {
    let head = repository.head(branch).expect("the branch");
    let mut log = repository.log(&head, None, None, usize::MAX).expect("a log");
    log.reverse();
    log
}

/// The statements of a branch at each commit are what the requests make of those before, and break no rule.
fn check_branch(repository: &Repository, branch: &str, outcomes: &[Outcome]) {
    let log = commits(repository, branch);
    let mut state = BTreeSet::new();
    for (before, commit) in log.iter().zip(&log[1..]) {
        assert_eq!(commit.parents, [before.id]);
        assert!(commit.time > before.time);
        let made = outcomes.iter().find(|outcome| outcome.request.message == commit.message);
        let Outcome { request, answer } = made.expect("somebody asked for it");
        assert_eq!((request.branch.as_str(), &request.author), (branch, &commit.author));
        if request.exact {
            assert_eq!(request.expected_head, Some(before.id), "{commit:?}");
        }
        let answer = answer.as_ref().expect("it is acknowledged");
        assert_eq!((answer.commit.id, answer.replayed), (commit.id, false));
        request.changes.iter().for_each(|change| apply(&mut state, change));
        let found = repository.snapshot_at(commit.id).expect("the version").matching(None, None, None);
        assert_eq!(found.expect("statements").into_iter().collect::<BTreeSet<_>>(), state, "{request:?}");
        assert!(!(THINGS_RULES.are_broken)(&state), "{request:?}");
    }
    for Outcome { request, answer } in outcomes.iter().filter(|outcome| outcome.request.branch == branch) {
        match answer {
            Ok(done) => assert!(log.iter().any(|commit| commit.id == done.commit.id), "{request:?}"),
            Err(
                Error::Violations(_)
                | Error::Linked { .. }
                | Error::Conflict(_)
                | Error::UnknownResource(_)
                | Error::NotWritten(_)
                | Error::Panicked(_)
                | Error::KeyElsewhere { .. },
            ) => assert!(log.iter().all(|commit| commit.message != request.message), "{request:?}"),
            Err(error) => panic!("{error} {request:?}"),
        }
    }
}

fn news(repository: &Repository, follower: &mut Follower) -> Vec<CommitId> {
    std::iter::from_fn(|| match repository.next(follower).expect("news") {
        FollowEvent::Commit(commit) => Some(commit.id),
        FollowEvent::Nothing | FollowEvent::BranchDeleted => None,
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn commits_at_once_are_as_if_one_followed_the_other(threads in prop::collection::vec(prop::collection::vec(deed(), 6..9), 6)) {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
        let ontology = [("things.ttl".to_owned(), THINGS.to_owned())];
        let repository = Repository::init(folder.path(), &ontology, BASE, clock.clone()).expect("a thread");
        repository.create_branch("try", "main").expect("a branch");
        let mut follower = repository.follow(Some("main")).expect("a follower");
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let repository = &repository;
            let run = |(thread, deeds): (usize, Vec<Deed>)| {
                scope.spawn(move || {
                    let numbered = deeds.into_iter().enumerate();
                    numbered.map(|(number, deed)| run(repository, thread, number, deed)).collect::<Vec<_>>()
                })
            };
            let threads: Vec<_> = threads.into_iter().enumerate().map(run).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
        });
        prop_assert!(repository.is_writable());
        BRANCHES.iter().for_each(|branch| check_branch(&repository, branch, &outcomes));
        let made: Vec<CommitId> = commits(&repository, "main").iter().skip(1).map(|commit| commit.id).collect();
        prop_assert_eq!(news(&repository, &mut follower), made);
        let kept_up = digest_of(&repository);
        catch_up::rebuild(&repository.writer().expect("a writer").history, &repository.index).expect("rebuilt");
        prop_assert_eq!(kept_up.differences(&digest_of(&repository)), Vec::<String>::new());
        drop(repository);
        prop_assert_eq!(fsck::check(folder.path(), fsck::Depth::Whole).expect("a check").damages, []);
    }
}

/// Makes a repository in which a commit was prepared at a head that another one has followed since; returns whether it may follow that.
fn follows(first: Vec<Change>, made_meanwhile: Vec<Change>, prepared: Vec<Change>) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
    let ontology = [("things.ttl".to_owned(), THINGS.to_owned())];
    let repository = Repository::init(folder.path(), &ontology, BASE, clock).expect("a thread");
    let request =
        |changes: Vec<Change>| CommitRequest { branch: "main".to_owned(), changes, ..Default::default() };
    repository.commit(&request(first)).expect("a commit");
    let answers = repository.commit_prepared(&[request(made_meanwhile), request(prepared)]).expect("answers");
    let mut answers = answers.into_iter();
    assert!(answers.next().expect("an answer").expect("a commit").is_some(), "the first one is at its base");
    answers.next().expect("an answer").expect("an answer").is_some()
}

#[test]
fn a_commit_follows_others_that_changed_nothing_it_read() {
    let retire = |thing| vec![Change::Retire(subject(thing))];
    let link = |from, to| {
        let link = Statement::new(subject(from), iri("p/uses"), subject(to));
        vec![Change::Add(typed(subject(from))), Change::Add(link)]
    };
    let first = || [set(0, "code", 1), set(2, "size", 1), set(4, "size", 1)].concat();
    assert!(follows(first(), set(2, "size", 2), set(4, "size", 2)));
    assert!(follows(first(), set(12, "code", 5), set(14, "code", 6)), "two codes that nobody had");
    assert!(!follows(first(), set(2, "size", 2), set(2, "size", 3)), "the same thing");
    assert!(!follows(first(), set(12, "code", 5), set(14, "code", 5)), "one code, which nobody had");
    assert!(!follows(first(), retire(2), link(4, 2)), "what it links to goes");
    assert!(!follows(first(), link(4, 2), retire(2)), "a link to what goes comes");
    assert!(
        !follows(first(), set(13, "size", 2), set(12, "size", 2)),
        "a fragment of a thing that was in nothing"
    );
}
