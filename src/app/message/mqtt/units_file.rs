//! Under which node each unit was born, and which nodes and devices are alive or dead, in a file of its broker: a restart forgets none, so
//! that a unit that comes back elsewhere is noticed, and a death after it ends what was alive before.

use super::units::SparkplugUnit;
use crate::exchange::samples::mqtt::sparkplug::{Change, Homes};
use crate::model::durable;
use crate::model::time::instant::Instant;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// The version of the files; those of version 1 have no `dead`, and before 3 there is no `alive`.
const VERSION: u32 = 3;

/// What is kept of a broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct Kept {
    /// Under which node each unit was born.
    pub(in crate::app) homes: Homes,
    /// The nodes and devices that are alive, or have died.
    pub(in crate::app) units: Vec<SparkplugUnit>,
}

/// A node or a device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Unit {
    group: String,
    node: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    twin: String,
    since: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metrics: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bd_seq: Option<u64>,
}

impl Unit {
    fn of(unit: &SparkplugUnit) -> Self {
        let SparkplugUnit { state, since } = unit.clone();
        let Change { group, node, device, twin, is_alive, metrics, bd_seq } = state;
        Self {
            group,
            node,
            device,
            twin,
            since: since.to_string(),
            metrics: is_alive.then_some(metrics),
            bd_seq,
        }
    }

    fn unit(self, is_alive: bool) -> Result<SparkplugUnit, String> {
        let Self { group, node, device, twin, since, metrics, bd_seq } = self;
        let since: Instant = since.parse().map_err(|error| format!("{twin}: \"since\": {error}"))?;
        let metrics = metrics.unwrap_or_default();
        Ok(SparkplugUnit { state: Change { group, node, device, twin, is_alive, metrics, bd_seq }, since })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    homes: Homes,
    #[serde(default)]
    dead: Vec<Unit>,
    #[serde(default)]
    alive: Vec<Unit>,
}

/// Reads a file; nothing is known where there is none.
pub(in crate::app) fn read(path: &Path) -> Result<Kept, String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
        Err(error) => return Err(error.to_string()),
    };
    let file: File = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if !(1..=VERSION).contains(&file.version) {
        return Err(format!("it has the format {}, which this program does not know", file.version));
    }
    let dead = file.dead.into_iter().map(|unit| unit.unit(false));
    let units = dead.chain(file.alive.into_iter().map(|unit| unit.unit(true))).collect::<Result<_, _>>()?;
    Ok(Kept { homes: file.homes, units })
}

/// Writes a file durably.
pub(super) fn write(path: &Path, kept: &Kept) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let (alive, dead): (Vec<_>, Vec<_>) = kept.units.iter().partition(|unit| unit.state.is_alive);
    let of = |units: Vec<&SparkplugUnit>| units.into_iter().map(Unit::of).collect();
    let file = File { version: VERSION, homes: kept.homes.clone(), dead: of(dead), alive: of(alive) };
    let text = serde_json::to_string_pretty(&file).map_err(|error| failed(&error))?;
    if let Some(folder) = path.parent() {
        durable::make_folders(folder).map_err(|error| failed(&error))?;
    }
    durable::replace(path, format!("{text}\n").as_bytes()).map_err(|error| failed(&error))
}
