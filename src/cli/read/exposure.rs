//! `throughline exposure`.

use crate::app::report::fleet::exposure::{ExposedMargin, ExposureAsked, ExposureReport};
use crate::cli::client::{ClientRequest, Part, Place, Service, Thread, form};
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::words;
use crate::exchange::rdf::Format;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// RDF files: each resource would have the statements in them, and no others
    #[arg(value_name = "FILE", required_unless_present = "retire")]
    files: Vec<PathBuf>,
    /// A resource that would be retired; may be given several times
    #[arg(long, value_name = "IRI")]
    retire: Vec<String>,
    /// The first instant of the field life that counts
    #[arg(long)]
    from: Instant,
    /// The first instant after it
    #[arg(long)]
    to: Instant,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    at: String,
    /// The watermark [default: the newest]
    #[arg(long, value_name = "WATERMARK")]
    known: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints what changes would touch if they were committed; nothing is written.
pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let files = arguments.files.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    let asked = ExposureAsked {
        files,
        retire: arguments.retire.clone(),
        window: Interval::new(arguments.from, arguments.to)?,
        version: arguments.at.clone(),
        known: arguments.known.clone(),
    };
    let report = match arguments.place.open_to_read()? {
        Thread::Here(session) => session.exposure_report(&asked, &Cancellation::default())?,
        Thread::There(service) => send(&service, &asked)?,
    };
    if arguments.json {
        return json::print(&report);
    }
    print(&mut std::io::stdout().lock(), &report)
}

/// Reads a file of RDF: its name, and its bytes.
fn read(file: &Path) -> Result<(String, Vec<u8>), Failure> {
    let extension = file.extension().map(|extension| extension.to_string_lossy().into_owned());
    if Format::from_extension(&extension.unwrap_or_default()).is_none() {
        let failure = Failure::new(format!("{} is no RDF file", file.display()));
        return Err(failure.hint("write Turtle, such as changes.ttl"));
    }
    let bytes = std::fs::read(file).map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    Ok((file.display().to_string(), bytes))
}

/// Asks a service.
fn send(service: &Service, asked: &ExposureAsked) -> Result<ExposureReport, Failure> {
    let window = [("from", asked.window.from()), ("to", asked.window.to())];
    let mut query: Vec<_> = window.into_iter().map(|(name, at)| (name, at.to_string())).collect();
    query.push(("at", asked.version.clone()));
    query.extend(asked.known.clone().map(|known| ("known", known)));
    query.extend(asked.retire.iter().map(|name| ("retire", name.clone())));
    let parts: Vec<Part<'_>> = asked
        .files
        .iter()
        .map(|(name, bytes)| ("file", name.as_str(), "application/octet-stream", bytes.as_slice()))
        .collect();
    let (content_type, body) = form(&parts);
    service.read(ClientRequest::post("/exposure", query, content_type, body))
}

fn print(out: &mut impl Write, report: &ExposureReport) -> Result<(), Failure> {
    for violation in &report.violations {
        writeln!(out, "refused: {}", violation.text)?;
    }
    writeln!(out, "{} would change", words::count(report.changed, "statement"))?;
    writeln!(out, "designs: {}", report.designs.join(", "))?;
    let (before, after) = (report.hours_before, report.hours_after);
    let (units, moved) = (report.unit_count, report.moved_count);
    writeln!(out, "units: {units}, {moved} moved, {before:.1} h → {after:.1} h")?;
    for ExposedMargin { text, newly_violating, newly_conforming, .. } in &report.margins {
        writeln!(out, "{text}")?;
        for (what, units) in [("newly violating", newly_violating), ("newly conforming", newly_conforming)] {
            if !units.is_empty() {
                writeln!(out, "    {what}: {}", units.join(", "))?;
            }
        }
    }
    for (what, requirements) in [("covered", &report.covered), ("uncovered", &report.uncovered)] {
        if !requirements.is_empty() {
            writeln!(out, "{what}: {}", requirements.join(", "))?;
        }
    }
    for link in &report.suspect_links {
        writeln!(out, "suspect: {link}")?;
    }
    Ok(())
}
