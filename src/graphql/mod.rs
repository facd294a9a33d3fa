//! The thread as GraphQL: a schema built from the ontology, answered from one scope a request.
//!
//! [`Service`] takes a request's bytes and gives an answer's bytes. [`sdl`] prints the schema of an ontology.

mod about;
pub(crate) mod engine;
pub mod error;
pub mod live;
pub mod persisted;
pub(crate) mod progress;
pub mod query;
pub mod queue;
pub(crate) mod request;
pub mod schema;
pub mod service;
pub mod turn;

pub use about::About;
pub use engine::document::text::ParsedBytes;
pub use error::{Code, json_fault};
pub use live::{Polled, Started, Subscription};
pub use query::Query;
pub use queue::{Caller, Permit, Queue};
pub use schema::{Schema, SchemaError};
pub use service::{Answer, Manner, Service};
pub use turn::{Turn, Turns};

use crate::ontology::Ontology;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Refuses JSON, such as variables, with a number of which reading loses digits: it would become another number without a word.
pub fn check_numbers(json: &str) -> Result<(), String> {
    engine::document::text::check_json_numbers(json).map_err(|error| error.message)
}

/// Describes an error as whoever sent a request may know it: its code, and an object with the code, the message and details.
pub(crate) fn described(error: crate::app::Error) -> (Code, serde_json::Map<String, serde_json::Value>) {
    let error = error::Error::from(error);
    let mut fields = serde_json::Map::new();
    fields.insert("code".to_owned(), error.code.as_str().into());
    fields.insert("message".to_owned(), error.message.into());
    fields.extend(error.details);
    (error.code, fields)
}

/// Prints the schema of an ontology; the same ontology gives the same text.
pub fn sdl(ontology: &Arc<Ontology>) -> Result<String, SchemaError> {
    Ok(Schema::build(ontology)?.sdl().to_string())
}
