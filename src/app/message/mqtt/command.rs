//! One command over MQTT: published at least once, and where an answer is expected, taken only once the receiver has answered that it has
//! done what was wanted.

use super::link::Link;
use super::options::Endpoint;
use super::packet::Incoming;
use crate::app::message::template::{found, plain};
use serde_json::Value;
use std::time::Duration;

/// The number of the only message that is published.
const NUMBER: u16 = 2;

/// A command.
#[derive(Clone, Debug)]
pub(in crate::app) struct Command<'a> {
    /// The name under which it is sent, however often.
    pub(in crate::app) id: &'a str,
    /// The topic.
    pub(in crate::app) topic: &'a str,
    /// What is sent.
    pub(in crate::app) body: &'a Value,
    /// The topic of the answer; `None` where none is expected.
    pub(in crate::app) answer: Option<&'a str>,
    /// How long the broker and the receiver may take.
    pub(in crate::app) patience: Duration,
}

/// Why a command was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct NotDone {
    /// What went wrong.
    pub(in crate::app) reason: String,
    /// Whether it is useless to try again.
    pub(in crate::app) is_final: bool,
}

impl NotDone {
    fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_final: false }
    }
}

/// Sends a command; it is taken where the broker has it, and the receiver has answered as it should.
pub(in crate::app) fn send(endpoint: &Endpoint, command: &Command<'_>) -> Result<(), NotDone> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| NotDone::because(error.to_string()))?;
    let seconds = command.patience.as_secs();
    let sent = runtime.block_on(async {
        match tokio::time::timeout(command.patience, exchange(endpoint, command)).await {
            Ok(sent) => sent,
            Err(_) => Err(NotDone::because(match command.answer {
                Some(topic) => {
                    format!("there is no answer to {} at {topic} within {seconds} s", command.id)
                }
                None => format!("the broker does not take it within {seconds} s"),
            })),
        }
    });
    runtime.shutdown_background();
    sent
}

async fn exchange(endpoint: &Endpoint, command: &Command<'_>) -> Result<(), NotDone> {
    let mut link = Link::open(endpoint).await.map_err(NotDone::because)?;
    let done = converse(&mut link, command).await;
    link.close().await;
    done
}

async fn converse(link: &mut Link, command: &Command<'_>) -> Result<(), NotDone> {
    let body = serde_json::to_vec(command.body).map_err(|error| NotDone::because(error.to_string()))?;
    if let Some(answer) = command.answer {
        // Before the command, so that no answer is missed.
        link.subscribe(&[answer.to_owned()]).await.map_err(NotDone::because)?;
    }
    let (mut is_published, mut is_taken, mut is_answered) = (false, false, command.answer.is_none());
    if is_answered {
        link.publish(command.topic, &body, Some(NUMBER)).await.map_err(NotDone::because)?;
        is_published = true;
    }
    while !is_taken || !is_answered {
        match link.next().await.map_err(NotDone::because)? {
            Incoming::Subscribed(granted) if granted.iter().all(|is_granted| *is_granted) => {
                if std::mem::replace(&mut is_published, true) {
                    continue;
                }
                link.publish(command.topic, &body, Some(NUMBER)).await.map_err(NotDone::because)?;
            }
            Incoming::Subscribed(_) => {
                let topic = command.answer.unwrap_or_default();
                return Err(NotDone::because(format!("the broker does not grant {topic}")));
            }
            Incoming::Acknowledged { number: NUMBER, refused: None } => is_taken = true,
            Incoming::Acknowledged { refused: Some(reason), .. } => {
                return Err(NotDone::because(format!(
                    "the broker does not take {}: {reason}",
                    command.topic
                )));
            }
            Incoming::Published(message) => {
                if let Some(number) = message.number {
                    link.acknowledge(&[number]).await.map_err(NotDone::because)?;
                }
                is_answered |= answered(command, &message.payload)?;
            }
            Incoming::Closed(reason) => return Err(NotDone::because(reason)),
            _ => {}
        }
    }
    Ok(())
}

