//! Fragments that come and go: what a read of their resource costs.

use super::*;
use crate::graph::index::read::rows_read;

/// Renews the fragment of `a`, with its link and its value.
fn renew(repository: &Repository, number: usize) {
    let link = |number| Statement::new(iri("a"), iri("limit"), iri(&format!("a#limit-{number}")));
    let value = |number: usize| triple(&format!("a#limit-{number}"), "value", &number.to_string());
    let new = [Change::Add(link(number)), Change::Add(value(number))];
    let old = number.checked_sub(1).map(|old| [Change::Remove(link(old)), Change::Remove(value(old))]);
    commit(repository, new.into_iter().chain(old.into_iter().flatten()).collect()).expect("a commit");
}

#[test]
fn fragments_of_the_past_cost_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    commit(&repository, vec![Change::Add(triple("a", "title", "limited"))]).expect("a commit");
    let count = |version: &str| {
        let snapshot = repository.snapshot(version).expect("a version");
        let (document, read) = rows_read::during(|| snapshot.document(&iri("a")).expect("statements"));
        assert_eq!(document.len(), 3, "{version}: {document:?}");
        let (blamed, blame_read) = rows_read::during(|| snapshot.blame(&iri("a")).expect("a blame"));
        assert_eq!((blamed.len(), blame_read), (3, read), "{version}");
        read
    };
    let mut read = Vec::new();
    for number in 0..40 {
        renew(&repository, number);
        let id = repository.snapshot("main").expect("main").commit().id.to_string();
        repository.tag(&format!("at-{number}"), &id, "a tag").expect("a tag");
        if matches!(number, 1 | 39) {
            let [from, to] =
                [number - 1, number].map(|at| repository.snapshot(&format!("at-{at}")).expect("a version"));
            let (deltas, compared) =
                rows_read::during(|| repository.deltas(from.commit().id, to.commit().id).expect("deltas"));
            assert_eq!(deltas.len(), 1);
            read.push([count("main"), compared, count("at-0")]);
        }
    }
    let [few, many] = read[..] else { panic!("two counts") };
    assert_eq!(many[0], few[0]);
    // Closed lifespans are in the smallest slots that hold them, of which tests have many heights.
    assert!(many[1] <= few[1] + 16 && many[2] <= few[2] + 16, "{read:?}");
}

#[test]
fn a_fragment_is_read_with_its_resource_at_every_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let document = |version: &str, of: &str| {
        let statements = repository.snapshot(version).expect("a version").document(&iri(of));
        statements.expect("statements").iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let tag = |name: &str| drop(repository.tag(name, "main", "a tag").expect("a tag"));
    // Of a resource that is not described itself, the fragments are read too, and each alone.
    let (one, two) = (triple("data#1", "p", "1"), triple("data#2", "p", "2"));
    commit(&repository, vec![Change::Add(one.clone()), Change::Add(two.clone())]).expect("a commit");
    tag("both");
    commit(&repository, vec![Change::Remove(one.clone())]).expect("a commit");
    tag("second");
    repository.create_branch("side", "both").expect("a branch");
    let request = CommitRequest {
        branch: "side".to_owned(),
        changes: vec![Change::Remove(two.clone()), Change::Add(triple("data#3", "p", "3"))],
        ..Default::default()
    };
    repository.commit(&request).expect("a commit");
    let is = |version: &str, of: &str, expect: &[&Statement]| {
        let expect: Vec<_> = expect.iter().map(ToString::to_string).collect();
        assert_eq!(document(version, of), expect, "{version} {of}");
    };
    let three = triple("data#3", "p", "3");
    let check = || {
        is("both", "data", &[&one, &two]);
        is("both", "data#1", &[&one]);
        is("second", "data", &[&two]);
        is("second", "data#1", &[]);
        is("side", "data", &[&one, &three]);
    };
    check();
    let main = repository.snapshot("main").expect("main");
    let changes = [Change::Add(triple("data#4", "p", "4")), Change::Remove(two.clone())];
    let preview = repository.preview(&main, &changes);
    drop(preview);
    let writer = repository.writer().expect("a writer");
    crate::graph::sync::catch_up::rebuild(&writer.history, &repository.index).expect("rebuilt");
    drop(writer);
    check();
}
