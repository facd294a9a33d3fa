//! Decisions of persons on findings: to accept one, which asks for a change of the design, or to dismiss it.

use super::change_request::{self, ChangeDraft};
use super::finding::FindingState;
use crate::feedback::error::Error;
use crate::graph::{Author, Snapshot};
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{tl, xsd};
use crate::thread::Record;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};
use std::collections::BTreeSet;

/// Who decides, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounds {
    /// Who.
    pub by: Author,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

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

impl Grounds {
    /// Returns the name of who decides; refuses a decision that nobody makes, or for no reason.
    pub(in crate::feedback) fn checked(&self) -> Result<NamedNode, Error> {
        if self.reason.trim().is_empty() {
            return Err(Error::NoReason);
        }
        Ok(self.by.person()?)
    }

    /// Returns the changes that put a record into another state on this decision.
    pub(super) fn moves(&self, record: &NamedNode, state: &str) -> Vec<Change> {
        let set = |predicate: NamedNodeRef<'_>, value: Literal| Change::Set {
            subject: record.clone(),
            predicate: predicate.into_owned(),
            values: vec![value.into()],
        };
        vec![
            set(tl::STATE, Literal::new_simple_literal(state)),
            set(tl::DECIDED_AT, Literal::new_typed_literal(self.at.to_string(), xsd::DATE_TIME)),
            set(tl::DECIDED_BY, Literal::new_simple_literal(self.by.to_string())),
            set(tl::REASON, Literal::new_simple_literal(self.reason.trim())),
        ]
    }
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
