//! What commands came to as JSON, for tools: one value, indented.

use crate::cli::error::Failure;
use serde::Serialize;
use std::io::Write as _;

/// Whether a command prints JSON.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(in crate::cli) struct Form {
    /// Print JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Prints a value.
pub(in crate::cli) fn print(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}
