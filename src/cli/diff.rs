//! `throughline diff`.

use super::Data;
use super::error::Failure;
use super::words;
use crate::graph::{Diff, Difference, Snapshot};
use serde_json::json;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
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

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open()?;
    let (from, to) = (app.snapshot(&arguments.from)?, app.snapshot(&arguments.to)?);
    let reach = arguments.reach.as_deref().map(|text| to.expand(text)).transpose()?;
    let diff = app.diff(&from, &to, reach.as_ref())?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        return Ok(writeln!(out, "{:#}", as_json(&diff, &to))?);
    }
    for resource in &diff.resources {
        writeln!(out, "{} {}", sign(resource.difference), to.shorten(&resource.resource))?;
        for property in &resource.properties {
            writeln!(out, "    {}", words::line(property, &to))?;
        }
    }
    Ok(())
}

fn sign(difference: Difference) -> char {
    match difference {
        Difference::Added => '+',
        Difference::Removed => '-',
        Difference::Changed => '~',
    }
}

pub(super) fn as_json(diff: &Diff, at: &Snapshot) -> serde_json::Value {
    let resources: Vec<_> = diff
        .resources
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
    json!({ "resources": resources })
}
