//! Deleting branches, and refs that plain Git has moved.

use super::*;
use crate::graph::index::digest::digest;
use crate::graph::index::read::rows_read;
use oxigraph::model::vocab::rdf;
use std::sync::atomic::{AtomicUsize, Ordering};

fn on(repository: &Repository, branch: &str, text: &str) -> CommitId {
    let request = CommitRequest {
        branch: branch.to_owned(),
        changes: vec![Change::Add(triple("a", "p", text))],
        ..Default::default()
    };
    repository.commit(&request).expect("a commit").commit.id
}

fn is_there(repository: &Repository, id: CommitId) -> bool {
    repository.snapshot(&id.to_string()).is_ok()
}

/// How many commits, lanes and lifespans the index holds.
fn size(repository: &Repository) -> (usize, usize, usize) {
    let tables = repository.index.tables().expect("tables");
    tables.size().expect("a size")
}

fn check_digest(repository: &Repository) {
    let now = || digest(&repository.index.tables().expect("tables")).expect("a digest");
    let kept_up = now();
    let writer = repository.writer().expect("a writer");
    crate::graph::sync::catch_up::rebuild(&writer.history, &repository.index).expect("rebuilt");
    assert_eq!(kept_up, now());
}

#[test]
fn a_deleted_branch_leaves_what_others_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    on(&repository, "main", "0");
    let before = size(&repository);
    repository.create_branch("try", "main").expect("a branch");
    let tried: Vec<_> = (1..=6).map(|n| on(&repository, "try", &n.to_string())).collect();
    repository.tag("kept-by-tag", &tried[0].to_string(), "tag").expect("a tag");
    repository.keep("review/DR-1", tried[1]).expect("kept");
    repository.create_branch("beside", &tried[2].to_string()).expect("a branch");
    let beside = on(&repository, "beside", "beside");
    let unnamed = repository.commit(&CommitRequest {
        branch: "try".to_owned(),
        changes: vec![Change::Add(triple("a", "p", "keyed"))],
        idempotency_key: Some("k-1".to_owned().into()),
        ..Default::default()
    });
    let head = unnamed.expect("a commit").commit.id;
    assert_eq!(repository.delete_branch("try", None).expect("deleted"), head);
    let there: Vec<_> = tried.iter().map(|id| is_there(&repository, *id)).collect();
    assert_eq!(there, [true, true, true, false, false, false]);
    assert!(is_there(&repository, beside) && !is_there(&repository, head));
    assert!(matches!(repository.snapshot("try"), Err(Error::UnknownVersion(_))));
    assert!(matches!(repository.delete_branch("try", None), Err(Error::UnknownBranch(_))));
    check_digest(&repository);
    // The name and the key are free again.
    repository.create_branch("try", "main").expect("a branch");
    repository.delete_branch("try", None).expect("deleted");
    repository.delete_branch("beside", None).expect("deleted");
    let (commits, ..) = size(&repository);
    assert_eq!(commits, before.0 + 2, "the tag and the review keep theirs");
    check_digest(&repository);
}

#[test]
fn an_abandoned_branch_costs_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    on(&repository, "main", "0");
    let before = size(&repository);
    repository.create_branch("try", "main").expect("a branch");
    let set = |n: i32| CommitRequest {
        branch: "try".to_owned(),
        changes: vec![Change::Set {
            subject: iri("a"),
            predicate: iri("p"),
            values: vec![Literal::from(n).into()],
        }],
        ..Default::default()
    };
    (0..10).for_each(|n| drop(repository.commit(&set(n)).expect("a commit")));
    assert!(size(&repository) > before);
    repository.delete_branch("try", None).expect("deleted");
    assert_eq!(size(&repository), before);
}

#[test]
fn some_branches_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    import(&repository, "plm", &[triple("a", "mass", "12")]).expect("an import");
    for name in ["main", "import/plm"] {
        assert!(matches!(repository.delete_branch(name, None), Err(Error::Stays(..))), "{name}");
    }
    assert!(matches!(repository.delete_branch("nowhere", None), Err(Error::UnknownBranch(_))));
    repository.create_branch("team/try", "main").expect("a branch");
    let head = on(&repository, "team/try", "1");
    let old = repository.snapshot("main").expect("main").commit().id;
    let Err(Error::Conflict(divergence)) = repository.delete_branch("team/try", Some(old)) else {
        panic!("a conflict");
    };
    assert_eq!((divergence.expected, divergence.head), (old, head));
    repository.delete_branch("team/try", Some(head)).expect("deleted");
    repository.create_branch("team", "main").expect("the folder of the ref was removed too");
}

