//! Filtered, ordered pages of a class, from the ordered rows of the index.
//!
//! A page's order is total and does not depend on how the index was built: by the asked properties, resources without
//! a value last (first when descending), then by IRI. A cursor names the value and the IRI of its item.

mod filter;
mod walk;

use super::error::Error;
use super::index;
use super::index::rows;
use super::index::view::Direction;
use super::snapshot::Snapshot;
use foldhash::HashSet;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{Literal, NamedNode, Term};
use walk::Walk;

/// A condition on resources.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these hold.
    And(Vec<Self>),
    /// One of these holds.
    Or(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// The property has a value (`true`), or none.
    Has(NamedNode, bool),
    /// A value of the property compares so with the literal.
    Compare(NamedNode, Comparison, Literal),
    /// A value of the property passes the test.
    Text(NamedNode, TextTest, String),
    /// The property has one of these values or links to one of these targets.
    OneOf(NamedNode, Vec<Term>),
    /// One of these resources links here by the property.
    LinkedFrom(NamedNode, Vec<NamedNode>),
}

/// How a value compares with another; numbers and instants by value, texts by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

/// How a text is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// It holds the other, whatever the case of letters.
    Contains,
    /// It begins with the other.
    StartsWith,
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The property; `None` for the IRI.
    pub predicate: Option<NamedNode>,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// What a page is asked for.
#[derive(Clone, Debug)]
pub struct PageQuery {
    /// The class; instances of its subclasses are in.
    pub class: NamedNode,
    /// What must hold.
    pub filter: Option<Filter>,
    /// The order; the IRI decides last.
    pub order: Vec<Order>,
    /// The cursor after which the page begins.
    pub after: Option<String>,
    /// The cursor before which the page ends.
    pub before: Option<String>,
    /// How many items at the most.
    pub limit: usize,
    /// Whether the page is taken from the end.
    pub from_end: bool,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The items with their cursors, in order.
    pub items: Vec<(NamedNode, String)>,
    /// How many resources the filter lets through.
    pub total: usize,
    /// Whether more follow in the direction that the page was taken in.
    pub has_more: bool,
}

impl Snapshot {
    /// Returns one page of a class.
    pub fn page(&self, query: &PageQuery) -> Result<Page, Error> {
        let classes = self.class_ids(query)?;
        let universe = self.members(&classes)?;
        let chosen = match &query.filter {
            Some(filter) => self.filtered(filter, &classes, &universe)?,
            None => universe,
        };
        let mut walk = Walk::new(self, query, &classes, &chosen)?;
        walk.run()?;
        let Walk { mut items, has_more, .. } = walk;
        if query.from_end {
            items.reverse();
        }
        Ok(Page { items, total: chosen.len(), has_more })
    }

    fn class_ids(&self, query: &PageQuery) -> Result<Vec<u64>, Error> {
        let mut ids = Vec::new();
        for class in self.class_and_descendants(query.class.as_ref()) {
            ids.extend(self.iri_id(class.as_ref())?);
        }
        Ok(ids)
    }

    fn members(&self, classes: &[u64]) -> Result<HashSet<u64>, Error> {
        let mut members = HashSet::default();
        let Some(is_a) = self.iri_id(rdf::TYPE)? else { return Ok(members) };
        for &class in classes {
            self.0.view.scan(&rows::prefix(rows::POS, &[is_a, class]), Direction::Forward, |row, _| {
                members.insert(rows::id(row, 2)?);
                Ok(true)
            })?;
        }
        Ok(members)
    }

    fn literals(&self, subject: u64, predicate: u64) -> Result<Vec<Literal>, index::Error> {
        let view = &self.0.view;
        let mut literals = Vec::new();
        view.scan(&rows::prefix(rows::SPO, &[subject, predicate]), Direction::Forward, |row, _| {
            if let Term::Literal(literal) = view.term(rows::id(row, 2)?)? {
                literals.push(literal);
            }
            Ok(true)
        })?;
        Ok(literals)
    }
}

#[cfg(test)]
mod tests;
