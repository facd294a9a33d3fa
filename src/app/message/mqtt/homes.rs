//! Under which node each unit was born, and which are dead, in a file of its broker: a restart forgets none, so that a unit that comes back
//! elsewhere is noticed, and one that is dead stays so.

use crate::exchange::samples::mqtt::sparkplug::{Change, Homes};
use crate::model::durable;
use crate::model::time::instant::Instant;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// The version of the files; those of version 1 have no `dead`.
const VERSION: u32 = 2;

/// An edge node of Sparkplug B, or a device of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparkplugUnit {
    /// What became of it last.
    pub state: Change,
    /// When.
    pub since: Instant,
}

/// What is kept of a broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct Kept {
    /// Under which node each unit was born.
    pub(in crate::app) homes: Homes,
    /// The nodes and devices that have died.
    pub(in crate::app) dead: Vec<Dead>,
}

/// A node or a device that has died.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::app) struct Dead {
    group: String,
    node: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    twin: String,
    since: String,
}

impl Dead {
    /// Returns what is kept of a unit.
    pub(super) fn of(unit: &SparkplugUnit) -> Self {
        let SparkplugUnit { state, since } = unit.clone();
        let Change { group, node, device, twin, .. } = state;
        Self { group, node, device, twin, since: since.to_string() }
    }

    /// Returns the unit.
    pub(super) fn unit(self) -> SparkplugUnit {
        let Self { group, node, device, twin, since } = self;
        let since = since.parse().unwrap_or(Instant::from_nanos(0));
        SparkplugUnit { state: Change { group, node, device, twin, is_alive: false, metrics: 0 }, since }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    homes: Homes,
    #[serde(default)]
    dead: Vec<Dead>,
}

/// Reads a file; nothing is known where there is none.
pub(in crate::app) fn read(path: &Path) -> Result<Kept, String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
        Err(error) => return Err(error.to_string()),
    };
    let file: File = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    match file.version {
        1 | VERSION => Ok(Kept { homes: file.homes, dead: file.dead }),
        other => Err(format!("it has the format {other}, which this program does not know")),
    }
}

/// Writes a file durably.
pub(super) fn write(path: &Path, kept: &Kept) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = File { version: VERSION, homes: kept.homes.clone(), dead: kept.dead.clone() };
    let text = serde_json::to_string_pretty(&file).map_err(|error| failed(&error))?;
    if let Some(folder) = path.parent() {
        durable::make_folders(folder).map_err(|error| failed(&error))?;
    }
    durable::replace(path, format!("{text}\n").as_bytes()).map_err(|error| failed(&error))
}
