//! Cycles of a load counted month by month: what was counted once of the same samples in the same way is not counted again, and the counts
//! of months are joined at their residues.

use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};
use crate::statistics::duty::damage::{Damaging, WoehlerLine};
use crate::statistics::duty::exceedance::Exceedances;
use crate::statistics::duty::level::Crossings;
use crate::statistics::duty::rainflow::{Cycle, Cycles, Rainflow, Residue, Spectrum};
use crate::telemetry::{Derived, Plausible, SeriesId, View};
use crate::twins::error::Error;
use std::sync::Arc;

/// More samples are refused: each is read where it was not counted before.
pub(super) const SAMPLES_MAX: u64 = 200_000_000;
/// How many are in memory at once.
const AT_ONCE: usize = 500_000;
/// More months of one stay are refused.
const SLICES_MAX: usize = 10_000;

/// How cycles are counted, and all that the count depends on beside the samples.
#[derive(Clone, Debug)]
pub(super) struct CycleRule {
    /// Ranges up to this are noise.
    pub(super) gate: f64,
    /// The width of the bins of ranges.
    pub(super) range_width: f64,
    /// The width of the bins of means; 0: all in one.
    pub(super) mean_width: f64,
    /// The levels whose crossings are counted.
    pub(super) levels: Vec<f64>,
    /// The ranges above which cycles are counted.
    pub(super) thresholds: Vec<f64>,
    /// The line by which they do damage; `None`: none.
    pub(super) line: Option<WoehlerLine>,
    /// What brings values to the unit of the answer.
    pub(super) by: Conversion,
    /// What is done to each value then.
    pub(super) transform: Transform,
    /// What the sensor can measure.
    pub(super) plausible: Plausible,
}

/// What is counted of a history, or of a slice of it.
#[derive(Clone, Debug)]
pub(super) struct CycleCount {
    rainflow: Rainflow<Damaging<Counted>>,
    /// How often levels were crossed.
    pub(super) crossings: Crossings,
    /// How many samples count.
    pub(super) sample_count: u64,
    /// How many lay beyond what the sensor can measure.
    pub(super) implausible: u64,
}

/// Takes cycles into a spectrum, and counts those greater than the levels of another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Counted {
    pub(super) cycles: Spectrum,
    pub(super) exceedances: Exceedances,
}

impl Cycles for Counted {
    fn take(&mut self, cycle: Cycle) {
        self.cycles.take(cycle);
        self.exceedances.take(cycle);
    }
}

impl CycleRule {
    /// Returns a name that two rules have only where they count alike.
    pub(super) fn name(&self) -> Arc<str> {
        format!("{self:?}").into()
    }

    /// Counts the samples of a series in a span, each month once, and joins the months. Not where small ranges are noise: what is one
    /// depends on all that was before.
    pub(super) fn count_by_month(
        &self,
        view: &View,
        (series, within): (SeriesId, Interval),
        how: &Arc<str>,
    ) -> Result<CycleCount, Error> {
        let slices = Period::from_months(1).buckets(within, &Zone::UTC, SLICES_MAX)?;
        if let [slice] = slices[..] {
            return self.count(view, (series, slice));
        }
        let mut joined = CycleCount::new(self);
        for slice in slices {
            let counted = view.derived((series, slice), how, || self.count(view, (series, slice)))?;
            joined.append(&counted);
        }
        Ok(joined)
    }

    fn count(&self, view: &View, stretch: (SeriesId, Interval)) -> Result<CycleCount, Error> {
        let mut counting = CycleCount::new(self);
        self.count_into(&mut counting, view, stretch)?;
        Ok(counting)
    }

    /// Counts the samples of a series in a span behind those that are counted already.
    pub(super) fn count_into(
        &self,
        counting: &mut CycleCount,
        view: &View,
        (series, within): (SeriesId, Interval),
    ) -> Result<(), Error> {
        let mut rest = Some(within);
        while let Some(within) = rest.take() {
            let samples = view.samples(series, within, AT_ONCE)?;
            for sample in &samples {
                if self.plausible.contains(sample.value) {
                    let value = self.by.apply(sample.value);
                    counting.push(if self.transform == Transform::Abs { value.abs() } else { value });
                } else {
                    counting.implausible += 1;
                }
            }
            if counting.read_count() > SAMPLES_MAX {
                return Err(Error::TooManySamples { most: SAMPLES_MAX });
            }
            let last = samples.last().filter(|_| samples.len() == AT_ONCE);
            rest = last.and_then(|last| Interval::new(last.at.plus_nanos(1), within.to()).ok());
        }
        Ok(())
    }
}

impl CycleCount {
    /// Begins to count.
    pub(super) fn new(rule: &CycleRule) -> Self {
        let (range_width, mean_width) = (rule.range_width, rule.mean_width);
        let cycles = Spectrum { range_width, mean_width, ..Spectrum::default() };
        let counted = Counted { cycles, exceedances: Exceedances::new(rule.thresholds.clone()) };
        let damaging = Damaging { cycles: counted, line: rule.line, damage: 0.0 };
        Self {
            rainflow: Rainflow::new(damaging, rule.gate),
            crossings: Crossings::new(rule.levels.clone()),
            sample_count: 0,
            implausible: 0,
        }
    }

    /// Sets the line by which cycles do damage that close from now on.
    pub(super) fn set_line(&mut self, line: Option<WoehlerLine>) {
        self.rainflow.closed.line = line;
    }

    /// Returns how many samples were read, whether they count or not.
    pub(super) fn read_count(&self) -> u64 {
        self.sample_count + self.implausible
    }

    fn push(&mut self, value: f64) {
        self.rainflow.push(value);
        self.crossings.push(value);
        self.sample_count += 1;
    }

    /// Joins the count of the slice that follows.
    pub(super) fn append(&mut self, next: &Self) {
        self.rainflow.append(&next.rainflow);
        let (own, other) = (&mut self.rainflow.closed, &next.rainflow.closed);
        own.damage += other.damage;
        own.cycles.cycles.add(&other.cycles.cycles);
        own.cycles.exceedances.add(&other.cycles.exceedances);
        self.crossings.append(&next.crossings);
        self.sample_count += next.sample_count;
        self.implausible += next.implausible;
    }

    /// Ends the history, and returns its cycles with those of the residue, and their damage.
    pub(super) fn finish(self, residue: Residue) -> (Counted, f64) {
        let counted = self.rainflow.finish(residue);
        (counted.cycles, counted.damage)
    }
}

/// What a bin of a spectrum takes, about.
const BIN_BYTES: usize = 48;

impl Derived for CycleCount {
    fn bytes(&self) -> usize {
        let counts = self.crossings.up.len() + self.rainflow.closed.cycles.exceedances.len();
        let bins = self.rainflow.closed.cycles.cycles.bins.len();
        size_of::<Self>() + 16 * (counts + self.rainflow.open_points()) + BIN_BYTES * bins
    }
}
