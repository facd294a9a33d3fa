//! What a thread takes: bytes on disk and in memory, and the time to open it, with and without its index.

use super::Failure;
use super::plant::{BASE, unit};
use crate::app::App;
use crate::cli::bench::machine::{memory_of, size_of};
use crate::graph::Repository;
use crate::model::time::clock::{Clock, SystemClock};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

/// Bytes on disk.
#[derive(Clone, Copy)]
pub(super) struct OnDisk {
    pub(super) git: f64,
    pub(super) index: f64,
}

/// Measures the folder of a thread.
pub(super) fn on_disk(folder: &Path) -> std::io::Result<OnDisk> {
    let index = std::fs::metadata(folder.join("index.redb"))?.len() as f64;
    Ok(OnDisk { git: size_of(&folder.join("thread.git"))? as f64, index })
}

/// Returns a figure of this process's memory.
pub(super) fn memory(figure: &str) -> Option<f64> {
    memory_of(std::process::id(), figure)
}

/// Begins the peak of memory anew.
pub(super) fn forget_peak() {
    // Where the system does not allow it, the peak is that of the whole run.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Opens a thread in a process of its own, where nothing else fills the memory, reads every unit once at each version,
/// and returns the bytes of memory that took.
pub(super) fn memory_when_read(folder: &Path, units: usize, versions: &[&str]) -> Result<f64, Failure> {
    let program = std::env::current_exe()?;
    let units = units.to_string();
    let versions = versions.iter().flat_map(|version| ["--version-read", version]);
    let output = Command::new(program)
        .args(["bench", "memory", "--units", &units])
        .args(versions)
        .arg("--folder")
        .arg(folder)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| format!("no figure of memory: {text}").into())
}

/// What the process of [`memory_when_read`] does.
pub(in crate::cli::bench) fn print_memory(
    folder: &Path,
    units: usize,
    versions: &[String],
) -> Result<(), Failure> {
    let before = memory("VmRSS");
    let repository = Repository::open(folder, clock())?;
    for version in versions {
        let version = repository.snapshot(version)?;
        for number in 0..units {
            version.statements(&unit(number))?;
        }
    }
    let taken = memory("VmRSS").zip(before).map_or(f64::NAN, |(after, before)| after - before);
    println!("{taken}");
    Ok(())
}

/// Packs what is loose.
pub(super) fn pack(folder: &Path) -> Result<(), Failure> {
    Repository::open(folder, clock())?.maintain(&|| false)?;
    Ok(())
}

/// Returns the seconds that a start takes.
pub(super) fn restart_seconds(folder: &Path) -> Result<f64, Failure> {
    let start = Instant::now();
    drop(Repository::open(folder, clock())?);
    Ok(start.elapsed().as_secs_f64())
}

/// Deletes the index and returns the seconds that a start takes then.
pub(super) fn rebuild_seconds(folder: &Path) -> Result<f64, Failure> {
    // The index that grew with its history is kept for what comes after.
    let (index, grown) = (folder.join("index.redb"), folder.join("index.grown"));
    std::fs::rename(&index, &grown)?;
    let seconds = restart_seconds(folder)?;
    std::fs::rename(&grown, &index)?;
    Ok(seconds)
}

pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::default())
}

/// Makes a thread for the plant.
pub(super) fn init(folder: &Path) -> Result<App, Failure> {
    Ok(App::init(folder, &[], BASE, clock())?)
}
