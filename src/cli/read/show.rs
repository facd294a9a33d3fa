//! `throughline show`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::words::find;
use crate::graph::text::turtle;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The resource: a full IRI, the rest of one below the thread's base, or an identifier that it alone bears
    resource: String,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    at: String,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open_to_read()?;
    let version = app.snapshot(&arguments.at)?;
    let resource = find(&version, &arguments.resource)?;
    let document = version.document(&resource)?;
    if document.is_empty() {
        return Err(Failure::new(format!(
            "{resource} does not exist at {}, and nothing has the identifier {}",
            arguments.at, arguments.resource
        )));
    }
    write!(std::io::stdout().lock(), "{}", turtle::write(&document, version.base()))?;
    Ok(())
}
