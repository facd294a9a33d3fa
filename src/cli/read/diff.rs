//! `throughline diff`.

use crate::app::report::change::{ChangedResource, DiffReport};
use crate::cli::client::{Asked, Place, Thread};
use crate::cli::error::Failure;
use crate::graph::{Diff, Snapshot};
use serde_json::{Value, json};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The version to start from
    from: String,
    /// The version to end at
    #[arg(default_value = "main")]
    to: String,
    /// Only what touches this resource
    #[arg(long, value_name = "IRI")]
    reach: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (from, to, reach) = (&arguments.from, &arguments.to, arguments.reach.as_deref());
    let report: DiffReport = match arguments.place.open_to_read()? {
        Thread::Here(session) => session.diff_report(from, to, reach)?,
        Thread::There(service) => {
            let mut query = vec![("from", from.clone()), ("to", to.clone())];
            query.extend(arguments.reach.clone().map(|reach| ("reach", reach)));
            service.read(Asked::get("/diff", query))?
        }
    };
    let mut out = std::io::stdout().lock();
    if arguments.json {
        return Ok(writeln!(out, "{:#}", serde_json::to_value(report)?)?);
    }
    report.resources.iter().try_for_each(|resource| print(&mut out, resource))?;
    Ok(())
}

/// Prints what becomes of a resource, with what it means.
pub(in crate::cli) fn print(out: &mut impl Write, resource: &ChangedResource) -> std::io::Result<()> {
    writeln!(out, "{} {}", resource.sign(), resource.resource)?;
    for property in &resource.properties {
        writeln!(out, "    {}", property.text)?;
    }
    resource.notes.iter().try_for_each(|note| writeln!(out, "    ! {}", note.text))
}

/// Writes what differs for a tool.
pub(in crate::cli) fn as_json(diff: &Diff, at: &Snapshot) -> Value {
    let resources = diff.resources.iter().map(|resource| ChangedResource::new(resource, at));
    json!({ "resources": resources.collect::<Vec<_>>() })
}
