//! `throughline series`.

use crate::app::report::fleet::series::{DeletedReport, ListedSeries, SeriesReport};
use crate::app::report::page::{Page as _, PageAsked};
use crate::cli::client::{ClientRequest, Place, Service, Thread};
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::page::{PAGE_MAX, add_to};
use crate::cli::output::words::count;
use crate::telemetry::Selection;
use hyper::Method;
use serde_json::json;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print the series that fit, one a line
    List(Which),
    /// Delete the series that fit, with their samples and names, for ever
    Delete {
        #[command(flatten)]
        which: Which,
        /// Print what would be deleted, and delete nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Which {
    #[command(flatten)]
    place: Place,
    /// The twins as senders name them; * matches any text
    #[arg(long)]
    twin: Option<String>,
    /// The measurements
    #[arg(long)]
    measurement: Option<String>,
    /// The fields
    #[arg(long)]
    field: Option<String>,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.action {
        Action::List(which) => list(which),
        Action::Delete { which, dry_run } => delete(which, *dry_run),
    }
}

fn list(which: &Which) -> Result<(), Failure> {
    let all = PageAsked { first: usize::MAX, after: None };
    let SeriesReport { series, .. } = match which.place.open_to_read()? {
        Thread::Here(session) => session.series_report(&which.selection(), &all)?,
        Thread::There(service) => SeriesReport::gather(&all, PAGE_MAX, |page, _| {
            let mut query = which.query();
            add_to(&mut query, page);
            service.read(ClientRequest::get("/series", query))
        })?,
    };
    if which.form.json {
        return json::print(&json!({ "series": series }));
    }
    if series.is_empty() {
        eprintln!("note: no series fits");
    }
    Ok(print(&series, &mut std::io::stdout().lock())?)
}

fn delete(which: &Which, is_dry: bool) -> Result<(), Failure> {
    if which.query().is_empty() {
        return Err(Failure::new("which series? give --twin, --measurement or --field"));
    }
    let done = match which.place.open()? {
        Thread::Here(session) => session.delete_series(&which.selection(), is_dry)?,
        Thread::There(service) => send(which, &service, is_dry)?,
    };
    if done.count == 0 {
        return Err(
            Failure::new("no series fits").hint("throughline series list prints those that there are")
        );
    }
    if which.form.json {
        return json::print(&done);
    }
    let found = count(done.count, "series");
    if is_dry {
        print(&done.series, &mut std::io::stdout().lock())?;
        if done.count > done.series.len() {
            println!("and {} more", done.count - done.series.len());
        }
        println!("{found} would be deleted, with their samples");
    } else {
        println!("{found} deleted, with their samples");
    }
    Ok(())
}

/// Deletes through a service.
fn send(which: &Which, service: &Service, is_dry: bool) -> Result<DeletedReport, Failure> {
    let mut query = which.query();
    query.extend(is_dry.then(|| ("dryRun", "true".to_owned())));
    service.read(ClientRequest { method: Method::DELETE, ..ClientRequest::get("/series", query) })
}

impl Which {
    fn selection(&self) -> Selection {
        let pattern = |given: &Option<String>| given.clone().unwrap_or_else(|| "*".to_owned());
        Selection {
            twin: pattern(&self.twin),
            measurement: pattern(&self.measurement),
            field: pattern(&self.field),
        }
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let given = [("twin", &self.twin), ("measurement", &self.measurement), ("field", &self.field)];
        given.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

fn print(series: &[ListedSeries], out: &mut impl Write) -> std::io::Result<()> {
    for ListedSeries { twin, measurement, field, tags } in series {
        let tags: String = tags.iter().map(|(tag, value)| format!(" {tag}={value}")).collect();
        let line: String = format!("{twin} {measurement} {field}{tags}").chars().take(LINE_MAX).collect();
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Names from before they were bounded may be a megabyte long.
const LINE_MAX: usize = 400;
