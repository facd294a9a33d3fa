//! Removing objects that no ref reaches, at rest and while others write the same content again.

use crate::graph::tests::*;
use crate::graph::upkeep::fsck;

/// An instant after which no file of a test is written.
fn later() -> Instant {
    Instant::from_seconds(7_000_000_000)
}

fn on(repository: &Repository, branch: &str, statement: Statement) -> CommitId {
    let (branch, changes) = (branch.to_owned(), vec![Change::Add(statement)]);
    let request = CommitRequest { branch, changes, ..Default::default() };
    repository.commit(&request).expect("a commit").commit.id
}

fn in_git(folder: &Path, id: CommitId) -> bool {
    let git = git2::Repository::open_bare(folder.join("thread.git")).expect("a repository");
    git.find_commit(git2::Oid::from_bytes(&id.0).expect("an id")).is_ok()
}

#[test]
fn what_no_ref_reaches_goes_and_nothing_else() {
    for is_packed in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = repository(folder.path());
        let main = on(&repository, "main", triple("a", "p", "1"));
        repository.create_branch("try", "main").expect("a branch");
        let reviewed = on(&repository, "try", triple("b", "p", "1"));
        repository.keep("review/DR-1", reviewed).expect("kept");
        let tagged = on(&repository, "try", triple("b", "p", "2"));
        repository.tag("v1", "try", "a message").expect("a tag");
        let dropped = on(&repository, "try", triple("c", "p", "1"));
        repository.delete_branch("try", None).expect("deleted");
        // A branch that plain Git deleted, of which a start keeps the history; and commits that wait for adoption.
        repository.create_branch("lost", "main").expect("a branch");
        let lost = on(&repository, "lost", triple("d", "p", "1"));
        repository.create_branch("pushed", "main").expect("a branch");
        let pushed = on(&repository, "pushed", triple("e", "p", "1"));
        {
            let git = git2::Repository::open_bare(folder.path().join("thread.git")).expect("a repository");
            let id = git2::Oid::from_bytes(&pushed.0).expect("an id");
            git.reference("refs/incoming/pump", id, false, "pushed").expect("a ref");
        }
        repository.delete_branch("pushed", None).expect("deleted");
        if is_packed {
            repository.maintain(&|| false).expect("packed");
        }
        std::fs::remove_file(folder.path().join("thread.git/refs/heads/lost")).expect("a ref less");
        assert_eq!(
            repository.prune(Instant::from_seconds(1_000_000_000)).expect("pruned"),
            0,
            "all is younger"
        );
        assert!(in_git(folder.path(), dropped));
        assert!(repository.prune(later()).expect("pruned") >= 3);
        assert_eq!(repository.prune(later()).expect("pruned"), 0);
        let there = [main, reviewed, tagged, lost, pushed, dropped].map(|id| in_git(folder.path(), id));
        assert_eq!(there, [true, true, true, true, true, false], "packed: {is_packed}");
        assert_eq!(
            on(&repository, "main", triple("c", "p", "1")),
            repository.head("main").expect("main").commit().id
        );
        assert_eq!(repository.snapshot("v1").expect("the tag").commit().id, tagged);
        drop(repository);
        let checked = fsck::check(folder.path(), Depth::Whole).expect("a check");
        assert_eq!((checked.damages, checked.lost.len()), (vec![], 1));
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        assert_eq!(all(&repository).len(), 2);
    }
}

#[test]
fn commits_of_content_that_is_pruned_meanwhile_are_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    const ROUNDS: usize = 10;
    // Each step lets the other thread begin once more, so that neither waits for the other's turn to end.
    let (step, steps) = std::sync::mpsc::sync_channel(1);
    let pruned = std::thread::scope(|scope| {
        let repository = &repository;
        let tidy = scope.spawn(move || {
            let mut pruned = 0;
            for (round, ()) in steps.into_iter().enumerate() {
                if round % 2 == 0 {
                    repository.maintain(&|| false).expect("packed");
                }
                pruned += repository.prune(later()).expect("pruned");
            }
            pruned
        });
        let step_on = || _ = step.try_send(());
        for round in 0..ROUNDS {
            repository.create_branch("try", "main").expect("a branch");
            let again = triple(&format!("again/{round}"), "p", "1");
            on(repository, "try", again.clone());
            on(repository, "try", triple(&format!("only-there/{round}"), "p", "1"));
            step_on();
            repository.delete_branch("try", None).expect("deleted");
            step_on();
            on(repository, "main", again);
        }
        let many: Vec<_> = (0..250).map(|number| triple(&format!("bulk/{number}"), "p", "1")).collect();
        import(repository, "tool", &many).expect("an import");
        drop(step);
        tidy.join().expect("it ends")
    });
    assert!(pruned + repository.prune(later()).expect("pruned") >= ROUNDS);
    assert_eq!(all(&repository).len(), ROUNDS + 250);
    drop(repository);
    assert_eq!(fsck::check(folder.path(), Depth::Whole).expect("a check").damages, []);
}

#[test]
fn nothing_is_pruned_where_a_ref_cannot_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    repository.create_branch("try", "main").expect("a branch");
    let dropped = on(&repository, "try", triple("c", "p", "1"));
    repository.delete_branch("try", None).expect("deleted");
    // One that the index does not know, and thus cannot restore.
    std::fs::write(folder.path().join("thread.git/refs/heads/other"), "torn\n").expect("a ref");
    repository.prune(later()).expect_err("a ref that cannot be read");
    assert!(in_git(folder.path(), dropped));
}
