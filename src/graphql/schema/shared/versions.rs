//! Two versions that are compared.

use super::node::Node;
use crate::app::Scope;
use crate::graphql::engine::Value;
use crate::graphql::error::Error;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// The version before and the one after.
#[derive(Clone)]
pub(crate) struct Versions {
    pub(crate) before: Arc<Scope>,
    pub(crate) after: Arc<Scope>,
}

impl Versions {
    /// Returns the version that has a resource, the one after where both do.
    pub(crate) fn scope(&self, iri: &NamedNode) -> Result<&Arc<Scope>, Error> {
        Ok(if self.after.snapshot.exists(iri)? { &self.after } else { &self.before })
    }

    /// Returns a resource of the version that has it.
    pub(crate) fn node(&self, iri: &NamedNode) -> Result<Value, Error> {
        Ok(Value::object(Node::new(self.scope(iri)?, iri.clone())))
    }
}
