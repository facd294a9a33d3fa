//! Forecasts as findings: recording them, settling them, and the score of those that were made before.

use super::trend;
use crate::app::{ForecastRequest, RecordedForecasts, Scope};
use crate::feedback::{ForecastQuestion, ForecastScore};
use crate::graph::RequestKey;
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::{Mutations, Payload};
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::version_arguments::{KNOWN, MAIN, VERSION};
use crate::graphql::schema::shared::window::window;
use crate::graphql::schema::shared::{author, payload};
use oxigraph::model::NamedNode;
use std::sync::Arc;

const SCORE: &str = "How good past forecasts were: of a constraint, of an item, or all.";

/// Adds the score of forecasts to `Thread`.
pub(crate) fn extend_thread(builder: ObjectBuilder<Arc<Scope>>) -> ObjectBuilder<Arc<Scope>> {
    let arguments = vec![
        InputField::new("constraint", "ID", "Only forecasts of this constraint."),
        InputField::new("item", "ID", "Only forecasts that were made of this item, or of this unit."),
    ];
    builder.field_with("forecastScore", "ForecastScore!", SCORE, arguments, |scope, call| {
        let iri = |name| call.arguments.text(name)?.map(|id| find_iri(&scope.snapshot, &id)).transpose();
        let (constraint, item): (Option<NamedNode>, Option<NamedNode>) = (iri("constraint")?, iri("item")?);
        Ok(Value::object(ForecastScore::of(&scope.snapshot, constraint.as_ref(), item.as_ref())?))
    })
}

/// Adds the recording of forecasts to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    let mut fields = vec![
        InputField::new("branch", "String!", "The branch that takes the record.").default(MAIN),
        InputField::new("item", "ID!", "A Part, DesignRevision, Build or TwinInstance."),
        InputField::new(
            "constraint",
            "ID!",
            "The constraint that units are expected to break: on samples, with one limit.",
        ),
        window(),
        InputField::new("by", "DateTime!", "Units that are expected to break it until then are forecast."),
        InputField::new("at", "String!", VERSION).default(MAIN),
        InputField::new("asKnownAt", "String", KNOWN),
        InputField::new("message", "String", "The message of the commit."),
        author::argument(),
    ];
    fields.extend(trend::line_arguments());
    mutations.add(
        (
            "recordForecasts",
            "Opens a finding of the kind FORECAST for each unit that is expected to break a constraint, and settles those that were open: \
             each comes true or expires.",
        ),
        fields,
        payload_fields,
        record,
    )
}

fn record(call: &Call<'_>, key: Option<RequestKey>) -> Result<RecordedForecasts, Error> {
    let given = call.arguments;
    let known = given.text("asKnownAt")?;
    let asked = Arc::new(call.request.scope(&given.needed_text("at")?, known.as_deref())?);
    let (confidence, bootstrap) = trend::intervals(given)?;
    let iri = |name: &str| find_iri(&asked.snapshot, &given.needed_text(name)?);
    let question = ForecastQuestion {
        item: iri("item")?,
        constraint: iri("constraint")?,
        window: given.window("window")?.ok_or_else(|| missing("window"))?,
        bucket: given.period("bucket")?.ok_or_else(|| missing("bucket"))?,
        zone: given.needed_text("zone")?.parse()?,
        by: given.instant("by")?.ok_or_else(|| missing("by"))?,
        confidence,
        bootstrap,
        sufficiency: asked.sufficiency,
    };
    let request = ForecastRequest {
        branch: given.needed_text("branch")?,
        question,
        message: given.text("message")?,
        author: author::read(given)?,
        idempotency_key: key,
    };
    let mut recorded = call.request.session.record_forecasts(&asked, &request)?;
    call.request.forget();
    recorded.committed = payload::counted(call, recorded.committed)?;
    Ok(recorded)
}

fn payload_fields(
    builder: ObjectBuilder<Payload<RecordedForecasts>>,
) -> ObjectBuilder<Payload<RecordedForecasts>> {
    builder
        .commit("The commit; the head as it was where nothing was new.", |of| {
            (&of.committed.commit, of.committed.changed)
        })
        .made("made", "[Finding!]", "The findings that are new.", |of, call| {
            findings(of, call, &of.forecasts.made)
        })
        .made(
            "settled",
            "[Finding!]",
            "The findings whose forecast came true, expired or was withdrawn.",
            |of, call| findings(of, call, &of.forecasts.settled),
        )
}

fn findings(of: &RecordedForecasts, call: &Call<'_>, iris: &[NamedNode]) -> Result<Value, Error> {
    let id = of.committed.commit.id.to_string();
    let scope = Arc::new(call.request.scope(&id, None)?);
    Ok(Value::objects(iris.iter().map(|iri| Node::new(&scope, iri.clone()))))
}

pub(crate) fn types() -> Vec<Definition> {
    vec![
        object::<ForecastScore>("ForecastScore", SCORE)
            .field("madeCount", "Int!", "How many forecasts were made.", |of, _| Ok(of.made.into()))
            .field("pendingCount", "Int!", "How many of them are pending.", |of, _| Ok(of.pending.into()))
            .field("trueCount", "Int!", "How many came true.", |of, _| Ok(of.came_true.into()))
            .field("expiredCount", "Int!", "How many expired.", |of, _| Ok(of.expired.into()))
            .field("withdrawnCount", "Int!", "How many units left service before either.", |of, _| Ok(of.withdrawn.into()))
            .field("coverage", "Float", "The share of those that came true or expired whose interval held the crossing; absent where there is none.", |of, _| {
                Ok(of.coverage().into())
            })
            .field("leadHours", "Float", "The median of the hours from the making of a forecast that came true to the crossing.", |of, _| {
                Ok(of.lead_hours.into())
            })
            .field("errorHours", "Float", "The median of the hours by which the limit was reached later than expected.", |of, _| {
                Ok(of.error_hours.into())
            })
            .done(),
    ]
}
