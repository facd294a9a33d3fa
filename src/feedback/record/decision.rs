//! Decisions of persons on findings: to accept one, which asks for a change of the design, or to dismiss it.

use super::change_request::{self, ChangeDraft};
use super::finding::FindingState;
use super::grounds::Grounds;
use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::ontology::terms::tl;
use crate::thread::Record;
use oxigraph::model::NamedNode;
use std::collections::BTreeSet;

/// What can be decided on a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingDecision {
    /// The design is to change.
    Accept,
    /// It stays as it is.
    Dismiss,
}

impl FindingDecision {
    /// All of them, with their names and what they mean.
    pub const ALL: [(Self, &'static str, &'static str); 2] = [
        (Self::Accept, "ACCEPT", "The design is to change: a change request is opened."),
        (Self::Dismiss, "DISMISS", "It stays as it is, until worse evidence is recorded."),
    ];

    /// Returns the decision of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, own, _)| *own == name).map(|(decision, ..)| decision)
    }

    /// Returns the state that it takes a finding into.
    const fn state(self) -> FindingState {
        match self {
            Self::Accept => FindingState::Accepted,
            Self::Dismiss => FindingState::Dismissed,
        }
    }
}

/// What a decision on a finding comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedFinding {
    /// What a commit must do.
    pub changes: Vec<Change>,
    /// The change request that it opens.
    pub change_request: Option<NamedNode>,
}

/// Returns the content of the field evidence behind a finding or a change request, that behind the findings which led to it among
/// it: the digest of each outcome, or the record that has none.
pub fn outcomes_behind(snapshot: &Snapshot, record: &NamedNode) -> Result<BTreeSet<String>, Error> {
    let mut outcomes = BTreeSet::new();
    for of in snapshot.targets(record, tl::FINDING)?.iter().chain([record]) {
        for evidence in snapshot.targets(of, tl::EVIDENCE)? {
            let outcome = snapshot.text(&evidence, tl::OUTCOME_DIGEST)?;
            outcomes.insert(outcome.unwrap_or_else(|| evidence.as_str().to_owned()));
        }
    }
    Ok(outcomes)
}

/// Decides on a finding that is open; accepted, it opens a change request as `draft` describes.
pub fn decide_finding(
    snapshot: &Snapshot,
    finding: &NamedNode,
    decision: FindingDecision,
    grounds: &Grounds,
    draft: &ChangeDraft,
) -> Result<DecidedFinding, Error> {
    let by = grounds.checked()?;
    change_request::refuse_other(snapshot, finding, tl::FINDING_CLASS, "Finding")?;
    let record = Record::read(snapshot, finding)?;
    let stated = |predicate| record.text(predicate).unwrap_or("unknown").to_owned();
    if stated(tl::STATE) != FindingState::Open.name() {
        return Err(Error::Decided {
            finding: finding.clone(),
            state: stated(tl::STATE),
            by: stated(tl::DECIDED_BY),
            at: stated(tl::DECIDED_AT),
        });
    }
    let mut changes = grounds.moves(finding, decision.state().name());
    let mut change_request = None;
    if decision == FindingDecision::Accept {
        let (iri, statements) = change_request::open(snapshot, &record, (grounds, &by), draft)?;
        changes.extend(statements.into_iter().map(Change::Add));
        change_request = Some(iri);
    }
    Ok(DecidedFinding { changes, change_request })
}
