//! The host: the nodes that it follows, with what their births have declared. It has no clock and sends nothing itself.

use super::address::{Address, Kind};
use super::message::{self, Payload};
use super::node::{Node, bd_seq};
use super::reader::Reader;
use super::rebirth::{NodeName, Requests};
use super::unit::Change;
use crate::exchange::samples::mqtt::route::{Reason, Refusal, Route, Sample};
use crate::model::time::instant::Instant;
use std::collections::BTreeMap;

/// So many nodes are followed.
pub(super) const NODES_MAX: usize = 10_000;
/// So many metrics all of them may have, nodes and devices counted as one each.
const WEIGHT_MAX: usize = 1_000_000;

/// What a message comes to, beside its samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Births, and deaths of what was alive.
    pub changes: Vec<Change>,
    /// A command to send, with its topic.
    pub command: Option<(String, Vec<u8>)>,
}

/// The nodes of a broker.
#[derive(Clone, Debug, Default)]
pub struct Host {
    pub(super) nodes: BTreeMap<NodeName, Node>,
    /// How many metrics they have, nodes and devices counted as one each.
    pub(super) weight: usize,
    pub(super) requests: Requests,
}

impl Host {
    /// Begins with what was alive before: its death ends it, and what its births declare is not known until it is born again.
    pub fn new<'a>(alive: impl IntoIterator<Item = &'a Change>) -> Self {
        let mut nodes: BTreeMap<NodeName, Node> = BTreeMap::new();
        for unit in alive {
            let node = nodes.entry((unit.group.clone(), unit.node.clone())).or_default();
            match &unit.device {
                Some(device) => node.restore_device(device),
                None => node.bd_seq = unit.bd_seq,
            }
        }
        let weight = nodes.values().map(Node::weight).sum();
        Self { nodes, weight, requests: Requests::default() }
    }

    /// Takes notice of a new connection: what was sent before it may be missing. Returns the commands that ask the nodes for their births.
    pub fn connected(&mut self, now: Instant) -> Vec<(String, Vec<u8>)> {
        for state in self.nodes.values_mut() {
            state.is_current = false;
        }
        let names: Vec<_> = self.nodes.keys().cloned().collect();
        let ask = |(group, node): &NodeName| {
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
            .and_then(|payload| self.deal(&Reader { route, address: &address, payload: &payload }, now, take))
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
        self.change(address, |node| match address.device {
            Some(device) => node.forget_device(device),
            None => node.is_current = false,
        });
        is_birth.then(|| self.ask(address, now)).flatten()
    }

    /// Changes a node, where it is followed, and the weight with it.
    fn change<T>(&mut self, address: &Address<'_>, change: impl FnOnce(&mut Node) -> T) -> Option<T> {
        let node = self.nodes.get_mut(&key(address))?;
        self.weight -= node.weight();
        let changed = change(node);
        self.weight += node.weight();
        Some(changed)
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
            Kind::NodeBirth => node.weight_of_metrics(),
            Kind::DeviceBirth if node.is_current => node.weight_of(address.device.unwrap_or_default()),
            _ => return Ok(()),
        };
        if self.weight - replaced + 1 + payload.metrics.len() > WEIGHT_MAX {
            return Err(format!(
                "{WEIGHT_MAX} metrics are followed, with nodes and devices, and these are more"
            ));
        }
        let born = self.change(address, |node| match address.device {
            None => node.born(payload),
            Some(device) => node.device_born(device, payload),
        });
        born.unwrap_or(Ok(()))
    }

    /// Takes the death of a node; returns the devices that die with it, `None` where the node was not alive or the death is of an earlier
    /// birth.
    fn end(&mut self, address: &Address<'_>, payload: &Payload) -> Option<Vec<String>> {
        let key = key(address);
        let node = self.nodes.get(&key).filter(|node| node.is_death(payload))?;
        let devices = node.devices().cloned().collect();
        self.weight -= node.weight();
        self.nodes.remove(&key);
        Some(devices)
    }

    fn deal(
        &mut self,
        message: &Reader<'_>,
        now: Instant,
        take: &mut dyn FnMut(Result<Sample, Refusal>),
    ) -> Result<Taken, String> {
        let Reader { route, address, payload } = message;
        let death = |device: Option<&str>| Change::death(route, address, device);
        if address.kind == Kind::NodeDeath {
            let ended = self.end(address, payload);
            let devices = ended.iter().flatten().map(|device| death(Some(device.as_str())));
            let changes = ended.iter().map(|_| death(None)).chain(devices).collect();
            return Ok(Taken { changes, command: None });
        }
        self.follow(address, payload)?;
        if address.kind == Kind::DeviceDeath {
            let died = self.change(address, |node| node.device_died(address.device.unwrap_or_default()));
            let changes = died.filter(|was_alive| *was_alive).map(|_| death(address.device));
            return Ok(Taken { changes: changes.into_iter().collect(), command: None });
        }
        let node = self.nodes.get(&key(address)).filter(|node| node.is_current);
        let Some(metrics) = node.and_then(|node| node.metrics(address.device)) else {
            message.refuse(take);
            return Ok(Taken { changes: Vec::new(), command: self.ask(address, now) });
        };
        let is_complete = message.samples(metrics, take);
        let is_birth = matches!(address.kind, Kind::NodeBirth | Kind::DeviceBirth);
        let birth = is_birth.then(|| Change::birth(route, address, metrics.len(), bd_seq(payload)));
        let command = if is_complete { None } else { self.ask(address, now) };
        Ok(Taken { changes: birth.into_iter().collect(), command })
    }

    /// Returns the command that asks a node for its births, where it was not asked just before.
    fn ask(&mut self, address: &Address<'_>, now: Instant) -> Option<(String, Vec<u8>)> {
        let asked = self.requests.ask(key(address), now, NODES_MAX)?;
        Some((address.command_topic(), asked))
    }
}

/// Returns what names a node.
fn key(address: &Address<'_>) -> NodeName {
    (address.group.to_owned(), address.node.to_owned())
}
