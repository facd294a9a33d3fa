//! Suspect links: the target of a link has changed, in what matters, since the link was made or last confirmed.
//! A link of a source was made, in this sense, when its import was merged: what the source alone contains is no version of the
//! thread.
//!
//! What matters of a resource are its significant properties, and those of the fragments that they lead to. A link inside
//! one resource is never suspect.

use super::confirmation::confirmed;
use super::link::target_of;
use crate::graph::{Commit, CommitId, Error, PropertyDiff, Snapshot, Timeline};
use crate::model::statement::{Statement, root};
use crate::ontology::Ontology;
use oxigraph::model::{NamedNode, Term};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// A link whose target has changed.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// The link.
    pub link: Statement,
    /// The commit that made the link.
    pub since: Commit,
    /// The commit at which it was last in order: the one that confirmed it, else the one that made it, or that merged the
    /// import which made it.
    pub baseline: Commit,
    /// The significant properties of the target that differ from then, by subject and predicate.
    pub properties: Vec<PropertyDiff>,
}

/// Finds suspect links at one version. It remembers targets, as many links may share one.
#[derive(Debug)]
pub struct Suspects {
    snapshot: Snapshot,
    targets: RefCell<HashMap<NamedNode, Rc<Target>>>,
}

/// What mattered of a target, version by version.
#[derive(Debug)]
struct Target {
    target: NamedNode,
    timeline: Timeline,
    significant: RefCell<HashMap<CommitId, Rc<BTreeSet<Statement>>>>,
}

impl Suspects {
    /// Begins with a version.
    pub fn new(snapshot: &Snapshot) -> Self {
        Self { snapshot: snapshot.clone(), targets: RefCell::default() }
    }

    /// Returns what is suspect about a link; `None` where it is in order, or not there.
    pub fn of(&self, link: &Statement) -> Result<Option<Suspect>, Error> {
        let Some(target) = target_of(self.snapshot.ontology(), link) else { return Ok(None) };
        let Some(since) = self.snapshot.origin(link)? else { return Ok(None) };
        let target = self.target(target)?;
        let ontology = self.snapshot.ontology();
        let now = target.significant(ontology, self.snapshot.commit().id)?;
        let baseline = match confirmed(&self.snapshot, link)? {
            Some(confirmed) => confirmed,
            None => self.snapshot.arrival(link)?.unwrap_or_else(|| since.clone()),
        };
        let then = target.significant(ontology, baseline.id)?;
        let properties = PropertyDiff::between(then.iter(), now.iter(), ontology);
        if properties.is_empty() {
            return Ok(None);
        }
        Ok(Some(Suspect { link: link.clone(), since, baseline, properties }))
    }

    /// Returns whether what matters of a link's target is now as it was at an earlier version.
    pub fn is_target_as(&self, link: &Statement, version: CommitId) -> Result<bool, Error> {
        let ontology = self.snapshot.ontology();
        let Some(target) = target_of(ontology, link) else { return Ok(true) };
        let target = self.target(target)?;
        let then = target.significant(ontology, version)?;
        let now = target.significant(ontology, self.snapshot.commit().id)?;
        Ok(PropertyDiff::between(then.iter(), now.iter(), ontology).is_empty())
    }

    /// Returns all suspect links, in the order of links. Only what was rewritten is looked at.
    pub fn all(&self) -> Result<Vec<Suspect>, Error> {
        let ontology = self.snapshot.ontology();
        let significant: Vec<NamedNode> = ontology.significant().cloned().collect();
        let mut suspects = Vec::new();
        for resource in self.snapshot.rewritten(&significant)? {
            for link in self.links_to(&self.snapshot.document(&resource)?)? {
                suspects.extend(self.of(&link)?);
            }
            self.targets.borrow_mut().clear();
        }
        suspects.sort_unstable_by(|a, b| a.link.cmp(&b.link));
        Ok(suspects)
    }

    /// Returns the suspect links from and to some resources and their fragments, in the order of links.
    pub fn around(&self, resources: &[NamedNode]) -> Result<Vec<Suspect>, Error> {
        let mut links = BTreeSet::new();
        for resource in resources {
            let document = self.snapshot.document(resource)?;
            links.extend(self.links_to(&document)?);
            links.extend(document);
        }
        links.iter().filter_map(|link| self.of(link).transpose()).collect()
    }

    /// Returns what links to the subjects of a document.
    fn links_to(&self, document: &[Statement]) -> Result<Vec<Statement>, Error> {
        let subjects: BTreeSet<&NamedNode> = document.iter().map(|statement| &statement.subject).collect();
        let mut links = Vec::new();
        for subject in subjects {
            links.extend(self.snapshot.matching(None, None, Some(&subject.clone().into()))?);
        }
        Ok(links)
    }

    /// Returns the commit that made a property of the target of a link what it is now.
    pub fn changed_by(&self, suspect: &Suspect, property: &PropertyDiff) -> Result<Option<Commit>, Error> {
        let Some(target) = target_of(self.snapshot.ontology(), &suspect.link) else { return Ok(None) };
        let target = self.target(target)?;
        let is_it =
            |diff: &PropertyDiff| diff.subject == property.subject && diff.predicate == property.predicate;
        let mut after = None;
        loop {
            let page = target.timeline.changes(after, PAGE)?;
            if let Some(found) = page.iter().find(|change| change.properties.iter().any(is_it)) {
                return Ok(Some(found.commit.clone()));
            }
            match page.last().filter(|_| page.len() == PAGE) {
                Some(last) => after = Some(last.commit.id),
                None => return Ok(None),
            }
        }
    }

    fn target(&self, iri: &NamedNode) -> Result<Rc<Target>, Error> {
        if let Some(target) = self.targets.borrow().get(iri) {
            return Ok(Rc::clone(target));
        }
        let target = Rc::new(Target {
            target: iri.clone(),
            timeline: self.snapshot.timeline(&root(iri))?,
            significant: RefCell::default(),
        });
        self.targets.borrow_mut().insert(iri.clone(), Rc::clone(&target));
        Ok(target)
    }
}

/// How many changes of a target are read at once.
const PAGE: usize = 64;

impl Target {
    fn significant(&self, ontology: &Ontology, version: CommitId) -> Result<Rc<BTreeSet<Statement>>, Error> {
        if let Some(known) = self.significant.borrow().get(&version) {
            return Ok(Rc::clone(known));
        }
        let statements = self.timeline.statements_at(version)?;
        let found = Rc::new(significant(ontology, &self.target, &statements));
        self.significant.borrow_mut().insert(version, Rc::clone(&found));
        Ok(found)
    }
}

/// Returns what matters of a target, out of all statements about its resource.
pub fn significant(
    ontology: &Ontology,
    target: &NamedNode,
    statements: &BTreeSet<Statement>,
) -> BTreeSet<Statement> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::from([target.clone()]);
    let mut open = vec![target.clone()];
    while let Some(subject) = open.pop() {
        for statement in statements.iter().filter(|statement| statement.subject == subject) {
            if ontology.property(statement.predicate.as_ref()).is_some_and(|property| property.significant) {
                found.insert(statement.clone());
                if let Term::NamedNode(inner) = &statement.object
                    && inner.as_str().contains('#')
                    && root(inner) == root(target)
                    && seen.insert(inner.clone())
                {
                    open.push(inner.clone());
                }
            }
        }
    }
    found
}
