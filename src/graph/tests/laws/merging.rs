//! Merging: the same from whichever side, as a plain three-way merge of whole versions, and nothing where a version meets
//! itself. Beside the world without rules there is one whose things have a code that no other thing has, one size, many tags,
//! and links to other things.

use super::*;
use crate::graph::change::diff::PREVIEWED_MAX;
use crate::model::statement;
use crate::model::sync::cancellation::Cancellation;
use crate::ontology::Violation;
use oxigraph::model::vocab::rdf;
use std::collections::HashSet;

/// A three-way merge over whole versions, written as plainly as can be.
pub(super) struct Oracle<'a> {
    is_many: fn(&NamedNode) -> bool,
    bases: Vec<&'a BTreeSet<Statement>>,
    ours: &'a BTreeSet<Statement>,
    theirs: &'a BTreeSet<Statement>,
}

impl<'a> Oracle<'a> {
    pub(super) fn new(world: &'a World, bases: &[CommitId], ours: CommitId, theirs: CommitId) -> Self {
        Self {
            is_many: world.rules.is_many,
            bases: bases.iter().map(|base| &world.versions[base]).collect(),
            ours: &world.versions[&ours],
            theirs: &world.versions[&theirs],
        }
    }

    /// The merged version; `None` where something conflicts.
    pub(super) fn merged(&self) -> Option<BTreeSet<Statement>> {
        let mut several = self.bases.iter().map(|base| self.from(base));
        let merged = several.next().flatten()?;
        if !several.all(|other| other.as_ref() == Some(&merged)) {
            return None;
        }
        let dangles = merged.iter().any(|s| {
            let known = is_described(self.ours, &s.object) || is_described(self.theirs, &s.object);
            let inside = matches!(&s.object, Term::NamedNode(target) if statement::root(target) == statement::root(&s.subject));
            known && !inside && !is_described(&merged, &s.object) && self.is_news(s)
        });
        (!dangles).then_some(merged)
    }

    /// Whether it is the merge's doing that a link leads nowhere, and not so on one side already.
    fn is_news(&self, link: &Statement) -> bool {
        let has = |side: &BTreeSet<Statement>| side.contains(link) && !is_described(side, &link.object);
        !has(self.ours) && !has(self.theirs)
    }

    fn from(&self, base: &BTreeSet<Statement>) -> Option<BTreeSet<Statement>> {
        let (ours, theirs) = (self.ours, self.theirs);
        let all: BTreeSet<_> = base.iter().chain(ours).chain(theirs).collect();
        for root in all.iter().map(|s| statement::root(&s.subject)).collect::<BTreeSet<_>>() {
            let of_root = |s: &&Statement| statement::root(&s.subject) == root;
            self.retired(base, &root, &of_root)?;
        }
        for subject in all.iter().map(|s| s.subject.clone()).collect::<BTreeSet<_>>() {
            self.retired(base, &subject, &|s: &&Statement| s.subject == subject)?;
        }
        let mut merged = BTreeSet::new();
        let keys: BTreeSet<_> = all.iter().map(|s| (&s.subject, &s.predicate)).collect();
        for key in keys {
            let of = |side: &BTreeSet<Statement>| -> BTreeSet<Statement> {
                side.iter().filter(|s| (&s.subject, &s.predicate) == key).cloned().collect()
            };
            let (old, here, there) = (of(base), of(ours), of(theirs));
            merged.extend(match (here == old, there == old, here == there) {
                (_, true, _) | (_, _, true) => here,
                (true, _, _) => there,
                _ if (self.is_many)(key.1) => {
                    let removed: BTreeSet<_> =
                        old.iter().filter(|s| !here.contains(s) || !there.contains(s)).collect();
                    here.union(&there).filter(|s| !removed.contains(s)).cloned().collect()
                }
                _ => return None,
            });
        }
        Some(merged)
    }

    /// `None` where one side retired the subject and the other changed what goes with it.
    fn retired(
        &self,
        base: &BTreeSet<Statement>,
        subject: &NamedNode,
        part: &dyn Fn(&&Statement) -> bool,
    ) -> Option<()> {
        let of = |side: &BTreeSet<Statement>| -> BTreeSet<Statement> {
            side.iter().filter(part).cloned().collect()
        };
        let there = |side: &BTreeSet<Statement>| side.iter().any(|s| s.subject == *subject);
        let (old, here, theirs) = (of(base), of(self.ours), of(self.theirs));
        let conflict = there(&old)
            && ((!there(&here) && there(&theirs) && theirs != old)
                || (!there(&theirs) && there(&here) && here != old));
        (!conflict).then_some(())
    }
}

