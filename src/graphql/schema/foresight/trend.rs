//! `trendToLimit` of an item: where a statistic of each unit is heading, and when it reaches a limit.

use crate::app::Scope;
use crate::feedback::{self, Statistic, TrendOutcome, TrendQuestion, Trends, UnitTrend};
use crate::graphql::engine::types::arguments::{missing, wrong};
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::UnitValue;
use crate::graphql::schema::usage::question;
use crate::statistics::trend::crossing::Limit;
use crate::statistics::trend::slope::Bootstrap;
use crate::twins::Question;
use async_graphql::{Name, Value as Input};
use std::sync::Arc;

struct TrendsValue {
    scope: Arc<Scope>,
    trends: Arc<Trends>,
}

#[derive(Clone)]
struct TrendValue {
    scope: Arc<Scope>,
    trend: UnitTrend,
}

/// More resamples are refused: each is a line through all points.
const RESAMPLES_MAX: i64 = 10_000;

/// Returns the arguments of `trendToLimit`.
pub(crate) fn arguments() -> Vec<InputField> {
    let mut arguments = vec![
        InputField::new("property", "ID!", "What is observed."),
        crate::graphql::schema::shared::window::window(),
        question::among_argument(),
        InputField::new("statistic", "Statistic!", "The statistic of each bucket.")
            .default(Input::Enum(Name::new("MEAN"))),
        InputField::new("limit", "Float!", "The limit, in the unit of the answer."),
        InputField::new(
            "keepAbove",
            "Boolean!",
            "Whether values below the limit break it; else those above.",
        )
        .default(false),
        InputField::new("unit", "ID", "The unit of the answer; that of the first signal where absent."),
    ];
    arguments.extend(line_arguments());
    arguments.extend(question::reading().into_iter().filter(|argument| argument.name != "weight"));
    arguments
}

/// Returns the arguments of lines through buckets, and of their intervals.
pub(super) fn line_arguments() -> Vec<InputField> {
    let default = Bootstrap::default();
    vec![
        InputField::new("bucket", "Duration!", "Each stretch of this length is a point.").default("P1D"),
        InputField::new("zone", "String!", "The time zone in which days and months begin.").default("UTC"),
        InputField::new("confidence", "Float!", "How sure intervals are, between 0 and 1.").default(0.95),
        InputField::new(
            "resamples",
            "Int!",
            "How many lines are drawn for the intervals, from 100 to 10000.",
        )
        .default(default.resamples as i64),
        InputField::new("seed", "Long!", "The same seed gives the same intervals.")
            .default(default.seed as i64),
    ]
}

/// Reads how sure intervals are, and how they are found.
pub(super) fn intervals(given: &Arguments) -> Result<(f64, Bootstrap), Error> {
    let confidence = given.number("confidence")?.filter(|confidence| *confidence > 0.0 && *confidence < 1.0);
    let resamples = given.integer("resamples")?.filter(|resamples| (100..=RESAMPLES_MAX).contains(resamples));
    let bootstrap = Bootstrap {
        resamples: resamples
            .and_then(|resamples| usize::try_from(resamples).ok())
            .ok_or_else(|| wrong("resamples", "a number from 100 to 10000"))?,
        seed: given.integer("seed")?.unwrap_or_default().cast_unsigned(),
    };
    Ok((confidence.ok_or_else(|| wrong("confidence", "a number between 0 and 1, such as 0.95"))?, bootstrap))
}

/// Resolves `trendToLimit` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let property = find_iri(snapshot, &given.needed_text("property")?)?;
    let window = given.window("window")?.ok_or_else(|| missing("window"))?;
    let (confidence, bootstrap) = intervals(given)?;
    let limit =
        given.number("limit")?.filter(|limit| limit.is_finite()).ok_or_else(|| wrong("limit", "a number"))?;
    let statistic = Statistic::named(&given.needed_text("statistic")?);
    let mut usage = Question::new(node.iri.clone(), property, window);
    usage.bucket = given.period("bucket")?;
    usage.zone = given.needed_text("zone")?.parse()?;
    usage.unit = question::unit(snapshot, given)?;
    usage.transform = question::transform(given)?;
    usage.conditions = question::conditions(snapshot, given)?;
    usage.among = question::among(snapshot, given)?;
    let statistic = statistic.ok_or_else(|| wrong("statistic", "a Statistic"))?;
    usage.quantiles = matches!(statistic, Statistic::Percentile(_));
    let question = TrendQuestion {
        usage,
        statistic,
        limit: if given.flag("keepAbove")?.unwrap_or(false) {
            Limit::Below(limit)
        } else {
            Limit::Above(limit)
        },
        confidence,
        bootstrap,
        sufficiency: node.scope.sufficiency,
    };
    let trends = Arc::new(feedback::trends(snapshot, &node.scope.view, &question)?);
    Ok(Value::object(TrendsValue { scope: Arc::clone(&node.scope), trends }))
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<TrendValue>("UnitTrend").to_vec();
    types.extend([trends(), trend(), outcome()]);
    types
}

