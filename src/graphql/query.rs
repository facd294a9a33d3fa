//! A request as its transport carries it.

use super::error::Error;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// A request as its transport carries it; as JSON an object, never a list of its parts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Map<String, Json>")]
pub struct Query {
    /// The document.
    pub query: Option<String>,
    /// The id of a document of the list of the service, in its place.
    pub document_id: Option<String>,
    /// Which of its operations is meant.
    pub operation_name: Option<String>,
    /// The values of its variables: an object, or nothing.
    pub variables: Json,
    /// `persistedQuery`, the hash of the document, and `cost`, which asks what the request may cost: an object, or nothing.
    pub extensions: Json,
}

impl TryFrom<Map<String, Json>> for Query {
    type Error = String;

    fn try_from(mut parts: Map<String, Json>) -> Result<Self, String> {
        let mut text = |name: &str| match parts.remove(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("\"{name}\" must be a text")),
        };
        let (query, operation_name) = (text("query")?, text("operationName")?);
        let document_id = text("documentId")?;
        let extensions = parts.remove("extensions").unwrap_or_default();
        if !matches!(extensions, Json::Null | Json::Object(_)) {
            return Err("\"extensions\" must be an object".to_owned());
        }
        Ok(Self {
            query,
            document_id,
            operation_name,
            variables: parts.remove("variables").unwrap_or_default(),
            extensions,
        })
    }
}

impl Query {
    /// Returns whether the request sends or names a document.
    pub fn has_document(&self) -> bool {
        let is_named = !self.extensions["persistedQuery"].is_null();
        self.query.is_some() || self.document_id.is_some() || is_named
    }

    pub(super) fn asks_cost(&self) -> Result<bool, Error> {
        match &self.extensions["cost"] {
            Json::Null => Ok(false),
            Json::Bool(asked) => Ok(*asked),
            _ => Err(Error::bad_input("\"cost\" of the extensions must be true or false")),
        }
    }
}
