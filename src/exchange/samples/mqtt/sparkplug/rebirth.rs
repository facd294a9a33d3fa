//! Requests for births: a node is asked now and then, not with every message.

use super::message;
use crate::model::time::instant::Instant;
use std::collections::BTreeMap;

/// A node is not asked for its births more often.
const AGAIN_NS: i64 = 10_000_000_000;

/// The group and the name of a node.
pub(super) type NodeName = (String, String);

/// Which nodes were asked, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    asked: BTreeMap<NodeName, Instant>,
    /// When those that may be asked again were last taken out.
    swept: Option<Instant>,
}

impl Requests {
    /// Returns the payload that asks a node for its births, where it was not asked just before. At most `max` nodes are remembered.
    pub(super) fn ask(&mut self, node: NodeName, now: Instant, max: usize) -> Option<Vec<u8>> {
        self.sweep(now);
        let is_asked = self.asked.get(&node).is_some_and(|at| now.nanos() - at.nanos() < AGAIN_NS);
        if is_asked || !self.asked.contains_key(&node) && self.asked.len() >= max {
            return None;
        }
        self.asked.insert(node, now);
        Some(message::rebirth(now))
    }

    /// Returns how many nodes are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.asked.len()
    }

    /// Takes those out that may be asked again, now and then: anybody may publish under any name.
    fn sweep(&mut self, now: Instant) {
        let is_over = |at: &Instant| now.nanos() - at.nanos() >= AGAIN_NS;
        if self.swept.as_ref().is_none_or(is_over) {
            self.asked.retain(|_, at| !is_over(at));
            self.swept = Some(now);
        }
    }
}