/// Returns whether a message answers a command, and fails where the answer is that it was refused, or something else was done.
fn answered(command: &Command<'_>, payload: &[u8]) -> Result<bool, NotDone> {
    let Ok(answer) = serde_json::from_slice::<Value>(payload) else { return Ok(false) };
    if answer.get("id").and_then(Value::as_str) != Some(command.id) {
        return Ok(false);
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("status") == "rejected" {
        let reason = format!("the receiver rejects it: {}", text("reason"));
        return Err(NotDone { is_final: true, ..NotDone::because(reason) });
    }
    match mismatch(command.body.get("desired"), answer.get("reported")) {
        None => Ok(true),
        Some(reason) => Err(NotDone::because(reason)),
    }
}

/// Returns what of a desired state is reported otherwise. Numbers are compared by their value.
fn mismatch(desired: Option<&Value>, reported: Option<&Value>) -> Option<String> {
    let desired = desired?.as_object()?;
    let Some(reported) = reported else { return Some("the receiver reports no state".to_owned()) };
    let differs = desired.iter().filter(|(name, wanted)| {
        let is = reported.get(name.as_str());
        let numbers = (wanted.as_f64(), is.and_then(Value::as_f64));
        match numbers {
            (Some(wanted), Some(is)) => wanted.to_bits() != is.to_bits(),
            _ => is != Some(*wanted),
        }
    });
    let words: Vec<String> = differs
        .map(|(name, wanted)| {
            let is = reported.get(name.as_str()).map_or_else(|| "nothing".to_owned(), Value::to_string);
            format!("{name} is reported as {is}, and {wanted} is desired")
        })
        .collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// Fills a topic with values of an event. A value that is empty or has signs that separate or match levels would lead elsewhere.
pub(in crate::app) fn topic_of(template: &str, event: &Value) -> Result<String, String> {
    let (mut topic, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        let (path, after) =
            after.split_once('}').ok_or_else(|| format!("\"{template}\" has {{ without }}"))?;
        let value = found(event, path).map(plain).unwrap_or_default();
        if value.is_empty() || value.contains(['/', '+', '#']) || value.chars().any(char::is_control) {
            return Err(format!("\"{value}\" at {path} cannot be part of a topic"));
        }
        topic.push_str(before);
        topic.push_str(&value);
        rest = after;
    }
    topic.push_str(rest);
    Ok(topic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_of_its_command_and_of_what_is_desired() {
        let body = json!({ "id": "msg_1", "desired": { "setpoint": 70, "mode": "auto" } });
        let command =
            Command { id: "msg_1", topic: "t", body: &body, answer: Some("a"), patience: Duration::ZERO };
        let check = |answer: Value, expect: Result<bool, (&str, bool)>| {
            let got = answered(&command, answer.to_string().as_bytes());
            let got = got.map_err(|undelivered| (undelivered.reason, undelivered.is_final));
            match (got, expect) {
                (Ok(got), Ok(expect)) => assert_eq!(got, expect, "{answer}"),
                (Err((got, is_final)), Err((part, expect))) => {
                    assert!(got.contains(part) && is_final == expect, "{answer}: {got}");
                }
                (got, _) => panic!("{answer}: {got:?}"),
            }
        };
        check(
            json!({ "id": "msg_1", "reported": { "setpoint": 70.0, "mode": "auto", "more": 1 } }),
            Ok(true),
        );
        check(json!({ "id": "msg_2" }), Ok(false));
        check(json!("msg_1"), Ok(false));
        check(
            json!({ "id": "msg_1", "reported": { "setpoint": 71, "mode": "auto" } }),
            Err(("setpoint is reported as 71, and 70 is desired", false)),
        );
        check(
            json!({ "id": "msg_1", "reported": { "setpoint": 70 } }),
            Err(("mode is reported as nothing", false)),
        );
        check(json!({ "id": "msg_1" }), Err(("reports no state", false)));
        check(
            json!({ "id": "msg_1", "status": "rejected", "reason": "locked" }),
            Err(("rejects it: locked", true)),
        );
        assert_eq!(answered(&command, b"{"), Ok(false));
        assert_eq!(mismatch(None, None), None);
    }

    #[test]
    fn topics_are_filled_with_values_that_stay_in_their_level() {
        let event = json!({ "data": { "fields": { "target": { "identifier": "P-1" }, "wild": "#", "deep": "a/b" } } });
        let check = |template: &str, expect: Result<&str, &str>| match (topic_of(template, &event), expect) {
            (Ok(got), Ok(expect)) => assert_eq!(got, expect, "{template}"),
            (Err(got), Err(part)) => assert!(got.contains(part), "{template}: {got}"),
            (got, _) => panic!("{template}: {got:?}"),
        };
        check("commands/{data.fields.target}/set", Ok("commands/P-1/set"));
        check("commands/all", Ok("commands/all"));
        check("commands/{data.fields.wild}", Err("cannot be part of a topic"));
        check("commands/{data.fields.deep}", Err("cannot be part of a topic"));
        check("commands/{data.fields.none}", Err("\"\" at data.fields.none"));
        check("commands/{data", Err("without }"));
    }
}
