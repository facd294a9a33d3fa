//! Filtered, ordered pages of a class, from the ordered rows of the index.
//!
//! A page's order is total and does not depend on how the index was built: by the asked properties, resources without
//! a value last (first when descending), then by IRI. A cursor names the value and the IRI of its item.

mod choice;
pub(super) mod count;
mod filter;
mod ordered;
mod walk;

use super::snapshot::Snapshot;
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::rows::key;
use crate::graph::index::storage::packed::Direction;
use choice::Choice;
use foldhash::HashSet;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{Literal, NamedNode, Term};
use std::sync::Arc;
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
    /// Whether all that pass are counted, which takes time by how many they are.
    pub total: bool,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The items with their cursors, in order.
    pub items: Vec<(NamedNode, String)>,
    /// How many resources the filter lets through, where that is asked for.
    pub total: Option<usize>,
    /// Whether more follow in the direction that the page was taken in.
    pub has_more: bool,
}

impl Snapshot {
    /// Returns one page of a class.
    pub fn page(&self, query: &PageQuery) -> Result<Page, Error> {
        let classes = self.class_ids(query)?;
        let mut choice = Choice::new(self, query.filter.as_ref(), &classes)?;
        let total = if query.total { Some(choice.count()?) } else { None };
        let mut walk = Walk::new(self, query, &classes, choice)?;
        if query.limit > 0 {
            walk.run()?;
        }
        let Walk { mut items, has_more, .. } = walk;
        if query.from_end {
            items.reverse();
        }
        Ok(Page { items, total, has_more })
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
        for &class in classes {
            self.each_member(class, |id| _ = members.insert(id))?;
        }
        Ok(members)
    }

    /// Returns the instances of some classes that have no literal of a property. A version never changes, so that they are
    /// looked for once.
    fn members_without(&self, classes: &[u64], predicate: Option<u64>) -> Result<Arc<Vec<u64>>, Error> {
        let about: Vec<u64> = classes.iter().copied().chain(predicate).collect();
        self.remember(&name_of(&about), || {
            let mut members = self.members(classes)?;
            if let Some(predicate) = predicate {
                for &class in classes {
                    let prefix = key::prefix(key::ORDERED, &[class, predicate]);
                    self.0.view.scan(&prefix, Direction::Forward, |row, _| {
                        members.remove(&key::value_and_subject(row)?.1);
                        Ok(true)
                    })?;
                }
            }
            Ok(members.into_iter().collect())
        })
    }

    fn is_member(&self, id: u64, classes: &[u64]) -> Result<bool, Error> {
        let Some(is_a) = self.iri_id(rdf::TYPE)? else { return Ok(false) };
        let mut found = false;
        self.0.view.scan(&key::prefix(key::SPO, &[id, is_a]), Direction::Forward, |row, _| {
            found = classes.contains(&key::id(row, 2)?);
            Ok(!found)
        })?;
        Ok(found)
    }

    fn each_member(&self, class: u64, mut each: impl FnMut(u64)) -> Result<(), Error> {
        let Some(is_a) = self.iri_id(rdf::TYPE)? else { return Ok(()) };
        self.0.view.scan(&key::prefix(key::POS, &[is_a, class]), Direction::Forward, |row, _| {
            each(key::id(row, 2)?);
            Ok(true)
        })?;
        Ok(())
    }

    fn literals(&self, subject: u64, predicate: u64) -> Result<Vec<Literal>, index::Error> {
        let view = &self.0.view;
        let mut literals = Vec::new();
        view.scan(&key::prefix(key::SPO, &[subject, predicate]), Direction::Forward, |row, _| {
            if let Term::Literal(literal) = view.term(key::id(row, 2)?)? {
                literals.push(literal);
            }
            Ok(true)
        })?;
        Ok(literals)
    }
}

/// Names what is remembered about some classes and properties.
fn name_of(ids: &[u64]) -> NamedNode {
    NamedNode::new_unchecked(ids.iter().map(u64::to_string).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests;
