//! `predictRemaining` of an item: the life that is left to each of its units in service.

use crate::app::Scope;
use crate::feedback::{self, RemainingLives, RemainingQuestion, UnitRemaining};
use crate::graphql::engine::types::arguments::{missing, wrong};
use crate::graphql::engine::types::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::usage::question;
use oxigraph::model::NamedNode;
use std::sync::Arc;

struct LivesValue {
    scope: Arc<Scope>,
    lives: RemainingLives,
}

#[derive(Clone)]
struct UnitValue {
    scope: Arc<Scope>,
    unit: UnitRemaining,
}

/// More properties are refused: each is a question of its own.
const PROPERTIES_MAX: usize = 50;

/// Returns the arguments of `predictRemaining`.
pub(crate) fn arguments() -> Vec<InputField> {
    vec![
        InputField::new("properties", "[ID!]!", "What wear shows in, 50 at the most."),
        crate::graphql::schema::shared::window::window(),
        question::among_argument(),
        InputField::new("bucket", "Duration!", "The means of each stretch of this length are compared.")
            .default("P1D"),
        InputField::new("zone", "String!", "The time zone in which days and months begin.").default("UTC"),
        InputField::new("while", "[ConditionInput!]", "Only samples while all of these hold count."),
        InputField::new(
            "failureModes",
            "[ID!]",
            "Only failures of these modes end a life; all where absent.",
        ),
        InputField::new(
            "cap",
            "Float",
            "The hours beyond which what is left does not show; six tenths of the median life of those that failed where absent.",
        ),
        InputField::new("confidence", "Float!", "How sure intervals are, between 0 and 1.").default(0.9),
        InputField::new("seed", "Long!", "The same seed measures the error at the same ages.").default(1_i64),
    ]
}

/// Resolves `predictRemaining` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let iris = |name: &str| -> Result<Vec<NamedNode>, Error> {
        let ids = given.texts(name)?.unwrap_or_default();
        ids.iter().map(|id| find_iri(snapshot, id)).collect()
    };
    let properties = iris("properties")?;
    if properties.is_empty() || properties.len() > PROPERTIES_MAX {
        return Err(wrong("properties", "a list of 1 to 50 properties"));
    }
    let confidence = given.number("confidence")?.filter(|confidence| *confidence > 0.0 && *confidence < 1.0);
    let cap = given.number("cap")?;
    if cap.is_some_and(|cap| cap <= 0.0 || !cap.is_finite()) {
        return Err(wrong("cap", "a number above 0"));
    }
    let question = RemainingQuestion {
        item: node.iri.clone(),
        properties,
        window: given.window("window")?.ok_or_else(|| missing("window"))?,
        bucket: given.period("bucket")?.ok_or_else(|| missing("bucket"))?,
        zone: given.needed_text("zone")?.parse()?,
        among: question::among(snapshot, given)?,
        conditions: question::conditions(snapshot, given)?,
        modes: iris("failureModes")?,
        confidence: confidence.ok_or_else(|| wrong("confidence", "a number between 0 and 1, such as 0.9"))?,
        cap,
        seed: given.integer("seed")?.unwrap_or_default().cast_unsigned(),
        sufficiency: node.scope.sufficiency,
    };
    let lives = feedback::remaining_lives(snapshot, &node.scope.view, &question)?;
    Ok(Value::object(LivesValue { scope: Arc::clone(&node.scope), lives }))
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<UnitValue>("UnitRemaining").to_vec();
    types.extend([lives(), unit()]);
    types
}

fn lives() -> Definition {
    object::<LivesValue>(
        "RemainingLives",
        "The life that is left to units in service, by units that failed and looked like them.",
    )
    .field("failedCount", "Int!", "How many units that failed were learnt from.", |of, _| {
        Ok(of.lives.failed.into())
    })
    .field("unitCount", "Int!", "How many units are in service at the end of the window.", |of, _| {
        Ok(of.lives.units.len().into())
    })
    .field("cap", "Float", "The hours beyond which what is left does not show.", |of, _| {
        Ok(of.lives.cap.into())
    })
    .field(
        "shortfall",
        "String",
        "Why nothing can be predicted: how many units failed, and how many would be enough.",
        |of, _| Ok(of.lives.shortfall().into()),
    )
    .field(
        "trialCount",
        "Int!",
        "How often the error was measured: units that failed, left out and cut at five ages each.",
        |of, _| Ok(of.lives.trials.len().into()),
    )
    .field_with(
        "error",
        "Float",
        "The root mean square error of these in hours.",
        vec![InputField::new("leftAtMost", "Float", "Only where no more than so many hours were left.")],
        |of, call| Ok(of.lives.error(call.arguments.number("leftAtMost")?.unwrap_or(f64::INFINITY)).into()),
    )
    .field_with(
        "units",
        "UnitRemainingConnection!",
        "Each unit by itself, the first to fail before the others.",
        page::arguments(),
        |of, call| {
            page::listed(&of.lives.units, call.arguments, |unit| UnitValue {
                scope: Arc::clone(&of.scope),
                unit: unit.clone(),
            })
        },
    )
    .done()
}

fn unit() -> Definition {
    object::<UnitValue>("UnitRemaining", "The life that is left to one unit.")
        .field("unit", "TwinInstance!", "The unit.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.unit.twin.clone())))
        })
        .field("serial", "String", "Its identifier; absent where nothing of it was observed.", |of, _| {
            Ok(of.unit.serial.clone().into())
        })
        .field("until", "DateTime", "The end of its last bucket: what is left counts from there.", |of, _| {
            Ok(of.unit.until.map(|at| at.to_string()).into())
        })
        .field("age", "Float", "Its age there, in hours of service.", |of, _| Ok(of.unit.age.into()))
        .field("pointCount", "Int!", "How many buckets count.", |of, _| Ok(of.unit.points.into()))
        .field(
            "remaining",
            "Float",
            "The hours that are left; absent where fewer than 5 buckets count, or nothing can be predicted.",
            |of, _| Ok(of.unit.remaining.map(|remaining| remaining.estimate).into()),
        )
        .field("low", "Float", "It is no less.", |of, _| {
            Ok(of.unit.remaining.map(|remaining| remaining.low).into())
        })
        .field("high", "Float", "It is no more.", |of, _| {
            Ok(of.unit.remaining.map(|remaining| remaining.high).into())
        })
        .field(
            "healthIndex",
            "Float",
            "What is left as its last buckets by themselves show it, at most about the cap.",
            |of, _| Ok(of.unit.remaining.map(|remaining| remaining.index).into()),
        )
        .done()
}
