//! Brokers and services that end, and come back.

use super::{BROKERS, Broker, TEMPERATURES, TOPICS, broker_of, count, plant, temperatures, timed};
use crate::program::{Served, out, throughline};
use crate::world::{BASE, PUMP, post_graphql, until};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use throughline::app::Subscriber;

#[test]
fn a_broker_that_goes_away_loses_nothing_and_the_order_stays() {
    let Some(mut broker) = Broker::start() else { return };
    let world = plant(&broker.settings("", TOPICS));
    let subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    let payloads = |values: std::ops::Range<i64>| -> Vec<String> {
        values.map(|value| timed(value % 100, value as f64)).collect()
    };
    let publish = |broker: &Broker, payloads: &[String]| {
        broker.publish(&payloads.iter().map(|payload| ("json/P-1", payload.as_str())).collect::<Vec<_>>());
    };
    publish(&broker, &payloads(0..100));
    until(|| count(&world) == "100");
    broker.stop();
    until(|| broker_of(&world)["state"] == "WAITING");
    assert!(broker_of(&world)["error"].is_string());
    broker.resume();
    publish(&broker, &payloads(100..300));
    // Each instant was sent three times: the last one counts. What the broker had not noted as acknowledged comes again before.
    until(|| temperatures(&world) == json!({ "sampleCount": "100", "min": 200.0, "max": 299.0 }));
    until(|| broker_of(&world)["unacknowledgedCount"] == "0");
    assert_eq!(broker_of(&world)["connectionCount"], "2");
    assert_eq!(broker_of(&world)["error"], Value::Null);
    // While nobody is there the broker keeps what is sent.
    drop(subscriber);
    publish(&broker, &payloads(300..350));
    broker.stop();
    broker.resume();
    let _subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| temperatures(&world) == json!({ "sampleCount": "100", "min": 250.0, "max": 349.0 }));
}

/// Killed between arrival and acknowledgement, the service gets the messages again.
#[test]
fn a_service_that_is_killed_gets_again_what_it_had_not_stored() {
    let Some(broker) = Broker::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    out(&throughline(folder.path(), &["init", "plant", "--base", BASE]));
    std::fs::write(folder.path().join("pump.ttl"), PUMP).expect("a file");
    out(&throughline(folder.path(), &["import", "--data", "plant", "pump.ttl"]));
    let serve = |every: u32| {
        let settings = broker.settings(&format!("batchMilliseconds = {every}"), TOPICS);
        std::fs::write(folder.path().join("plant/throughline.toml"), settings).expect("settings");
        let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
        command.args(["serve", "--data", "plant", "--listen", "127.0.0.1:0"]).current_dir(folder.path());
        command.stderr(Stdio::null());
        Served::start(command)
    };
    let ask = |address, query: &str| post_graphql(address, query, &json!({})).json()["data"].clone();
    let status = |address| ask(address, BROKERS)["brokers"][0].clone();
    let (service, address) = serve(60_000);
    until(|| status(address)["state"] == "CONNECTED");
    let payload = |second: i64| timed(second, second as f64);
    // The first one is stored at once, and the next batch is not due for a minute.
    broker.publish(&[("json/P-1", &payload(0))]);
    until(|| status(address)["sampleCount"] == "1" && status(address)["unacknowledgedCount"] == "0");
    let more: Vec<String> = (1..21).map(payload).collect();
    broker.publish(&more.iter().map(|payload| ("json/P-1", payload.as_str())).collect::<Vec<_>>());
    until(|| status(address)["unacknowledgedCount"] == "20");
    drop(service);
    let (_service, address) = serve(5);
    until(|| status(address)["sampleCount"] == "20" && status(address)["unacknowledgedCount"] == "0");
    let usage = ask(address, TEMPERATURES)["thread"]["designRevision"]["fieldUsage"].clone();
    assert_eq!(usage, json!({ "sampleCount": "21", "min": 0.0, "max": 20.0 }));
    assert_eq!(status(address)["messageCount"], "20");
}
