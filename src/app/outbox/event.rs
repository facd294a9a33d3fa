//! Events: what a commit on main came to that others act on, under the name by which it is delivered.

use crate::graph::CommitId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oxigraph::model::NamedNode;
use sha2::{Digest as _, Sha256};

/// What happened to one resource in one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Event {
    /// The name under which it is delivered, however often.
    pub(in crate::app) id: String,
    /// What happened, such as `action.ordered`.
    pub(in crate::app) kind: String,
    /// The commit.
    pub(in crate::app) commit: CommitId,
    /// The resource; `None` of a merge.
    pub(in crate::app) resource: Option<NamedNode>,
}

impl Event {
    pub(in crate::app) fn new(kind: String, commit: CommitId, resource: Option<NamedNode>) -> Self {
        let of = resource.as_ref().map_or("", |resource| resource.as_str());
        let digest = Sha256::digest(format!("{commit}\n{kind}\n{of}\n"));
        let id = format!("msg_{}", URL_SAFE_NO_PAD.encode(&digest[..18]));
        Self { id, kind, commit, resource }
    }

    /// Returns whether one of the patterns is its kind, or begins it where it ends in `*`.
    pub(in crate::app) fn is_of(&self, patterns: &[String]) -> bool {
        patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => self.kind.starts_with(prefix),
            None => self.kind == *pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_whole_kinds_or_what_they_begin_with() {
        let event = Event {
            id: String::new(),
            kind: "action.ordered".to_owned(),
            commit: "0".repeat(40).parse().expect("an id"),
            resource: None,
        };
        let check =
            |pattern: &str, expect: bool| assert_eq!(event.is_of(&[pattern.to_owned()]), expect, "{pattern}");
        check("action.ordered", true);
        check("action.*", true);
        check("*", true);
        check("action.order", false);
        check("finding.*", false);
    }
}
