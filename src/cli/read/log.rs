//! `throughline log`.

use crate::app::report::change::AuthorReport;
use crate::app::report::log::{LogAsked, LogEntry, LogReport};
use crate::app::report::page::{Page as _, PageAsked};
use crate::cli::client::{ClientRequest, Place, Thread};
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::page::{After, PAGE_MAX, add_to};
use crate::model::sync::cancellation::Cancellation;
use std::io::Write;
use std::num::NonZeroUsize;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(default_value = "main")]
    version: String,
    /// Only what changed this resource
    #[arg(long, value_name = "IRI")]
    resource: Option<String>,
    /// With a resource: also print what each commit changed in it
    #[arg(long, short, requires = "resource")]
    patch: bool,
    /// How many commits at the most
    #[arg(long, short = 'n', visible_alias = "limit", default_value = "50")]
    first: NonZeroUsize,
    #[command(flatten)]
    after: After,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let part = arguments.after.with(arguments.first.get());
    let log: LogReport = match arguments.place.open_to_read()? {
        Thread::Here(session) => session.log_report(&arguments.asked(part), &Cancellation::default())?,
        Thread::There(service) => LogReport::gather(&part, PAGE_MAX, |page, version| {
            service.read(ClientRequest::get("/log", arguments.query(page, version)))
        })?,
    };
    if arguments.form.json {
        return json::print(&log);
    }
    let mut out = std::io::stdout().lock();
    log.commits.iter().try_for_each(|entry| print(&mut out, entry))?;
    if let Some(next) = &log.next {
        writeln!(out, "more follow: --after {next}")?;
    }
    Ok(())
}

impl Arguments {
    fn asked(&self, page: PageAsked) -> LogAsked {
        let (version, resource) = (self.version.clone(), self.resource.clone());
        LogAsked { version, resource, with_changes: self.patch, page }
    }

    fn query(&self, page: PageAsked, version: Option<&str>) -> Vec<(&'static str, String)> {
        let mut query = vec![("version", version.unwrap_or(&self.version).to_owned())];
        add_to(&mut query, page);
        query.extend(self.resource.clone().map(|resource| ("resource", resource)));
        query.extend(self.patch.then(|| ("changes", "true".to_owned())));
        query
    }
}

fn print(out: &mut impl Write, LogEntry { commit, changes }: &LogEntry) -> std::io::Result<()> {
    let AuthorReport { name, email } = &commit.author;
    writeln!(out, "{}  {}  {name} <{email}>", commit.id, commit.time)?;
    commit.message.lines().try_for_each(|line| writeln!(out, "    {line}"))?;
    changes.iter().try_for_each(|line| writeln!(out, "        {line}"))
}
