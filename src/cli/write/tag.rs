//! `throughline tag`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::unreadable::refuse_unreadable;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The tag to make; without it, the tags are listed
    name: Option<String>,
    /// The version to tag
    #[arg(default_value = "main")]
    at: String,
    /// The message of the tag [default: its name]
    #[arg(long, short)]
    message: Option<String>,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    let Some(name) = &arguments.name else {
        let mut out = std::io::stdout().lock();
        for (tag, commit) in session.tags()? {
            writeln!(out, "{}  {}  {tag}", commit.id, commit.time)?;
        }
        return refuse_unreadable(&session.unreadable_tags()?);
    };
    let commit = session.tag(name, &arguments.at, arguments.message.as_deref().unwrap_or(name))?;
    println!("{name} is {}", commit.id);
    Ok(())
}
