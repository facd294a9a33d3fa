//! `LifeComparison`: two cohorts compared by how long their units live.

use super::comparison::cohort;
use crate::app::Scope;
use crate::feedback::{self, LifeComparison, LifeComparisonQuestion, LifeVerdict};
use crate::graphql::engine::Value;
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::error::Error;
use crate::graphql::schema::usage::lifetime::{self, LifetimeValue};
use crate::statistics::survival::log_rank::LogRank;
use std::sync::Arc;

const COMPARE_LIFE: &str =
    "Whether units of one cohort live longer than those of another, by how much, and how sure that is.";

/// A comparison at one version.
struct ComparisonValue {
    scope: Arc<Scope>,
    of: LifeComparison,
    left: Arc<crate::twins::Lifetime>,
    right: Arc<crate::twins::Lifetime>,
}

/// Adds `compareLife` to `Thread`.
pub(crate) fn extend_thread(builder: ObjectBuilder<Arc<Scope>>) -> ObjectBuilder<Arc<Scope>> {
    let mut arguments = vec![
        InputField::new("left", "CohortInput!", "The cohort that is compared with."),
        InputField::new("right", "CohortInput!", "The cohort that is compared."),
        InputField::new("window", "WindowInput", "The stretch of time of a cohort that has none of its own."),
    ];
    arguments.extend(lifetime::life_arguments());
    builder.field_with("compareLife", "LifeComparison", COMPARE_LIFE, arguments, |scope, call| {
        let given = call.arguments;
        let window = given.window("window")?;
        let side = |name: &str| -> Result<_, Error> {
            cohort(&scope.snapshot, &given.object(name)?.ok_or_else(|| missing(name))?, window)
        };
        let (left, right) = (side("left")?, side("right")?);
        let lifetime = lifetime::read(&scope.snapshot, given, left.item.clone(), left.window)?;
        let question = LifeComparisonQuestion { left, right, lifetime };
        let of = feedback::compare_lives(&scope.snapshot, &scope.view, &question)?;
        let (left, right) = (Arc::clone(&of.left_lives), Arc::clone(&of.right_lives));
        Ok(Value::object(ComparisonValue { scope: Arc::clone(scope), of, left, right }))
    })
}

pub(crate) fn types() -> Vec<Definition> {
    vec![comparison(), log_rank(), verdicts()]
}

fn comparison() -> Definition {
    object::<ComparisonValue>("LifeComparison", "Two cohorts compared by how long their units live.")
        .field("verdict", "LifeVerdict!", "How long units of the right live, compared with those of the left.", |of, _| {
            Ok(Value::Name(match of.of.verdict {
                LifeVerdict::Longer => "LONGER",
                LifeVerdict::Shorter => "SHORTER",
                LifeVerdict::NoDifference => "NO_DIFFERENCE",
                LifeVerdict::Unknown => "UNKNOWN",
            }))
        })
        .field("shortfall", "String", "Why nothing can be concluded: how many failed, and how many would be enough.", |of, _| {
            Ok(of.of.shortfall.map(|shortfall| shortfall.to_string()).into())
        })
        .field(
            "ratio",
            "LifeLimits",
            "How many times as long units of the right live, at any share of failures; exact for a known shape, and the widest over the limits of a fitted one.",
            |of, _| Ok(of.of.ratio.map_or(Value::Null, Value::object)),
        )
        .field("shape", "LifeLimits", "The shape that both are taken to have: assumed, or fitted to the side with more failures.", |of, _| {
            Ok(of.of.shape.map_or(Value::Null, Value::object))
        })
        .field("logRank", "LogRankTest", "Whether both live equally long, without a distribution; absent where nothing can be compared.", |of, _| {
            Ok(of.of.log_rank.clone().map_or(Value::Null, Value::object))
        })
        .field("left", "Lifetime!", "The lives of the cohort that is compared with.", |of, _| {
            Ok(Value::object(LifetimeValue::whole(&of.scope, Arc::clone(&of.left))))
        })
        .field("right", "Lifetime!", "The lives of the cohort that is compared.", |of, _| {
            Ok(Value::object(LifetimeValue::whole(&of.scope, Arc::clone(&of.right))))
        })
        .done()
}

fn log_rank() -> Definition {
    object::<LogRank>("LogRankTest", "The log-rank test of whether groups live equally long.")
        .field(
            "statistic",
            "Float!",
            "The statistic, which has the χ² distribution if they do.",
            |of, _| Ok(of.statistic.into()),
        )
        .field("freedom", "Int!", "Its degrees of freedom.", |of, _| Ok(of.freedom.into()))
        .field("p", "Float!", "The probability of a statistic as great or greater if they do.", |of, _| {
            Ok(of.p.into())
        })
        .done()
}

fn verdicts() -> Definition {
    enumeration(
        "LifeVerdict",
        "How long units of the right live, compared with those of the left.",
        &[
            ("LONGER", "The whole interval of the ratio lies above 1."),
            ("SHORTER", "The whole interval of the ratio lies below 1."),
            ("NO_DIFFERENCE", "The interval of the ratio includes 1: no difference is shown."),
            ("UNKNOWN", "Too little failed or was watched; shortfall gives the reason."),
        ],
    )
}
