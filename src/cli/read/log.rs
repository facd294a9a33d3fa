//! `throughline log`.

use crate::app::report::change::AuthorReport;
use crate::app::report::log::{LogAsked, LogEntry, LogReport};
use crate::cli::client::{Asked, Place, Thread};
use crate::cli::error::Failure;
use crate::cli::output::json;
use std::io::Write;

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
    #[arg(long, short = 'n', default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let log: LogReport = match arguments.place.open_to_read()? {
        Thread::Here(session) => session.log_report(&LogAsked {
            version: arguments.version.clone(),
            resource: arguments.resource.clone(),
            with_changes: arguments.patch,
            limit: arguments.limit,
        })?,
        Thread::There(service) => service.read(Asked::get("/log", arguments.query()))?,
    };
    if arguments.form.json {
        return json::print(&log);
    }
    let mut out = std::io::stdout().lock();
    log.commits.iter().try_for_each(|entry| print(&mut out, entry))?;
    Ok(())
}

impl Arguments {
    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![("version", self.version.clone()), ("limit", self.limit.to_string())];
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
