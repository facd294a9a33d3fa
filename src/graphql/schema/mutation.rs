//! The root of writing.

use super::author;
use super::change::Draft;
use super::decision;
use super::filing;
use super::history::named_value;
use super::margin;
use super::merge;
use super::monitor;
use super::node::{self, Node, read_iri};
use super::suspect;
use super::thread::{MAIN, VERSION};
use crate::app::{EvidenceRequest, Recorded, Scope};
use crate::graph::{
    self, AdoptRequest, Commit, CommitId, CommitRequest, Committed, Difference, PropertyDiff,
};
use crate::graphql::engine::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value, arguments::missing};
use crate::graphql::error::{Code, Error};
use crate::ontology::Ontology;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// How often a commit that names no head is made anew when another commit comes between.
const ATTEMPTS: usize = 3;

/// What a commit came to.
pub(crate) struct Payload {
    pub(crate) commit: Commit,
    pub(crate) changed: usize,
    pub(crate) put: Vec<NamedNode>,
}

/// Evidence that was recorded, and what it was asked of.
struct EvidencePayload {
    asked: Arc<Scope>,
    recorded: Recorded,
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    vec![mutation(), payload(ontology), evidence_payload()]
}

fn mutation() -> Definition {
    let builder = object::<()>("Mutation", "All that can be changed.");
    let builder = decision::extend_mutation(merge::extend_mutation(builder));
    super::review::extend_mutation(monitor::extend_mutation(builder))
        .field_with(
            "commit",
            "CommitPayload!",
            "Makes one commit of all changes, or none: they are validated together.",
            vec![
                InputField::new("branch", "String!", "The branch that takes the commit.").default(MAIN),
                InputField::new("message", "String!", "What the commit says of itself."),
                author::argument(),
                InputField::new(
                    "expectedHead",
                    "ID",
                    "The head that the changes were made against; where the branch has moved since, they are merged or refused.",
                ),
                InputField::new(
                    "idempotencyKey",
                    "String",
                    "A name for this commit: the same key again answers with the same commit.",
                ),
                InputField::new("changes", "[Change!]!", "What changes, in order."),
            ],
            |(), call| commit(call),
        )
        .field_with(
            "createBranch",
            "Branch!",
            "Begins a branch.",
            vec![
                InputField::new("name", "String!", "Its name."),
                InputField::new("at", "String!", VERSION).default(MAIN),
            ],
            |(), call| create_branch(call),
        )
        .field_with(
            "deleteBranch",
            "ID!",
            "Deletes a branch, and returns the id of its last head; what tags, kept versions and other branches name stays.",
            vec![
                InputField::new("name", "String!", "Its name; neither main nor the branch of an import."),
                InputField::new("expectedHead", "ID", "Its head as the caller knows it; another is a conflict."),
            ],
            |(), call| delete_branch(call),
        )
        .field_with(
            "adopt",
            "Branch!",
            "Takes in commits made elsewhere with plain Git, checked as a whole first, and makes a branch of them or moves one on.",
            vec![
                InputField::new("ref", "String!", "What was pushed to refs/incoming/REF; or any other ref, or a commit id."),
                InputField::new("as", "String", "The branch; REF where absent."),
            ],
            |(), call| adopt(call),
        )
        .field_with(
            "tag",
            "Tag!",
            "Gives a version a name that stays with it.",
            vec![
                InputField::new("name", "String!", "The name."),
                InputField::new("at", "String!", VERSION).default(MAIN),
                InputField::new("message", "String", "What the tag says of itself."),
            ],
            |(), call| tag(call),
        )
        .field_with(
            "clearSuspect",
            "CommitPayload!",
            "Confirms that a suspect link still holds: from this commit on it is in order, until its target changes again.",
            suspect::clear_arguments(),
            |(), call| {
                let Committed { commit, changed, .. } = suspect::clear(call)?;
                Ok(Value::object(Payload { commit, changed, put: Vec::new() }))
            },
        )
        .field_with(
            "recordEvidence",
            "EvidencePayload!",
            "Holds the field life of an item against the requirements on its design, records what was found, and files violations under findings.",
            vec![
                InputField::new("branch", "String!", "The branch that takes the record."),
                InputField::new("item", "ID!", "A Part, DesignRevision, Build or TwinInstance."),
                InputField::new("requirement", "ID", "One requirement; all that the design satisfies where absent."),
                super::fielded::window(),
                InputField::new(
                    "openFindings",
                    "Boolean!",
                    "Whether violations open findings, or become further evidence of those that are there.",
                )
                .default(true),
                InputField::new("at", "String!", VERSION).default(MAIN),
                InputField::new("asKnownAt", "String", "A watermark; the newest where absent."),
                InputField::new("message", "String", "What the commit says of itself."),
                author::argument(),
            ],
            |(), call| record_evidence(call),
        )
        .done()
}

