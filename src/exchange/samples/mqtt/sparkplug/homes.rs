//! Under which node each unit was born: evidence of where it is, whichever broker has carried the birth.

use super::unit::Change;
use crate::model::time::instant::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// So many units are remembered with their nodes.
const HOMES_MAX: usize = 100_000;

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

/// Where units were born, by the names of their twins. A node is the same at every broker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Homes(BTreeMap<String, Home>);

impl Homes {
    /// Returns the units with their homes.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Home)> {
        self.0.iter()
    }

    /// Returns those of some units alone.
    pub fn only(mut self, is_meant: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|twin, _| is_meant(twin));
        self
    }

    /// Notes under which node a device was born; returns whether that is another one than before.
    pub fn settle(&mut self, born: &Change, now: Instant) -> bool {
        if born.device.is_none() || !born.is_alive {
            return false;
        }
        let node = format!("{}/{}", born.group, born.node);
        let is_full = self.0.len() >= HOMES_MAX;
        match self.0.entry(born.twin.clone()) {
            Entry::Occupied(home) if home.get().node == node => false,
            Entry::Occupied(mut home) => {
                let home = home.get_mut();
                // Of two homes the later one counts, also where a clock was set back.
                let after = home.instant().map_or(now, |since| now.max(since.plus_nanos(1)));
                let before = std::mem::replace(&mut home.node, node);
                (home.before, home.since) = (Some(before), after.to_string());
                true
            }
            Entry::Vacant(_) if is_full => false,
            Entry::Vacant(place) => {
                place.insert(Home { node, since: now.to_string(), before: None });
                true
            }
        }
    }

    /// Takes what is known of units elsewhere: of two homes of a unit the later one counts.
    pub fn join(&mut self, other: Self) {
        for (twin, home) in other.0 {
            match self.0.entry(twin) {
                Entry::Occupied(mut own) => {
                    if own.get().instant() < home.instant() {
                        own.insert(home);
                    }
                }
                Entry::Vacant(place) => {
                    place.insert(home);
                }
            }
        }
    }
}

impl Home {
    /// Returns when the unit was first born there; `None` where that cannot be read.
    pub fn instant(&self) -> Option<Instant> {
        self.since.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn born(node: &str) -> Change {
        Change {
            group: "g".to_owned(),
            node: node.to_owned(),
            device: Some("d".to_owned()),
            twin: "d".to_owned(),
            is_alive: true,
            metrics: 1,
            bd_seq: None,
        }
    }

    #[test]
    fn the_last_birth_counts_wherever_it_was_noted() {
        let at = Instant::from_seconds;
        let mut first = Homes::default();
        assert!(first.settle(&born("a"), at(10)) && !first.settle(&born("a"), at(20)));
        let mut second = first.clone();
        assert!(second.settle(&born("b"), at(30)));
        let later = second.clone();
        // The clock was set back.
        assert!(second.settle(&born("a"), at(5)));
        let home = second.0.get("d").expect("a home").clone();
        assert_eq!((home.node.as_str(), home.before.as_deref()), ("g/a", Some("g/b")));
        for mut order in [vec![first.clone(), later.clone(), second.clone()], vec![second, later, first]] {
            let mut all = order.remove(0);
            order.into_iter().for_each(|one| all.join(one));
            assert_eq!(all.0.get("d"), Some(&home));
        }
        let mut homes = Homes::default();
        assert!(!homes.settle(&Change { is_alive: false, ..born("a") }, at(1)), "a death");
        assert!(!homes.settle(&Change { device: None, ..born("a") }, at(1)), "a node is under no other");
    }
}
