//! Constraints as the design record states them.

use crate::graph::Snapshot;
use crate::model::number::decimal::difference;
use crate::model::number::numeral;
use crate::model::number::quantity::Transform;
use crate::model::time::period::Period;
use crate::ontology::terms::tl;
use crate::telemetry::{self, Comparator, SampleWeight, Summary};
use crate::thread::Record;
use crate::twins::{self, Check, SpectrumKind};
use oxigraph::model::NamedNode;
use std::fmt;

/// A limit that a statistic of an observed property must keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// The constraint's own name.
    pub iri: NamedNode,
    /// The requirement that it belongs to; `None` for a design's own.
    pub requirement: Option<NamedNode>,
    /// What is observed.
    pub property: NamedNode,
    /// What is compared.
    pub statistic: Statistic,
    /// What is done to each value first.
    pub transform: Transform,
    /// With what.
    pub comparator: Comparator,
    /// The limit as it is recorded, and with BETWEEN the upper one.
    pub recorded: RecordedLimit,
    /// The unit of the limits.
    pub unit: Option<NamedNode>,
    /// The length of time that the statistic is taken over; `None`: the whole window asked for.
    pub window: Option<Period>,
    /// Whether every unit must keep it, or all together.
    pub scope: Scope,
    /// What is to be counted exactly.
    pub check: Check,
    /// How lives are taken, where the statistic is one of them.
    pub life: Option<LifeTerms>,
    /// The spectrum that duty is compared with, where the statistic is that.
    pub spectrum: Option<SpectrumKind>,
    /// The model whose residual is limited; `None`: the values themselves are.
    pub model: Option<NamedNode>,
}

/// How a constraint on lives takes them.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeTerms {
    /// `COUNTER`, `CALENDAR`, or failing that the hours in service.
    pub clock: Option<String>,
    /// The failure modes that count; empty: all.
    pub modes: Vec<NamedNode>,
    /// The shape of a Weibull distribution, where it is assumed.
    pub shape: Option<f64>,
    /// How sure the confidence limit is that is judged, one-sided.
    pub confidence: f64,
    /// The age of a reliability.
    pub age: Option<f64>,
    /// The unit of that.
    pub age_unit: Option<NamedNode>,
}

impl LifeTerms {
    /// Without a stated confidence it is 95 %.
    fn read(record: &Record) -> Self {
        Self {
            clock: record.text(tl::CLOCK).map(str::to_owned),
            modes: record.targets(tl::FAILURE_MODE),
            shape: record.number(tl::SHAPE),
            confidence: record.number(tl::CONFIDENCE).unwrap_or(0.95),
            age: record.number(tl::AGE),
            age_unit: record.target(tl::AGE_UNIT),
        }
    }
}

/// A limit as the design record writes it, with all its digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedLimit {
    /// How the statistic is compared.
    pub comparator: String,
    /// The limit; with BETWEEN the lower one.
    pub limit: String,
    /// The upper limit of BETWEEN.
    pub upper: Option<String>,
}

impl RecordedLimit {
    /// Writes a limit that no double is written as, such as `< 9007199254740993`; `None` where doubles are.
    pub fn beyond_doubles(&self) -> Option<String> {
        let digits = |text: &str| numeral::beyond_doubles(text);
        let upper = self.upper.as_deref();
        if digits(&self.limit).is_none() && upper.and_then(digits).is_none() {
            return None;
        }
        let written = |text: &str| digits(text).unwrap_or_else(|| text.to_owned());
        let limit = written(&self.limit);
        Some(match (self.comparator.as_str(), upper) {
            (_, Some(upper)) => format!("{limit} … {}", written(upper)),
            ("LE", None) => format!("≤ {limit}"),
            ("LT", None) => format!("< {limit}"),
            ("GE", None) => format!("≥ {limit}"),
            (_, None) => format!("> {limit}"),
        })
    }
}

/// A statistic that a limit can be put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The smallest value.
    Min,
    /// The greatest value.
    Max,
    /// The mean over time.
    Mean,
    /// The percentile over time.
    Percentile(u8),
    /// The age by which so many percent of the units have failed.
    Life(u8),
    /// The share of units that survives an age.
    Reliability,
    /// The cycles of a load over those that the design assumed or a rig tested.
    Duty,
}

/// Who must keep a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every unit.
    EachUnit,
    /// All units together.
    Fleet,
}

impl Constraint {
    /// Reads a constraint; `None` where it is incomplete. Without a stated scope the constraint applies to every unit.
    pub fn read(
        snapshot: &Snapshot,
        iri: &NamedNode,
        requirement: Option<&NamedNode>,
    ) -> Result<Option<Self>, twins::Error> {
        let record = Record::read(snapshot, iri)?;
        let statistic = record.text(tl::STATISTIC).and_then(Statistic::named);
        let (Some(property), Some(statistic), Some(comparator), Some(check)) =
            (record.target(tl::PROPERTY), statistic, twins::comparator(&record), Check::of(snapshot, iri)?)
        else {
            return Ok(None);
        };
        let between = matches!(comparator, Comparator::Between(..));
        let recorded = |predicate| record.text(predicate).unwrap_or_default().to_owned();
        Ok(Some(Self {
            iri: iri.clone(),
            requirement: requirement.cloned(),
            property,
            statistic,
            transform: check.transform,
            comparator,
            recorded: RecordedLimit {
                comparator: recorded(tl::COMPARATOR),
                limit: recorded(tl::LIMIT),
                upper: between.then(|| recorded(tl::UPPER_LIMIT)),
            },
            unit: check.unit.clone(),
            window: record.text(tl::WINDOW).and_then(|text| text.parse().ok()),
            scope: if record.text(tl::SCOPE) == Some("FLEET") { Scope::Fleet } else { Scope::EachUnit },
            check,
            life: statistic.is_of_lives().then(|| LifeTerms::read(&record)),
            model: record.target(tl::MODEL),
            spectrum: (statistic == Statistic::Duty).then(|| match record.text(tl::SPECTRUM) {
                Some("TESTED") => SpectrumKind::Tested,
                Some("ASSUMED") => SpectrumKind::Assumed,
                _ => SpectrumKind::Best,
            }),
        }))
    }

