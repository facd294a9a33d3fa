//! The root of writing.

use super::history::{merge, named_value, suspect};
use super::records::change::Draft;
use super::records::change::put_before;
use super::shared::payload::{Payload, answered_again, head, idempotency_key};
use super::shared::version_arguments::{MAIN, VERSION};
use super::shared::{author, node};
use super::verdicts::{decision, evidence, monitor, review};
use crate::app::Scope;
use crate::graph::{AdoptRequest, CommitRequest, Committed};
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::ontology::Ontology;
use std::sync::Arc;

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    vec![mutation(), payload(ontology)]
}

fn mutation() -> Definition {
    let builder = object::<()>("Mutation", "The root of all mutations.");
    let builder = decision::extend_mutation(merge::extend_mutation(builder));
    let builder = review::extend_mutation(monitor::extend_mutation(builder));
    let builder = names(evidence::extend_mutation(suspect::extend_mutation(builder)));
    builder
        .field_with(
            "commit",
            "CommitPayload!",
            "Makes one commit of all changes, or none: they are validated together.",
            commit_arguments(),
            |(), call| commit(call),
        )
        .done()
}

fn commit_arguments() -> Vec<InputField> {
    vec![
        InputField::new("branch", "String!", "The branch that takes the commit.").default(MAIN),
        InputField::new("message", "String!", "The message of the commit."),
        author::argument(),
        InputField::new(
            "expectedHead",
            "ID",
            "The head that the changes were made against; where the branch has moved since, they are merged or refused.",
        ),
        idempotency_key(),
        InputField::new("changes", "[Change!]!", "What changes, in order."),
    ]
}

/// Adds the making and deleting of names for versions.
fn names(builder: ObjectBuilder<()>) -> ObjectBuilder<()> {
    builder
        .field_with(
            "createBranch",
            "Branch!",
            "Creates a branch. A name that is taken is a CONFLICT.",
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
            "Gives a version a name that stays with it. A name that is taken is a CONFLICT.",
            vec![
                InputField::new("name", "String!", "The name."),
                InputField::new("at", "String!", VERSION).default(MAIN),
                InputField::new("message", "String", "The message of the tag."),
            ],
            |(), call| tag(call),
        )
}

fn payload(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    object::<Payload>("CommitPayload", "The outcome of a commit.")
        .field("commit", "Commit!", "The new commit; the head as it was where nothing changed.", |of, _| {
            Ok(Value::object(of.commit.clone()))
        })
        .field("changed", "Int!", "How many statements were added or removed.", |of, _| Ok(of.changed.into()))
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

fn scope(of: &Payload, call: &Call<'_>) -> Result<Arc<Scope>, Error> {
    Ok(Arc::new(call.request.scope(&of.commit.id.to_string(), None)?))
}

fn commit(call: &Call<'_>) -> Result<Value, Error> {
    let (session, given) = (&call.request.session, call.arguments);
    let request = CommitRequest {
        branch: given.needed_text("branch")?,
        message: given.needed_text("message")?,
        author: author::read(given)?,
        expected_head: given.text("expectedHead")?.map(|text| head(&text)).transpose()?,
        idempotency_key: given.text("idempotencyKey")?,
        wanted: call.request.cancellation().clone(),
        ..CommitRequest::default()
    };
    let changes = given.objects("changes")?;
    let mut put = Vec::new();
    let committed = session.commit_drafted(&request, |head| {
        let mut draft = Draft::new(head, &**session.clock());
        changes.iter().try_for_each(|change| draft.read(change))?;
        let (changes, named) = draft.finish();
        put = named;
        Ok::<_, Error>(changes)
    })?;
    call.request.forget();
    if committed.replayed {
        let again = answered_again(call, committed)?;
        let version = call.request.snapshot(&again.commit.id.to_string())?;
        let put = put_before(&version, &changes, again.put)?;
        return Ok(Value::object(Payload { put, ..again }));
    }
    let Committed { commit, changed, .. } = committed;
    Ok(Value::object(Payload { commit, changed, put }))
}

fn create_branch(call: &Call<'_>) -> Result<Value, Error> {
    let name = call.arguments.needed_text("name")?;
    let commit = call.request.session.create_branch(&name, &call.arguments.needed_text("at")?)?;
    call.request.forget();
    Ok(named_value(name, commit))
}

fn delete_branch(call: &Call<'_>) -> Result<Value, Error> {
    let name = call.arguments.needed_text("name")?;
    let expected = call.arguments.text("expectedHead")?.map(|text| head(&text)).transpose()?;
    let was = call.request.session.delete_branch(&name, expected)?;
    call.request.forget();
    Ok(was.to_string().into())
}

fn adopt(call: &Call<'_>) -> Result<Value, Error> {
    let (reference, branch) = (call.arguments.needed_text("ref")?, call.arguments.text("as")?);
    let adopted = call.request.session.adopt(&AdoptRequest { reference, branch })?;
    call.request.forget();
    Ok(named_value(adopted.branch, adopted.commit))
}

fn tag(call: &Call<'_>) -> Result<Value, Error> {
    let name = call.arguments.needed_text("name")?;
    let message = call.arguments.text("message")?.unwrap_or_default();
    let commit = call.request.session.tag(&name, &call.arguments.needed_text("at")?, &message)?;
    call.request.forget();
    Ok(named_value(name, commit))
}
