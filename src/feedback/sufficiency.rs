//! How much must have been observed before anything is concluded.

use crate::twins::Account;

/// Bounds below which a verdict is UNKNOWN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sufficiency {
    /// The hours that samples of a unit must speak for.
    pub hours_min: f64,
    /// The share of a unit's hours in service that samples must cover, from 0 to 1.
    pub share_min: f64,
    /// The share of units about which something can be concluded, from 0 to 1.
    pub units_share_min: f64,
    /// The units about which something can be concluded that each side of a comparison must have.
    pub units_min: usize,
}

impl Default for Sufficiency {
    /// One hour, half of the time, half of the units; five units a side.
    fn default() -> Self {
        Self { hours_min: 1.0, share_min: 0.5, units_share_min: 0.5, units_min: 5 }
    }
}

impl Sufficiency {
    /// Tells whether enough was observed.
    pub fn is_met(self, account: &Account) -> bool {
        let covered = account.service_hours - account.missing_hours;
        account.observed_hours >= self.hours_min && covered >= self.share_min * account.service_hours
    }

    /// Tells whether enough units are known.
    pub fn is_met_by(self, known: usize, units: usize) -> bool {
        known > 0 && known as f64 >= self.units_share_min * units as f64
    }
}
