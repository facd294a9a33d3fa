//! When the data that units send is at fault: `[health]` in `throughline.toml`.

use crate::model::time::period::Period;
use crate::twins::HealthBounds;
use serde::Deserialize;

const SECOND_NS: i64 = 1_000_000_000;
const DAY_NS: i64 = 86_400 * SECOND_NS;

/// Whether the service looks at the health of data, how often, and from when on something is a fault.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthSettings {
    /// Whether it does so by itself.
    pub enabled: bool,
    /// The nanoseconds between two looks.
    pub every_ns: i64,
    /// What is a fault.
    pub bounds: HealthBounds,
}

impl Default for HealthSettings {
    fn default() -> Self {
        let bounds = HealthBounds { periods: 3.0, ahead_ns: 300 * SECOND_NS, unbound_ns: DAY_NS };
        Self { enabled: false, every_ns: 3600 * SECOND_NS, bounds }
    }
}

/// The table as written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    enabled: Option<bool>,
    every: Option<String>,
    periods: Option<f64>,
    ahead: Option<String>,
    unbound: Option<String>,
}

impl Written {
    /// Takes the default for what is not written.
    pub(super) fn settings(self) -> Result<HealthSettings, String> {
        let default = HealthSettings::default();
        let periods = self.periods.unwrap_or(default.bounds.periods);
        if !periods.is_finite() || periods < 1.0 {
            return Err(format!("\"periods\" must be 1 or more, not {periods}"));
        }
        let length = |name: &str, text: Option<String>, default: i64| match text {
            None => Ok(default),
            Some(text) => match text.parse::<Period>().map(Period::exact_nanos) {
                Ok(Some(length)) if length >= SECOND_NS => Ok(length),
                Ok(_) => Err(format!(
                    "\"{name}\" = \"{text}\": give a second or more, in days or hours at the most"
                )),
                Err(error) => Err(format!("\"{name}\" = \"{text}\": {error}")),
            },
        };
        let bounds = HealthBounds {
            periods,
            ahead_ns: length("ahead", self.ahead, default.bounds.ahead_ns)?,
            unbound_ns: length("unbound", self.unbound, default.bounds.unbound_ns)?,
        };
        let every_ns = length("every", self.every, default.every_ns)?;
        Ok(HealthSettings { enabled: self.enabled.unwrap_or(default.enabled), every_ns, bounds })
    }
}
