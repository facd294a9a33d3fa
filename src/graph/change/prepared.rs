//! A commit that is validated, and waits to be written on top of whatever its branch is by then.

use crate::graph::git::values::Files;
use crate::graph::index::read::read_log::Reads;
use crate::graph::model::commit::Author;
use crate::graph::model::delta::DocumentDelta;
use crate::graph::model::request_key::RequestKey;
use crate::graph::read::snapshot::Snapshot;
use crate::model::sync::cancellation::Cancellation;

/// A commit that was validated against a head of its branch.
pub(crate) struct Prepared {
    /// The head that it was validated against.
    pub(crate) base: Snapshot,
    /// What was read of that head.
    pub(crate) reads: Reads,
    /// Whether it may follow on its base alone: the caller wants that, or it changes the ontology, which validates others.
    pub(crate) is_of_base_only: bool,
    /// Whether it changes the ontology's files.
    pub(crate) changes_ontology: bool,
    pub(crate) branch: String,
    pub(crate) author: Author,
    pub(crate) message: String,
    pub(crate) idempotency_key: Option<RequestKey>,
    pub(crate) wanted: Cancellation,
    pub(crate) files: Files,
    pub(crate) documents: Vec<DocumentDelta>,
}
