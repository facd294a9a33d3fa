//! Under which node each unit was born, in a file of its broker: a restart forgets none, so that a unit that comes back elsewhere is noticed.

use crate::exchange::samples::mqtt::sparkplug::Homes;
use crate::model::durable;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// The version of the files.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    homes: Homes,
}

/// Reads a file; nothing is known where there is none.
pub(in crate::app) fn read(path: &Path) -> Result<Homes, String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Homes::default()),
        Err(error) => return Err(error.to_string()),
    };
    let file: File = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    match file.version {
        VERSION => Ok(file.homes),
        other => Err(format!("it has the format {other}, which this program does not know")),
    }
}

/// Writes a file durably.
pub(super) fn write(path: &Path, homes: &Homes) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File { version: VERSION, homes: homes.clone() };
    let text = serde_json::to_string_pretty(&file).map_err(|error| failed(&error))?;
    if let Some(folder) = path.parent() {
        durable::make_folders(folder).map_err(|error| failed(&error))?;
    }
    durable::replace(path, format!("{text}\n").as_bytes()).map_err(|error| failed(&error))
}
