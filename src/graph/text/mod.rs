//! The text of a version: canonical Turtle, and where a document lies in the tree of a commit.

pub(crate) mod document;
pub(crate) mod format;
pub mod turtle;
