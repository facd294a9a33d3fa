//! The program as it is served, which is killed and started again; what is sent to it meanwhile.

use super::shop::Shop;
use crate::actions::ASSETS;
use crate::mqtt::Broker;
use crate::outbox::{MAPPING, SECRET};
use crate::program::{Served, out, throughline};
use crate::world::{BASE, PUMP, post_graphql, until};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};
use throughline::model::time::instant::Instant;

const HOUR: i64 = 3600;
/// So many readings of P-2 are sent at once.
const READINGS: i64 = 20;

/// What runs by itself does so every second, up to the last full hour; little is enough for a verdict.
const SETTINGS: &str = r#"
[enough]
hours = 0.0001
[monitors]
every = "PT1S"
[[monitors.monitor]]
name = "pumps"
items = ["pump/A"]
window = "PT47H"
[policies]
every = "PT1S"
[outbox]
allow = ["127.0.0.0/8"]
[[outbox.target]]
name = "mes"
kind = "webhook"
url = "http://SHOP/orders"
secret = "mes.secret"
events = ["finding.opened", "action.*"]
[[outbox.target]]
name = "controls"
kind = "mqtt"
broker = "plant"
topic = "commands/{data.fields.target}"
answer = "commands/{data.fields.target}/answer"
template = "TEMPLATE"
events = ["action.ordered"]
[[hooks.hook]]
name = "mes"
secret = "mes.secret"
mapping = "mes.toml"
email = "mes@plant.example"
"#;

const TOPICS: &str = r#"
[[mqtt.broker.topic]]
pattern = "spBv1.0/#"
payload = "sparkplug"
[[mqtt.broker.topic]]
pattern = "json/{twin}"
values = { temp = "$.t" }
time = "$.ts"
timeUnit = "ms"
"#;

/// The service, with the broker that it subscribes to.
pub(super) struct Service {
    folder: tempfile::TempDir,
    broker: Broker,
    running: Option<Served>,
    pub(super) address: SocketAddr,
    /// When it was started last.
    pub(super) started: Instant,
    /// The last full hour before the first start.
    hour: i64,
    /// How many readings of P-2 were sent.
    sent: i64,
}

impl Service {
    /// Makes the thread, starts to serve it, and grants its policy to order what a person has approved.
    pub(super) fn start(broker: Broker, shop: &Shop) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let within = |name: &str| folder.path().join(name);
        out(&throughline(folder.path(), &["init", "plant", "--base", BASE]));
        for (name, text) in [("pump.ttl", PUMP), ("assets.ttl", ASSETS)] {
            std::fs::write(within(name), text).expect("a file");
            out(&throughline(folder.path(), &["import", "--data", "plant", name]));
        }
        let template = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/integrations/setpoint.json");
        let settings = SETTINGS.replace("SHOP", &shop.address().to_string()).replace("TEMPLATE", template);
        let settings = format!("{settings}{}", broker.settings("", TOPICS));
        for (name, text) in
            [("throughline.toml", settings.as_str()), ("mes.secret", SECRET), ("mes.toml", MAPPING)]
        {
            std::fs::write(within("plant").join(name), text).expect("a file");
        }
        let (running, address) = serve(&folder);
        let hour = now().seconds() / HOUR * HOUR;
        let started = now();
        let service = Self { folder, broker, running: Some(running), address, started, hour, sent: 0 };
        // A target gets what comes after it was first there.
        until(|| {
            let targets = service.ask("{ outbox { commit } }")["outbox"].clone();
            targets.as_array().expect("targets").iter().all(|target| target["commit"].is_string())
        });
        service.ask(
            r#"mutation { grantPolicy(input: { policy: "policy/hot", autonomy: ORDER_AFTER_APPROVAL, reason: "proven",
            author: { name: "Anna", email: "anna@plant.example" } }) { policy { autonomy } } }"#,
        );
        service
    }

    /// Kills it and starts it again; readings are sent before, and while it is away.
    pub(super) fn kill(&mut self) {
        self.send_readings();
        self.running = None;
        self.send_readings();
        self.started = now();
        let (running, address) = serve(&self.folder);
        (self.running, self.address) = (Some(running), address);
    }

    /// Sends readings of P-2, each of its own second.
    fn send_readings(&mut self) {
        let payload = |second: i64| format!("{{\"t\": 60, \"ts\": {}}}", (self.hour - 7200 + second) * 1000);
        let payloads: Vec<String> = (self.sent..self.sent + READINGS).map(payload).collect();
        self.broker
            .publish(&payloads.iter().map(|payload| ("json/P-2", payload.as_str())).collect::<Vec<_>>());
        self.sent += READINGS;
    }

    /// Checks that every reading has arrived, and that all deliveries were made.
    pub(super) fn check_complete(&self) {
        until(|| self.samples("P-2") == self.sent);
        let outbox = self.ask("{ outbox { name error deadLetters { totalCount } } }")["outbox"].clone();
        for target in outbox.as_array().expect("targets") {
            assert_eq!(
                (&target["error"], &target["deadLetters"]["totalCount"]),
                (&Value::Null, &json!(0)),
                "{target}"
            );
        }
        let broker =
            self.ask("{ brokers { lostSessionCount refused { reason count } } }")["brokers"][0].clone();
        assert_eq!(broker["lostSessionCount"], "0", "{broker}");
    }

    /// Answers a GraphQL request that must succeed.
    pub(super) fn ask(&self, query: &str) -> Value {
        let answer = post_graphql(self.address, query, &json!({}));
        let mut json = answer.json();
        assert!(json.get("errors").is_none(), "{json:#}");
        json["data"].take()
    }

    /// Returns how many samples a pump has.
    pub(super) fn samples(&self, serial: &str) -> i64 {
        let (from, to) =
            (Instant::from_seconds(self.hour - 4 * HOUR), Instant::from_seconds(self.hour + 24 * HOUR));
        let query = format!(
            r#"{{ thread {{ twinInstance(id: "{serial}") {{ fieldUsage(property: "temperature", window: {{ from: "{from}", to: "{to}" }}) {{ sampleCount }} }} }} }}"#
        );
        let count = self.ask(&query)["thread"]["twinInstance"]["fieldUsage"]["sampleCount"].clone();
        count.as_str().and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// Returns whether it is on the disk that a device was born: its birth comes once, and is lost with a service that is killed before.
    pub(super) fn keeps(&self, device: &str) -> bool {
        let kept = std::fs::read_to_string(self.folder.path().join("plant/mqtt/plant.json"));
        kept.is_ok_and(|kept| kept.contains(&format!("\"{device}\"")))
    }

    /// Returns the last full hour before the first start, in seconds since 1970.
    pub(super) fn hour(&self) -> i64 {
        self.hour
    }

    /// Returns the second that the clock shows.
    pub(super) fn now(&self) -> Instant {
        Instant::from_seconds(now().seconds())
    }
}

fn serve(folder: &tempfile::TempDir) -> (Served, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.args(["serve", "--data", "plant", "--listen", "127.0.0.1:0"]).current_dir(folder.path());
    command.stderr(Stdio::null());
    Served::start(command)
}

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    Instant::from_nanos(i64::try_from(since.as_nanos()).expect("a clock before 2262"))
}
