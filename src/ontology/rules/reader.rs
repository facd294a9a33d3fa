//! Reading data in the words that the rules use.

use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::terms::rdf;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::borrow::Cow;

/// A state of the data.
pub(super) struct Reader<'a, D>(&'a D);

impl<'a, D: Data> Reader<'a, D> {
    pub(super) fn new(data: &'a D) -> Self {
        Self(data)
    }

    /// Returns all statements about a node.
    pub(super) fn about(&self, node: &NamedNode) -> Result<Cow<'a, [Statement]>, Error> {
        self.0.about(node).map_err(Error::data)
    }

    /// Returns the nodes that have a value.
    pub(super) fn subjects(
        &self,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) -> Result<Vec<NamedNode>, Error> {
        let found =
            self.0.matching(None, Some(&predicate.into_owned()), Some(object)).map_err(Error::data)?;
        Ok(found.into_iter().map(|statement| statement.subject).collect())
    }

    /// Returns the nodes that link to a node.
    pub(super) fn linking(
        &self,
        predicate: NamedNodeRef<'_>,
        target: &NamedNode,
    ) -> Result<Vec<NamedNode>, Error> {
        self.subjects(predicate, &Term::NamedNode(target.clone()))
    }

    /// Returns the nodes that a node links to.
    pub(super) fn targets(
        &self,
        node: &NamedNode,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Vec<NamedNode>, Error> {
        let found = self.0.values(node, &predicate.into_owned()).map_err(Error::data)?;
        let target = |statement: &Statement| match &statement.object {
            Term::NamedNode(target) => Some(target.clone()),
            _ => None,
        };
        Ok(found.iter().filter_map(target).collect())
    }
}

/// Returns the values of a predicate.
pub(super) fn values<'a>(
    about: &'a [Statement],
    predicate: NamedNodeRef<'_>,
) -> impl Iterator<Item = &'a Term> {
    about
        .iter()
        .filter(move |statement| statement.predicate.as_ref() == predicate)
        .map(|statement| &statement.object)
}

/// Returns the classes named.
pub(super) fn types(about: &[Statement]) -> impl Iterator<Item = &NamedNode> {
    values(about, rdf::TYPE)
        .filter_map(|value| if let Term::NamedNode(class) = value { Some(class) } else { None })
}

/// Returns the first value as an instant, where it is one.
pub(super) fn instant(about: &[Statement], predicate: NamedNodeRef<'_>) -> Option<Instant> {
    values(about, predicate).find_map(text).and_then(|text| text.parse().ok())
}

/// Returns the text of a literal.
pub(super) fn text(value: &Term) -> Option<&str> {
    match value {
        Term::Literal(literal) => Some(literal.value()),
        _ => None,
    }
}

/// Returns the number that a value writes.
pub(super) fn number(value: &Term) -> Option<f64> {
    text(value)?.parse().ok()
}
