//! `throughline job`: the jobs of a service.

use crate::cli::client::{ClientRequest, Place, Service, Thread};
use crate::cli::error::Failure;
use serde_json::Value;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List jobs, the newest first
    List(List),
    /// Print a job as JSON
    Show(One),
    /// End a job before it is done
    Cancel(One),
    /// Run a job again that is interrupted, cancelled or failed
    Run(One),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    place: Place,
    /// How many at the most
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct One {
    #[command(flatten)]
    place: Place,
    /// The job
    id: String,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::List(arguments) => list(arguments),
        Command::Show(one) => {
            print(&service(&one.place)?.read(ClientRequest::get(&path(one, ""), Vec::new()))?)
        }
        Command::Cancel(one) => act(one, "/cancel"),
        Command::Run(one) => act(one, "/run"),
    }
}

/// Finds the service; only one has jobs.
fn service(place: &Place) -> Result<Service, Failure> {
    match place.open()? {
        Thread::There(service) => Ok(service),
        Thread::Here(_) => Err(Failure::new("jobs are done by a service, and none has this thread open")
            .hint("throughline serve --data DIR")),
    }
}

fn path(one: &One, act: &str) -> String {
    format!("/jobs/{}{act}", one.id)
}

fn act(one: &One, act: &str) -> Result<(), Failure> {
    let path = path(one, act);
    print(&service(&one.place)?.read(ClientRequest::post(
        &path,
        Vec::new(),
        "application/json",
        Vec::new(),
    ))?)
}

fn print(job: &Value) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout().lock(), "{job:#}")?)
}

fn list(arguments: &List) -> Result<(), Failure> {
    let asked = ClientRequest::get("/jobs", vec![("limit", arguments.limit.to_string())]);
    let answer: Value = service(&arguments.place)?.read(asked)?;
    if arguments.json {
        return print(&answer["jobs"]);
    }
    let mut out = std::io::stdout().lock();
    for job in answer["jobs"].as_array().into_iter().flatten() {
        let text = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
        let of = format!("{} {}", text("kind"), text("parameters"));
        writeln!(
            out,
            "{}  {:<11}  {}  {of}  by {}",
            text("id"),
            text("state"),
            text("submitted"),
            text("by")
        )?;
    }
    Ok(())
}
