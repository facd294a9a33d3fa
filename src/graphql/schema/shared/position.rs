//! Positions that installations name and no design declares.

use super::node::Node;
use super::page;
use crate::app::Scope;
use crate::graphql::engine::Value;
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::twins::{self, UndeclaredPosition};
use std::sync::Arc;

#[derive(Clone)]
struct Undeclared {
    scope: Arc<Scope>,
    found: UndeclaredPosition,
}

/// Adds `undeclaredPositions` to `Thread`.
pub(crate) fn extend_thread(builder: ObjectBuilder<Arc<Scope>>) -> ObjectBuilder<Arc<Scope>> {
    builder.field_with(
        "undeclaredPositions",
        "UndeclaredPositionConnection!",
        "The installations at a position that no usage of the parent's design declares, in IRI order.",
        page::arguments(),
        |scope, call| {
            let found = twins::undeclared_positions(&scope.snapshot)?;
            page::listed(&found, call.arguments, |found| Undeclared {
                scope: Arc::clone(scope),
                found: found.clone(),
            })
        },
    )
}

/// Returns the types of it.
pub(crate) fn types() -> Vec<Definition> {
    let undeclared = object::<Undeclared>(
        "UndeclaredPosition",
        "An installation at a position that no usage of the parent's design declares.",
    )
    .field("position", "String!", "The position.", |of, _| Ok(of.found.position.clone().into()))
    .field("installation", "Installation!", "The installation.", |of, _| {
        Ok(Value::object(Node::new(&of.scope, of.found.installation.clone())))
    })
    .field("parent", "TwinInstance!", "The unit that it is in.", |of, _| {
        Ok(Value::object(Node::new(&of.scope, of.found.parent.clone())))
    })
    .field(
        "revision",
        "DesignRevision!",
        "The first revision that the parent had at the time whose usages declare no such position.",
        |of, _| Ok(Value::object(Node::new(&of.scope, of.found.revision.clone()))),
    )
    .done();
    let mut types = page::connection::<Undeclared>("UndeclaredPosition").to_vec();
    types.push(undeclared);
    types
}
