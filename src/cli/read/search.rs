//! `throughline search`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::columns::aligned;
use crate::cli::output::words::count;
use crate::graph::{Error, Snapshot};
use crate::ontology::terms::dcterms;
use crate::thread::{Hit, Search};
use serde_json::{Value, json};
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Words, or beginnings of words, all of which a resource must have
    text: String,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, value_name = "VERSION", default_value = "main")]
    at: String,
    /// How many resources at the most
    #[arg(long, short = 'n', default_value_t = 50)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let search = Search::new(&arguments.text).map_err(|error| Failure::new(error.to_string()))?;
    let app = arguments.data.open_to_read()?;
    let at = app.snapshot(&arguments.at)?;
    let hits = search.hits(&at)?;
    let shown = &hits[..hits.len().min(arguments.limit)];
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let found = shown.iter().map(|hit| as_json(hit, &at)).collect::<Result<Vec<_>, _>>()?;
        return Ok(writeln!(out, "{:#}", json!({ "total": hits.len(), "found": found }))?);
    }
    let rows = shown.iter().map(|hit| row(hit, &at)).collect::<Result<Vec<_>, _>>()?;
    let head = ["RESOURCE", "CLASS", "IDENTIFIER", "TITLE"].map(str::to_owned);
    for line in aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>()) {
        writeln!(out, "{line}")?;
    }
    let all = count(hits.len(), "resource");
    match shown.len() {
        shown if shown < hits.len() => writeln!(out, "{shown} of {all}; -n shows more")?,
        _ => writeln!(out, "{all}")?,
    }
    Ok(())
}

fn row(hit: &Hit, at: &Snapshot) -> Result<[String; 4], Error> {
    let text = |predicate| Ok::<_, Error>(at.text(&hit.resource, predicate)?.unwrap_or_default());
    Ok([at.shorten(&hit.resource), class(hit, at)?, text(dcterms::IDENTIFIER)?, text(dcterms::TITLE)?])
}

/// Returns the names of a resource's classes.
fn class(hit: &Hit, at: &Snapshot) -> Result<String, Error> {
    let name = |class| crate::cli::output::words::word(&class, at);
    let names: Vec<String> =
        at.classes_of(&hit.resource)?.into_iter().map(|class| name(class.into())).collect();
    Ok(names.join(" "))
}

fn as_json(hit: &Hit, at: &Snapshot) -> Result<Value, Error> {
    let [resource, class, identifier, title] = row(hit, at)?;
    Ok(json!({
        "resource": resource,
        "class": class,
        "identifier": identifier,
        "title": title,
        "place": hit.place.as_str(),
    }))
}
