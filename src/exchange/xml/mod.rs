//! XML documents as trees with resolved namespaces. Document types and entities of a file's own are refused, so nothing is
//! expanded or fetched; depth is bounded, and the size is that of the bytes.

mod decode;
pub(in crate::exchange) mod script;
mod tree;
mod write;

pub(in crate::exchange) use tree::{Element, Node, parse};
pub(in crate::exchange) use write::{Scope, escape_attribute, self_contained, write};

/// Why a file is no XML that is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {message}")]
pub(in crate::exchange) struct Error {
    /// The line, from 1.
    pub(in crate::exchange) line: usize,
    /// What is wrong there.
    pub(in crate::exchange) message: String,
}
