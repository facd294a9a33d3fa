//! The nodes and devices of Sparkplug B that a broker has reported, and which of them are alive.

use crate::exchange::samples::mqtt::sparkplug::Change;
use crate::model::time::instant::Instant;
use std::collections::{BTreeMap, HashSet};

/// So many nodes and devices are listed.
const UNITS_MAX: usize = 100_000;

/// An edge node of Sparkplug B, or a device of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparkplugUnit {
    /// What became of it last.
    pub state: Change,
    /// When.
    pub since: Instant,
}

/// A birth or a death that a broker has brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Report {
    /// What has become of the node or device, and when it arrived.
    pub(super) unit: SparkplugUnit,
    /// Whether its twin is one of those whose samples are taken.
    pub(super) is_in_scope: bool,
}

/// The group, the node and the device of a unit.
pub(in crate::app) type Place = (String, String, Option<String>);

impl SparkplugUnit {
    /// Returns where it is.
    pub(in crate::app) fn place(&self) -> Place {
        let Change { group, node, device, .. } = &self.state;
        (group.clone(), node.clone(), device.clone())
    }
}

/// The nodes and devices that were born or have died.
#[derive(Debug, Default)]
pub(super) struct Units {
    all: BTreeMap<Place, SparkplugUnit>,
    /// Where each twin died last, until it is born again.
    dead: BTreeMap<String, Place>,
}

impl Units {
    /// Begins with what was kept.
    pub(super) fn of(kept: Vec<SparkplugUnit>) -> Self {
        let mut units = Self::default();
        for unit in kept {
            units.change(unit);
        }
        units
    }

    /// Returns all of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &SparkplugUnit> {
        self.all.values()
    }

    /// Takes notice of a birth or a death; returns whether what is kept is another now.
    pub(super) fn change(&mut self, unit: SparkplugUnit) -> bool {
        let place = unit.place();
        let before = self.all.get(&place);
        if self.all.len() >= UNITS_MAX && before.is_none() {
            return false;
        }
        let is_new = !unit.state.is_alive || before.is_none_or(|before| before.state != unit.state);
        let was_dead = match unit.state.is_alive {
            true => self.dead.remove(&unit.state.twin).is_some(),
            false => self.dead.insert(unit.state.twin.clone(), place.clone()).is_some(),
        };
        self.all.insert(place, unit);
        is_new || was_dead
    }

    /// Returns those to keep: the living, and of the dead those that are alive nowhere else, where they died last.
    pub(super) fn kept(&self) -> Vec<SparkplugUnit> {
        let alive = self.all.values().filter(|unit| unit.state.is_alive);
        let living: HashSet<&str> = alive.clone().map(|unit| unit.state.twin.as_str()).collect();
        let dead = self.dead.iter().filter(|(twin, _)| !living.contains(twin.as_str()));
        let dead = dead.filter_map(|(_, place)| self.all.get(place));
        dead.chain(alive).cloned().collect()
    }
}

/// Returns the units that have died and are alive nowhere, each where it died last. Of a place that several brokers have reported the last
/// report counts: a node is connected to one of them at a time.
pub(in crate::app) fn dead_of(reported: impl IntoIterator<Item = SparkplugUnit>) -> Vec<SparkplugUnit> {
    let mut places: BTreeMap<Place, SparkplugUnit> = BTreeMap::new();
    for unit in reported {
        let known = places.entry(unit.place()).or_insert_with(|| unit.clone());
        if known.since < unit.since {
            *known = unit;
        }
    }
    let (alive, dead): (Vec<_>, Vec<_>) = places.into_values().partition(|unit| unit.state.is_alive);
    let alive: HashSet<&str> = alive.iter().map(|unit| unit.state.twin.as_str()).collect();
    let mut last: BTreeMap<String, SparkplugUnit> = BTreeMap::new();
    for unit in dead.into_iter().filter(|unit| !alive.contains(unit.state.twin.as_str())) {
        let known = last.entry(unit.state.twin.clone()).or_insert_with(|| unit.clone());
        if known.since < unit.since {
            *known = unit;
        }
    }
    last.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(node: &str, is_alive: bool, second: i64) -> SparkplugUnit {
        let state = Change {
            group: "g".to_owned(),
            node: node.to_owned(),
            device: Some("P-1".to_owned()),
            twin: "P-1".to_owned(),
            is_alive,
            metrics: 0,
            bd_seq: None,
        };
        SparkplugUnit { state, since: Instant::from_seconds(second) }
    }

    /// A death is kept until a birth of the same twin anywhere, and a birth until its death.
    #[test]
    fn what_is_alive_or_dead_is_kept() {
        let mut units = Units::default();
        assert!(units.change(unit("a", true, 1)), "a first birth");
        assert!(!units.change(unit("a", true, 2)), "it is alive still");
        let mut more = unit("a", true, 2);
        more.state.metrics = 4;
        assert!(units.change(more), "a birth that declares another number of metrics");
        assert!(units.change(unit("a", false, 3)));
        assert_eq!(units.kept(), [unit("a", false, 3)]);
        let mut units = Units::of(units.kept());
        assert!(units.change(unit("b", true, 4)), "it is alive elsewhere");
        assert_eq!(units.kept(), [unit("b", true, 4)]);
        // Dead under one node and alive under another is alive.
        units.change(unit("a", false, 5));
        assert_eq!(units.kept(), [unit("b", true, 4)]);
    }

    #[test]
    fn of_several_brokers_the_last_report_of_a_place_counts() {
        let check = |reported: &[SparkplugUnit], expect: &[SparkplugUnit]| {
            assert_eq!(dead_of(reported.to_vec()), expect, "{reported:?}");
            let backwards: Vec<_> = reported.iter().rev().cloned().collect();
            assert_eq!(dead_of(backwards), expect, "{reported:?}");
        };
        check(&[unit("a", true, 1), unit("a", false, 2)], &[unit("a", false, 2)]);
        check(&[unit("a", false, 1), unit("a", true, 2)], &[]);
        check(&[unit("a", false, 2), unit("b", true, 1)], &[]);
        check(&[unit("a", false, 1), unit("b", false, 2)], &[unit("b", false, 2)]);
    }
}
