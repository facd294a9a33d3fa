//! The command line: one file a subcommand. Parses, calls one use case, prints; hints and exit codes live here and
//! nowhere else.

// The one layer whose work is to print.
#![allow(clippy::print_stdout)]

mod admin;
pub mod bench;
mod client;
pub mod demo;
mod error;
mod logging;
mod output;
mod read;
mod reference;
mod shell;
mod write;

pub use reference::reference;

use clap::{CommandFactory as _, Parser, Subcommand};
use error::Failure;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use crate::app::access::Principal;
use crate::app::{self, App, LogSettings, Session, Sources};
use crate::graph::{self, is_guarded};
use crate::model::time::clock::SystemClock;

/// The digital thread: requirements, designs, builds and field data in one versioned graph.
#[derive(Debug, Parser)]
#[command(name = "throughline", version, about, max_term_width = 110)]
struct Arguments {
    /// The file of settings, instead of throughline.toml in the folder of the thread
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a thread in a folder
    Init(admin::init::Arguments),
    /// Serve GraphQL and telemetry ingest over HTTP
    Serve(admin::serve::Arguments),
    /// Import RDF files, tables or files of other tools as the content of one source
    Import(write::import::Arguments),
    /// Import the tracked resource set of another tool (OSLC), or what of it has changed since
    Pull(write::pull::Arguments),
    /// Store readings from CSV files
    Ingest(Box<write::ingest::Arguments>),
    /// Write a version, its requirements or tests for another tool, or samples as CSV
    Export(read::export::Arguments),
    /// List, print, cancel or run again the jobs of a service
    Job(admin::job::Arguments),
    /// List the commits behind a version
    Log(read::log::Arguments),
    /// Find resources by the words of their names and descriptions
    Search(read::search::Arguments),
    /// Print a resource at a version
    Show(read::show::Arguments),
    /// Print who made each statement of a resource, and when
    Blame(read::blame::Arguments),
    /// Print what differs between two versions
    Diff(read::diff::Arguments),
    /// Merge a version into a branch, or show what would come of it
    Merge(write::merge::Arguments),
    /// Undo a commit by another one
    Revert(write::revert::Arguments),
    /// List the monitors, or run them once
    Monitor(admin::monitor::Arguments),
    /// List what is delivered to other systems, or deliver again what was given up
    Outbox(write::outbox::Arguments),
    /// Open, sign or print a design review
    Review(write::review::Arguments),
    /// Print what changes would touch if they were committed: units, margins, coverage, links
    Exposure(read::exposure::Arguments),
    /// Print the links whose target has changed since they were made or last confirmed
    Suspects(read::suspects::Arguments),
    /// Confirm that a suspect link still holds
    ConfirmLink(read::suspects::ConfirmArguments),
    /// Tag a version, or list the tags
    Tag(write::tag::Arguments),
    /// Make or delete a branch, or list the branches
    Branch(write::branch::Arguments),
    /// Take in commits made elsewhere with plain Git
    Adopt(write::accept::Arguments),
    /// Check Git's objects, the text of all files, and the index
    Fsck(admin::fsck::Arguments),
    /// List or delete series of telemetry
    Series(read::series::Arguments),
    /// Check or print the settings
    Config(admin::config::Arguments),
    /// Make, list or revoke the tokens that let clients in
    Token(admin::token::Arguments),
    /// Print or verify the log of who did what
    Audit(admin::audit::Arguments),
    /// Let retention follow the machine's clock, after a long time without power or a mend of the clock
    TrustClock(admin::trust_clock::Arguments),
    /// Copy a thread into a folder of backups, also while it is served
    Backup(admin::backup::Arguments),
    /// Make a thread from a backup, and check it
    Restore(admin::backup::RestoreArguments),
    /// Make the index anew from Git
    Reindex(admin::reindex::Arguments),
    /// Pack loose objects and merge small packs, as the running service does by itself
    Maintain(admin::maintain::Arguments),
    /// Bring every branch to the newest layout of files
    Migrate(admin::migrate::Arguments),
    /// Set the user's own ontology files
    Ontology(read::ontology::Arguments),
    /// Print the completions of a shell
    Completions(shell::CompletionsArguments),
    /// Write manual pages into a folder
    Man(shell::ManArguments),
    /// Answer a GraphQL file offline
    Query(read::query::Arguments),
    /// Answer a SPARQL query offline
    Sparql(read::sparql::Arguments),
    /// Print the GraphQL schema
    Schema(read::schema::Arguments),
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
    /// Opens the thread to serve it.
    fn open_app(&self) -> Result<Arc<App>, Failure> {
        Ok(Arc::new(App::open_with(&self.data, Arc::new(SystemClock::default()), sources())?))
    }

    /// Opens the thread for whoever works on this machine.
    fn open(&self) -> Result<Session, Failure> {
        Ok(self.open_app()?.session(Principal::local()))
    }

