//! What the ontology declares, in pieces: fields, links, filters, puts, search.

pub(crate) mod change;
pub(crate) mod field;
pub(crate) mod filter;
pub(crate) mod link;
mod meaning;
pub(crate) mod search;
