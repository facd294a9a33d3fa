//! Commits, branches, tags and the log.

pub(crate) mod conflict;
pub(crate) mod diff;
pub(crate) mod merge;
pub(crate) mod mutations;
pub(crate) mod provenance;
pub(crate) mod suspect;
pub(crate) mod trace;

use super::shared::node::find_iri;
use super::shared::page::{self, PageInfo};
use super::shared::version_arguments::{MAIN, VERSION};
use crate::graph::{self, Author, Commit};
use crate::graphql::engine::document::limits::PAGE_DEFAULT;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::ontology::Ontology;
use std::sync::Arc;

/// A branch or a tag with its commit, or why that cannot be read.
#[derive(Clone)]
pub(crate) struct Named {
    name: String,
    commit: Result<Commit, String>,
}

impl Named {
    /// Names a commit that can be read.
    pub(crate) const fn new(name: String, commit: Commit) -> Self {
        Self { name, commit: Ok(commit) }
    }

    fn commit(&self) -> Result<Value, Error> {
        match &self.commit {
            Ok(commit) => Ok(Value::object(commit.clone())),
            Err(reason) => {
                let (name, reason) = (self.name.clone(), reason.clone());
                Err(graph::Error::Unreadable { name, reason }.into())
            }
        }
    }
}

struct Log {
    commits: Vec<Commit>,
    info: PageInfo,
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = [page::connection::<Named>("Branch"), page::connection::<Named>("Tag")].concat();
    types.extend([
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
            .field(
                "preview",
                "Boolean!",
                "Whether it is in no history: changes that were only supposed, as an exposure does.",
                |commit, _| Ok(commit.id.is_preview().into()),
            )
            .field(
                "parents",
                "[ID!]!",
                "The commits that it follows, the one of its own line of history first.",
                |commit, _| Ok(commit.parents.iter().map(ToString::to_string).collect::<Vec<_>>().into()),
            )
            .field("author", "Author!", "Who made it.", |commit, _| Ok(Value::object(commit.author.clone())))
            .field("time", "DateTime!", "When it was recorded.", |commit, _| {
                Ok(commit.time.to_string().into())
            })
            .field("message", "String!", "Its message.", |commit, _| Ok(commit.message.clone().into()))
            .done(),
        object::<Log>("CommitConnection", page::PAGE)
            .field("edges", "[CommitEdge!]!", "", |log, _| Ok(Value::objects(log.commits.iter().cloned())))
            .field("nodes", "[Commit!]!", "", |log, _| Ok(Value::objects(log.commits.iter().cloned())))
            .field("pageInfo", "PageInfo!", "", |log, _| Ok(Value::object(log.info.clone())))
            .done(),
        object::<Commit>("CommitEdge", page::EDGE)
            .field("cursor", "String!", "", |commit, _| Ok(page::opaque(&commit.id.to_string()).into()))
            .field("node", "Commit!", "", |commit, _| Ok(Value::object(commit.clone())))
            .done(),
        object::<Named>("Branch", "A line of work.")
            .field("name", "String!", "Its name.", |branch, _| Ok(branch.name.clone().into()))
            .field(
                "head",
                "Commit",
                "Its newest commit; null, with an error, where it cannot be read.",
                |branch, _| branch.commit(),
            )
            .done(),
        object::<Named>("Tag", "A name that stays with one version.")
            .field("name", "String!", "Its name.", |tag, _| Ok(tag.name.clone().into()))
            .field(
                "commit",
                "Commit",
                "The version; null, with an error, where it cannot be read.",
                |tag, _| tag.commit(),
            )
            .done(),
    ]);
    types
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
                InputField::new("at", "String!", VERSION).default(MAIN),
                InputField::new("resource", "ID", "A resource."),
                InputField::new("first", "Int", ""),
                InputField::new("after", "String", ""),
            ],
            |(), call| log(call),
        )
        .field_with(
            "diff",
            "Diff",
            "What differs between two versions.",
            vec![
                InputField::new("from", "String!", VERSION),
                InputField::new("to", "String!", VERSION),
                InputField::new(
                    "affects",
                    "ID",
                    "Only what touches this resource: itself and what links to it.",
                ),
            ],
            move |(), call| diff::diff(call, &ontology),
        )
        .field_with(
            "branches",
            "BranchConnection!",
            "All branches, in name order.",
            page::arguments(),
            |(), call| {
                let session = &call.request.session;
                named(session.branches()?, session.unreadable_branches()?, call)
            },
        )
        .field_with("tags", "TagConnection!", "All tags, in name order.", page::arguments(), |(), call| {
            let session = &call.request.session;
            named(session.tags()?, session.unreadable_tags()?, call)
        })
}

/// Returns a page of branches or tags in name order, those that cannot be read among them.
fn named(
    found: Vec<(String, Commit)>,
    unreadable: Vec<(String, String)>,
    call: &Call<'_>,
) -> Result<Value, Error> {
    let found = found.into_iter().map(|(name, commit)| Named { name, commit: Ok(commit) });
    let unreadable = unreadable.into_iter().map(|(name, reason)| Named { name, commit: Err(reason) });
    let mut named: Vec<(String, Named)> = found.chain(unreadable).map(|of| (of.name.clone(), of)).collect();
    named.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    page::named(named, call.arguments)
}

fn log(call: &Call<'_>) -> Result<Value, Error> {
    let snapshot = call.request.snapshot(&call.arguments.needed_text("at")?)?;
    let resource = call.arguments.text("resource")?.map(|id| find_iri(&snapshot, &id)).transpose()?;
    let after = provenance::read_cursor(call)?;
    let limit = page::size(call.arguments, "first")?.unwrap_or(PAGE_DEFAULT);
    let mut commits = call.request.session.log(&snapshot, resource.as_ref(), after, limit + 1)?;
    let next = commits.len() > limit;
    commits.truncate(limit);
    let cursor = |commit: Option<&Commit>| commit.map(|commit| commit.id.to_string());
    let (start, end) = (cursor(commits.first()), cursor(commits.last()));
    Ok(Value::object(Log { info: PageInfo { next, previous: after.is_some(), start, end }, commits }))
}
