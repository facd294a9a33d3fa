//! What arrives, and what of it is no sample.

use super::{Broker, TOPICS, broker_of, count, plant, temperatures, timed};
use crate::program::{is_there, throughline};
use crate::world::{BASE, clock, request, until};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;
use throughline::app::{App, Subscriber};

#[test]
fn samples_arrive_in_both_versions_and_what_is_none_is_listed() {
    let Some(broker) = Broker::start() else { return };
    for version in ["5", "3.1.1"] {
        let world =
            plant(&broker.settings(&format!("version = \"{version}\"\nclient = \"v{version}\""), TOPICS));
        assert_eq!(broker_of(&world)["state"], "IDLE");
        let subscriber = Subscriber::start(&world.app).expect("threads");
        until(|| broker_of(&world)["state"] == "CONNECTED");
        let large = "9".repeat(2_000_000);
        broker.publish(&[
            ("plant/north/P-1/temp", "71.5"),
            ("plant/north/P-1/temp", "72.5"),
            ("plant/north/P-2/temp", "true"),
            ("json/P-1", &timed(3600, 80.0)),
            ("json/P-1", "{\"t\": \"warm\", \"engine\": {\"speed\": 3}, \"ts\": 1767225600000}"),
            ("json/P-1", "{\"t\": 1}"),
            ("json/P-1", "{"),
            ("plant/north/P-1/temp", "hot"),
            ("plant/north/P-1/temp", &large),
            ("other/a", "{\"x\": 1}"),
            ("other/a/b", "{\"serial\": \"P-2\", \"x\": {\"y\": 2}}"),
        ]);
        until(|| {
            broker_of(&world)["messageCount"] == "11" && broker_of(&world)["unacknowledgedCount"] == "0"
        });
        let status = broker_of(&world);
        assert_eq!((&status["sampleCount"], &status["error"]), (&json!("6"), &Value::Null), "{status:#}");
        // Those without a time are of their arrival, and two of them at one instant are two.
        assert_eq!(temperatures(&world), json!({ "sampleCount": "4", "min": 1.0, "max": 80.0 }));
        let refused: Vec<String> = status["refusedTopics"]
            .as_array()
            .expect("topics")
            .iter()
            .map(|of| format!("{} {} {}", of["reason"], of["topic"], of["count"]).replace('"', ""))
            .collect();
        assert_eq!(
            refused,
            [
                "VALUE json/P-1 1",
                "TIME json/P-1 1",
                "PAYLOAD json/P-1 1",
                "PAYLOAD plant/north/P-1/temp 2",
                "TWIN other/a 1"
            ],
            "{status:#}"
        );
        let metrics = world.served(|address| request(address, "GET", "/metrics", &[], b"").body);
        for line in [
            "throughline_mqtt_connected{broker=\"plant\"} 1.0",
            "throughline_mqtt_samples_total{broker=\"plant\"} 6.0",
            "throughline_mqtt_refused_total{broker=\"plant\",reason=\"payload\"} 3.0",
        ] {
            assert!(metrics.contains(line), "{line}:\n{metrics}");
        }
        drop(subscriber);
        assert_eq!(broker_of(&world)["state"], "IDLE");
    }
}

/// A session that subscribed to more in its time still gets that; and what the broker has kept is no sample of now.
#[test]
fn topics_that_nothing_is_for_and_kept_messages_are_counted() {
    let Some(broker) = Broker::start() else { return };
    broker.publish(&[("kept/P-1/temp", "20.5")]);
    let world = plant(&broker.settings("", TOPICS));
    let subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["messageCount"] == "1");
    assert_eq!(broker_of(&world)["refused"], json!([{ "reason": "RETAINED", "count": "1" }]));
    drop(subscriber);
    let fewer = broker.settings("", "[[mqtt.broker.topic]]\npattern = \"json/{twin}\"\npayload = \"json\"\n");
    let world = world.reopened(|folder| {
        std::fs::write(folder.join("throughline.toml"), fewer).expect("settings");
    });
    let _subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    broker.publish(&[
        ("plant/north/P-1/temp", "1"),
        ("other/x", "1"),
        ("other/x", "2"),
        ("json/P-1", "{\"temp\": 4}"),
    ]);
    until(|| broker_of(&world)["messageCount"] == "4" && broker_of(&world)["unacknowledgedCount"] == "0");
    let status = broker_of(&world);
    assert_eq!(status["refused"], json!([{ "reason": "UNMATCHED", "count": "3" }]), "{status:#}");
    assert_eq!(status["refusedTopics"][1]["topic"], "other/x");
    assert_eq!(status["refusedTopics"][1]["count"], "2");
    assert_eq!(count(&world), "1");
}

