//! `FailureRecurrence`: how often units that are repaired fail again.

use crate::graphql::engine::Value;
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::object;
use crate::graphql::schema::shared::page;
use crate::statistics::recurrence::History;
use crate::statistics::recurrence::mean_cumulative::{Step, mean_cumulative};
use crate::statistics::recurrence::power_law::{PowerLaw, constant_rate};
use crate::statistics::recurrence::trend::{Trend, laplace};

struct RecurrenceValue {
    histories: Vec<History>,
    confidence: f64,
}

/// Wraps the histories of units.
pub(super) fn value(histories: Vec<History>, confidence: f64) -> Value {
    Value::object(RecurrenceValue { histories, confidence })
}

pub(super) fn types() -> Vec<Definition> {
    let mut types = page::connection::<Step>("MeanCumulativeStep").to_vec();
    types.extend([recurrence(), step(), power_law(), trend()]);
    types
}

fn recurrence() -> Definition {
    object::<RecurrenceValue>("FailureRecurrence", "How often units that are repaired fail again.")
        .field("failureCount", "Int!", "How many failures there are.", |of, _| {
            Ok(of.histories.iter().map(|one| one.failures.len()).sum::<usize>().into())
        })
        .field("rate", "LifeLimits", "The failures in a unit of age, with the exact limits of a constant rate; absent where nothing was watched.", |of, _| {
            let rate = constant_rate(&of.histories, of.confidence).ok().filter(|_| !of.histories.is_empty());
            Ok(rate.map_or(Value::Null, Value::object))
        })
        .field_with(
            "meanCumulative",
            "MeanCumulativeStepConnection!",
            "The mean number of failures of a unit up to each age at which one failed (Nelson 2003).",
            page::arguments(),
            |of, call| {
                let steps = mean_cumulative(&of.histories, of.confidence).unwrap_or_default();
                page::listed(&steps, call.arguments, |step| *step)
            },
        )
        .field("powerLaw", "PowerLaw", "The power law of Crow and AMSAA; absent for fewer than two failures.", |of, _| {
            Ok(PowerLaw::fit(&of.histories, of.confidence).map_or(Value::Null, Value::object))
        })
        .field("trend", "FailureTrend", "Whether failures come more often with age (Laplace); absent where nothing failed.", |of, _| {
            Ok(laplace(&of.histories).map_or(Value::Null, Value::object))
        })
        .done()
}

fn step() -> Definition {
    object::<Step>("MeanCumulativeStep", "A step of the mean cumulative function.")
        .field("age", "Float!", "The age.", |of, _| Ok(of.age.into()))
        .field("atRisk", "Int!", "How many units were watched at it.", |of, _| Ok(of.at_risk.into()))
        .field("failed", "Int!", "How many failures came at it.", |of, _| Ok(of.failed.into()))
        .field("mean", "Float!", "The mean number of failures of a unit up to it.", |of, _| {
            Ok(of.mean.into())
        })
        .field("low", "Float!", "The lower confidence limit of the mean.", |of, _| Ok(of.low.into()))
        .field("high", "Float!", "The upper confidence limit of the mean.", |of, _| Ok(of.high.into()))
        .done()
}

fn power_law() -> Definition {
    object::<PowerLaw>("PowerLaw", "A power law: rate · age^growth failures of a unit up to an age.")
        .field(
            "growth",
            "LifeLimits!",
            "β: above 1 failures come more often with age, below 1 less often.",
            |of, _| Ok(Value::object(of.growth)),
        )
        .field("rate", "Float!", "λ, the factor of the law.", |of, _| Ok(of.rate.into()))
        .done()
}

fn trend() -> Definition {
    object::<Trend>("FailureTrend", "The test of Laplace for a trend.")
        .field(
            "statistic",
            "Float!",
            "Above 0 where failures come more often with age; standard normal where there is no trend.",
            |of, _| Ok(of.statistic.into()),
        )
        .field(
            "p",
            "Float!",
            "The probability of a statistic as far from 0 or farther if there is no trend.",
            |of, _| Ok(of.p.into()),
        )
        .done()
}
