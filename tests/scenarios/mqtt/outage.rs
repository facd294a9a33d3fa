//! Brokers and services that end, and come back.

use super::{BROKERS, Broker, TEMPERATURES, TOPICS, broker_of, count, plant, temperatures, timed};
use crate::program::{Served, out, throughline};
use crate::world::{BASE, PUMP, post_graphql, until};
use rumqttc::{Client, Event, MqttOptions, Outgoing, Packet, QoS};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
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

/// What publishers have while the broker is away is theirs, what the broker has while the service is away is the broker's, and of neither
/// does the service take more than it may have unacknowledged.
#[test]
fn queues_before_and_in_the_broker_arrive_in_order_and_memory_is_bounded() {
    const WAITING: i64 = 1_000;
    /// A batch is being stored and another one waits, whatever the broker would send at once.
    const MOST: u64 = 20;
    for version in ["5", "3.1.1"] {
        let settings = "allow_anonymous true\nmax_inflight_messages 0\n";
        let Some(mut broker) = Broker::start_with(settings, |_| {}) else { return };
        let world = plant(&broker.settings(&format!("version = \"{version}\"\nbatchSamples = 10"), TOPICS));
        let subscriber = Subscriber::start(&world.app).expect("threads");
        until(|| broker_of(&world)["state"] == "CONNECTED");
        let mut publisher = Publisher::start(&broker, 2 * WAITING);
        publisher.send(0..100);
        until(|| publisher.acknowledged() == 100 && count(&world) == "100");
        broker.stop();
        until(|| broker_of(&world)["state"] == "WAITING");
        publisher.send(100..100 + WAITING);
        broker.resume();
        let mut most = 0;
        let mut is_stored = |count: i64| {
            let status = broker_of(&world);
            let number =
                |name: &str| status[name].as_str().and_then(|text| text.parse::<u64>().ok()).expect(name);
            most = most.max(number("unacknowledgedCount"));
            let is_last = temperatures(&world)["max"].as_f64() == Some((count - 1) as f64);
            number("unacknowledgedCount") == 0 && is_last
        };
        until(|| is_stored(100 + WAITING));
        drop(subscriber);
        publisher.send(100 + WAITING..100 + 2 * WAITING);
        until(|| publisher.acknowledged() == 100 + 2 * WAITING);
        broker.stop();
        broker.resume();
        let _subscriber = Subscriber::start(&world.app).expect("threads");
        until(|| is_stored(100 + 2 * WAITING));
        // Each instant was sent often: the last one counts where the order stays.
        let (least, greatest) = (2 * WAITING, 2 * WAITING + 99);
        let stored = temperatures(&world);
        assert_eq!(
            (stored["sampleCount"].as_str(), stored["min"].as_f64(), stored["max"].as_f64()),
            (Some("100"), Some(least as f64), Some(greatest as f64))
        );
        assert!((1..=MOST).contains(&most), "{version}: {most} were unacknowledged at once");
        let status = broker_of(&world);
        assert_eq!((&status["refused"], &status["error"]), (&json!([]), &Value::Null), "{status:#}");
    }
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

/// A publisher that keeps what the broker has not acknowledged, and goes on when the broker is there again.
struct Publisher {
    client: Client,
    acknowledged: Arc<AtomicI64>,
}

impl Publisher {
    fn start(broker: &Broker, waiting_max: i64) -> Self {
        let mut options = MqttOptions::new("publisher", "127.0.0.1", broker.port);
        options.set_clean_session(false);
        let waiting_max = usize::try_from(waiting_max).expect("a number");
        let (client, mut connection) = Client::new(options, waiting_max);
        let acknowledged = Arc::new(AtomicI64::new(0));
        let counted = Arc::clone(&acknowledged);
        std::thread::spawn(move || {
            // An error is the end of one connection, after which the next one is made.
            for event in connection.iter() {
                match event {
                    Ok(Event::Incoming(Packet::PubAck(_))) => {
                        counted.fetch_add(1, Ordering::SeqCst);
                    }
                    Ok(Event::Outgoing(Outgoing::Disconnect)) => return,
                    Ok(_) | Err(_) => {}
                }
            }
        });
        Self { client, acknowledged }
    }

    /// Sends values, each of its number of seconds modulo 100.
    fn send(&mut self, values: std::ops::Range<i64>) {
        for value in values {
            let payload = timed(value % 100, value as f64);
            self.client.publish("json/P-1", QoS::AtLeastOnce, false, payload).expect("queued");
        }
    }

    fn acknowledged(&self) -> i64 {
        self.acknowledged.load(Ordering::SeqCst)
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        let _ = self.client.disconnect();
    }
}
