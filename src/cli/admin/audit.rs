//! `throughline audit`: the log of who did what, read from its files, also while the thread is served.

use crate::app::access::{Audit, Entry};
use crate::cli::Data;
use crate::cli::client::{ClientRequest, Place, Service};
use crate::cli::error::Failure;
use crate::model::time::clock::SystemClock;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print entries, oldest first
    List(List),
    /// Check that no entry was changed, left out or put in
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    place: Place,
    /// Only the entries after this one; without it the last ones are printed
    #[arg(long, value_name = "SEQUENCE")]
    after: Option<u64>,
    /// How many at the most
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    /// Print lines of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Verify {
    #[command(flatten)]
    data: Data,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::List(arguments) => list(arguments),
        Command::Verify(arguments) => verify(arguments),
    }
}

fn audit(data: &Data) -> Audit {
    Audit::of(&data.data, Arc::new(SystemClock::default()))
}

fn list(arguments: &List) -> Result<(), Failure> {
    let entries = match arguments.place.named()? {
        Some(service) => entries_of(&service, arguments)?,
        None => audit(&arguments.place.data()).entries(arguments.after, arguments.limit)?,
    };
    for entry in entries {
        match arguments.json {
            true => println!("{}", serde_json::to_string(&entry)?),
            false => println!("{}", line(&entry)),
        }
    }
    Ok(())
}

/// Asks a service for entries.
fn entries_of(service: &Service, arguments: &List) -> Result<Vec<Entry>, Failure> {
    let mut query = vec![("limit", arguments.limit.to_string())];
    query.extend(arguments.after.map(|after| ("after", after.to_string())));
    let mut lines = Vec::new();
    service.send(ClientRequest::get("/audit", query), &mut lines)??;
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
}

/// Writes an entry for a person.
fn line(Entry { sequence, at, event, .. }: &Entry) -> String {
    let mut line = format!("{sequence} {at} {} {}", event.outcome.as_str(), event.operation);
    let who = event.principal.as_deref().unwrap_or("nobody");
    line.push_str(&format!(" by {who}"));
    let origin = event.origin.as_ref().or(event.client.as_ref());
    let known = [origin, event.role.as_ref()].into_iter().flatten().cloned().collect::<Vec<_>>();
    if !known.is_empty() {
        line.push_str(&format!(" ({})", known.join(", ")));
    }
    let parts =
        [("as", &event.acted_as), ("on", &event.on), ("commit", &event.commit), ("reason:", &event.reason)];
    for (name, part) in parts {
        line.extend(part.iter().map(|part| format!(" {name} {part:?}")));
    }
    if event.count > 1 {
        line.push_str(&format!(" ({} times)", event.count));
    }
    line
}

fn verify(arguments: &Verify) -> Result<(), Failure> {
    let verified = audit(&arguments.data).verify()?;
    println!(
        "{} entries, each follows the one before; the last has the hash {}",
        verified.entries, verified.hash
    );
    if verified.unfinished > 0 {
        println!(
            "{} bytes at the end are a part of an entry that a process was ended in",
            verified.unfinished
        );
    }
    Ok(())
}