/// What the settings do not let in is counted, and nobody else's twins are written.
#[test]
fn samples_of_other_twins_are_refused() {
    let Some(broker) = Broker::start() else { return };
    let world = plant(&broker.settings("twins = [\"P-1\"]", TOPICS));
    let _subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    broker.publish(&[("plant/a/P-1/temp", "1"), ("plant/a/P-2/temp", "2"), ("plant/a/P-1/\u{200b}", "3")]);
    until(|| broker_of(&world)["messageCount"] == "3" && broker_of(&world)["unacknowledgedCount"] == "0");
    let status = broker_of(&world);
    let refused = json!([{ "reason": "SCOPE", "count": "1" }, { "reason": "STORE", "count": "1" }]);
    assert_eq!(status["refused"], refused, "{status:#}");
    assert_eq!(status["refusedTopics"][1]["topic"], "plant/a/P-1/\u{200b}");
    assert_eq!(temperatures(&world), json!({ "sampleCount": "1", "min": 1.0, "max": 1.0 }));
}

/// What one broker brings in a day is bounded, over all its batches.
#[test]
fn a_broker_brings_so_many_new_series_in_a_day() {
    let Some(broker) = Broker::start() else { return };
    let world = plant(&format!("[telemetry]\nnewSeriesMax = 2\n{}", broker.settings("", TOPICS)));
    let _subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    for (number, field) in ["temp", "speed", "load", "temp"].into_iter().enumerate() {
        broker.publish(&[(&format!("plant/a/P-1/{field}"), "1")]);
        let count = json!((number + 1).to_string());
        until(|| {
            broker_of(&world)["messageCount"] == count && broker_of(&world)["unacknowledgedCount"] == "0"
        });
    }
    let status = broker_of(&world);
    assert_eq!(status["sampleCount"], "3", "{status:#}");
    assert_eq!(status["refused"], json!([{ "reason": "STORE", "count": "1" }]));
    let detail = status["refusedTopics"][0]["detail"].as_str().expect("a detail");
    assert!(detail.contains("a broker may bring 2 in a day"), "{detail}");
}

/// A publisher in Python, which the project did not write.
const PAHO: &str = r#"
import sys, paho.mqtt.client as mqtt
kind = getattr(mqtt, "CallbackAPIVersion", None)
client = mqtt.Client(kind.VERSION2, protocol=mqtt.MQTTv5) if kind else mqtt.Client(protocol=mqtt.MQTTv5)
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_start()
for second in range(500):
    client.publish("json/P-1", '{"t": %d, "ts": %d}' % (second, 1767225600000 + second * 1000), qos=1).wait_for_publish()
client.disconnect()
"#;

#[test]
fn paho_publishes() {
    let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if !is_there(&python, &["-c", "import paho.mqtt.client"]) {
        return;
    }
    let Some(broker) = Broker::start() else { return };
    let world = plant(&broker.settings("", TOPICS));
    let _subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    let port = broker.port.to_string();
    assert!(Command::new(python).args(["-c", PAHO, &port]).status().expect("Python").success());
    until(|| temperatures(&world) == json!({ "sampleCount": "500", "min": 0.0, "max": 499.0 }));
}

#[test]
fn the_settings_of_brokers_are_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = App::init(folder.path(), &[], BASE, clock()).expect("a thread");
    drop(Arc::into_inner(Arc::new(app)));
    let wrong = "[[mqtt.broker]]\nname = \"plant\"\nurl = \"mqtt://b\"\nemail = \"p@x.example\"\n[[mqtt.broker.topic]]\npattern = \"a/{twin}\"\n";
    std::fs::write(folder.path().join("throughline.toml"), wrong).expect("settings");
    let reason = "[mqtt] \"broker\" plant: topic 1 (a/{twin}): field: \"{field}\": the pattern has no {field}, but twin";
    let refused = App::open(folder.path(), clock()).expect_err("refused").to_string();
    assert!(refused.contains(reason), "{refused}");
    let checked = throughline(folder.path(), &["config", "check", "--data", "."]);
    let printed = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(!checked.status.success() && printed.contains(reason), "{printed}");
}
