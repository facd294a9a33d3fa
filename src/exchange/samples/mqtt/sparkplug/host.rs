//! The host: the nodes that it has heard of, and where each unit was born. It has no clock and sends nothing itself.

use super::address::{Address, Kind};
use super::message::{self, Metric, Payload};
use super::node::{Node, is_value};
use crate::exchange::samples::mqtt::route::{Reason, Refusal, Route, Sample, TwinName};
use crate::model::time::instant::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So many nodes are followed.
const NODES_MAX: usize = 10_000;
/// So many metrics all of them may have, nodes and devices counted as one each.
const WEIGHT_MAX: usize = 1_000_000;
/// So many units are remembered with their nodes.
const HOMES_MAX: usize = 100_000;
/// A node is not asked for its births more often.
const REBIRTH_NS: i64 = 10_000_000_000;

/// Under which node a unit was born, and under which one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Home {
    /// The group and the node, as `GROUP/NODE`.
    pub node: String,
    /// When it was first born there.
    pub since: String,
    /// The one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// Where units were born, by the names of their twins.
pub type Homes = BTreeMap<String, Home>;

/// What became of a node, or of a device of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The group.
    pub group: String,
    /// The node.
    pub node: String,
    /// The device; absent for the node itself.
    pub device: Option<String>,
    /// The name of its twin.
    pub twin: String,
    /// Whether it is alive.
    pub is_alive: bool,
    /// How many metrics its birth has declared.
    pub metrics: usize,
}

/// What a message comes to, beside its samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Births and deaths.
    pub changes: Vec<Change>,
    /// A command to send, with its topic.
    pub command: Option<(String, Vec<u8>)>,
    /// Whether a unit was born under a node under which it was not before.
    pub has_moved: bool,
}

/// The nodes of a broker.
#[derive(Clone, Debug, Default)]
pub struct Host {
    nodes: BTreeMap<(String, String), Node>,
    /// How many metrics they have, nodes and devices counted as one each.
    weight: usize,
    asked: BTreeMap<(String, String), Instant>,
    /// When those that may be asked again were last taken out of `asked`.
    swept: Option<Instant>,
    /// Where units were born.
    pub homes: Homes,
}

impl Host {
    /// Begins with what is known of units.
    pub fn new(homes: Homes) -> Self {
        Self { homes, ..Self::default() }
    }

    /// Takes notice of a new connection: what was sent before it may be missing. Returns the commands that ask the nodes for their births.
    pub fn connected(&mut self, now: Instant) -> Vec<(String, Vec<u8>)> {
        for state in self.nodes.values_mut() {
            state.is_current = false;
        }
        let names: Vec<_> = self.nodes.keys().cloned().collect();
        let ask = |(group, node): &(String, String)| {
            self.ask(&Address { kind: Kind::Other, group, node, device: None }, now)
        };
        names.iter().filter_map(ask).collect()
    }

    /// Takes a message; each sample, and whatever is none, is handed to `take`.
    pub fn take(
        &mut self,
        route: &Route,
        (topic, payload): (&str, &[u8]),
        now: Instant,
        take: &mut dyn FnMut(Result<Sample, Refusal>),
    ) -> Taken {
        let Some(address) = Address::read(topic) else {
            take(Err(Refusal::new(Reason::Unmatched, "it is no topic of Sparkplug B")));
            return Taken::default();
        };
        if address.kind == Kind::Other {
            return Taken::default();
        }
        let dealt = message::read(payload)
            .and_then(|payload| self.deal(route, &address, &payload, now, take))
            .map_err(|reason| take(Err(Refusal::new(Reason::Payload, reason))));
        dealt.unwrap_or_else(|()| Taken { command: self.lose(&address, now), ..Taken::default() })
    }

    /// Takes notice of a message that was not read. Returns the command that asks its node for the births, where one is missing now.
    pub fn unread(&mut self, topic: &str, now: Instant) -> Option<(String, Vec<u8>)> {
        self.lose(&Address::read(topic)?, now)
    }

