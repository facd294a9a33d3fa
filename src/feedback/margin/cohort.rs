//! Cohorts: units that are looked at together, and what is known of each.

use crate::feedback::sufficiency::Sufficiency;
use crate::model::time::interval::Interval;
use crate::statistics::effect;
use crate::twins::{Account, TwinFilter};
use oxigraph::model::NamedNode;
use std::collections::BTreeSet;

/// The units of an item, in a window: a revision, a lot, those at one site, a year before and the year after.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// The Part, DesignRevision, Build or TwinInstance.
    pub item: NamedNode,
    /// Which of its units count.
    pub among: TwinFilter,
    /// When.
    pub window: Interval,
}

/// What was observed of a cohort: its statistic is the mean over its units of the statistic of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// Who.
    pub cohort: Cohort,
    /// Each unit that certainly was in service, in IRI order.
    pub units: Vec<UnitStatistic>,
    /// What was not observed.
    pub account: Account,
}

/// The statistic of one unit.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitStatistic {
    /// The unit.
    pub twin: NamedNode,
    /// Its identifier.
    pub serial: Option<String>,
    /// The statistic of its own samples; `None` where there are none.
    pub value: Option<f64>,
    /// How far the value may be off; 0 where it is exact.
    pub within: f64,
    /// The hours that its samples cover.
    pub observed_hours: f64,
    /// Whether enough of it was observed, so that it counts.
    pub counts: bool,
}

impl Cohort {
    /// Takes all units of an item.
    pub fn new(item: NamedNode, window: Interval) -> Self {
        Self { item, among: TwinFilter::default(), window }
    }

    /// Returns whether two cohorts are described alike.
    pub(in crate::feedback) fn is(&self, other: &Self) -> bool {
        let filter = |of: &Self| {
            let lists = [&of.among.sites, &of.among.serials, &of.among.lots, &of.among.revisions];
            lists.map(|list| list.iter().cloned().collect::<BTreeSet<_>>())
        };
        (&self.item, self.window) == (&other.item, other.window) && filter(self) == filter(other)
    }
}

impl Side {
    /// Returns the units that count, with their statistic.
    pub fn counted(&self) -> impl Iterator<Item = (&UnitStatistic, f64)> {
        self.units.iter().filter(|unit| unit.counts).filter_map(|unit| Some((unit, unit.value?)))
    }

    /// Counts them.
    pub fn counted_units(&self) -> usize {
        self.counted().count()
    }

    /// Returns the mean over the units that count.
    pub fn mean(&self) -> Option<f64> {
        effect::mean(&self.values())
    }

    /// Returns the median over the units that count.
    pub fn median(&self) -> Option<f64> {
        effect::median(&self.values())
    }

    /// Returns how far the units that count are spread: the standard deviation of a sample.
    pub fn deviation(&self) -> Option<f64> {
        effect::deviation(&self.values())
    }

    pub(in crate::feedback) fn values(&self) -> Vec<f64> {
        self.counted().map(|(_, value)| value).collect()
    }

    /// Describes why nothing can be concluded, where that is so.
    pub(in crate::feedback) fn shortfall(&self, sufficiency: Sufficiency) -> Option<Shortfall> {
        let (counted, units) = (self.counted_units(), self.units.len());
        let is_sufficient = counted >= sufficiency.units_min.max(2) && sufficiency.is_met_by(counted, units);
        (!is_sufficient).then_some(Shortfall { counted, units, sufficiency })
    }
}

/// A side of a comparison that is too small, or of which too little was observed.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "{counted} of {units} units were observed enough: each side needs {least}, and {share} % of those in service",
    least = .sufficiency.units_min.max(2), share = 100.0 * .sufficiency.units_share_min
)]
pub struct Shortfall {
    /// The units that count.
    pub counted: usize,
    /// The units that certainly were in service.
    pub units: usize,
    /// What is enough.
    pub sufficiency: Sufficiency,
}
