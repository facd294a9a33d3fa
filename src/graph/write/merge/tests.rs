//! Merging and undoing, one story a kind of conflict.

use crate::graph::*;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::sync::cancellation::{Cancellation, Cancelled};
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use crate::model::use_case::UseCase;
use crate::ontology::terms::{dcterms, tl};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{Literal, NamedNode, Term};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant as Moment};

const BASE: &str = "https://example.org/";

fn iri(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{BASE}{local}"))
}

fn text(value: &str) -> Term {
    Literal::from(value).into()
}

fn triple(subject: &str, predicate: &str, object: &str) -> Statement {
    Statement::new(iri(subject), iri(predicate), text(object))
}

fn add(subject: &str, predicate: &str, object: &str) -> Change {
    Change::Add(triple(subject, predicate, object))
}

fn set(subject: &str, predicate: &str, object: &str) -> Change {
    Change::Set { subject: iri(subject), predicate: iri(predicate), values: vec![text(object)] }
}

fn link(subject: &str, predicate: &str, object: &str) -> Change {
    Change::Add(Statement::new(iri(subject), iri(predicate), iri(object)))
}

fn decided(subject: &str, predicate: Option<&str>, take: Take) -> Resolution {
    Resolution { subject: iri(subject), predicate: predicate.map(iri), take }
}

/// A thread with the branches `main` and `work`, both at a first commit of its own.
struct World {
    _folder: tempfile::TempDir,
    clock: Arc<FixedClock>,
    repository: Repository,
}

impl World {
    fn new(first: Vec<Change>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
        let repository = Repository::init(folder.path(), &[], BASE, clock.clone()).expect("a thread");
        let world = Self { _folder: folder, clock, repository };
        world.commit("main", first);
        world.repository.create_branch("work", "main").expect("a branch");
        world
    }

    fn commit(&self, branch: &str, changes: Vec<Change>) -> Commit {
        self.clock.set(self.clock.now().plus_nanos(1_000_000_000));
        let message = format!("Change {branch}");
        let (branch, use_case) = (branch.to_owned(), Some(UseCase::OpenReview));
        let request = CommitRequest { branch, message, changes, use_case, ..CommitRequest::default() };
        self.repository.commit(&request).expect("a commit").commit
    }

    fn merge(&self, source: &str, into: &str, resolutions: Vec<Resolution>) -> Result<Committed, Error> {
        let (source, into) = (source.to_owned(), into.to_owned());
        self.repository.merge(&MergeRequest { source, into, resolutions, ..MergeRequest::default() })
    }

    fn conflicts(&self) -> Vec<String> {
        let preview =
            self.repository.merge_preview("work", "main", &[], &Cancellation::default()).expect("a preview");
        preview.conflicts.iter().map(|conflict| format!("{} {conflict}", conflict.kind.as_str())).collect()
    }

    fn all(&self, version: &str) -> Vec<String> {
        let snapshot = self.repository.snapshot(version).expect("a version");
        let all = snapshot.matching(None, None, None).expect("statements");
        all.iter().map(|statement| statement.to_string().replace(BASE, "")).collect()
    }

    /// Merges `work` into `main` with a decision, and returns the statements of main then.
    fn merged(&self, resolution: Resolution) -> Vec<String> {
        self.merge("work", "main", vec![resolution]).expect("a merge");
        self.all("main")
    }
}

