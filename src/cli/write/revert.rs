//! `throughline revert`.

use crate::cli::Data;
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
    data: Data,
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
    let session = arguments.data.open()?;
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
    let what = format!("{} is not undone", arguments.commit);
    let committed = reverted.map_err(|error| conflicts::refused(error, &what, false, &at))?;
    let (id, branch) = (committed.commit.id, &arguments.branch);
    if arguments.form.json {
        return json::print(
            &json!({ "commit": id.to_string(), "branch": branch, "changed": committed.changed }),
        );
    }
    match committed.changed {
        0 if id == at.commit().id => println!("nothing to undo: {branch} has no statement of it any more"),
        0 => println!("{id} on {branch}: the ontology is as it was before"),
        statements => println!("{id} on {branch}: {}", changed(statements)),
    }
    Ok(())
}
