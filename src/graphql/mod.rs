//! The thread as GraphQL: a schema built from the ontology, answered from one scope a request.
//!
//! [`Service`] takes a request's bytes and gives an answer's bytes. [`sdl`] prints the schema of an ontology.

mod about;
pub(crate) mod engine;
pub mod error;
pub mod live;
pub mod persisted;
pub(crate) mod progress;
pub mod queue;
pub(crate) mod request;
pub mod schema;
pub mod service;
pub mod turn;

pub use about::About;
pub use engine::document::text::ParsedBytes;
pub use error::Code;
pub use live::{Polled, Started, Subscription};
pub use queue::{Caller, Place, Queue};
pub use schema::{Schema, SchemaError};
pub use service::{Answer, Manner, Query, Service};
pub use turn::{Turn, Turns};

use crate::ontology::Ontology;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Refuses JSON, such as variables, with a number of which reading loses digits: it would become another number without a word.
pub fn check_numbers(json: &str) -> Result<(), String> {
    engine::document::text::check_json_numbers(json).map_err(|error| error.message)
}

/// Prints the schema of an ontology; the same ontology gives the same text.
pub fn sdl(ontology: &Arc<Ontology>) -> Result<String, SchemaError> {
    Ok(Schema::build(ontology)?.sdl().to_string())
}
