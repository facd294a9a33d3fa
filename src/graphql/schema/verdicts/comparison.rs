//! `Comparison`: two cohorts side by side, the difference between them and how sure it is.

use crate::app::Scope;
use crate::feedback::{
    self, Cohort, Comparison, ComparisonQuestion, ComparisonVerdict, Shortfall, Side, Statistic, Sufficiency,
    UnitStatistic,
};
use crate::graph::Snapshot;
use crate::graphql::engine::types::arguments::{missing, wrong};
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, input, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::account::AccountValue;
use crate::graphql::schema::shared::node::{self, Node, find_iri};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::UnitValue;
use crate::graphql::schema::usage::question;
use crate::model::number::quantity::Transform;
use crate::model::time::interval::Interval;
use crate::ontology::Ontology;
use crate::statistics::difference::{ConfidenceInterval, Resampling};
use async_graphql::{Name, Value as Input};
use std::sync::Arc;

const COMPARE: &str = "Whether a statistic is lower or higher in one cohort than in another, by how much, and how sure that is.";

/// A comparison at one version.
struct ComparisonValue {
    scope: Arc<Scope>,
    comparison: Arc<Comparison>,
}

struct SideValue {
    scope: Arc<Scope>,
    comparison: Arc<Comparison>,
    is_right: bool,
}

#[derive(Clone)]
struct UnitValueOf {
    scope: Arc<Scope>,
    unit: UnitStatistic,
}

struct IntervalValue {
    interval: ConfidenceInterval,
    resampling: Resampling,
}

/// Adds `compare` to `Thread`.
pub(crate) fn extend_thread(builder: ObjectBuilder<Arc<Scope>>) -> ObjectBuilder<Arc<Scope>> {
    builder.field_with("compare", "Comparison", COMPARE, arguments(), |scope, call| {
        let question = read(scope, call.arguments)?;
        Ok(value(scope, feedback::compare(&scope.snapshot, &scope.view, &question)?))
    })
}

/// Wraps a comparison that was made at a version.
pub(crate) fn value(scope: &Arc<Scope>, comparison: Comparison) -> Value {
    Value::object(ComparisonValue { scope: Arc::clone(scope), comparison: Arc::new(comparison) })
}

/// How many resamples cost as much as a node.
const RESAMPLES_OF_A_NODE: u64 = 100;

fn arguments() -> Vec<InputField> {
    let default = Resampling::default();
    let mut arguments = vec![
        InputField::new("property", "ID!", "What is observed."),
        InputField::new("left", "CohortInput!", "The cohort that is compared with."),
        InputField::new("right", "CohortInput!", "The cohort that is compared."),
        InputField::new("window", "WindowInput", "The stretch of time of a cohort that has none of its own."),
        InputField::new("statistic", "Statistic!", "The statistic of each unit.")
            .default(Input::Enum(Name::new("MEAN"))),
        InputField::new("unit", "ID", "The unit of the answer; that of the first signal where absent."),
        InputField::new("confidence", "Float!", "How sure the interval is, between 0 and 1.")
            .default(default.confidence),
        InputField::new(
            "resamples",
            "Int!",
            "How many arrangements of the units are examined where there are more, from 1000 to 100000.",
        )
        .default(default.resamples as i64)
        .weighing(RESAMPLES_OF_A_NODE, None),
        InputField::new(
            "unitsMin",
            "Int",
            "How many units each side must have for a verdict, 2 or more; by default as in the settings of the thread.",
        ),
        InputField::new(
            "unitShare",
            "Float",
            "The share of the units in service that must count on each side for a verdict, from 0 to 1; by default as in the settings of the thread.",
        ),
        InputField::new("seed", "Long!", "The same seed gives the same interval.")
            .default(default.seed as i64),
    ];
    arguments.extend(question::reading());
    arguments
}

fn read(scope: &Scope, given: &Arguments) -> Result<ComparisonQuestion, Error> {
    let snapshot = &scope.snapshot;
    let window = given.window("window")?;
    let side = |name: &str| cohort(snapshot, &given.object(name)?.ok_or_else(|| missing(name))?, window);
    let property = find_iri(snapshot, &given.needed_text("property")?)?;
    let statistic = Statistic::named(&given.needed_text("statistic")?);
    let resamples = given.integer("resamples")?.unwrap_or_default();
    let units_min = match given.integer("unitsMin")? {
        Some(least) => usize::try_from(least).ok().filter(|least| *least > 1),
        None => Some(scope.sufficiency.units_min),
    };
    let units_min = units_min.ok_or_else(|| wrong("unitsMin", "2 or more"))?;
    let units_share_min = given.number("unitShare")?.unwrap_or(scope.sufficiency.units_share_min);
    let sufficiency = Sufficiency { units_min, units_share_min, ..scope.sufficiency };
    let sufficiency = sufficiency.checked().map_err(Error::bad_input)?;
    Ok(ComparisonQuestion {
        statistic: statistic.ok_or_else(|| wrong("statistic", "a Statistic"))?,
        transform: question::transform(given)?,
        weight: question::weight(given)?,
        unit: question::unit(snapshot, given)?,
        conditions: question::conditions(snapshot, given)?,
        resampling: Resampling {
            confidence: given.number("confidence")?.ok_or_else(|| missing("confidence"))?,
            resamples: usize::try_from(resamples).unwrap_or_default(),
            seed: given.integer("seed")?.unwrap_or_default().cast_unsigned(),
        },
        sufficiency,
        ..ComparisonQuestion::new(property, side("left")?, side("right")?)
    })
}

