//! What a repository refuses, keeps and repairs.

mod branches;
mod checks;
mod clocks;
pub(super) mod disk;
mod follow;
mod formats;
mod fragments;
pub(crate) mod laws;
mod names;
mod pages;
mod reading;
mod remembered;
mod values;

use super::*;
use crate::graph::change::transaction::Transaction;
use crate::graph::model::draft::Draft;
use crate::graph::text::format::Format;
use crate::model::statement::change::Change;
use crate::model::statement::{IMPORT_NOTES, Statement};
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use oxigraph::model::{Literal, NamedNode};
use std::path::Path;
use std::sync::Arc;

const BASE: &str = "https://example.org/";

fn iri(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{BASE}{local}"))
}

fn triple(subject: &str, predicate: &str, text: &str) -> Statement {
    Statement::new(iri(subject), iri(predicate), Literal::from(text))
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)))
}

fn repository(folder: &Path) -> Repository {
    Repository::init(folder, &[], BASE, clock()).expect("a thread")
}

fn commit(repository: &Repository, changes: Vec<Change>) -> Result<Committed, Error> {
    repository.commit(&CommitRequest { branch: "main".to_owned(), changes, ..Default::default() })
}

fn import(repository: &Repository, source: &str, statements: &[Statement]) -> Result<Imported, Error> {
    repository.import(ImportRequest {
        source: source.to_owned(),
        into: "main".to_owned(),
        message: "import".to_owned(),
        author: Author::default(),
        statements: statements.to_vec(),
        prune: true,
        ..Default::default()
    })
}

fn all(repository: &Repository) -> Vec<String> {
    let snapshot = repository.snapshot("main").expect("main");
    snapshot.matching(None, None, None).expect("statements").iter().map(ToString::to_string).collect()
}

#[test]
fn names_that_cannot_be_are_refused_and_writing_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    repository.create_branch("team/a", "main").expect("a branch");
    let long = "x".repeat(300);
    for name in
        ["import", "import/tool", "team", "team/a/b", "team/a", "a..b", "a b", "-a", "", long.as_str()]
    {
        assert!(repository.create_branch(name, "main").is_err(), "{name}");
    }
    repository.tag("v1", "main", "a tag").expect("a tag");
    assert!(repository.tag(&long, "main", "long").is_err());
    assert!(repository.is_writable());
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("writing goes on");
    import(&repository, "tool", &[triple("b", "p", "1")]).expect("an import");
    assert!(import(&repository, "tool/part", &[triple("b", "p", "1")]).is_err(), "tool is taken");
}

#[test]
fn messages_and_authors_come_back_as_they_were_or_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let request = |message: &str, name: &str| CommitRequest {
        branch: "main".to_owned(),
        message: message.to_owned(),
        author: Author::new(name, "j.smith@plant.example").expect("an author"),
        changes: vec![Change::Add(triple("a", "p", message))],
        ..Default::default()
    };
    let mut made = Vec::new();
    for (message, name) in [
        ("Trailing blanks  ", "J. Smith Jr."),
        ("\n  begins late\n\nends late\n\n", "\"Jo\" O'Neill,"),
        ("tab\tand\r\nWindows", "Ω. Müller."),
        ("# no comment", "a"),
    ] {
        let commit = repository.commit(&request(message, name)).expect("a commit").commit;
        assert_eq!((commit.message.as_str(), commit.author.name.as_str()), (message, name));
        made.push(commit);
    }
    for refused in ["a\0b", "one\ntwo\u{1b}[2J", "\u{7}", "\u{85}"] {
        let line = refused.lines().count().max(1);
        let error = repository.commit(&request(refused, "a")).expect_err(refused).to_string();
        assert!(
            error.starts_with(&format!("line {line} of the message has the control character")),
            "{error}"
        );
        assert!(matches!(repository.tag("v1", "main", refused), Err(Error::Message(_))), "{refused:?}");
    }
    for name in ["Ann\0", "Ann\n", " Ann", "Ann ", "", "A<b"] {
        assert!(Author::new(name, "a@b").is_err(), "{name:?}");
    }
    drop(repository);
    std::fs::remove_file(folder.path().join("index.redb")).expect("the index");
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    for commit in made {
        assert_eq!(repository.snapshot(&commit.id.to_string()).expect("a version").commit(), &commit);
    }
}

