//! What data does wrong, as a value.

use oxigraph::model::{NamedNode, Term};
use std::fmt;

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
    /// The shape or rule that says so.
    pub rule: String,
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