fn payload(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    object::<Payload>("CommitPayload", "What a commit came to.")
        .field("commit", "Commit!", "The new commit; the head as it was where nothing changed.", |of, _| {
            Ok(Value::object(of.commit.clone()))
        })
        .field("changed", "Int!", "How many statements came or went.", |of, _| Ok(of.changed.into()))
        .field("resources", "[Node!]!", "What was put, in the order of the puts.", move |of, call| {
            let scope = scope(of, call)?;
            of.put
                .iter()
                .map(|iri| node::typed(&scope, iri.clone(), &known))
                .collect::<Result<_, _>>()
                .map(Value::List)
        })
        .field("thread", "Thread!", "The version that the commit is.", |of, call| {
            Ok(Value::object(scope(of, call)?))
        })
        .done()
}

fn evidence_payload() -> Definition {
    object::<EvidencePayload>("EvidencePayload", "Evidence that was recorded.")
        .field(
            "commit",
            "Commit!",
            "The commit; the head as it was where the same evidence was there already.",
            |of, _| Ok(Value::object(of.recorded.committed.commit.clone())),
        )
        .field("changed", "Int!", "How many statements came or went.", |of, _| {
            Ok(of.recorded.committed.changed.into())
        })
        .field("evidence", "[FieldEvidence!]!", "The records, as the commit has them.", |of, call| {
            let id = of.recorded.committed.commit.id.to_string();
            let scope = Arc::new(call.request.scope(&id, None)?);
            let records = of.recorded.evidence.records.iter();
            Ok(Value::objects(records.map(|record| Node::new(&scope, record.iri.clone()))))
        })
        .field("filings", "[Filing!]!", "What the violations came to, as the commit has it.", |of, call| {
            let id = of.recorded.committed.commit.id.to_string();
            Ok(filing::values(&Arc::new(call.request.scope(&id, None)?), &of.recorded.filings))
        })
        .field(
            "margins",
            "[Margin!]!",
            "What was found, at the version and watermark that were asked.",
            |of, _| Ok(margin::value(&of.asked, of.recorded.evidence.margins().cloned())),
        )
        .done()
}

fn record_evidence(call: &Call<'_>) -> Result<Value, Error> {
    let given = call.arguments;
    let known = given.text("asKnownAt")?;
    let asked = Arc::new(call.request.scope(&given.needed_text("at")?, known.as_deref())?);
    let snapshot = &asked.snapshot;
    let request = EvidenceRequest {
        branch: given.needed_text("branch")?,
        item: read_iri(snapshot, &given.needed_text("item")?)?,
        requirement: given.text("requirement")?.map(|id| read_iri(snapshot, &id)).transpose()?,
        window: given.window("window")?.ok_or_else(|| missing("window"))?,
        open_findings: given.flag("openFindings")?.unwrap_or(true),
        message: given.text("message")?,
        author: author::read(given)?,
    };
    let recorded = call.request.app.record_evidence(&asked, &request)?;
    call.request.forget();
    Ok(Value::object(EvidencePayload { asked, recorded }))
}

fn scope(of: &Payload, call: &Call<'_>) -> Result<Arc<Scope>, Error> {
    Ok(Arc::new(call.request.scope(&of.commit.id.to_string(), None)?))
}

