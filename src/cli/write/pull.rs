//! `throughline pull`.

use crate::app::report::ontology::OntologyReport;
use crate::app::report::transfer::import::ImportReport;
use crate::app::{ImportOptions, PullRequest, Pulled, SourceFile, SourceFormat, pull};
use crate::cli::client::{ClientRequest, Place, Thread};
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::json;
use crate::cli::output::progress::spinner;
use crate::cli::output::words::{changed, count};
use crate::exchange::rdf::{Format, Writer, read};
use crate::model::statement::{Statement, is_import_note};
use crate::ontology::Ontology;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The address of the tracked resource set, such as `https://alm.plant.example/trs`
    set: String,
    /// The name of the source; its own branch is import/NAME, and has what was read last
    #[arg(long, value_name = "NAME")]
    source: String,
    /// The branch that takes the content of the source
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    into: String,
    /// A file with the token that the host of the set lets in; it is sent to no other host
    #[arg(long, value_name = "FILE")]
    set_token: Option<PathBuf>,
    /// A network beside the Internet that requests may go to, such as 10.0.0.0/8; may be given several times
    #[arg(long, value_name = "NETWORK")]
    allow: Vec<String>,
    /// A file of certificates in PEM to trust instead of those of the system
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How many seconds all requests together may take
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    within: u64,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let thread = arguments.place.open()?;
    let token = match &arguments.set_token {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
            Some(text.trim().to_owned())
        }
        None => None,
    };
    let request = PullRequest {
        url: arguments.set.clone(),
        token,
        allow: arguments.allow.clone(),
        ca: arguments.ca.clone(),
        within: Duration::from_secs(arguments.within),
    };
    let (previous, ontology) = (previous(arguments, &thread)?, ontology(arguments, &thread)?);
    let bar = spinner(format!("reading {}", arguments.set));
    let pulled = pull(&request, &previous, &ontology);
    bar.finish_and_clear();
    let pulled = pulled?;
    let report = import(arguments, &thread, &pulled)?;
    print(arguments, &pulled, &report)
}

/// Returns the ontology of the branch that takes the content.
fn ontology(arguments: &Arguments, thread: &Thread) -> Result<Arc<Ontology>, Failure> {
    match thread {
        Thread::Here(session) => Ok(Arc::clone(session.snapshot(&arguments.into)?.ontology())),
        Thread::There(service) => {
            let query = vec![("at", arguments.into.clone())];
            let report: OntologyReport = service.read(ClientRequest::get("/ontology", query))?;
            let files = report.files.iter().map(|file| (file.name.as_str(), file.text.as_str()));
            Ok(Arc::new(Ontology::read(files)?))
        }
    }
}

/// Returns what the source has brought so far; nothing where it is new.
fn previous(arguments: &Arguments, thread: &Thread) -> Result<Vec<Statement>, Failure> {
    let branch = format!("import/{}", arguments.source);
    let mut bytes = Vec::new();
    match thread {
        Thread::Here(session) => {
            if !session.branches()?.iter().any(|(name, _)| *name == branch) {
                return Ok(Vec::new());
            }
            session.export(&session.snapshot(&branch)?, Format::NTriples, &mut bytes)?;
        }
        Thread::There(service) => {
            let query = vec![("version", branch.clone()), ("format", "ntriples".to_owned())];
            // A source that brings something for the first time has no branch; what else is wrong, the import reports.
            if service.send(ClientRequest::get("/export", query), &mut bytes)?.is_err() {
                return Ok(Vec::new());
            }
        }
    }
    Ok(read(&bytes, Format::NTriples, "urn:throughline:previous", &branch)?)
}

/// The name of the file of the notes in a request to a service.
const NOTES: &str = "notes.nt";

/// Imports all that the source has now, and what is noted of it.
fn import(arguments: &Arguments, thread: &Thread, pulled: &Pulled) -> Result<ImportReport, Failure> {
    let (notes, content): (Vec<_>, Vec<_>) =
        pulled.statements.iter().partition(|own| is_import_note(&own.subject));
    let (notes, content) = (written(&notes)?, written(&content)?);
    let message = format!("Pull {} from {}", arguments.source, arguments.set);
    match thread {
        Thread::Here(session) => {
            let file = |bytes, reading| SourceFile { name: arguments.set.clone(), bytes, reading };
            let files =
                vec![file(content, SourceFormat::Rdf(Format::NTriples)), file(notes, SourceFormat::Notes)];
            let options = ImportOptions {
                source: arguments.source.clone(),
                into: arguments.into.clone(),
                message: Some(message),
                author: arguments.authored.author(),
                prune: true,
                ..ImportOptions::default()
            };
            session.import_files(files, &[], options).map_err(|refused| refused.error.into())
        }
        Thread::There(service) => {
            let mut query = vec![
                ("source", arguments.source.clone()),
                ("into", arguments.into.clone()),
                ("message", message),
                ("prune", "true".to_owned()),
                ("notes", NOTES.to_owned()),
            ];
            query.extend(arguments.authored.given().map(|author| ("author", author.to_string())));
            let part = |name, bytes| ("file", name, Format::NTriples.media_type(), bytes);
            let parts = [part("pulled.nt", content.as_slice()), part(NOTES, notes.as_slice())];
            let answer = service.transfer("/import", query, &parts)?;
            answer.map_err(|refusal| Failure::new(refusal.message))
        }
    }
}

/// Returns statements as N-Triples.
fn written(statements: &[&Statement]) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(Format::NTriples, &[], None, &mut bytes)?;
    for statement in statements {
        writer.write(statement)?;
    }
    writer.finish()?;
    Ok(bytes)
}

fn print(arguments: &Arguments, pulled: &Pulled, report: &ImportReport) -> Result<(), Failure> {
    if arguments.form.json {
        return json::print(&json!({
            "source": arguments.source,
            "into": arguments.into,
            "commit": report.commit,
            "changed": report.changed,
            "whole": pulled.is_whole,
            "fetched": pulled.fetched,
            "removed": pulled.removed,
            "leftOut": pulled.gaps,
        }));
    }
    for gap in &pulled.gaps {
        println!("warning: {gap}");
    }
    let what = if pulled.is_whole { "the whole set" } else { "what has changed" };
    println!("{what}: {} fetched, {} removed", count(pulled.fetched, "resource"), pulled.removed);
    match report.changed {
        0 => println!("nothing new: {} is unchanged", arguments.source),
        statements => println!("{} on {}: {}", report.commit, arguments.into, changed(statements)),
    }
    Ok(())
}
