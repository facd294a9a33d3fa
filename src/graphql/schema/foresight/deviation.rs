//! Recording what is unusual in what was measured on lots.

use super::line;
use crate::app::{DeviationRequest, RecordedDeviations};
use crate::graph::RequestKey;
use crate::graphql::engine::types::InputField;
use crate::graphql::engine::types::arguments::wrong;
use crate::graphql::engine::types::build::ObjectBuilder;
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::{Mutations, Payload};
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::version_arguments::{MAIN, VERSION};
use crate::graphql::schema::shared::{author, payload};
use async_graphql::Value as Input;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// Adds the recording of deviations to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    let mut fields = vec![
        InputField::new("branch", "String!", "The branch that takes the record.").default(MAIN),
        InputField::new("item", "ID!", "A Part, DesignRevision, Build or TwinInstance."),
        InputField::new(
            "rules",
            "[Int!]!",
            "The rules of Nelson whose signals are recorded, from 1 to 8; values out of tolerance always are.",
        )
        .default(Input::List(vec![Input::from(1)])),
        InputField::new("at", "String!", VERSION).default(MAIN),
        InputField::new("message", "String", "The message of the commit."),
        author::argument(),
    ];
    fields.extend(line::question_arguments());
    mutations.add(
        (
            "recordDeviations",
            "Opens a finding of the kind DEVIATION for each lot and characteristic in which a value is out of tolerance or a chart signals, \
             or adds to the one that is open.",
        ),
        fields,
        payload_fields,
        record,
    )
}

fn record(call: &Call<'_>, key: Option<RequestKey>) -> Result<RecordedDeviations, Error> {
    let given = call.arguments;
    let asked = Arc::new(call.request.scope(&given.needed_text("at")?, None)?);
    let rule = |value: &Input| match value {
        Input::Number(number) => {
            number.as_u64().and_then(|rule| usize::try_from(rule).ok()).filter(|rule| (1..=8).contains(rule))
        }
        _ => None,
    };
    let rules: Option<Vec<usize>> = given.list("rules").unwrap_or_default().iter().map(rule).collect();
    let item = find_iri(&asked.snapshot, &given.needed_text("item")?)?;
    let request = DeviationRequest {
        branch: given.needed_text("branch")?,
        question: line::question(item, given)?,
        rules: rules.ok_or_else(|| wrong("rules", "a list of numbers from 1 to 8"))?,
        message: given.text("message")?,
        author: author::read(given)?,
        idempotency_key: key,
    };
    let mut recorded = call.request.session.record_deviations(&asked, &request)?;
    call.request.forget();
    recorded.committed = payload::counted(call, recorded.committed)?;
    Ok(recorded)
}

fn payload_fields(
    builder: ObjectBuilder<Payload<RecordedDeviations>>,
) -> ObjectBuilder<Payload<RecordedDeviations>> {
    builder
        .commit("The commit; the head as it was where nothing was new.", |of| {
            (&of.committed.commit, of.committed.changed)
        })
        .made("opened", "[Finding!]", "The findings that are new.", |of, call| {
            findings(of, call, &of.deviations.opened)
        })
        .made("extended", "[Finding!]", "The findings that were open, and rest on more now.", |of, call| {
            findings(of, call, &of.deviations.extended)
        })
}

fn findings(of: &RecordedDeviations, call: &Call<'_>, iris: &[NamedNode]) -> Result<Value, Error> {
    let id = of.committed.commit.id.to_string();
    let scope = Arc::new(call.request.scope(&id, None)?);
    Ok(Value::objects(iris.iter().map(|iri| Node::new(&scope, iri.clone()))))
}
