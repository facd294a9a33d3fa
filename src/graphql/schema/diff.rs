//! What differs between two versions.

use super::node::{self, find_iri, property_name, read_iri};
use super::note;
use super::page;
use crate::app::Scope;
use crate::graph::{Difference, PropertyDiff, ResourceDiff};
use crate::graphql::engine::build::{enumeration, object};
use crate::graphql::engine::limits::PAGE_DEFAULT;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::ontology::Ontology;
use oxigraph::model::Term;
use std::sync::Arc;

/// What differs, told in the words of the later version's ontology.
struct DiffValue {
    from: Arc<Scope>,
    to: Arc<Scope>,
    resources: Vec<Arc<ResourceDiff>>,
    ontology: Arc<Ontology>,
}

struct ResourceValue {
    from: Arc<Scope>,
    to: Arc<Scope>,
    diff: Arc<ResourceDiff>,
    ontology: Arc<Ontology>,
}

impl ResourceValue {
    /// Returns the version that has the resource: the one after, or the one before where it is gone.
    fn scope(&self) -> &Arc<Scope> {
        if self.diff.difference == Difference::Removed { &self.from } else { &self.to }
    }
}

/// What differs in one property, told at a version.
pub(crate) struct PropertyValue {
    scope: Arc<Scope>,
    diff: PropertyDiff,
}

pub(crate) fn types() -> Vec<Definition> {
    vec![
        object::<DiffValue>("Diff", "What differs between two versions.")
            .field("from", "Commit!", "The version before.", |diff, _| Ok(commit_of(&diff.from)))
            .field("to", "Commit!", "The version after.", |diff, _| Ok(commit_of(&diff.to)))
            .field("totalCount", "Int!", "How many resources differ.", |diff, _| {
                Ok(diff.resources.len().into())
            })
            .field_with(
                "resources",
                "[ResourceDiff!]!",
                "The resources that differ, in IRI order.",
                vec![
                    InputField::new("first", "Int", "How many, 50 unless said otherwise, at most 1000."),
                    InputField::new("after", "ID", "The IRI after which to begin."),
                ],
                resources,
            )
            .field_with(
                "notes",
                "[Note!]!",
                "What the differences mean, in the order of resources.",
                vec![InputField::new("first", "Int", "How many, 50 unless said otherwise, at most 1000.")],
                |diff, call| {
                    let limit = page::size(call.arguments, "first")?.unwrap_or(PAGE_DEFAULT);
                    note::notes(
                        &diff.from,
                        &diff.to,
                        diff.resources.iter().map(Arc::as_ref),
                        limit,
                        &diff.ontology,
                    )
                },
            )
            .done(),
        enumeration(
            "Difference",
            "What became of a resource.",
            &[("ADDED", "It is new."), ("REMOVED", "It is gone."), ("CHANGED", "It says something else.")],
        ),
        object::<ResourceValue>("ResourceDiff", "What differs in one resource and its fragments.")
            .field(
                "resource",
                "Node!",
                "The resource after the change, or before it where it is gone.",
                |of, _| node::typed(of.scope(), of.diff.resource.clone(), &of.ontology),
            )
            .field("iri", "ID!", "Its IRI.", |of, _| {
                Ok(of.scope().snapshot.shorten(&of.diff.resource).into())
            })
            .field("difference", "Difference!", "What became of it.", |of, _| {
                Ok(difference(of.diff.difference))
            })
            .field("properties", "[PropertyDiff!]!", "The properties that differ.", |of, _| {
                Ok(PropertyValue::list(of.scope(), &of.diff.properties))
            })
            .field("notes", "[Note!]!", "What the difference means.", |of, _| {
                note::notes(&of.from, &of.to, std::iter::once(of.diff.as_ref()), usize::MAX, &of.ontology)
            })
            .done(),
        object::<PropertyValue>("PropertyDiff", "What differs in one property of a resource or fragment.")
            .field("subject", "ID!", "The resource or fragment.", |of, _| {
                Ok(of.scope.snapshot.shorten(&of.diff.subject).into())
            })
            .field(
                "property",
                "String!",
                "The field, or the IRI of a property no class declares.",
                |of, _| Ok(property_name(of.scope.snapshot.ontology(), of.diff.predicate.as_ref()).into()),
            )
            .field("propertyIri", "String!", "The IRI of the property.", |of, _| {
                Ok(of.diff.predicate.as_str().into())
            })
            .field("removed", "[String!]!", "The values that are gone.", |of, _| {
                Ok(of.texts(&of.diff.removed).into())
            })
            .field("added", "[String!]!", "The values that are new.", |of, _| {
                Ok(of.texts(&of.diff.added).into())
            })
            .done(),
    ]
}

