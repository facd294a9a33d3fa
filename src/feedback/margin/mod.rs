//! A constraint against usage: what was observed, how far from the limit, by whom.

pub(super) mod cohort;
pub(super) mod constraint;
pub(super) mod duty;
pub(super) mod judgement;
pub(super) mod lives;
pub(super) mod margin_change;
pub(super) mod margins;
pub(super) mod prediction;
pub(super) mod residual;
pub(super) mod windowed;

use super::error::Error;
use super::sufficiency::Sufficiency;
use crate::graph::{CommitId, Snapshot};
use crate::model::number::decimal::percent;
use crate::model::time::interval::Interval;
use crate::telemetry::{Summary, Watermark};
use crate::twins::{Account, Portion, Question, UnitUsage};
use constraint::{Constraint, Scope, Statistic};
use judgement::{Judgement, judge};
use oxigraph::model::NamedNode;
use prediction::Prediction;
use std::fmt;

/// The result of comparing field data with one constraint of a design.
#[derive(Clone, Debug, PartialEq)]
pub struct Margin {
    /// The constraint, and the requirement that it belongs to.
    pub constraint: Constraint,
    /// What was asked about: a Part, DesignRevision, Build or TwinInstance.
    pub item: NamedNode,
    /// The design revision that is under the constraint; `None` where it was not asked for one.
    pub design: Option<NamedNode>,
    /// When.
    pub window: Interval,
    /// The version from which it is known who was where.
    pub commit: CommitId,
    /// The telemetry that was known.
    pub watermark: Watermark,
    /// How much must have been observed.
    pub sufficiency: Sufficiency,
    /// Whether the limit is kept.
    pub verdict: Verdict,
    /// The statistic, in the unit of the constraint: that of the worst unit, or of the fleet, as the scope requires.
    pub observed: Option<f64>,
    /// The predictions of simulations and tests, earliest first.
    pub predictions: Vec<Prediction>,
    /// How far the observed statistic keeps from the limit; negative where it breaks it.
    pub distance: Option<f64>,
    /// The distance as a percentage of the limit; `None` for a limit of zero.
    pub distance_percent: Option<f64>,
    /// The share of units that keep the limit, of those about which something can be concluded.
    pub conforming_units: Option<f64>,
    /// The share of observed hours in which the values themselves keep the limit.
    pub conforming_hours: Option<f64>,
    /// How many samples count.
    pub sample_count: u64,
    /// Each unit by itself, in IRI order.
    pub units: Vec<UnitMargin>,
    /// What was not observed.
    pub account: Account,
    /// Why nothing could be concluded at all, where that is not for want of samples.
    pub refusal: Option<Refusal>,
}

/// The result of one unit under a constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitMargin {
    /// The unit.
    pub twin: NamedNode,
    /// Its identifier.
    pub serial: Option<String>,
    /// Whether it keeps the limit.
    pub verdict: Verdict,
    /// Its statistic, in the unit of the constraint.
    pub observed: Option<f64>,
    /// How far that may be off; 0 where it is exact. The verdict is exact in any case.
    pub within: f64,
    /// How far the statistic keeps from the limit; negative where it breaks it.
    pub distance: Option<f64>,
    /// How many of its samples count.
    pub sample_count: u64,
    /// The hours that its samples cover.
    pub observed_hours: f64,
    /// The share of them in which the values keep the limit.
    pub conforming_hours: Option<f64>,
}

/// Whether a limit is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It is.
    Conforms,
    /// It is not.
    Violates,
    /// Too little was observed.
    Unknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conforms => "CONFORMS",
            Self::Violates => "VIOLATES",
            Self::Unknown => "UNKNOWN",
        })
    }
}

