//! `throughline diff`.

use crate::app::report::change::{ChangedResource, DiffAsked, DiffReport};
use crate::app::report::page::PageAsked;
use crate::cli::client::{ClientRequest, Place, Thread};
use crate::cli::error::Failure;
use crate::cli::output::page::{PAGE_MAX, add_to};
use crate::cli::output::streamed;
use crate::model::sync::cancellation::Cancellation;
use serde_json::{Map, json};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The version to start from
    from: String,
    /// The version to end at
    #[arg(default_value = "main")]
    to: String,
    /// Only what touches this resource
    #[arg(long, value_name = "IRI")]
    affects: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let thread = arguments.place.open_to_read()?;
    let (from, to, reach) = (arguments.from.clone(), arguments.to.clone(), arguments.affects.clone());
    let first = DiffAsked { from, to, reach, page: PageAsked { first: PAGE_MAX, after: None } };
    let begun = page(&thread, &first)?;
    let mut out = std::io::stdout().lock();
    if !arguments.json {
        return each(&thread, &first, &begun, |resource| Ok(print(&mut out, resource)?));
    }
    let fields = [("from", json!(begun.from)), ("to", json!(begun.to))];
    let fields: Map<_, _> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    streamed::write(&mut out, fields, "resources", |item| {
        each(&thread, &first, &begun, |resource| item(serde_json::to_value(resource)?))
    })
}

/// Reads a page of what differs.
fn page(thread: &Thread, asked: &DiffAsked) -> Result<DiffReport, Failure> {
    match thread {
        Thread::Here(session) => Ok(session.diff_report(asked, &Cancellation::default())?),
        Thread::There(service) => {
            let mut query = vec![("from", asked.from.clone()), ("to", asked.to.clone())];
            query.extend(asked.reach.clone().map(|reach| ("affects", reach)));
            add_to(&mut query, asked.page.clone());
            service.read(ClientRequest::get("/diff", query))
        }
    }
}

/// Calls `each` with all that differs, from the first page on; names of versions that move meanwhile keep what they meant there.
fn each(
    thread: &Thread,
    asked: &DiffAsked,
    begun: &DiffReport,
    mut each: impl FnMut(&ChangedResource) -> Result<(), Failure>,
) -> Result<(), Failure> {
    begun.resources.iter().try_for_each(&mut each)?;
    let (from, to, mut after) = (begun.from.id.clone(), begun.to.id.clone(), begun.next.clone());
    while after.is_some() {
        let (from, to) = (from.clone(), to.clone());
        let following = PageAsked { first: PAGE_MAX, after };
        let report = page(thread, &DiffAsked { from, to, page: following, ..asked.clone() })?;
        report.resources.iter().try_for_each(&mut each)?;
        after = report.next;
    }
    Ok(())
}

/// Prints what becomes of a resource, with what it means.
pub(in crate::cli) fn print(out: &mut impl Write, resource: &ChangedResource) -> std::io::Result<()> {
    writeln!(out, "{} {}", resource.sign(), resource.resource)?;
    for property in &resource.properties {
        writeln!(out, "    {}", property.text)?;
    }
    resource.notes.iter().try_for_each(|note| writeln!(out, "    ! {}", note.text))
}
