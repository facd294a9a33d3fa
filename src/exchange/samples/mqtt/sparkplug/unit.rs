//! An edge node or a device of one: what became of it, and the name of its twin.

use super::address::Address;
use crate::exchange::samples::mqtt::route::{Route, TwinName};

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
    /// The number of the birth of a node, which its death has too (`bdSeq`).
    pub bd_seq: Option<u64>,
}

impl Change {
    /// Returns the death of a node, or of a device of it.
    pub(super) fn death(route: &Route, address: &Address<'_>, device: Option<&str>) -> Self {
        Self {
            group: address.group.to_owned(),
            node: address.node.to_owned(),
            device: device.map(str::to_owned),
            twin: twin(route, &captures(address, device)),
            is_alive: false,
            metrics: 0,
            bd_seq: None,
        }
    }

    /// Returns the birth of what a message is from.
    pub(super) fn birth(route: &Route, address: &Address<'_>, metrics: usize, bd_seq: Option<u64>) -> Self {
        Self { is_alive: true, metrics, bd_seq, ..Self::death(route, address, address.device) }
    }
}

/// Returns what a route may name: of a node itself, its name takes the place of the device.
pub(super) fn captures<'a>(address: &Address<'a>, device: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    vec![("group", address.group), ("node", address.node), ("device", device.unwrap_or(address.node))]
}

/// Returns the name of a twin.
pub(super) fn twin(route: &Route, captures: &[(&str, &str)]) -> String {
    match &route.twin {
        TwinName::Topic(template) => template.fill(captures),
        TwinName::Payload(_) => String::new(),
    }
}
