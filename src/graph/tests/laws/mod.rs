//! The laws of the versioned graph, as properties over random histories with branches.

mod blame;
mod history;
mod merging;
mod plain_store;
pub(crate) mod previews;
mod rewriting;
mod sparql;
mod spelling;
mod together;

use crate::graph::index::digest::{Digest, digest};
use crate::graph::*;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

const BASE: &str = "https://example.org/";

fn iri(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{BASE}{local}"))
}

/// One step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Commit {
        branch: usize,
        changes: Vec<Change>,
    },
    Retire {
        branch: usize,
        subject: u8,
    },
    Branch {
        from: usize,
    },
    Import {
        edits: Vec<(u8, u8, u8)>,
    },
    /// Merges any version.
    Merge {
        source: usize,
        into: usize,
    },
    /// Merges the head of a branch into another one.
    Join {
        from: usize,
        into: usize,
    },
    Delete {
        branch: usize,
    },
    Tag {
        at: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let edit = (0..6_u8, 0..3_u8, 0..8_u8, prop::bool::weighted(0.7));
    let edit =
        edit.prop_map(
            |(s, p, o, add)| {
                if add { Change::Add(statement(s, p, o)) } else { Change::Remove(statement(s, p, o)) }
            },
        );
    prop_oneof![
        6 => (0..4_usize, prop::collection::vec(edit, 1..6)).prop_map(|(branch, changes)| Step::Commit { branch, changes }),
        1 => (0..4_usize, 0..6_u8).prop_map(|(branch, subject)| Step::Retire { branch, subject }),
        1 => (0..12_usize).prop_map(|from| Step::Branch { from }),
        2 => (0..12_usize, 0..4_usize).prop_map(|(source, into)| Step::Merge { source, into }),
        1 => prop::collection::vec((0..6_u8, 3..5_u8, 0..5_u8), 0..6).prop_map(|edits| Step::Import { edits }),
        1 => (0..4_usize).prop_map(|branch| Step::Delete { branch }),
        1 => (0..12_usize).prop_map(|at| Step::Tag { at }),
    ]
}

/// Even subjects are resources, odd ones fragments of them, so that documents split and join.
fn subject(number: u8) -> NamedNode {
    if number.is_multiple_of(2) {
        iri(&format!("r/{number}"))
    } else {
        iri(&format!("r/{}#part", number - 1))
    }
}

fn object(number: u8) -> Term {
    match number {
        0 => Literal::from(i64::from(number)).into(),
        1 => Literal::new_simple_literal("one").into(),
        2 => iri("elsewhere").into(),
        3 => Literal::new_typed_literal("2.5", oxigraph::model::vocab::xsd::DECIMAL).into(),
        // A link that keeps its target from being retired alone.
        5 => iri("r/2").into(),
        6 => Literal::new_typed_literal("2", oxigraph::model::vocab::xsd::DECIMAL).into(),
        7 => Literal::from(2.0).into(),
        _ => {
            Literal::new_typed_literal("2024-01-01T00:00:00Z", oxigraph::model::vocab::xsd::DATE_TIME).into()
        }
    }
}

/// Of one property, 2 is written in one way only: two spellings of it would be one value.
fn statement(s: u8, p: u8, o: u8) -> Statement {
    let o = if matches!(o, 6 | 7) { 6 + p % 2 } else { o };
    Statement::new(subject(s), iri(&format!("p/{p}")), crate::model::statement::literal::canonical(object(o)))
}

/// What a world's own ontology asks for, stated anew and as plainly as can be.
#[derive(Clone, Copy)]
struct Rules {
    /// Whether a property has many values beside each other; else one conflicts with another.
    is_many: fn(&NamedNode) -> bool,
    /// Whether a version breaks a shape or a rule.
    are_broken: fn(&BTreeSet<Statement>) -> bool,
}

/// Nothing is typed, so nothing is asked for.
const NO_RULES: Rules = Rules { is_many: |_| false, are_broken: |_| false };

struct World {
    rules: Rules,
    folder: tempfile::TempDir,
    repository: Repository,
    clock: Arc<FixedClock>,
    heads: Vec<(String, BTreeSet<Statement>)>,
    /// What every commit ever made must answer.
    versions: BTreeMap<CommitId, BTreeSet<Statement>>,
    order: Vec<CommitId>,
}

