//! The host, with what it is sent and what it makes of that.

use super::host::{Host, NODES_MAX, Taken};
use super::message::{Metric, Payload, Value};
use super::node::Node;
use super::unit::Change;
use crate::exchange::samples::mqtt::pattern::{Pattern, Template};
use crate::exchange::samples::mqtt::route::{Payload as Reading, Route, Sample, TwinName};
use crate::model::time::instant::Instant;
use prost::Message as _;

fn route() -> Route {
    let template = |text: &str| Template::parse(text, &["group", "node", "device"]).expect("a template");
    Route {
        pattern: Pattern::parse("spBv1.0/#").expect("a pattern"),
        payload: Reading::Sparkplug,
        twin: TwinName::Topic(template("{device}")),
        measurement: template("sparkplug"),
        field: None,
        tags: Vec::new(),
        each: None,
        time: None,
    }
}

fn named(name: &str, alias: u64, datatype: u32, value: Value) -> Metric {
    let (name, alias, datatype) = (Some(name.to_owned()), Some(alias), Some(datatype));
    Metric { name, alias, datatype, value: Some(value), ..Metric::default() }
}

fn aliased(alias: u64, value: Value) -> Metric {
    Metric { alias: Some(alias), value: Some(value), ..Metric::default() }
}

fn bd_seq(number: u64) -> Metric {
    named("bdSeq", 900, 8, Value::Long(number))
}

/// A host with what it is sent, written as `twin field value @ milliseconds`, a reason, `ask NODE` or `died TWIN`.
struct Trial {
    host: Host,
    seconds: i64,
}

impl Trial {
    fn send(&mut self, topic: &str, seq: u64, metrics: Vec<Metric>) -> Vec<String> {
        let payload = Payload { timestamp: Some(7), metrics, seq: Some(seq) }.encode_to_vec();
        let mut seen = Vec::new();
        let now = Instant::from_seconds(self.seconds);
        let taken = self.host.take(&route(), (topic, &payload), now, &mut |read| {
            seen.push(match read {
                Ok(Sample { twin, field, value, at, .. }) => {
                    format!("{twin} {field} {value} @ {}", at.map_or(-1, |at| at.nanos() / 1_000_000))
                }
                Err(refusal) => refusal.reason.name().to_owned(),
            });
        });
        seen.extend(taken.command.map(|(topic, _)| format!("ask {topic}")));
        let died = taken.changes.iter().filter(|change| !change.is_alive);
        seen.extend(died.map(|change| format!("died {}", change.twin)));
        seen
    }

    /// A node with one metric of its own and a device with two.
    fn born() -> Self {
        let mut trial = Self { host: Host::default(), seconds: 100 };
        let own = vec![
            bd_seq(3),
            named("load", 1, 9, Value::Float(0.5)),
            named("Node Control/Rebirth", 2, 11, Value::Boolean(false)),
        ];
        assert_eq!(trial.send("spBv1.0/g/NBIRTH/n", 0, own), ["n load 0.5 @ 7"]);
        let device =
            vec![named("temp", 10, 10, Value::Double(21.5)), named("on", 11, 11, Value::Boolean(true))];
        let seen = trial.send("spBv1.0/g/DBIRTH/n/d", 1, device);
        assert_eq!(seen, ["d temp 21.5 @ 7", "d on 1 @ 7"]);
        trial
    }
}

#[test]
fn data_refers_to_births_by_alias_or_name() {
    let mut trial = Trial::born();
    let past = Metric { timestamp: Some(3), is_historical: Some(true), ..aliased(10, Value::Double(20.0)) };
    let null = Metric { is_null: Some(true), ..aliased(11, Value::Boolean(false)) };
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 2, vec![past, null]), ["d temp 20 @ 3"]);
    let by_name = Metric { alias: None, datatype: None, ..named("temp", 0, 0, Value::Double(22.0)) };
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 3, vec![by_name]), ["d temp 22 @ 7"]);
    assert_eq!(trial.send("spBv1.0/g/NDATA/n", 4, vec![aliased(1, Value::Float(1.0))]), ["n load 1 @ 7"]);
    let seen = trial.send(
        "spBv1.0/g/DDATA/n/d",
        5,
        vec![aliased(77, Value::Float(1.0)), aliased(11, Value::Boolean(false))],
    );
    assert_eq!(seen, ["UNDECLARED", "d on 0 @ 7", "ask spBv1.0/g/NCMD/n"]);
    assert_eq!(
        trial.send("spBv1.0/g/NDATA/n", 6, vec![aliased(1, Value::String("x".to_owned()))]),
        ["VALUE"]
    );
    assert!(
        trial.send("spBv1.0/g/NCMD/n", 9, vec![]).is_empty()
            && trial.send("spBv1.0/STATE/h", 9, vec![]).is_empty()
    );
    assert_eq!(trial.send("spBv1.0/g/NBIRTH/n/d", 0, vec![]), ["UNMATCHED"]);
    assert_eq!(
        trial.host.take(&route(), ("spBv1.0/g/NDATA/n", &[18, 200]), Instant::from_seconds(1), &mut |_| {}),
        Taken::default()
    );
}

