//! `throughline backup` and `throughline restore`.

use crate::app::access::Principal;
use crate::app::{self, App, BackedUp};
use crate::cli::error::Failure;
use crate::cli::output::progress::spinner;
use crate::cli::output::words::count;
use crate::cli::{Data, sources};
use crate::model::time::clock::SystemClock;
use crate::{graph, server};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The folder of the backup: new, or with earlier backups of the same thread, which grows by what is new
    #[arg(value_name = "BACKUP")]
    folder: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RestoreArguments {
    /// The folder of the backup
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
    /// The folder to make the thread in; it must not be there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = std::path::absolute(&arguments.folder)?;
    let bar = spinner("copying".to_owned());
    let done = back_up(&arguments.data.data, &folder);
    bar.finish_and_clear();
    let BackedUp { commit, watermark, number, added_bytes, missing } = done?;
    println!(
        "main at {commit} and telemetry as of {watermark} are backup {number} in {} ({added_bytes} bytes of Git added)",
        folder.display()
    );
    complete(&missing)
}

/// Fails where parts of telemetry are missing, and names them.
fn complete(missing: &[String]) -> Result<(), Failure> {
    if missing.is_empty() {
        return Ok(());
    }
    let (count, names) = (count(missing.len(), "part"), missing.join(", "));
    let failure =
        Failure::incomplete(format!("incomplete: the thread lacks {count} of its telemetry: {names}"));
    Err(failure
        .hint("queries of the data in these parts are refused, all others are answered; throughline fsck describes what to do"))
}

/// Backs a thread up, through the service where one has it open.
fn back_up(thread: &Path, folder: &Path) -> Result<BackedUp, Failure> {
    match App::open_with(thread, Arc::new(SystemClock::default()), sources()) {
        Err(app::Error::Graph(locked @ graph::Error::Locked(_))) => match server::back_up(thread, folder)? {
            Some(done) => done.map_err(Failure::new),
            None => Err(Failure::from(locked)
                .hint("no service answers in that folder: whatever has it open must end before the backup")),
        },
        app => Ok(Arc::new(app?).session(Principal::local()).backup(folder)?),
    }
}

pub(in crate::cli) fn restore(arguments: &RestoreArguments) -> Result<(), Failure> {
    let bar = spinner("copying and checking".to_owned());
    let restored = app::restore(&arguments.backup, &arguments.folder, Arc::new(SystemClock::default()));
    bar.finish_and_clear();
    let app::Restored { commit, watermark, objects, parts, missing } = restored?;
    let objects = count(objects, "object");
    println!(
        "{} is the thread with main at {commit} and telemetry as of {watermark}",
        arguments.folder.display()
    );
    let end = if missing.is_empty() { "all is well" } else { "all else is well" };
    println!("{objects} and {parts} parts and batches of telemetry read: {end}");
    complete(&missing)
}
