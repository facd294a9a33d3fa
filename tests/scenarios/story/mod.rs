//! The whole way with real parts: samples over MQTT and Sparkplug B, a margin that breaks, an action that a person approves, an order that
//! leaves signed, a shop that reports back, a swap in the configuration, and a margin that verifies it. The service is the program itself,
//! by the clock of the machine, and is killed after each step.

mod service;
mod shop;

use crate::mqtt::{Broker, CommandReceiver, Nodes};
use crate::world::until;
use serde_json::{Value, json};
use service::Service;
use shop::Shop;
use std::collections::{BTreeMap, BTreeSet};
use throughline::model::time::instant::Instant;

const ANNA: &str = r#"author: { name: "Anna", email: "anna@plant.example" }"#;
/// The events of the way, in the order in which they leave.
const EVENTS: [&str; 7] = [
    "finding.opened",
    "action.proposed",
    "action.approved",
    "action.ordered",
    "action.acknowledged",
    "action.done",
    "action.verified",
];

/// Returns the one action, or null.
fn action(service: &Service) -> Value {
    let query = "{ thread { actions(first: 5) { totalCount nodes { iri state reference replacement { identifier } steps { state decidedBy } } } } }";
    let actions = service.ask(query)["thread"]["actions"].clone();
    assert!(actions["totalCount"].as_i64().is_some_and(|count| count <= 1), "{actions:#}");
    actions["nodes"][0].clone()
}

fn is_in(service: &Service, state: &str) -> bool {
    action(service)["state"] == state
}

/// Returns the stays in the asset as `SERIAL from to`.
fn stays(service: &Service) -> BTreeSet<String> {
    let query = r#"{ thread { twinInstance(id: "asset/1") { components { nodes { from to component { ... on TwinInstance { identifier } } } } } } }"#;
    let found = service.ask(query)["thread"]["twinInstance"]["components"]["nodes"].clone();
    let stay = |of: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text(&of["component"]["identifier"]), text(&of["from"]), text(&of["to"]))
    };
    found.as_array().expect("installations").iter().map(stay).collect()
}

/// Returns whether a device was born since the last start, so that what it sends is known.
fn is_born(service: &Service, device: &str) -> bool {
    let query = "{ brokers { sparkplugUnits { nodes { device isAlive since } } } }";
    let units = service.ask(query)["brokers"][0]["sparkplugUnits"]["nodes"].clone();
    let since = |unit: &Value| unit["since"].as_str().and_then(|since| since.parse::<Instant>().ok());
    let is_it = |unit: &Value| {
        unit["device"] == device
            && unit["isAlive"] == true
            && since(unit).is_some_and(|since| since > service.started)
    };
    units.as_array().expect("units").iter().any(is_it)
}

/// Messages by their events: an event that came again has the same name and the same bytes.
fn events(shop: &Shop) -> Vec<String> {
    let mut bodies: BTreeMap<String, String> = BTreeMap::new();
    let mut kinds = Vec::new();
    for message in shop.verified_messages() {
        let id = message.header("webhook-id").to_owned();
        match bodies.get(&id) {
            Some(body) => assert_eq!(*body, message.body, "{id} came again with other bytes"),
            None => {
                kinds.push(message.json()["type"].as_str().expect("a kind").to_owned());
                bodies.insert(id, message.body);
            }
        }
    }
    kinds
}

#[test]
#[cfg(unix)]
fn a_hot_pump_is_replaced_and_each_step_survives_a_kill() {
    let Some(broker) = Broker::start() else { return };
    let Some(mut nodes) = Nodes::start(&broker) else { return };
    let shop = Shop::new();
    let unit = CommandReceiver::start(&broker, |command| Some(json!({ "reported": command["desired"] })));
    let mut service = Service::start(broker, &shop);
    let hour = service.hour();

    // A pump runs cool, then hot; another one sends to another topic meanwhile.
    nodes.step(&format!("birth G-1 P-1 70@{}", hour - 7200));
    nodes.step("answer G-1 - 0");
    until(|| service.samples("P-1") == 1 && service.keeps("P-1"));
    service.kill();
    until(|| is_born(&service, "P-1"));
    nodes.step(&format!("data G-1 P-1 90@{}", hour - 3600));
    until(|| service.samples("P-1") == 2);
    service.kill();

    // A finding is opened, and the policy proposes to replace the pump.
    until(|| events(&shop).contains(&EVENTS[0].to_owned()));
    service.kill();
    until(|| is_in(&service, "PROPOSED"));
    service.kill();
    until(|| events(&shop).contains(&EVENTS[1].to_owned()));

    // A person approves, and the order leaves: to the shop, and as a command to the unit.
    let name = action(&service)["iri"].as_str().expect("a name").to_owned();
    service.ask(&format!(
        r#"mutation {{ decideActions(input: {{ actions: ["{name}"], decision: APPROVE, reason: "agreed", {ANNA} }}) {{ changed }} }}"#
    ));
    service.kill();
    until(|| events(&shop).contains(&EVENTS[3].to_owned()));
    service.kill();
    until(|| !unit.commands().is_empty());
    service.kill();

    // The shop takes the order on, and repeats that as it saw no answer.
    let accepted = json!({ "status": "accepted", "order": { "action": name, "number": "WO-7" } });
    let first = shop.report(service.address, "shop-1", &accepted);
    service.kill();
    assert_eq!(shop.report(service.address, "shop-1", &accepted), first, "the same commit");
    assert!(is_in(&service, "ACKNOWLEDGED"));

    // It has replaced the pump, and the service is killed while that is reported.
    let at = service.now();
    let finished = json!({ "status": "finished", "order": { "action": name }, "newSerial": "P-9", "lot": "lot/1", "at": at.to_string(), "comment": "seal worn" });
    shop.begin_report(service.address, "shop-2", &finished);
    service.kill();
    let done = shop.report(service.address, "shop-2", &finished);
    service.kill();
    assert_eq!(shop.report(service.address, "shop-2", &finished), done, "the same commit");
    let swapped = [format!("P-1 2025-06-01T00:00:00Z {at}"), format!("P-9 {at} -")];
    assert_eq!(stays(&service), BTreeSet::from(swapped.clone()));

    // The new pump is born under the same node, and its own margin verifies the action.
    nodes.step("leave G-1 P-1 0");
    nodes.step(&format!("device G-1 P-9 60@{}", at.seconds()));
    until(|| service.samples("P-9") >= 1);
    service.kill();
    until(|| is_in(&service, "VERIFIED"));
    service.kill();
    until(|| events(&shop).contains(&EVENTS[6].to_owned()));

    // Nothing was lost, and nothing done twice.
    assert_eq!(events(&shop), EVENTS);
    assert_eq!(stays(&service), BTreeSet::from(swapped));
    let steps = action(&service)["steps"].clone();
    let states: Vec<&str> =
        steps.as_array().expect("steps").iter().filter_map(|step| step["state"].as_str()).collect();
    assert_eq!(states, ["PROPOSED", "APPROVED", "ORDERED", "ACKNOWLEDGED", "DONE", "VERIFIED"]);
    let commands: BTreeSet<String> =
        unit.commands().iter().map(|command| command["id"].to_string()).collect();
    assert_eq!(commands.len(), 1, "however often it came, it was one command");
    assert_eq!(unit.commands()[0]["unit"], "P-1");
    service.check_complete();
}
