//! `throughline search`.

use crate::app::report::page::Page as _;
use crate::app::report::search::{FoundResource, SearchAsked, SearchReport};
use crate::cli::client::{ClientRequest, Place, Thread};
use crate::cli::error::Failure;
use crate::cli::output::columns::aligned;
use crate::cli::output::json;
use crate::cli::output::page::{After, PAGE_MAX, add_to};
use crate::cli::output::words::count;
use crate::model::sync::cancellation::Cancellation;
use std::io::Write as _;
use std::num::NonZeroUsize;

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
    #[arg(long, short = 'n', visible_alias = "limit", default_value = "50")]
    first: NonZeroUsize,
    #[command(flatten)]
    after: After,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { text, at, .. } = arguments;
    let part = arguments.after.with(arguments.first.get());
    let report: SearchReport = match arguments.place.open_to_read()? {
        Thread::Here(session) => {
            let asked = SearchAsked { text: text.clone(), version: at.clone(), page: part };
            session.search_report(&asked, &Cancellation::default())?
        }
        Thread::There(service) => SearchReport::gather(&part, PAGE_MAX, |page, version| {
            let mut query = vec![("text", text.clone()), ("at", version.unwrap_or(at).to_owned())];
            add_to(&mut query, page);
            service.read(ClientRequest::get("/search", query))
        })?,
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
    let shown = report.found.len();
    match &report.next {
        Some(next) => writeln!(out, "{shown} of {all}; -n shows more, --after {next} what follows")?,
        None if shown < report.total_count => writeln!(out, "the last {shown} of {all}")?,
        None => writeln!(out, "{all}")?,
    }
    Ok(())
}
