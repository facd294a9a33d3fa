//! The brokers whose messages are stored, and what of them was of no use.

use crate::app::{BrokerStatus, RefusedTopic, SparkplugUnit};
use crate::exchange::samples::mqtt::route::Reason;
use crate::graphql::engine::Value;
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::schema::shared::page;

/// Adds the brokers to `Query`.
pub(crate) fn extend_query(builder: ObjectBuilder<()>) -> ObjectBuilder<()> {
    builder.field(
        "brokers",
        "[Broker!]!",
        "The MQTT brokers whose messages are stored, as configured in throughline.toml.",
        |(), call| Ok(Value::objects(call.request.session.brokers()?)),
    )
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<SparkplugUnit>("SparkplugUnit").to_vec();
    types.extend([states(), reasons(), broker(), refused(), topic(), unit()]);
    types
}

fn states() -> Definition {
    let values = [
        ("IDLE", "The thread is not served, so that nobody subscribes."),
        ("CONNECTING", "The client is about to connect."),
        ("CONNECTED", "The client is connected."),
        ("WAITING", "The client waits before it connects again."),
    ];
    enumeration("BrokerState", "How the client of a broker is connected.", &values)
}

fn reasons() -> Definition {
    let values = [
        ("UNMATCHED", "No topic of the settings fits."),
        ("PAYLOAD", "The payload is no number, no JSON, too large, or has nothing where the settings look."),
        ("VALUE", "A value in the payload is no number and no boolean."),
        ("TIME", "The time in the payload is missing or cannot be read."),
        ("TWIN", "The payload names no twin."),
        ("RETAINED", "The broker has kept the message from before, and it does not state its time."),
        ("SCOPE", "The settings do not take samples of this twin."),
        ("STORE", "The store refuses the sample."),
        ("UNDECLARED", "No birth has declared the metric."),
    ];
    enumeration("MessageRefusal", "Why a message, or a value of it, is no sample.", &values)
}

fn broker() -> Definition {
    object::<BrokerStatus>("Broker", "An MQTT broker, and what has become of its messages since the service was started.")
        .field("name", "String!", "Its name in the settings.", |of, _| Ok(of.name.clone().into()))
        .field("url", "String!", "Its URL.", |of, _| Ok(of.url.clone().into()))
        .field("state", "BrokerState!", "How the client is connected.", |of, _| Ok(of.state.name().into()))
        .field("since", "DateTime", "Since when; null where the thread was never served.", |of, _| {
            Ok(of.since.map(|since| since.to_string()).into())
        })
        .field("error", "String", "What went wrong last, until it is over.", |of, _| Ok(of.error.clone().into()))
        .field(
            "refusedFilters",
            "[String!]!",
            "The topics that the broker does not grant.",
            |of, _| Ok(Value::List(of.refused_filters.iter().map(|filter| filter.clone().into()).collect())),
        )
        .field("connectionCount", "Long!", "How often the client was connected.", |of, _| {
            Ok(of.connections.into())
        })
        .field(
            "lostSessionCount",
            "Long!",
            "How often the broker had not kept the session at a later connection, so that messages that waited there are lost.",
            |of, _| Ok(of.lost_sessions.into()),
        )
        .field("messageCount", "Long!", "How many messages arrived.", |of, _| Ok(of.messages.into()))
        .field("repeatedCount", "Long!", "How many of them may have arrived before.", |of, _| {
            Ok(of.repeated.into())
        })
        .field(
            "unacknowledgedCount",
            "Long!",
            "How many arrived and are not acknowledged yet, as they are not stored.",
            |of, _| Ok(of.unacknowledged.into()),
        )
        .field("sampleCount", "Long!", "How many samples were stored.", |of, _| Ok(of.samples.into()))
        .field("refused", "[RefusedMessages!]!", "What was no sample, by the reason.", |of, _| {
            Ok(Value::objects(of.refused.iter().map(|(reason, count)| (*reason, *count)).collect::<Vec<_>>()))
        })
        .field("refusedTopics", "[RefusedTopic!]!", "The topics of it, in the order of their first message; at most 200.", |of, _| {
            Ok(Value::objects(of.topics.iter().cloned()))
        })
        .field("unlistedCount", "Long!", "How much of it is of topics beyond those.", |of, _| {
            Ok(of.unlisted.into())
        })
        .field_with(
            "sparkplugUnits",
            "SparkplugUnitConnection!",
            "The edge nodes of Sparkplug B and their devices that were born or have died since the service was started, and those that were alive or dead by then.",
            page::arguments(),
            |of, call| {
                page::listed(&call.request.session.sparkplug_units(&of.name)?, call.arguments, Clone::clone)
            },
        )
        .done()
}

fn unit() -> Definition {
    object::<SparkplugUnit>("SparkplugUnit", "An edge node of Sparkplug B, or a device of one.")
        .field("group", "String!", "The group.", |of, _| Ok(of.state.group.clone().into()))
        .field("node", "String!", "The edge node.", |of, _| Ok(of.state.node.clone().into()))
        .field("device", "String", "The device; null for the node itself.", |of, _| {
            Ok(of.state.device.clone().into())
        })
        .field("twin", "String!", "The name of its twin, by the settings.", |of, _| {
            Ok(of.state.twin.clone().into())
        })
        .field("isAlive", "Boolean!", "Whether its last message of that kind was a birth.", |of, _| {
            Ok(of.state.is_alive.into())
        })
        .field("metricCount", "Int!", "How many metrics its birth has declared.", |of, _| {
            Ok(of.state.metrics.into())
        })
        .field("since", "DateTime!", "When it was born or has died.", |of, _| Ok(of.since.to_string().into()))
        .done()
}

fn refused() -> Definition {
    object::<(Reason, u64)>("RefusedMessages", "How many messages or values were no samples for one reason.")
        .field("reason", "MessageRefusal!", "The reason.", |of, _| Ok(of.0.name().into()))
        .field("count", "Long!", "How many.", |of, _| Ok(of.1.into()))
        .done()
}

fn topic() -> Definition {
    object::<RefusedTopic>("RefusedTopic", "Messages of one topic that were no samples, for one reason.")
        .field("topic", "String!", "The topic.", |of, _| Ok(of.topic.clone().into()))
        .field("reason", "MessageRefusal!", "The reason.", |of, _| Ok(of.reason.name().into()))
        .field("count", "Long!", "How many.", |of, _| Ok(of.count.into()))
        .field("at", "DateTime!", "When the last one arrived.", |of, _| Ok(of.at.to_string().into()))
        .field("detail", "String!", "What was wrong with the last one.", |of, _| Ok(of.detail.clone().into()))
        .done()
}