impl PropertyValue {
    /// Wraps what differs in properties.
    pub(crate) fn list(scope: &Arc<Scope>, diffs: &[PropertyDiff]) -> Value {
        let wrap = |diff: &PropertyDiff| Self { scope: Arc::clone(scope), diff: diff.clone() };
        Value::objects(diffs.iter().map(wrap))
    }

    fn texts(&self, terms: &[Term]) -> Vec<String> {
        texts(&self.scope, terms)
    }
}

/// Writes values as GraphQL shows them in differences: IRIs short, literals plain.
pub(crate) fn texts(scope: &Scope, terms: &[Term]) -> Vec<String> {
    terms.iter().map(|term| node::shown(&scope.snapshot, term)).collect()
}

/// Returns the name of what became of a resource.
pub(crate) fn difference(of: Difference) -> Value {
    Value::Name(match of {
        Difference::Added => "ADDED",
        Difference::Removed => "REMOVED",
        Difference::Changed => "CHANGED",
    })
}

fn commit_of(scope: &Scope) -> Value {
    Value::object(scope.snapshot.commit().clone())
}

/// Compares two versions.
pub(crate) fn diff(call: &Call<'_>, ontology: &Arc<Ontology>) -> Result<Value, Error> {
    let scope = |name: &str| -> Result<Arc<Scope>, Error> {
        Ok(Arc::new(call.request.scope(&call.arguments.needed_text(name)?, None)?))
    };
    let (from, to) = (scope("from")?, scope("to")?);
    let reach = call.arguments.text("reach")?.map(|id| find_iri(&to.snapshot, &id)).transpose()?;
    let diff = call.request.app.diff(&from.snapshot, &to.snapshot, reach.as_ref())?;
    Ok(value(&from, &to, diff.resources, ontology))
}

/// Wraps what differs between two versions.
pub(crate) fn value(
    from: &Arc<Scope>,
    to: &Arc<Scope>,
    resources: Vec<ResourceDiff>,
    ontology: &Arc<Ontology>,
) -> Value {
    let (from, to, ontology) = (Arc::clone(from), Arc::clone(to), Arc::clone(ontology));
    Value::object(DiffValue { from, to, resources: resources.into_iter().map(Arc::new).collect(), ontology })
}

fn resources(diff: &DiffValue, call: &Call<'_>) -> Result<Value, Error> {
    page_of(&diff.resources, (&diff.from, &diff.to), &diff.ontology, call)
}

/// Returns the page that the arguments `first` and `after` ask for, of what differs between a version and one that
/// stands on it.
pub(crate) fn page_of(
    resources: &[Arc<ResourceDiff>],
    (from, to): (&Arc<Scope>, &Arc<Scope>),
    ontology: &Arc<Ontology>,
    call: &Call<'_>,
) -> Result<Value, Error> {
    let limit = page::size(call.arguments, "first")?.unwrap_or(PAGE_DEFAULT);
    let after = call.arguments.text("after")?.map(|id| read_iri(&to.snapshot, &id)).transpose()?;
    let begin =
        |of: &&Arc<ResourceDiff>| after.as_ref().is_none_or(|after| of.resource.as_str() > after.as_str());
    let wrap = |of: &Arc<ResourceDiff>| ResourceValue {
        from: Arc::clone(from),
        to: Arc::clone(to),
        diff: Arc::clone(of),
        ontology: Arc::clone(ontology),
    };
    Ok(Value::objects(resources.iter().filter(begin).take(limit).map(wrap)))
}
