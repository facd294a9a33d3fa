//! Messages of MQTT brokers, stored by what the settings map them to: acknowledged once durable, so that no end of a broker, a connection or
//! the service loses one. The broker is Debian's mosquitto, the publishers are `rumqttc` and `paho-mqtt`.

use super::program::{Served, is_there, out, throughline};
use super::world::{BASE, PUMP, World, clock, post_graphql, request, until};
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use throughline::app::{App, Subscriber};

/// A broker in a folder of its own.
pub(super) struct Broker {
    folder: tempfile::TempDir,
    pub(super) port: u16,
    process: Option<Child>,
}

impl Broker {
    /// Starts a broker that lets in everybody; `None` where mosquitto is not there.
    pub(super) fn start() -> Option<Self> {
        Self::start_with("allow_anonymous true\n", |_| {})
    }

    fn start_with(settings: &str, prepare: impl FnOnce(&Path)) -> Option<Self> {
        if !is_there("sh", &["-c", "command -v mosquitto"]) {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        prepare(folder.path());
        let path = folder.path().display();
        // What was accepted is kept whatever ends the broker.
        let text = format!(
            "listener {port} 127.0.0.1\nuser root\npersistence true\npersistence_location {path}/\nautosave_on_changes true\nautosave_interval 1\nmax_queued_messages 0\nlog_dest none\n{}",
            settings.replace("FOLDER", &path.to_string())
        );
        std::fs::write(folder.path().join("mosquitto.conf"), text).expect("a file");
        let mut broker = Self { folder, port, process: None };
        broker.resume();
        Some(broker)
    }

    /// Starts it again, with what it has kept.
    fn resume(&mut self) {
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(self.folder.path().join("mosquitto.conf"));
        self.process = Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("mosquitto"));
        until(|| TcpStream::connect(("127.0.0.1", self.port)).is_ok());
    }

