//! Commits, branches, tags, the log, and what differs between two versions.

use super::node::{self, property_name, read_iri};
use super::page::{self, PageInfo};
use super::thread::{MAIN, VERSION};
use crate::app::Scope;
use crate::graph::{Author, Commit, CommitId, Difference, PropertyDiff, ResourceDiff, Snapshot};
use crate::graphql::engine::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::limits::PAGE_DEFAULT;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::ontology::Ontology;
use oxigraph::model::Term;
use std::sync::Arc;

/// A branch or a tag with its commit.
struct Named {
    name: String,
    commit: Commit,
}

struct Log {
    commits: Vec<Commit>,
    info: PageInfo,
}

/// What differs, told in the words of the later version's ontology.
struct DiffValue {
    from: Arc<Scope>,
    to: Arc<Scope>,
    resources: Vec<Arc<ResourceDiff>>,
    ontology: Arc<Ontology>,
}

struct ResourceValue {
    scope: Arc<Scope>,
    diff: Arc<ResourceDiff>,
    ontology: Arc<Ontology>,
}

struct PropertyValue {
    scope: Arc<Scope>,
    diff: PropertyDiff,
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = commit_types();
    types.extend(diff_types());
    types
}

fn commit_types() -> Vec<Definition> {
    vec![
        object::<Author>("Author", "Who makes a commit.")
            .field("name", "String!", "The person's or system's name.", |author, _| {
                Ok(author.name.clone().into())
            })
            .field("email", "String!", "Where to reach it.", |author, _| Ok(author.email.clone().into()))
            .done(),
        object::<Commit>("Commit", "One commit of the thread.")
            .field("id", "ID!", "Its name: 40 hexadecimal digits.", |commit, _| {
                Ok(commit.id.to_string().into())
            })
            .field("parents", "[ID!]!", "What it stands on, its own line of history first.", |commit, _| {
                Ok(commit.parents.iter().map(ToString::to_string).collect::<Vec<_>>().into())
            })
            .field("author", "Author!", "Who made it.", |commit, _| Ok(Value::object(commit.author.clone())))
            .field("time", "DateTime!", "When it was recorded.", |commit, _| {
                Ok(commit.time.to_string().into())
            })
            .field("message", "String!", "What it says of itself.", |commit, _| {
                Ok(commit.message.clone().into())
            })
            .done(),
        object::<Log>("CommitConnection", "A page of commits, newest first.")
            .field("edges", "[CommitEdge!]!", "The commits with their cursors.", |log, _| {
                Ok(Value::objects(log.commits.iter().cloned()))
            })
            .field("nodes", "[Commit!]!", "The commits.", |log, _| {
                Ok(Value::objects(log.commits.iter().cloned()))
            })
            .field("pageInfo", "PageInfo!", "Where the page stands.", |log, _| {
                Ok(Value::object(log.info.clone()))
            })
            .done(),
        object::<Commit>("CommitEdge", "A commit in a page.")
            .field("cursor", "String!", "Its place in the list.", |commit, _| {
                Ok(commit.id.to_string().into())
            })
            .field("node", "Commit!", "The commit.", |commit, _| Ok(Value::object(commit.clone())))
            .done(),
        object::<Named>("Branch", "A line of work.")
            .field("name", "String!", "Its name.", |branch, _| Ok(branch.name.clone().into()))
            .field("head", "Commit!", "Its newest commit.", |branch, _| {
                Ok(Value::object(branch.commit.clone()))
            })
            .done(),
        object::<Named>("Tag", "A name that stays with one version.")
            .field("name", "String!", "Its name.", |tag, _| Ok(tag.name.clone().into()))
            .field("commit", "Commit!", "The version.", |tag, _| Ok(Value::object(tag.commit.clone())))
            .done(),
    ]
}

fn diff_types() -> Vec<Definition> {
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
                |of, _| node::typed(&of.scope, of.diff.resource.clone(), &of.ontology),
            )
            .field("iri", "ID!", "Its IRI.", |of, _| Ok(of.scope.snapshot.shorten(&of.diff.resource).into()))
            .field("difference", "Difference!", "What became of it.", |of, _| {
                Ok(Value::Name(match of.diff.difference {
                    Difference::Added => "ADDED",
                    Difference::Removed => "REMOVED",
                    Difference::Changed => "CHANGED",
                }))
            })
            .field("properties", "[PropertyDiff!]!", "The properties that differ.", |of, _| {
                let wrap =
                    |diff: &PropertyDiff| PropertyValue { scope: Arc::clone(&of.scope), diff: diff.clone() };
                Ok(Value::objects(of.diff.properties.iter().map(wrap)))
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
            .field("removed", "[String!]!", "The values that are gone.", |of, _| {
                Ok(texts(&of.scope, &of.diff.removed).into())
            })
            .field("added", "[String!]!", "The values that are new.", |of, _| {
                Ok(texts(&of.scope, &of.diff.added).into())
            })
            .done(),
    ]
}

/// Wraps what differs between a version and one that stands on it.
pub(crate) fn resource_diffs(
    (from, to): (&Arc<Scope>, &Arc<Scope>),
    diffs: impl IntoIterator<Item = Arc<ResourceDiff>>,
    ontology: &Arc<Ontology>,
) -> Value {
    Value::objects(diffs.into_iter().map(|diff| ResourceValue {
        scope: Arc::clone(if diff.difference == Difference::Removed { from } else { to }),
        diff,
        ontology: Arc::clone(ontology),
    }))
}

