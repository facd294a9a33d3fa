//! The messages of graphql-transport-ws (<https://github.com/enisdenjo/graphql-ws>, PROTOCOL.md), read and written.

use crate::graphql::{Query, check_numbers, json_fault};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// The name of the protocol.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";

/// A message of a client.
#[derive(Debug)]
pub(super) enum ClientMessage {
    Init(Option<Json>),
    Ping(Option<Json>),
    Pong,
    Subscribe { id: String, query: Box<Query> },
    Complete { id: String },
}

/// Reads a message; the error describes why it is none.
pub(super) fn read(text: &str) -> Result<ClientMessage, &'static str> {
    if check_numbers(text).is_err() {
        return Err("a number of the message has digits that a GraphQL number does not keep");
    }
    let mut message = match serde_json::from_str(text) {
        Ok(Json::Object(message)) => message,
        Err(error) if json_fault(&error, "").contains("nested too deeply") => {
            return Err(
                "a message is nested too deeply: more than 127 lists and objects are inside each other",
            );
        }
        _ => return Err("a message is a JSON object"),
    };
    let Some(Json::String(kind)) = message.remove("type") else {
        return Err("a message has a type");
    };
    match kind.as_str() {
        "connection_init" => payload(&mut message).map(ClientMessage::Init),
        "ping" => payload(&mut message).map(ClientMessage::Ping),
        "pong" => payload(&mut message).map(|_| ClientMessage::Pong),
        "subscribe" => subscribe(&mut message),
        "complete" => Ok(ClientMessage::Complete { id: id(&mut message)? }),
        _ => Err("no message of a client has this type"),
    }
}

/// Returns the id of a message that is not read as a whole.
pub(super) fn id_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Skimmed {
        id: String,
    }
    Some(serde_json::from_str::<Skimmed>(text).ok()?.id)
}

fn payload(message: &mut Map<String, Json>) -> Result<Option<Json>, &'static str> {
    match message.remove("payload") {
        None | Some(Json::Null) => Ok(None),
        Some(payload @ Json::Object(_)) => Ok(Some(payload)),
        Some(_) => Err("a payload is an object"),
    }
}

fn id(message: &mut Map<String, Json>) -> Result<String, &'static str> {
    match message.remove("id") {
        Some(Json::String(id)) if !id.is_empty() => Ok(id),
        _ => Err("the message has an id that is a text"),
    }
}

fn subscribe(message: &mut Map<String, Json>) -> Result<ClientMessage, &'static str> {
    let id = id(message)?;
    let payload = payload(message)?.ok_or("the message has a payload")?;
    let query = serde_json::from_value::<Query>(payload).ok().filter(Query::has_document);
    query
        .map(|query| ClientMessage::Subscribe { id, query: Box::new(query) })
        .ok_or("the payload is a GraphQL request")
}

pub(super) fn ack() -> String {
    json!({ "type": "connection_ack" }).to_string()
}

pub(super) fn pong(payload: Option<Json>) -> String {
    match payload {
        Some(payload) => json!({ "type": "pong", "payload": payload }).to_string(),
        None => json!({ "type": "pong" }).to_string(),
    }
}

/// Writes an answer, which is JSON text, without reading it again: it may be large.
pub(super) fn next(id: &str, answer: &str) -> String {
    format!(r#"{{"id":{},"type":"next","payload":{answer}}}"#, Json::from(id))
}

pub(super) fn error(id: &str, errors: &[Json]) -> String {
    json!({ "id": id, "type": "error", "payload": errors }).to_string()
}

pub(super) fn complete(id: &str) -> String {
    json!({ "id": id, "type": "complete" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_its_message() {
        let message = next("a \"b\"", r#"{"data":{"x":1}}"#);
        let expect = json!({ "id": "a \"b\"", "type": "next", "payload": { "data": { "x": 1 } } });
        assert_eq!(serde_json::from_str::<Json>(&message).expect("JSON"), expect);
    }

    #[test]
    fn what_a_client_says() {
        let check = |text: &str, expect: &str| {
            let got = match read(text) {
                Ok(ClientMessage::Init(_)) => "init".to_owned(),
                Ok(ClientMessage::Ping(payload)) => format!("ping {}", payload.unwrap_or_default()),
                Ok(ClientMessage::Pong) => "pong".to_owned(),
                Ok(ClientMessage::Subscribe { id, query }) => {
                    format!("subscribe {id} {}", query.query.unwrap_or_default())
                }
                Ok(ClientMessage::Complete { id }) => format!("complete {id}"),
                Err(reason) => reason.to_owned(),
            };
            assert_eq!(got, expect, "{text}");
        };
        check(r#"{"type":"connection_init"}"#, "init");
        check(r#"{"type":"connection_init","payload":{"token":"x"}}"#, "init");
        check(r#"{"type":"connection_init","payload":7}"#, "a payload is an object");
        check(r#"{"type":"ping","payload":{"a":1}}"#, r#"ping {"a":1}"#);
        check(r#"{"type":"pong","payload":null}"#, "pong");
        check(r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#, "subscribe 1 {a}");
        check(
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            "the message has an id that is a text",
        );
        check(
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            "the message has an id that is a text",
        );
        check(r#"{"type":"subscribe","id":"1"}"#, "the message has a payload");
        check(r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#, "the payload is a GraphQL request");
        check(r#"{"type":"subscribe","id":"1","payload":{}}"#, "the payload is a GraphQL request");
        check(r#"{"type":"complete","id":"1"}"#, "complete 1");
        check(r#"{"type":"start"}"#, "no message of a client has this type");
        check(r#"{"id":"1"}"#, "a message has a type");
        check("[]", "a message is a JSON object");
        check("{", "a message is a JSON object");
    }
}
