//! `throughline query`.

use super::Data;
use super::error::{Failure, read_text};
use crate::graphql::{Query, Service};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The values of variables, as JSON
    #[arg(long, value_name = "JSON")]
    variables: Option<String>,
    /// Which operation of the file is meant
    #[arg(long)]
    operation: Option<String>,
    /// The GraphQL file; - for standard input
    #[arg(value_name = "FILE.graphql")]
    file: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let variables = match &arguments.variables {
        Some(text) => serde_json::from_str(text).map_err(|e| Failure::new(format!("--variables: {e}")))?,
        None => serde_json::Value::Null,
    };
    let query = Query {
        query: Some(read_text(&arguments.file)?),
        operation_name: arguments.operation.clone(),
        variables,
        ..Query::default()
    };
    let answer = Service::new(Arc::new(arguments.data.open()?))?.run(&query);
    writeln!(std::io::stdout().lock(), "{answer:#}")?;
    match answer.get("errors") {
        Some(_) => Err(Failure::new("the answer has errors")),
        None => Ok(()),
    }
}
