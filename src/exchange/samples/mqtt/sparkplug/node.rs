//! One edge node: whether it is alive, the number of its next message, and what its births have declared.

use super::message::{Metric, Payload};
use std::collections::{BTreeMap, HashMap};

/// The metric of a birth or a death that pairs them.
const BD_SEQ: &str = "bdSeq";
/// Metrics by which nodes and devices are controlled; they are no values of the field.
const CONTROLS: [&str; 2] = ["Node Control/", "Device Control/"];
/// So many metrics and devices a node may have.
const METRICS_MAX: usize = 50_000;

/// What a birth has declared of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) datatype: u32,
}

/// The metrics of a node itself, or of a device of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Metrics {
    by_name: HashMap<String, u32>,
    by_alias: HashMap<u64, Declared>,
}

/// An edge node.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Whether everything since its birth has arrived.
    pub(super) is_current: bool,
    /// The number of its birth.
    pub(super) bd_seq: Option<u64>,
    seq: Option<u64>,
    own: Metrics,
    /// Those that are alive; `None` of one whose birth is to come again.
    devices: BTreeMap<String, Option<Metrics>>,
    /// How many metrics the devices have.
    device_metrics: usize,
}

impl Node {
    /// Takes the birth of the node: what its devices have is unknown until theirs.
    pub(super) fn born(&mut self, payload: &Payload) -> Result<(), String> {
        let own = Metrics::declared(payload)?;
        self.devices.values_mut().for_each(|metrics| *metrics = None);
        (self.is_current, self.device_metrics) = (true, 0);
        (self.bd_seq, self.seq, self.own) = (bd_seq(payload), payload.seq, own);
        Ok(())
    }

    /// Takes a device that was alive before the births were forgotten.
    pub(super) fn restore_device(&mut self, device: &str) {
        self.devices.insert(device.to_owned(), None);
    }

    /// Takes the birth of a device.
    pub(super) fn device_born(&mut self, device: &str, payload: &Payload) -> Result<(), String> {
        let metrics = Metrics::declared(payload)?;
        self.forget_device(device);
        let count = self.own.by_name.len() + self.device_metrics + self.devices.len();
        if count + metrics.by_name.len() > METRICS_MAX {
            return Err(format!("a node has at most {METRICS_MAX} metrics and devices"));
        }
        self.device_metrics += metrics.by_name.len();
        self.devices.insert(device.to_owned(), Some(metrics));
        Ok(())
    }

    /// Takes the number of a message; where one before it is missing the node is no longer current.
    pub(super) fn count(&mut self, seq: Option<u64>) {
        let expected = self.seq.map(|seq| (seq + 1) % 256);
        if seq.is_none() || expected != seq {
            self.is_current = false;
        }
        self.seq = seq.or(self.seq);
    }

    /// Returns whether a death is of the present birth or a later one: the broker also reports those of connections before, whose numbers,
    /// of 0 to 255, are behind that of the birth.
    pub(super) fn is_death(&self, payload: &Payload) -> bool {
        match (self.bd_seq, bd_seq(payload)) {
            (Some(birth), Some(death)) => {
                let behind = (256 + birth % 256 - death % 256) % 256;
                behind == 0 || behind >= 128
            }
            _ => true,
        }
    }

    /// Takes the death of a device; returns whether it was alive.
    pub(super) fn device_died(&mut self, device: &str) -> bool {
        self.forget_device(device);
        self.devices.remove(device).is_some()
    }

    /// Forgets what a device has, which is alive until its death.
    pub(super) fn forget_device(&mut self, device: &str) {
        if let Some(of) = self.devices.get_mut(device).and_then(Option::take) {
            self.device_metrics -= of.by_name.len();
        }
    }

    /// Returns how much it takes in memory, in metrics: each node and each device counts as one more.
    pub(super) fn weight(&self) -> usize {
        1 + self.own.by_name.len() + self.devices.len() + self.device_metrics
    }

    /// Returns how much of that the metrics take, and the node itself.
    pub(super) fn weight_of_metrics(&self) -> usize {
        self.weight() - self.devices.len()
    }

    /// Returns how much of that a device takes.
    pub(super) fn weight_of(&self, device: &str) -> usize {
        let metrics = |of: &Option<Metrics>| of.as_ref().map_or(0, |of| of.by_name.len());
        self.devices.get(device).map_or(0, |of| 1 + metrics(of))
    }

    /// Returns the devices that are alive.
    pub(super) fn devices(&self) -> impl Iterator<Item = &String> {
        self.devices.keys()
    }

    /// Returns the metrics of the node itself or of a device; `None` where they are unknown.
    pub(super) fn metrics(&self, device: Option<&str>) -> Option<&Metrics> {
        match device {
            None => self.is_current.then_some(&self.own),
            Some(device) => self.devices.get(device)?.as_ref(),
        }
    }
}

impl Metrics {
    fn declared(payload: &Payload) -> Result<Self, String> {
        if payload.metrics.len() > METRICS_MAX {
            return Err(format!("a birth has at most {METRICS_MAX} metrics"));
        }
        let mut metrics = Self::default();
        for metric in &payload.metrics {
            let (Some(name), Some(datatype)) = (&metric.name, metric.datatype) else {
                return Err("a metric of a birth has no name or no datatype".to_owned());
            };
            metrics.by_name.insert(name.clone(), datatype);
            if let Some(alias) = metric.alias {
                let declared = Declared { name: name.clone(), datatype };
                let before = metrics.by_alias.insert(alias, declared);
                if let Some(before) = before.filter(|before| before.name != *name) {
                    return Err(format!("\"{}\" and \"{name}\" have the alias {alias}", before.name));
                }
            }
        }
        Ok(metrics)
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.by_name.keys().filter(|name| is_value(name)).count()
    }

    /// Finds what a metric of data is, by its name or its alias.
    pub(super) fn find(&self, metric: &Metric) -> Option<Declared> {
        if let Some(name) = metric.name.as_ref().filter(|name| !name.is_empty()) {
            return self
                .by_name
                .get(name)
                .map(|datatype| Declared { name: name.clone(), datatype: *datatype });
        }
        self.by_alias.get(&metric.alias?).cloned()
    }
}

/// Returns whether a metric is a value of the field.
pub(super) fn is_value(name: &str) -> bool {
    name != BD_SEQ && !CONTROLS.iter().any(|control| name.starts_with(control))
}

/// Returns the number by which a birth and a death of a node belong together.
pub(super) fn bd_seq(payload: &Payload) -> Option<u64> {
    use super::message::Value;
    let metric = payload.metrics.iter().find(|metric| metric.name.as_deref() == Some(BD_SEQ))?;
    match metric.value {
        Some(Value::Long(value)) => Some(value),
        Some(Value::Int(value)) => Some(value.into()),
        _ => None,
    }
}