    /// Forgets what a birth or a death that is not taken may have replaced: an alias may mean something else now.
    fn lose(&mut self, address: &Address<'_>, now: Instant) -> Option<(String, Vec<u8>)> {
        let is_birth = matches!(address.kind, Kind::NodeBirth | Kind::DeviceBirth);
        if !is_birth && address.kind != Kind::NodeDeath {
            // The next number shows that data is missing.
            return None;
        }
        if let Some(node) = self.nodes.get_mut(&key(address)) {
            self.weight -= node.weight();
            match address.device {
                Some(device) => node.device_died(device),
                None => node.is_current = false,
            }
            self.weight += node.weight();
        }
        is_birth.then(|| self.ask(address, now)).flatten()
    }

    /// Takes the births and the numbers of a message; returns an error where a birth is refused.
    fn follow(&mut self, address: &Address<'_>, payload: &Payload) -> Result<(), String> {
        let key = key(address);
        if address.kind == Kind::NodeBirth && !self.nodes.contains_key(&key) {
            if self.nodes.len() >= NODES_MAX {
                return Err(format!("{NODES_MAX} nodes are followed, and this is one more"));
            }
            self.nodes.insert(key.clone(), Node::default());
            self.weight += Node::default().weight();
        }
        let Some(node) = self.nodes.get_mut(&key) else { return Ok(()) };
        if address.kind != Kind::NodeBirth {
            node.count(payload.seq);
        }
        let replaced = match address.kind {
            Kind::NodeBirth => node.weight(),
            Kind::DeviceBirth if node.is_current => node.weight_of(address.device.unwrap_or_default()),
            _ => return Ok(()),
        };
        if self.weight - replaced + 1 + payload.metrics.len() > WEIGHT_MAX {
            return Err(format!(
                "{WEIGHT_MAX} metrics are followed, with nodes and devices, and these are more"
            ));
        }
        let before = node.weight();
        let born = match address.device {
            None => node.born(payload),
            Some(device) => node.device_born(device, payload),
        };
        self.weight = self.weight - before + node.weight();
        born
    }

    /// Takes the death of a node; returns the devices that die with it, `None` where the death is of an earlier birth.
    fn end(&mut self, address: &Address<'_>, payload: &Payload) -> Option<Vec<String>> {
        let key = key(address);
        let Some(node) = self.nodes.get(&key) else { return Some(Vec::new()) };
        if !node.is_death(payload) {
            return None;
        }
        let devices = node.devices().cloned().collect();
        self.weight -= node.weight();
        self.nodes.remove(&key);
        Some(devices)
    }

    fn deal(
        &mut self,
        route: &Route,
        address: &Address<'_>,
        payload: &Payload,
        now: Instant,
        take: &mut dyn FnMut(Result<Sample, Refusal>),
    ) -> Result<Taken, String> {
        let mut taken = Taken::default();
        if address.kind == Kind::NodeDeath {
            let over = |device: Option<&str>| change(route, address, device, None);
            if let Some(devices) = self.end(address, payload) {
                taken.changes.push(over(None));
                taken.changes.extend(devices.iter().map(|device| over(Some(device))));
            }
            return Ok(taken);
        }
        self.follow(address, payload)?;
        let is_birth = matches!(address.kind, Kind::NodeBirth | Kind::DeviceBirth);
        let node = self.nodes.get_mut(&key(address));
        if address.kind == Kind::DeviceDeath {
            if let Some(node) = node {
                let before = node.weight();
                node.device_died(address.device.unwrap_or_default());
                self.weight = self.weight - before + node.weight();
            }
            taken.changes.push(change(route, address, address.device, None));
            return Ok(taken);
        }
        let node = node.filter(|node| node.is_current);
        let metrics = node.and_then(|node| node.metrics(address.device));
        let Some(metrics) = metrics else {
            let name = address.device.unwrap_or(address.node);
            let detail =
                format!("{name} has no birth that is followed by all messages since; it is asked for");
            for _ in &payload.metrics {
                take(Err(Refusal::new(Reason::Undeclared, detail.clone())));
            }
            taken.command = self.ask(address, now);
            return Ok(taken);
        };
        let reader = Reader { route, address, payload };
        let mut is_complete = true;
        for metric in &payload.metrics {
            match metrics.find(metric) {
                Some(declared) if is_value(&declared.name) => {
                    if let Some(read) = reader.sample(metric, &declared.name, declared.datatype) {
                        take(read);
                    }
                }
                Some(_) => {}
                None => {
                    is_complete = false;
                    let name = metric.name.clone().unwrap_or_else(|| format!("alias {:?}", metric.alias));
                    take(Err(Refusal::new(Reason::Undeclared, format!("{name} is not part of the birth"))));
                }
            }
        }
        if is_birth {
            taken.changes.push(change(route, address, address.device, Some(metrics.len())));
            taken.has_moved = self.settle(&taken.changes[0], now);
        }
        if !is_complete {
            taken.command = self.ask(address, now);
        }
        Ok(taken)
    }

