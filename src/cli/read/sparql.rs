//! `throughline sparql`.

use crate::cli::Data;
use crate::cli::error::{Failure, read_text};
use crate::graph::read::sparql::{Error, Form, Format, Limits, Query};
use std::io::stdout;
use std::path::Path;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    version: String,
    /// json, xml, csv or tsv; for CONSTRUCT and DESCRIBE turtle, ntriples, rdfxml, jsonld, nquads, trig or n3
    #[arg(long)]
    format: Option<String>,
    /// How long it may take [default: what the settings allow the service, 30 s]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    seconds: Option<u64>,
    /// How much memory it may take, about
    #[arg(long, value_name = "MEGABYTES", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    megabytes: u64,
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
    let query = Query::read(text)?;
    let format = match &arguments.format {
        Some(name) => Format::named(name).ok_or_else(|| {
            Failure::new(format!("there is no format \"{name}\"")).hint(names(query.form()))
        })?,
        None if matches!(query.form(), Form::Select | Form::Ask) => {
            Format::named("tsv").unwrap_or(Format::of(query.form())[0])
        }
        None => Format::of(query.form())[0],
    };
    let app = arguments.data.open_to_read()?;
    let time = arguments.seconds.map_or(app.settings().server.time_max, Duration::from_secs);
    let limits = Limits::within(time).with_memory(arguments.megabytes.saturating_mul(1_000_000));
    let answered = app.snapshot(&arguments.version)?.answer(&query, format, &limits, stdout());
    answered.map_err(|error| match error {
        Error::Late(_) => Failure::from(error).hint("--seconds allows it more time"),
        Error::Memory => Failure::from(error).hint("--megabytes allows it more memory"),
        error => error.into(),
    })
}

fn names(form: Form) -> String {
    let names: Vec<_> = Format::of(form).iter().map(|format| format.name).collect();
    format!("the answer to {} can be {}", form.as_str(), names.join(", "))
}