#[test]
fn a_packed_ref_is_deleted_for_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    repository.create_branch("try", "main").expect("a branch");
    let first = on(&repository, "try", "1");
    let packed = format!("# pack-refs with: peeled fully-peeled sorted \n{first} refs/heads/try\n");
    std::fs::write(folder.path().join("thread.git/packed-refs"), packed).expect("packed refs");
    on(&repository, "try", "2");
    repository.delete_branch("try", None).expect("deleted");
    drop(repository);
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    assert!(matches!(repository.snapshot("try"), Err(Error::UnknownVersion(_))));
}

/// Copies the head of a branch as plain Git would commit: no header of ours, whole seconds.
fn plain_commit(folder: &Path, branch: &str, seconds: i64) -> CommitId {
    let git = git2::Repository::open_bare(folder.join("thread.git")).expect("the repository");
    let head = git.find_reference(&format!("refs/heads/{branch}")).and_then(|r| r.peel_to_commit());
    let head = head.expect("a head");
    let who = git2::Signature::new("Ada", "ada@example.org", &git2::Time::new(seconds, 0)).expect("a name");
    let tree = head.tree().expect("a tree");
    let id = git
        .commit(Some(&format!("refs/heads/{branch}")), &who, &who, "plain", &tree, &[&head])
        .expect("a commit");
    id.to_string().parse().expect("an id")
}

#[test]
fn commits_of_plain_git_within_one_second_keep_their_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let thread = repository(folder.path());
    let start = thread.snapshot("main").expect("main").commit().time;
    drop(thread);
    let ids: Vec<_> = (0..4).map(|_| plain_commit(folder.path(), "main", start.seconds())).collect();
    let thread = Repository::open(folder.path(), clock()).expect("the thread");
    for (n, id) in ids.iter().enumerate() {
        let time = thread.snapshot_at(*id).expect("a version").commit().time;
        assert_eq!(time, start.plus_nanos(1 + i64::try_from(n).expect("few")));
        assert_eq!(thread.snapshot(&format!("main@{time}")).expect("a version").commit().id, *id);
    }
    let next = on(&thread, "main", "1");
    assert_eq!(thread.snapshot_at(next).expect("a version").commit().time, start.plus_nanos(5));
    check_digest(&thread);
}

#[test]
fn main_moved_onto_another_branch_is_laned_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let thread = repository(folder.path());
    on(&thread, "main", "0");
    thread.create_branch("try", "main").expect("a branch");
    let tried = on(&thread, "try", "1");
    assert_eq!(thread.snapshot("try").expect("try").0.placed.lane, 1);
    drop(thread);
    let git = git2::Repository::open_bare(folder.path().join("thread.git")).expect("the repository");
    let to = git2::Oid::from_bytes(&tried.0).expect("an id");
    git.reference("refs/heads/main", to, true, "moved").expect("moved");
    let thread = Repository::open(folder.path(), clock()).expect("the thread");
    let head = thread.snapshot("main").expect("main");
    assert_eq!((head.commit().id, head.0.placed.lane), (tried, 0));
    assert_eq!(all(&thread).len(), 2);
}

/// Changes a resource on a branch of its own.
fn change_on_branch(repository: &Repository, branch: &str) {
    repository.create_branch(branch, "main").expect("a branch");
    on_with(repository, branch, set("a", branch));
}

fn on_with(repository: &Repository, branch: &str, changes: Vec<Change>) {
    let request = CommitRequest { branch: branch.to_owned(), changes, ..Default::default() };
    repository.commit(&request).expect("a commit");
}

fn set(subject: &str, text: &str) -> Vec<Change> {
    let values = vec![Literal::from(text).into()];
    vec![Change::Set { subject: iri(subject), predicate: iri("p"), values }]
}

fn merge(repository: &Repository, source: &str) {
    let request = MergeRequest { source: source.to_owned(), into: "main".to_owned(), ..Default::default() };
    repository.merge(&request).expect("a merge");
}

#[test]
fn a_merge_of_one_commit_leaves_what_its_branch_came_to_since() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    repository.create_branch("try", "main").expect("a branch");
    on_with(&repository, "try", set("a", "1"));
    let seen = repository.head("try").expect("a head").commit().id;
    let request = MergeRequest { source: "try".to_owned(), into: "main".to_owned(), ..Default::default() }
        .of_commit(seen);
    on_with(&repository, "try", set("b", "1"));
    let merged = repository.merge(&request).expect("a merge");
    assert_eq!((merged.commit.message.as_str(), merged.commit.parents[1]), ("Merge try into main", seen));
    let main = repository.head("main").expect("main");
    assert!(!main.statements(&iri("a")).expect("statements").is_empty());
    assert!(main.statements(&iri("b")).expect("statements").is_empty());
}