fn is_described(side: &BTreeSet<Statement>, subject: &Term) -> bool {
    side.iter().any(|s| Term::from(s.subject.clone()) == *subject)
}

pub(super) const THINGS: &str = "
    @prefix : <https://example.org/p/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    :Thing a owl:Class ; owl:hasKey ( :code ) ; rdfs:label \"thing\" ; rdfs:comment \"A thing.\" .
    :code a owl:DatatypeProperty ; rdfs:label \"code\" ; rdfs:comment \"Its own.\" .
    :size a owl:DatatypeProperty ; rdfs:label \"size\" ; rdfs:comment \"The one it has.\" .
    :tag a owl:DatatypeProperty ; rdfs:label \"tag\" ; rdfs:comment \"One of many.\" .
    :uses a owl:ObjectProperty ; rdfs:label \"uses\" ; rdfs:comment \"What it uses.\" .
    :ThingShape a sh:NodeShape ; sh:targetClass :Thing ;
        sh:property [ sh:path :code ; sh:datatype xsd:integer ; sh:maxCount 1 ] ,
            [ sh:path :size ; sh:datatype xsd:integer ; sh:maxCount 1 ] ,
            [ sh:path :tag ; sh:datatype xsd:integer ] ,
            [ sh:path :uses ; sh:class :Thing ] .";

/// What [`THINGS`] asks for.
pub(super) const THINGS_RULES: Rules = Rules {
    is_many: |property| *property == iri("p/tag") || *property == iri("p/uses"),
    are_broken: |state| {
        let is_thing = |of: &NamedNode| state.contains(&typed(of.clone()));
        let things = state.iter().filter(|s| is_thing(&s.subject));
        let codes: Vec<_> =
            things.clone().filter(|s| s.predicate == iri("p/code")).map(|s| &s.object).collect();
        let links = things.filter(|s| s.predicate == iri("p/uses"));
        codes.iter().collect::<HashSet<_>>().len() < codes.len()
            || links.clone().any(|s| !matches!(&s.object, Term::NamedNode(target) if is_thing(target)))
    },
};

pub(super) fn typed(subject: NamedNode) -> Statement {
    Statement::new(subject, rdf::TYPE.into_owned(), iri("p/Thing"))
}

fn things() -> World {
    World::with(&[("things.ttl".to_owned(), THINGS.to_owned())], THINGS_RULES)
}

/// Two branches beside main that begin with some things.
fn branches_of_things(first: &[Change]) -> World {
    let mut world = things();
    world.run(&Step::Commit { branch: 0, changes: first.to_vec() });
    let newest = world.order.len() - 1;
    world.run(&Step::Branch { from: newest });
    world.run(&Step::Commit { branch: 1, changes: edit(0, "tag", Literal::from(9), true) });
    world.run(&Step::Branch { from: newest });
    world
}

pub(super) fn set(number: u8, property: &str, value: i64) -> Vec<Change> {
    let (subject, predicate) = (subject(number), iri(&format!("p/{property}")));
    let is = Change::Add(typed(subject.clone()));
    vec![is, Change::Set { subject, predicate, values: vec![Literal::from(value).into()] }]
}

fn edit(number: u8, property: &str, object: impl Into<Term>, add: bool) -> Vec<Change> {
    let is = Change::Add(typed(subject(number)));
    let statement = Statement::new(subject(number), iri(&format!("p/{property}")), object);
    vec![is, if add { Change::Add(statement) } else { Change::Remove(statement) }]
}