    /// Returns the constraints of a requirement.
    pub fn of_requirement(snapshot: &Snapshot, requirement: &NamedNode) -> Result<Vec<Self>, twins::Error> {
        Self::of(snapshot, requirement, Some(requirement))
    }

    /// Returns the constraints that a design revision is under: its own, and those of the requirements that it satisfies,
    /// obsolete ones left out.
    pub fn of_design(snapshot: &Snapshot, design: &NamedNode) -> Result<Vec<Self>, twins::Error> {
        let mut constraints = Self::of(snapshot, design, None)?;
        for requirement in snapshot.targets(design, tl::SATISFIES)? {
            if snapshot.text(&requirement, tl::STATUS)?.as_deref() != Some("OBSOLETE") {
                constraints.extend(Self::of_requirement(snapshot, &requirement)?);
            }
        }
        Ok(constraints)
    }

    fn of(
        snapshot: &Snapshot,
        owner: &NamedNode,
        requirement: Option<&NamedNode>,
    ) -> Result<Vec<Self>, twins::Error> {
        let mut constraints = Vec::new();
        for constraint in snapshot.targets(owner, tl::CONSTRAINT)? {
            constraints.extend(Self::read(snapshot, &constraint, requirement)?);
        }
        Ok(constraints)
    }

    /// Returns the limit, and with BETWEEN the upper one.
    pub fn limits(&self) -> (f64, Option<f64>) {
        match self.comparator {
            Comparator::Between(lower, upper) => (lower, Some(upper)),
            Comparator::Le(limit) | Comparator::Lt(limit) | Comparator::Ge(limit) | Comparator::Gt(limit) => {
                (limit, None)
            }
        }
    }

    /// Returns whether it is judged on the samples of the whole time asked for.
    pub(super) fn is_of_whole_usage(&self) -> bool {
        self.window.is_none() && self.life.is_none() && self.spectrum.is_none() && self.model.is_none()
    }

    /// Returns whether one value beyond the limit breaks it.
    pub(super) fn is_of_extreme(&self) -> bool {
        matches!(
            (self.statistic, self.comparator),
            (Statistic::Max, Comparator::Le(_) | Comparator::Lt(_))
                | (Statistic::Min, Comparator::Ge(_) | Comparator::Gt(_))
        )
    }

    /// Returns how far a value keeps from the limit in decimal arithmetic, negative where it breaks it, and the limit that is nearer.
    pub fn distance(&self, value: f64) -> (f64, f64) {
        let (above, below) = (|limit| difference(value, limit), |limit| difference(limit, value));
        match self.comparator {
            Comparator::Le(limit) | Comparator::Lt(limit) => (below(limit), limit),
            Comparator::Ge(limit) | Comparator::Gt(limit) => (above(limit), limit),
            Comparator::Between(lower, upper) if above(lower) < below(upper) => (above(lower), lower),
            Comparator::Between(_, upper) => (below(upper), upper),
        }
    }
}

impl Statistic {
    /// Returns the statistic of this name, such as `P95`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "MIN" => Self::Min,
            "MAX" => Self::Max,
            "MEAN" => Self::Mean,
            "RELIABILITY" => Self::Reliability,
            "DUTY" => Self::Duty,
            "B01" | "B05" | "B10" | "B50" => Self::Life(name[1..].parse().ok()?),
            _ => Self::Percentile(name.strip_prefix('P')?.parse().ok().filter(|p| *p <= 100)?),
        })
    }

    /// Returns whether it is one of samples, not of lives or cycles.
    pub fn is_of_samples(self) -> bool {
        !self.is_of_lives() && self != Self::Duty
    }

    /// Returns whether it is one of the lives of units, not of samples.
    pub fn is_of_lives(self) -> bool {
        matches!(self, Self::Life(_) | Self::Reliability)
    }

    /// Returns whether it is a percentile.
    pub fn is_percentile(self) -> bool {
        matches!(self, Self::Percentile(_))
    }

    /// Returns how far the statistic of some samples may be off; 0 where it is exact.
    pub fn within(self, summary: &Summary) -> Result<f64, telemetry::Error> {
        if matches!(self, Self::Percentile(_)) { summary.resolution() } else { Ok(0.0) }
    }

    /// Returns the statistic of some samples, a percentile right to [`Self::within`]; `None` where there are none, or it is none of samples.
    pub fn of(self, summary: &Summary, weight: SampleWeight) -> Result<Option<f64>, telemetry::Error> {
        Ok(match self {
            Self::Min => summary.min,
            Self::Max => summary.max,
            Self::Mean => summary.mean(weight),
            Self::Life(_) | Self::Reliability | Self::Duty => None,
            Self::Percentile(p) => return summary.percentile(f64::from(p) / 100.0, weight),
        })
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Min => f.write_str("MIN"),
            Self::Max => f.write_str("MAX"),
            Self::Mean => f.write_str("MEAN"),
            Self::Percentile(p) => write!(f, "P{p:02}"),
            Self::Life(percent) => write!(f, "B{percent:02}"),
            Self::Reliability => f.write_str("RELIABILITY"),
            Self::Duty => f.write_str("DUTY"),
        }
    }
}
