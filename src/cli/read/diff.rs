//! `throughline diff`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::words;
use crate::graph::{Diff, Difference, ResourceDiff, Snapshot};
use crate::thread::{self, Note};
use serde_json::{Value, json};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
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
    let app = arguments.data.open_to_read()?;
    let (from, to) = (app.snapshot(&arguments.from)?, app.snapshot(&arguments.to)?);
    let reach = arguments.reach.as_deref().map(|text| words::find(&to, text)).transpose()?;
    let differences = app.differences(&from, &to, reach.as_ref())?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let diff = Diff { resources: differences.part(None, usize::MAX)? };
        return Ok(writeln!(out, "{:#}", whole_as_json(&diff, &from, &to)?)?);
    }
    differences.each(None, |resource| print_one(&mut out, &resource, &from, &to).map(|()| true))
}

/// Prints what becomes of each resource between two versions, with what it means.
pub(in crate::cli) fn print(
    out: &mut impl Write,
    resources: &[ResourceDiff],
    from: &Snapshot,
    to: &Snapshot,
) -> Result<(), Failure> {
    resources.iter().try_for_each(|resource| print_one(out, resource, from, to))
}

fn print_one(
    out: &mut impl Write,
    resource: &ResourceDiff,
    from: &Snapshot,
    to: &Snapshot,
) -> Result<(), Failure> {
    writeln!(out, "{} {}", sign(resource.difference), to.shorten(&resource.resource))?;
    for property in &resource.properties {
        writeln!(out, "    {}", words::line(property, to))?;
    }
    for note in thread::notes_of(from, to, resource)? {
        writeln!(out, "    ! {}", note.text)?;
    }
    Ok(())
}

/// Writes what differs between two versions for a tool, with what it means.
fn whole_as_json(diff: &Diff, from: &Snapshot, to: &Snapshot) -> Result<Value, Failure> {
    let mut whole = as_json(diff, to);
    whole["from"] = words::commit(from.commit());
    whole["to"] = words::commit(to.commit());
    for (at, resource) in diff.resources.iter().enumerate() {
        let notes = thread::notes_of(from, to, resource)?;
        whole["resources"][at]["notes"] = notes.iter().map(|note| note_as_json(note, to)).collect();
    }
    Ok(whole)
}

fn note_as_json(note: &Note, at: &Snapshot) -> Value {
    json!({
        "kind": note.kind.name(),
        "text": note.text,
        "subject": at.shorten(&note.subject),
        "before": note.before,
        "after": note.after,
        "related": note.related.iter().map(|iri| at.shorten(iri)).collect::<Vec<_>>(),
        "position": note.position,
        "at": note.at.map(|at| at.to_string()),
    })
}

fn sign(difference: Difference) -> char {
    match difference {
        Difference::Added => '+',
        Difference::Removed => '-',
        Difference::Changed => '~',
    }
}

/// Writes what differs for a tool.
pub(in crate::cli) fn as_json(diff: &Diff, at: &Snapshot) -> Value {
    json!({ "resources": resources_as_json(&diff.resources, at) })
}

/// Writes what becomes of resources for a tool.
pub(in crate::cli) fn resources_as_json(resources: &[ResourceDiff], at: &Snapshot) -> Value {
    let resources: Vec<_> = resources
        .iter()
        .map(|resource| {
            let properties: Vec<_> =
                resource.properties.iter().map(|property| words::property(property, at)).collect();
            let difference = match resource.difference {
                Difference::Added => "ADDED",
                Difference::Removed => "REMOVED",
                Difference::Changed => "CHANGED",
            };
            json!({
                "resource": at.shorten(&resource.resource),
                "difference": difference,
                "properties": properties,
            })
        })
        .collect();
    resources.into()
}
