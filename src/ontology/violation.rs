//! What data does wrong, as a value.

use crate::ontology::shapes::show;
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
    /// The resource, field and value, for a person; the value is left out where the message shows it.
    pub place: String,
    /// How installations overlap, where they do.
    pub overlap: Option<Overlap>,
}

/// How the installation that a violation is about overlaps another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The other one.
    pub with: NamedNode,
    /// Whether the earlier one has no end, so that the start of the later one can be its end.
    pub is_open: bool,
    /// Whether the import that is refused brings both, so that it can cut them.
    pub is_within_import: bool,
}

impl Violation {
    /// Makes a violation whose resources go by their IRIs.
    pub fn new(
        resource: NamedNode,
        path: Option<String>,
        value: Option<Term>,
        message: String,
        rule: impl Into<String>,
    ) -> Self {
        let mut violation =
            Self { resource, path, value, message, rule: rule.into(), place: String::new(), overlap: None };
        let resource = violation.resource.clone();
        violation.locate(resource.as_str(), None);
        violation
    }

    /// Sets the place, of a resource and a value with these names; of the value itself where it has none.
    pub fn locate(&mut self, resource: &str, value: Option<String>) {
        let value = value.or_else(|| self.value.as_ref().map(show));
        let value = value.filter(|value| !self.message.contains(value.as_str()));
        let parts = [Some(resource), self.path.as_deref(), value.as_deref()];
        self.place = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    }

    /// What is wrong where, so that what two rules find is reported once.
    pub(super) fn key(&self) -> (String, Option<String>, Option<String>) {
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
        write!(f, "{}: {} ({})", self.place, self.message, self.rule)
    }
}
