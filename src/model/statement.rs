//! One statement of the graph. Its words are RDF's own terms; there are no blank nodes.

use oxigraph::model::{NamedNode, Term};
use std::cmp::Ordering;
use std::fmt;

/// A statement: subject, predicate, and an object that is an IRI or a literal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// What the statement is about.
    pub subject: NamedNode,
    /// What it says of the subject.
    pub predicate: NamedNode,
    /// The value or the target of the link.
    pub object: Term,
}

impl Statement {
    /// Puts the three together.
    pub fn new(
        subject: impl Into<NamedNode>,
        predicate: impl Into<NamedNode>,
        object: impl Into<Term>,
    ) -> Self {
        Self { subject: subject.into(), predicate: predicate.into(), object: object.into() }
    }
}

impl Ord for Statement {
    /// Orders by subject, predicate, then the object's N-Triples text.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.subject.as_str(), self.predicate.as_str())
            .cmp(&(other.subject.as_str(), other.predicate.as_str()))
            .then_with(|| self.object.to_string().cmp(&other.object.to_string()))
    }
}

impl PartialOrd for Statement {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Statement {
    /// Writes one line of N-Triples.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} .", self.subject, self.predicate, self.object)
    }
}
