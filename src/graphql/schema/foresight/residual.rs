//! `residuals` of an item: a model of a design against what its units were observed to do.

use crate::app::Scope;
use crate::feedback::{self, Figures, ResidualPoint, ResidualQuestion, Residuals, UnitResiduals};
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::UnitValue;
use crate::graphql::schema::shared::window::window;
use crate::graphql::schema::usage::question;
use async_graphql::{Name, Value as Input};
use oxigraph::model::NamedNode;
use std::sync::Arc;

struct ResidualsValue {
    scope: Arc<Scope>,
    residuals: Residuals,
}

#[derive(Clone)]
struct UnitResidualsValue {
    scope: Arc<Scope>,
    unit: UnitResiduals,
}

/// Returns the arguments of `residuals`.
pub(crate) fn arguments() -> Vec<InputField> {
    vec![
        InputField::new(
            "model",
            "ID!",
            "The model, of this design or of another: the inputs are those of the units here.",
        ),
        window(),
        question::among_argument(),
        InputField::new(
            "bucket",
            "Duration!",
            "The means of the inputs in each stretch of this length are computed with.",
        )
        .default("PT1H"),
        InputField::new("zone", "String!", "The time zone in which days and months begin.").default("UTC"),
        InputField::new("while", "[ConditionInput!]", "Only samples while all of these hold count."),
    ]
}

/// Resolves `residuals` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let question = ResidualQuestion {
        item: node.iri.clone(),
        model: find_iri(snapshot, &given.needed_text("model")?)?,
        window: given.window("window")?.ok_or_else(|| missing("window"))?,
        bucket: given.period("bucket")?.ok_or_else(|| missing("bucket"))?,
        zone: given.needed_text("zone")?.parse()?,
        among: question::among(snapshot, given)?,
        conditions: question::conditions(snapshot, given)?,
    };
    let residuals = feedback::residuals(snapshot, &node.scope.view, &question)?;
    Ok(Value::object(ResidualsValue { scope: Arc::clone(&node.scope), residuals }))
}

/// The order of units by the distance of their mean residual from 0.
const FARTHEST: &str = "FARTHEST";

fn unit_arguments() -> Vec<InputField> {
    let order = InputField::new("order", "ResidualOrder!", "Which units come first.");
    let mut arguments = vec![order.default(Input::Enum(Name::new("UNIT")))];
    arguments.extend(page::arguments());
    arguments
}

/// Sorts units by the distance of their mean residual from 0, the farthest first and those without a residual last; those alike stay in IRI
/// order.
fn farthest_first(units: &mut Vec<&UnitResiduals>) {
    let distance = |unit: &UnitResiduals| {
        Figures::of(&unit.residuals()).map_or(f64::NEG_INFINITY, |figures| figures.mean.abs())
    };
    let mut placed: Vec<(f64, &UnitResiduals)> = units.iter().map(|unit| (distance(unit), *unit)).collect();
    placed.sort_by(|a, b| b.0.total_cmp(&a.0));
    units.clear();
    units.extend(placed.into_iter().map(|(_, unit)| unit));
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<UnitResidualsValue>("UnitResiduals").to_vec();
    types.extend(page::connection::<ResidualPoint>("ResidualPoint"));
    types.extend([residuals(), unit(), point(), figures()]);
    types.push(enumeration(
        "ResidualOrder",
        "Which units come first.",
        &[
            ("UNIT", "In the order of their IRIs."),
            (FARTHEST, "Those whose mean residual is farthest from 0; those without a residual last."),
        ],
    ));
    types
}

impl ResidualsValue {
    fn count(&self, of: impl Fn(&UnitResiduals) -> usize) -> Value {
        self.residuals.units.iter().map(of).sum::<usize>().into()
    }

    fn figures(&self, of: impl Fn(&UnitResiduals) -> Vec<f64>) -> Value {
        let values: Vec<f64> = self.residuals.units.iter().flat_map(of).collect();
        Figures::of(&values).map_or(Value::Null, Value::object)
    }
}

