//! What a request was, for those who watch the service: its kind, whether it failed, and its document.

use async_graphql::parser::types::OperationType;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// What a request was, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// `query`, `mutation` or `subscription`; none where no operation was found.
    pub kind: Option<&'static str>,
    /// Whether the answer has errors.
    pub failed: bool,
    document: Option<Arc<str>>,
}

impl About {
    /// Makes what is known of an answer that was refused before anything was read.
    pub fn refused() -> Self {
        Self { failed: true, ..Self::default() }
    }

    /// Makes what is known of a subscription that has begun.
    pub fn subscription() -> Self {
        Self { kind: Some("subscription"), ..Self::default() }
    }

    /// Notes whether the answer has errors.
    pub(super) fn with_failed(self, failed: bool) -> Self {
        Self { failed, ..self }
    }

    pub(super) fn set_document(&mut self, text: &str) {
        self.document = Some(Arc::from(text));
    }

    pub(super) fn set_kind(&mut self, kind: OperationType) {
        self.kind = Some(match kind {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        });
    }

    /// Returns the SHA-256 of the document, as `persistedQuery` names it.
    pub fn document_hash(&self) -> Option<String> {
        self.document.as_deref().map(hash)
    }
}

/// Returns the SHA-256 of a document in hexadecimal digits.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
