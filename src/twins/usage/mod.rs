//! The answer to a question about field usage.

pub(super) mod answer;
pub(super) mod assembler;
pub(super) mod change;
pub(super) mod check;
pub(super) mod grid;
pub(super) mod planner;
pub(super) mod portion;
pub(super) mod question;

use super::error::Error;
use super::facts::account::Account;
use crate::graph::{CommitId, Snapshot};
use crate::model::time::interval::Interval;
use crate::telemetry::{View, Watermark};
use oxigraph::model::NamedNode;
use portion::Portion;
use question::{Check, GroupBy, Question};
use std::sync::Arc;

/// How an item behaved in the field, at one commit and one watermark.
#[derive(Clone, Debug)]
pub struct Usage {
    /// What was asked.
    pub question: Question,
    /// The version from which it is known who was where.
    pub commit: CommitId,
    /// The telemetry that was known.
    pub watermark: Watermark,
    /// The unit of all values but those of checks; `None` where nothing was bound, or to a signal without unit.
    pub unit: Option<NamedNode>,
    /// Everything together.
    pub total: Arc<Portion>,
    /// By time, where the question names a bucket.
    pub buckets: Vec<Bucket>,
    /// By group, in key order, where the question names what to group by.
    pub groups: Vec<Group>,
    pub(super) checked: Vec<(Check, Arc<Portion>)>,
}

/// The answer for one stretch of time.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// The stretch.
    pub within: Interval,
    /// What was observed in it.
    pub usage: Portion,
}

/// The answer for one group.
#[derive(Clone, Debug)]
pub struct Group {
    /// What the group has in common, in the order that the question names; `UNKNOWN` where the version does not state it.
    pub key: Vec<(GroupBy, String)>,
    /// What was observed of it.
    pub usage: Portion,
}

impl Group {
    /// Returns the key as one text.
    pub fn label(&self) -> String {
        self.key.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" · ")
    }
}

impl Usage {
    /// Returns what was not seen.
    pub fn account(&self) -> &Account {
        &self.total.account
    }

    /// Returns what the question's checks found, each in its own unit.
    pub fn checked(&self, check: &Check) -> Option<&Arc<Portion>> {
        self.checked.iter().find(|(known, _)| known == check).map(|(_, portion)| portion)
    }
}

/// Returns how an item behaved, weighted by time, with every constraint on the property checked along the way, so that
/// the answer can be assessed against the requirements.
pub fn usage(
    snapshot: &Snapshot,
    view: &View,
    item: &NamedNode,
    property: &NamedNode,
    window: Interval,
) -> Result<Usage, Error> {
    let mut question = Question::new(item.clone(), property.clone(), window);
    question.checks = check::checks_on(snapshot, property)?;
    question.answer(snapshot, view)
}