/// Why a constraint cannot be judged, or lives do not decide it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The values wrap around.
    #[error("{property} is a direction: its values wrap around, so it has no {statistic}")]
    Circular {
        /// The property.
        property: NamedNode,
        /// The statistic of the constraint.
        statistic: String,
    },
    /// The constraint's own window cuts the time asked for into too many parts.
    #[error(
        "windows of {window} cut the time asked for into {asked} parts (units × windows), {most} are the most"
    )]
    TooManyWindows {
        /// The constraint's window.
        window: String,
        /// How many parts there would be.
        asked: usize,
        /// How many are judged at the most.
        most: usize,
    },
    /// The constraint's own window is not one that time can be cut by.
    #[error("{0}")]
    Window(String),
    /// Values do not convert into the unit of the constraint.
    #[error("{0}")]
    Unit(String),
    /// The residual of the model has no such statistic, or there is none.
    #[error("{0}")]
    Residual(String),
    /// The spectra of the units cannot be compared.
    #[error("{0}")]
    Duty(String),
    /// The lives of the units decide nothing.
    #[error("{0}")]
    Lives(String),
}

impl Margin {
    /// Returns the units that break the limit.
    pub fn violators(&self) -> impl Iterator<Item = &UnitMargin> {
        self.units.iter().filter(|unit| unit.verdict == Verdict::Violates)
    }

    /// Returns the units that keep least from the limit, the worst first: of those about which something can be concluded,
    /// then the others; those without samples are left out.
    pub fn worst_units(&self, first: usize) -> Vec<&UnitMargin> {
        let observed = self.units.iter().filter_map(|unit| Some((unit.distance?, unit)));
        let mut units: Vec<(f64, &UnitMargin)> = observed.collect();
        let unknown = |unit: &UnitMargin| unit.verdict == Verdict::Unknown;
        units.sort_by(|a, b| unknown(a.1).cmp(&unknown(b.1)).then(a.0.total_cmp(&b.0)));
        units.into_iter().take(first).map(|(_, unit)| unit).collect()
    }

    /// Returns the latest predicted value in a unit which converts.
    pub fn predicted(&self) -> Option<f64> {
        self.latest_prediction()?.value
    }

    /// Returns the latest prediction in a unit which converts.
    pub fn latest_prediction(&self) -> Option<&Prediction> {
        self.predictions.iter().rev().find(|prediction| prediction.value.is_some())
    }
}

/// What a margin is made for.
pub(super) struct Context<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) watermark: Watermark,
    pub(super) question: &'a Question,
    pub(super) design: Option<&'a NamedNode>,
    pub(super) sufficiency: Sufficiency,
}