fn residuals() -> Definition {
    object::<ResidualsValue>("Residuals", "A model of a design against the field: observed less predicted.")
        .field("unit", "Unit!", "The unit of all values.", |of, _| {
            Ok(Value::object(UnitValue::read(&of.scope.snapshot, &of.residuals.model.unit)))
        })
        .field("uncertainty", "Float", "The standard uncertainty of the model, in that unit.", |of, _| {
            Ok(of.residuals.model.uncertainty.into())
        })
        .field("unitCount", "Int!", "How many units were observed.", |of, _| {
            Ok(of.residuals.units.len().into())
        })
        .field(
            "predictedBucketCount",
            "Int!",
            "How many buckets have a prediction, over all units.",
            |of, _| Ok(of.count(|unit| unit.points.len())),
        )
        .field(
            "unobservedBucketCount",
            "Int!",
            "How many of these have no samples of the output.",
            |of, _| Ok(of.count(|unit| unit.points.iter().filter(|point| point.observed.is_none()).count())),
        )
        .field(
            "missingInputBucketCount",
            "Int!",
            "How many buckets lack an input: nothing is predicted in them.",
            |of, _| Ok(of.count(|unit| unit.missing_inputs)),
        )
        .field(
            "outsideBucketCount",
            "Int!",
            "How many have an input outside the range in which the model is valid: nothing is extrapolated.",
            |of, _| Ok(of.count(|unit| unit.outside)),
        )
        .field(
            "undefinedBucketCount",
            "Int!",
            "In how many the expression has no value, such as a division by 0.",
            |of, _| Ok(of.count(|unit| unit.undefined)),
        )
        .field(
            "residual",
            "ResidualFigures",
            "Observed less predicted, over all buckets of all units.",
            |of, _| Ok(of.figures(UnitResiduals::residuals)),
        )
        .field(
            "predicted",
            "ResidualFigures",
            "What is predicted, over all buckets of all units.",
            |of, _| Ok(of.figures(UnitResiduals::predictions)),
        )
        .field_with(
            "units",
            "UnitResidualsConnection!",
            "Each unit by itself.",
            unit_arguments(),
            |of, call| {
                let mut units: Vec<&UnitResiduals> = of.residuals.units.iter().collect();
                if call.arguments.needed_text("order")? == FARTHEST {
                    farthest_first(&mut units);
                }
                page::listed(&units, call.arguments, |unit| UnitResidualsValue {
                    scope: Arc::clone(&of.scope),
                    unit: (*unit).clone(),
                })
            },
        )
        .done()
}

fn unit() -> Definition {
    object::<UnitResidualsValue>("UnitResiduals", "A model against one unit.")
        .field("unit", "TwinInstance!", "The unit.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, NamedNode::new_unchecked(&of.unit.twin))))
        })
        .field("serial", "String", "Its identifier.", |of, _| Ok(of.unit.serial.clone().into()))
        .field("missingInputBucketCount", "Int!", "How many buckets lack an input.", |of, _| Ok(of.unit.missing_inputs.into()))
        .field("outsideBucketCount", "Int!", "How many have an input outside the range in which the model is valid.", |of, _| Ok(of.unit.outside.into()))
        .field("undefinedBucketCount", "Int!", "In how many the expression has no value.", |of, _| Ok(of.unit.undefined.into()))
        .field("residual", "ResidualFigures", "Observed less predicted.", |of, _| {
            Ok(Figures::of(&of.unit.residuals()).map_or(Value::Null, Value::object))
        })
        .field("predicted", "ResidualFigures", "What is predicted.", |of, _| {
            Ok(Figures::of(&of.unit.predictions()).map_or(Value::Null, Value::object))
        })
        .field("driftPerDay", "Float", "How much the residual goes up in a day, by the median of the slopes between all pairs; absent for fewer than 8 buckets.", |of, _| {
            Ok(of.unit.drift_per_day().into())
        })
        .field_with("points", "ResidualPointConnection!", "Each bucket with a prediction.", page::arguments(), |of, call| {
            page::listed(&of.unit.points, call.arguments, |point| *point)
        })
        .done()
}

fn point() -> Definition {
    object::<ResidualPoint>("ResidualPoint", "A bucket in which a model was computed.")
        .field("from", "DateTime!", "When it begins.", |of, _| Ok(of.within.from().to_string().into()))
        .field("predicted", "Float!", "What the model makes of the means of the inputs.", |of, _| {
            Ok(of.predicted.into())
        })
        .field("observed", "Float", "The mean that was observed.", |of, _| Ok(of.observed.into()))
        .field("residual", "Float", "Observed less predicted.", |of, _| Ok(of.residual().into()))
        .done()
}

fn figures() -> Definition {
    object::<Figures>("ResidualFigures", "Figures of values, each bucket counting once.")
        .field("count", "Int!", "How many.", |of, _| Ok(of.count.into()))
        .field("mean", "Float!", "Their mean.", |of, _| Ok(of.mean.into()))
        .field("deviation", "Float", "Their standard deviation.", |of, _| Ok(of.deviation.into()))
        .field("least", "Float!", "The least.", |of, _| Ok(of.least.into()))
        .field("median", "Float!", "The median.", |of, _| Ok(of.median.into()))
        .field("greatest", "Float!", "The greatest.", |of, _| Ok(of.greatest.into()))
        .done()
}
