//! The roots of reading: `Query`, and `Thread`, one immutable version and one watermark for everything below it.

use super::class;
use super::class::object_type::THREAD;
use super::history::{self, merge};
use super::shared::connection::Page;
use super::shared::node::{self, Node};
use super::shared::page;
use super::shared::version_arguments::{KNOWN, MAIN, VERSION};
use crate::app::Scope;
use crate::graphql::engine::types::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::ontology::Ontology;
use crate::thread;
use std::sync::Arc;

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    vec![query(ontology), thread_type(ontology)]
}

fn query(ontology: &Arc<Ontology>) -> Definition {
    let builder = object::<()>("Query", "The root of all queries.")
        .field_with(
            "thread",
            "Thread",
            "One version of the thread, with the telemetry as it was known at one watermark.",
            vec![
                InputField::new("at", "String!", VERSION).default(MAIN),
                InputField::new("asKnownAt", "String", KNOWN),
            ],
            |(), call| {
                let at = call.arguments.needed_text("at")?;
                let known = call.arguments.text("asKnownAt")?;
                Ok(Value::object(Arc::new(call.request.scope(&at, known.as_deref())?)))
            },
        )
        .field_with(
            "node",
            "Node",
            "The resource of this id at the version and watermark that the id names, or of this IRI at the head of main.",
            vec![InputField::new("id", "ID!", "An id or IRI.")],
            |(), call| node(call, &call.arguments.needed_text("id")?),
        );
    let builder = history::extend_query(builder, ontology);
    let builder = super::live::job::extend_query(merge::extend_query(builder, ontology));
    let builder = super::actions::outbox::extend_query(builder);
    let builder = super::live::broker::extend_query(builder);
    super::verdicts::monitor::extend_query(builder).done()
}

/// Finds what an id or an IRI names.
pub(crate) fn node(call: &Call<'_>, id: &str) -> Result<Value, Error> {
    let opaque = node::read_opaque(id);
    let (version, known) = match &opaque {
        Some(id) => (id.version.as_str(), id.as_known_at.as_deref()),
        None => (MAIN, None),
    };
    let scope = Arc::new(call.request.scope(version, known)?);
    if opaque.is_some_and(|id| id.iri.is_none()) {
        return Ok(Value::object(scope));
    }
    let iri = node::find_iri(&scope.snapshot, id)?;
    Ok(if scope.snapshot.exists(&iri)? { Value::object(Node::new(&scope, iri)) } else { Value::Null })
}

fn thread_type(ontology: &Arc<Ontology>) -> Definition {
    let builder = object::<Arc<Scope>>(THREAD, "One immutable version and one watermark.")
        .implements("Node")
        .field("id", "ID!", class::ID, |scope, _| Ok(node::thread_id(scope).into()))
        .field("commit", "Commit!", "The version.", |scope, _| Ok(Value::object(scope.snapshot.commit().clone())))
        .field("watermark", "String!", "The watermark up to which telemetry is visible.", |scope, _| {
            Ok(scope.view.watermark().to_string().into())
        })
        .field("now", "DateTime!", "What counts as the present.", |scope, _| Ok(scope.now.to_string().into()))
        .field("base", "String!", "What the thread's own IRIs begin with.", |scope, _| {
            Ok(scope.snapshot.base().into())
        })
        .field_with(
            "lookup",
            "RecordConnection!",
            "The resources that bear an identifier: their own, or the one by which another system knows them.",
            [
                vec![
                    InputField::new("identifier", "String!", "The identifier."),
                    InputField::new("system", "String", "The other system, such as SAP; any where absent."),
                ],
                page::arguments(),
            ]
            .concat(),
            lookup,
        );
    let builder = super::foresight::forecast::extend_thread(builder);
    let builder = super::verdicts::comparison::extend_thread(builder);
    let builder = super::verdicts::life_comparison::extend_thread(builder);
    let builder = super::usage::readings::extend_thread(super::history::trace::extend_thread(
        super::history::suspect::extend_thread(builder),
    ));
    let builder = super::shared::position::extend_thread(builder);
    let builder = super::verdicts::exposure::extend_thread(super::records::search::extend_thread(builder));
    class::extend_thread(builder, ontology).done()
}

fn lookup(scope: &Arc<Scope>, call: &Call<'_>) -> Result<Value, Error> {
    let system = call.arguments.text("system")?;
    let identifier = call.arguments.needed_text("identifier")?;
    Page::of(scope, thread::lookup(&scope.snapshot, system.as_deref(), &identifier)?, call)
}
