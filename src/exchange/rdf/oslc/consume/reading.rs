//! One resource of another provider, statement by statement.

use super::classified::{Classified, is_importable, is_users, lacking, type_of};
use super::judge::Judge;
use crate::exchange::rdf::oslc::alias::{Alias, LinkDirection};
use crate::exchange::rdf::oslc::vocabulary::TL;
use crate::model::statement::literal::fault;
use crate::model::statement::{Statement, without_fragment};
use crate::model::use_case::UseCase;
use crate::ontology::FieldKind;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{Literal, NamedNode, Term};
use std::collections::{BTreeSet, HashMap};

/// A resource while it is read.
pub(super) struct Reading<'j, 'a> {
    judge: &'j Judge<'a>,
    own: Vec<&'a Statement>,
    resource: NamedNode,
    classified: Classified<'a>,
    statements: BTreeSet<Statement>,
    gaps: Vec<String>,
    /// The fragments of which something was left out.
    broken: BTreeSet<NamedNode>,
}

impl<'j, 'a> Reading<'j, 'a> {
    /// Begins a resource; `own` is what was received of it and its fragments.
    pub(super) fn new(judge: &'j Judge<'a>, resource: &str, own: Vec<&'a Statement>) -> Self {
        let classified = judge.resources.get(resource).copied().unwrap_or_default();
        let resource = NamedNode::new_unchecked(resource);
        let (statements, gaps, broken) = Default::default();
        Self { judge, own, resource, classified, statements, gaps, broken }
    }

    /// Returns what is kept of it, and what was left out and why.
    pub(super) fn result(mut self) -> (BTreeSet<Statement>, Vec<String>) {
        for place in 0..self.own.len() {
            self.take(self.own[place].clone());
        }
        self.complete();
        self.drop_broken_fragments();
        (self.statements, self.gaps)
    }

    fn gap(&mut self, statement: &Statement, why: &str) {
        let (subject, predicate) = (statement.subject.as_str(), statement.predicate.as_str());
        let mut whole = "";
        if statement.subject != self.resource {
            self.broken.insert(statement.subject.clone());
            whole = ", and all of that fragment";
        }
        self.gaps.push(format!("{subject}: {predicate} {} is left out{whole}: {why}", statement.object));
    }

    fn keep(&mut self, statement: Statement) {
        self.statements.insert(statement);
    }

    fn take(&mut self, statement: Statement) {
        if let Term::Literal(literal) = &statement.object
            && let Some(fault) = fault(literal)
        {
            return self.gap(&statement, &fault);
        }
        let is_main = statement.subject == self.resource;
        let kind = self.classified.kind.filter(|_| is_main);
        match kind.and_then(|kind| Alias::named(kind, statement.predicate.as_ref())) {
            // The resource at the other end has it.
            Some(alias) if alias.way == LinkDirection::Inverse => {
                if !self.judge.is_stated_there(alias, &self.resource, &statement.object) {
                    self.keep(statement);
                }
            }
            Some(alias) => self.take_alias(alias, statement),
            None if self.is_ours(&statement) => self.take_ours(statement),
            None => self.keep(statement),
        }
    }

    /// Returns whether the ontology states what a statement may be.
    fn is_ours(&self, statement: &Statement) -> bool {
        if let Some(class) = type_of(statement) {
            return class.as_str().starts_with(TL) || self.judge.ontology.class(class.as_ref()).is_some();
        }
        let predicate = statement.predicate.as_str();
        let is_field = match statement.subject == self.resource {
            true => self
                .classified
                .class
                .is_some_and(|class| class.field_of(statement.predicate.as_ref()).is_some()),
            false => self.classified.class.is_some() && self.judge.links.contains_key(predicate),
        };
        is_field || predicate.starts_with(TL)
    }

    /// Takes a property of OSLC as ours, where its value is one that ours has.
    fn take_alias(&mut self, alias: &Alias, statement: Statement) {
        let field = self.classified.class.and_then(|class| class.field_of(alias.property));
        let fits = match (field.map(|field| &field.kind), &statement.object) {
            (Some(FieldKind::Enumeration(_, values)), Term::Literal(literal)) => {
                values.contains(&literal.value().to_uppercase())
            }
            (Some(FieldKind::Link(classes)), object) => self.judge.refused(object, classes.iter()).is_none(),
            _ => false,
        };
        if !fits {
            return self.keep(statement);
        }
        let object = match statement.object {
            Term::Literal(literal) => Literal::from(literal.value().to_uppercase()).into(),
            other => other,
        };
        self.keep(Statement::new(self.resource.clone(), alias.property.into_owned(), object));
    }

    /// Takes a statement in the vocabulary of the ontology, of another service like this one.
    fn take_ours(&mut self, statement: Statement) {
        match self.refused(&statement) {
            Some(why) => self.gap(&statement, &why),
            None => self.keep(statement),
        }
    }

