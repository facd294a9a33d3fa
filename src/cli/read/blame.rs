//! `throughline blame`.

use crate::app::report::resource::{BlameReport, BlamedStatement};
use crate::cli::client::{ClientRequest, Place, Thread};
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::model::sync::cancellation::Cancellation;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The resource: a full IRI, or the rest of one below the thread's base
    resource: String,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    at: String,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let blame: BlameReport = match arguments.place.open_to_read()? {
        Thread::Here(session) => {
            session.blame_report(&arguments.resource, &arguments.at, &Cancellation::default())?
        }
        Thread::There(service) => {
            let query = vec![("resource", arguments.resource.clone()), ("at", arguments.at.clone())];
            service.read(ClientRequest::get("/blame", query))?
        }
    };
    if arguments.form.json {
        return json::print(&blame);
    }
    let mut out = std::io::stdout().lock();
    for BlamedStatement { text, commit, .. } in &blame.statements {
        let summary = commit.message.lines().next().unwrap_or_default();
        let id = commit.id.get(..10).unwrap_or(&commit.id);
        writeln!(out, "{id}  {}  {}  {text}  ({summary})", commit.time, commit.author.name)?;
    }
    Ok(())
}
