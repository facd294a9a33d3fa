//! What a version of the thread has of a document, by subject.

use super::names::own_identifier;
use super::terms;
use crate::model::statement::Statement;
use crate::ontology::terms::rdf;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::BTreeMap;

/// A version, and what it is written with.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) graph: &'a Graph<'a>,
    /// The base of the thread.
    pub(super) base: &'a str,
    /// When the version was made.
    pub(super) at: &'a str,
}

impl View<'_> {
    /// Returns the number of an element among its siblings.
    pub(super) fn order(&self, member: &NamedNode) -> usize {
        self.graph.text(member, terms::ORDER).and_then(|text| text.parse().ok()).unwrap_or(usize::MAX)
    }

    /// Returns the identifier of an object's element.
    pub(super) fn identifier(&self, object: &NamedNode) -> String {
        let own = self.graph.text(object, terms::IDENTIFIER).map(str::to_owned);
        own.unwrap_or_else(|| own_identifier(object, self.base))
    }
}

/// Statements by subject.
#[derive(Debug, Default)]
pub(super) struct Graph<'a>(BTreeMap<&'a str, Vec<&'a Statement>>);

impl<'a> Graph<'a> {
    pub(super) fn of(statements: impl Iterator<Item = &'a Statement>) -> Self {
        let mut graph = Self::default();
        for statement in statements {
            graph.0.entry(statement.subject.as_str()).or_default().push(statement);
        }
        for own in graph.0.values_mut() {
            own.sort_unstable();
            own.dedup();
        }
        graph
    }

    pub(super) fn about(&self, subject: &NamedNode) -> &[&'a Statement] {
        self.0.get(subject.as_str()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn values<'g>(
        &'g self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'g>,
    ) -> impl Iterator<Item = &'a Term> + 'g {
        let list = self.0.get(subject.as_str()).map_or(&[][..], Vec::as_slice);
        let of = list.iter().filter(move |statement| statement.predicate.as_ref() == predicate);
        of.map(|statement| &statement.object)
    }

    pub(super) fn text<'g>(&'g self, subject: &NamedNode, predicate: NamedNodeRef<'g>) -> Option<&'a str> {
        self.values(subject, predicate).find_map(|term| match term {
            Term::Literal(literal) => Some(literal.value()),
            _ => None,
        })
    }

    pub(super) fn target<'g>(
        &'g self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'g>,
    ) -> Option<&'a NamedNode> {
        self.values(subject, predicate).find_map(|term| match term {
            Term::NamedNode(target) => Some(target),
            _ => None,
        })
    }

    /// Returns the subjects of a class, in IRI order.
    pub(super) fn instances(&self, class: NamedNodeRef<'_>) -> Vec<NamedNode> {
        self.with(rdf::TYPE, &Term::from(class.into_owned()))
    }

    /// Returns the subjects with a value, in IRI order.
    pub(super) fn with(&self, predicate: NamedNodeRef<'_>, object: &Term) -> Vec<NamedNode> {
        let has = |list: &&Vec<&Statement>| {
            list.iter()
                .any(|statement| statement.predicate.as_ref() == predicate && statement.object == *object)
        };
        self.0
            .values()
            .filter(has)
            .filter_map(|list| list.first())
            .map(|first| first.subject.clone())
            .collect()
    }
}
