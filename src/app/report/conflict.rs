//! Conflicts, for whoever is to decide them: what two sides state of the same property, and who made which side.

use super::words::{name, value};
use crate::graph::{Commit, Conflict, ConflictKind, Snapshot};
use oxigraph::model::Term;
use serde::{Deserialize, Serialize};

/// One thing that two sides have changed differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictReport {
    /// What happened to it.
    pub kind: String,
    /// The resource or fragment.
    pub resource: String,
    /// The property; none where the resource as a whole is at stake.
    pub property: Option<String>,
    /// The values that both started from.
    pub base: Vec<String>,
    /// What the branch states.
    pub ours: SideReport,
    /// What the other side states.
    pub theirs: SideReport,
    /// What links to a resource that one side retired.
    pub links: Vec<LinkReport>,
}

/// One side of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideReport {
    /// Its values.
    pub values: Vec<String>,
    /// The id of the commit that made them.
    pub commit: Option<String>,
    /// That commit in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkReport {
    /// The resource that links.
    pub from: String,
    /// The property.
    pub property: String,
    /// The resource that is linked to.
    pub to: String,
}

impl ConflictReport {
    /// Describes a conflict.
    pub fn new(conflict: &Conflict, at: &Snapshot) -> Self {
        let values = |terms: &[Term]| terms.iter().map(|term| value(term, at)).collect::<Vec<_>>();
        let side = |terms: &[Term], commit: &Option<Commit>| SideReport {
            values: values(terms),
            commit: commit.as_ref().map(|commit| commit.id.to_string()),
            summary: commit.as_ref().map(summary),
        };
        let links = conflict.links.iter().map(|link| LinkReport {
            from: at.shorten(&link.subject),
            property: name(&link.predicate, at),
            to: value(&link.object, at),
        });
        Self {
            kind: conflict.kind.as_str().to_owned(),
            resource: at.shorten(&conflict.subject),
            property: conflict.predicate.as_ref().map(|predicate| name(predicate, at)),
            base: values(&conflict.base),
            ours: side(&conflict.ours, &conflict.ours_commit),
            theirs: side(&conflict.theirs, &conflict.theirs_commit),
            links: links.collect(),
        }
    }

    /// Returns whether both sides changed a property, rather than one retired the resource.
    pub fn is_of_values(&self) -> bool {
        self.kind == ConflictKind::BothChanged.as_str()
    }

    /// Returns whether one side retired what the other side changed.
    pub fn is_of_change(&self) -> bool {
        self.kind == ConflictKind::RetiredAndChanged.as_str()
    }
}

fn summary(commit: &Commit) -> String {
    let id = commit.id.to_string();
    let subject = commit.message.lines().next().unwrap_or_default();
    format!("{} {} {}: {subject}", &id[..10], commit.time, commit.author.name)
}
