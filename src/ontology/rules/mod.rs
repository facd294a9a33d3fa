//! Named rules that SHACL cannot express cheaply. Each looks at the nodes in focus and what an index finds around them,
//! never at everything.

pub(super) mod configuration;
mod reader;
pub(super) mod records;
pub(super) mod values;

pub use configuration::complete::Completion;
pub use configuration::cut::{Cut, Loss};
pub use records::frozen::RULE as FROZEN;
pub use records::reserved::Writer;
pub use records::review::{RULE as REVIEW, is_open as is_review_open};

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
    fields: HashMap<NamedNode, values::literal::Form>,
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
                fields.insert(field.predicate.clone(), values::literal::Form::of(field));
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
        Violation::new(self.node.clone(), path, value, message, rule)
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
    acyclic: values::acyclic::Memory,
    keys: values::key::Memory,
    installations: configuration::installation::Touched,
    frozen: records::frozen::Memory,
    violations: Vec<Violation>,
    /// Violations of nodes outside the focus, reported for the nodes in it that cause them.
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
            acyclic: values::acyclic::Memory::default(),
            keys: values::key::Memory::default(),
            installations: configuration::installation::Touched::default(),
            frozen: records::frozen::Memory::default(),
            violations: Vec::new(),
            of_others: Vec::new(),
        }
    }

    /// Checks one node, all of whose statements after the change are given; none: it was removed.
    pub(super) fn node(&mut self, node: &NamedNode, about: &[Statement]) -> Result<(), Error> {
        let was = self.before.as_ref().map(|before| before.about(node)).transpose()?;
        if let (Some(before), Some(was)) = (&self.before, &was) {
            let (memory, found) = (&mut self.frozen, &mut self.violations);
            records::frozen::check(self.ontology, before, (node, was), about, memory, found)?;
            records::review::check(self.ontology, (node, was), about, found);
            records::evidence::check(self.ontology, (before, &self.after), (node, was), about, found)?;
            records::grounds::check(self.ontology, (node, was), about, found);
        }
        if about.is_empty() {
            return Ok(());
        }
        let profile = self.profile(about);
        let subject = Subject { node, about, profile: &profile };
        let found = &mut self.violations;
        values::term::check(self.ontology, &subject, found);
        values::literal::check(self.ontology, &subject, found);
        values::identifier::check(self.ontology, &subject, was.as_deref(), found);
        values::interval::check(self.ontology, &subject, found);
        let trusted = was.as_deref().filter(|_| self.trusts_before);
        let keys = &mut self.keys;
        values::key::check(
            self.ontology,
            &self.after,
            &subject,
            trusted,
            keys,
            (found, &mut self.of_others),
        )?;
        values::quantity::check(self.ontology, &self.after, &subject, found)?;
        values::model::check(self.ontology, &self.after, &subject, found)?;
        values::acyclic::check(self.ontology, &self.after, &subject, &mut self.acyclic, found)?;
        configuration::assembly::check(&self.after, &subject, found)?;
        records::confirmation::check(self.ontology, &self.after, &subject, found)?;
        configuration::installation::check(&self.after, &subject, &mut self.installations, found)
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
        configuration::installation::finish(&self.after, &self.installations, &mut self.violations)?;
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
