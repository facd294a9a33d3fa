//! `throughline blame`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::words;
use crate::graph::{Blame, Snapshot};
use serde_json::json;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The resource: a full IRI, or the rest of one below the thread's base
    resource: String,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    at: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open_to_read()?;
    let version = app.snapshot(&arguments.at)?;
    let resource = words::find(&version, &arguments.resource)?;
    let blame = version.blame(&resource)?;
    if blame.is_empty() {
        return Err(Failure::new(format!("{resource} does not exist at {}", arguments.at)));
    }
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let statements: Vec<_> = blame.iter().map(|blame| as_json(blame, &version)).collect();
        return Ok(writeln!(
            out,
            "{:#}",
            json!({ "resource": version.shorten(&resource), "statements": statements })
        )?);
    }
    for Blame { statement, commit } in &blame {
        let statement = format!(
            "{}{}: {}",
            words::fragment(&statement.subject),
            words::name(&statement.predicate, &version),
            words::word(&statement.object, &version)
        );
        let summary = commit.message.lines().next().unwrap_or_default();
        let id = commit.id.to_string();
        writeln!(out, "{}  {}  {}  {statement}  ({summary})", &id[..10], commit.time, commit.author.name)?;
    }
    Ok(())
}

fn as_json(blame: &Blame, at: &Snapshot) -> serde_json::Value {
    json!({
        "subject": at.shorten(&blame.statement.subject),
        "property": words::name(&blame.statement.predicate, at),
        "propertyIri": blame.statement.predicate.as_str(),
        "value": words::value(&blame.statement.object, at),
        "commit": words::commit(&blame.commit),
    })
}
