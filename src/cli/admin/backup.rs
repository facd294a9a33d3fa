//! `throughline backup` and `throughline restore`.

use crate::app::access::Principal;
use crate::app::{self, App, BackedUp};
use crate::cli::client::{ClientRequest, Place, Service};
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::progress::spinner;
use crate::cli::output::words::count;
use crate::cli::sources;
use crate::model::time::clock::SystemClock;
use crate::{graph, server};
use hyper::Method;
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The folder of the backup: new, or with earlier backups of the same thread, which grows by what is new. Of a service that is named by its
    /// URL or a profile, a new file, which becomes an archive (tar)
    #[arg(value_name = "BACKUP")]
    folder: PathBuf,
    #[command(flatten)]
    form: json::Form,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RestoreArguments {
    /// The folder of the backup, or its archive
    #[arg(value_name = "BACKUP")]
    backup: PathBuf,
    /// The folder to make the thread in; it must not be there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = std::path::absolute(&arguments.folder)?;
    if let Some(service) = arguments.place.named()? {
        return download(&service, &folder, arguments.form.json);
    }
    let bar = spinner("copying".to_owned());
    let done = back_up(&arguments.place.data().data, &folder);
    bar.finish_and_clear();
    let done = done?;
    if arguments.form.json {
        json::print(&done)?;
        return complete(&done.missing);
    }
    let BackedUp { commit, watermark, number, added_bytes, missing } = done;
    println!(
        "main at {commit} and telemetry as of {watermark} are backup {number} in {} ({added_bytes} bytes of Git added)",
        folder.display()
    );
    complete(&missing)
}

/// Has a service make a backup, and downloads it; the file has its name once it is whole.
fn download(service: &Service, file: &Path, as_json: bool) -> Result<(), Failure> {
    if file.exists() {
        return Err(Failure::new(format!("{} is there already: name a new file", file.display())));
    }
    let bar = spinner("the service is copying".to_owned());
    let asked =
        ClientRequest { method: Method::POST, path: "/backup", query: Vec::new(), body: None, accept: "*/*" };
    let answer: Value = service.read(asked)?;
    let id = answer["job"].as_str().unwrap_or_default();
    let done: BackedUp = serde_json::from_value(service.wait(id)??)?;
    bar.set_message("receiving".to_owned());
    let mut begun = file.as_os_str().to_owned();
    begun.push(".part");
    let begun = PathBuf::from(begun);
    let received = receive(service, id, &begun).and_then(|bytes| {
        std::fs::rename(&begun, file)?;
        Ok(bytes)
    });
    if received.is_err() {
        // What is left of it is of no use.
        drop(std::fs::remove_file(&begun));
    }
    bar.finish_and_clear();
    let bytes = received?;
    if as_json {
        json::print(&done)?;
        return complete(&done.missing);
    }
    let BackedUp { commit, watermark, missing, .. } = done;
    println!("main at {commit} and telemetry as of {watermark} are in {} ({bytes} bytes)", file.display());
    complete(&missing)
}

/// Writes the backup of a job into a file that only its owner may read; returns how many bytes it has.
fn receive(service: &Service, id: &str, path: &Path) -> Result<u64, Failure> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    service.send(ClientRequest::get(&format!("/jobs/{id}/backup"), Vec::new()), &mut file)??;
    file.sync_all()?;
    Ok(file.metadata()?.len())
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
    if arguments.form.json {
        let restored = json!({ "commit": commit, "watermark": watermark, "objects": objects, "parts": parts, "missing": missing });
        json::print(&restored)?;
        return complete(&missing);
    }
    let objects = count(objects, "object");
    println!(
        "{} is the thread with main at {commit} and telemetry as of {watermark}",
        arguments.folder.display()
    );
    let end = if missing.is_empty() { "all is well" } else { "all else is well" };
    println!("{objects} and {parts} parts and batches of telemetry read: {end}");
    complete(&missing)
}
