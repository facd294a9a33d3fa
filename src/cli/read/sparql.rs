//! `throughline sparql`.

use crate::app::Session;
use crate::cli::client::{ClientRequest, Place, Service, Thread};
use crate::cli::error::{Failure, read_text};
use crate::graph::read::sparql::{Error, Form, Format, Limits, Query};
use std::io::stdout;
use std::path::Path;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    version: String,
    /// json, xml, csv or tsv; for CONSTRUCT and DESCRIBE turtle, ntriples, rdfxml, jsonld, nquads, trig or n3
    #[arg(long)]
    format: Option<String>,
    /// How long it may take [default: what the settings allow the service, 30 s]; a service sets its own limit
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    seconds: Option<u64>,
    /// How much memory it may take, about [default: 500]; a service sets its own limit
    #[arg(long, value_name = "MEGABYTES", value_parser = clap::value_parser!(u64).range(1..))]
    megabytes: Option<u64>,
    /// The query, a file that holds it, or - for the standard input
    #[arg(value_name = "QUERY|FILE|-")]
    query: String,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = match &arguments.query {
        file if file == "-" || Path::new(file).is_file() => read_text(Path::new(file))?,
        query if query.contains(|sign: char| sign.is_whitespace() || sign == '{') => query.clone(),
        neither => return Err(Failure::new(format!("\"{neither}\" is no file and no query"))),
    };
    let query = Query::read(text.clone())?;
    let format = match &arguments.format {
        Some(name) => Format::named(name).ok_or_else(|| {
            Failure::new(format!("there is no format \"{name}\"")).hint(names(query.form()))
        })?,
        None if matches!(query.form(), Form::Select | Form::Ask) => {
            Format::named("tsv").unwrap_or(Format::of(query.form())[0])
        }
        None => Format::of(query.form())[0],
    };
    match arguments.place.open_to_read()? {
        Thread::Here(session) => answer(arguments, &session, &query, format),
        Thread::There(service) => send(arguments, &service, text, format),
    }
}

/// The memory that an evaluation may take where nothing else is stated.
const MEGABYTES: u64 = 500;

fn answer(arguments: &Arguments, session: &Session, query: &Query, format: Format) -> Result<(), Failure> {
    let time = arguments.seconds.map_or(session.settings().server.time_max, Duration::from_secs);
    let megabytes = arguments.megabytes.unwrap_or(MEGABYTES);
    let limits = Limits::within(time).with_memory(megabytes.saturating_mul(1_000_000));
    let answered = session.snapshot(&arguments.version)?.answer(query, format, &limits, stdout());
    answered.map_err(|error| match error {
        Error::Late(_) => Failure::from(error).hint("--seconds allows it more time"),
        Error::Memory => Failure::from(error).hint("--megabytes allows it more memory"),
        error => error.into(),
    })
}

/// Sends the query to a service.
fn send(arguments: &Arguments, service: &Service, text: String, format: Format) -> Result<(), Failure> {
    if arguments.seconds.is_some() || arguments.megabytes.is_some() {
        let failure =
            Failure::new("a service sets its own limits: --seconds and --megabytes are for a folder");
        return Err(failure.hint("seconds under [server] in its throughline.toml allows more time"));
    }
    let query = vec![("version", arguments.version.clone())];
    let asked = ClientRequest::post("/sparql", query, "application/sparql-query", text.into_bytes());
    service.send(ClientRequest { accept: format.media_type, ..asked }, &mut stdout())??;
    Ok(())
}

fn names(form: Form) -> String {
    let names: Vec<_> = Format::of(form).iter().map(|format| format.name).collect();
    format!("the answer to {} can be {}", form.as_str(), names.join(", "))
}
