//! `throughline search`.

use crate::app::report::search::{FoundResource, SearchAsked, SearchReport};
use crate::cli::client::{Asked, Place, Thread};
use crate::cli::error::Failure;
use crate::cli::output::columns::aligned;
use crate::cli::output::json;
use crate::cli::output::words::count;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Words, or beginnings of words, all of which a resource must have
    text: String,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, value_name = "VERSION", default_value = "main")]
    at: String,
    /// How many resources at the most
    #[arg(long, short = 'n', default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { text, at, limit, .. } = arguments;
    let report: SearchReport = match arguments.place.open_to_read()? {
        Thread::Here(session) => {
            session.search_report(&SearchAsked { text: text.clone(), version: at.clone(), limit: *limit })?
        }
        Thread::There(service) => {
            let query = vec![("text", text.clone()), ("at", at.clone()), ("limit", limit.to_string())];
            service.read(Asked::get("/search", query))?
        }
    };
    if arguments.form.json {
        return json::print(&report);
    }
    let row = |found: &FoundResource| {
        [found.resource.clone(), found.class.clone(), found.identifier.clone(), found.title.clone()]
    };
    let head = ["RESOURCE", "CLASS", "IDENTIFIER", "TITLE"].map(str::to_owned);
    let mut out = std::io::stdout().lock();
    for line in aligned(&std::iter::once(head).chain(report.found.iter().map(row)).collect::<Vec<_>>()) {
        writeln!(out, "{line}")?;
    }
    let all = count(report.total_count, "resource");
    match report.found.len() {
        shown if shown < report.total_count => writeln!(out, "{shown} of {all}; -n shows more")?,
        _ => writeln!(out, "{all}")?,
    }
    Ok(())
}
