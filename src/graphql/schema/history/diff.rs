//! What differs between two versions.

use crate::app::{Scope, Session};
use crate::feedback::{Review, ReviewDependencies};
use crate::graph::{Difference, Differences, PropertyDiff, ResourceDiff, Snapshot};
use crate::graphql::engine::document::limits::PAGE_MAX;
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{self, find_iri, property_name};
use crate::graphql::schema::shared::note::{self, NoteValue};
use crate::graphql::schema::shared::page::{self, Cut, PageInfo};
use crate::ontology::Ontology;
use crate::thread;
use oxigraph::model::{NamedNode, Term};
use std::sync::Arc;

/// How many resources are compared at once and stay in memory while a request runs; of more the rest is compared page by page.
const COMPARED_MAX: usize = if cfg!(test) { 3 } else { PAGE_MAX };

/// What differs, in the terms of the later version's ontology.
struct DiffValue {
    from: Arc<Scope>,
    to: Arc<Scope>,
    /// All resources that differ, or the first ones.
    resources: Vec<Arc<ResourceDiff>>,
    /// Where more differ than these: which of the others are wanted.
    more: Option<Wanted>,
    ontology: Arc<Ontology>,
}

/// Which of the resources that differ are wanted.
enum Wanted {
    /// Those that touch a resource, or all.
    Reaching(Option<NamedNode>),
    /// Those that a review depends on.
    Reviewed(ReviewDependencies),
}

impl Wanted {
    /// Returns what differs, to be read in parts.
    fn differences<'a>(
        &'a self,
        session: &'a Session,
        from: &'a Snapshot,
        to: &'a Snapshot,
    ) -> Result<Differences<'a>, Error> {
        Ok(match self {
            Self::Reaching(reach) => session.differences(from, to, reach.as_ref())?,
            Self::Reviewed(dependencies) => session.review_differences(dependencies, from, to)?,
        })
    }
}

impl DiffValue {
    /// Returns the comparison where not all that differs is in memory.
    fn compared<'a>(&'a self, call: &'a Call<'_>) -> Result<Option<Differences<'a>>, Error> {
        let Some(wanted) = &self.more else { return Ok(None) };
        let (from, to) = (&self.from.snapshot, &self.to.snapshot);
        wanted.differences(&call.request.session, from, to).map(Some)
    }

    fn count(&self, call: &Call<'_>) -> Result<usize, Error> {
        match self.compared(call)? {
            Some(differences) => Ok(differences.count()?),
            None => Ok(self.resources.len()),
        }
    }

    fn notes(&self, call: &Call<'_>) -> Result<Value, Error> {
        let (from, to) = (&self.from.snapshot, &self.to.snapshot);
        let read = |limit: usize| {
            let mut notes = thread::notes(from, to, self.resources.iter().map(Arc::as_ref), limit)?;
            if let Some(differences) = self.compared(call)?.filter(|_| notes.len() < limit) {
                let last = self.resources.last().map(|last| last.resource.clone());
                differences.each::<Error>(last.as_ref(), |diff| {
                    let left = limit - notes.len();
                    notes.extend(thread::notes(from, to, [&diff], left)?);
                    Ok(notes.len() < limit)
                })?;
            }
            Ok(notes)
        };
        let wrap = |note| NoteValue::new(&self.from, &self.to, note, &self.ontology);
        page::read_forward(call.arguments, read, wrap)
    }
}

/// A page of resources that differ.
pub(crate) struct ResourcePage {
    items: Vec<ResourceValue>,
    info: PageInfo,
    total: Option<usize>,
}

#[derive(Clone)]
struct ResourceValue {
    from: Arc<Scope>,
    to: Arc<Scope>,
    diff: Arc<ResourceDiff>,
    ontology: Arc<Ontology>,
}

impl ResourceValue {
    /// Returns the version that has the resource: the one after, or the one before where it was removed.
    fn scope(&self) -> &Arc<Scope> {
        if self.diff.difference == Difference::Removed { &self.from } else { &self.to }
    }
}

/// What differs in one property, as one version names it.
pub(crate) struct PropertyValue {
    scope: Arc<Scope>,
    diff: PropertyDiff,
}

