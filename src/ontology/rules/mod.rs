//! Named rules that SHACL cannot say cheaply. Each looks at the nodes in focus and what an index finds around them,
//! never at everything.

mod acyclic;
mod assembly;
mod complete;
mod confirmation;
mod cut;
mod evidence;
mod frozen;
mod grounds;
mod installation;
mod interval;
mod key;
mod literal;
mod quantity;
mod reader;
mod reserved;
mod review;
mod stay;
mod term;

pub use complete::Completion;
pub use cut::{Cut, Loss};
pub use frozen::RULE as FROZEN;
pub(super) use installation::{HOLDS, ONE_PLACE};
pub use reserved::Writer;
pub use review::{RULE as REVIEW, is_open as is_review_open};

use super::data::Data;
use super::error::Error;
use super::schema::Ontology;
use super::violation::Violation;
use crate::model::statement::Statement;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use reader::Reader;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What the rules know of a combination of classes.
#[derive(Debug)]
pub(super) struct Profile {
    /// The classes and all their superclasses.
    classes: Vec<NamedNode>,
    /// The known classes among those named directly.
    direct: Vec<usize>,
    /// The keys that instances must not share.
    keys: Vec<Key>,
    /// What is checked of each predicate's values.
    fields: HashMap<NamedNode, literal::Form>,
}

/// A class whose instances differ in at least one of some properties.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// The class that the key is declared on.
    pub(super) class: NamedNode,
    /// The properties; the first is looked up, the others are compared.
    pub(super) properties: Vec<NamedNode>,
}

impl Profile {
    fn new(ontology: &Ontology, types: &[NamedNode]) -> Self {
        let mut classes: Vec<NamedNode> = Vec::new();
        let mut direct = Vec::new();
        let mut fields = HashMap::new();
        for class in types {
            classes.push(class.clone());
            let Some(index) = ontology.class_index(class) else { continue };
            direct.push(index);
            let known = &ontology.classes()[index];
            classes.extend(known.ancestors.iter().cloned());
            for field in &known.fields {
                fields.insert(field.predicate.clone(), literal::Form::of(field));
            }
        }
        let keys = ontology.keys().iter().filter(|key| classes.contains(&key.class)).cloned().collect();
        Self { classes, direct, keys, fields }
    }

    fn is_a(&self, class: NamedNodeRef<'_>) -> bool {
        self.classes.iter().any(|own| own.as_ref() == class)
    }
}

/// A node in focus.
struct Subject<'a> {
    node: &'a NamedNode,
    about: &'a [Statement],
    profile: &'a Profile,
}

impl Subject<'_> {
    fn values(&self, predicate: NamedNodeRef<'_>) -> impl Iterator<Item = &Term> {
        reader::values(self.about, predicate)
    }

    fn value(&self, predicate: NamedNodeRef<'_>) -> Option<&Term> {
        self.values(predicate).next()
    }

    fn target(&self, predicate: NamedNodeRef<'_>) -> Option<&NamedNode> {
        self.values(predicate)
            .find_map(|value| if let Term::NamedNode(iri) = value { Some(iri) } else { None })
    }

    fn violation(&self, rule: &str, path: Option<String>, value: Option<Term>, message: String) -> Violation {
        Violation { resource: self.node.clone(), path, value, message, rule: rule.to_owned() }
    }
}

/// A running check of the rules.
pub(super) struct Check<'a, B, A> {
    ontology: &'a Ontology,
    before: Option<Reader<'a, B>>,
    /// Whether what was before is right, so that only what changes can break anything.
    trusts_before: bool,
    after: Reader<'a, A>,
    profiles: HashMap<Vec<NamedNode>, Arc<Profile>>,
    acyclic: acyclic::Memory,
    keys: key::Memory,
    installations: installation::Touched,
    frozen: frozen::Memory,
    violations: Vec<Violation>,
    /// What was found of nodes that were not looked at; told of those in focus.
    of_others: Vec<Violation>,
}

impl<'a, B: Data, A: Data> Check<'a, B, A> {
    pub(super) fn new(
        ontology: &'a Ontology,
        before: Option<&'a B>,
        trusts_before: bool,
        after: &'a A,
    ) -> Self {
        Self {
            ontology,
            before: before.map(Reader::new),
            trusts_before,
            after: Reader::new(after),
            profiles: HashMap::new(),
            acyclic: acyclic::Memory::default(),
            keys: key::Memory::default(),
            installations: installation::Touched::default(),
            frozen: frozen::Memory::default(),
            violations: Vec::new(),
            of_others: Vec::new(),
        }
    }

    /// Checks one node, all of whose statements after the change are given; none: it is gone.
    pub(super) fn node(&mut self, node: &NamedNode, about: &[Statement]) -> Result<(), Error> {
        let was = self.before.as_ref().map(|before| before.about(node)).transpose()?;
        if let (Some(before), Some(was)) = (&self.before, &was) {
            let (memory, found) = (&mut self.frozen, &mut self.violations);
            frozen::check(self.ontology, before, (node, was), about, memory, found)?;
            review::check(self.ontology, (node, was), about, found);
            evidence::check(self.ontology, (before, &self.after), (node, was), about, found)?;
            grounds::check(self.ontology, (node, was), about, found);
        }
        if about.is_empty() {
            return Ok(());
        }
        let profile = self.profile(about);
        let subject = Subject { node, about, profile: &profile };
        let found = &mut self.violations;
        term::check(self.ontology, &subject, found);
        literal::check(self.ontology, &subject, found);
        interval::check(self.ontology, &subject, found);
        let trusted = was.as_deref().filter(|_| self.trusts_before);
        let keys = &mut self.keys;
        key::check(self.ontology, &self.after, &subject, trusted, keys, (found, &mut self.of_others))?;
        quantity::check(self.ontology, &self.after, &subject, found)?;
        acyclic::check(self.ontology, &self.after, &subject, &mut self.acyclic, found)?;
        assembly::check(&self.after, &subject, found)?;
        confirmation::check(&self.after, &subject, found)?;
        installation::check(&self.after, &subject, &mut self.installations, found)
    }

    /// Takes over what another check of the same data found in other nodes.
    pub(super) fn join(&mut self, other: Self) {
        self.violations.extend(other.violations);
        self.of_others.extend(other.of_others);
        self.installations.join(other.installations);
    }

    /// Ends the check.
    pub(super) fn finish(mut self, focus: &[NamedNode]) -> Result<Vec<Violation>, Error> {
        if !self.of_others.is_empty() {
            let focus: HashSet<&NamedNode> = focus.iter().collect();
            self.of_others.retain(|violation| focus.contains(&violation.resource));
            self.violations.append(&mut self.of_others);
        }
        installation::finish(&self.after, &self.installations, &mut self.violations)?;
        Ok(self.violations)
    }

    fn profile(&mut self, about: &[Statement]) -> Arc<Profile> {
        let types: Vec<NamedNode> = reader::types(about).cloned().collect();
        if let Some(profile) = self.profiles.get(&types) {
            return Arc::clone(profile);
        }
        let profile = Arc::new(Profile::new(self.ontology, &types));
        self.profiles.insert(types, Arc::clone(&profile));
        profile
    }
}