    /// Returns the command that asks a node for its births, where it was not asked just before.
    fn ask(&mut self, address: &Address<'_>, now: Instant) -> Option<(String, Vec<u8>)> {
        let key = key(address);
        self.sweep(now);
        let is_asked = self.asked.get(&key).is_some_and(|at| now.nanos() - at.nanos() < REBIRTH_NS);
        if is_asked || !self.asked.contains_key(&key) && self.asked.len() >= NODES_MAX {
            return None;
        }
        self.asked.insert(key, now);
        Some((address.command_topic(), message::rebirth(now)))
    }

    /// Takes those out of `asked` that may be asked again, now and then: anybody may publish under any name.
    fn sweep(&mut self, now: Instant) {
        let is_over = |at: &Instant| now.nanos() - at.nanos() >= REBIRTH_NS;
        if self.swept.as_ref().is_none_or(is_over) {
            self.asked.retain(|_, at| !is_over(at));
            self.swept = Some(now);
        }
    }

    /// Notes under which node a device was born; returns whether that is another one than before.
    fn settle(&mut self, born: &Change, now: Instant) -> bool {
        if born.device.is_none() {
            return false;
        }
        let node = format!("{}/{}", born.group, born.node);
        let is_full = self.homes.len() >= HOMES_MAX;
        match self.homes.get_mut(&born.twin) {
            Some(home) if home.node == node => false,
            Some(home) => {
                let before = std::mem::replace(&mut home.node, node);
                (home.before, home.since) = (Some(before), now.to_string());
                true
            }
            None if is_full => false,
            None => {
                let home = Home { node, since: now.to_string(), before: None };
                self.homes.insert(born.twin.clone(), home);
                true
            }
        }
    }
}

/// Returns what names a node.
fn key(address: &Address<'_>) -> (String, String) {
    (address.group.to_owned(), address.node.to_owned())
}

/// What the metrics of a message are read with.
struct Reader<'a> {
    route: &'a Route,
    address: &'a Address<'a>,
    payload: &'a Payload,
}

impl Reader<'_> {
    /// Returns the sample of a metric; `None` where it has no value.
    fn sample(&self, metric: &Metric, name: &str, datatype: u32) -> Option<Result<Sample, Refusal>> {
        let value = match metric.number(datatype)? {
            Ok(value) => value,
            Err(reason) => return Some(Err(Refusal::new(Reason::Value, format!("{name}: {reason}")))),
        };
        let at = match metric.timestamp.or(self.payload.timestamp).map(message::instant).transpose() {
            Ok(at) => at,
            Err(reason) => return Some(Err(Refusal::new(Reason::Time, format!("{name}: {reason}")))),
        };
        if at.is_none() && metric.is_historical == Some(true) {
            let detail = format!("{name}: a value of the past states its time");
            return Some(Err(Refusal::new(Reason::Time, detail)));
        }
        let captures = captures(self.address, self.address.device);
        let twin = twin(self.route, &captures);
        let field = self.route.field_of(&captures, name);
        Some(Ok(self.route.sample(&captures, twin, field, at, value)))
    }
}

/// Returns what a route may name: of a node itself, its name stands for the device.
fn captures<'a>(address: &Address<'a>, device: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    vec![("group", address.group), ("node", address.node), ("device", device.unwrap_or(address.node))]
}

