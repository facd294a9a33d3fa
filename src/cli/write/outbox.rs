//! `throughline outbox`: what is delivered to other systems.

use crate::cli::client::{ClientRequest, Place, Thread};
use crate::cli::error::Failure;
use serde_json::{Value, json};
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the targets, and what could not be delivered to them
    List(List),
    /// Deliver again what was given up, under the same names
    Retry(Retry),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Retry {
    #[command(flatten)]
    place: Place,
    /// The target
    target: String,
    /// The name of one delivery; all that were given up where absent
    id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const LIST: &str = "{ outbox { name address events commit deliveredCount attemptCount nextAttemptAt error deadLetters(first: 1000) { nodes { id kind commit resource attemptCount at error } } } }";
const RETRY: &str = "mutation($target: String!, $id: String) { retryDeliveries(input: { target: $target, id: $id }) { deadLetters { id kind commit resource attemptCount at error } } }";

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::List(arguments) => list(arguments),
        Command::Retry(arguments) => retry(arguments),
    }
}

fn list(arguments: &List) -> Result<(), Failure> {
    let targets = match arguments.place.open()? {
        Thread::Here(session) => serde_json::to_value(session.outbox()?)?,
        Thread::There(service) => {
            let mut targets = asked(&service.read(query(LIST, &Value::Null)?)?, "outbox")?;
            for target in targets.as_array_mut().into_iter().flatten() {
                target["deadLetters"] = target["deadLetters"]["nodes"].take();
            }
            targets
        }
    };
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{targets:#}")?;
        return Ok(());
    }
    let targets = targets.as_array().cloned().unwrap_or_default();
    if targets.is_empty() {
        writeln!(out, "there are no targets: write [[outbox.target]] in throughline.toml")?;
    }
    for target in targets {
        let of = |name: &str| plain(&target[name]);
        writeln!(out, "{} {}: {} delivered", of("name"), of("address"), of("deliveredCount"))?;
        if !target["error"].is_null() {
            writeln!(
                out,
                "    attempt {} failed: {}; the next is at {}",
                of("attemptCount"),
                of("error"),
                of("nextAttemptAt")
            )?;
        }
        for letter in target["deadLetters"].as_array().into_iter().flatten() {
            let of = |name: &str| plain(&letter[name]);
            writeln!(
                out,
                "    {} {} {} given up at {}: {}",
                of("id"),
                of("kind"),
                of("resource"),
                of("at"),
                of("error")
            )?;
        }
    }
    Ok(())
}

fn retry(arguments: &Retry) -> Result<(), Failure> {
    let letters = match arguments.place.open()? {
        Thread::Here(session) => serde_json::to_value(session.retry_deliveries(
            &arguments.target,
            arguments.id.as_deref(),
            None,
        )?)?,
        Thread::There(service) => {
            let variables = json!({ "target": arguments.target, "id": arguments.id });
            asked(&service.read(query(RETRY, &variables)?)?, "retryDeliveries")?["deadLetters"].clone()
        }
    };
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{letters:#}")?;
        return Ok(());
    }
    writeln!(out, "{} to be delivered again", letters.as_array().map_or(0, Vec::len))?;
    Ok(())
}

fn query<'a>(document: &str, variables: &Value) -> Result<ClientRequest<'a>, Failure> {
    let body = serde_json::to_vec(&json!({ "query": document, "variables": variables }))?;
    Ok(ClientRequest::post("/graphql", Vec::new(), "application/json", body))
}

fn asked(answer: &Value, field: &str) -> Result<Value, Failure> {
    match answer["errors"][0]["message"].as_str() {
        Some(message) => Err(Failure::new(message.to_owned())),
        None => Ok(answer["data"][field].clone()),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