impl Context<'_> {
    /// Holds a constraint against the portion that was counted for it.
    pub(super) fn margin(&self, constraint: &Constraint, portion: &Portion) -> Result<Margin, Error> {
        if let Some(refusal) = self.circular(constraint, portion) {
            return self.refused(constraint, refusal, portion.account.clone());
        }
        let unit = |unit: &UnitUsage| -> Result<UnitMargin, Error> {
            let judged = judge(constraint, portion, &unit.summary)?;
            let verdict = verdict(constraint, judged, self.sufficiency.is_met(&unit.account));
            Ok(UnitMargin {
                twin: unit.twin.clone(),
                serial: unit.serial.clone(),
                verdict,
                observed: judged.map(|judged| judged.observed),
                within: constraint.statistic.within(&unit.summary)?,
                distance: judged.map(|judged| constraint.distance(judged.observed).0),
                sample_count: unit.summary.count,
                observed_hours: unit.account.observed_hours,
                conforming_hours: conforming_hours(constraint, portion, &unit.summary),
            })
        };
        let units = portion.units.iter().map(unit).collect::<Result<Vec<_>, _>>()?;
        let fleet = judge(constraint, portion, &portion.summary)?;
        let is_sufficient = self.sufficiency.is_met_by_fleet(&portion.account);
        let fleet = (verdict(constraint, fleet, is_sufficient), fleet.map(|found| found.observed));
        let conforming = conforming_hours(constraint, portion, &portion.summary);
        self.conclude(constraint, units, fleet, conforming, portion.account.clone())
    }

    /// Draws the conclusion from the units and the fleet, as the scope requires.
    pub(super) fn conclude(
        &self,
        constraint: &Constraint,
        units: Vec<UnitMargin>,
        fleet: (Verdict, Option<f64>),
        conforming_hours: Option<f64>,
        account: Account,
    ) -> Result<Margin, Error> {
        let of = |verdict: Verdict| units.iter().filter(|unit| unit.verdict == verdict).count();
        let (conform, violate) = (of(Verdict::Conforms), of(Verdict::Violates));
        let known = conform + violate;
        let (verdict, observed) = match constraint.scope {
            Scope::Fleet => fleet,
            Scope::EachUnit if violate > 0 => (Verdict::Violates, worst(constraint, &units)),
            Scope::EachUnit if self.sufficiency.is_met_by(known, units.len()) => {
                (Verdict::Conforms, worst(constraint, &units))
            }
            Scope::EachUnit => (Verdict::Unknown, worst(constraint, &units)),
        };
        let distance = observed.map(|observed| constraint.distance(observed));
        Ok(Margin {
            verdict,
            observed,
            distance: distance.map(|(distance, _)| distance),
            distance_percent: distance
                .filter(|(_, limit)| *limit != 0.0)
                .map(|(distance, limit)| percent(distance, limit)),
            conforming_units: (known > 0).then(|| conform as f64 / known as f64),
            conforming_hours,
            sample_count: units.iter().map(|unit| unit.sample_count).sum(),
            units,
            account,
            refusal: None,
            ..self.blank(constraint)?
        })
    }

    /// Describes why a constraint cannot be judged.
    pub(super) fn refused(
        &self,
        constraint: &Constraint,
        refusal: Refusal,
        account: Account,
    ) -> Result<Margin, Error> {
        Ok(Margin { refusal: Some(refusal), account, ..self.blank(constraint)? })
    }

    /// Refuses statistics that have no meaning for the property's values.
    pub(super) fn circular(&self, constraint: &Constraint, portion: &Portion) -> Option<Refusal> {
        let extreme = matches!(constraint.statistic, Statistic::Min | Statistic::Max);
        (!extreme && portion.mean().is_err()).then(|| Refusal::Circular {
            property: constraint.property.clone(),
            statistic: constraint.statistic.to_string(),
        })
    }

    pub(super) fn blank(&self, constraint: &Constraint) -> Result<Margin, Error> {
        let predictions = match self.design {
            Some(design) => prediction::predictions(self.snapshot, design, constraint)?,
            None => Vec::new(),
        };
        Ok(Margin {
            constraint: constraint.clone(),
            item: self.question.item.clone(),
            design: self.design.cloned(),
            window: self.question.window,
            commit: self.snapshot.commit().id,
            watermark: self.watermark,
            sufficiency: self.sufficiency,
            verdict: Verdict::Unknown,
            observed: None,
            predictions,
            distance: None,
            distance_percent: None,
            conforming_units: None,
            conforming_hours: None,
            sample_count: 0,
            units: Vec::new(),
            account: Account::default(),
            refusal: None,
        })
    }
}

/// Judges one unit or the fleet, of which enough was observed or not. One value beyond the limit of an extreme breaks it,
/// however little was observed.
pub(super) fn verdict(constraint: &Constraint, judged: Option<Judgement>, is_sufficient: bool) -> Verdict {
    match judged {
        Some(Judgement { keeps: false, .. }) if is_sufficient || constraint.is_of_extreme() => {
            Verdict::Violates
        }
        Some(Judgement { keeps: true, .. }) if is_sufficient => Verdict::Conforms,
        _ => Verdict::Unknown,
    }
}

/// Returns the statistic of the unit that keeps least from the limit, of those about which something can be concluded, or
/// failing that of all.
fn worst(constraint: &Constraint, units: &[UnitMargin]) -> Option<f64> {
    let least = |known: bool| {
        let units = units.iter().filter(|unit| !known || unit.verdict != Verdict::Unknown);
        let observed = units.filter_map(|unit| unit.observed);
        observed.min_by(|a, b| constraint.distance(*a).0.total_cmp(&constraint.distance(*b).0))
    };
    least(true).or_else(|| least(false))
}

/// Returns the share of time in which the values keep the limit.
pub(super) fn conforming_hours(constraint: &Constraint, portion: &Portion, summary: &Summary) -> Option<f64> {
    let beyond = portion.beyond_of(summary, constraint.comparator)?;
    (summary.time_ns > 0).then(|| 1.0 - beyond.time_ns as f64 / summary.time_ns as f64)
}
