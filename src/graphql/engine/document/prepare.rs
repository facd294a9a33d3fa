//! Documents that were parsed and validated once, kept for the next request with the same text.

use super::descriptions::without_descriptions;
use super::refusal::Refusal;
use super::{limits, text, validate};
use crate::graphql::engine::types::Types;
use crate::graphql::error::Error;
use crate::model::sync::cache::BoundedCache;
use async_graphql::Name;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::parser::{self, Positioned};
use std::sync::Arc;

/// How many bytes the kept documents may take, and how long a kept one may be.
const KEPT_BYTES: u64 = 32 << 20;
const KEPT_BYTES_MAX: usize = 16 * 1024;
/// What a parsed document takes for each byte of its text, at the most.
const BYTES_PER_BYTE: usize = 128;

/// Parsed and validated documents by their text.
pub(crate) struct Documents(BoundedCache<String, Arc<ExecutableDocument>>);

impl Default for Documents {
    fn default() -> Self {
        Self(BoundedCache::with_room(KEPT_BYTES))
    }
}

impl Documents {
    /// Parses and validates a document, unless that was done before.
    pub(crate) fn prepare(
        &self,
        query: &str,
        types: &Types,
    ) -> Result<Arc<ExecutableDocument>, Vec<Refusal>> {
        if let Some(document) = self.0.get(query) {
            return Ok(document);
        }
        text::check_text(query).map_err(|error| vec![error.into()])?;
        let plain = text::plain_escapes(query)?;
        let plain = text::joined_names(&plain);
        let document =
            parser::parse_query(without_descriptions(&plain).as_ref()).map_err(|error| vec![error.into()])?;
        text::check_objects(query)?;
        text::check_numbers(query)?;
        limits::check_shape(&document, types).map_err(|refusal| vec![refusal])?;
        validate::validate(&document, types)?;
        let document = Arc::new(document);
        if query.len() <= KEPT_BYTES_MAX {
            let bytes = query.len() * BYTES_PER_BYTE;
            self.0.insert(query.to_owned(), Arc::clone(&document), bytes);
        }
        Ok(document)
    }
}

/// Reports that no operation has a name, and which names there are.
fn unknown<'a>(name: &str, operations: impl IntoIterator<Item = &'a str>) -> Error {
    let known = match listed(operations) {
        known if known.is_empty() => "its operation has no name, so leave operationName out".to_owned(),
        known => format!("it has {known}"),
    };
    Error::bad_input(format!("the document has no operation called \"{name}\": {known} (GraphQL 6.1)"))
}

/// Lists names in their order.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    names.join(", ")
}

/// Finds the operation to execute.
pub(crate) fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, Error> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(operation),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next().ok_or_else(|| Error::bad_input("the document has no operation"))
        }
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).ok_or_else(|| unknown(name, operations.keys().map(Name::as_str)))
        }
        (DocumentOperations::Single(_), Some(name)) => Err(unknown(name, std::iter::empty())),
        (DocumentOperations::Multiple(operations), None) => Err(Error::bad_input(format!(
            "the document has several operations: name one in operationName, of {} (GraphQL 6.1)",
            listed(operations.keys().map(Name::as_str))
        ))),
    }
}