impl World {
    fn new() -> Self {
        Self::with(&[], NO_RULES)
    }

    fn with(ontology: &[(String, String)], rules: Rules) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
        let repository = Repository::init(folder.path(), ontology, BASE, clock.clone()).expect("a thread");
        let first = repository.snapshot("main").expect("main").commit().id;
        Self {
            rules,
            folder,
            repository,
            clock,
            heads: vec![("main".to_owned(), BTreeSet::new())],
            versions: BTreeMap::from([(first, BTreeSet::new())]),
            order: vec![first],
        }
    }

    fn run(&mut self, step: &Step) {
        self.clock.set(self.clock.now().plus_nanos(1_000_000_000));
        match step {
            Step::Commit { branch, changes } => self.commit(branch % self.heads.len(), changes.clone()),
            Step::Retire { branch, subject: number } => {
                let branch = branch % self.heads.len();
                let resource = subject(number - number % 2);
                let known =
                    self.heads[branch].1.iter().any(|s| s.subject.as_str().starts_with(resource.as_str()));
                if known {
                    self.commit(branch, vec![Change::Retire(resource)]);
                }
            }
            Step::Branch { from } => {
                let from = self.order[from % self.order.len()];
                let name = format!("branch-{}", self.order.len());
                if self.heads.iter().any(|(taken, _)| *taken == name) {
                    return;
                }
                self.repository.create_branch(&name, &from.to_string()).expect("a branch");
                self.heads.push((name, self.versions[&from].clone()));
            }
            Step::Import { edits } => self.import(edits),
            Step::Merge { source, into } => {
                self.merge(self.order[source % self.order.len()], into % self.heads.len());
            }
            Step::Join { from, into } => {
                let into = into % self.heads.len();
                let from = &self.heads[(into + 1 + from) % self.heads.len()].0;
                let source = self.repository.head(from).expect("a head").commit().id;
                self.merge(source, into);
            }
            Step::Delete { branch } => self.delete(branch % self.heads.len()),
            Step::Tag { at } => {
                let at = self.order[at % self.order.len()];
                self.repository.tag(&format!("tag-{at}"), &at.to_string(), "tag").ok();
            }
        }
    }

    /// Deletes a branch, unless it is main; what nothing reaches any more is dropped here too.
    fn delete(&mut self, branch: usize) {
        let name = self.heads[branch].0.clone();
        let head = self.repository.snapshot(&name).expect("the branch").commit().id;
        let deleted = self.repository.delete_branch(&name, Some(head));
        if name == "main" {
            assert!(matches!(deleted, Err(Error::Stays(..))));
            return;
        }
        assert_eq!(deleted.expect("deleted"), head);
        self.heads.remove(branch);
        self.drop_unreachable();
    }

    /// Drops what no branch and no tag reaches, according to plain Git.
    fn drop_unreachable(&mut self) {
        let git = plain_store::git(self.folder.path());
        let mut walk = git.revwalk().expect("a walk");
        walk.push_glob("refs/heads/*").expect("branches");
        walk.push_glob("refs/tags/*").expect("tags");
        let reached: BTreeSet<String> = walk.map(|id| id.expect("a commit").to_string()).collect();
        for id in self.order.iter().filter(|id| !reached.contains(&id.to_string())) {
            assert!(matches!(self.repository.snapshot_at(*id), Err(Error::UnknownVersion(_))), "{id}");
        }
        self.versions.retain(|id, _| reached.contains(&id.to_string()));
        self.order.retain(|id| reached.contains(&id.to_string()));
    }

    fn commit(&mut self, branch: usize, changes: Vec<Change>) {
        let (name, old) = &self.heads[branch];
        let mut state = old.clone();
        for change in &changes {
            match change {
                Change::Add(statement) => drop(state.insert(statement.clone())),
                Change::Remove(statement) => drop(state.remove(statement)),
                Change::Set { subject, predicate, values } => {
                    state.retain(|s| s.subject != *subject || s.predicate != *predicate);
                    let new =
                        |value: &Term| Statement::new(subject.clone(), predicate.clone(), value.clone());
                    state.extend(values.iter().map(new));
                }
                Change::Retire(resource) => {
                    let fragment = format!("{}#", resource.as_str());
                    state.retain(|s| s.subject != *resource && !s.subject.as_str().starts_with(&fragment));
                }
                _ => unreachable!("not made here"),
            }
        }
        let request =
            CommitRequest { branch: name.clone(), message: "step".to_owned(), changes, ..Default::default() };
        match self.repository.commit(&request) {
            Ok(committed) => {
                assert!(!(self.rules.are_broken)(&state), "a commit breaks a rule");
                self.heads[branch].1.clone_from(&state);
                self.record(committed.commit.id, state);
            }
            // Something still links to what would go.
            Err(Error::Linked { .. }) => {}
            Err(Error::Violations(_)) => assert!((self.rules.are_broken)(&state), "no rule is broken"),
            Err(error) => panic!("{error}"),
        }
    }

    fn merge(&mut self, source: CommitId, into: usize) {
        let name = self.heads[into].0.clone();
        let head = self.repository.snapshot(&name).expect("a head").commit().id;
        let bases = self.merge_bases(head, source);
        let request = MergeRequest { source: source.to_string(), into: name, ..MergeRequest::default() };
        let oracle = merging::Oracle::new(self, &bases, head, source);
        match self.repository.merge(&request) {
            Ok(merged) if merged.commit.id == head => assert_eq!(bases, [source], "merged before"),
            Ok(merged) => {
                assert_eq!(merged.commit.parents, [head, source]);
                let state = oracle.merged().expect("a conflict was merged silently");
                assert!(!(self.rules.are_broken)(&state), "a merge breaks a rule");
                self.heads[into].1.clone_from(&state);
                self.record(merged.commit.id, state);
            }
            Err(Error::Conflict(_)) => assert!(oracle.merged().is_none(), "a conflict out of nothing"),
            Err(Error::Violations(_)) => {
                let state = oracle.merged().expect("a conflict was reported as a broken rule");
                assert!((self.rules.are_broken)(&state), "the merge breaks no rule");
            }
            Err(Error::Unrelated { .. }) => assert!(bases.is_empty(), "there is a way to merge"),
            Err(error) => panic!("{error}"),
        }
    }

    /// The best common ancestors, found the slow way.
    fn merge_bases(&self, a: CommitId, b: CommitId) -> Vec<CommitId> {
        let common: BTreeSet<_> = self.ancestors(a).intersection(&self.ancestors(b)).copied().collect();
        let is_best =
            |id: &CommitId| !common.iter().any(|other| other != id && self.ancestors(*other).contains(id));
        common.iter().filter(|id| is_best(id)).copied().collect()
    }

    fn ancestors(&self, id: CommitId) -> BTreeSet<CommitId> {
        let (mut found, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(&self.repository.snapshot_at(id).expect("a version").commit().parents);
            }
        }
        found
    }

    /// Imports on predicates of its own, so that little conflicts: main then takes in what the source changed.
    fn import(&mut self, edits: &[(u8, u8, u8)]) {
        let statements: BTreeSet<_> = edits.iter().map(|&(s, p, o)| statement(s, p, o)).collect();
        let request = ImportRequest {
            source: "tool".to_owned(),
            into: "main".to_owned(),
            message: "import".to_owned(),
            author: Author::default(),
            statements: statements.iter().cloned().collect(),
            prune: true,
            ..Default::default()
        };
        let imported_before = self.imported_before();
        match self.repository.import(request) {
            Ok(imported) => {
                let state = &mut self.heads[0].1;
                state.retain(|s| !imported_before.contains(s) || statements.contains(s));
                state.extend(statements.difference(&imported_before).cloned());
                let state = state.clone();
                self.record(imported.commit.id, state);
            }
            // A resource retired here and changed there is a conflict, and nothing has changed.
            Err(Error::Conflict(_) | Error::Linked { .. }) => {}
            // Plain Git may have given main another beginning.
            Err(Error::Unrelated { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the tool's statements when main last took them in: what it still has and main dropped since stays dropped.
    fn imported_before(&self) -> BTreeSet<Statement> {
        let Ok(vendor) = self.repository.snapshot("import/tool") else { return BTreeSet::new() };
        let git = plain_store::git(self.folder.path());
        let oid = |id: CommitId| git2::Oid::from_bytes(&id.0).expect("an id");
        let main = self.repository.snapshot("main").expect("main").commit().id;
        let Ok(base) = git.merge_base(oid(main), oid(vendor.commit().id)) else { return BTreeSet::new() };
        let base = self.repository.snapshot(&base.to_string()).expect("the base");
        base.matching(None, None, None).expect("statements").into_iter().collect()
    }

    fn record(&mut self, id: CommitId, state: BTreeSet<Statement>) {
        if self.versions.insert(id, state).is_none() {
            self.order.push(id);
        }
    }

    /// Every version answers what it answered when it was made, and what a plain store answers that is loaded from Git.
    fn check_all(&self, repository: &Repository) {
        let git = plain_store::git(self.folder.path());
        for (id, expect) in &self.versions {
            let snapshot = repository.snapshot(&id.to_string()).expect("a version");
            let all: BTreeSet<_> =
                snapshot.matching(None, None, None).expect("statements").into_iter().collect();
            assert_eq!(&all, expect, "at {id}");
            assert_eq!(all, plain_store::statements(&plain_store::load(&git, *id)), "in Git at {id}");
            for number in 0..6 {
                let about: Vec<_> = expect.iter().filter(|s| s.subject == subject(number)).cloned().collect();
                assert_eq!(snapshot.statements(&subject(number)).expect("statements"), about);
            }
            for number in 0..5 {
                let object = crate::model::statement::literal::canonical(object(number));
                let by_object = snapshot.matching(None, None, Some(&object)).expect("statements");
                let expect: Vec<_> = expect.iter().filter(|s| s.object == object).cloned().collect();
                assert_eq!(by_object, expect);
            }
        }
    }
}

fn digest_of(repository: &Repository) -> Digest {
    digest(&repository.index.tables().expect("tables")).expect("a digest")
}

fn reopen(folder: &Path, clock: &Arc<FixedClock>) -> Repository {
    Repository::open(folder, clock.clone()).expect("the thread")
}

fn applied(state: &BTreeSet<Statement>, diff: &Diff) -> BTreeSet<Statement> {
    let mut state = state.clone();
    for property in diff.resources.iter().flat_map(|resource| &resource.properties) {
        let statement = |object: &Term| {
            Statement::new(property.subject.clone(), property.predicate.clone(), object.clone())
        };
        for removed in &property.removed {
            assert!(state.remove(&statement(removed)));
        }
        for new in &property.added {
            assert!(state.insert(statement(new)));
        }
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn versions_never_change_and_the_index_can_be_rebuilt(steps in prop::collection::vec(step(), 1..25)) {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
        }
        world.check_all(&world.repository);
        let kept_up = digest_of(&world.repository);
        let World { rules, folder, repository, clock, versions, order, heads } = world;
        let log = |repository: &Repository| {
            let head = repository.snapshot("main").expect("main");
            repository.log(&head, Some(&subject(0)), None, 100).expect("a log")
        };
        let before = log(&repository);
        drop(repository);
        std::fs::remove_file(folder.path().join("index.redb")).expect("the index was removed");
        let repository = reopen(folder.path(), &clock);
        prop_assert_eq!(before, log(&repository));
        prop_assert_eq!(kept_up, digest_of(&repository));
        let world = World { rules, folder, repository, clock, versions, order, heads };
        world.check_all(&world.repository);
    }

    #[test]
    fn a_diff_applied_gives_the_other_version(steps in prop::collection::vec(step(), 1..15), a in 0..20_usize, b in 0..20_usize) {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
        }
        let (a, b) = (world.order[a % world.order.len()], world.order[b % world.order.len()]);
        let (from, to) = (world.repository.snapshot_at(a).expect("a"), world.repository.snapshot_at(b).expect("b"));
        let diff = world.repository.diff(&from, &to, None).expect("a diff");
        let state = applied(&world.versions[&a], &diff);
        prop_assert_eq!(&state, &world.versions[&b]);
        let differences = world.repository.differences(&from, &to, None).expect("the differences");
        prop_assert_eq!(differences.count().expect("a count"), diff.resources.len());
        let mut parts = Vec::new();
        loop {
            let after = parts.last().map(|last: &ResourceDiff| last.resource.clone());
            let part = differences.part(after.as_ref(), 2).expect("a part");
            if part.is_empty() {
                break;
            }
            parts.extend(part);
        }
        prop_assert_eq!(parts, diff.resources);
    }
}
