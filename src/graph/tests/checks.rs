//! What a check of the whole thread finds in the index.

use super::*;
use crate::graph::index::{self, DEAD, KEYS, LIVE, MERGES, REFS, TERMS, TOUCHED};

/// A thread with a branch, a merge, a rewritten value and a key.
fn told(folder: &Path) {
    let repository = repository(folder);
    let set = |branch: &str, n: i32| CommitRequest {
        branch: branch.to_owned(),
        changes: vec![Change::Set {
            subject: iri("a"),
            predicate: iri("p"),
            values: vec![Literal::from(n).into()],
        }],
        idempotency_key: Some(format!("{branch}-{n}")),
        ..Default::default()
    };
    repository.create_branch("try", "main").expect("a branch");
    (0..3).for_each(|n| drop(repository.commit(&set("try", n)).expect("a commit")));
    let merge = MergeRequest { source: "try".to_owned(), into: "main".to_owned(), ..Default::default() };
    repository.merge(&merge).expect("a merge");
}

fn damages(folder: &Path) -> Vec<String> {
    let found = check::check(folder, Depth::Whole).expect("a check").damages;
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn an_index_that_says_otherwise_is_found() {
    type Tamper = fn(&redb::WriteTransaction) -> Result<(), redb::Error>;
    let check = |tamper: Tamper, expect: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        told(folder.path());
        assert_eq!(damages(folder.path()), Vec::<String>::new());
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        let tampered = repository.index.write(true, |write| tamper(write).map_err(index::Error::from));
        tampered.expect("tampered with");
        drop(repository);
        let found = damages(folder.path()).join("\n");
        assert!(found.contains(expect) && found.contains("throughline reindex"), "{expect}: {found}");
        drop(Repository::rebuild(folder.path(), clock()).expect("made anew"));
        assert_eq!(damages(folder.path()), Vec::<String>::new());
    };
    check(
        |write| {
            write.open_table(LIVE)?.pop_last()?;
            Ok(())
        },
        "rows begun",
    );
    check(
        |write| {
            write.open_table(DEAD)?.pop_last()?;
            Ok(())
        },
        "rows ended",
    );
    check(
        |write| {
            write.open_table(TOUCHED)?.pop_last()?;
            Ok(())
        },
        "subjects touched",
    );
    check(
        |write| {
            write.open_table(KEYS)?.pop_last()?;
            Ok(())
        },
        "idempotency keys",
    );
    check(
        |write| {
            write.open_table(TERMS)?.pop_last()?;
            Ok(())
        },
        "missing term",
    );
    check(
        |write| {
            write.open_table(MERGES)?.pop_last()?;
            Ok(())
        },
        "does not stand at its place",
    );
    // A ref that the index lacks is caught up with, as at every start.
    let folder = tempfile::tempdir().expect("a folder");
    told(folder.path());
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    let lost = repository.index.write(true, |write| {
        write.open_table(REFS)?.remove("refs/heads/try")?;
        Ok::<_, index::Error>(())
    });
    lost.expect("tampered with");
    drop(repository);
    assert_eq!(damages(folder.path()), Vec::<String>::new());
}

/// Overwrites the first loose object that holds a document of main's first content.
fn garble_a_document(folder: &Path) {
    let git = git2::Repository::open(folder.join("thread.git")).expect("the repository");
    let tree = git.find_reference("refs/heads/main").expect("main").peel_to_tree().expect("a tree");
    let mut blob = None;
    let walked = tree.walk(git2::TreeWalkMode::PreOrder, |parent, entry| {
        let is_document =
            !parent.starts_with("ontology") && entry.name().is_ok_and(|name| name.ends_with(".ttl"));
        blob = blob.or(is_document.then_some(entry.id()));
        git2::TreeWalkResult::Ok
    });
    walked.expect("a walk");
    let id = blob.expect("a document").to_string();
    let object = folder.join("thread.git/objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(&object).expect("a loose object");
    std::fs::write(&object, b"garbled").expect("the object");
}

#[test]
fn an_index_that_cannot_be_made_anew_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    told(folder.path());
    let expect = all(&Repository::open(folder.path(), clock()).expect("the thread"));
    garble_a_document(folder.path());
    let refused = Repository::rebuild(folder.path(), clock()).expect_err("Git cannot be read");
    assert!(matches!(refused, Error::Git(_)), "{refused}");
    assert_eq!(all(&Repository::open(folder.path(), clock()).expect("the thread")), expect);
    assert!(!folder.path().join("index.new.redb").exists());
}
