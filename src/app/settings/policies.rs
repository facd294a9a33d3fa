//! How often the policies of the thread run: `[policies]` in `throughline.toml`.

use crate::model::time::period::Period;
use serde::Deserialize;

const EVERY_MIN_NS: i64 = 1_000_000_000;

/// How often the service runs the policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySettings {
    /// The nanoseconds between two runs.
    pub every_ns: i64,
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self { every_ns: 15 * 60 * 1_000_000_000 }
    }
}

/// The table as written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    every: Option<String>,
}

impl Written {
    /// Takes the default for what is not written.
    pub(super) fn settings(self) -> Result<PolicySettings, String> {
        let Some(every) = self.every else { return Ok(PolicySettings::default()) };
        let period: Period = every.parse().map_err(|error| format!("\"every\" = \"{every}\": {error}"))?;
        match period.exact_nanos() {
            Some(every_ns) if every_ns >= EVERY_MIN_NS => Ok(PolicySettings { every_ns }),
            _ => Err(format!("\"every\" = \"{every}\": give a second or more, in days or hours at the most")),
        }
    }
}
