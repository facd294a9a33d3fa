//! The laws of the versioned graph, as properties over random histories with branches.

use super::*;
use crate::model::change::Change;
use crate::model::clock::{Clock, FixedClock};
use crate::model::instant::Instant;
use crate::model::statement::Statement;
use oxigraph::model::{Literal, NamedNode, Term};
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
    Commit { branch: usize, edits: Vec<(u8, u8, u8, bool)> },
    Retire { branch: usize, subject: u8 },
    Branch { from: usize },
    Import { edits: Vec<(u8, u8, u8)> },
}

fn step() -> impl Strategy<Value = Step> {
    let edit = (0..6_u8, 0..3_u8, 0..5_u8, prop::bool::weighted(0.7));
    prop_oneof![
        6 => (0..4_usize, prop::collection::vec(edit, 1..6)).prop_map(|(branch, edits)| Step::Commit { branch, edits }),
        1 => (0..4_usize, 0..6_u8).prop_map(|(branch, subject)| Step::Retire { branch, subject }),
        1 => (0..12_usize).prop_map(|from| Step::Branch { from }),
        1 => prop::collection::vec((0..6_u8, 3..5_u8, 0..5_u8), 0..6).prop_map(|edits| Step::Import { edits }),
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
        _ => {
            Literal::new_typed_literal("2024-01-01T00:00:00Z", oxigraph::model::vocab::xsd::DATE_TIME).into()
        }
    }
}

fn statement(s: u8, p: u8, o: u8) -> Statement {
    Statement::new(subject(s), iri(&format!("p/{p}")), super::literal::canonical(object(o)))
}

struct World {
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
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
        let repository = Repository::init(folder.path(), &[], BASE, clock.clone()).expect("a thread");
        let first = repository.snapshot("main").expect("main").commit().id;
        Self {
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
            Step::Commit { branch, edits } => {
                let changes = edits.iter().map(|&(s, p, o, add)| {
                    if add { Change::Add(statement(s, p, o)) } else { Change::Remove(statement(s, p, o)) }
                });
                self.commit(branch % self.heads.len(), changes.collect());
            }
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
                let name = format!("branch-{}", self.heads.len());
                self.repository.create_branch(&name, &from.to_string()).expect("a branch");
                self.heads.push((name, self.versions[&from].clone()));
            }
            Step::Import { edits } => self.import(edits),
        }
    }

    fn commit(&mut self, branch: usize, changes: Vec<Change>) {
        let (name, state) = &mut self.heads[branch];
        for change in &changes {
            match change {
                Change::Add(statement) => drop(state.insert(statement.clone())),
                Change::Remove(statement) => drop(state.remove(statement)),
                Change::Retire(resource) => {
                    let fragment = format!("{}#", resource.as_str());
                    state.retain(|s| s.subject != *resource && !s.subject.as_str().starts_with(&fragment));
                }
                _ => unreachable!("not made here"),
            }
        }
        let request =
            CommitRequest { branch: name.clone(), message: "step".to_owned(), changes, ..Default::default() };
        let commit = self.repository.commit(&request).expect("a commit").commit;
        let state = state.clone();
        self.record(commit.id, state);
    }

    /// Imports on predicates of its own, so that nothing clashes: main then says what the source says on them.
    fn import(&mut self, edits: &[(u8, u8, u8)]) {
        let statements: BTreeSet<_> = edits.iter().map(|&(s, p, o)| statement(s, p, o)).collect();
        let request = ImportRequest {
            source: "tool".to_owned(),
            into: "main".to_owned(),
            message: "import".to_owned(),
            author: Author::default(),
            statements: statements.iter().cloned().collect(),
        };
        let vendored = |s: &Statement| s.predicate == iri("p/3") || s.predicate == iri("p/4");
        match self.repository.import(request) {
            Ok(imported) => {
                let state = &mut self.heads[0].1;
                state.retain(|s| !vendored(s));
                state.extend(statements);
                let state = state.clone();
                self.record(imported.commit.id, state);
            }
            // A resource retired here and changed there is a clash, and nothing has changed.
            Err(Error::Conflict(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn record(&mut self, id: CommitId, state: BTreeSet<Statement>) {
        if self.versions.insert(id, state).is_none() {
            self.order.push(id);
        }
    }

    /// Every version answers what it answered when it was made.
    fn check_all(&self, repository: &Repository) {
        for (id, expect) in &self.versions {
            let snapshot = repository.snapshot(&id.to_string()).expect("a version");
            let all: BTreeSet<_> =
                snapshot.matching(None, None, None).expect("statements").into_iter().collect();
            assert_eq!(&all, expect, "at {id}");
            for number in 0..6 {
                let about: Vec<_> = expect.iter().filter(|s| s.subject == subject(number)).cloned().collect();
                assert_eq!(snapshot.statements(&subject(number)).expect("statements"), about);
            }
            for number in 0..5 {
                let object = super::literal::canonical(object(number));
                let by_object = snapshot.matching(None, None, Some(&object)).expect("statements");
                let expect: Vec<_> = expect.iter().filter(|s| s.object == object).cloned().collect();
                assert_eq!(by_object, expect);
            }
        }
    }
}

fn reopen(folder: &Path, clock: &Arc<FixedClock>) -> Repository {
    Repository::open(folder, clock.clone()).expect("the thread")
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
        let World { folder, repository, clock, versions, order, heads } = world;
        let log = |repository: &Repository| {
            let head = repository.snapshot("main").expect("main");
            repository.log(&head, Some(&subject(0)), None, 100).expect("a log")
        };
        let before = log(&repository);
        drop(repository);
        std::fs::remove_file(folder.path().join("index.redb")).expect("the index is gone");
        let repository = reopen(folder.path(), &clock);
        prop_assert_eq!(before, log(&repository));
        let world = World { folder, repository, clock, versions, order, heads };
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
        let mut state = world.versions[&a].clone();
        for property in world.repository.diff(&from, &to, None).expect("a diff").resources.into_iter().flat_map(|r| r.properties) {
            let statement = |object: Term| Statement::new(property.subject.clone(), property.predicate.clone(), object);
            for gone in property.removed {
                prop_assert!(state.remove(&statement(gone)));
            }
            for new in property.added {
                prop_assert!(state.insert(statement(new)));
            }
        }
        prop_assert_eq!(&state, &world.versions[&b]);
    }
}