/// Changes of some things.
fn deeds() -> impl Strategy<Value = Vec<Change>> {
    let thing = || 0..6_u8;
    let deed = prop_oneof![
        3 => (thing(), 0..4_i64).prop_map(|(thing, code)| set(thing, "code", code)),
        3 => (thing(), 0..3_i64).prop_map(|(thing, size)| set(thing, "size", size)),
        4 => (thing(), 0..4_i64, prop::bool::weighted(0.6))
            .prop_map(|(thing, tag, add)| edit(thing, "tag", Literal::from(tag), add)),
        3 => (thing(), thing(), prop::bool::weighted(0.6))
            .prop_map(|(thing, other, add)| edit(thing, "uses", subject(other), add)),
        1 => thing().prop_map(|thing| vec![Change::Remove(typed(subject(thing)))]),
    ];
    prop::collection::vec(deed, 1..3).prop_map(|deeds| deeds.concat())
}

fn step_of_things() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..4_usize, deeds()).prop_map(|(branch, changes)| Step::Commit { branch, changes }),
        1 => (0..4_usize, 0..6_u8).prop_map(|(branch, subject)| Step::Retire { branch, subject }),
        3 => (0..12_usize).prop_map(|from| Step::Branch { from }),
        4 => (0..4_usize, 0..4_usize).prop_map(|(from, into)| Step::Join { from, into }),
    ]
}

impl World {
    fn preview(&self, source: &str, into: &str) -> MergePreview {
        self.repository.merge_preview(source, into, &[], &Cancellation::default()).expect("a preview")
    }

    /// Returns all that a merge would change: what the preview describes, and the rest of it.
    fn changes(&self, preview: &MergePreview) -> Diff {
        let (heads, mut resources) = ((preview.source.id, preview.into.id), preview.diff.resources.clone());
        assert!(resources.len() <= PREVIEWED_MAX);
        assert_eq!(preview.diff.has_more, preview.diff.total > resources.len());
        let last = resources.last().map(|last| last.resource.clone());
        let wanted = Cancellation::default();
        let rest = self.repository.each_merge_change::<Error>(heads, &[], last.as_ref(), &wanted, |diff| {
            resources.push(diff);
            Ok(true)
        });
        rest.expect("the rest");
        assert_eq!(resources.len(), preview.diff.total);
        Diff { resources }
    }

    fn oracle_of(&self, preview: &MergePreview) -> Oracle<'_> {
        let (ours, theirs) = (preview.into.id, preview.source.id);
        Oracle::new(self, &self.merge_bases(ours, theirs), ours, theirs)
    }
}

/// Looks at merges of every two heads, each into the other, and each into itself, and makes those into main.
fn check_merges(world: &mut World) {
    for (at, (a, one)) in world.heads.iter().enumerate() {
        check_itself(world, a);
        for (b, other) in &world.heads[..at] {
            let (there, back) = (world.preview(b, a), world.preview(a, b));
            assert_eq!(there.conflicts, back.conflicts.iter().map(mirrored).collect::<Vec<_>>());
            check_sides(world, &there);
            let merged = world.oracle_of(&there).merged();
            assert_eq!(there.conflicts.is_empty(), merged.is_some(), "{:?}", there.conflicts);
            // What conflicts is left as it is on the branch, which breaks what it breaks.
            if let Some(merged) = merged {
                assert_eq!((world.rules.are_broken)(&merged), !there.violations.is_empty());
                assert_eq!(broken(&there), broken(&back));
                assert_eq!(applied(one, &world.changes(&there)), merged);
                assert_eq!(applied(other, &world.changes(&back)), merged);
            }
        }
    }
    for at in 1..world.heads.len() {
        world.run(&Step::Join { from: at - 1, into: 0 });
    }
}

/// A conflict shows the values that each side's version has.
fn check_sides(world: &World, preview: &MergePreview) {
    for conflict in &preview.conflicts {
        let sides = [preview.into.id, preview.source.id].map(|id| &world.versions[&id]);
        assert!(
            conflict.links.iter().all(|link| sides.iter().any(|side| side.contains(link))),
            "{conflict:?}"
        );
        let Some(predicate) = &conflict.predicate else { continue };
        let values = |side: &BTreeSet<Statement>| -> Vec<Term> {
            let statements =
                side.iter().filter(|s| s.subject == conflict.subject && s.predicate == *predicate);
            statements.map(|s| s.object.clone()).collect()
        };
        assert_eq!([&conflict.ours, &conflict.theirs], [&values(sides[0]), &values(sides[1])]);
        assert_eq!(conflict.base, values(&world.versions[&preview.bases[0].id]));
    }
}

