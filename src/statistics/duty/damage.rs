//! Damage of cycles by a line of how many of them are endured (Palmgren and Miner).

use super::rainflow::{Cycle, Cycles};

/// How many cycles of a range are endured: a Wöhler line, N = cycles · (range ∕ knee)^−slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WoehlerLine {
    /// The range at the knee, above 0.
    pub knee: f64,
    /// The cycles that are endured there.
    pub cycles: f64,
    /// k, the slope of the line above the knee.
    pub slope: f64,
    /// What cycles below the knee do.
    pub below: BelowKnee,
}

/// What cycles with a range below that of the knee do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BelowKnee {
    /// Nothing: the knee is an endurance limit (Miner's original rule).
    Endured,
    /// As much as the line gives that goes on with the same slope (Miner's elementary rule).
    #[default]
    Elementary,
    /// As much as a line of the slope 2 k − 1 gives (Haibach 1970).
    Haibach,
}

impl WoehlerLine {
    /// Returns how many cycles of a range are endured; infinite where it does nothing.
    pub fn endured(&self, range: f64) -> f64 {
        let slope = match self.below {
            _ if range >= self.knee => self.slope,
            BelowKnee::Endured => return f64::INFINITY,
            BelowKnee::Elementary => self.slope,
            BelowKnee::Haibach => 2.0 * self.slope - 1.0,
        };
        if range <= 0.0 { f64::INFINITY } else { self.cycles * libm::pow(range / self.knee, -slope) }
    }

    /// Returns the damage of a cycle, or of as many as are alike: 1 is the end of the life (Miner, *Cumulative damage in fatigue*, Journal
    /// of Applied Mechanics 12, 1945).
    pub fn damage(&self, cycle: Cycle) -> f64 {
        cycle.count / self.endured(cycle.range)
    }
}

/// Takes cycles into a spectrum, and their damage by a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Damaging<C> {
    /// The cycles.
    pub cycles: C,
    /// The line; `None`: no damage is counted.
    pub line: Option<WoehlerLine>,
    /// The damage so far.
    pub damage: f64,
}

impl<C: Cycles> Cycles for Damaging<C> {
    fn take(&mut self, cycle: Cycle) {
        self.cycles.take(cycle);
        self.damage += self.line.map_or(0.0, |line| line.damage(cycle));
    }
}
