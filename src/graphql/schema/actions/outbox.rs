//! The outbox: where events are delivered to, and what could not be.

use crate::app::{DeadLetter, TargetStatus};
use crate::graphql::engine::Value;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::schema::history::mutations::Mutations;
use crate::graphql::schema::shared::page;

/// Adds the outbox to `Query`.
pub(crate) fn extend_query(builder: ObjectBuilder<()>) -> ObjectBuilder<()> {
    builder.field(
        "outbox",
        "[OutboxTarget!]!",
        "The systems that events are delivered to, as configured in throughline.toml.",
        |(), call| Ok(Value::objects(call.request.session.outbox()?)),
    )
}

/// Adds the repeating of deliveries to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    mutations.add(
        (
            "retryDeliveries",
            "Has events delivered again that were given up, before all others and under the same names.",
        ),
        vec![
            InputField::new("target", "String!", "The target."),
            InputField::new("id", "String", "The name of one delivery; all that were given up where absent."),
        ],
        |builder| {
            builder.made(
                "deadLetters",
                "[DeadLetter!]",
                "What is delivered again, at most 1,000.",
                |letters: &Vec<DeadLetter>, _| Ok(Value::objects(letters.iter().cloned())),
            )
        },
        |call, key| {
            let (target, id) = (call.arguments.needed_text("target")?, call.arguments.text("id")?);
            Ok(call.request.session.retry_deliveries(&target, id.as_deref(), key.as_ref())?)
        },
    )
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = vec![
        object::<TargetStatus>(
            "OutboxTarget",
            "A system that events are delivered to, and how far it has come.",
        )
        .field("name", "String!", "Its name.", |of, _| Ok(of.name.clone().into()))
        .field("address", "String!", "The URL or the folder that it is.", |of, _| {
            Ok(of.address.clone().into())
        })
        .field(
            "events",
            "[String!]!",
            "The kinds of events that it takes; * at the end stands for any ending.",
            |of, _| Ok(Value::List(of.events.iter().map(|event| event.clone().into()).collect())),
        )
        .field(
            "commit",
            "ID",
            "The commit up to which all events are dealt with; null before the first run.",
            |of, _| Ok(of.commit.clone().into()),
        )
        .field("deliveredCount", "Long!", "How many events it has been delivered.", |of, _| {
            Ok(of.delivered_count.into())
        })
        .field("attemptCount", "Int!", "How often the next event was tried in vain.", |of, _| {
            Ok(u64::from(of.attempt_count).into())
        })
        .field("nextAttemptAt", "DateTime", "When it is tried again.", |of, _| {
            Ok(of.next_attempt_at.clone().into())
        })
        .field("error", "String", "What the last attempt came to, where it failed.", |of, _| {
            Ok(of.error.clone().into())
        })
        .field_with(
            "deadLetters",
            "DeadLetterConnection!",
            "What was given up, the oldest first; at most 1,000.",
            page::arguments(),
            |of, call| page::listed(&of.dead_letters, call.arguments, DeadLetter::clone),
        )
        .done(),
        object::<DeadLetter>("DeadLetter", "An event that could not be delivered.")
            .field("id", "String!", "The name of the delivery.", |of, _| Ok(of.id.clone().into()))
            .field("kind", "String!", "What happened, such as action.ordered.", |of, _| {
                Ok(of.kind.clone().into())
            })
            .field("commit", "ID!", "The commit that it happened in.", |of, _| Ok(of.commit.clone().into()))
            .field("resource", "ID", "The resource that it happened to.", |of, _| {
                Ok(of.resource.clone().into())
            })
            .field("attemptCount", "Int!", "How often it was tried.", |of, _| {
                Ok(u64::from(of.attempt_count).into())
            })
            .field("at", "DateTime!", "When it was given up.", |of, _| Ok(of.at.clone().into()))
            .field("error", "String!", "What the last attempt came to.", |of, _| Ok(of.error.clone().into()))
            .done(),
    ];
    types.extend(page::connection::<DeadLetter>("DeadLetter"));
    types
}