fn twin(route: &Route, captures: &[(&str, &str)]) -> String {
    match &route.twin {
        TwinName::Topic(template) => template.fill(captures),
        TwinName::Payload(_) => String::new(),
    }
}

fn change(route: &Route, address: &Address<'_>, device: Option<&str>, metrics: Option<usize>) -> Change {
    Change {
        group: address.group.to_owned(),
        node: address.node.to_owned(),
        device: device.map(str::to_owned),
        twin: twin(route, &captures(address, device)),
        is_alive: metrics.is_some(),
        metrics: metrics.unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::samples::mqtt::pattern::{Pattern, Template};
    use crate::exchange::samples::mqtt::route::Payload as Reading;
    use crate::exchange::samples::mqtt::sparkplug::message::Value;
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

    /// A host with what it is sent, written as `twin field value @ milliseconds`, a reason, `ask NODE` or `moved`.
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
            seen.extend(taken.has_moved.then(|| "moved".to_owned()));
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
            assert_eq!(seen, ["d temp 21.5 @ 7", "d on 1 @ 7", "moved"]);
            trial
        }
    }

    #[test]
    fn data_refers_to_births_by_alias_or_name() {
        let mut trial = Trial::born();
        let past =
            Metric { timestamp: Some(3), is_historical: Some(true), ..aliased(10, Value::Double(20.0)) };
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
            trial.host.take(
                &route(),
                ("spBv1.0/g/NDATA/n", &[18, 200]),
                Instant::from_seconds(1),
                &mut |_| {}
            ),
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
        assert!(trial.send("spBv1.0/g/DDEATH/n/d", 3, vec![]).is_empty());
        assert_eq!(trial.send("spBv1.0/g/DDATA/n/d", 4, data()), ["UNDECLARED", "ask spBv1.0/g/NCMD/n"]);
        let payload = Payload { timestamp: None, metrics: vec![bd_seq(3)], seq: None }.encode_to_vec();
        let taken = trial.host.take(
            &route(),
            ("spBv1.0/g/NDEATH/n", &payload),
            Instant::from_seconds(1),
            &mut |_| {},
        );
        assert!(taken.changes.len() == 1 && !taken.changes[0].is_alive);
        assert_eq!(trial.send("spBv1.0/g/NDATA/n", 5, vec![aliased(1, Value::Float(1.0))]), ["UNDECLARED"]);
    }

    #[test]
    fn a_unit_that_is_born_under_another_node_has_moved() {
        let mut trial = Trial::born();
        let born = || vec![named("temp", 1, 9, Value::Float(2.0))];
        assert!(trial.send("spBv1.0/g/NBIRTH/m", 0, vec![bd_seq(0)]).is_empty());
        assert_eq!(trial.send("spBv1.0/g/DBIRTH/m/d", 1, born()), ["d temp 2 @ 7", "moved"]);
        assert_eq!(trial.send("spBv1.0/g/DBIRTH/m/d", 2, born()), ["d temp 2 @ 7"]);
        let home = &trial.host.homes["d"];
        assert_eq!((home.node.as_str(), home.before.as_deref()), ("g/m", Some("g/n")));
        let twice = vec![named("a", 1, 9, Value::Float(2.0)), named("b", 1, 9, Value::Float(2.0))];
        assert_eq!(trial.send("spBv1.0/g/DBIRTH/m/e", 3, twice), ["PAYLOAD", "ask spBv1.0/g/NCMD/m"]);
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
        assert_eq!((trial.host.nodes.len(), trial.host.asked.len()), (1, NODES_MAX));
        trial.seconds += 10;
        let metrics = || vec![named("a", 1, 9, Value::Float(2.0)), named("b", 2, 9, Value::Float(2.0))];
        assert_eq!(
            trial.send("spBv1.0/g/DDATA/m/d", 0, metrics()).last().map(String::as_str),
            Some("ask spBv1.0/g/NCMD/m")
        );
        assert_eq!(trial.host.asked.len(), 1);
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
}
