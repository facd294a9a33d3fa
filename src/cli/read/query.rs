//! `throughline query`.

use crate::app::{self, App};
use crate::cli::client::{ClientRequest, Place};
use crate::cli::error::{Failure, read_text};
use crate::cli::sources;
use crate::exchange::answer_table;
use crate::graphql::{Query, Service, check_numbers, json_fault};
use crate::model::time::clock::SystemClock;
use crate::{graph, server};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The values of variables, as JSON
    #[arg(long, value_name = "JSON")]
    variables: Option<String>,
    /// Which operation of the file is meant
    #[arg(long)]
    operation: Option<String>,
    /// How the answer is printed; a table has a row for each item of the answer's list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Which list of the answer makes the rows of a table, where there are several: its path, such as thread.parts.nodes
    #[arg(long, value_name = "PATH")]
    rows: Option<String>,
    /// The GraphQL file; - for standard input
    #[arg(value_name = "FILE.graphql")]
    file: PathBuf,
}

/// How an answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// As the service answers over HTTP
    #[default]
    Json,
    /// As a table: RFC 4180, columns named by their paths in the answer
    Csv,
    /// As the same table in a workbook
    Xlsx,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    check_numbers(arguments.variables.as_deref().unwrap_or_default())
        .map_err(|e| Failure::new(format!("--variables: {e}")))?;
    let variables = match &arguments.variables {
        Some(text) => serde_json::from_str(text).map_err(|e| Failure::new(json_fault(&e, "--variables")))?,
        None => serde_json::Value::Null,
    };
    let query = Query {
        query: Some(read_text(&arguments.file)?),
        operation_name: arguments.operation.clone(),
        variables,
        ..Query::default()
    };
    let answer = answer(&arguments.place, &query)?;
    let failed = answer.get("errors").is_some();
    match arguments.format {
        // A table has no place for errors, and half a table must not be taken for a whole one.
        Format::Csv | Format::Xlsx if !failed => {
            print_table(&answer["data"], arguments.rows.as_deref(), arguments.format)?;
        }
        Format::Json | Format::Csv | Format::Xlsx => writeln!(std::io::stdout().lock(), "{answer:#}")?,
    }
    if failed { Err(Failure::new("the answer has errors")) } else { Ok(()) }
}

/// Answers a request: by the service that has the thread open, where there is one, else here.
fn answer(place: &Place, query: &Query) -> Result<Value, Failure> {
    let request = || {
        json!({
            "query": query.query,
            "operationName": query.operation_name,
            "variables": query.variables,
        })
    };
    if let Some(service) = place.named()? {
        let asked = ClientRequest::post(
            "/graphql",
            Vec::new(),
            "application/json",
            request().to_string().into_bytes(),
        );
        return service.read(asked);
    }
    let (folder, clock) = (place.data().data, Arc::new(SystemClock::default()));
    let app = match App::open_with(&folder, clock.clone(), sources()) {
        Err(app::Error::Graph(locked @ graph::Error::Locked(_))) => {
            return match server::query(&folder, request())? {
                Some(answer) => answer.map_err(Failure::new),
                None => Err(locked.into()),
            };
        }
        Err(app::Error::Graph(error)) if error.is_unwritable() => {
            let (app, from) = App::open_to_read(&folder, clock, sources())?;
            eprintln!("note: {from}");
            app
        }
        app => app?,
    };
    Ok(Service::new(Arc::new(app))?.run(query))
}

fn print_table(data: &serde_json::Value, rows: Option<&str>, format: Format) -> Result<(), Failure> {
    let table = match format {
        Format::Xlsx => answer_table::write_workbook(data, rows),
        _ => answer_table::write(data, rows).map(|table| (table.csv, table.omitted)),
    };
    let (bytes, omitted) = table.map_err(|error| match error {
        answer_table::Error::SeveralLists(_) => {
            Failure::from(error).hint("--rows PATH names the list that makes the rows")
        }
        error => error.into(),
    })?;
    std::io::stdout().lock().write_all(&bytes)?;
    if !omitted.is_empty() {
        eprintln!("not in the table: {}", omitted.join(", "));
    }
    Ok(())
}
