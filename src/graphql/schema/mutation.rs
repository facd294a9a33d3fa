//! The root of writing.

use super::actions::{advance, health, outbox, policy, propose};
use super::foresight::{deviation, forecast};
use super::history::mutations::{MESSAGE, Mutations, Payload, payload};
use super::history::{Named, merge, suspect};
use super::records::change::Draft;
use super::records::change::put_before;
use super::shared::author;
use super::shared::payload::{Made, answered_again, head};
use super::shared::version_arguments::{MAIN, VERSION};
use super::verdicts::{decision, evidence, monitor, review};
use crate::app;
use crate::graph::{self, AdoptRequest, Commit, CommitId, CommitRequest, Committed, RequestKey};
use crate::graphql::engine::types::build::ObjectBuilder;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;

pub(crate) fn types() -> Vec<Definition> {
    let mutations = decision::extend_mutations(merge::extend_mutations(Mutations::new()));
    let mutations = review::extend_mutations(monitor::extend_mutations(mutations));
    let mutations = deviation::extend_mutations(forecast::extend_mutations(mutations));
    let mutations = propose::extend_mutations(advance::extend_mutations(policy::extend_mutations(
        outbox::extend_mutations(health::extend_mutations(mutations)),
    )));
    let mutations = names(evidence::extend_mutations(suspect::extend_mutations(mutations)));
    mutations
        .add(
            ("commit", "Makes one commit of all changes, or none: they are validated together."),
            vec![
                InputField::new("branch", "String!", "The branch that takes the commit.").default(MAIN),
                InputField::new("message", "String!", MESSAGE),
                author::argument(),
                InputField::new(
                    "expectedHead",
                    "ID",
                    "The head that the changes were made against; where the branch has moved since, they are merged or refused.",
                ),
                InputField::new("changes", "[Change!]!", "The changes, in order."),
            ],
            payload,
            commit,
        )
        .done()
}

/// Adds the making and deleting of names for versions.
fn names(mutations: Mutations) -> Mutations {
    let branch = |builder: ObjectBuilder<Payload<Named>>| {
        builder.made("branch", "Branch", "The branch.", |made, _| Ok(Value::object(made.clone())))
    };
    mutations
        .add(
            ("createBranch", "Creates a branch. A name that is taken is a CONFLICT."),
            vec![
                InputField::new("name", "String!", "Its name."),
                InputField::new("at", "String!", VERSION).default(MAIN),
            ],
            branch,
            |call, key| create_branch(call, key.as_ref()),
        )
        .add(
            ("deleteBranch", "Deletes a branch; what tags, kept versions and other branches name stays."),
            vec![
                InputField::new("name", "String!", "Its name; neither main nor the branch of an import."),
                InputField::new("expectedHead", "ID", "Its head as the caller knows it; another is a conflict."),
            ],
            |builder| {
                builder.made("lastHead", "ID", "The id of its last head.", |head: &CommitId, _| Ok(head.to_string().into()))
            },
            |call, key| delete_branch(call, key.as_ref()),
        )
        .add(
            ("adopt", "Takes in commits made elsewhere with plain Git, checked as a whole first, and makes a branch of them or moves one on."),
            vec![
                InputField::new("ref", "String!", "What was pushed to refs/incoming/REF; or any other ref, or a commit id."),
                InputField::new("branch", "String", "The branch; REF where absent."),
            ],
            |builder| {
                builder
                    .made("branch", "Branch", "The branch.", |(made, _): &(Named, usize), _| Ok(Value::object(made.clone())))
                    .made("commitCount", "Int", "How many commits were new to the thread.", |(_, commits): &(Named, usize), _| Ok((*commits).into()))
            },
            |call, key| adopt(call, key.as_ref()),
        )
        .add(
            ("tag", "Gives a version a name that stays with it. A name that is taken is a CONFLICT."),
            vec![
                InputField::new("name", "String!", "The name."),
                InputField::new("at", "String!", VERSION).default(MAIN),
                InputField::new("message", "String", "The message of the tag."),
            ],
            |builder| builder.made("tag", "Tag", "The tag.", |made: &Named, _| Ok(Value::object(made.clone()))),
            |call, key| tag(call, key.as_ref()),
        )
}

fn commit(call: &Call<'_>, key: Option<RequestKey>) -> Result<Made, Error> {
    let (session, given) = (&call.request.session, call.arguments);
    let request = CommitRequest {
        branch: given.needed_text("branch")?,
        message: given.needed_text("message")?,
        author: author::read(given)?,
        expected_head: given.text("expectedHead")?.map(|text| head(&text)).transpose()?,
        idempotency_key: key,
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
        return Ok(Made { put, ..again });
    }
    let Committed { commit, changed, .. } = committed;
    Ok(Made { commit, changed, put })
}

fn create_branch(call: &Call<'_>, key: Option<&RequestKey>) -> Result<Named, Error> {
    let (name, at) = (call.arguments.needed_text("name")?, call.arguments.needed_text("at")?);
    let made = call.request.session.create_branch(&name, &at, key);
    let there = || Ok((head_of(call, &name)?, call.request.snapshot(&at)?.commit().id));
    let commit = or_there(made, key, there)?;
    call.request.forget();
    Ok(Named::new(name, commit))
}

fn delete_branch(call: &Call<'_>, key: Option<&RequestKey>) -> Result<CommitId, Error> {
    let name = call.arguments.needed_text("name")?;
    let expected = call.arguments.text("expectedHead")?.map(|text| head(&text)).transpose()?;
    let was = call.request.session.delete_branch(&name, expected, key)?;
    call.request.forget();
    Ok(was)
}

fn adopt(call: &Call<'_>, key: Option<&RequestKey>) -> Result<(Named, usize), Error> {
    let (reference, branch) = (call.arguments.needed_text("ref")?, call.arguments.text("branch")?);
    let adopted = call.request.session.adopt(&AdoptRequest { reference, branch }, key)?;
    call.request.forget();
    Ok((Named::new(adopted.branch, adopted.commit), adopted.commits))
}

fn tag(call: &Call<'_>, key: Option<&RequestKey>) -> Result<Named, Error> {
    let (name, at) = (call.arguments.needed_text("name")?, call.arguments.needed_text("at")?);
    let message = call.arguments.text("message")?.unwrap_or_default();
    let made = call.request.session.tag(&name, &at, &message, key);
    let there = || {
        let tags = call.request.session.tags()?;
        let there = tags.into_iter().find(|(tag, _)| *tag == name).map(|(_, commit)| commit);
        Ok((there, call.request.snapshot(&at)?.commit().id))
    };
    let commit = or_there(made, key, there)?;
    call.request.forget();
    Ok(Named::new(name, commit))
}

/// Returns what has a name already where that is what a request with a key asks for: the process may have ended after the name was given,
/// and before the key was recorded.
fn or_there(
    made: Result<Commit, app::Error>,
    key: Option<&RequestKey>,
    there: impl FnOnce() -> Result<(Option<Commit>, CommitId), Error>,
) -> Result<Commit, Error> {
    match made {
        Err(error @ app::Error::Graph(graph::Error::Exists { .. })) if key.is_some() => match there()? {
            (Some(there), wanted) if there.id == wanted => Ok(there),
            _ => Err(error.into()),
        },
        made => Ok(made?),
    }
}

fn head_of(call: &Call<'_>, branch: &str) -> Result<Option<Commit>, Error> {
    let branches = call.request.session.branches()?;
    Ok(branches.into_iter().find(|(name, _)| name == branch).map(|(_, commit)| commit))
}
