//! Merging branches and undoing commits: what would come of it, what conflicts, and what is decided.

use super::diff;
use crate::app::{self, Choice, Scope};
use crate::graph::{
    Commit, Conflict, ConflictKind, MergePreview, MergeRequest, Resolution, ResourceDiff, RevertRequest,
};
use crate::graphql::engine::types::arguments::Arguments;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, input, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::records::change::{Draft, put_before};
use crate::graphql::schema::shared::author;
use crate::graphql::schema::shared::node::{self, property_name, read_iri};
use crate::graphql::schema::shared::payload::{self, Payload, head};
use crate::graphql::schema::shared::version_arguments::{MAIN, VERSION};
use crate::model::statement::Statement;
use crate::ontology::{Ontology, Violation};
use oxigraph::model::Term;
use std::sync::Arc;

/// A preview, with both sides to read its values against.
struct Preview {
    into: Arc<Scope>,
    source: Arc<Scope>,
    preview: MergePreview,
    changes: Vec<Arc<ResourceDiff>>,
    ontology: Arc<Ontology>,
}

struct ConflictValue {
    scope: Arc<Scope>,
    conflict: Conflict,
}

struct SideValue {
    scope: Arc<Scope>,
    values: Vec<Term>,
    commit: Option<Commit>,
}

struct LinkValue {
    scope: Arc<Scope>,
    link: Statement,
}

struct ViolationValue {
    scope: Arc<Scope>,
    violation: Violation,
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = vec![preview(), conflict(), side(), link(), violation(), resolution()];
    let kinds = [
        (ConflictKind::BothChanged, "Both sides changed the property, to different values."),
        (ConflictKind::RetiredAndChanged, "One side retired it, the other changed it."),
        (ConflictKind::RetiredAndLinked, "One side retired it, the other links to it."),
    ];
    let kinds = kinds.map(|(kind, comment)| (kind.as_str(), comment));
    types.push(enumeration("MergeConflictKind", "What two sides did to the same thing.", &kinds));
    let sides = [
        ("OURS", "The branch that takes the merge or the revert."),
        ("THEIRS", "The version that is merged; in a revert, what was there before the commit."),
    ];
    types.push(enumeration("MergeSide", "One of two lines of history.", &sides));
    types
}

/// Wraps what shapes and rules forbid.
pub(crate) fn violations(scope: &Arc<Scope>, violations: &[Violation]) -> Value {
    let wrap =
        |violation: &Violation| ViolationValue { scope: Arc::clone(scope), violation: violation.clone() };
    Value::objects(violations.iter().map(wrap))
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
        .field("conflicts", "[MergeConflict!]!", "What the two sides state differently and is not decided.", |of, _| {
            let wrap = |conflict: &Conflict| ConflictValue { scope: Arc::clone(&of.into), conflict: conflict.clone() };
            Ok(Value::objects(of.preview.conflicts.iter().map(wrap)))
        })
        .field(
            "violations",
            "[Violation!]!",
            "The shapes and rules that the result would break, with undecided conflicts left as the branch has them.",
            |of, _| Ok(violations(&of.into, &of.preview.violations)),
        )
        .field("changeCount", "Int!", "How many resources the merge would change on the branch.", |of, _| {
            Ok(of.changes.len().into())
        })
        .field_with(
            "changes",
            "[ResourceDiff!]!",
            "What the merge would change on the branch, in IRI order.",
            vec![
                InputField::new("first", "Int", "How many, 50 by default, at most 1000."),
                InputField::new("after", "ID", "The IRI after which to begin."),
            ],
            |of, call| {
                diff::page_of(&of.changes, (&of.into, &of.source), &of.ontology, call)
            },
        )
        .done()
}

fn conflict() -> Definition {
    object::<ConflictValue>("MergeConflict", "One property that the two sides state differently.")
        .field("kind", "MergeConflictKind!", "What both sides did.", |of, _| {
            Ok(Value::Name(of.conflict.kind.as_str()))
        })
        .field("resource", "ID!", "The resource or fragment: what a Resolution names.", |of, _| {
            Ok(of.scope.snapshot.shorten(&of.conflict.subject).into())
        })
        .field(
            "property",
            "String",
            "The property: what a Resolution names; absent where the resource as a whole is at stake.",
            |of, _| {
                let name = |predicate: &oxigraph::model::NamedNode| {
                    property_name(of.scope.snapshot.ontology(), predicate.as_ref())
                };
                Ok(of.conflict.predicate.as_ref().map(name).into())
            },
        )
        .field("base", "[String!]!", "The values both started from.", |of, _| {
            Ok(texts(&of.scope, &of.conflict.base).into())
        })
        .field("ours", "MergeConflictSide!", "The branch's side.", |of, _| {
            Ok(of.side(&of.conflict.ours, of.conflict.ours_commit.as_ref()))
        })
        .field("theirs", "MergeConflictSide!", "The other side.", |of, _| {
            Ok(of.side(&of.conflict.theirs, of.conflict.theirs_commit.as_ref()))
        })
        .field(
            "links",
            "[MergeConflictLink!]!",
            "What links to a resource that one side retired.",
            |of, _| {
                let wrap = |link: &Statement| LinkValue { scope: Arc::clone(&of.scope), link: link.clone() };
                Ok(Value::objects(of.conflict.links.iter().map(wrap)))
            },
        )
        .done()
}