#[test]
fn an_iri_that_would_not_come_back_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    for subject in ["a/../b", "./b", "b/.."] {
        let refused = commit(&repository, vec![Change::Add(triple(subject, "p", "1"))]);
        assert!(matches!(refused, Err(Error::DotSegments(_))), "{subject}");
        assert!(repository.snapshot("main").expect("main").expand(subject).is_err(), "{subject}");
    }
    let link = Statement::new(iri("a"), iri("p"), iri("x/../y"));
    assert!(matches!(commit(&repository, vec![Change::Add(link)]), Err(Error::DotSegments(_))));
    commit(&repository, vec![Change::Add(triple("a..b/.c", "p", "1"))]).expect("dots in names are fine");
}

#[test]
fn a_key_answers_its_own_request_and_one_without_a_digest_any() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let key = |of: &str| crate::graph::RequestKey::of("k", of, []).expect("a key");
    let request = |key: crate::graph::RequestKey, text: &str| CommitRequest {
        branch: "main".to_owned(),
        message: text.to_owned(),
        changes: vec![Change::Add(triple("a", "p", text))],
        idempotency_key: Some(key),
        ..Default::default()
    };
    let first = repository.commit(&request(key("one"), "1")).expect("a commit").commit;
    drop(repository);
    // The digest is in Git, not in the index.
    std::fs::remove_file(folder.path().join("index.redb")).expect("the index");
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    assert_eq!(repository.commit(&request(key("one"), "1")).expect("the same").commit.id, first.id);
    let refused = repository.commit(&request(key("two"), "2"));
    assert!(matches!(&refused, Err(Error::KeyReused { commit, .. }) if commit.id == first.id), "{refused:?}");
    let undigested = crate::graph::RequestKey::from("old".to_owned());
    let old = repository.commit(&request(undigested, "3")).expect("a commit").commit;
    let later = crate::graph::RequestKey::of("old", "two", []).expect("a key");
    assert_eq!(repository.commit(&request(later, "4")).expect("as before").commit.id, old.id);
}

#[test]
fn the_same_key_makes_one_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let request = |key: &str, text: &str| CommitRequest {
        branch: "main".to_owned(),
        message: "Idempotency-Key: other\nthroughline-key other".to_owned(),
        changes: vec![Change::Add(triple("a", "p", text))],
        idempotency_key: Some(key.to_owned().into()),
        ..Default::default()
    };
    let first = repository.commit(&request("<k-1>", "1")).expect("a commit");
    let again = repository.commit(&request("<k-1>", "2")).expect("the same commit");
    assert_eq!((again.commit.id, again.replayed, first.replayed), (first.commit.id, true, false));
    for key in ["", "a b", "a\nb", "é"] {
        assert!(matches!(repository.commit(&request(key, "3")), Err(Error::IdempotencyKey(_))), "{key:?}");
    }
    assert!(!repository.commit(&request("other", "4")).expect("a commit").replayed);
    drop(repository);
    std::fs::remove_file(folder.path().join("index.redb")).expect("the index");
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    assert_eq!(repository.commit(&request("<k-1>", "5")).expect("the same").commit.id, first.commit.id);
}

#[test]
fn an_import_takes_what_its_source_owns_and_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    import(
        &repository,
        "plm",
        &[triple("a", "title", "Pump"), triple("a", "mass", "12"), triple("b", "title", "Seal")],
    )
    .expect("an import");
    import(&repository, "mes", &[triple("a", "title", "Pump"), triple("a", "serial", "7")])
        .expect("an import");
    commit(&repository, vec![Change::Add(triple("a", "note", "checked"))]).expect("a note made here");
    import(&repository, "plm", &[triple("a", "mass", "13")]).expect("a re-export");
    let expect = [
        triple("a", "mass", "13"),
        triple("a", "note", "checked"),
        triple("a", "serial", "7"),
        // Another source still has it.
        triple("a", "title", "Pump"),
    ];
    assert_eq!(all(&repository), expect.map(|statement| statement.to_string()));
    assert_eq!(import(&repository, "plm", &[triple("a", "mass", "13")]).expect("the same").changed, 0);
}

