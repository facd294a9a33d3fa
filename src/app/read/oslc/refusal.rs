//! Why something that OSLC asks for is refused.

use crate::app::error::Error;
use crate::exchange::rdf;
use crate::exchange::rdf::oslc::query;
use crate::graph;
use oxigraph::model::NamedNode;

/// Why a request is refused; variants are named by what the caller can do.
#[derive(Debug, thiserror::Error)]
pub enum OslcRefusal {
    /// The use case is refused or fails.
    #[error(transparent)]
    App(#[from] Error),
    /// A query cannot be read.
    #[error(transparent)]
    Query(#[from] query::Error),
    /// A document cannot be read.
    #[error(transparent)]
    Document(#[from] rdf::Error),
    /// A query or a document asks for what there is not.
    #[error("{0}")]
    Content(String),
    /// There is no such resource in the configuration.
    #[error("there is no resource {0} in this configuration")]
    Absent(NamedNode),
    /// The resource has changed since the client read it.
    #[error("the resource has changed: its entity tag is now \"{0}\"; read it again and repeat the change")]
    Stale(String),
}

impl From<graph::Error> for OslcRefusal {
    fn from(error: graph::Error) -> Self {
        Self::App(error.into())
    }
}
