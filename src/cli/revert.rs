//! `throughline revert`.

use super::Data;
use super::authored::Authored;
use super::error::Failure;
use super::resolutions::Decisions;
use crate::graph::RevertRequest;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The commit to undo; of a merge, what it brought to its branch
    commit: String,
    /// The branch that takes the commit which undoes it
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    branch: String,
    /// What that commit says of itself
    #[arg(long, short)]
    message: Option<String>,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    resolutions: Decisions,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open()?;
    let resolutions = arguments.resolutions.read(&app.snapshot(&arguments.branch)?)?;
    let committed = app.revert(&RevertRequest {
        commit: arguments.commit.clone(),
        branch: arguments.branch.clone(),
        message: arguments.message.clone(),
        resolutions,
        author: arguments.authored.author(),
    })?;
    match committed.changed {
        0 => println!("nothing to undo: {} says nothing of it any more", arguments.branch),
        changed => {
            println!("{} on {}: {changed} statements came or went", committed.commit.id, arguments.branch);
        }
    }
    Ok(())
}