/// What a merge breaks, without the resource where two have one key: the one that comes in is reported, and which has it.
fn broken(of: &MergePreview) -> BTreeSet<String> {
    let line = |broken: &Violation| match broken.rule.as_str() {
        "unique key" => format!("{:?} {:?} ({})", broken.path, broken.value, broken.rule),
        _ => broken.to_string(),
    };
    of.violations.iter().map(line).collect()
}

/// A conflict as the other side sees it.
fn mirrored(conflict: &Conflict) -> Conflict {
    let Conflict {
        ours: theirs, theirs: ours, ours_commit: theirs_commit, theirs_commit: ours_commit, ..
    } = conflict.clone();
    Conflict { ours, theirs, ours_commit, theirs_commit, ..conflict.clone() }
}

fn check_itself(world: &World, branch: &str) {
    let head = world.repository.head(branch).expect("a head").commit().id;
    let preview = world.preview(branch, branch);
    assert!(preview.is_clean() && preview.merged_already && preview.diff.total == 0, "{preview:?}");
    let (source, into) = (branch.to_owned(), branch.to_owned());
    let merged =
        world.repository.merge(&MergeRequest { source, into, ..MergeRequest::default() }).expect("a merge");
    assert_eq!((merged.commit.id, merged.changed), (head, 0));
    assert_eq!(world.repository.head(branch).expect("a head").commit().id, head);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_merge_is_the_same_from_either_side(steps in prop::collection::vec(step(), 3..25)) {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
        }
        check_merges(&mut world);
    }

    #[test]
    fn a_merge_of_things_keeps_their_rules_from_either_side(
        first in deeds(),
        steps in prop::collection::vec(step_of_things(), 6..20),
    ) {
        let mut world = branches_of_things(&first);
        for step in &steps {
            world.run(step);
        }
        check_merges(&mut world);
    }
}

#[test]
fn a_code_that_both_sides_give_is_found_from_either_side() {
    let mut world = things();
    world.run(&Step::Branch { from: 0 });
    world.run(&Step::Commit { branch: 0, changes: set(0, "code", 7) });
    world.run(&Step::Commit { branch: 1, changes: set(2, "code", 7) });
    let other = world.heads[1].0.clone();
    for (source, into, comes, has_it) in [(other.as_str(), "main", 2, 0), ("main", &other, 0, 2)] {
        let preview = world.preview(source, into);
        let [broken] = preview.violations.as_slice() else { panic!("{:?}", preview.violations) };
        assert_eq!((&broken.resource, broken.rule.as_str()), (&subject(comes), "unique key"));
        assert_eq!(broken.message, format!("code \"7\" is already that of r/{has_it}"));
        assert!(preview.conflicts.is_empty() && !preview.is_clean());
    }
    check_merges(&mut world);
}

#[test]
fn a_thing_that_is_retired_here_and_changed_and_linked_there_conflicts_once() {
    let mut world = things();
    world.run(&Step::Commit { branch: 0, changes: [set(0, "size", 1), set(2, "size", 1)].concat() });
    world.run(&Step::Branch { from: 1 });
    world.run(&Step::Commit { branch: 0, changes: vec![Change::Retire(subject(2))] });
    let linked = [set(2, "size", 2), edit(0, "uses", subject(2), true)].concat();
    world.run(&Step::Commit { branch: 1, changes: linked });
    let other = world.heads[1].0.clone();
    for (source, into) in [(other.as_str(), "main"), ("main", &other)] {
        let conflicts = world.preview(source, into).conflicts;
        let [conflict] = conflicts.as_slice() else { panic!("{conflicts:?}") };
        assert_eq!((conflict.kind, &conflict.subject), (ConflictKind::RetiredAndChanged, &subject(2)));
    }
    let retired = Resolution { subject: subject(2), predicate: None, take: Take::Ours };
    let request = MergeRequest {
        source: other,
        into: "main".to_owned(),
        resolutions: vec![retired],
        ..MergeRequest::default()
    };
    world.repository.merge(&request).expect("retired, and the link with it");
    let main = world.repository.snapshot("main").expect("main");
    assert!(!main.exists(&subject(2)).expect("an answer"));
    assert!(main.targets(&subject(0), iri("p/uses").as_ref()).expect("links").is_empty());
}