impl ConflictValue {
    fn side(&self, values: &[Term], commit: Option<&Commit>) -> Value {
        let scope = Arc::clone(&self.scope);
        Value::object(SideValue { scope, values: values.to_vec(), commit: commit.cloned() })
    }
}

fn side() -> Definition {
    object::<SideValue>("MergeConflictSide", "What one side states.")
        .field("values", "[String!]!", "Its values; none where it has none.", |of, _| {
            Ok(texts(&of.scope, &of.values).into())
        })
        .field(
            "commit",
            "Commit",
            "The commit that last changed it on this side, where there is one.",
            |of, _| Ok(of.commit.clone().map_or(Value::Null, Value::object)),
        )
        .done()
}

fn link() -> Definition {
    object::<LinkValue>("MergeConflictLink", "A link to a resource that one side retired.")
        .field("from", "ID!", "The resource or fragment that links.", |of, _| {
            Ok(of.scope.snapshot.shorten(&of.link.subject).into())
        })
        .field(
            "property",
            "String!",
            "The link's field, or the IRI of one that no class declares.",
            |of, _| Ok(property_name(of.scope.snapshot.ontology(), of.link.predicate.as_ref()).into()),
        )
        .field("to", "ID", "What it links to.", |of, _| {
            Ok(node::target(&of.link.object).map(|iri| of.scope.snapshot.shorten(iri)).into())
        })
        .done()
}

fn violation() -> Definition {
    object::<ViolationValue>("Violation", "What a shape or a rule of the ontology forbids.")
        .field("resource", "ID!", "The resource or fragment that breaks it.", |of, _| {
            Ok(of.scope.snapshot.shorten(&of.violation.resource).into())
        })
        .field("path", "String", "The field.", |of, _| Ok(of.violation.path.clone().into()))
        .field("message", "String!", "What is wrong.", |of, _| Ok(of.violation.message.clone().into()))
        .field("rule", "String!", "The shape or rule.", |of, _| Ok(of.violation.rule.clone().into()))
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
        "MergePreview!",
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
pub(crate) fn extend_mutation(builder: ObjectBuilder<()>) -> ObjectBuilder<()> {
    let resolutions = || InputField::new("resolutions", "[Resolution!]", "What is decided of the conflicts.");
    let message = || InputField::new("message", "String", "The message of the commit.");
    builder
        .field_with(
            "merge",
            "CommitPayload!",
            "Merges a version into a branch; refused as CONFLICT while conflicts are not decided.",
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
                payload::idempotency_key(),
            ],
            |(), call| merge(call),
        )
        .field_with(
            "revert",
            "CommitPayload!",
            "Makes a commit that undoes another one and keeps what came after it; refused as CONFLICT where later work changed the same things.",
            vec![
                InputField::new("commit", "String!", "The commit to undo, by any of its names."),
                InputField::new("branch", "String!", "The branch that takes the commit.").default(MAIN),
                message(),
                author::argument(),
                resolutions(),
                payload::idempotency_key(),
            ],
            |(), call| revert(call),
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
    Ok(Value::object(Preview { into, source, preview, changes, ontology: Arc::clone(ontology) }))
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

fn merge(call: &Call<'_>) -> Result<Value, Error> {
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
        idempotency_key: call.arguments.text("idempotencyKey")?,
    };
    let committed = call.request.session.merge(&request)?;
    call.request.forget();
    if committed.replayed {
        let again = payload::answered_again(call, committed)?;
        let version = call.request.snapshot(&again.commit.id.to_string())?;
        let put = put_before(&version, &given, again.put)?;
        return Ok(Value::object(Payload { put, ..again }));
    }
    Ok(Value::object(Payload { commit: committed.commit, changed: committed.changed, put }))
}

fn revert(call: &Call<'_>) -> Result<Value, Error> {
    let branch = call.arguments.needed_text("branch")?;
    let at = call.request.scope(&branch, None)?;
    let request = RevertRequest {
        commit: call.arguments.needed_text("commit")?,
        message: call.arguments.text("message")?,
        resolutions: resolutions(call, &at)?,
        branch,
        author: author::read(call.arguments)?,
        wanted: call.request.cancellation().clone(),
        idempotency_key: call.arguments.text("idempotencyKey")?,
    };
    let committed = call.request.session.revert(&request)?;
    call.request.forget();
    let committed = payload::counted(call, committed)?;
    Ok(Value::object(Payload { commit: committed.commit, changed: committed.changed, put: Vec::new() }))
}

fn texts(scope: &Scope, terms: &[Term]) -> Vec<String> {
    terms.iter().map(|term| node::shown(&scope.snapshot, term)).collect()
}
