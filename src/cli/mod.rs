//! The command line: one file a subcommand. Parses, calls one use case, prints; hints and exit codes live here and
//! nowhere else.

// The one layer whose work is to print.
#![allow(clippy::print_stdout)]

mod adopt;
mod authored;
mod backup;
pub mod bench;
mod blame;
mod branch;
mod clashes;
mod columns;
pub mod demo;
mod dialect;
mod diff;
mod error;
mod exposure;
mod fsck;
mod import;
mod ingest;
mod init;
mod inputs;
mod log;
mod maintain;
mod merge;
mod migrate;
mod monitor;
mod ontology;
mod progress;
mod query;
mod reference;
mod reindex;
mod resolutions;
mod revert;
mod review;
mod schema;
mod search;
mod series;
mod serve;
mod show;
mod sparql;
mod suspects;
mod tag;
mod trust_clock;
mod words;

pub use reference::reference;

use clap::{CommandFactory as _, Parser, Subcommand};
use error::Failure;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::app::{self, App};
use crate::graph::{self, is_guarded};
use crate::model::clock::SystemClock;

/// The digital thread: requirements, designs, builds and field data in one versioned graph.
#[derive(Debug, Parser)]
#[command(name = "throughline", version, about, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a thread in a folder
    Init(init::Arguments),
    /// Serve GraphQL and telemetry ingest over HTTP
    Serve(serve::Arguments),
    /// Import RDF files or tables as what one source says
    Import(import::Arguments),
    /// Store readings from CSV files
    Ingest(Box<ingest::Arguments>),
    /// List the commits behind a version
    Log(log::Arguments),
    /// Find resources by the words of their names and descriptions
    Search(search::Arguments),
    /// Print a resource at a version
    Show(show::Arguments),
    /// Print who made each statement of a resource, and when
    Blame(blame::Arguments),
    /// Print what differs between two versions
    Diff(diff::Arguments),
    /// Merge a version into a branch, or show what would come of it
    Merge(merge::Arguments),
    /// Undo a commit by another one
    Revert(revert::Arguments),
    /// List the monitors, or run them once
    Monitor(monitor::Arguments),
    /// Open, sign or print a design review
    Review(review::Arguments),
    /// Print what changes would touch if they were committed: units, margins, coverage, links
    Exposure(exposure::Arguments),
    /// Print the links whose target has changed since they were made or last confirmed
    Suspects(suspects::Arguments),
    /// Confirm that a suspect link still holds
    ClearSuspect(suspects::ClearArguments),
    /// Tag a version, or list the tags
    Tag(tag::Arguments),
    /// Make or delete a branch, or list the branches
    Branch(branch::Arguments),
    /// Take in commits made elsewhere with plain Git
    Adopt(adopt::Arguments),
    /// Check Git's objects, the text of all files, and the index
    Fsck(fsck::Arguments),
    /// List or delete series of telemetry
    Series(series::Arguments),
    /// Let retention follow the machine's clock, after a long time without power or a mend of the clock
    TrustClock(trust_clock::Arguments),
    /// Copy a thread into a folder of backups, also while it is served
    Backup(backup::Arguments),
    /// Make a thread from a backup, and check it
    Restore(backup::RestoreArguments),
    /// Make the index anew from Git
    Reindex(reindex::Arguments),
    /// Pack loose objects and merge small packs, as the running service does by itself
    Maintain(maintain::Arguments),
    /// Bring every branch to the newest layout of files
    Migrate(migrate::Arguments),
    /// Set the user's own ontology files
    Ontology(ontology::Arguments),
    /// Answer a GraphQL file offline
    Query(query::Arguments),
    /// Answer a SPARQL query offline
    Sparql(sparql::Arguments),
    /// Print the GraphQL schema
    Schema(schema::Arguments),
    /// Load a story, serve it, and print what to ask
    Demo(demo::Arguments),
    /// Measure the design's bars on this machine
    Bench(bench::Arguments),
}

/// The folder of a thread.
#[derive(Debug, clap::Args)]
struct Data {
    /// The folder of the thread
    #[arg(long, value_name = "DIR", default_value = "throughline-data")]
    data: PathBuf,
}

impl Data {
    fn open(&self) -> Result<App, Failure> {
        Ok(App::open(&self.data, Arc::new(SystemClock::default()))?)
    }

    /// Opens the thread for a command that only reads: also where its folder may not be written, or another process has it open.
    fn open_to_read(&self) -> Result<App, Failure> {
        let clock = Arc::new(SystemClock::default());
        match App::open(&self.data, clock.clone()) {
            Err(error) if is_unwritable(&error) => {
                let (app, from) = App::open_to_read(&self.data, clock)?;
                eprintln!("note: {from}");
                Ok(app)
            }
            app => Ok(app?),
        }
    }
}

/// Tells whether a folder could not be opened because this process may not write to it.
fn is_unwritable(error: &app::Error) -> bool {
    let app::Error::Graph(error) = error else { return false };
    matches!(error, graph::Error::Held(_)) || error.is_unwritable()
}

/// Returns the command line as clap describes it.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Parses the command line, runs it, and returns the exit code: 0 done, 1 refused or failed, 2 misused.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    tell_panics();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let result = match arguments.command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Ingest(arguments) => ingest::run(&arguments),
        Command::Log(arguments) => log::run(&arguments),
        Command::Search(arguments) => search::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Blame(arguments) => blame::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Revert(arguments) => revert::run(&arguments),
        Command::Monitor(arguments) => monitor::run(&arguments),
        Command::Review(arguments) => review::run(&arguments),
        Command::Exposure(arguments) => exposure::run(&arguments),
        Command::Suspects(arguments) => suspects::run(&arguments),
        Command::ClearSuspect(arguments) => suspects::clear(&arguments),
        Command::Tag(arguments) => tag::run(&arguments),
        Command::Branch(arguments) => branch::run(&arguments),
        Command::Adopt(arguments) => adopt::run(&arguments),
        Command::Fsck(arguments) => fsck::run(&arguments),
        Command::Series(arguments) => series::run(&arguments),
        Command::TrustClock(arguments) => trust_clock::run(&arguments),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Restore(arguments) => backup::restore(&arguments),
        Command::Reindex(arguments) => reindex::run(&arguments),
        Command::Maintain(arguments) => maintain::run(&arguments),
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::Ontology(arguments) => ontology::run(&arguments),
        Command::Query(arguments) => query::run(&arguments),
        Command::Sparql(arguments) => sparql::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Leaves out the text of a panic that is caught and told as an error.
fn tell_panics() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_guarded() {
            tell(panic);
        }
    }));
}
