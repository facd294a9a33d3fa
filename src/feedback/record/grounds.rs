//! Who decides, when and why.

use crate::feedback::error::Error;
use crate::graph::Author;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{tl, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};

/// Who decides, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounds {
    /// Who.
    pub by: Author,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

impl Grounds {
    /// Returns the name of who decides; refuses a decision that nobody makes, or for no reason.
    pub(in crate::feedback) fn checked(&self) -> Result<NamedNode, Error> {
        if self.reason.trim().is_empty() {
            return Err(Error::NoReason);
        }
        Ok(self.by.person()?)
    }

    /// Returns the changes that put a record into another state on this decision.
    pub(super) fn moves(&self, record: &NamedNode, state: &str) -> Vec<Change> {
        let set = |predicate: NamedNodeRef<'_>, value: Literal| Change::Set {
            subject: record.clone(),
            predicate: predicate.into_owned(),
            values: vec![value.into()],
        };
        vec![
            set(tl::STATE, Literal::new_simple_literal(state)),
            set(tl::DECIDED_AT, Literal::new_typed_literal(self.at.to_string(), xsd::DATE_TIME)),
            set(tl::DECIDED_BY, Literal::new_simple_literal(self.by.to_string())),
            set(tl::REASON, Literal::new_simple_literal(self.reason.trim())),
        ]
    }
}