pub(super) fn cohort(
    snapshot: &Snapshot,
    given: &Arguments,
    window: Option<Interval>,
) -> Result<Cohort, Error> {
    let item = find_iri(snapshot, &given.needed_text("item")?)?;
    let none = || Error::bad_input("a cohort without a window needs the window of the comparison");
    let window = given.window("window")?.or(window).ok_or_else(none)?;
    Ok(Cohort { item, among: question::among(snapshot, given)?, window })
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let builder = object::<ComparisonValue>("Comparison", "Two cohorts side by side.");
    let mut types = page::connection::<UnitValueOf>("UnitStatistic").to_vec();
    types.extend([
        input(
            "CohortInput",
            "The units of an item, all or some, in a stretch of time.",
            vec![
                InputField::new("item", "ID!", "A Part, DesignRevision, Build or TwinInstance."),
                question::among_argument(),
                InputField::new("window", "WindowInput", "Its own stretch of time."),
            ],
        ),
        figures(subjects(builder)).done(),
        side(ontology),
        unit_statistic(),
        interval(),
        verdicts(),
    ]);
    types
}

fn subjects(builder: ObjectBuilder<ComparisonValue>) -> ObjectBuilder<ComparisonValue> {
    let side = |is_right: bool| {
        move |of: &ComparisonValue, _: &Call<'_>| {
            let (scope, comparison) = (Arc::clone(&of.scope), Arc::clone(&of.comparison));
            Ok(Value::object(SideValue { scope, comparison, is_right }))
        }
    };
    builder
        .field("property", "Property!", "What is observed.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.comparison.compared.property.clone())))
        })
        .field("statistic", "Statistic!", "The statistic of each unit.", |of, _| {
            Ok(of.comparison.compared.statistic.to_string().into())
        })
        .field("transform", "Transform!", "What is done to each value first.", |of, _| {
            let is_absolute = of.comparison.compared.transform == Transform::Abs;
            Ok(Value::Name(if is_absolute { "ABS" } else { "NONE" }))
        })
        .field(
            "unit",
            "Unit",
            "The unit of all values. The difference is one of values in it, and converts into other units without their offset.",
            |of, _| {
                let unit = of.comparison.compared.unit.as_ref();
                Ok(unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
            },
        )
        .field("left", "Cohort!", "The cohort that is compared with.", side(false))
        .field("right", "Cohort!", "The cohort that is compared.", side(true))
        .field(
            "pairedUnitCount",
            "Int!",
            "The units that count on both sides: each is compared with itself.",
            |of, _| Ok(of.comparison.paired_units.into()),
        )
}

fn figures(builder: ObjectBuilder<ComparisonValue>) -> ObjectBuilder<ComparisonValue> {
    builder
        .field(
            "verdict",
            "ComparisonVerdict!",
            "How the right side compares with the left; UNKNOWN where a side is too small or too little of it was observed.",
            |of, _| Ok(verdict(of.comparison.verdict)),
        )
        .field(
            "difference",
            "Float",
            "The mean over the units of the right less that of the left.",
            |of, _| Ok(of.comparison.difference.into()),
        )
        .field(
            "interval",
            "ConfidenceInterval",
            "Where the true difference probably lies, with units as the sample: Welch's interval, widened until the studentised permutation test agrees; absent with UNKNOWN.",
            |of, _| {
                let resampling = of.comparison.resampling;
                let wrap = |interval| Value::object(IntervalValue { interval, resampling });
                Ok(of.comparison.interval.map_or(Value::Null, wrap))
            },
        )
        .field(
            "shortfall",
            "String",
            "Why there is no interval although each side has sufficient units.",
            |of, _| Ok(of.comparison.too_few_units.map(|too_few| too_few.to_string()).into()),
        )
        .field(
            "resolution",
            "Float!",
            "How far percentiles that are not exact may have moved the difference; 0 for all other statistics.",
            |of, _| Ok(of.comparison.resolution.into()),
        )
        .field(
            "hedgesG",
            "Float",
            "Hedges' g: the difference in pooled standard deviations of the units, where all are on both sides in those of their own differences, corrected for few units.",
            |of, _| Ok(of.comparison.hedges_g.into()),
        )
        .field(
            "cliffsDelta",
            "Float",
            "Cliff's delta: how much more often a unit of the right lies above one of the left than below, from -1 to 1.",
            |of, _| Ok(of.comparison.cliffs_delta.into()),
        )
}

impl SideValue {
    fn side(&self) -> &Side {
        if self.is_right { &self.comparison.right } else { &self.comparison.left }
    }

