//! How much must have been observed before anything is concluded.

use crate::twins::Account;

/// Bounds below which a verdict is UNKNOWN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sufficiency {
    /// The hours that samples of a unit must cover.
    pub hours_min: f64,
    /// The share of a unit's hours in service that samples must cover and in which it must be known whether the conditions
    /// hold, from 0 to 1.
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

/// A bound that nothing can be measured by.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Unbounded {
    /// It is no such number of hours, or no share.
    #[error("\"{name}\" must lie between 0 and {most}, not {value}")]
    Outside {
        /// Which bound.
        name: &'static str,
        /// The most that it can be.
        most: f64,
        /// What was given.
        value: f64,
    },
    /// Fewer units cannot be compared.
    #[error("\"units\" must be 2 or more, not {0}")]
    Units(usize),
}

impl Sufficiency {
    /// Refuses bounds that nothing can be measured by.
    pub fn checked(self) -> Result<Self, Unbounded> {
        let bounds = [
            ("hours", f64::INFINITY, self.hours_min),
            ("share", 1.0, self.share_min),
            ("unitShare", 1.0, self.units_share_min),
        ];
        for (name, most, value) in bounds {
            if !(0.0..=most).contains(&value) {
                return Err(Unbounded::Outside { name, most, value });
            }
        }
        if self.units_min < 2 {
            return Err(Unbounded::Units(self.units_min));
        }
        Ok(self)
    }

    /// Returns whether the observation of a unit is sufficient.
    pub fn is_met(self, account: &Account) -> bool {
        self.has_hours(account) && self.has_share(account)
    }

    /// Returns whether the observation of all units is sufficient: of those that report, and whether enough units do.
    pub fn is_met_by_fleet(self, account: &Account) -> bool {
        self.is_met(account) && self.is_met_by(account.units - account.silent_units, account.units)
    }

    /// Returns whether samples cover the required hours.
    pub fn has_hours(self, account: &Account) -> bool {
        account.observed_hours >= self.hours_min
    }

    /// Returns whether enough is known of the hours in service of the units that report.
    pub fn has_share(self, account: &Account) -> bool {
        let known = account.service_hours - account.missing_hours - account.undecided_hours;
        known >= self.share_min * (account.service_hours - account.silent_hours)
    }

    /// Returns whether enough units are known.
    pub fn is_met_by(self, known: usize, units: usize) -> bool {
        // A share of a third is met by one of three.
        known > 0 && known as f64 + 1e-9 >= self.units_share_min * units as f64
    }
}