#[test]
fn both_sides_are_kept_and_a_merge_is_made_once() {
    let world = World::new(vec![add("a", "p", "1")]);
    let ours = world.commit("main", vec![add("b", "p", "2")]);
    let theirs = world.commit("work", vec![set("a", "p", "3")]);
    let merged = world.merge("work", "main", vec![]).expect("a merge");
    assert_eq!(merged.commit.parents, [ours.id, theirs.id]);
    assert_eq!(merged.commit.message, "Merge work into main");
    assert_eq!(world.all("main"), [r#"<a> <p> "3" ."#, r#"<b> <p> "2" ."#]);
    let again = world.merge("work", "main", vec![]).expect("nothing");
    assert_eq!((again.commit.id, again.changed), (merged.commit.id, 0));
    // A branch that only lags behind gets a merge commit too: its first parents stay its own.
    let back = world.merge("main", "work", vec![]).expect("a merge").commit;
    assert_eq!(back.parents, [theirs.id, merged.commit.id]);
    assert_eq!(world.all("work"), world.all("main"));
    // What came in by a merge has the commit that made it.
    let origin = world.repository.snapshot("main").expect("main").origin(&triple("a", "p", "3"));
    assert_eq!(origin.expect("an answer").expect("a commit").id, theirs.id);
}

#[test]
fn two_values_are_never_merged_silently() {
    let world = World::new(vec![add("a", "p", "1")]);
    let ours = world.commit("main", vec![set("a", "p", "2")]);
    let theirs = world.commit("work", vec![set("a", "p", "3"), add("b", "p", "4")]);
    let preview =
        world.repository.merge_preview("work", "main", &[], &Cancellation::default()).expect("a preview");
    let conflict = &preview.conflicts[0];
    assert_eq!((conflict.kind, preview.conflicts.len()), (ConflictKind::BothChanged, 1));
    assert_eq!(
        (&conflict.base, &conflict.ours, &conflict.theirs),
        (&vec![text("1")], &vec![text("2")], &vec![text("3")])
    );
    let commit = |side: &Option<Commit>| side.as_ref().map(|commit| commit.id);
    assert_eq!(
        (commit(&conflict.ours_commit), commit(&conflict.theirs_commit)),
        (Some(ours.id), Some(theirs.id))
    );
    assert!(matches!(world.merge("work", "main", vec![]), Err(Error::Conflict(_))));
    assert_eq!(world.all("main"), [r#"<a> <p> "2" ."#]);
    let values = decided("a", Some("p"), Take::Values(vec![text("2.5")]));
    assert_eq!(world.merged(values), [r#"<a> <p> "2.5" ."#, r#"<b> <p> "4" ."#]);
}

#[test]
fn a_resource_that_one_side_retired_and_the_other_changed_conflicts_as_a_whole() {
    let check = |take: Take, expect: &[&str]| {
        let world = World::new(vec![add("a", "p", "1"), add("a#limit", "p", "85")]);
        world.commit("main", vec![Change::Retire(iri("a"))]);
        let theirs = world.commit("work", vec![set("a#limit", "p", "80")]);
        let conflicts = world.conflicts();
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        assert!(conflicts[0].starts_with("RETIRED_AND_CHANGED <https://example.org/a>: "), "{conflicts:?}");
        assert_eq!(world.merged(decided("a", None, take)), expect);
        assert!(world.repository.snapshot(&theirs.id.to_string()).is_ok());
    };
    check(Take::Ours, &[]);
    check(Take::Theirs, &[r#"<a> <p> "1" ."#, r#"<a#limit> <p> "80" ."#]);
}

#[test]
fn a_link_to_what_the_other_side_retired_conflicts() {
    // Whichever side retires.
    for (retires, links) in [("main", "work"), ("work", "main")] {
        let check = |take: Take, expect: &[&str]| {
            let world = World::new(vec![add("a", "p", "1"), add("b", "p", "2")]);
            world.commit(retires, vec![Change::Retire(iri("a"))]);
            world.commit(links, vec![link("b", "uses", "a")]);
            let conflicts = world.conflicts();
            assert_eq!(conflicts.len(), 1, "{conflicts:?}");
            assert!(
                conflicts[0].starts_with("RETIRED_AND_LINKED <https://example.org/a>: retired"),
                "{conflicts:?}"
            );
            assert!(matches!(world.merge("work", "main", vec![]), Err(Error::Conflict(_))));
            assert_eq!(world.merged(decided("a", None, take)), expect);
        };
        let (retiring, linking) =
            if retires == "main" { (Take::Ours, Take::Theirs) } else { (Take::Theirs, Take::Ours) };
        check(retiring, &[r#"<b> <p> "2" ."#]);
        check(linking, &[r#"<a> <p> "1" ."#, r#"<b> <p> "2" ."#, "<b> <uses> <a> ."]);
    }
}

#[test]
fn a_many_valued_property_takes_what_either_side_added_and_drops_what_either_removed() {
    let requirement = |id: &str| {
        vec![
            Change::Add(Statement::new(iri(id), rdf::TYPE, tl::REQUIREMENT)),
            Change::Add(Statement::new(iri(id), dcterms::IDENTIFIER.into_owned(), Literal::from(id))),
        ]
    };
    let satisfies = |ids: &[&str]| Change::Set {
        subject: iri("pump/A"),
        predicate: tl::SATISFIES.into_owned(),
        values: ids.iter().map(|id| iri(id).into()).collect(),
    };
    for (source, into) in [("work", "main"), ("main", "work")] {
        let mut first = revision("DRAFT", "Pump");
        first.extend(["R0", "R1", "R2"].into_iter().flat_map(requirement));
        first.push(satisfies(&["R0"]));
        let world = World::new(first);
        world.commit("main", vec![satisfies(&["R0", "R1"])]);
        world.commit("work", vec![satisfies(&["R2"])]);
        world.merge(source, into, vec![]).expect("a merge");
        let merged = world.repository.snapshot(into).expect("a version");
        let targets = merged.targets(&iri("pump/A"), tl::SATISFIES).expect("targets");
        assert_eq!(targets, [iri("R1"), iri("R2")], "{source} into {into}");
    }
}

#[test]
fn a_fragment_of_what_nobody_describes_is_at_stake_alone() {
    let check = |take: Take, expect: &[&str]| {
        let world = World::new(vec![add("data#R1", "p", "1"), add("data#R2", "p", "2"), add("b", "p", "3")]);
        world.commit("work", vec![Change::Retire(iri("data#R1"))]);
        world.commit("main", vec![link("b", "uses", "data#R1")]);
        let conflicts = world.conflicts();
        assert!(
            conflicts.len() == 1 && conflicts[0].contains("<https://example.org/data#R1>: retired"),
            "{conflicts:?}"
        );
        assert_eq!(world.merged(decided("data#R1", None, take)), expect);
    };
    check(Take::Theirs, &[r#"<b> <p> "3" ."#, r#"<data#R2> <p> "2" ."#]);
    check(
        Take::Ours,
        &[r#"<b> <p> "3" ."#, "<b> <uses> <data#R1> .", r#"<data#R1> <p> "1" ."#, r#"<data#R2> <p> "2" ."#],
    );
}

#[test]
fn a_late_commit_and_an_import_do_not_link_to_what_was_retired_meanwhile() {
    let world = World::new(vec![add("a", "p", "1"), add("b", "p", "2")]);
    let old = world.repository.snapshot("main").expect("main").commit().id;
    world.commit("main", vec![Change::Retire(iri("a"))]);
    let late = CommitRequest {
        branch: "main".to_owned(),
        changes: vec![link("b", "uses", "a")],
        expected_head: Some(old),
        ..CommitRequest::default()
    };
    let Err(Error::Conflict(divergence)) = world.repository.commit(&late) else { panic!("a conflict") };
    assert_eq!(divergence.conflicts[0].kind, ConflictKind::RetiredAndLinked);
    let import = |statements: Vec<Statement>| {
        let (source, into) = ("tool".to_owned(), "main".to_owned());
        world.repository.import(ImportRequest { source, into, statements, ..ImportRequest::default() })
    };
    import(vec![triple("x", "p", "1"), triple("y", "p", "1")]).expect("an import");
    world.commit("main", vec![Change::Retire(iri("x"))]);
    let uses = Statement::new(iri("y"), iri("uses"), iri("x"));
    let Err(Error::Conflict(divergence)) = import(vec![triple("y", "p", "1"), uses]) else {
        panic!("a conflict")
    };
    assert_eq!(divergence.conflicts[0].kind, ConflictKind::RetiredAndLinked);
    let request = ImportRequest {
        source: "other".to_owned(),
        into: "import/tool".to_owned(),
        ..ImportRequest::default()
    };
    assert!(matches!(world.repository.import(request), Err(Error::VendorBranch(_))));
}

#[test]
fn a_release_is_not_lost_by_a_decision() {
    let world = World::new(revision("DRAFT", "Pump"));
    world.commit("work", revision("RELEASED", "Pump"));
    world.commit("main", revision("DRAFT", "A better pump"));
    let ours = decided("pump/A", None, Take::Ours);
    assert!(matches!(world.merge("work", "main", vec![ours]), Err(Error::Violations(_))));
}

#[test]
fn several_merge_bases_merge_what_all_of_them_agree_on() {
    // Criss-cross: each side has merged the other's earlier state.
    let world = World::new(vec![add("a", "p", "0"), add("b", "p", "0"), add("c", "p", "0")]);
    let one = world.commit("main", vec![set("a", "p", "main")]).id.to_string();
    let other = world.commit("work", vec![set("b", "p", "work")]).id.to_string();
    world.merge(&other, "main", vec![]).expect("a merge");
    world.merge(&one, "work", vec![]).expect("a merge");
    world.commit("work", vec![set("c", "p", "work")]);
    let preview =
        world.repository.merge_preview("work", "main", &[], &Cancellation::default()).expect("a preview");
    assert_eq!(preview.bases.len(), 2);
    assert!(preview.is_clean());
    // What one base takes for a change and the other for no change is nobody's to decide but a person's.
    world.commit("main", vec![set("a", "p", "0")]);
    assert_eq!(world.conflicts().len(), 1);
    let merged = world.merged(decided("a", Some("p"), Take::Ours));
    assert_eq!(merged, [r#"<a> <p> "0" ."#, r#"<b> <p> "work" ."#, r#"<c> <p> "work" ."#]);
}

fn revision(status: &str, title: &str) -> Vec<Change> {
    let of = |predicate: oxigraph::model::NamedNodeRef<'_>, value: Term| Change::Set {
        subject: iri("pump/A"),
        predicate: predicate.into_owned(),
        values: vec![value],
    };
    vec![
        Change::Add(Statement::new(iri("pump"), rdf::TYPE, tl::PART_CLASS)),
        Change::Add(Statement::new(iri("pump"), dcterms::IDENTIFIER.into_owned(), Literal::from("P"))),
        of(rdf::TYPE, tl::DESIGN_REVISION.into_owned().into()),
        of(tl::REVISION_OF, iri("pump").into()),
        of(tl::REVISION, text("A")),
        of(tl::STATUS, text(status)),
        of(dcterms::TITLE, text(title)),
    ]
}

#[test]
fn a_rule_that_only_the_merged_result_breaks_is_found_from_either_side() {
    for (releases, changes) in [("main", "work"), ("work", "main")] {
        let world = World::new(revision("DRAFT", "Pump"));
        world.commit(releases, revision("RELEASED", "Pump"));
        world.commit(changes, revision("DRAFT", "A better pump"));
        let preview =
            world.repository.merge_preview("work", "main", &[], &Cancellation::default()).expect("a preview");
        assert_eq!(preview.conflicts, []);
        let rules: Vec<_> = preview.violations.iter().map(|violation| violation.rule.as_str()).collect();
        assert_eq!(rules, ["released content is frozen"], "{releases} releases");
        assert!(matches!(world.merge("work", "main", vec![]), Err(Error::Violations(_))));
        // What does not conflict can be decided too, which mends it.
        let take = if releases == "main" { Take::Ours } else { Take::Theirs };
        let title = Resolution { subject: iri("pump/A"), predicate: Some(dcterms::TITLE.into_owned()), take };
        assert!(world.merged(title).iter().any(|line| line.contains("\"Pump\"")));
    }
}

#[test]
fn a_merge_changes_no_obsolete_revision() {
    for (obsolete, changes) in [("main", "work"), ("work", "main")] {
        let world = World::new(revision("RELEASED", "Pump"));
        let draft = World::new(revision("DRAFT", "Pump"));
        world.commit(obsolete, revision("OBSOLETE", "Pump"));
        draft.commit(obsolete, revision("OBSOLETE", "Pump"));
        draft.commit(changes, revision("DRAFT", "A better pump"));
        let preview =
            draft.repository.merge_preview("work", "main", &[], &Cancellation::default()).expect("a preview");
        let rules: Vec<_> = preview.violations.iter().map(|violation| violation.rule.as_str()).collect();
        assert_eq!(rules, ["released content is frozen"], "{obsolete} is obsolete");
        world.merge("work", "main", vec![]).expect("the status alone");
    }
}

fn participant(name: &str) -> Change {
    Change::Add(Statement::new(iri("review/1"), tl::PARTICIPANT, text(name)))
}

fn state(state: &str) -> Change {
    let (subject, predicate) = (iri("review/1"), tl::STATE.into_owned());
    Change::Set { subject, predicate, values: vec![text(state)] }
}

#[test]
fn a_signed_review_is_merged_as_it_was_signed() {
    for (signs, changes) in [("main", "work"), ("work", "main")] {
        let world = World::new(vec![
            Change::Add(Statement::new(iri("review/1"), rdf::TYPE, tl::DESIGN_REVIEW)),
            Change::Add(Statement::new(iri("review/1"), dcterms::IDENTIFIER, text("DR-1"))),
            state("OPEN"),
            participant("Ada"),
        ]);
        world.commit(signs, vec![state("APPROVED")]);
        world.commit(changes, vec![participant("Grace")]);
        let preview =
            world.repository.merge_preview("work", "main", &[], &Cancellation::default()).expect("a preview");
        let rules: Vec<_> = preview.violations.iter().map(|violation| violation.rule.as_str()).collect();
        assert_eq!(rules, ["a review stays as it was opened"], "{signs} signs");
        let take = if signs == "main" { Take::Ours } else { Take::Theirs };
        let predicate = Some(tl::PARTICIPANT.into_owned());
        let merged = world.merged(Resolution { subject: iri("review/1"), predicate, take });
        assert!(!merged.iter().any(|line| line.contains("Grace")), "{merged:?}");
    }
}

#[test]
fn what_both_sides_signed_differently_is_for_the_branch_to_keep() {
    let world = World::new(vec![
        Change::Add(Statement::new(iri("review/1"), rdf::TYPE, tl::DESIGN_REVIEW)),
        Change::Add(Statement::new(iri("review/1"), dcterms::IDENTIFIER, text("DR-1"))),
        state("OPEN"),
    ]);
    world.commit("main", vec![state("APPROVED")]);
    world.commit("work", vec![state("REJECTED"), add("a", "p", "1")]);
    let resolution =
        Resolution { subject: iri("review/1"), predicate: Some(tl::STATE.into_owned()), take: Take::Ours };
    let merged = world.merged(resolution);
    assert!(merged.iter().any(|line| line.contains("APPROVED")), "{merged:?}");
    assert!(merged.iter().any(|line| line.starts_with("<a>")), "{merged:?}");
}

#[test]
fn a_decision_on_what_the_merge_does_not_touch_is_refused() {
    let world = World::new(vec![add("a", "p", "1")]);
    world.commit("work", vec![set("a", "p", "2")]);
    let wrong = |resolution| match world.merge("work", "main", resolution) {
        Err(Error::Resolution(..)) => (),
        other => panic!("{other:?}"),
    };
    wrong(vec![decided("b", None, Take::Ours)]);
    wrong(vec![decided("a", Some("q"), Take::Theirs)]);
    wrong(vec![decided("a", None, Take::Values(vec![text("2")]))]);
    wrong(vec![decided("a", None, Take::Ours), decided("a", None, Take::Theirs)]);
    assert_eq!(world.merged(decided("a", None, Take::Ours)), [r#"<a> <p> "1" ."#]);
}

#[test]
fn a_head_that_has_moved_since_the_preview_is_refused() {
    let world = World::new(vec![add("a", "p", "1")]);
    world.commit("work", vec![set("a", "p", "2")]);
    let previewed = world
        .repository
        .merge_preview("work", "main", &[], &Cancellation::default())
        .expect("a preview")
        .into
        .id;
    world.commit("main", vec![add("b", "p", "1")]);
    let mut request = MergeRequest {
        source: "work".to_owned(),
        into: "main".to_owned(),
        expected_head: Some(previewed),
        ..MergeRequest::default()
    };
    assert!(matches!(world.repository.merge(&request), Err(Error::Conflict(_))));
    request.expected_head = None;
    request.changes = vec![add("c", "p", "1")];
    world.repository.merge(&request).expect("a merge");
    assert_eq!(world.all("main"), [r#"<a> <p> "2" ."#, r#"<b> <p> "1" ."#, r#"<c> <p> "1" ."#]);
}

#[test]
fn an_ontology_file_merges_whole() {
    let file = |text: &str| vec![("own.ttl".to_owned(), Some(text.to_owned()))];
    let world = World::new(vec![add("a", "p", "1")]);
    let commit = |branch: &str, text: &str| {
        let request =
            CommitRequest { branch: branch.to_owned(), ontology: file(text), ..CommitRequest::default() };
        world.repository.commit(&request).expect("a commit");
    };
    let class = |name: &str| {
        format!("@prefix owl: <http://www.w3.org/2002/07/owl#> .\n<{BASE}{name}> a owl:Class .\n")
    };
    commit("work", &class("One"));
    world.merge("work", "main", vec![]).expect("a merge");
    let digest =
        |version: &str| world.repository.snapshot(version).expect("a version").ontology().digest().to_owned();
    assert_eq!(digest("main"), digest("work"));
    commit("work", &class("Two"));
    commit("main", &class("Three"));
    assert!(matches!(world.merge("work", "main", vec![]), Err(Error::OntologyFile(..))));
}

fn revert(world: &World, commit: &Commit, resolutions: Vec<Resolution>) -> Result<Committed, Error> {
    let (commit, branch) = (commit.id.to_string(), "main".to_owned());
    world.repository.revert(&RevertRequest { commit, branch, resolutions, ..RevertRequest::default() })
}

#[test]
fn a_revert_undoes_one_commit_and_keeps_what_came_after() {
    let world = World::new(vec![add("a", "p", "1")]);
    let wrong = world.commit("main", vec![set("a", "p", "2"), add("b", "p", "1")]);
    world.commit("main", vec![add("c", "p", "1")]);
    let undone = revert(&world, &wrong, vec![]).expect("a revert");
    assert_eq!(world.all("main"), [r#"<a> <p> "1" ."#, r#"<c> <p> "1" ."#]);
    assert!(undone.commit.message.starts_with("Revert \"Change main\""), "{}", undone.commit.message);
    assert_eq!(revert(&world, &wrong, vec![]).expect("nothing").changed, 0);
    // Undoing the undoing brings it back.
    revert(&world, &undone.commit, vec![]).expect("a revert");
    assert_eq!(world.all("main"), [r#"<a> <p> "2" ."#, r#"<b> <p> "1" ."#, r#"<c> <p> "1" ."#]);
    world.commit("main", vec![set("a", "p", "3")]);
    assert!(matches!(revert(&world, &wrong, vec![]), Err(Error::Conflict(_))));
    revert(&world, &wrong, vec![decided("a", Some("p"), Take::Ours)]).expect("a revert");
    assert_eq!(world.all("main"), [r#"<a> <p> "3" ."#, r#"<c> <p> "1" ."#]);
}

#[test]
fn a_revert_of_a_merge_undoes_what_it_brought() {
    let world = World::new(vec![add("a", "p", "1")]);
    world.commit("work", vec![set("a", "p", "2")]);
    world.commit("main", vec![add("b", "p", "1")]);
    let merged = world.merge("work", "main", vec![]).expect("a merge").commit;
    revert(&world, &merged, vec![]).expect("a revert");
    assert_eq!(world.all("main"), [r#"<a> <p> "1" ."#, r#"<b> <p> "1" ."#]);
    let other = world.commit("work", vec![set("a", "p", "9")]);
    assert!(matches!(revert(&world, &other, vec![]), Err(Error::NotBehind { .. })));
    let log = world.repository.log(&world.repository.snapshot("main").expect("main"), None, None, 100);
    let first = log.expect("a log").pop().expect("a commit");
    assert!(matches!(revert(&world, &first, vec![]), Err(Error::FirstCommit)));
}

/// Wants work until it asks for the `nth` time whether it is still wanted; not at all for 0.
fn until_asked(nth: usize) -> Cancellation {
    let later = Moment::now() + Duration::from_secs(3600);
    let wanted = Cancellation::at(later);
    if nth == 0 {
        wanted.abandon();
    }
    let left = AtomicUsize::new(nth);
    let pace = move |wanted: &Cancellation, _| {
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            wanted.abandon();
        }
        wanted.check_only()
    };
    wanted.renew(later, Some(Arc::new(pace)));
    wanted
}

fn is_abandoned(error: &Error) -> bool {
    match error {
        Error::Index(IndexError::Cancelled(Cancelled::Abandoned)) => true,
        // In what validation reads.
        Error::Ontology(crate::ontology::Error::Data(source)) => {
            source.downcast_ref::<Error>().is_some_and(is_abandoned)
        }
        _ => false,
    }
}

/// Does something for clients that leave ever later, until one stays to the end; returns how many left.
fn leave_ever_later<T>(world: &World, work: impl Fn(&Cancellation) -> Result<T, Error>) -> usize {
    let before = world.all("main");
    let head = world.repository.snapshot("main").expect("main").commit().id;
    for nth in 0.. {
        match work(&until_asked(nth)) {
            Ok(_) => return nth,
            Err(error) => {
                assert!(is_abandoned(&error), "{error:?}");
                assert_eq!(world.repository.snapshot("main").expect("main").commit().id, head, "{nth}");
                assert_eq!(world.all("main"), before, "{nth}");
            }
        }
    }
    0
}

#[test]
fn what_a_client_left_is_not_merged_reverted_or_previewed() {
    let world = World::new(vec![add("a", "p", "1")]);
    world.commit("main", vec![add("b", "p", "2")]);
    let theirs = world.commit("work", vec![set("a", "p", "3"), add("c", "p", "4")]);
    let left = leave_ever_later(&world, |wanted| world.repository.merge_preview("work", "main", &[], wanted));
    assert!(left > 1, "a preview asks whether it is wanted");
    let left = leave_ever_later(&world, |wanted| {
        let (source, into, wanted) = ("work".to_owned(), "main".to_owned(), wanted.clone());
        world.repository.merge(&MergeRequest { source, into, wanted, ..MergeRequest::default() })
    });
    assert!(left > 1, "a merge asks whether it is wanted");
    assert_eq!(world.all("main"), [r#"<a> <p> "3" ."#, r#"<b> <p> "2" ."#, r#"<c> <p> "4" ."#]);
    let left = leave_ever_later(&world, |wanted| {
        let (commit, branch, wanted) = (theirs.id.to_string(), "main".to_owned(), wanted.clone());
        world.repository.revert(&RevertRequest { commit, branch, wanted, ..RevertRequest::default() })
    });
    assert!(left > 1, "a revert asks whether it is wanted");
    assert_eq!(world.all("main"), [r#"<a> <p> "1" ."#, r#"<b> <p> "2" ."#]);
}

#[test]
fn what_a_client_left_is_not_imported() {
    let world = World::new(vec![add("a", "p", "1")]);
    let source = |value: &str| {
        let statements = (0..20).map(|n| triple(&format!("part/{n}"), "p", value)).collect();
        ImportRequest {
            source: "plm".to_owned(),
            into: "main".to_owned(),
            statements,
            ..ImportRequest::default()
        }
    };
    for value in ["2", "3"] {
        let vendor = || world.repository.head("import/plm").ok().map(|head| head.commit().id);
        let before = vendor();
        let left = leave_ever_later(&world, |wanted| {
            assert_eq!(vendor(), before, "the source's branch stays where it was");
            let wanted = wanted.clone();
            world.repository.import(ImportRequest { wanted, ..source(value) })
        });
        assert!(left > 20, "an import asks for every resource that it validates: {left}");
        assert_eq!(world.all("main").len(), 21);
    }
}