#[test]
fn what_a_source_no_longer_names_goes_only_where_it_is_pruned() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let run = |statements: &[Statement], prune: bool, resolutions: Vec<Resolution>| {
        repository.import(ImportRequest {
            source: "plm".to_owned(),
            into: "main".to_owned(),
            statements: statements.to_vec(),
            prune,
            resolutions,
            ..Default::default()
        })
    };
    run(&[triple("a", "mass", "1"), triple("b", "mass", "2"), triple("c", "mass", "3")], false, vec![])
        .expect("all");
    commit(&repository, vec![Change::Add(triple("c", "note", "made here"))]).expect("a note");
    assert_eq!(run(&[triple("a", "mass", "1")], false, vec![]).expect("a part").changed, 0);
    // A source states all that it has of a resource that it names.
    run(&[triple("a", "colour", "red")], false, vec![]).expect("a change");
    let Err(Error::Conflict(divergence)) = run(&[triple("a", "colour", "red")], true, vec![]) else {
        panic!("a conflict");
    };
    assert_eq!(divergence.conflicts[0].kind, ConflictKind::RetiredAndChanged);
    let keep = Resolution { subject: iri("c"), predicate: None, take: Take::Ours };
    run(&[triple("a", "colour", "red")], true, vec![keep]).expect("a prune");
    let expect = [triple("a", "colour", "red"), triple("c", "mass", "3"), triple("c", "note", "made here")];
    assert_eq!(all(&repository), expect.map(|statement| statement.to_string()));
}

#[test]
fn what_a_source_retires_and_others_link_to_goes_where_its_side_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let link = Statement::new(iri("b"), iri("uses"), iri("a"));
    import(&repository, "plm", &[triple("a", "mass", "1"), triple("c", "mass", "3")]).expect("an import");
    import(&repository, "mes", &[triple("b", "mass", "2"), link]).expect("a link to it");
    let left = [triple("c", "mass", "3")];
    let Err(Error::Conflict(divergence)) = import(&repository, "plm", &left) else { panic!("a conflict") };
    let [conflict] = divergence.conflicts.as_slice() else {
        panic!("one conflict, not {:?}", divergence.conflicts)
    };
    assert_eq!((conflict.kind, &conflict.subject), (ConflictKind::RetiredAndLinked, &iri("a")));
    assert_eq!(
        (conflict.ours.len(), conflict.theirs.len()),
        (1, 0),
        "it was removed on the side of its source"
    );
    let request = |take: Take| ImportRequest {
        source: "plm".to_owned(),
        into: "main".to_owned(),
        statements: left.to_vec(),
        prune: true,
        resolutions: vec![Resolution { subject: iri("a"), predicate: None, take }],
        ..Default::default()
    };
    repository.import(request(Take::Theirs)).expect("retired, and the link with it");
    let expect = [triple("b", "mass", "2"), triple("c", "mass", "3")];
    assert_eq!(all(&repository), expect.map(|statement| statement.to_string()));
}

#[test]
fn a_conflict_with_work_done_here_is_reported_and_nothing_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    import(&repository, "plm", &[triple("a", "mass", "12")]).expect("an import");
    let set = |text: &str| {
        vec![Change::Set {
            subject: iri("a"),
            predicate: iri("mass"),
            values: vec![Literal::from(text).into()],
        }]
    };
    commit(&repository, set("14")).expect("a commit");
    let before = (all(&repository), repository.branches().expect("branches"));
    let Err(Error::Conflict(divergence)) = import(&repository, "plm", &[triple("a", "mass", "13")]) else {
        panic!("a conflict");
    };
    let text = divergence.to_string();
    assert!(text.contains("was \"12\", here \"14\", there \"13\""), "{text}");
    assert_eq!((all(&repository), repository.branches().expect("branches")), before);
    // A commit against the head as it was conflicts the same way.
    let old =
        repository.log(&repository.snapshot("main").expect("main"), None, None, 2).expect("a log")[1].id;
    let request = CommitRequest {
        branch: "main".to_owned(),
        changes: set("15"),
        expected_head: Some(old),
        ..Default::default()
    };
    assert!(matches!(repository.commit(&request), Err(Error::Conflict(_))));
}

#[test]
fn a_conflict_with_another_source_names_its_own_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    repository.create_branch("try", "main").expect("a branch");
    let run = |source: &str, text: &str| {
        repository.import(ImportRequest {
            source: source.to_owned(),
            into: "try".to_owned(),
            statements: vec![triple("a", "mass", text)],
            ..Default::default()
        })
    };
    let merged = run("mes", "12").expect("an import").commit;
    let vendor = repository.head("import/mes").expect("the source's version").commit().id;
    let Err(Error::Conflict(divergence)) = run("plm", "13") else { panic!("a conflict") };
    let [conflict] = divergence.conflicts.as_slice() else {
        panic!("one conflict, not {:?}", divergence.conflicts)
    };
    assert_eq!(conflict.ours_commit.as_ref().map(|commit| commit.id), Some(vendor));
    assert_eq!(
        (merged.parents[1], conflict.theirs_commit.clone()),
        (vendor, None),
        "the other side is not committed"
    );
}

