//! The combined aggregate of the samples of some units in some times.

use super::question::Weight;
use crate::model::number::rank;
use crate::telemetry::{self, Bar, Beyond, Comparator, Increase, Sample, States, Summary};
use crate::twins::error::Error;
use crate::twins::facts::account::Account;
use oxigraph::model::NamedNode;
use std::sync::{Arc, OnceLock};

/// The whole answer, one bucket of it, or one group.
#[derive(Clone, Debug)]
pub struct Portion {
    /// All samples together.
    pub summary: Summary,
    /// How much counters went up, where the question asks for it.
    pub increase: Option<Increase>,
    /// How long each state lasted, where the question asks for it.
    pub states: Option<States>,
    /// How many units certainly were in service.
    pub unit_count: usize,
    /// Each unit by itself, in IRI order. Buckets and groups have them only where every unit counts once.
    pub units: Vec<UnitUsage>,
    /// For each unit its samples in finer bins, where its own are coarser than those of all together; made when first asked for.
    pub(super) finer: OnceLock<Vec<Option<Summary>>>,
    /// What was not observed.
    pub account: Account,
    pub(in crate::twins) terms: Arc<Terms>,
}

/// What one unit contributes.
#[derive(Clone, Debug)]
pub struct UnitUsage {
    /// The unit.
    pub twin: NamedNode,
    /// Its identifier.
    pub serial: Option<String>,
    /// Its samples together.
    pub summary: Summary,
    /// What of it was not observed; what could not be bound is in the account of the whole.
    pub account: Account,
}

/// What holds for all portions of an answer.
#[derive(Clone, Debug)]
pub(in crate::twins) struct Terms {
    pub(in crate::twins) property: NamedNode,
    pub(super) circular: bool,
    pub(in crate::twins) weight: Weight,
    pub(in crate::twins) limits: Vec<Comparator>,
}

impl Portion {
    /// Counts the samples.
    pub fn sample_count(&self) -> u64 {
        self.summary.count
    }

    /// Returns the hours that the samples cover.
    pub fn hours(&self) -> f64 {
        self.summary.hours()
    }

    /// Returns the smallest value.
    pub fn min(&self) -> Option<f64> {
        self.summary.min
    }

    /// Returns the greatest value.
    pub fn max(&self) -> Option<f64> {
        self.summary.max
    }

    /// Returns the earliest sample of any unit.
    pub fn first(&self) -> Option<Sample> {
        self.summary.first
    }

    /// Returns the latest sample of any unit.
    pub fn last(&self) -> Option<Sample> {
        self.summary.last
    }

    /// Returns the sum of the values of all samples, whatever they weigh; a direction has none.
    pub fn sum(&self) -> Result<Option<f64>, Error> {
        self.refuse_circular("sum")?;
        self.finite("sum", self.summary.sum(telemetry::SampleWeight::Sample))
    }

    /// Returns the integral over the time observed: the sum of each value times the hours that it covers; a direction has
    /// none.
    pub fn integral(&self) -> Result<Option<f64>, Error> {
        self.refuse_circular("integral")?;
        self.finite("integral", self.summary.sum(telemetry::SampleWeight::Time) / 3600.0)
    }

    /// Returns the mean; a direction has none.
    pub fn mean(&self) -> Result<Option<f64>, Error> {
        self.refuse_circular("mean")?;
        Ok(match self.plain_weight() {
            Some(weight) => self.summary.mean(weight),
            None => average(self.unit_means().map(|(mean, _)| mean)),
        })
    }

    /// Returns the standard deviation of the population; a direction has none.
    pub fn stddev(&self) -> Result<Option<f64>, Error> {
        self.refuse_circular("standard deviation")?;
        if let Some(weight) = self.plain_weight() {
            return Ok(self.summary.stddev(weight));
        }
        let mean = average(self.unit_means().map(|(mean, _)| mean));
        let squares = average(self.unit_means().map(|(mean, deviation)| mean * mean + deviation * deviation));
        Ok(mean.zip(squares).map(|(mean, squares)| (squares - mean * mean).max(0.0).sqrt()))
    }

    /// Returns the quantile `p` of 0…1, right to [`Self::resolution`]; a direction has none.
    pub fn percentile(&self, p: f64) -> Result<Option<f64>, Error> {
        self.refuse_circular("percentile")?;
        Ok(match self.plain_weight() {
            Some(weight) => self.summary.percentile(p, weight)?,
            None => self.percentile_of_units(p)?,
        })
    }

    /// Returns how far percentiles and the edges of bars may be off: 0 where they are exact.
    pub fn resolution(&self) -> Result<f64, Error> {
        let mut worst = self.summary.resolution()?;
        if self.plain_weight().is_none() {
            for summary in self.units_alike()? {
                worst = worst.max(summary.resolution()?);
            }
        }
        Ok(worst)
    }

    /// Returns bars of equal width from the smallest to the greatest value.
    pub fn histogram(&self, bars: usize) -> Result<Vec<Bar>, Error> {
        Ok(self.summary.histogram(bars)?)
    }

