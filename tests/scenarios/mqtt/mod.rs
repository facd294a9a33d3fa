//! Messages of MQTT brokers, stored by what the settings map them to: acknowledged once durable, so that no end of a broker, a connection or
//! the service loses one. The broker is Debian's mosquitto, the publishers are `rumqttc`, `paho-mqtt` and `pysparkplug`.

mod broker;
mod command_receiver;
mod commands;
mod outage;
mod samples;
mod sparkplug;
mod sparkplug_nodes;
mod tls;

pub(crate) use broker::Broker;
pub(crate) use command_receiver::CommandReceiver;
pub(crate) use sparkplug_nodes::Nodes;

use super::world::{PUMP, World};
use serde_json::{Value, json};

/// A plain value a topic; JSON with its own time; what the broker has kept.
const TOPICS: &str = r#"
[[mqtt.broker.topic]]
pattern = "plant/{site}/{twin}/{field}"
[[mqtt.broker.topic]]
pattern = "json/{twin}"
values = { temp = "$.t", speed = "$.engine.speed" }
time = "$.ts"
timeUnit = "ms"
[[mqtt.broker.topic]]
pattern = "kept/{twin}/{field}"
[[mqtt.broker.topic]]
pattern = "other/#"
payload = "json"
twin = "$.serial"
"#;

/// 2026-01-01T00:00:00Z in milliseconds: the start of the windows that are asked for.
const NEW_YEAR_MS: i64 = 1_767_225_600_000;

fn plant(settings: &str) -> World {
    let world = World::new().reopened(|folder| {
        std::fs::write(folder.join("throughline.toml"), settings).expect("settings");
    });
    world.import("pump", PUMP).expect("an import");
    world
}

/// Returns count, least and greatest of the temperatures of all pumps.
fn temperatures(world: &World) -> Value {
    world.data(TEMPERATURES, json!({}))["thread"]["designRevision"]["fieldUsage"].clone()
}

const TEMPERATURES: &str = r#"{ thread { designRevision(id: "pump/A") { fieldUsage(property: "temperature",
    window: { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }) { sampleCount min max } } } }"#;
const BROKERS: &str =
    "{ brokers { name url state error connectionCount messageCount unacknowledgedCount sampleCount unlistedCount refusedFilters
    refused { reason count } refusedTopics { topic reason count detail } } }";

fn broker_of(world: &World) -> Value {
    world.data(BROKERS, json!({}))["brokers"][0].clone()
}

fn count(world: &World) -> String {
    temperatures(world)["sampleCount"].as_str().unwrap_or_default().to_owned()
}

/// A payload with its own time, so many seconds after new year.
fn timed(second: i64, value: f64) -> String {
    format!("{{\"t\": {value}, \"ts\": {}}}", NEW_YEAR_MS + second * 1000)
}

/// Returns the findings on data as `KIND STATE name`.
fn findings(world: &World) -> Vec<String> {
    let found = world
        .data("{ thread { dataFindings(first: 50) { nodes { kind state name description } } } }", json!({}));
    let found = found["thread"]["dataFindings"]["nodes"].as_array().expect("findings").clone();
    let mut found: Vec<String> = found
        .iter()
        .map(|of| format!("{} {} {}", of["kind"], of["state"], of["name"]).replace('"', ""))
        .collect();
    found.sort();
    found
}