/// They are stated beside what the source states, and only by whoever pulls.
#[test]
fn notes_of_an_import_are_on_the_branch_of_its_source_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let set = NamedNode::new_unchecked(format!("{IMPORT_NOTES}set"));
    let note = |subject: &NamedNode| Statement::new(subject.clone(), iri("format"), Literal::from("1"));
    let run = |into: &str, statements: Vec<Statement>, notes: Vec<Statement>| {
        let (source, into) = ("alm".to_owned(), into.to_owned());
        repository.import(ImportRequest { source, into, statements, notes, ..Default::default() })
    };
    let check = |refused: Result<(), Error>, part: &str| {
        let text = refused.expect_err(part).to_string();
        assert!(text.contains(part) && text.contains("import notes come from a pull alone"), "{text}");
    };
    let fragment = NamedNode::new_unchecked(format!("{}#x", set.as_str()));
    for forged in [&set, &fragment] {
        let named = forged.as_str();
        check(run("main", vec![triple("a", "p", "1"), note(forged)], vec![]).map(drop), named);
        check(commit(&repository, vec![Change::Add(note(forged))]).map(drop), named);
        let main = repository.snapshot("main").expect("main");
        let preview = repository.preview(&main, &[Change::Add(note(forged))]).expect("a preview");
        check(Err(Error::Violations(preview.violations)), named);
    }
    check(run("main", vec![], vec![triple("a", "p", "1")]).map(drop), "is among the notes of a pull");
    assert_eq!(repository.branches().expect("branches").len(), 1, "nothing was written");
    // One that is received is noted, also where it goes to another branch than main.
    repository.create_branch("try", "main").expect("a branch");
    run("try", vec![triple("a", "p", "1")], vec![note(&set)]).expect("a pull");
    let noted = |version: &str| {
        repository.snapshot(version).expect("a version").statements(&set).expect("statements").len()
    };
    assert_eq!(["import/alm", "try", "main"].map(noted), [1, 0, 0]);
    let merge = |source: &str| {
        let (source, into) = (source.to_owned(), "main".to_owned());
        repository.merge(&MergeRequest { source, into, ..Default::default() }).map(drop)
    };
    check(merge("import/alm"), set.as_str());
    merge("try").expect("without the notes");
    // Commits that come from elsewhere.
    let main = repository.snapshot("main").expect("main");
    let mut change = Transaction::new(&main);
    change.put(&set, vec![note(&set)].into()).expect("a change");
    let draft = Draft {
        parents: vec![main.commit().id],
        author: Author::default(),
        time: main.commit().time.plus_nanos(1),
        message: "forged".to_owned(),
        loaded: None,
        idempotency_key: None,
    };
    let files = change.files(Format::NEWEST);
    let foreign = repository.writer().expect("the writer").history.write_commit(&draft, &files);
    let reference = foreign.expect("a commit").commit.id.to_string();
    let adopted = repository.adopt(&AdoptRequest { reference, branch: Some("theirs".to_owned()) }, None);
    check(adopted.map(drop), set.as_str());
}

#[test]
fn retiring_what_others_link_to_is_refused_with_the_links() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let link = Statement::new(iri("b"), iri("uses"), iri("a"));
    commit(&repository, vec![Change::Add(triple("a", "p", "1")), Change::Add(link.clone())])
        .expect("a commit");
    let Err(Error::Linked { inbound, .. }) = commit(&repository, vec![Change::Retire(iri("a"))]) else {
        panic!("a refusal");
    };
    assert_eq!(inbound, std::slice::from_ref(&link));
    commit(&repository, vec![Change::Retire(iri("a")), Change::Remove(link)]).expect("both go");
    assert!(all(&repository).is_empty());
}

