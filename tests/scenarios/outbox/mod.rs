//! What leaves the service: signed, at least once, in order, under the same name after a kill; and what other systems report back.

mod deliveries;
mod hooks;
mod https;
mod receiver;
mod way;

pub(crate) use receiver::{Message, Receiver};

use super::actions::Plant;
use super::world::{Answer, request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use std::net::SocketAddr;

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// 2026-01-01T00:00:00Z, which the clock of the tests shows.
const NEW_YEAR: i64 = 1_767_225_600;

pub(crate) const MAPPING: &str = r#"
[[rule]]
do = "acknowledge"
when = { "$.status" = "accepted" }
action = "$.order.action"
reference = "$.order.number"
reason = "taken on by the shop"
[[rule]]
do = "complete"
when = { "$.status" = "finished" }
action = "$.order.action"
replacement = "$.newSerial"
lot = "$.lot"
at = "$.at"
reason = "$.comment"
[[rule]]
do = "changeRequest"
when = { "$.status" = "idea" }
title = "$.title"
affects = "pump/A"
"#;

fn configured(settings: &str) -> Plant {
    let plant = Plant::new();
    let folder = plant.world.folder.path();
    std::fs::write(folder.join("throughline.toml"), settings).expect("settings");
    std::fs::write(folder.join("mes.secret"), SECRET).expect("a secret");
    std::fs::write(folder.join("mes.toml"), MAPPING).expect("a mapping");
    let issue = r#"{ "title": "{data.fields.title}", "labels": ["{data.fields.kind}"] }"#;
    std::fs::write(folder.join("issue.json"), issue).expect("a template");
    let plant = plant.reopened();
    // A target gets what comes after it was first there.
    plant.deliver();
    plant
}

impl Plant {
    fn deliver(&self) -> u64 {
        self.world.app.deliver_all().expect("deliveries").delivered
    }

    fn outbox(&self) -> Value {
        let query = "{ outbox { name deliveredCount attemptCount nextAttemptAt error deadLetters { totalCount nodes { id kind resource attemptCount error } } } }";
        self.world.data(query, json!({}))["outbox"][0].clone()
    }

    fn message(&self, id: &str, at: i64, body: &Value) -> Answer {
        let body = body.to_string();
        self.world.served(|address| send(address, id, at, &body, &signature(id, at, &body)))
    }
}

pub(crate) fn signature(id: &str, at: i64, body: &str) -> String {
    let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).expect("Base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes())))
}

pub(crate) fn send(address: SocketAddr, id: &str, at: i64, body: &str, signature: &str) -> Answer {
    let at = at.to_string();
    let headers = [
        ("content-type", "application/json"),
        ("webhook-id", id),
        ("webhook-timestamp", at.as_str()),
        ("webhook-signature", signature),
    ];
    request(address, "POST", "/hooks/mes", &headers, body.as_bytes())
}