/// Counts the rows that reads of the statements of `a`, of those with `p`, and of all pass over at a version.
fn rows_read(repository: &Repository, version: &str) -> usize {
    let snapshot = repository.snapshot(version).expect("a version");
    let read = || {
        assert_eq!(snapshot.statements(&iri("a")).expect("statements").len(), 2);
        assert_eq!(snapshot.matching(None, Some(iri("p").as_ref()), None).expect("statements").len(), 1);
        assert_eq!(snapshot.matching(None, None, None).expect("statements").len(), 3);
    };
    rows_read::during(read).1
}

/// How the work on a branch ends.
type End = fn(&Repository, &str);

#[test]
fn a_read_passes_over_no_rows_of_other_branches() {
    let end: [(&str, End); 5] = [
        ("merged and deleted", |repository, branch| {
            merge(repository, branch);
            repository.delete_branch(branch, None).expect("deleted");
        }),
        ("merged", merge),
        ("merged, and continued", |repository, branch| {
            merge(repository, branch);
            on_with(repository, branch, set("a", &format!("{branch} again")));
        }),
        ("continued, and merged again", |repository, branch| {
            merge(repository, branch);
            on_with(repository, branch, set("a", &format!("{branch} again")));
            merge(repository, branch);
        }),
        ("never merged", |_, _| {}),
    ];
    for (what, end) in end {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = repository(folder.path());
        let class = Statement::new(iri("a"), rdf::TYPE.into_owned(), iri("Part"));
        let beside = Change::Add(triple("b", "q", "1"));
        commit(&repository, [set("a", "first"), vec![Change::Add(class), beside]].concat())
            .expect("a commit");
        repository.create_branch("open", "main").expect("a branch");
        on_with(&repository, "open", set("a", "open"));
        repository.tag("first", "main", "a tag").expect("a tag");
        let mut read = Vec::new();
        for number in 0..20 {
            let branch = format!("branch-{number}");
            change_on_branch(&repository, &branch);
            end(&repository, &branch);
            if matches!(number, 0 | 19) {
                repository.create_branch(&format!("new-{number}"), "main").expect("a branch");
                let now = ["main", "open", &format!("new-{number}")].map(|at| rows_read(&repository, at));
                // At an older commit of main each closed lifespan is in the smallest slot that holds it, of which tests have many.
                read.push((now, rows_read(&repository, "first")));
            }
        }
        let [(few, first_of_few), (many, first_of_many)] = read[..] else { panic!("two counts") };
        assert_eq!((many[0], many[2]), (few[0], few[2]), "{what}");
        assert!(many[1] <= few[1] + 8 && first_of_many <= first_of_few + 8, "{what}: {read:?}");
        check_digest(&repository);
        assert_eq!(rows_read(&repository, "main"), many[0], "{what}: made anew");
    }
}

#[test]
fn what_a_name_came_to_is_known_by_its_key_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = |key: &str| crate::graph::RequestKey::of(key, "createBranch", []).expect("a key");
    let thread = repository(folder.path());
    let made = thread.once(Some(&key("b")), || thread.create_branch("try", "main")).expect("a branch");
    let head = on(&thread, "try", "1");
    assert_eq!(thread.delete_branch_once("try", None, Some(&key("d"))).expect("deleted"), head);
    drop(thread);
    std::fs::remove_file(folder.path().join("index.redb")).expect("the index");
    let thread = Repository::open(folder.path(), clock()).expect("the thread");
    let again = thread.once(Some(&key("b")), || Err(Error::Stopped)).expect("as before");
    assert_eq!(again.id, made.id);
    assert_eq!(thread.delete_branch_once("try", None, Some(&key("d"))).expect("as before"), head);
    let other = crate::graph::RequestKey::of("b", "tag", []).expect("a key");
    let refused = thread.once(Some(&other), || thread.create_branch("other", "main"));
    assert!(matches!(refused, Err(Error::KeyOfName { .. })), "{refused:?}");
}