#[test]
fn a_gap_has_the_node_asked_for_its_births_now_and_then() {
    let mut trial = Trial::born();
    let data = || vec![aliased(10, Value::Double(1.0))];
    // The number goes from 255 to 0.
    for seq in (2..=255).chain([0, 1]) {
        assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", seq, data()), ["d temp 1 @ 7"]);
    }
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 3, data()), ["UNDECLARED", "ask spBv1.0/g/NCMD/n"]);
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 4, data()), ["UNDECLARED"]);
    trial.seconds += 10;
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 5, data()), ["UNDECLARED", "ask spBv1.0/g/NCMD/n"]);
    assert!(trial.send("spBv1.0/g/NBIRTH/n", 0, vec![bd_seq(4)]).is_empty());
    assert_eq!(
        trial.send("spBv1.0/g/DBIRTH/n/d", 1, vec![named("temp", 10, 9, Value::Float(2.0))]),
        ["d temp 2 @ 7"]
    );
    let connected = |trial: &mut Trial| trial.host.connected(Instant::from_seconds(trial.seconds)).len();
    assert_eq!(connected(&mut trial), 0, "asked just before, by another connection");
    trial.seconds += 10;
    assert_eq!(connected(&mut trial), 1);
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 2, data()), ["UNDECLARED"], "asked by the connection");
}

#[test]
fn a_death_ends_what_the_birth_of_its_number_has_declared() {
    let mut trial = Trial::born();
    assert!(trial.send("spBv1.0/g/NDEATH/n", 0, vec![bd_seq(2)]).is_empty());
    let data = || vec![aliased(10, Value::Double(1.0))];
    assert_eq!(
        trial.send("spBv1.0/g/DDATA/n/d", 2, data()),
        ["d temp 1 @ 7"],
        "the death was of an earlier birth"
    );
    for (birth, death, is_dead) in
        [(3, 2, false), (3, 3, true), (3, 4, true), (0, 255, false), (255, 0, true)]
    {
        let of = |number| Payload { timestamp: None, metrics: vec![bd_seq(number)], seq: Some(0) };
        let mut node = Node::default();
        node.born(&of(birth)).expect("born");
        assert_eq!(node.is_death(&of(death)), is_dead, "{birth} {death}");
    }
    assert_eq!(trial.send("spBv1.0/g/DDEATH/n/d", 3, vec![]), ["died d"]);
    assert!(trial.send("spBv1.0/g/DDEATH/n/d", 4, vec![]).is_empty(), "it was dead");
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 5, data()), ["UNDECLARED", "ask spBv1.0/g/NCMD/n"]);
    let payload = Payload { timestamp: None, metrics: vec![bd_seq(3)], seq: None }.encode_to_vec();
    let taken =
        trial.host.take(&route(), ("spBv1.0/g/NDEATH/n", &payload), Instant::from_seconds(1), &mut |_| {});
    assert!(taken.changes.len() == 1 && !taken.changes[0].is_alive);
    assert_eq!(trial.send("spBv1.0/g/NDATA/n", 5, vec![aliased(1, Value::Float(1.0))]), ["UNDECLARED"]);
}

/// A restart forgets what births declare, and not who is alive.
#[test]
fn a_death_after_a_restart_ends_what_was_alive() {
    let mut trial = Trial::born();
    let change = |device: Option<&str>, bd_seq: Option<u64>| Change {
        group: "g".to_owned(),
        node: "n".to_owned(),
        device: device.map(str::to_owned),
        twin: device.unwrap_or("n").to_owned(),
        is_alive: true,
        metrics: 2,
        bd_seq,
    };
    let alive = [change(None, Some(3)), change(Some("d"), None)];
    trial.host = Host::new(&alive);
    let data = || vec![aliased(10, Value::Double(1.0))];
    assert_eq!(trial.host.connected(Instant::from_seconds(100)).len(), 1, "it is asked for its births");
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 5, data()), ["UNDECLARED"]);
    assert!(trial.send("spBv1.0/g/NDEATH/n", 0, vec![bd_seq(2)]).is_empty(), "of an earlier birth");
    let mut other = Trial { host: trial.host.clone(), seconds: 100 };
    assert_eq!(trial.send("spBv1.0/g/NDEATH/n", 0, vec![bd_seq(3)]), ["died n", "died d"]);
    assert!(trial.send("spBv1.0/g/NDEATH/n", 0, vec![bd_seq(3)]).is_empty(), "it was dead");
    assert_eq!((trial.host.nodes.len(), trial.host.weight), (0, 0));
    // The device dies with its node also where the node alone was born again.
    assert!(other.send("spBv1.0/g/NBIRTH/n", 0, vec![bd_seq(4)]).is_empty());
    assert_eq!(other.send("spBv1.0/g/DDATA/n/d", 1, data()), ["UNDECLARED"]);
    assert_eq!(other.send("spBv1.0/g/NDEATH/n", 0, vec![bd_seq(4)]), ["died n", "died d"]);
}