    /// Opens the thread for a command that only reads: also where its folder may not be written, or another process has it open.
    fn open_to_read(&self) -> Result<App, Failure> {
        let clock = Arc::new(SystemClock::default());
        match App::open_with(&self.data, clock.clone(), sources()) {
            Err(error) if is_unwritable(&error) => {
                let (app, from) = App::open_to_read(&self.data, clock, sources())?;
                eprintln!("note: {from}");
                Ok(app)
            }
            app => Ok(app?),
        }
    }
}

/// Where the settings of this process come from: set once, before a subcommand runs.
static SOURCES: OnceLock<Sources> = OnceLock::new();

/// Returns where settings come from: the file that the command line names, and the environment.
fn sources() -> &'static Sources {
    SOURCES.get_or_init(|| Sources::new(None, variables()))
}

/// Returns the environment; what is not UTF-8 cannot be a setting, and is refused as such where its name is that of one.
fn variables() -> impl Iterator<Item = (String, String)> {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}

/// Returns how a subcommand logs: the service by its settings, where they can be read; else that is reported when the thread is opened.
fn log_settings(command: &Command) -> LogSettings {
    let Command::Serve(arguments) = command else { return LogSettings::default() };
    sources().read(arguments.folder()).map(|loaded| loaded.settings.log).unwrap_or_default()
}

/// Returns whether a folder could not be opened because this process may not write to it.
fn is_unwritable(error: &app::Error) -> bool {
    let app::Error::Graph(error) = error else { return false };
    matches!(error, graph::Error::Locked(_)) || error.is_unwritable()
}

/// Returns the command line as clap describes it.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Parses the command line, runs it, and returns the exit code: 0 done, 1 refused or failed, 2 misused.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    SOURCES.get_or_init(|| Sources::new(arguments.config.clone(), variables()));
    log_panics();
    logging::start(&log_settings(&arguments.command));
    let result = match arguments.command {
        Command::Init(arguments) => admin::init::run(&arguments),
        Command::Serve(arguments) => admin::serve::run(&arguments),
        Command::Import(arguments) => write::import::run(&arguments),
        Command::Pull(arguments) => write::pull::run(&arguments),
        Command::Ingest(arguments) => write::ingest::run(&arguments),
        Command::Export(arguments) => read::export::run(&arguments),
        Command::Job(arguments) => admin::job::run(&arguments),
        Command::Log(arguments) => read::log::run(&arguments),
        Command::Search(arguments) => read::search::run(&arguments),
        Command::Show(arguments) => read::show::run(&arguments),
        Command::Blame(arguments) => read::blame::run(&arguments),
        Command::Diff(arguments) => read::diff::run(&arguments),
        Command::Merge(arguments) => write::merge::run(&arguments),
        Command::Revert(arguments) => write::revert::run(&arguments),
        Command::Monitor(arguments) => admin::monitor::run(&arguments),
        Command::Outbox(arguments) => write::outbox::run(&arguments),
        Command::Review(arguments) => write::review::run(&arguments),
        Command::Exposure(arguments) => read::exposure::run(&arguments),
        Command::Suspects(arguments) => read::suspects::run(&arguments),
        Command::ConfirmLink(arguments) => read::suspects::confirm(&arguments),
        Command::Tag(arguments) => write::tag::run(&arguments),
        Command::Branch(arguments) => write::branch::run(&arguments),
        Command::Adopt(arguments) => write::accept::run(&arguments),
        Command::Fsck(arguments) => admin::fsck::run(&arguments),
        Command::Series(arguments) => read::series::run(&arguments),
        Command::Config(arguments) => admin::config::run(&arguments),
        Command::Token(arguments) => admin::token::run(&arguments),
        Command::Audit(arguments) => admin::audit::run(&arguments),
        Command::TrustClock(arguments) => admin::trust_clock::run(&arguments),
        Command::Backup(arguments) => admin::backup::run(&arguments),
        Command::Restore(arguments) => admin::backup::restore(&arguments),
        Command::Reindex(arguments) => admin::reindex::run(&arguments),
        Command::Maintain(arguments) => admin::maintain::run(&arguments),
        Command::Migrate(arguments) => admin::migrate::run(&arguments),
        Command::Ontology(arguments) => read::ontology::run(&arguments),
        Command::Completions(arguments) => {
            shell::completions(&arguments);
            Ok(())
        }
        Command::Man(arguments) => shell::man(&arguments),
        Command::Query(arguments) => read::query::run(&arguments),
        Command::Sparql(arguments) => read::sparql::run(&arguments),
        Command::Schema(arguments) => read::schema::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Prints why the command line cannot be parsed, or the help that was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    // Where it cannot be printed nobody reads it.
    _ = error.print();
    let decides =
        |argument: std::ffi::OsString| ["--ours", "--theirs", "--set"].iter().any(|flag| argument == *flag);
    if error.kind() == clap::error::ErrorKind::UnknownArgument && std::env::args_os().any(decides) {
        eprintln!("hint: {}", output::resolutions::ONE_VALUE);
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Leaves out the text of a panic that is caught and reported as an error.
fn log_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_guarded() {
            report(panic);
        }
    }));
}