#[test]
fn a_key_is_reserved_for_one_request_while_it_is_under_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let thread = repository(folder.path());
    let key = |text: &str, operation: &str| crate::graph::RequestKey::of(text, operation, []).expect("a key");
    let own = key("k", "retryDeliveries");
    let commit = |text: &str| {
        let (branch, message) = ("main".to_owned(), "keyed".to_owned());
        let idempotency_key = Some(key(text, "commit"));
        let changes = vec![Change::Add(triple("a", "p", text))];
        thread.commit(&CommitRequest {
            branch,
            message,
            changes,
            idempotency_key,
            ..CommitRequest::default()
        })
    };
    let refused =
        |result: Result<(), Error>| assert!(matches!(result, Err(Error::KeyOfName { .. })), "{result:?}");
    let left = || {
        thread.kept_under("reserved/").expect("names").len()
            + thread.kept_under("begun/").expect("names").len()
    };
    let done = thread.once_done(Some(&own), || {
        refused(commit("k").map(drop));
        refused(thread.once(Some(&key("k", "tag")), || thread.tag("t", "main", "t")).map(drop));
        refused(thread.once_done(Some(&key("k", "other")), || Ok::<_, Error>(())).map(drop));
        assert_eq!(left(), 1);
        Ok::<_, Error>(())
    });
    assert_eq!((done.expect("done"), left()), (true, 0));
    // As of those whose names are what they come to.
    let tagged = thread.once(Some(&key("t", "tag")), || {
        refused(commit("t").map(drop));
        refused(thread.once_done(Some(&key("t", "retryDeliveries")), || Ok::<_, Error>(())).map(drop));
        let adopted = AdoptRequest { reference: "main".to_owned(), branch: Some("adopted".to_owned()) };
        refused(thread.adopt(&adopted, Some(&key("t", "adopt"))).map(drop));
        assert_eq!(left(), 1);
        thread.tag("t", "main", "t")
    });
    assert_eq!((tagged.is_ok(), left()), (true, 0), "{tagged:?}");
    assert!(!thread.once_done(Some(&own), || Err(Error::Stopped)).expect("done before"));
    refused(commit("k").map(drop));
    let failed = thread.once_done(Some(&key("free", "retryDeliveries")), || Err(Error::Stopped));
    assert!(matches!(failed, Err(Error::Stopped)), "{failed:?}");
    let made = commit("free").expect("a key that nothing was done under").commit;
    let taken = thread.once_done(Some(&key("free", "retryDeliveries")), || Ok::<_, Error>(()));
    assert!(matches!(&taken, Err(Error::KeyReused { commit, .. }) if commit.id == made.id), "{taken:?}");
    change_on_branch(&thread, "try");
    thread.delete_branch_once("try", None, Some(&key("d", "deleteBranch"))).expect("deleted");
    assert_eq!(left(), 0, "what is recorded needs no other name");
    check_digest(&thread);
    drop(thread);
    // As the keys of commits, it is known as long as the thread is there.
    std::fs::remove_file(folder.path().join("index.redb")).expect("the index");
    let thread = Repository::open(folder.path(), clock()).expect("the thread");
    assert!(!thread.once_done(Some(&own), || Err(Error::Stopped)).expect("done before"));
}

#[test]
fn of_requests_at_once_under_one_key_one_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let thread = repository(folder.path());
    let key = |text: &str, operation: &str| crate::graph::RequestKey::of(text, operation, []).expect("a key");
    for round in 0..8 {
        let (text, name) = (format!("k{round}"), format!("b{round}"));
        let (tags, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let begin = std::sync::Barrier::new(8);
        let branch = || {
            begin.wait();
            thread.once(Some(&key(&text, "createBranch")), || {
                tags.fetch_add(1, Ordering::Relaxed);
                thread.create_branch(&name, "main")
            })
        };
        let other = || {
            begin.wait();
            thread.once_done(Some(&key(&text, "retryDeliveries")), || {
                done.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Error>(())
            })
        };
        std::thread::scope(|scope| {
            let branches: Vec<_> = (0..4).map(|_| scope.spawn(branch)).collect();
            let others: Vec<_> = (0..4).map(|_| scope.spawn(other)).collect();
            let branches: Vec<_> = branches.into_iter().map(|one| one.join().expect("no panic")).collect();
            let others: Vec<_> = others.into_iter().map(|one| one.join().expect("no panic")).collect();
            let made = (branches.iter().all(Result::is_ok), others.iter().all(Result::is_ok));
            assert!(made.0 != made.1, "one kind is refused: {branches:?} {others:?}");
            let refused = branches
                .into_iter()
                .map(|one| one.map(drop))
                .chain(others.into_iter().map(|one| one.map(drop)));
            let refused = refused.filter(|one| matches!(one, Err(Error::KeyOfName { .. }))).count();
            assert_eq!(refused, 4);
        });
        let counts = (tags.into_inner(), done.into_inner());
        assert!(counts == (1, 0) || counts == (0, 1), "{counts:?}");
    }
}
