//! `throughline diff`.

use super::Data;
use super::error::Failure;
use crate::graph::{Diff, Difference, PropertyDiff, Snapshot};
use oxigraph::model::{NamedNode, Term};
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
            writeln!(out, "    {}", line(property, &to))?;
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

/// Writes one property as `#limit limit: 85.0 → 80.0`.
fn line(property: &PropertyDiff, at: &Snapshot) -> String {
    let fragment =
        property.subject.as_str().split_once('#').map_or(String::new(), |(_, rest)| format!("#{rest} "));
    let list = |terms: &[Term]| terms.iter().map(|term| value(term, at)).collect::<Vec<_>>().join(", ");
    let name = name(&property.predicate, at);
    match (property.removed.as_slice(), property.added.as_slice()) {
        ([], added) => format!("{fragment}{name}: + {}", list(added)),
        (removed, []) => format!("{fragment}{name}: - {}", list(removed)),
        (removed, added) => format!("{fragment}{name}: {} → {}", list(removed), list(added)),
    }
}

pub(super) fn name(predicate: &NamedNode, at: &Snapshot) -> String {
    match at.ontology().property(predicate.as_ref()) {
        Some(property) => property.name.clone(),
        None => at.shorten(predicate),
    }
}

pub(super) fn value(term: &Term, at: &Snapshot) -> String {
    match term {
        Term::NamedNode(iri) => at.shorten(iri),
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    }
}

pub(super) fn as_json(diff: &Diff, at: &Snapshot) -> serde_json::Value {
    let values = |terms: &[Term]| terms.iter().map(|term| value(term, at)).collect::<Vec<_>>();
    let resources: Vec<_> = diff
        .resources
        .iter()
        .map(|resource| {
            let properties: Vec<_> = resource
                .properties
                .iter()
                .map(|property| {
                    json!({
                        "subject": at.shorten(&property.subject),
                        "property": name(&property.predicate, at),
                        "removed": values(&property.removed),
                        "added": values(&property.added),
                    })
                })
                .collect();
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
