//! Merging branches and undoing commits: what would come of it, what conflicts, and what is decided.

use super::{conflict, diff};
use crate::app::{self, Choice, Scope};
use crate::graph::{Commit, MergePreview, MergeRequest, RequestKey, Resolution, ResourceDiff, RevertRequest};
use crate::graphql::engine::types::arguments::Arguments;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, input, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::Mutations;
use crate::graphql::schema::history::mutations::{MESSAGE, payload as with_commit};
use crate::graphql::schema::records::change::{Draft, put_before};
use crate::graphql::schema::shared::node::read_iri;
use crate::graphql::schema::shared::payload::{self, Made, head};
use crate::graphql::schema::shared::version_arguments::{MAIN, VERSION};
use crate::graphql::schema::shared::{author, page};
use crate::ontology::Ontology;
use std::sync::Arc;

/// A preview, with both sides to read its values against.
struct Preview {
    into: Arc<Scope>,
    source: Arc<Scope>,
    preview: MergePreview,
    /// The first resources that it would change.
    changes: Vec<Arc<ResourceDiff>>,
    resolutions: Vec<Resolution>,
    ontology: Arc<Ontology>,
}

impl Preview {
    /// Returns a page of what the merge would change; what is not in memory is merged again.
    fn changes(&self, call: &Call<'_>) -> Result<Value, Error> {
        let (versions, total) = ((&self.into, &self.source), Some(self.preview.diff.total));
        let beyond = diff::page_beyond(&self.changes, call)?.filter(|_| self.preview.diff.has_more);
        let Some((after, limit)) = beyond else {
            return diff::page_of(&self.changes, versions, &self.ontology, total, call);
        };
        let (session, wanted) = (&call.request.session, call.request.cancellation());
        let heads = (self.preview.source.id, self.preview.into.id);
        let mut part = Vec::new();
        session.each_merge_change::<Error>(heads, &self.resolutions, after.as_ref(), wanted, |diff| {
            part.push(Arc::new(diff));
            Ok(part.len() < limit)
        })?;
        diff::page_of(&part, versions, &self.ontology, total, call)
    }
}

pub(crate) fn types() -> Vec<Definition> {
    let sides = [
        ("OURS", "The branch that takes the merge or the revert."),
        ("THEIRS", "The version that is merged; in a revert, what was there before the commit."),
    ];
    vec![preview(), resolution(), enumeration("MergeSide", "One of two lines of history.", &sides)]
}

fn preview() -> Definition {
    object::<Preview>("MergePreview", "The outcome of a merge; nothing is written.")
        .field("into", "Commit!", "The head of the branch that would take it: the merge's expectedHead.", |of, _| {
            Ok(Value::object(of.preview.into.clone()))
        })
        .field("source", "Commit!", "The version that would be merged.", |of, _| {
            Ok(Value::object(of.preview.source.clone()))
        })
        .field("bases", "[Commit!]!", "The best common ancestors of both.", |of, _| {
            Ok(Value::objects(of.preview.bases.iter().cloned()))
        })
        .field("mergedAlready", "Boolean!", "Whether the branch has all of it already.", |of, _| {
            Ok(of.preview.merged_already.into())
        })
        .field("clean", "Boolean!", "Whether the merge can be made without further decisions.", |of, _| {
            Ok(of.preview.is_clean().into())
        })
        .field_with(
            "conflicts",
            "MergeConflictConnection!",
            "What both sides say differently, and is not decided.",
            page::arguments(),
            |of, call| conflict::conflicts(&of.into, &of.preview.conflicts, call),
        )
        .field_with(
            "violations",
            "ViolationConnection!",
            "The shapes and rules that the result would break, with undecided conflicts left as the branch has them.",
            page::arguments(),
            |of, call| conflict::violations(&of.into, &of.preview.violations, call),
        )
        .field_with(
            "changes",
            "ResourceDiffConnection!",
            "What the merge would change on the branch, in IRI order.",
            page::forward_arguments(),
            |of, call| of.changes(call),
        )
        .done()
}

fn resolution() -> Definition {
    input(
        "Resolution",
        "What is decided of a conflict, or of anything else that a merge touches: take one side, or give values.",
        vec![
            InputField::new("resource", "ID!", "The resource or fragment, as the conflict names it."),
            InputField::new(
                "property",
                "String",
                "The property, as the conflict names it; absent for the resource as a whole.",
            ),
            InputField::new("take", "MergeSide", "The side whose values it ends with."),
            InputField::new(
                "values",
                "[String!]",
                "The values it ends with, instead of a side's, each written as in a table: 80.5, an IRI, a unit.",
            ),
        ],
    )
}

/// Adds the preview to `Query`.
pub(crate) fn extend_query(builder: ObjectBuilder<()>, ontology: &Arc<Ontology>) -> ObjectBuilder<()> {
    let ontology = Arc::clone(ontology);
    builder.field_with(
        "mergePreview",
        "MergePreview",
        "The outcome of a merge; nothing is written.",
        vec![
            InputField::new("source", "String!", VERSION),
            InputField::new("into", "String!", "The branch that would take the merge.").default(MAIN),
            InputField::new("resolutions", "[Resolution!]", "What is decided already."),
        ],
        move |(), call| merge_preview(call, &ontology),
    )
}

