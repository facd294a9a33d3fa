//! `throughline revert`.

use crate::app::Session;
use crate::cli::client::{Place, Service, Thread};
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::conflicts;
use crate::cli::output::json;
use crate::cli::output::resolutions::Decisions;
use crate::cli::output::words::changed;
use crate::graph::RevertRequest;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The commit to undo; of a merge, what it brought to its branch
    commit: String,
    /// The branch that takes the commit which undoes it
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    branch: String,
    /// The message of that commit
    #[arg(long, short)]
    message: Option<String>,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    resolutions: Decisions,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Reverted { commit, changed: count, is_new } = match arguments.place.open()? {
        Thread::Here(session) => revert(arguments, &session)?,
        Thread::There(service) => send(arguments, &service)?,
    };
    let branch = &arguments.branch;
    if arguments.form.json {
        return json::print(&json!({ "commit": commit, "branch": branch, "changed": count }));
    }
    match count {
        0 if !is_new => println!("nothing to undo: {branch} has no statement of it any more"),
        0 => println!("{commit} on {branch}: the ontology is as it was before"),
        statements => println!("{commit} on {branch}: {}", changed(statements)),
    }
    Ok(())
}

/// What a revert came to.
struct Reverted {
    commit: String,
    changed: usize,
    is_new: bool,
}

fn revert(arguments: &Arguments, session: &Session) -> Result<Reverted, Failure> {
    let at = session.snapshot(&arguments.branch)?;
    let resolutions = arguments.resolutions.read(&at)?;
    let reverted = session.revert(&RevertRequest {
        commit: arguments.commit.clone(),
        branch: arguments.branch.clone(),
        message: arguments.message.clone(),
        resolutions,
        author: arguments.authored.author(),
        ..RevertRequest::default()
    });
    let committed = reverted.map_err(|error| conflicts::refused(error, &what(arguments), false, &at))?;
    let id = committed.commit.id;
    Ok(Reverted { commit: id.to_string(), changed: committed.changed, is_new: id != at.commit().id })
}

/// Reverts through a service.
fn send(arguments: &Arguments, service: &Service) -> Result<Reverted, Failure> {
    let head = "query($branch: String!) { done: thread(at: $branch) { commit { id } } }";
    let before = service.payload(head, &json!({ "branch": arguments.branch }))?["commit"]["id"].take();
    let mut input = json!({
        "commit": arguments.commit,
        "branch": arguments.branch,
        "message": arguments.message,
        "resolutions": arguments.resolutions.inputs()?,
    });
    arguments.authored.add_to(&mut input);
    let text = format!(
        "mutation($input: RevertInput!) {{ done: revert(input: $input) {{ commit {{ id }} changed {} }} }} {}",
        conflicts::ERRORS,
        conflicts::SIDE
    );
    let done = service.payload(&text, &json!({ "input": input }))?;
    conflicts::refused_by_service(&done, &what(arguments), false)?;
    let commit = done["commit"]["id"].as_str().unwrap_or_default().to_owned();
    let changed = done["changed"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    Ok(Reverted { is_new: before != commit.as_str(), commit, changed })
}

/// Names what is not done where it is refused.
fn what(arguments: &Arguments) -> String {
    format!("{} is not undone", arguments.commit)
}