    fn shortfall(&self) -> Option<Shortfall> {
        let (left, right) = self.comparison.shortfalls;
        if self.is_right { right } else { left }
    }
}

fn side(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    let builder = object::<SideValue>("Cohort", "One side of a comparison.")
        .field("item", "Record!", "What its units carry or are.", move |of, _| {
            node::typed(&of.scope, of.side().cohort.item.clone(), &known)
        })
        .field("from", "DateTime!", "The first instant of its window.", |of, _| {
            Ok(of.side().cohort.window.from().to_string().into())
        })
        .field("to", "DateTime!", "The first instant after its window.", |of, _| {
            Ok(of.side().cohort.window.to().to_string().into())
        })
        .field("unitCount", "Int!", "How many units certainly were in service.", |of, _| {
            Ok(of.side().units.len().into())
        })
        .field(
            "countedUnitCount",
            "Int!",
            "How many of the units in service were observed sufficiently to count.",
            |of, _| Ok(of.side().counted_units().into()),
        )
        .field("shortfall", "String", "Why nothing can be concluded, where that is so.", |of, _| {
            Ok(of.shortfall().map(|shortfall| shortfall.to_string()).into())
        });
    statistics(builder).done()
}

fn statistics(builder: ObjectBuilder<SideValue>) -> ObjectBuilder<SideValue> {
    builder
        .field("hours", "Float!", "The hours that the samples cover.", |of, _| {
            Ok(of.side().account.observed_hours.into())
        })
        .field("mean", "Float", "The mean of the statistic over the units that count.", |of, _| {
            Ok(of.side().mean().into())
        })
        .field("median", "Float", "The median of the statistic over the units that count.", |of, _| {
            Ok(of.side().median().into())
        })
        .field(
            "stddev",
            "Float",
            "The standard deviation of the statistic over the units that count, as of a sample.",
            |of, _| Ok(of.side().deviation().into()),
        )
        .field_with(
            "units",
            "UnitStatisticConnection!",
            "Each unit by itself, in IRI order.",
            page::arguments(),
            |of, call| {
                let wrap =
                    |unit: &UnitStatistic| UnitValueOf { scope: Arc::clone(&of.scope), unit: unit.clone() };
                page::listed(&of.side().units, call.arguments, wrap)
            },
        )
        .field("account", "Account!", "What was not observed.", |of, _| {
            Ok(Value::object(AccountValue {
                scope: Arc::clone(&of.scope),
                account: of.side().account.clone(),
            }))
        })
}

fn unit_statistic() -> Definition {
    object::<UnitValueOf>("UnitStatistic", "What one unit brings to a comparison.")
        .field("unit", "TwinInstance!", "The unit.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.unit.twin.clone())))
        })
        .field("serial", "String", "Its identifier.", |of, _| Ok(of.unit.serial.clone().into()))
        .field("value", "Float", "The statistic of its own samples.", |of, _| Ok(of.unit.value.into()))
        .field("hours", "Float!", "The hours that they cover.", |of, _| Ok(of.unit.observed_hours.into()))
        .field("counts", "Boolean!", "Whether enough of it was observed, so that it counts.", |of, _| {
            Ok(of.unit.counts.into())
        })
        .done()
}

fn interval() -> Definition {
    object::<IntervalValue>("ConfidenceInterval", "Where the true difference probably lies.")
        .field("low", "Float!", "The lower end.", |of, _| Ok(of.interval.low.into()))
        .field("high", "Float!", "The upper end.", |of, _| Ok(of.interval.high.into()))
        .field(
            "shareBelowZero",
            "Float!",
            "How sure it is that the true difference lies below zero: of the other arrangements of the units over the sides, the share whose difference lies above the one observed, those alike counted half.",
            |of, _| Ok(of.interval.share_below_zero.into()),
        )
        .field("confidence", "Float!", "How sure it is.", |of, _| Ok(of.resampling.confidence.into()))
        .field("resamples", "Int!", "How many arrangements of the units were examined at the most.", |of, _| Ok(of.resampling.resamples.into()))
        .field("seed", "Long!", "Where the random numbers began.", |of, _| {
            Ok(of.resampling.seed.cast_signed().into())
        })
        .done()
}

fn verdicts() -> Definition {
    enumeration(
        "ComparisonVerdict",
        "How the right side of a comparison compares with the left.",
        &[
            ("LOWER", "The whole interval lies below zero, by more than the resolution."),
            ("HIGHER", "The whole interval lies above zero, by more than the resolution."),
            ("NO_DIFFERENCE", "The interval includes zero: no difference is shown."),
            (
                "UNKNOWN",
                "A side is too small, too little of it was observed, or so few units show nothing at the confidence.",
            ),
        ],
    )
}

fn verdict(verdict: ComparisonVerdict) -> Value {
    Value::Name(match verdict {
        ComparisonVerdict::Lower => "LOWER",
        ComparisonVerdict::Higher => "HIGHER",
        ComparisonVerdict::NoDifference => "NO_DIFFERENCE",
        ComparisonVerdict::Unknown => "UNKNOWN",
    })
}
