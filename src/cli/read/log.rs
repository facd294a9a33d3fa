//! `throughline log`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::words;
use crate::graph::Commit;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
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
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open_to_read()?;
    let version = app.snapshot(&arguments.version)?;
    let resource = arguments.resource.as_deref().map(|text| words::find(&version, text)).transpose()?;
    let mut out = std::io::stdout().lock();
    if let Some(resource) = &resource
        && app.log(&version, Some(resource), None, 1)?.is_empty()
    {
        return Err(Failure::new(format!("no commit up to {} changes {resource}", arguments.version)));
    }
    match resource.as_ref().filter(|_| arguments.patch) {
        Some(resource) => {
            for change in version.timeline(resource)?.changes(None, arguments.limit)? {
                print(&mut out, &change.commit)?;
                for property in &change.properties {
                    writeln!(out, "        {}", words::line(property, &version))?;
                }
            }
        }
        None => {
            for commit in app.log(&version, resource.as_ref(), None, arguments.limit)? {
                print(&mut out, &commit)?;
            }
        }
    }
    Ok(())
}

fn print(out: &mut impl Write, commit: &Commit) -> std::io::Result<()> {
    writeln!(out, "{}  {}  {}", commit.id, commit.time, commit.author)?;
    commit.message.lines().try_for_each(|line| writeln!(out, "    {line}"))
}
