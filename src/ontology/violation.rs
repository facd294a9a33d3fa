//! What data does wrong, as a value.

use oxigraph::model::{NamedNode, Term};
use std::fmt;

pub(in crate::ontology) const ONE_PLACE: &str = "one place at a time";
pub(in crate::ontology) const HOLDS: &str = "position holds so many";

/// One thing that a resource does wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The resource or fragment.
    pub resource: NamedNode,
    /// The field concerned, by its name.
    pub path: Option<String>,
    /// The value concerned.
    pub value: Option<Term>,
    /// What is wrong, for a person.
    pub message: String,
    /// The shape or rule that is violated.
    pub rule: String,
}

impl Violation {
    /// Returns whether installations overlap: a unit in two places at a time, or a position that holds too much.
    pub fn is_overlap(&self) -> bool {
        [ONE_PLACE, HOLDS].contains(&self.rule.as_str())
    }

    /// What is wrong where, so that what two rules find is reported once.
    pub(super) fn place(&self) -> (String, Option<String>, Option<String>) {
        (self.resource.as_str().to_owned(), self.path.clone(), self.value.as_ref().map(ToString::to_string))
    }

    /// What violations are put in order by.
    pub(super) fn order(&self) -> (&str, Option<&str>, String, &str, &str) {
        let value = self.value.as_ref().map(ToString::to_string).unwrap_or_default();
        (self.resource.as_str(), self.path.as_deref(), value, &self.message, &self.rule)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.resource.as_str())?;
        if let Some(path) = &self.path {
            write!(f, " {path}")?;
        }
        if let Some(value) = &self.value {
            write!(f, " {value}")?;
        }
        write!(f, ": {} ({})", self.message, self.rule)
    }
}
