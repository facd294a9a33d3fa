//! `throughline suspects` and `throughline confirm-link`.

use crate::app::ClearRequest;
use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::words;
use crate::graph::{PropertyDiff, Snapshot};
use crate::model::statement::{Statement, root};
use crate::thread::{self, Suspect, Suspects};
use serde_json::{Value, json};
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(default_value = "main")]
    version: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ConfirmArguments {
    #[command(flatten)]
    data: Data,
    /// The resource or fragment that the link belongs to
    from: String,
    /// The field that holds it, such as satisfies, or the property's IRI
    property: String,
    /// What is linked
    to: String,
    /// The branch that takes the commit
    #[arg(long, default_value = "main")]
    branch: String,
    /// The version that was looked at: where the target has changed after it, nothing is confirmed [default: the head]
    #[arg(long, value_name = "VERSION")]
    based_on: Option<String>,
    /// The message of the commit
    #[arg(long, short)]
    message: Option<String>,
    #[command(flatten)]
    authored: Authored,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the links whose target has changed since they were made or last confirmed, and what changed.
pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open_to_read()?;
    let version = app.snapshot(&arguments.version)?;
    let suspects = Suspects::new(&version);
    let found = suspects.all()?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let links = found.iter().map(|suspect| as_json(&suspects, suspect, &version));
        return Ok(writeln!(out, "{:#}", json!({ "links": links.collect::<Result<Vec<_>, _>>()? }))?);
    }
    for suspect in &found {
        writeln!(out, "{}", words::link(&suspect.link, &version))?;
        for property in &suspect.properties {
            let by = suspects.changed_by(suspect, property)?;
            let by = by.map_or(String::new(), |commit| {
                format!("  ({} {})", &commit.id.to_string()[..10], commit.time)
            });
            let resource = version.shorten(&root(&property.subject));
            writeln!(out, "    {resource} {}{by}", words::line(property, &version))?;
        }
    }
    Ok(())
}

/// Confirms that a suspect link still holds.
pub(in crate::cli) fn confirm(arguments: &ConfirmArguments) -> Result<(), Failure> {
    let app = arguments.data.open()?;
    let head = app.head(&arguments.branch)?;
    let (from, to) = (words::find(&head, &arguments.from)?, words::find(&head, &arguments.to)?);
    let predicate = thread::predicate_named(&head, &from, &arguments.property)?
        .ok_or_else(|| Failure::new(format!("{from} has no link called {}", arguments.property)))?;
    let based_on = arguments.based_on.as_deref().map(|version| app.snapshot(version)).transpose()?;
    let committed = app.confirm_link(&ClearRequest {
        branch: arguments.branch.clone(),
        link: Statement::new(from, predicate, to),
        message: arguments.message.clone(),
        author: arguments.authored.author(),
        idempotency_key: None,
        based_on: based_on.map(|version| version.commit().id),
    })?;
    if arguments.json {
        let cleared = json!({ "commit": committed.commit.id.to_string(), "branch": arguments.branch });
        return Ok(writeln!(std::io::stdout().lock(), "{cleared:#}")?);
    }
    println!("{} on {}: {}", committed.commit.id, arguments.branch, committed.commit.message);
    Ok(())
}

fn as_json(suspects: &Suspects, suspect: &Suspect, at: &Snapshot) -> Result<Value, Failure> {
    let change = |diff: &PropertyDiff| -> Result<Value, Failure> {
        let mut change = words::property(diff, at);
        change["since"] = suspects.changed_by(suspect, diff)?.as_ref().map_or(Value::Null, words::commit);
        Ok(change)
    };
    Ok(json!({
        "from": at.shorten(&suspect.link.subject),
        "property": words::name(&suspect.link.predicate, at),
        "propertyIri": suspect.link.predicate.as_str(),
        "to": words::value(&suspect.link.object, at),
        "since": words::commit(&suspect.since),
        "baseline": words::commit(&suspect.baseline),
        "changes": suspect.properties.iter().map(change).collect::<Result<Vec<_>, _>>()?,
    }))
}
