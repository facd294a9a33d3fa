//! `throughline branch`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::unreadable::refuse_unreadable;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The branch to make; without it, the branches are listed
    name: Option<String>,
    /// The version to begin at
    #[arg(default_value = "main")]
    at: String,
    /// Delete a branch; what tags, kept versions and other branches name stays
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    delete: Option<String>,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    if let Some(name) = &arguments.delete {
        let head = session.delete_branch(name, None)?;
        println!("{name} is deleted; it was {head}");
        return Ok(());
    }
    let Some(name) = &arguments.name else {
        let mut out = std::io::stdout().lock();
        for (branch, commit) in session.branches()? {
            writeln!(out, "{}  {}  {branch}", commit.id, commit.time)?;
        }
        return refuse_unreadable(&session.unreadable_branches()?);
    };
    let commit = session.create_branch(name, &arguments.at)?;
    println!("{name} begins at {}", commit.id);
    Ok(())
}
