//! What a page is asked for, and a page.

use oxigraph::model::{Literal, NamedNode, Term};

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
