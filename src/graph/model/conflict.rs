//! The conflicts between two lines of history, and what a person decides about them. A conflict is a value:
//! it is shown, decided, and the decisions are part of the merge commit.

use super::commit::Commit;
use crate::model::statement::{Statement, root};
use oxigraph::model::{NamedNode, Term};
use std::fmt;

/// One thing that two sides have changed differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What happened to it.
    pub kind: ConflictKind,
    /// The resource or fragment.
    pub subject: NamedNode,
    /// The property; `None` where the subject as a whole is at stake.
    pub predicate: Option<NamedNode>,
    /// The values both started from.
    pub base: Vec<Term>,
    /// The values on the branch.
    pub ours: Vec<Term>,
    /// The values of the change or the other branch.
    pub theirs: Vec<Term>,
    /// What links to a subject that one side retired.
    pub links: Vec<Statement>,
    /// The commit that last changed it on the branch, where that is known.
    pub ours_commit: Option<Commit>,
    /// The commit that last changed it on the other side, where that is known.
    pub theirs_commit: Option<Commit>,
}

/// What two sides did to the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKind {
    /// Both changed a property, to different values.
    BothChanged,
    /// One retired the subject, the other changed it.
    RetiredAndChanged,
    /// One retired the subject, the other links to it.
    RetiredAndLinked,
}

/// Which values a conflict ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Take {
    /// Those of the branch that takes the merge.
    Ours,
    /// Those of the side that is merged.
    Theirs,
    /// Others; only where one property is at stake.
    Values(Vec<Term>),
}

/// The decision on one conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The conflict's subject.
    pub subject: NamedNode,
    /// The conflict's property, where it has one.
    pub predicate: Option<NamedNode>,
    /// What it ends with.
    pub take: Take,
}

impl Conflict {
    pub(in crate::graph) fn new(
        kind: ConflictKind,
        subject: NamedNode,
        predicate: Option<NamedNode>,
    ) -> Self {
        let (base, ours, theirs, links) = Default::default();
        let (ours_commit, theirs_commit) = (None, None);
        Self { kind, subject, predicate, base, ours, theirs, links, ours_commit, theirs_commit }
    }

    /// Returns whether a subject is at stake as a whole, by itself or with the resource that it belongs to.
    pub(in crate::graph) fn is_over(&self, subject: &NamedNode) -> bool {
        self.predicate.is_none() && (self.subject == *subject || self.subject == root(subject))
    }

    /// Returns whether a statement is at stake.
    pub(in crate::graph) fn holds(&self, statement: &Statement) -> bool {
        self.is_over(&statement.subject)
            || (self.subject == statement.subject && self.predicate.as_ref() == Some(&statement.predicate))
    }
}

impl ConflictKind {
    /// Returns the kind as it is written in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BothChanged => "BOTH_CHANGED",
            Self::RetiredAndChanged => "RETIRED_AND_CHANGED",
            Self::RetiredAndLinked => "RETIRED_AND_LINKED",
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |terms: &[Term]| match terms {
            [] => "nothing".to_owned(),
            terms => terms.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        match &self.predicate {
            Some(predicate) => write!(f, "{} {predicate}: ", self.subject)?,
            None => write!(f, "{}: ", self.subject)?,
        }
        match (self.kind, self.links.first()) {
            (ConflictKind::RetiredAndLinked, Some(link)) => {
                write!(
                    f,
                    "retired on one side, while {} link to it on the other, such as {link}",
                    self.links.len()
                )
            }
            _ => {
                write!(f, "was {}, here {}, there {}", list(&self.base), list(&self.ours), list(&self.theirs))
            }
        }
    }
}