fn trends() -> Definition {
    object::<TrendsValue>(
        "TrendToLimit",
        "Where a statistic of units in service is heading, each within its present stay.",
    )
    .field("unit", "Unit", "The unit of values.", |of, _| {
        let unit = of.trends.unit.as_ref();
        Ok(unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
    })
    .field("unitCount", "Int!", "How many units are in service at the end of the window.", |of, _| {
        Ok(of.trends.units.len().into())
    })
    .field_with(
        "reachingCount",
        "Int!",
        "How many are expected to have reached the limit by an instant.",
        vec![InputField::new("by", "DateTime!", "The instant.")],
        |of, call| {
            let by = call.arguments.instant("by")?.ok_or_else(|| missing("by"))?;
            let reaches = |unit: &&UnitTrend| unit.reaches().is_some_and(|at| at <= by);
            Ok(of.trends.units.iter().filter(reaches).count().into())
        },
    )
    .field_with(
        "reaching",
        "UnitTrendConnection!",
        "The units that are expected to have reached the limit by an instant, the first to reach it before the others.",
        reaching_arguments(),
        |of, call| {
            let by = call.arguments.instant("by")?.ok_or_else(|| missing("by"))?;
            let possibly = call.arguments.flag("possibly")?.unwrap_or(false);
            let at = |unit: &UnitTrend| if possibly { unit.earliest() } else { unit.reaches() };
            let units = of.trends.units.iter().filter(|unit| at(unit).is_some_and(|at| at <= by));
            of.page(&units.collect::<Vec<_>>(), call)
        },
    )
    .field_with(
        "units",
        "UnitTrendConnection!",
        "Each unit by itself, the first to reach the limit before the others.",
        page::arguments(),
        |of, call| of.page(&of.trends.units.iter().collect::<Vec<_>>(), call),
    )
    .done()
}

impl TrendsValue {
    fn page(&self, units: &[&UnitTrend], call: &Call<'_>) -> Result<Value, Error> {
        page::listed(units, call.arguments, |trend| TrendValue {
            scope: Arc::clone(&self.scope),
            trend: (*trend).clone(),
        })
    }
}

fn reaching_arguments() -> Vec<InputField> {
    let mut arguments = vec![
        InputField::new("by", "DateTime!", "The instant."),
        InputField::new(
            "possibly",
            "Boolean!",
            "Whether units of which the earlier end of the interval lies before it are taken too.",
        )
        .default(false),
    ];
    arguments.extend(page::arguments());
    arguments
}

fn outcome() -> Definition {
    let values = TrendOutcome::ALL.map(|(_, name, comment)| (name, comment));
    enumeration("TrendOutcome", "What becomes of a statistic of a unit.", &values)
}

fn trend() -> Definition {
    let builder = object::<TrendValue>("UnitTrend", "Where a statistic of one unit is heading: a line by Theil and Sen, and intervals by a block bootstrap.")
        .field("unit", "TwinInstance!", "The unit.", |of, _| Ok(Value::object(Node::new(&of.scope, of.trend.twin.clone()))))
        .field("serial", "String", "Its identifier; absent where nothing of it was observed.", |of, _| Ok(of.trend.serial.clone().into()))
        .field("from", "DateTime!", "When its present stay began, or the window.", |of, _| Ok(of.trend.from.to_string().into()))
        .field("pointCount", "Int!", "How many buckets were observed enough.", |of, _| Ok(of.trend.points.into()))
        .field("last", "Float", "The statistic of the last of them.", |of, _| Ok(of.trend.last.into()))
        .field("outcome", "TrendOutcome!", "What becomes of the statistic.", |of, _| Ok(Value::Name(of.trend.outcome().name())))
        .field("shortfall", "String", "Why there is no trend: how many buckets there are, and how many would be enough.", |of, _| {
            Ok(of.trend.shortfall().map(|shortfall| shortfall.to_string()).into())
        });
    builder
        .field("slopePerDay", "Float", "How much the statistic goes up in a day.", |of, _| {
            Ok(of.trend.crossing.map(|crossing| 24.0 * crossing.line.slope).into())
        })
        .field("slopeLow", "Float", "The lower end of the interval of that.", |of, _| {
            Ok(of.trend.crossing.map(|crossing| 24.0 * crossing.slope_low).into())
        })
        .field("slopeHigh", "Float", "The upper end of the interval of that.", |of, _| {
            Ok(of.trend.crossing.map(|crossing| 24.0 * crossing.slope_high).into())
        })
        .field(
            "reaches",
            "DateTime",
            "When the line reaches the limit; absent where it leads away from it.",
            |of, _| Ok(of.trend.reaches().map(|at| at.to_string()).into()),
        )
        .field(
            "earliest",
            "DateTime",
            "The earlier end of the interval of that; absent where hardly any line reaches it.",
            |of, _| Ok(of.trend.earliest().map(|at| at.to_string()).into()),
        )
        .field(
            "latest",
            "DateTime",
            "The later end of the interval; absent where the limit may never be reached.",
            |of, _| Ok(of.trend.latest().map(|at| at.to_string()).into()),
        )
        .field("reachingShare", "Float", "The share of the lines that reach the limit at all.", |of, _| {
            Ok(of.trend.crossing.map(|crossing| crossing.share).into())
        })
        .done()
}
