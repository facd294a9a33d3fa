//! The past of one resource: the commits that changed it, and the commit that made each of its statements.

use super::diff::{PropertyValue, difference};
use crate::app::Scope;
use crate::graph::{Blame, CommitId, ResourceChange, ResourceDiff};
use crate::graphql::engine::document::limits::PAGE_DEFAULT;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField, Type};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{Node, property_name, shown};
use crate::graphql::schema::shared::note;
use crate::graphql::schema::shared::page::{self, PageInfo};
use crate::ontology::Ontology;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// The past of one resource or fragment at one version.
struct Provenance {
    scope: Arc<Scope>,
    iri: NamedNode,
}

/// A page of the changes of a resource.
struct Changes {
    changes: Vec<Arc<Changed>>,
    info: PageInfo,
}

struct Changed {
    scope: Arc<Scope>,
    resource: NamedNode,
    change: ResourceChange,
}

#[derive(Clone)]
struct Blamed {
    scope: Arc<Scope>,
    blame: Blame,
}

const HISTORY: &str = "The commits behind this version that changed it or its fragments, newest first, with what each changed. A change \
                       that was merged in names the commit that made it.";
const BLAME: &str = "Each of its statements, and those of its fragments, with the commit that made it.";

const PROVENANCE: &str = "Where it comes from: the commits that made and changed it.";

/// Returns the field by which every resource and fragment shows its past.
pub(crate) fn field() -> (String, String, Type, Vec<InputField>) {
    ("provenance".to_owned(), PROVENANCE.to_owned(), Type::parse("Provenance!"), Vec::new())
}

/// Adds the field to a type.
pub(crate) fn extend(builder: ObjectBuilder<Node>) -> ObjectBuilder<Node> {
    builder.field("provenance", "Provenance!", PROVENANCE, |node, _| {
        Ok(Value::object(Provenance { scope: Arc::clone(&node.scope), iri: node.iri.clone() }))
    })
}

fn provenance() -> Definition {
    object::<Provenance>("Provenance", "The past of a resource or fragment, up to one version.")
        .field_with("blame", "BlameConnection!", BLAME, page::arguments(), |of, call| {
            let blame = of.scope.snapshot.blame(&of.iri)?;
            page::listed(&blame, call.arguments, |blame| Blamed {
                scope: Arc::clone(&of.scope),
                blame: blame.clone(),
            })
        })
        .field_with("history", "ResourceChangeConnection!", HISTORY, page::forward_arguments(), history)
        .done()
}

fn history(node: &Provenance, call: &Call<'_>) -> Result<Value, Error> {
    let after = read_cursor(call)?;
    let limit = page::size(call.arguments, "first")?.unwrap_or(PAGE_DEFAULT);
    let mut found = node.scope.snapshot.timeline(&node.iri)?.changes(after, limit + 1)?;
    let next = found.len() > limit;
    found.truncate(limit);
    let cursor = |change: Option<&ResourceChange>| change.map(|change| change.commit.id.to_string());
    let (start, end) = (cursor(found.first()), cursor(found.last()));
    let info = PageInfo { next, previous: after.is_some(), start, end };
    let wrap = |change| {
        let (scope, resource) = (Arc::clone(&node.scope), node.iri.clone());
        Arc::new(Changed { scope, resource, change })
    };
    Ok(Value::object(Changes { changes: found.into_iter().map(wrap).collect(), info }))
}

/// Reads the commit after which a page begins.
pub(crate) fn read_cursor(call: &Call<'_>) -> Result<Option<CommitId>, Error> {
    let read = |text: String| {
        let not_one = |_| Error::bad_input(format!("\"{text}\" is not a cursor of the log"));
        page::read_cursor(&text)?.parse().map_err(not_one)
    };
    call.arguments.text("after")?.map(read).transpose()
}

/// Tells what a change means, against the version that it was made on.
fn notes(of: &Changed, call: &Call<'_>, ontology: &Arc<Ontology>) -> Result<Value, Error> {
    let ResourceChange { commit, difference, properties } = &of.change;
    let Some(parent) = commit.parents.first() else { return Ok(Value::List(Vec::new())) };
    let from = Arc::new(call.request.scope(&parent.to_string(), None)?);
    // What is only supposed has no name to be found by.
    let to = match commit.id.is_preview() {
        true => Arc::clone(&of.scope),
        false => Arc::new(call.request.scope(&commit.id.to_string(), None)?),
    };
    let (resource, properties) = (of.resource.clone(), properties.clone());
    let diff = ResourceDiff { resource, difference: *difference, properties };
    note::notes(&from, &to, std::iter::once(&diff), usize::MAX, ontology)
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let ontology = Arc::clone(ontology);
    let mut types = page::connection::<Blamed>("Blame").to_vec();
    types.extend([
        provenance(),
        object::<Changes>("ResourceChangeConnection", page::PAGE)
            .field("edges", "[ResourceChangeEdge!]!", "", |page, _| {
                Ok(Value::objects(page.changes.iter().cloned()))
            })
            .field("nodes", "[ResourceChange!]!", "", |page, _| {
                Ok(Value::objects(page.changes.iter().cloned()))
            })
            .field("pageInfo", "PageInfo!", "", |page, _| Ok(Value::object(page.info.clone())))
            .done(),
        object::<Arc<Changed>>("ResourceChangeEdge", page::EDGE)
            .field("cursor", "String!", "", |of, _| Ok(page::opaque(&of.change.commit.id.to_string()).into()))
            .field("node", "ResourceChange!", "", |of, _| Ok(Value::object(Arc::clone(of))))
            .done(),
        object::<Arc<Changed>>("ResourceChange", "What one commit changed in a resource and its fragments.")
            .field("commit", "Commit!", "The commit.", |of, _| Ok(Value::object(of.change.commit.clone())))
            .field("difference", "Difference!", "What became of the resource.", |of, _| {
                Ok(difference(of.change.difference))
            })
            .field("properties", "[PropertyDiff!]!", "The properties that changed.", |of, _| {
                Ok(PropertyValue::list(&of.scope, &of.change.properties))
            })
            .field("notes", "[Note!]!", "What the change means.", move |of, call| notes(of, call, &ontology))
            .done(),
        blame(),
    ]);
    types
}

fn blame() -> Definition {
    object::<Blamed>("Blame", "One statement and the commit that made it.")
        .field("subject", "ID!", "The resource or fragment.", |of, _| {
            Ok(of.scope.snapshot.shorten(&of.blame.statement.subject).into())
        })
        .field("property", "String!", "The field, or the IRI of a property no class declares.", |of, _| {
            let predicate = of.blame.statement.predicate.as_ref();
            Ok(property_name(of.scope.snapshot.ontology(), predicate).into())
        })
        .field("propertyIri", "String!", "The IRI of the property.", |of, _| {
            Ok(of.blame.statement.predicate.as_str().into())
        })
        .field("value", "String!", "The value, or the target of a link.", |of, _| {
            Ok(shown(&of.scope.snapshot, &of.blame.statement.object).into())
        })
        .field("commit", "Commit!", "The commit that made it: its author, time and message.", |of, _| {
            Ok(Value::object(of.blame.commit.clone()))
        })
        .done()
}
