//! A term inside an evaluation: a number for what the graph knows, the term itself for what the query computed.

use super::budget::{BYTES_PER_TERM, Budget};
use super::error::Error;
use oxigraph::model::Term;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// The longest text that a query may compute.
pub(super) const TEXT_BYTES_MAX: usize = 1 << 20;

/// A term; every one that is alive counts in the budget.
pub(super) struct Id<'a> {
    budget: &'a Budget,
    term: Origin<'a>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Origin<'a> {
    /// The number of a term of the graph, or one that holds its value itself.
    Stored(u64),
    /// A term that is in no statement.
    Computed(Rc<Computed<'a>>),
}

impl<'a> Id<'a> {
    pub(super) fn stored(number: u64, budget: &'a Budget) -> Self {
        budget.hold(1);
        Self { budget, term: Origin::Stored(number) }
    }

    pub(super) fn computed(term: Term, budget: &'a Budget) -> Self {
        let bytes = text_bytes(&term);
        budget.tick_text(bytes);
        if bytes > TEXT_BYTES_MAX {
            budget.stop(Error::Text(TEXT_BYTES_MAX));
        }
        let weight = 4 + bytes as u64 / BYTES_PER_TERM;
        budget.hold(1 + weight);
        Self { budget, term: Origin::Computed(Rc::new(Computed { term, weight, budget })) }
    }

    /// Returns the number, where the graph may hold the term.
    pub(super) fn number(&self) -> Option<u64> {
        match &self.term {
            Origin::Stored(number) => Some(*number),
            Origin::Computed(_) => None,
        }
    }

    /// Returns the term that the query computed.
    pub(super) fn own(&self) -> Option<&Term> {
        match &self.term {
            Origin::Stored(_) => None,
            Origin::Computed(computed) => Some(&computed.term),
        }
    }
}

/// Returns how many bytes the text of a term has.
pub(super) fn text_bytes(term: &Term) -> usize {
    match term {
        Term::Literal(literal) => literal.value().len() + literal.language().map_or(0, str::len),
        Term::NamedNode(iri) => iri.as_str().len(),
        _ => 0,
    }
}

impl Clone for Id<'_> {
    fn clone(&self) -> Self {
        self.budget.hold(1);
        Self { budget: self.budget, term: self.term.clone() }
    }
}

impl Drop for Id<'_> {
    fn drop(&mut self) {
        self.budget.release(1);
    }
}

impl PartialEq for Id<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.term == other.term
    }
}

impl Eq for Id<'_> {}

impl Hash for Id<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.term.hash(state);
    }
}

/// A computed term with what it weighs.
struct Computed<'a> {
    term: Term,
    weight: u64,
    budget: &'a Budget,
}

impl Drop for Computed<'_> {
    fn drop(&mut self) {
        self.budget.release(self.weight);
    }
}

impl PartialEq for Computed<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.term == other.term
    }
}

impl Eq for Computed<'_> {}

impl Hash for Computed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.term.hash(state);
    }
}