#[test]
fn versions_have_many_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let repository = Repository::init(folder.path(), &[], BASE, clock.clone()).expect("a thread");
    let mut ids = vec![repository.snapshot("main").expect("main").commit().id];
    for n in 1..=5 {
        clock.set(Instant::from_seconds(1_700_000_000 + n * 3600));
        let changes = vec![Change::Add(triple("a", "p", &n.to_string()))];
        ids.push(commit(&repository, changes).expect("a commit").commit.id);
    }
    repository.tag("PDR", &ids[2].to_string(), "PDR").expect("a tag");
    repository.keep("review/DR-7", ids[3]).expect("kept");
    repository.keep("review/DR-7", ids[3]).expect("kept already");
    repository.create_branch("side", "PDR").expect("a branch");
    let at = |seconds: i64| Instant::from_seconds(1_700_000_000 + seconds).to_string();
    let check = |name: &str, expect: Option<usize>| {
        let got = repository.snapshot(name).ok().map(|snapshot| snapshot.commit().id);
        assert_eq!(got, expect.map(|n| ids[n]), "{name}");
    };
    check("main", Some(5));
    check("PDR", Some(2));
    check("side", Some(2));
    check("review:DR-7", Some(3));
    check("review:DR-8", None);
    check(&ids[4].to_string(), Some(4));
    check(&ids[4].to_string()[..12], Some(4));
    check(&at(0), Some(0));
    check(&at(3599), Some(0));
    check(&at(3600), Some(1));
    check(&at(1_000_000), Some(5));
    check(&at(-1), None);
    check(&format!("side@{}", at(1_000_000)), Some(2));
    check(&format!("main@{}", at(4 * 3600)), Some(4));
    check("nowhere", None);
    check("nowhere@2024-01-01T00:00:00Z", None);
}

#[test]
fn a_killed_process_leaves_nothing_to_repair_by_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("thread.git.new/objects")).expect("half a thread");
    let first = repository(folder.path());
    commit(&first, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
    let git = folder.path().join("thread.git");
    assert!(git.join("throughline.open").exists(), "while it is open");
    drop(first);
    assert!(!git.join("throughline.open").exists(), "closed in order");
    std::fs::write(git.join("throughline.open"), "").expect("the mark of a kill");
    std::fs::write(git.join("refs/heads/main.lock"), "").expect("a lock left behind");
    let again = Repository::open(folder.path(), clock()).expect("the thread");
    commit(&again, vec![Change::Add(triple("a", "p", "2"))]).expect("a commit");
    assert_eq!(all(&again).len(), 2);
}

#[test]
fn an_ontology_grows_and_what_it_breaks_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let thing = Statement::new(iri("v"), oxigraph::model::vocab::rdf::TYPE.into_owned(), iri("Valve"));
    commit(&repository, vec![Change::Add(thing)]).expect("a commit");
    let valves = "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        @prefix : <https://example.org/> .
        :Valve a owl:Class ; rdfs:label \"valve\" ; rdfs:comment \"A valve.\" .
        :bore a owl:DatatypeProperty ; rdfs:label \"bore\" ; rdfs:comment \"Its bore.\" .
        :ValveShape a sh:NodeShape ; sh:targetClass :Valve ;
            sh:property [ sh:path :bore ; sh:datatype xsd:decimal ; sh:minCount 1 ; sh:maxCount 1 ] .";
    let set = |name: &str, text: Option<&str>| CommitRequest {
        branch: "main".to_owned(),
        message: "ontology".to_owned(),
        ontology: vec![(name.to_owned(), text.map(str::to_owned))],
        ..Default::default()
    };
    let before = repository.snapshot("main").expect("main");
    let grown = repository.commit(&set("valves.ttl", Some(valves))).expect("a commit");
    assert_eq!(grown.broken.len(), 1, "{:?}", grown.broken);
    assert_eq!((&grown.broken[0].resource, grown.broken[0].path.as_deref()), (&iri("v"), Some("bore")));
    assert!(repository.snapshot("main").expect("main").ontology().class_named("Valve").is_some());
    assert!(before.ontology().class_named("Valve").is_none(), "an earlier version keeps its own");
    let refused = commit(
        &repository,
        vec![Change::Add(Statement::new(
            iri("w"),
            oxigraph::model::vocab::rdf::TYPE.into_owned(),
            iri("Valve"),
        ))],
    );
    assert!(matches!(refused, Err(Error::Violations(_))));
    for name in ["shapes.ttl", "vocabulary.ttl", "../x.ttl", "x.txt", ".ttl"] {
        assert!(matches!(repository.commit(&set(name, Some(""))), Err(Error::OntologyFile(..))), "{name}");
    }
    assert!(matches!(repository.commit(&set("nothing.ttl", None)), Err(Error::OntologyFile(..))));
    assert!(matches!(repository.commit(&set("bad.ttl", Some(":x :y"))), Err(Error::Ontology(_))));
}

#[test]
fn only_one_process_holds_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let _locked = repository(folder.path());
    assert!(matches!(Repository::open(folder.path(), clock()), Err(Error::Locked(_))));
}
