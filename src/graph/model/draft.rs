//! A commit before Git has it, and as Git holds it.

use super::commit::{Author, Commit, CommitId};
use super::delta::DocumentDelta;
use super::request_key::RequestKey;
use crate::model::time::instant::Instant;

/// What a commit is to hold besides its files.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) parents: Vec<CommitId>,
    pub(crate) author: Author,
    pub(crate) time: Instant,
    /// When it was loaded, where `time` is when another system recorded it.
    pub(crate) loaded: Option<Instant>,
    pub(crate) message: String,
    pub(crate) idempotency_key: Option<RequestKey>,
}

/// A commit as Git holds it.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) commit: Commit,
    pub(crate) idempotency_key: Option<RequestKey>,
    /// The tree of the `ontology` folder.
    pub(crate) ontology: [u8; 20],
    /// Whether the commit was made here, so that its time is that of the service's own clock.
    pub(crate) is_own: bool,
}

/// What a taken commit is to the index: the commit, its branch, its documents.
pub(crate) type Taken<'a> = (Recorded, String, &'a [DocumentDelta]);