/// Adds merging and undoing to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    let resolutions =
        || InputField::new("resolutions", "[Resolution!]", "What is decided about the conflicts.");
    let message = || InputField::new("message", "String", MESSAGE);
    mutations
        .add(
            ("merge", "Merges a version into a branch; refused as CONFLICT while conflicts are not decided."),
            vec![
                InputField::new("source", "String!", VERSION),
                InputField::new("into", "String!", "The branch that takes the merge.").default(MAIN),
                message(),
                author::argument(),
                resolutions(),
                InputField::new(
                    "changes",
                    "[Change!]",
                    "Other changes of the merge commit, such as those that repair a rule which the result would break.",
                ),
                InputField::new(
                    "expectedHead",
                    "ID",
                    "The head that was previewed; a branch that has moved since is refused.",
                ),
            ],
            with_commit,
            merge,
        )
        .add(
            ("revert", "Makes a commit that undoes another one and keeps what came after it; refused as CONFLICT where later work changed the same things."),
            vec![
                InputField::new("commit", "String!", "The commit to undo, by any of its names."),
                InputField::new("branch", "String!", "The branch that takes the commit.").default(MAIN),
                message(),
                author::argument(),
                resolutions(),
            ],
            with_commit,
            revert,
        )
}

fn merge_preview(call: &Call<'_>, ontology: &Arc<Ontology>) -> Result<Value, Error> {
    let (source, into) = (call.arguments.needed_text("source")?, call.arguments.needed_text("into")?);
    let at = Arc::new(call.request.scope(&into, None)?);
    let resolutions = resolutions(call, &at)?;
    let mut preview =
        call.request.session.merge_preview(&source, &into, &resolutions, call.request.cancellation())?;
    let changes = std::mem::take(&mut preview.diff.resources).into_iter().map(Arc::new).collect();
    let scope = |commit: &Commit| -> Result<Arc<Scope>, Error> {
        Ok(Arc::new(call.request.scope(&commit.id.to_string(), None)?))
    };
    let (into, source) = (scope(&preview.into)?, scope(&preview.source)?);
    Ok(Value::object(Preview { into, source, preview, changes, resolutions, ontology: Arc::clone(ontology) }))
}

fn resolutions(call: &Call<'_>, at: &Scope) -> Result<Vec<Resolution>, Error> {
    call.arguments.objects("resolutions")?.iter().map(|given| read_resolution(given, at)).collect()
}

fn read_resolution(given: &Arguments, at: &Scope) -> Result<Resolution, Error> {
    let resource = read_iri(&at.snapshot, &given.needed_text("resource")?)?;
    let choice = match (given.text("take")?.as_deref(), given.texts("values")?) {
        (Some("OURS"), None) => Choice::Ours,
        (Some(_), None) => Choice::Theirs,
        (None, Some(values)) => Choice::Values(values),
        _ => return Err(Error::bad_input("a resolution has either take or values")),
    };
    Ok(app::resolution(&at.snapshot, resource.as_str(), given.text("property")?.as_deref(), choice)?)
}

fn merge(call: &Call<'_>, key: Option<RequestKey>) -> Result<Made, Error> {
    let into = call.arguments.needed_text("into")?;
    let at = call.request.scope(&into, None)?;
    let mut draft = Draft::new(&at.snapshot, &**call.request.session.clock());
    let given = call.arguments.objects("changes")?;
    given.iter().try_for_each(|change| draft.read(change))?;
    let (changes, put) = draft.finish();
    let expected = call.arguments.text("expectedHead")?.map(|text| head(&text)).transpose()?;
    let request = MergeRequest {
        source: call.arguments.needed_text("source")?,
        message: call.arguments.text("message")?,
        resolutions: resolutions(call, &at)?,
        // Changes are written against the head that was read just now.
        expected_head: expected.or((!changes.is_empty()).then_some(at.snapshot.commit().id)),
        into,
        changes,
        author: author::read(call.arguments)?,
        wanted: call.request.cancellation().clone(),
        idempotency_key: key,
    };
    let committed = call.request.session.merge(&request)?;
    call.request.forget();
    if committed.replayed {
        let again = payload::answered_again(call, committed)?;
        let version = call.request.snapshot(&again.commit.id.to_string())?;
        let put = put_before(&version, &given, again.put)?;
        return Ok(Made { put, ..again });
    }
    Ok(Made { commit: committed.commit, changed: committed.changed, put })
}

fn revert(call: &Call<'_>, key: Option<RequestKey>) -> Result<Made, Error> {
    let branch = call.arguments.needed_text("branch")?;
    let at = call.request.scope(&branch, None)?;
    let request = RevertRequest {
        commit: call.arguments.needed_text("commit")?,
        message: call.arguments.text("message")?,
        resolutions: resolutions(call, &at)?,
        branch,
        author: author::read(call.arguments)?,
        wanted: call.request.cancellation().clone(),
        idempotency_key: key,
    };
    let committed = call.request.session.revert(&request)?;
    call.request.forget();
    let committed = payload::counted(call, committed)?;
    Ok(Made { commit: committed.commit, changed: committed.changed, put: Vec::new() })
}
