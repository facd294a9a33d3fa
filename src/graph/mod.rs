//! The versioned graph.

pub mod commit;
pub(crate) mod document;
pub(crate) mod history;
pub mod index;
pub(crate) mod literal;
pub mod text;
