//! Opening a thread only to read it; see [`Repository::open_to_read`].

use crate::app::application::App;
use crate::app::error::Error;
use crate::app::settings::sources::Sources;
use crate::graph::{self, ReadFrom, Repository, Temporary};
use crate::model::time::clock::Clock;
use crate::telemetry;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

impl App {
    /// Opens a thread to read it, beside another process that has it open or in a folder that may not be written. Telemetry is
    /// there in the second case only: a temporary folder links to its parts, and has copies of what else a store writes.
    pub fn open_to_read(
        folder: &Path,
        clock: Arc<dyn Clock>,
        sources: &Sources,
    ) -> Result<(Self, ReadFrom), Error> {
        let loaded = sources.read(folder)?;
        let (repository, from) = Repository::open_to_read(folder, Arc::clone(&clock))?;
        let temporary = match from {
            ReadFrom::CopyOfIndex => Temporary::new().map_err(failed(folder))?,
            ReadFrom::Folder | ReadFrom::NewIndex => telemetry_to_read(folder)?,
        };
        let series = temporary.path().join("telemetry");
        let telemetry = telemetry::Store::open_with(&series, Arc::clone(&clock), loaded.telemetry.clone())?;
        Ok((Self::over(repository, telemetry, folder, clock, (loaded, Some(temporary)))?, from))
    }
}

/// Makes a temporary folder whose `telemetry` is that of a thread which nobody has open, and may be written.
pub fn telemetry_to_read(folder: &Path) -> Result<Temporary, Error> {
    let temporary = Temporary::new().map_err(failed(folder))?;
    let series = folder.join("telemetry");
    if series.exists() {
        link_all(&series, &temporary.path().join("telemetry")).map_err(failed(&series))?;
    }
    Ok(temporary)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> graph::Error {
    let path = path.to_owned();
    move |source| graph::Error::Io { path: path.clone(), source }
}

/// Puts links to the parts of a store into a new folder, which never change, and copies of all else.
fn link_all(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir(to)?;
    let from = from.canonicalize()?;
    for entry in std::fs::read_dir(&from)? {
        let entry = entry?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        let is_part = entry.file_name().to_string_lossy().starts_with("part-");
        if entry.file_type()?.is_file() && !(is_part && link(&path, &place)) {
            // The content alone: what may not be written there is written here.
            io::copy(&mut File::open(path)?, &mut File::create_new(place)?)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> bool {
    std::os::unix::fs::symlink(from, to).is_ok()
}

#[cfg(not(unix))]
fn link(_from: &Path, _to: &Path) -> bool {
    false
}