    /// Returns why a statement in the vocabulary of the ontology is left out; `None` where it is kept.
    fn refused(&self, statement: &Statement) -> Option<String> {
        let Some(class) = self.classified.class else {
            return Some("the resource is of no class that is imported".to_owned());
        };
        if let Some(named) = type_of(statement) {
            return self.refused_type(statement, named);
        }
        let is_main = statement.subject == self.resource;
        let field = class.field_of(statement.predicate.as_ref()).filter(|_| is_main);
        let reserved = field.and_then(|field| field.reserved.as_ref());
        if reserved.is_some_and(|reserved| !reserved.allows(UseCase::Import)) {
            return Some("an import does not write it".to_owned());
        }
        let Term::NamedNode(object) = &statement.object else { return None };
        let predicate = statement.predicate.as_str();
        match field.map(|field| &field.kind) {
            Some(FieldKind::Link(classes)) => self.judge.refused(&statement.object, classes.iter()),
            Some(FieldKind::Fragment(_)) => self.judge.refused(&statement.object, [].iter()),
            Some(_) => None,
            None if self.is_vocabulary(object) || self.judge.names.contains(predicate) => None,
            None => match self.judge.links.get(predicate) {
                Some(classes) => self.judge.refused(&statement.object, classes.iter().copied()),
                None if self.judge.target(&statement.object).is_some() => None,
                None => self.judge.refused(&statement.object, [].iter()),
            },
        }
        .map(str::to_owned)
    }

    /// Returns why a class is not given to the resource or a fragment of it.
    fn refused_type(&self, statement: &Statement, named: &NamedNode) -> Option<String> {
        let class = self.judge.ontology.class(named.as_ref())?;
        if !is_importable(class) {
            return Some("an import does not write it".to_owned());
        }
        let is_judged = statement.subject == self.resource && is_users(class);
        let main = self.own.iter().copied().filter(|own| own.subject == self.resource);
        let lacking = lacking(class, &main.collect::<Vec<_>>()).filter(|_| is_judged)?;
        Some(format!("{lacking} is missing, which a {} has", class.name))
    }

    fn is_vocabulary(&self, iri: &NamedNode) -> bool {
        let units = self.judge.ontology.units();
        units.get(iri.as_ref()).is_some() || units.quantity_kind(iri.as_ref()).is_some()
    }

    /// Adds the class of ours.
    fn complete(&mut self) {
        let Some(kind) = self.classified.kind else { return };
        let has_class = self.statements.iter().any(|own| {
            own.subject == self.resource
                && type_of(own).is_some_and(|class| kind.has(class.as_ref(), self.judge.ontology))
        });
        if !has_class {
            self.keep(Statement::new(self.resource.clone(), rdf::TYPE, kind.class.into_owned()));
        }
    }

    /// Leaves out fragments of which something was left out, as they would state something else without it: with those that they are
    /// part of, and with those that are parts of them alone.
    fn drop_broken_fragments(&mut self) {
        if self.broken.is_empty() {
            return;
        }
        let named: BTreeSet<NamedNode> = self.broken.clone();
        loop {
            let before = self.broken.len();
            let more: Vec<NamedNode> = self
                .parts()
                .filter_map(|(whole, part)| {
                    let is_broken = *whole != self.resource && self.broken.contains(part);
                    is_broken.then(|| whole.clone())
                })
                .collect();
            self.broken.extend(more);
            let mut kept_by: HashMap<&NamedNode, bool> = HashMap::new();
            for (whole, part) in self.parts() {
                *kept_by.entry(part).or_default() |= !self.broken.contains(whole);
            }
            let more: Vec<NamedNode> =
                kept_by.into_iter().filter(|(_, is_kept)| !is_kept).map(|(part, _)| part.clone()).collect();
            self.broken.extend(more);
            if self.broken.len() == before {
                break;
            }
        }
        for fragment in self.broken.difference(&named) {
            self.gaps.push(format!(
                "{}: it is left out, as a part of it or what it is part of is",
                fragment.as_str()
            ));
        }
        let broken = &self.broken;
        self.statements.retain(|own| {
            !broken.contains(&own.subject)
                && !matches!(&own.object, Term::NamedNode(object) if broken.contains(object))
        });
    }

    /// Returns the pairs of what is a part of what, among the resource and its fragments.
    fn parts(&self) -> impl Iterator<Item = (&NamedNode, &NamedNode)> {
        self.statements.iter().filter_map(|own| match &own.object {
            Term::NamedNode(object) if self.is_fragment(object) && *object != own.subject => {
                Some((&own.subject, object))
            }
            _ => None,
        })
    }

    fn is_fragment(&self, iri: &NamedNode) -> bool {
        *iri != self.resource
            && without_fragment(iri.as_str()) == without_fragment(self.resource.as_str())
            && !self.judge.resources.contains_key(iri.as_str())
    }
}
