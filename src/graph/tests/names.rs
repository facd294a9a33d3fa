//! Names of versions, and threads that this program does not know.

use super::*;
use git2::{ObjectType, Oid, Signature, Time};
use std::collections::HashMap;

#[test]
fn no_name_refers_to_two_versions() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    repository.create_branch("try", "main").expect("a branch");
    repository.tag("v1", "main", "v1").expect("a tag");
    let reported = |refused: Result<(), Error>| refused.expect_err("a name that is taken").to_string();
    assert_eq!(reported(repository.tag("try", "main", "try").map(drop)), "the branch \"try\" exists already");
    assert_eq!(reported(repository.create_branch("v1", "main").map(drop)), "the tag \"v1\" exists already");
    // Git keeps refs as files: what is in the way is reported.
    assert_eq!(
        reported(repository.create_branch("try/more", "main").map(drop)),
        "the branch \"try\" exists already"
    );
    repository.tag("q/1", "main", "q").expect("a tag");
    assert_eq!(reported(repository.tag("q", "main", "q").map(drop)), "the tag \"q/1\" exists already");
    assert!(matches!(repository.tag("import/plm", "main", "x"), Err(Error::InvalidName(_))));
    // Nor does one hide a commit, a time, or a branch at a time.
    for name in ["cafe", "0123456789", "HEAD", "main@2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"] {
        assert!(matches!(repository.create_branch(name, "main"), Err(Error::InvalidName(_))), "{name}");
        assert!(matches!(repository.tag(name, "main", name), Err(Error::InvalidName(_))), "{name}");
    }
    repository.tag("caf", "main", "three digits are no beginning of an id").expect("a tag");
}

/// Makes two commits beside each other on a parent whose ids begin alike; returns those digits.
fn two_alike(git: &git2::Repository) -> String {
    let parent = git.find_reference("refs/heads/main").and_then(|head| head.peel_to_commit()).expect("main");
    let author = Signature::new("Ada", "ada@example.org", &Time::new(1_700_000_100, 0)).expect("an author");
    let text = |number: usize| {
        let (message, tree) = (format!("Try {number}"), parent.tree().expect("a tree"));
        git.commit_create_buffer(&author, &author, &message, &tree, &[&parent]).expect("a commit").to_vec()
    };
    let id = |number| Oid::hash_object(ObjectType::Commit, &text(number)).expect("an id").to_string();
    let mut met: HashMap<String, usize> = HashMap::new();
    let (one, other, digits) = (0..)
        .find_map(|number| {
            let digits = id(number)[..4].to_owned();
            met.insert(digits.clone(), number).map(|before| (before, number, digits))
        })
        .expect("after some hundred commits");
    for (branch, number) in [("one", one), ("other", other)] {
        let odb = git.odb().expect("objects");
        let id = odb.write(ObjectType::Commit, &text(number)).expect("written");
        git.reference(&format!("refs/heads/{branch}"), id, false, "made").expect("a branch");
    }
    digits
}

#[test]
fn the_beginning_of_two_ids_names_neither() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(repository(folder.path()));
    let git = git2::Repository::open_bare(folder.path().join("thread.git")).expect("the repository");
    let digits = two_alike(&git);
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    assert!(matches!(repository.snapshot(&digits), Err(Error::AmbiguousVersion(name)) if name == digits));
    for branch in ["one", "other"] {
        let id = repository.snapshot(branch).expect("a branch").commit().id;
        assert_eq!(repository.snapshot(&id.to_string()).expect("an id").commit().id, id);
    }
}

#[test]
fn a_thread_of_an_unknown_format_is_refused() {
    for (text, reported) in [
        ("format = 4\nbase = \"https://example.org/\"\n", "4"),
        ("base = \"https://example.org/\"\n", "unknown"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        drop(repository(folder.path()));
        let git = git2::Repository::open_bare(folder.path().join("thread.git")).expect("the repository");
        let head =
            git.find_reference("refs/heads/main").and_then(|head| head.peel_to_commit()).expect("main");
        let tree = head.tree().expect("a tree");
        let mut tree = git.treebuilder(Some(&tree)).expect("a tree");
        let blob = git.blob(text.as_bytes()).expect("a blob");
        tree.insert("throughline.toml", blob, 0o100_644).expect("an entry");
        let tree = tree.write().and_then(|id| git.find_tree(id)).expect("a tree");
        let author =
            Signature::new("Ada", "ada@example.org", &Time::new(1_700_000_100, 0)).expect("an author");
        git.commit(Some("refs/heads/main"), &author, &author, "A later program", &tree, &[&head])
            .expect("a commit");
        let opened = Repository::open(folder.path(), clock());
        assert!(matches!(&opened, Err(Error::Format(format)) if format == reported), "{opened:?}");
    }
}
