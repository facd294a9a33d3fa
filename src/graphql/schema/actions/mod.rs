//! Actions and policies: what is done about findings. The records themselves are classes of the ontology.

pub(crate) mod advance;
pub(crate) mod health;
pub(crate) mod outbox;
pub(crate) mod policy;
pub(crate) mod propose;

use super::history::mutations::Payload;
use super::shared::node::{Node, find_iri};
use super::shared::version_arguments::MAIN;
use super::shared::{author, payload};
use crate::app::{ActionRequest, Scope};
use crate::graph::{Committed, RequestKey};
use crate::graphql::engine::types::InputField;
use crate::graphql::engine::types::build::ObjectBuilder;
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// Actions that a commit has made or moved.
pub(crate) struct Acted {
    scope: Arc<Scope>,
    committed: Committed,
    actions: Vec<NamedNode>,
}

/// Returns the inputs that every request about actions has.
fn grounds(reason: InputField) -> [InputField; 4] {
    [
        reason,
        author::argument(),
        InputField::new("branch", "String!", "The branch that takes it.").default(MAIN),
        InputField::new("message", "String", "The message of the commit; a summary where absent."),
    ]
}

/// Returns the input that names the number of an order.
fn reference() -> InputField {
    InputField::new(
        "reference",
        "String",
        "The number by which the system that does the work knows the order.",
    )
}

fn request(call: &Call<'_>, key: Option<RequestKey>) -> Result<ActionRequest, Error> {
    let given = call.arguments;
    Ok(ActionRequest {
        branch: given.needed_text("branch")?,
        reason: given.text("reason")?.unwrap_or_default(),
        reference: given.text("reference")?,
        author: author::read(given)?,
        message: given.text("message")?,
        idempotency_key: key,
    })
}

/// Finds the resource of each name in a list.
fn found(call: &Call<'_>, branch: &str, argument: &str) -> Result<Vec<NamedNode>, Error> {
    let head = call.request.session.head(branch)?;
    let names = call.arguments.texts(argument)?.unwrap_or_default();
    names.iter().map(|name| find_iri(&head, name)).collect()
}

fn acted(call: &Call<'_>, committed: Committed, actions: Vec<NamedNode>) -> Result<Acted, Error> {
    call.request.forget();
    let committed = payload::counted(call, committed)?;
    let scope = Arc::new(call.request.scope(&committed.commit.id.to_string(), None)?);
    Ok(Acted { scope, committed, actions })
}

/// Adds to a payload the commit and the actions.
fn payload_of(builder: ObjectBuilder<Payload<Acted>>) -> ObjectBuilder<Payload<Acted>> {
    builder.commit("The new commit.", |acted| (&acted.committed.commit, acted.committed.changed)).made(
        "actions",
        "[Action!]",
        "The actions.",
        |acted, _| Ok(Value::objects(acted.actions.iter().map(|iri| Node::new(&acted.scope, iri.clone())))),
    )
}
