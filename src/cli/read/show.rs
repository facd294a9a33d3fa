//! `throughline show`.

use crate::app::report::resource::ResourceReport;
use crate::cli::client::{ClientRequest, Place, Thread};
use crate::cli::error::Failure;
use crate::model::sync::cancellation::Cancellation;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The resource: a full IRI, the rest of one below the thread's base, or an identifier that it alone bears
    resource: String,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    at: String,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let shown: ResourceReport = match arguments.place.open_to_read()? {
        Thread::Here(session) => {
            session.resource_report(&arguments.resource, &arguments.at, &Cancellation::default())?
        }
        Thread::There(service) => {
            let query = vec![("resource", arguments.resource.clone()), ("at", arguments.at.clone())];
            service.read(ClientRequest::get("/show", query))?
        }
    };
    write!(std::io::stdout().lock(), "{}", shown.turtle)?;
    Ok(())
}
