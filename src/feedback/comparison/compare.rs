//! Asking the field about two cohorts at once.

use super::{Compared, Comparison};
use crate::feedback::error::Error;
use crate::feedback::margin::cohort::{Cohort, Side, UnitStatistic};
use crate::feedback::margin::constraint::Statistic;
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::model::number::quantity::Transform;
use crate::statistics::difference::Resampling;
use crate::telemetry::{self, View};
use crate::twins::{self, Condition, Question, UnitUsage, Usage, Weight};
use oxigraph::model::NamedNode;

/// A question about two cohorts.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonQuestion {
    /// What is observed.
    pub property: NamedNode,
    /// The cohort that is compared with.
    pub left: Cohort,
    /// The cohort that is compared.
    pub right: Cohort,
    /// The statistic of each unit.
    pub statistic: Statistic,
    /// What is done to each value first.
    pub transform: Transform,
    /// What each value counts for within its unit; every unit counts once whatever this is.
    pub weight: Weight,
    /// The unit of the answer; `None`: that of the first signal bound on the left, or failing that on the right.
    pub unit: Option<NamedNode>,
    /// Only samples while all of these hold count.
    pub conditions: Vec<Condition>,
    /// How the interval is found.
    pub resampling: Resampling,
    /// How much must have been observed.
    pub sufficiency: Sufficiency,
}

impl ComparisonQuestion {
    /// Compares the means over time, with the defaults.
    pub fn new(property: NamedNode, left: Cohort, right: Cohort) -> Self {
        Self {
            property,
            left,
            right,
            statistic: Statistic::Mean,
            transform: Transform::None,
            weight: Weight::Time,
            unit: None,
            conditions: Vec::new(),
            resampling: Resampling::default(),
            sufficiency: Sufficiency::default(),
        }
    }

    fn of(&self, cohort: &Cohort, unit: Option<NamedNode>) -> Question {
        Question {
            unit,
            transform: self.transform,
            among: cohort.among.clone(),
            conditions: self.conditions.clone(),
            quantiles: matches!(self.statistic, Statistic::Percentile(_)),
            ..Question::new(cohort.item.clone(), self.property.clone(), cohort.window)
        }
    }

    fn side(&self, cohort: &Cohort, usage: &Usage) -> Result<Side, Error> {
        let weight = match self.weight {
            Weight::Sample => telemetry::SampleWeight::Sample,
            Weight::Time | Weight::Unit => telemetry::SampleWeight::Time,
        };
        let unit = |unit: &UnitUsage| -> Result<UnitStatistic, Error> {
            Ok(UnitStatistic {
                twin: unit.twin.clone(),
                serial: unit.serial.clone(),
                value: self.statistic.of(&unit.summary, weight)?,
                within: self.statistic.within(&unit.summary)?,
                observed_hours: unit.account.observed_hours,
                counts: self.sufficiency.is_met(&unit.account),
            })
        };
        let units = usage.total.units.iter().map(unit).collect::<Result<_, _>>()?;
        Ok(Side { cohort: cohort.clone(), units, account: usage.account().clone() })
    }
}

/// Compares two cohorts from one version and one watermark. A direction has no statistic that could be averaged over units.
pub fn compare(snapshot: &Snapshot, view: &View, question: &ComparisonQuestion) -> Result<Comparison, Error> {
    if question.left.is(&question.right) {
        return Err(Error::SameCohort(question.left.item.clone()));
    }
    if !question.statistic.is_of_samples() {
        return Err(Error::OfLives(question.statistic.to_string()));
    }
    question.resampling.check()?;
    let (left, right) = usages(snapshot, view, question)?;
    if left.total.mean().is_err() {
        let (property, statistic) = (question.property.clone(), refused(question.statistic));
        return Err(twins::Error::Circular { property, statistic }.into());
    }
    let compared = Compared {
        property: question.property.clone(),
        statistic: question.statistic,
        transform: question.transform,
        unit: left.unit.clone().or_else(|| right.unit.clone()),
        commit: left.commit,
        watermark: left.watermark,
    };
    let (left, right) = (question.side(&question.left, &left)?, question.side(&question.right, &right)?);
    Comparison::of(compared, left, right, question.resampling, question.sufficiency)
}

/// Answers for both sides, in one unit.
fn usages(snapshot: &Snapshot, view: &View, question: &ComparisonQuestion) -> Result<(Usage, Usage), Error> {
    let sides = [&question.left, &question.right].map(|cohort| question.of(cohort, question.unit.clone()));
    let mut usages = twins::answer_all(sides, snapshot, view)?.into_iter();
    let (left, mut right) = usages.next().zip(usages.next()).expect("two questions have two answers");
    if left.unit.is_some() && right.unit.is_some() && left.unit != right.unit {
        right = question.of(&question.right, left.unit.clone()).answer(snapshot, view)?;
    }
    Ok((left, right))
}

const fn refused(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Min => "mean minimum over units",
        Statistic::Max => "mean maximum over units",
        Statistic::Mean => "mean",
        Statistic::Percentile(_) => "percentile",
        Statistic::Life(_) | Statistic::Reliability => "life",
        Statistic::Duty => "duty",
    }
}