    /// Ends it as a restart does: it writes what it keeps.
    fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let id = process.id().to_string();
        assert!(Command::new("kill").arg(&id).status().expect("kill").success());
        process.wait().expect("it ends");
    }

    /// Publishes messages in order, each at least once, and waits until the broker has all of them.
    pub(super) fn publish(&self, messages: &[(&str, &str)]) {
        let mut options = MqttOptions::new(format!("test-{}", messages.len()), "127.0.0.1", self.port);
        options.set_keep_alive(Duration::from_secs(60)).set_max_packet_size(10_000_000, 10_000_000);
        let (client, mut connection) = Client::new(options, messages.len() + 1);
        for (topic, payload) in messages {
            let is_retained = topic.starts_with("kept/");
            client.publish(*topic, QoS::AtLeastOnce, is_retained, *payload).expect("queued");
        }
        let mut missing = messages.len();
        for event in connection.iter() {
            if matches!(event.expect("a connection"), Event::Incoming(Packet::PubAck(_))) {
                missing -= 1;
            }
            if missing == 0 {
                break;
            }
        }
    }

    fn settings(&self, more: &str, topics: &str) -> String {
        format!(
            "[[mqtt.broker]]\nname = \"plant\"\nurl = \"mqtt://127.0.0.1:{}\"\nemail = \"plant@test.example\"\n{more}\n{topics}",
            self.port
        )
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

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
    until(|| broker_of(&world)["connectionCount"] == "2" && broker_of(&world)["messageCount"] == "300");
    until(|| broker_of(&world)["unacknowledgedCount"] == "0");
    // Each instant was sent three times: the last one counts.
    assert_eq!(temperatures(&world), json!({ "sampleCount": "100", "min": 200.0, "max": 299.0 }));
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

#[test]
fn brokers_are_reached_over_tls_by_certificate_or_password() {
    let made = |name: &str| {
        let mut parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = rcgen::KeyPair::generate().expect("a key");
        (parameters, key)
    };
    let (mut authority, authority_key) = made("authority");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_pem = authority.self_signed(&authority_key).expect("a certificate").pem();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let issued = |name: &str| {
        let (parameters, key) = made(name);
        (parameters.signed_by(&key, &issuer).expect("a certificate").pem(), key.serialize_pem())
    };
    let files = |folder: &Path| {
        std::fs::write(folder.join("ca.pem"), &authority_pem).expect("a file");
        for name in ["localhost", "throughline"] {
            let (certificate, key) = issued(name);
            std::fs::write(folder.join(format!("{name}.pem")), certificate).expect("a file");
            std::fs::write(folder.join(format!("{name}.key")), key).expect("a file");
        }
    };
    let settings = "allow_anonymous false\ncafile FOLDER/ca.pem\ncertfile FOLDER/localhost.pem\nkeyfile FOLDER/localhost.key\nrequire_certificate true\nuse_identity_as_username true\n";
    let Some(broker) = Broker::start_with(settings, files) else { return };
    let own = broker.folder.path().display();
    let tls = |more: &str| {
        broker
            .settings(&format!("ca = \"{own}/ca.pem\"\n{more}"), TOPICS)
            .replace("mqtt://127.0.0.1", "mqtts://localhost")
    };
    let world =
        plant(&tls(&format!("certificate = \"{own}/throughline.pem\"\nkey = \"{own}/throughline.key\"")));
    let subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    drop(subscriber);
    let world = plant(&tls(""));
    let subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["error"].is_string());
    drop(subscriber);

    let password = |folder: &Path| {
        let mut made = Command::new("mosquitto_passwd");
        made.args(["-b", "-c"]).arg(folder.join("users"));
        assert!(made.args(["throughline", "right"]).status().expect("mosquitto_passwd").success());
    };
    let settings = "allow_anonymous false\npassword_file FOLDER/users\n";
    let Some(broker) = Broker::start_with(settings, password) else { return };
    for (version, text, expect) in
        [("5", "right\n", "CONNECTED"), ("5", "wrong", "WAITING"), ("3.1.1", "wrong", "WAITING")]
    {
        let secret = broker.folder.path().join("secret");
        std::fs::write(&secret, text).expect("a file");
        let login =
            format!("version = \"{version}\"\nuser = \"throughline\"\npassword = \"{}\"", secret.display());
        let world = plant(&broker.settings(&login, TOPICS));
        let _subscriber = Subscriber::start(&world.app).expect("threads");
        until(|| broker_of(&world)["state"] == expect);
        if expect == "WAITING" {
            let error = broker_of(&world)["error"].to_string();
            assert!(error.contains("refuses the connection: NotAuthorized"), "{error}");
        }
    }
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

const SPARKPLUG: &str = "[[mqtt.broker.topic]]\npattern = \"spBv1.0/#\"\npayload = \"sparkplug\"\n";

/// Edge nodes by `pysparkplug`, which the project did not write: each line of its input is a step, each line of its output an answer.
const NODES: &str = r#"
import sys, pysparkplug as psp
port, nodes = int(sys.argv[1]), {}
def metrics(value): return [psp.Metric(timestamp=1767225600000 + int(value * 1000), name="temp", datatype=psp.DataType.DOUBLE, value=value, alias=7),
    psp.Metric(timestamp=1767225600000, name="note", datatype=psp.DataType.STRING, value="fine", alias=8)]
def command(node, message):
    if any(metric.name == "Node Control/Rebirth" and metric.value for metric in message.payload.metrics):
        print("rebirth", node.edge_node_id, flush=True)
for line in sys.stdin:
    step, node, device, value = line.split()
    if step == "birth":
        nodes[node] = psp.EdgeNode("plant", node, [], cmd_callback=command)
        if device != "-":
            nodes[node].register(psp.Device(device, metrics(float(value))))
        nodes[node].connect("127.0.0.1", port=port, blocking=False)
    elif step == "device":
        nodes[node].register(psp.Device(device, metrics(float(value))))
    elif step == "data":
        nodes[node].update_device(device, metrics(float(value))[:1])
    elif step == "leave":
        nodes[node].deregister(device)
    elif step == "death":
        nodes.pop(node).disconnect()
    print("done", step, node, flush=True)
"#;

/// Nodes of Sparkplug B in a process of their own.
struct Nodes {
    process: Child,
    input: std::process::ChildStdin,
    printed: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Nodes {
    fn start(broker: &Broker) -> Option<Self> {
        use std::io::BufRead as _;
        let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        if !is_there(&python, &["-c", "import pysparkplug"]) {
            return None;
        }
        let mut command = Command::new(python);
        command.args(["-c", NODES, &broker.port.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("Python");
        let (input, output) =
            (process.stdin.take().expect("its input"), process.stdout.take().expect("its output"));
        let printed = Arc::new(std::sync::Mutex::new(Vec::new()));
        let lines = Arc::clone(&printed);
        std::thread::spawn(move || {
            for line in std::io::BufReader::new(output).lines().map_while(Result::ok) {
                lines.lock().expect("lines").push(line);
            }
        });
        Some(Self { process, input, printed })
    }

    fn count(&self, line: &str) -> usize {
        self.printed.lock().expect("lines").iter().filter(|own| *own == line).count()
    }

    /// Has a node do something, and waits until it has.
    fn step(&mut self, step: &str) {
        use std::io::Write as _;
        let done = format!("done {}", step.split(' ').take(2).collect::<Vec<_>>().join(" "));
        let before = self.count(&done);
        writeln!(self.input, "{step}").expect("sent");
        until(|| self.count(&done) > before);
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const UNITS: &str = "{ brokers { sparkplugUnits { nodes { group node device twin isAlive metricCount } } } }";

fn unit(world: &World, node: &str, device: &str) -> Value {
    let units = world.data(UNITS, json!({}))["brokers"][0]["sparkplugUnits"]["nodes"].clone();
    let mut units = units.as_array().expect("units").iter();
    units.find(|unit| unit["node"] == node && unit["device"] == device).cloned().unwrap_or_default()
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

/// What the thread knows of the node under which a pump is: it is a unit, in which the pump is installed.
const GATEWAYS: &str = r#"
@base <https://test.example/> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<gateway> a tl:Part ; dcterms:identifier "GW" ; dcterms:title "Gateway" .
<unit/G-1> a tl:TwinInstance ; dcterms:identifier "G-1" ; tl:part <gateway> .
<unit/G-2> a tl:TwinInstance ; dcterms:identifier "G-2" ; tl:part <gateway> .
"#;

#[test]
fn sparkplug_nodes_are_born_send_die_and_a_unit_under_another_node_is_a_proposed_swap() {
    let Some(broker) = Broker::start() else { return };
    let Some(mut nodes) = Nodes::start(&broker) else { return };
    let world = plant(&broker.settings("", SPARKPLUG));
    world.import("gateways", GATEWAYS).expect("an import");
    let subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    nodes.step("birth G-1 P-1 20.5");
    until(|| unit(&world, "G-1", "P-1")["isAlive"] == true);
    assert_eq!(unit(&world, "G-1", "P-1")["metricCount"], 2);
    nodes.step("data G-1 P-1 21.5");
    until(|| temperatures(&world) == json!({ "sampleCount": "2", "min": 20.5, "max": 21.5 }));
    let status = broker_of(&world);
    assert_eq!(
        status["refused"],
        json!([{ "reason": "VALUE", "count": "1" }]),
        "the note is text: {status:#}"
    );
    assert!(findings(&world).is_empty());
    // The pump appears under another node, and nobody has recorded that.
    nodes.step("leave G-1 P-1 0");
    until(|| unit(&world, "G-1", "P-1")["isAlive"] == false);
    nodes.step("birth G-2 P-1 30.5");
    until(|| findings(&world) == ["MOVED OPEN P-1 under plant/G-2"]);
    let usage = temperatures(&world);
    assert_eq!(
        usage,
        json!({ "sampleCount": "3", "min": 20.5, "max": 30.5 }),
        "its samples are its own all the same"
    );
    // A run of all monitors leaves it open.
    let run = |world: &World| {
        drop(world.data("mutation { runDataMonitors(input: {}) { run { opened { iri } } } }", json!({})));
    };
    run(&world);
    assert_eq!(findings(&world), ["MOVED OPEN P-1 under plant/G-2"]);
    // Once the swap is recorded nothing is wrong with it.
    let swap = "<installation/1> a tl:Installation ; tl:component <unit/P-1> ; tl:parent <unit/G-2> ; tl:from \"2026-01-01T00:00:00Z\"^^xsd:dateTime .";
    let prefixes = GATEWAYS.split("<gateway>").next().expect("prefixes");
    world.import("swap", &format!("{prefixes}{swap}")).expect("an import");
    run(&world);
    assert_eq!(findings(&world), ["MOVED CLOSED P-1 under plant/G-2"]);
    nodes.step("death G-2 P-1 0");
    until(|| unit(&world, "G-2", "P-1")["isAlive"] == false);
    run(&world);
    let stale = [
        "MOVED CLOSED P-1 under plant/G-2",
        "STALE OPEN G-2 under plant/G-2",
        "STALE OPEN P-1 under plant/G-2",
    ];
    assert_eq!(findings(&world), stale);
    // After a restart births are not known, so they are asked for; where units were born is, and which are dead.
    drop(subscriber);
    let world = world.reopened(|folder| assert!(folder.join("mqtt/plant.json").is_file()));
    run(&world);
    assert_eq!(findings(&world), stale, "what is dead stays so");
    let _subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    nodes.step("device G-1 P-1 22.5");
    until(|| nodes.count("rebirth G-1") == 1);
    assert_eq!(broker_of(&world)["refused"], json!([{ "reason": "UNDECLARED", "count": "2" }]));
    // It comes back under the first node, which is not where it is installed.
    nodes.step("death G-1 P-1 0");
    nodes.step("birth G-1 P-1 22.5");
    until(|| findings(&world).contains(&"MOVED OPEN P-1 under plant/G-1".to_owned()));
    run(&world);
    let is_there = |finding: &str| findings(&world).contains(&finding.to_owned());
    assert!(is_there("STALE CLOSED P-1 under plant/G-2") && is_there("STALE OPEN G-2 under plant/G-2"));
}

/// A unit that answers commands by the answers it was given, in their order; then it is silent.
struct Receiver {
    commands: Arc<std::sync::Mutex<Vec<Value>>>,
    client: Client,
}

impl Receiver {
    fn start(broker: &Broker, mut answers: Vec<Value>) -> Self {
        let (client, mut connection) = Client::new(MqttOptions::new("unit", "127.0.0.1", broker.port), 10);
        let commands = Arc::new(std::sync::Mutex::new(Vec::new()));
        client.subscribe("commands/+", QoS::AtLeastOnce).expect("queued");
        let (taken, own) = (Arc::clone(&commands), client.clone());
        let (ready, is_ready) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for event in connection.iter().map_while(Result::ok) {
                match event {
                    Event::Incoming(Packet::SubAck(_)) => ready.send(()).expect("heard"),
                    Event::Incoming(Packet::Publish(publish)) => {
                        let command: Value = serde_json::from_slice(&publish.payload).expect("JSON");
                        let id = command["id"].clone();
                        taken.lock().expect("commands").push(command);
                        if !answers.is_empty() {
                            let mut answer = answers.remove(0);
                            answer["id"] = id;
                            let topic = format!("{}/answer", publish.topic);
                            own.publish(topic, QoS::AtLeastOnce, false, answer.to_string()).expect("queued");
                        }
                    }
                    _ => {}
                }
            }
        });
        is_ready.recv().expect("subscribed");
        Self { commands, client }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.client.disconnect();
    }
}

/// A command that is answered otherwise than desired is sent again under its id, then is a finding, which is closed once it is done.
#[test]
fn commands_leave_by_a_topic_and_come_back_answered() {
    let Some(broker) = Broker::start() else { return };
    let receiver = Receiver::start(
        &broker,
        vec![
            json!({ "status": "accepted", "reported": { "mode": "running" } }),
            json!({ "status": "rejected", "reason": "locked" }),
            json!({ "reported": { "mode": "inspection", "speed": 7 } }),
        ],
    );
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/integrations/setpoint.json");
    let target = format!(
        "[outbox]\nattempts = 3\n[[outbox.target]]\nname = \"controls\"\nkind = \"mqtt\"\nbroker = \"plant\"\ntopic = \"commands/{{data.fields.target}}\"\n\
         answer = \"commands/{{data.fields.target}}/answer\"\ntemplate = \"{template}\"\nevents = [\"action.ordered\"]\n"
    );
    let plant = super::actions::Plant::new();
    let settings = format!("{target}{}", broker.settings("", TOPICS));
    std::fs::write(plant.world.folder.path().join("throughline.toml"), settings).expect("settings");
    let plant = plant.reopened();
    let deliver = || plant.world.app.deliver_all().expect("deliveries").delivered;
    let outbox = || {
        plant.world.data("{ outbox { address attemptCount error deadLetters { nodes { id error } } } }", json!({}))["outbox"]
            [0]
        .clone()
    };
    assert_eq!(deliver(), 0);
    let action = plant.propose(r#"targets: ["unit/P-1"]"#).remove(0);
    plant.decide(&action, "APPROVE");
    plant.report(&action, "ORDER");
    assert_eq!(deliver(), 0);
    let status = outbox();
    assert_eq!(
        status["error"], "mode is reported as \"running\", and \"inspection\" is desired",
        "{status:#}"
    );
    assert_eq!((&status["attemptCount"], findings(&plant.world).len()), (&json!(1), 0));
    plant.at(1);
    assert_eq!(deliver(), 0);
    let dead = outbox()["deadLetters"]["nodes"][0].clone();
    assert_eq!(dead["error"], "the receiver rejects it: locked");
    let id = dead["id"].as_str().expect("a name").to_owned();
    assert_eq!(findings(&plant.world), [format!("COMMAND OPEN controls {id}")]);
    plant.mutate(r#"retryDeliveries(input: { target: "controls" }) { deadLetters { id } }"#);
    assert_eq!(deliver(), 1);
    assert_eq!(findings(&plant.world), [format!("COMMAND CLOSED controls {id}")]);
    let commands = receiver.commands.lock().expect("commands").clone();
    assert_eq!(commands.len(), 3);
    for command in &commands {
        assert_eq!(
            (&command["id"], &command["unit"], &command["desired"]["mode"]),
            (&json!(id), &json!("P-1"), &json!("inspection"))
        );
    }
}
