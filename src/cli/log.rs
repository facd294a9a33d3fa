//! `throughline log`.

use super::Data;
use super::error::Failure;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(default_value = "main")]
    version: String,
    /// Only what changed this resource
    #[arg(long, value_name = "IRI")]
    resource: Option<String>,
    /// How many commits at the most
    #[arg(long, short = 'n', default_value_t = 50)]
    limit: usize,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open()?;
    let version = app.snapshot(&arguments.version)?;
    let resource = arguments.resource.as_deref().map(|text| version.expand(text)).transpose()?;
    let mut out = std::io::stdout().lock();
    for commit in app.log(&version, resource.as_ref(), None, arguments.limit)? {
        writeln!(out, "{}  {}  {} <{}>", commit.id, commit.time, commit.author.name, commit.author.email)?;
        for line in commit.message.lines() {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}
