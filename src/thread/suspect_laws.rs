//! Suspect links over random histories with branches and merges: what is found by way of the index is what is found by
//! comparing every link's target with the version that the link was in order at.

use super::*;
use crate::graph::{Commit, CommitRequest, Error, ImportRequest, MergeRequest, Repository, Snapshot};
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use crate::model::use_case::UseCase;
use crate::ontology::terms::{dcterms, prov, rdf, tl, unit, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Step {
    /// A requirement gets a new value: its description, its limit, or only its title.
    Edit {
        branch: usize,
        requirement: u8,
        what: u8,
        value: u8,
    },
    /// The limit of a requirement goes.
    Unlimit {
        branch: usize,
        requirement: u8,
    },
    Link {
        branch: usize,
        design: u8,
        requirement: u8,
        add: bool,
    },
    Confirm {
        branch: usize,
        design: u8,
        requirement: u8,
    },
    /// One source states what a requirement demands.
    ImportRequirement {
        branch: usize,
        requirement: u8,
        value: u8,
    },
    /// Another source states what a design satisfies, and of the requirement only its name.
    ImportLink {
        branch: usize,
        design: u8,
        requirement: u8,
    },
    Branch {
        from: usize,
    },
    Merge {
        source: usize,
        into: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let branch = || 0..3_usize;
    prop_oneof![
        4 => (branch(), 0..2_u8, 0..3_u8, 0..3_u8).prop_map(|(branch, requirement, what, value)| Step::Edit { branch, requirement, what, value }),
        1 => (branch(), 0..2_u8).prop_map(|(branch, requirement)| Step::Unlimit { branch, requirement }),
        3 => (branch(), 0..2_u8, 0..2_u8, prop::bool::weighted(0.7)).prop_map(|(branch, design, requirement, add)| Step::Link { branch, design, requirement, add }),
        2 => (branch(), 0..2_u8, 0..2_u8).prop_map(|(branch, design, requirement)| Step::Confirm { branch, design, requirement }),
        3 => (branch(), 0..3_u8, 0..3_u8).prop_map(|(branch, requirement, value)| Step::ImportRequirement { branch, requirement, value }),
        3 => (branch(), 0..3_u8, 0..3_u8).prop_map(|(branch, design, requirement)| Step::ImportLink { branch, design, requirement }),
        1 => branch().prop_map(|from| Step::Branch { from }),
        2 => (branch(), branch()).prop_map(|(source, into)| Step::Merge { source, into }),
    ]
}

fn iri(short: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("https://example.org/{short}"))
}

fn requirement(number: u8) -> NamedNode {
    iri(&format!("R{number}"))
}

fn link(design: u8, target: u8) -> Statement {
    Statement::new(iri(&format!("D{design}")), tl::SATISFIES, requirement(target))
}

fn set(subject: &NamedNode, predicate: NamedNodeRef<'_>, value: impl Into<Term>) -> Change {
    Change::Set { subject: subject.clone(), predicate: predicate.into_owned(), values: vec![value.into()] }
}

struct World {
    _folder: tempfile::TempDir,
    repository: Repository,
    clock: Arc<FixedClock>,
    branches: Vec<String>,
    commits: Vec<Commit>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
        let repository =
            Repository::init(folder.path(), &[], "https://example.org/", clock.clone()).expect("a thread");
        let branches = vec!["main".to_owned()];
        let mut world = Self { _folder: folder, repository, clock, branches, commits: Vec::new() };
        let mut changes = vec![
            set(&iri("heat"), rdf::TYPE, tl::PROPERTY_CLASS),
            set(&iri("heat"), dcterms::TITLE, Literal::from("Heat")),
            set(&iri("part"), rdf::TYPE, tl::PART_CLASS),
            set(&iri("part"), dcterms::IDENTIFIER, Literal::from("PART")),
        ];
        for number in 0..2 {
            let known = named(number).into_iter().chain(designed(number));
            changes.extend(known.map(Change::Add));
        }
        world.commit(0, changes);
        world
    }

    fn run(&mut self, step: &Step) {
        self.clock.set(self.clock.now().plus_nanos(1_000_000_000));
        match *step {
            Step::Edit { branch, requirement: number, what, value } => {
                let subject = requirement(number);
                let changes = match what {
                    0 => vec![set(&subject, dcterms::DESCRIPTION, Literal::from(format!("d{value}")))],
                    1 => vec![set(&subject, dcterms::TITLE, Literal::from(format!("t{value}")))],
                    _ => limited(&subject, value),
                };
                self.commit(branch, changes);
            }
            Step::Unlimit { branch, requirement: number } => {
                let subject = requirement(number);
                let changes =
                    self.head(branch).document(&iri(&format!("R{number}#limit"))).expect("a document");
                let mut changes: Vec<Change> = changes.into_iter().map(Change::Remove).collect();
                changes.push(Change::Set {
                    subject,
                    predicate: tl::CONSTRAINT.into_owned(),
                    values: Vec::new(),
                });
                self.commit(branch, changes);
            }
            Step::Link { branch, design, requirement, add } => {
                let link = link(design, requirement);
                self.commit(branch, vec![if add { Change::Add(link) } else { Change::Remove(link) }]);
            }
            Step::Confirm { branch, design, requirement } => {
                let link = link(design, requirement);
                if self.head(branch).origin(&link).expect("an origin").is_some() {
                    let by = NamedNode::new_unchecked("mailto:ada@example.org");
                    self.commit(branch, confirm(&link, self.clock.now(), &by));
                }
            }
            Step::ImportRequirement { branch, requirement: number, value } => {
                let mut statements = named(number);
                let description = Literal::from(format!("d{value}"));
                statements.push(Statement::new(requirement(number), dcterms::DESCRIPTION, description));
                self.import(branch, "doors", statements);
            }
            Step::ImportLink { branch, design, requirement } => {
                let mut statements = named(requirement);
                statements.extend(designed(design));
                statements.push(link(design, requirement));
                self.import(branch, "plm", statements);
            }
            Step::Branch { from } => {
                let from = self.branches[from % self.branches.len()].clone();
                let name = format!("b{}", self.branches.len());
                self.repository.create_branch(&name, &from).expect("a branch");
                self.branches.push(name);
            }
            Step::Merge { source, into } => {
                let request = MergeRequest {
                    source: self.branches[source % self.branches.len()].clone(),
                    into: self.branches[into % self.branches.len()].clone(),
                    ..MergeRequest::default()
                };
                // What conflicts is left as it is.
                if let Ok(merged) = self.repository.merge(&request) {
                    self.commits.push(merged.commit);
                }
            }
        }
    }

    fn head(&self, branch: usize) -> Snapshot {
        self.repository.snapshot(&self.branches[branch % self.branches.len()]).expect("a branch")
    }

    fn commit(&mut self, branch: usize, changes: Vec<Change>) {
        let branch = self.branches[branch % self.branches.len()].clone();
        let (message, use_case) = ("step".to_owned(), Some(UseCase::ConfirmLink));
        let request = CommitRequest { branch, message, changes, use_case, ..CommitRequest::default() };
        self.commits.push(self.repository.commit(&request).expect("a commit").commit);
    }

    fn import(&mut self, branch: usize, source: &str, statements: Vec<Statement>) {
        let request = ImportRequest {
            source: source.to_owned(),
            into: self.branches[branch % self.branches.len()].clone(),
            statements,
            ..ImportRequest::default()
        };
        match self.repository.import(request) {
            Ok(imported) => self.commits.push(imported.commit),
            // What conflicts is left as it is.
            Err(Error::Conflict(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the suspect links of a version with the commits at which they were in order, found the long way.
    fn oracle(&self, at: &Snapshot) -> BTreeSet<(Statement, String)> {
        let links = at.matching(None, Some(tl::SATISFIES), None).expect("links").into_iter();
        let revisions = at.matching(None, Some(tl::REVISION_OF), None).expect("links");
        links
            .chain(revisions)
            .filter_map(|link| {
                let baseline = self.baseline(at, &link);
                let then = self.repository.snapshot_at(baseline.id).expect("a version");
                let Term::NamedNode(target) = &link.object else { return None };
                (matters(&then, target) != matters(at, target)).then(|| (link, baseline.id.to_string()))
            })
            .collect()
    }

    fn baseline(&self, at: &Snapshot, link: &Statement) -> Commit {
        let confirmations = at.subjects(rdf::OBJECT, &link.object).expect("confirmations").into_iter();
        let of_link = confirmations.filter(|fragment| {
            at.target(fragment, rdf::SUBJECT).expect("a subject").as_ref() == Some(&link.subject)
                && at.target(fragment, rdf::PREDICATE).expect("a predicate").as_ref() == Some(&link.predicate)
        });
        let origins = of_link.map(|fragment| {
            let value = at.value(&fragment, prov::GENERATED_AT_TIME).expect("a value").expect("an instant");
            at.origin(&Statement::new(fragment, prov::GENERATED_AT_TIME, value))
                .expect("an origin")
                .expect("a commit")
        });
        origins
            .max_by_key(|commit| (commit.order, commit.id))
            .unwrap_or_else(|| self.arrival(at.clone(), link))
    }

    /// Returns the commit that made a link, or that merged the import which made it, found by going back commit by commit.
    fn arrival(&self, mut at: Snapshot, link: &Statement) -> Commit {
        let has = |version: &Snapshot| version.origin(link).expect("an origin").is_some();
        loop {
            let parents = at.commit().parents.iter();
            let mut parents = parents.map(|id| self.repository.snapshot_at(*id).expect("a version"));
            let (first, second) = (parents.next(), parents.next());
            at = match (first.filter(has), second.filter(has)) {
                (Some(before), _) => before,
                (None, Some(source)) if !self.is_vendor(source.commit()) => source,
                (None, _) => return at.commit().clone(),
            };
        }
    }

    fn is_vendor(&self, commit: &Commit) -> bool {
        let mut branches = self.repository.branches().expect("branches").into_iter();
        branches.any(|(name, head)| {
            let mut line = std::iter::successors(Some(head), |commit| {
                let first = commit.parents.first()?;
                Some(self.repository.snapshot_at(*first).expect("a version").commit().clone())
            });
            name.starts_with("import/") && line.any(|on_it| on_it.id == commit.id)
        })
    }
}

/// The statements about a requirement that is only named.
fn named(number: u8) -> Vec<Statement> {
    let subject = requirement(number);
    vec![
        Statement::new(subject.clone(), rdf::TYPE, tl::REQUIREMENT.into_owned()),
        Statement::new(subject, dcterms::IDENTIFIER, Literal::from(format!("R{number}"))),
    ]
}

/// The statements about a design that satisfies nothing.
fn designed(number: u8) -> Vec<Statement> {
    let subject = iri(&format!("D{number}"));
    vec![
        Statement::new(subject.clone(), rdf::TYPE, tl::DESIGN_REVISION.into_owned()),
        Statement::new(subject.clone(), tl::REVISION_OF, iri("part")),
        Statement::new(subject, tl::REVISION, Literal::from(format!("{number}"))),
    ]
}

fn limited(subject: &NamedNode, value: u8) -> Vec<Change> {
    let limit = NamedNode::new_unchecked(format!("{}#limit", subject.as_str()));
    vec![
        set(subject, tl::CONSTRAINT, limit.clone()),
        set(&limit, rdf::TYPE, tl::CONSTRAINT_CLASS),
        set(&limit, tl::PROPERTY, iri("heat")),
        set(&limit, tl::STATISTIC, Literal::from("MAX")),
        set(&limit, tl::COMPARATOR, Literal::from("LE")),
        set(&limit, tl::UNIT, unit::UNITLESS),
        set(&limit, tl::LIMIT, Literal::new_typed_literal(value.to_string(), xsd::INTEGER)),
    ]
}

/// What matters of a requirement or part here: its description, its limit, and all but the class of that.
fn matters(at: &Snapshot, target: &NamedNode) -> BTreeSet<Statement> {
    let document = at.document(target).expect("a document").into_iter();
    let is_small = [rdf::TYPE, dcterms::IDENTIFIER, dcterms::TITLE];
    document.filter(|statement| !is_small.contains(&statement.predicate.as_ref())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn suspects_are_the_links_whose_target_has_changed(steps in prop::collection::vec(step(), 1..20)) {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
        }
        for commit in &world.commits {
            let version = world.repository.snapshot_at(commit.id).expect("a version");
            let suspects = Suspects::new(&version);
            let all = suspects.all().expect("suspects");
            for suspect in &all {
                prop_assert!(!suspect.properties.is_empty());
                for property in &suspect.properties {
                    let by = suspects.changed_by(suspect, property).expect("a commit").expect("a commit");
                    let changes = version.timeline(&property.subject).expect("a timeline").changes(None, usize::MAX).expect("changes");
                    let newest = changes.iter().find(|change| change.properties.iter().any(|diff| diff.predicate == property.predicate));
                    prop_assert_eq!(Some(by.id), newest.map(|change| change.commit.id));
                }
            }
            let links = version.matching(None, None, None).expect("statements");
            let one_by_one: Vec<_> = links.iter().filter_map(|link| suspects.of(link).expect("a link")).map(|suspect| suspect.link).collect();
            let links: Vec<_> = all.iter().map(|suspect| suspect.link.clone()).collect();
            prop_assert_eq!(&one_by_one, &links, "asked one by one");
            let around = suspects.around(&(0..3).map(requirement).chain([iri("part")]).collect::<Vec<_>>()).expect("suspects");
            prop_assert_eq!(around.into_iter().map(|suspect| suspect.link).collect::<Vec<_>>(), links, "asked by target");
            let found: BTreeSet<_> = all.into_iter().map(|suspect| (suspect.link, suspect.baseline.id.to_string())).collect();
            prop_assert_eq!(found, world.oracle(&version));
        }
    }
}
