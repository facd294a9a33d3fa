//! The way of a finding to an order and back, and kills between its steps.

use super::{Message, NEW_YEAR, Receiver, configured, signature};
use serde_json::{Value, json};
use std::path::Path;

/// The whole way, with the service closed and opened again after each step.
#[test]
fn a_finding_becomes_an_order_that_comes_back_done() {
    let receiver = Receiver::new();
    let plant = configured(&receiver.settings(r#"["finding.opened", "action.*"]"#));
    plant.finding();
    let plant = plant.reopened();
    plant.mutate("runPolicies(input: {}) { run { at } }");
    let plant = plant.reopened();
    assert_eq!(plant.deliver(), 2);
    let messages = receiver.messages();
    let kinds = |messages: &[Message]| {
        messages.iter().map(|one| one.json()["type"].as_str().expect("a kind").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&messages), ["finding.opened", "action.proposed"]);
    let action = messages[1].json()["data"]["resource"].as_str().expect("a name").to_owned();
    let plant = plant.reopened();
    plant.decide(&action, "APPROVE");
    let plant = plant.reopened();
    plant.report(&action, "ORDER");
    let plant = plant.reopened();
    assert_eq!(plant.deliver(), 2);
    let order = receiver.messages().pop().expect("an order");
    let json = order.json();
    assert_eq!(
        (
            &json["type"],
            &json["data"]["fields"]["kind"],
            &json["data"]["fields"]["target"]["identifier"],
            &json["data"]["fields"]["description"]
        ),
        (&json!("action.ordered"), &json!("REPLACE"), &json!("P-1"), &json!("Replace the pump."))
    );
    let (id, at) = (order.header("webhook-id"), order.header("webhook-timestamp").parse().expect("seconds"));
    assert_eq!(order.header("webhook-signature"), signature(id, at, &order.body));
    assert!(id.starts_with("msg_") && at == NEW_YEAR);

    let plant = plant.reopened();
    let accepted = json!({ "status": "accepted", "order": { "action": action, "number": "WO-7" } });
    let taken = plant.message("shop-1", NEW_YEAR, &accepted);
    assert_eq!((taken.status, &taken.json()["outcome"]), (200, &json!("DONE")), "{}", taken.body);
    let plant = plant.reopened();
    let state = plant.action(&action);
    assert_eq!(
        (&state["state"], &state["reference"], &state["decidedBy"]),
        (&json!("ACKNOWLEDGED"), &json!("WO-7"), &json!("mes <mes@plant.example>"))
    );
    plant.at(2);
    let finished = json!({ "status": "finished", "order": { "action": action }, "newSerial": "P-9", "lot": "lot/1", "at": "2026-01-02T00:00:00Z", "comment": "seal worn" });
    let done = plant.message("shop-2", NEW_YEAR + 2 * 86_400, &finished);
    assert_eq!(done.status, 200, "{}", done.body);
    let commit = done.json()["commit"].clone();
    let plant = plant.reopened();
    // What comes again is answered with what it came to, and does nothing.
    let again = plant.message("shop-2", NEW_YEAR + 2 * 86_400 + 60, &finished);
    assert_eq!((again.status, &again.json()["commit"]), (200, &commit), "{}", again.body);
    let there = plant.world.data(
        r#"{ thread { twinInstance(id: "asset/1") { components { nodes { to component { ... on TwinInstance { identifier } } } } } } }"#,
        json!({}),
    );
    let mut there =
        there["thread"]["twinInstance"]["components"]["nodes"].as_array().expect("installations").clone();
    there.sort_by_key(|one| one["component"]["identifier"].to_string());
    assert_eq!(
        there,
        [
            json!({ "to": "2026-01-02T00:00:00Z", "component": { "identifier": "P-1" } }),
            json!({ "to": null, "component": { "identifier": "P-9" } })
        ]
    );
    for hour in 0..48 {
        plant.send("P-9", 60, NEW_YEAR + 86_400 + 3600 * hour);
    }
    plant.at(3);
    let plant = plant.reopened();
    plant.mutate("runPolicies(input: {}) { run { verified { iri } } }");
    let plant = plant.reopened();
    assert_eq!(plant.action(&action)["state"], "VERIFIED");
    plant.deliver();
    let all = kinds(&receiver.messages());
    assert_eq!(
        all,
        [
            "finding.opened",
            "action.proposed",
            "action.approved",
            "action.ordered",
            "action.acknowledged",
            "action.done",
            "action.verified"
        ]
    );
}

/// A kill between a delivery and its record repeats it under the same name; one before the delivery loses nothing.
#[test]
fn nothing_is_lost_or_renamed_by_a_kill() {
    let receiver = Receiver::new();
    let plant = configured(&receiver.settings(r#"["action.*"]"#));
    let state = plant.world.folder.path().join("outbox/mes.json");
    let read = |path: &Path| std::fs::read(path).expect("the state");
    let before = read(&state);
    let actions = plant.propose(r#"targets: ["unit/P-1", "unit/P-2", "asset/1"]"#);
    let plant = plant.reopened();
    assert_eq!(plant.deliver(), 3, "what was committed before the kill leaves after it");
    let first: Vec<Message> = receiver.messages();
    for lost in 0..3 {
        std::fs::write(&state, &before).expect("the state as it was before the first delivery");
        let plant_state = String::from_utf8(before.clone())
            .expect("text")
            .replace("\"handled\": 0", &format!("\"handled\": {lost}"));
        let mut value: Value = serde_json::from_str(&plant_state).expect("JSON");
        value["handled"] = json!(lost);
        std::fs::write(&state, value.to_string()).expect("the state after some deliveries");
        assert_eq!(plant.deliver(), 3 - lost);
    }
    let all = receiver.messages();
    let ids = |messages: &[Message]| {
        messages.iter().map(|one| one.header("webhook-id").to_owned()).collect::<Vec<_>>()
    };
    let one = ids(&first);
    assert_eq!(
        ids(&all),
        [&one[..], &one[..], &one[1..], &one[2..]].concat(),
        "the same names, in the same order"
    );
    assert_eq!(all[0].body, all[3].body, "the same bytes");
    assert_eq!(one.iter().collect::<std::collections::BTreeSet<_>>().len(), actions.len());
}