fn commit(call: &Call<'_>) -> Result<Value, Error> {
    let expected = call.arguments.text("expectedHead")?.map(|text| head(&text)).transpose()?;
    let mut attempt = 1;
    loop {
        match try_commit(call, expected) {
            // The caller named no head, so what came between is no conflict of its making: it is read anew.
            Err(error) if error.code == Code::Conflict && expected.is_none() && attempt < ATTEMPTS => {
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// Reads the argument `seen`: the version that a person looked at.
pub(crate) fn seen(call: &Call<'_>) -> Result<Option<CommitId>, Error> {
    let seen = call.arguments.text("seen")?.map(|version| call.request.snapshot(&version)).transpose()?;
    Ok(seen.map(|seen| seen.commit().id))
}

pub(crate) fn head(text: &str) -> Result<CommitId, Error> {
    text.parse().map_err(|error: graph::commit::NotAnId| Error::bad_input(error))
}

fn try_commit(call: &Call<'_>, expected: Option<CommitId>) -> Result<Value, Error> {
    let app = &call.request.app;
    let branch = call.arguments.needed_text("branch")?;
    let heads = app.repository().branches()?;
    let known = heads.iter().find(|(name, _)| *name == branch);
    let (_, now) = known.ok_or_else(|| graph::Error::UnknownBranch(branch.clone()))?;
    let against = app.snapshot(&expected.unwrap_or(now.id).to_string())?;
    let mut draft = Draft::new(&against, &**app.clock());
    for change in call.arguments.objects("changes")? {
        draft.read(&change)?;
    }
    let (changes, put) = draft.finish();
    let request = CommitRequest {
        branch,
        message: call.arguments.needed_text("message")?,
        changes,
        expected_head: Some(against.commit().id),
        author: author::read(call.arguments)?,
        idempotency_key: call.arguments.text("idempotencyKey")?,
        ..CommitRequest::default()
    };
    let committed = app.commit_as(&request)?;
    call.request.forget();
    if committed.replayed {
        return Ok(Value::object(told_again(call, committed)?));
    }
    let Committed { commit, changed, .. } = committed;
    Ok(Value::object(Payload { commit, changed, put }))
}

/// Tells of a commit that was made before under the same key, when other ids may have been made than now.
fn told_again(call: &Call<'_>, committed: Committed) -> Result<Payload, Error> {
    let Some(parent) = committed.commit.parents.first() else {
        return Ok(Payload { commit: committed.commit, changed: 0, put: Vec::new() });
    };
    let before = call.request.snapshot(&parent.to_string())?;
    let after = call.request.snapshot(&committed.commit.id.to_string())?;
    let diff = call.request.app.diff(&before, &after, None)?;
    let values = |property: &PropertyDiff| property.removed.len() + property.added.len();
    let changed = diff.resources.iter().flat_map(|resource| &resource.properties).map(values).sum();
    let kept = diff.resources.into_iter().filter(|resource| resource.difference != Difference::Removed);
    Ok(Payload { commit: committed.commit, changed, put: kept.map(|resource| resource.resource).collect() })
}

fn create_branch(call: &Call<'_>) -> Result<Value, Error> {
    let name = call.arguments.needed_text("name")?;
    let commit = call.request.app.create_branch(&name, &call.arguments.needed_text("at")?)?;
    call.request.forget();
    Ok(named_value(name, commit))
}

fn delete_branch(call: &Call<'_>) -> Result<Value, Error> {
    let name = call.arguments.needed_text("name")?;
    let expected = call.arguments.text("expectedHead")?.map(|text| head(&text)).transpose()?;
    let was = call.request.app.delete_branch(&name, expected)?;
    call.request.forget();
    Ok(was.to_string().into())
}

fn adopt(call: &Call<'_>) -> Result<Value, Error> {
    let (reference, branch) = (call.arguments.needed_text("ref")?, call.arguments.text("as")?);
    let adopted = call.request.app.adopt(&AdoptRequest { reference, branch })?;
    call.request.forget();
    Ok(named_value(adopted.branch, adopted.commit))
}

fn tag(call: &Call<'_>) -> Result<Value, Error> {
    let name = call.arguments.needed_text("name")?;
    let message = call.arguments.text("message")?.unwrap_or_default();
    let commit = call.request.app.tag(&name, &call.arguments.needed_text("at")?, &message)?;
    call.request.forget();
    Ok(named_value(name, commit))
}