    /// Returns the hours of values above a limit: exact where the question named the limit, else to the resolution.
    pub fn time_beyond(&self, limit: f64) -> Result<f64, Error> {
        let time = match self.beyond(Comparator::Le(limit)) {
            Some(beyond) => beyond.time_ns,
            None => {
                let above = self.summary.distribution()?.iter().filter(|point| point.value > limit);
                above.map(|point| point.time_ns).sum()
            }
        };
        Ok(time as f64 / 3.6e12)
    }

    /// Returns the samples that break a limit of the question or its checks, counted exactly; `None` where it names none such.
    pub fn beyond(&self, limit: Comparator) -> Option<Beyond> {
        self.beyond_of(&self.summary, limit)
    }

    /// Like [`Self::beyond`], for the summary of one unit.
    pub fn beyond_of(&self, summary: &Summary, limit: Comparator) -> Option<Beyond> {
        let index = self.terms.limits.iter().position(|known| *known == limit)?;
        summary.beyond.get(index).copied()
    }

    /// Returns the units that spent the greatest share of their time beyond a limit that the question names, or without one those
    /// with the greatest values.
    pub fn worst_units(&self, first: usize, limit: Option<Comparator>) -> Vec<&UnitUsage> {
        let badness = |unit: &UnitUsage| match limit.and_then(|limit| self.beyond_of(&unit.summary, limit)) {
            Some(beyond) => {
                beyond.time_ns as f64 / unit.summary.total(telemetry::SampleWeight::Time).max(1.0)
            }
            None => unit.summary.max.unwrap_or(f64::NEG_INFINITY),
        };
        let observed = self.units.iter().filter(|unit| unit.summary.count > 0);
        let mut units: Vec<(f64, &UnitUsage)> = observed.map(|unit| (badness(unit), unit)).collect();
        units.sort_by(|a, b| {
            b.0.total_cmp(&a.0)
                .then(b.1.summary.max.partial_cmp(&a.1.summary.max).unwrap_or(std::cmp::Ordering::Equal))
        });
        units.into_iter().take(first).map(|(_, unit)| unit).collect()
    }

    /// Returns a sum where there are values, and refuses one that is beyond a double.
    fn finite(&self, statistic: &'static str, sum: f64) -> Result<Option<f64>, Error> {
        match sum.is_finite() {
            true => Ok((self.summary.count > 0).then_some(sum)),
            false => Err(Error::TooGreat { property: self.terms.property.clone(), statistic }),
        }
    }

    fn refuse_circular(&self, statistic: &'static str) -> Result<(), Error> {
        if self.terms.circular {
            return Err(Error::Circular { property: self.terms.property.clone(), statistic });
        }
        Ok(())
    }

    fn plain_weight(&self) -> Option<telemetry::SampleWeight> {
        match self.terms.weight {
            Weight::Time => Some(telemetry::SampleWeight::Time),
            Weight::Sample => Some(telemetry::SampleWeight::Sample),
            Weight::Unit => None,
        }
    }

    fn unit_means(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let time = telemetry::SampleWeight::Time;
        self.units.iter().filter_map(move |unit| Some((unit.summary.mean(time)?, unit.summary.stddev(time)?)))
    }

    /// Returns the samples of each unit, in bins that suit the range of all: a unit with a wider range has coarser ones of its own.
    fn units_alike(&self) -> Result<impl Iterator<Item = &Summary>, Error> {
        if self.finer.get().is_none() {
            let resolution = self.summary.resolution()?;
            let finer = self.units.iter().map(|unit| unit.summary.finer(resolution));
            let finer = finer.collect::<Result<Vec<_>, _>>()?;
            self.finer.get_or_init(|| finer);
        }
        let finer = self.finer.get().into_iter().flatten();
        Ok(self.units.iter().zip(finer).map(|(unit, finer)| finer.as_ref().unwrap_or(&unit.summary)))
    }

    /// Takes each unit's values with their share of the unit's time.
    fn percentile_of_units(&self, p: f64) -> Result<Option<f64>, Error> {
        if p <= 0.0 || p >= 1.0 {
            return Ok(if p <= 0.0 { self.summary.min } else { self.summary.max });
        }
        let observed = self.units_alike()?.filter(|summary| summary.time_ns > 0);
        let summaries: Vec<&Summary> = observed.collect();
        let mut values = Vec::new();
        for summary in &summaries {
            values.extend(summary.distribution()?.iter().map(|point| point.value));
        }
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        let reaches = |value: f64| -> Result<bool, Error> {
            let share = |summary: &&Summary| Ok::<_, Error>((summary.time_up_to(value)?, summary.time_ns));
            Ok(rank::reach(&summaries.iter().map(share).collect::<Result<Vec<_>, _>>()?, p))
        };
        let (mut low, mut high) = (0, values.len());
        while low < high {
            let middle = low.midpoint(high);
            if reaches(values[middle])? { high = middle } else { low = middle + 1 }
        }
        Ok(values.get(low).or(values.last()).copied())
    }
}

/// Returns the mean: rounded, but never outside the values.
fn average(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut count, mut sum, mut min, mut max) = (0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        (count, sum, min, max) = (count + 1.0, sum + value, value.min(min), value.max(max));
    }
    (count > 0.0).then(|| (sum / count).max(min).min(max))
}
