//! `throughline sparql`.

use super::Data;
use super::error::{Failure, read_text};
use crate::graph::sparql::{Form, Format, Limits, Query};
use std::io::stdout;
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    version: String,
    /// json, xml, csv or tsv; for CONSTRUCT and DESCRIBE turtle, ntriples, rdfxml, jsonld, nquads, trig or n3
    #[arg(long)]
    format: Option<String>,
    /// The query, or a file that holds it
    #[arg(value_name = "QUERY|FILE")]
    query: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = match &arguments.query {
        file if Path::new(file).is_file() => read_text(Path::new(file))?,
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
    Ok(app.snapshot(&arguments.version)?.answer(&query, format, &Limits::none(), stdout())?)
}

fn names(form: Form) -> String {
    let names: Vec<_> = Format::of(form).iter().map(|format| format.name).collect();
    format!("the answer to {} can be {}", form.as_str(), names.join(", "))
}