/// Writes values as GraphQL shows them in differences: IRIs short, literals plain.
pub(crate) fn texts(scope: &Scope, terms: &[Term]) -> Vec<String> {
    let text = |term: &Term| match node::target(term) {
        Some(iri) => scope.snapshot.shorten(iri),
        None => crate::graphql::error::plain(term),
    };
    terms.iter().map(text).collect()
}

fn commit_of(scope: &Scope) -> Value {
    Value::object(scope.snapshot.commit().clone())
}

/// Adds the fields about history to `Query`.
pub(crate) fn extend_query(builder: ObjectBuilder<()>, ontology: &Arc<Ontology>) -> ObjectBuilder<()> {
    let ontology = Arc::clone(ontology);
    builder
        .field_with(
            "log",
            "CommitConnection!",
            "The commits behind a version, newest first; with a resource, those that changed it.",
            vec![
                InputField::new("branch", "String!", VERSION).default(MAIN),
                InputField::new("resource", "ID", "A resource."),
                InputField::new("first", "Int", "How many, 50 unless said otherwise, at most 1000."),
                InputField::new("after", "String", "The cursor after which the page begins."),
            ],
            |(), call| log(call),
        )
        .field_with(
            "diff",
            "Diff!",
            "What differs between two versions.",
            vec![
                InputField::new("from", "String!", VERSION),
                InputField::new("to", "String!", VERSION),
                InputField::new(
                    "reach",
                    "ID",
                    "Only what touches this resource: itself and what links to it.",
                ),
            ],
            move |(), call| diff(call, &ontology),
        )
        .field("branches", "[Branch!]!", "All branches, in name order.", |(), call| {
            named(call.request.app.repository().branches()?)
        })
        .field("tags", "[Tag!]!", "All tags, in name order.", |(), call| {
            named(call.request.app.repository().tags()?)
        })
}

fn named(found: Vec<(String, Commit)>) -> Result<Value, Error> {
    Ok(Value::objects(found.into_iter().map(|(name, commit)| Named { name, commit })))
}

/// Wraps a branch that was just made.
pub(crate) fn named_value(name: String, commit: Commit) -> Value {
    Value::object(Named { name, commit })
}

fn log(call: &Call<'_>) -> Result<Value, Error> {
    let snapshot = call.request.snapshot(&call.arguments.needed_text("branch")?)?;
    let resource = call.arguments.text("resource")?.map(|id| read_iri(&snapshot, &id)).transpose()?;
    let after = call.arguments.text("after")?;
    let after: Option<CommitId> = after
        .as_deref()
        .map(|text| {
            text.parse().map_err(|_| Error::bad_input(format!("\"{text}\" is not a cursor of the log")))
        })
        .transpose()?;
    let limit = page::size(call.arguments, "first")?.unwrap_or(PAGE_DEFAULT);
    let mut commits = call.request.app.log(&snapshot, resource.as_ref(), after, limit + 1)?;
    let next = commits.len() > limit;
    commits.truncate(limit);
    let cursor = |commit: Option<&Commit>| commit.map(|commit| commit.id.to_string());
    let (start, end) = (cursor(commits.first()), cursor(commits.last()));
    Ok(Value::object(Log { info: PageInfo { next, previous: after.is_some(), start, end }, commits }))
}

fn diff(call: &Call<'_>, ontology: &Arc<Ontology>) -> Result<Value, Error> {
    let scope = |name: &str| -> Result<Arc<Scope>, Error> {
        Ok(Arc::new(call.request.scope(&call.arguments.needed_text(name)?, None)?))
    };
    let (from, to) = (scope("from")?, scope("to")?);
    let reach = call.arguments.text("reach")?.map(|id| read_iri(&to.snapshot, &id)).transpose()?;
    let diff = call.request.app.diff(&from.snapshot, &to.snapshot, reach.as_ref())?;
    let resources = diff.resources.into_iter().map(Arc::new).collect();
    Ok(Value::object(DiffValue { from, to, resources, ontology: Arc::clone(ontology) }))
}

fn resources(diff: &DiffValue, call: &Call<'_>) -> Result<Value, Error> {
    let page = page_of(&diff.resources, &diff.to.snapshot, call)?;
    Ok(resource_diffs((&diff.from, &diff.to), page, &diff.ontology))
}

/// Returns the page of differences that the arguments `first` and `after` ask for.
pub(crate) fn page_of(
    resources: &[Arc<ResourceDiff>],
    at: &Snapshot,
    call: &Call<'_>,
) -> Result<Vec<Arc<ResourceDiff>>, Error> {
    let limit = page::size(call.arguments, "first")?.unwrap_or(PAGE_DEFAULT);
    let after = call.arguments.text("after")?.map(|id| read_iri(at, &id)).transpose()?;
    let begin =
        |of: &&Arc<ResourceDiff>| after.as_ref().is_none_or(|after| of.resource.as_str() > after.as_str());
    Ok(resources.iter().filter(begin).take(limit).cloned().collect())
}