pub(crate) fn types() -> Vec<Definition> {
    vec![
        object::<DiffValue>("Diff", "What differs between two versions.")
            .field("from", "Commit!", "The version before.", |diff, _| Ok(commit_of(&diff.from)))
            .field("to", "Commit!", "The version after.", |diff, _| Ok(commit_of(&diff.to)))
            .field_with(
                "resources",
                "ResourceDiffConnection!",
                "The resources that differ, in IRI order.",
                page::forward_arguments(),
                resources,
            )
            .field_with(
                "notes",
                "NoteConnection!",
                "What the differences mean, in the order of resources.",
                page::forward_arguments(),
                |diff, call| diff.notes(call),
            )
            .done(),
        object::<ResourcePage>("ResourceDiffConnection", page::PAGE)
            .field("edges", "[ResourceDiffEdge!]!", "", |page, _| {
                Ok(Value::objects(page.items.iter().cloned()))
            })
            .field("nodes", "[ResourceDiff!]!", "", |page, _| Ok(Value::objects(page.items.iter().cloned())))
            .field("pageInfo", "PageInfo!", "", |page, _| Ok(Value::object(page.info.clone())))
            .field("totalCount", "Int!", "", |page, _| page::total(page.total))
            .done(),
        object::<ResourceValue>("ResourceDiffEdge", page::EDGE)
            .field("cursor", "String!", "", |of, _| Ok(page::opaque(of.diff.resource.as_str()).into()))
            .field("node", "ResourceDiff!", "", |of, _| Ok(Value::object(of.clone())))
            .done(),
        enumeration(
            "Difference",
            "What became of a resource.",
            &[("ADDED", "It is new."), ("REMOVED", "It was removed."), ("CHANGED", "Its statements differ.")],
        ),
        object::<ResourceValue>("ResourceDiff", "What differs in one resource and its fragments.")
            .field(
                "resource",
                "Record!",
                "The resource after the change, or before it where it was removed.",
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
            .field("removed", "[String!]!", "The values that were removed.", |of, _| {
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
    let reach = call.arguments.text("affects")?.map(|id| find_iri(&to.snapshot, &id)).transpose()?;
    first_part(&from, &to, Wanted::Reaching(reach), ontology, call)
}

/// Compares the version that a review was opened on with another one, as far as the review depends on what differs.
pub(crate) fn of_review(
    review: &Review,
    (then, now): (&Arc<Scope>, &Arc<Scope>),
    ontology: &Arc<Ontology>,
    call: &Call<'_>,
) -> Result<Value, Error> {
    let dependencies = call.request.session.review_dependencies(review, then, now)?;
    first_part(then, now, Wanted::Reviewed(dependencies), ontology, call)
}

/// Compares the first resources; the others are compared when a page of them is asked for.
fn first_part(
    from: &Arc<Scope>,
    to: &Arc<Scope>,
    wanted: Wanted,
    ontology: &Arc<Ontology>,
    call: &Call<'_>,
) -> Result<Value, Error> {
    let (from, to, ontology) = (Arc::clone(from), Arc::clone(to), Arc::clone(ontology));
    let differences = wanted.differences(&call.request.session, &from.snapshot, &to.snapshot)?;
    let mut first = differences.part(None, COMPARED_MAX + 1)?;
    drop(differences);
    let more = (first.len() > COMPARED_MAX).then_some(wanted);
    first.truncate(COMPARED_MAX);
    let resources = first.into_iter().map(Arc::new).collect();
    Ok(Value::object(DiffValue { from, to, resources, more, ontology }))
}

/// Wraps what differs between two versions.
pub(crate) fn value(
    from: &Arc<Scope>,
    to: &Arc<Scope>,
    resources: Vec<ResourceDiff>,
    ontology: &Arc<Ontology>,
) -> Value {
    let (from, to, ontology) = (Arc::clone(from), Arc::clone(to), Arc::clone(ontology));
    let resources = resources.into_iter().map(Arc::new).collect();
    Value::object(DiffValue { from, to, resources, more: None, ontology })
}

fn resources(diff: &DiffValue, call: &Call<'_>) -> Result<Value, Error> {
    let versions = (&diff.from, &diff.to);
    let count = || call.below.asks(&["totalCount"]).then(|| diff.count(call)).transpose();
    match (diff.compared(call)?, page_beyond(&diff.resources, call)?) {
        (Some(differences), Some((after, limit))) => {
            let part = differences.part(after.as_ref(), limit)?;
            let part: Vec<_> = part.into_iter().map(Arc::new).collect();
            page_of(&part, versions, &diff.ontology, count()?, call)
        }
        _ => page_of(&diff.resources, versions, &diff.ontology, count()?, call),
    }
}

/// Returns after which resource a page begins and how many have to be read for it, one more than it shows, where the resources in
/// memory may not fill it.
pub(crate) fn page_beyond(
    known: &[Arc<ResourceDiff>],
    call: &Call<'_>,
) -> Result<Option<(Option<NamedNode>, usize)>, Error> {
    let (limit, after) = page_arguments(call)?;
    let follows =
        |of: &&Arc<ResourceDiff>| after.as_ref().is_none_or(|after| of.resource.as_str() > after.as_str());
    let is_filled = known.iter().filter(follows).count() > limit;
    Ok((!is_filled).then_some((after, limit + 1)))
}

/// Reads how many resources are asked for, and after which.
fn page_arguments(call: &Call<'_>) -> Result<(usize, Option<NamedNode>), Error> {
    let cut = Cut::read(call.arguments)?.of_form(|cursor| NamedNode::new(cursor).is_ok())?;
    Ok((cut.limit, cut.after.map(NamedNode::new_unchecked)))
}

/// Returns the page that the arguments `first` and `after` ask for, of what differs between a version and one that
/// follows it.
pub(crate) fn page_of(
    resources: &[Arc<ResourceDiff>],
    (from, to): (&Arc<Scope>, &Arc<Scope>),
    ontology: &Arc<Ontology>,
    total: Option<usize>,
    call: &Call<'_>,
) -> Result<Value, Error> {
    let (limit, after) = page_arguments(call)?;
    let begin =
        |of: &&Arc<ResourceDiff>| after.as_ref().is_none_or(|after| of.resource.as_str() > after.as_str());
    let wrap = |of: &Arc<ResourceDiff>| ResourceValue {
        from: Arc::clone(from),
        to: Arc::clone(to),
        diff: Arc::clone(of),
        ontology: Arc::clone(ontology),
    };
    let mut items: Vec<ResourceValue> = resources.iter().filter(begin).take(limit + 1).map(wrap).collect();
    let next = items.len() > limit;
    items.truncate(limit);
    let cursor = |item: Option<&ResourceValue>| item.map(|item| item.diff.resource.as_str().to_owned());
    let (start, end) = (cursor(items.first()), cursor(items.last()));
    let info = PageInfo { next, previous: after.is_some(), start, end };
    Ok(Value::object(ResourcePage { items, info, total }))
}
