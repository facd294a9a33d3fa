//! Whether a limit that is kept was kept for long enough to show anything: by as many units, or for as long, as the cohort in
//! which it was broken would hardly have kept it.

use crate::feedback::margin::{Margin, Verdict};
use crate::statistics::demonstration::{exposure, trials};

/// What must be observed of a cohort that keeps a limit, where another cohort broke it.
///
/// With p the share of units that broke it before, n units that keep it are a demonstration if a cohort no better than that
/// before would bring them with a probability of `risk` at most: (1 − p)ⁿ ≤ `risk`. A unit counts whole where it was observed
/// as long as the mean unit before, else for its share of that. With λ the units that broke it for each hour observed before, so
/// is an exposure of −ln `risk` ∕ λ hours. Where units break it after too, as those of a fleet may, both are those of the binomial
/// and the Poisson distribution for that count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demonstration {
    /// The units before about which something can be concluded.
    pub units_before: usize,
    /// Those of them that broke the limit.
    pub violators_before: usize,
    /// The hours observed of them.
    pub hours_before: f64,
    /// The units that break it after.
    pub violators_after: usize,
    /// How many units were observed after, each for its share of the hours of the mean unit before.
    pub units_shown: f64,
    /// How many are needed.
    pub units_needed: f64,
    /// The hours observed after.
    pub hours_shown: f64,
    /// How many are needed.
    pub hours_needed: f64,
    /// The greatest probability with which chance may have brought what was observed.
    pub risk: f64,
}

impl Demonstration {
    /// Holds the margin of a cohort against that of one before; `None` where no unit is known to have broken the limit before.
    pub(in crate::feedback) fn of(before: &Margin, after: &Margin, risk: f64) -> Option<Self> {
        let of = |margin: &Margin, verdict: Verdict| {
            margin.units.iter().filter(|unit| unit.verdict == verdict).count()
        };
        let known = |margin: &Margin| -> Vec<f64> {
            let units = margin.units.iter().filter(|unit| unit.verdict != Verdict::Unknown);
            units.map(|unit| unit.observed_hours).collect()
        };
        let (hours_before, hours_after) = (known(before), known(after));
        let (violators_before, units_before) = (of(before, Verdict::Violates), hours_before.len());
        let total: f64 = hours_before.iter().sum();
        if violators_before == 0 || total <= 0.0 {
            return None;
        }
        let (violators_after, unit_hours) = (of(after, Verdict::Violates), total / units_before as f64);
        Some(Self {
            units_before,
            violators_before,
            hours_before: total,
            violators_after,
            units_shown: hours_after.iter().map(|hours| (hours / unit_hours).min(1.0)).sum(),
            units_needed: trials(share(violators_before, units_before), violators_after, risk),
            hours_shown: hours_after.iter().sum(),
            hours_needed: exposure(violators_before as f64 / total, violators_after, risk),
            risk,
        })
    }

    /// Returns the hours that the mean unit before was observed.
    pub fn unit_hours(&self) -> f64 {
        self.hours_before / self.units_before as f64
    }

    /// Returns the least hours that are still to be observed; 0 where enough is shown.
    pub fn hours_missing(&self) -> f64 {
        let units = self.units_needed - self.units_shown;
        // Less than this comes from rounding.
        let units = if units > 1e-9 { units } else { 0.0 };
        (units * self.unit_hours()).min((self.hours_needed - self.hours_shown).max(0.0))
    }

    /// Returns whether the demonstration is complete.
    pub fn is_shown(&self) -> bool {
        self.hours_missing() <= 0.0
    }
}

/// Returns the share of units that broke the limit. That all of a few did shows no certainty, so it is never above
/// (k + ½) ∕ (n + 1), the mean of a share of which k in n are known and nothing else (Jeffreys).
fn share(violators: usize, units: usize) -> f64 {
    let (violators, units) = (violators as f64, units as f64);
    (violators / units).min((violators + 0.5) / (units + 1.0))
}
