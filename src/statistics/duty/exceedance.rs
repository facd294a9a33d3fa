//! A spectrum against one that was assumed or tested: at which range it has more cycles.

use super::rainflow::{Cycle, Cycles};

/// A spectrum that a design assumed, or a rig tested: how many cycles of each range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proven {
    /// The ranges, above 0 and each greater than the one before, with their cycles.
    levels: Vec<(f64, f64)>,
}

/// Where a spectrum comes nearest to one that is proven, or goes furthest beyond it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Utilisation {
    /// The cycles of the spectrum over those that are proven: above 1 it is beyond them.
    pub ratio: f64,
    /// The ratio is that of cycles greater than this range.
    pub above: f64,
}

/// Beyond the greatest range nothing is proven: one cycle there is twice what is.
const UNPROVEN: f64 = 0.5;

impl Proven {
    /// Gathers levels of ranges and cycles in any order; equal ranges add up, and those of 0 or less are nothing. `None` without any.
    pub fn new(levels: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let mut levels: Vec<(f64, f64)> =
            levels.into_iter().filter(|(range, cycles)| *range > 0.0 && *cycles > 0.0).collect();
        levels.sort_by(|a, b| a.0.total_cmp(&b.0));
        levels.dedup_by(|next, kept| {
            let is_alike = next.0 == kept.0;
            if is_alike {
                kept.1 += next.1;
            }
            is_alike
        });
        (!levels.is_empty()).then_some(Self { levels })
    }

    /// Returns the ranges above which cycles are counted: 0 and each level.
    pub fn thresholds(&self) -> Vec<f64> {
        std::iter::once(0.0).chain(self.levels.iter().map(|(range, _)| *range)).collect()
    }

    /// Compares cycles counted above the thresholds, each count times `scale`, with what is proven. A cycle is covered by one that is as
    /// great or greater: those above a threshold by all levels above it. Cycles within 10⁻⁹ of a level count as of it.
    pub fn utilisation(&self, counted: &Exceedances, scale: f64) -> Utilisation {
        let mut worst = Utilisation { ratio: 0.0, above: 0.0 };
        for (place, (above, count)) in counted.thresholds.iter().zip(&counted.counts).enumerate() {
            let proven = self.levels.get(place..).unwrap_or_default();
            let proven = proven.iter().fold(0.0, |sum, (_, cycles)| sum + cycles);
            let ratio = count * scale / if proven > 0.0 { proven } else { UNPROVEN };
            if ratio > worst.ratio {
                worst = Utilisation { ratio, above: *above };
            }
        }
        worst
    }
}

/// How many cycles are greater than each of some ranges.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exceedances {
    thresholds: Vec<f64>,
    counts: Vec<f64>,
}

impl Exceedances {
    /// Begins to count.
    pub fn new(thresholds: Vec<f64>) -> Self {
        Self { counts: vec![0.0; thresholds.len()], thresholds }
    }

    /// Adds the cycles of another history, counted above the same ranges.
    pub fn add(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, other)| *own += other);
    }

    /// Returns above how many ranges cycles are counted.
    pub fn len(&self) -> usize {
        self.thresholds.len()
    }

    /// Returns whether none are.
    pub fn is_empty(&self) -> bool {
        self.thresholds.is_empty()
    }
}

impl Cycles for Exceedances {
    fn take(&mut self, cycle: Cycle) {
        let beyond = self.thresholds.iter().take_while(|above| cycle.range > **above * (1.0 + 1e-9));
        let beyond = beyond.count();
        self.counts[..beyond].iter_mut().for_each(|count| *count += cycle.count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spectrum_is_compared_at_its_worst_range() {
        let proven = Proven::new([(100.0, 10.0), (50.0, 1000.0), (50.0, 90.0)]).expect("a spectrum");
        assert_eq!(proven.thresholds(), [0.0, 50.0, 100.0]);
        let check = |cycles: &[(f64, f64)], scale: f64, ratio: f64, above: f64| {
            let mut counted = Exceedances::new(proven.thresholds());
            cycles
                .iter()
                .for_each(|(range, count)| counted.take(Cycle { range: *range, mean: 0.0, count: *count }));
            assert_eq!(proven.utilisation(&counted, scale), Utilisation { ratio, above }, "{cycles:?}");
        };
        check(&[], 1.0, 0.0, 0.0);
        // 550 of the 1100 that are as great.
        check(&[(50.0, 550.0)], 1.0, 0.5, 0.0);
        check(&[(50.0, 550.0)], 4.0, 2.0, 0.0);
        // Greater than 50: only the ten of 100 cover them.
        check(&[(51.0, 20.0)], 1.0, 2.0, 50.0);
        check(&[(100.0, 5.0), (20.0, 10.0)], 1.0, 0.5, 50.0);
        check(&[(101.0, 1.0)], 1.0, 2.0, 100.0);
        check(&[(101.0, 0.5)], 1.0, 1.0, 100.0);
        assert_eq!(Proven::new([(0.0, 3.0), (5.0, 0.0)]), None);
    }
}