/// Anybody may report the death of any name.
#[test]
fn a_death_of_what_was_never_born_is_none() {
    let mut trial = Trial::born();
    for topic in ["spBv1.0/g/NDEATH/x", "spBv1.0/g/DDEATH/x/d", "spBv1.0/g/DDEATH/n/x"] {
        assert!(trial.send(topic, 2, vec![bd_seq(3)]).is_empty(), "{topic}");
    }
    assert_eq!(trial.host.nodes.len(), 1);
}

#[test]
fn a_birth_whose_aliases_contradict_each_other_is_refused() {
    let mut trial = Trial::born();
    assert!(trial.send("spBv1.0/g/NBIRTH/m", 0, vec![bd_seq(0)]).is_empty());
    let twice = vec![named("a", 1, 9, Value::Float(2.0)), named("b", 1, 9, Value::Float(2.0))];
    assert_eq!(trial.send("spBv1.0/g/DBIRTH/m/e", 1, twice), ["PAYLOAD", "ask spBv1.0/g/NCMD/m"]);
}

#[test]
fn a_refused_birth_ends_what_aliases_meant_before() {
    let refused = || vec![named("a", 10, 9, Value::Float(2.0)), named("b", 10, 9, Value::Float(2.0))];
    let device = || vec![aliased(10, Value::Double(1.0))];
    let own = || vec![aliased(1, Value::Float(1.0))];
    let ask = "ask spBv1.0/g/NCMD/n";
    let mut trial = Trial::born();
    assert_eq!(trial.send("spBv1.0/g/DBIRTH/n/d", 2, refused()), ["PAYLOAD", ask]);
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 3, device()), ["UNDECLARED"]);
    assert_eq!(trial.send("spBv1.0/g/NDATA/n", 4, own()), ["n load 1 @ 7"], "the node has its own");
    assert_eq!(trial.send("spBv1.0/g/NBIRTH/n", 0, refused()), ["PAYLOAD"], "asked just before");
    assert_eq!(trial.send("spBv1.0/g/NDATA/n", 5, own()), ["UNDECLARED"]);
    assert_eq!(
        trial.send("spBv1.0/g/NDEATH/n", 0, vec![bd_seq(3)]),
        ["died n", "died d"],
        "both are alive till then"
    );

    let mut trial = Trial::born();
    let (now, topic) = (Instant::from_seconds(100), "spBv1.0/g/DBIRTH/n/d");
    let taken = trial.host.take(&route(), (topic, &[18, 200]), now, &mut |_| {});
    assert!(taken.command.is_some(), "it is no Sparkplug B");
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 2, device()), ["UNDECLARED"]);

    let mut trial = Trial::born();
    assert!(trial.host.unread("spBv1.0/g/NDATA/n", now).is_none());
    assert!(trial.host.unread("spBv1.0/g/NBIRTH/n", now).is_some(), "too large");
    assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 2, device()), ["UNDECLARED"]);
}

#[test]
fn only_births_make_nodes_and_weights_are_totals() {
    let mut trial = Trial::born();
    let total = |host: &Host| host.nodes.values().map(Node::weight).sum::<usize>();
    for number in 0..NODES_MAX + 50 {
        let topic = |kind: &str| format!("spBv1.0/g/{kind}/x{number}");
        trial.send(&topic("NDATA"), 0, vec![aliased(1, Value::Float(1.0))]);
        trial.send(&topic("NDEATH"), 0, Vec::new());
    }
    assert_eq!((trial.host.nodes.len(), trial.host.requests.len()), (1, NODES_MAX));
    trial.seconds += 10;
    let metrics = || vec![named("a", 1, 9, Value::Float(2.0)), named("b", 2, 9, Value::Float(2.0))];
    assert_eq!(
        trial.send("spBv1.0/g/DDATA/m/d", 0, metrics()).last().map(String::as_str),
        Some("ask spBv1.0/g/NCMD/m")
    );
    assert_eq!(trial.host.requests.len(), 1);
    // A node has a weight of 1 and 3 metrics, a device of 1 and 2.
    assert_eq!((trial.host.weight, total(&trial.host)), (7, 7));
    trial.send("spBv1.0/g/DBIRTH/n/d", 2, metrics());
    trial.send("spBv1.0/g/DBIRTH/n/e", 3, metrics());
    assert_eq!((trial.host.weight, total(&trial.host)), (10, 10));
    trial.send("spBv1.0/g/DDEATH/n/d", 4, Vec::new());
    trial.send("spBv1.0/g/NBIRTH/m", 0, metrics());
    assert_eq!((trial.host.weight, total(&trial.host)), (10, 10));
    trial.send("spBv1.0/g/NDEATH/n", 0, vec![bd_seq(3)]);
    assert_eq!((trial.host.weight, total(&trial.host)), (3, 3));
}
