//! Steps: each change of the state of an action, with its grounds.

use super::state::{ActionMove, ActionState};
use crate::feedback::error::Error;
use crate::feedback::record::about::About;
use crate::feedback::record::change_request::refuse_other;
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{rdf, tl, xsd};
use crate::thread::Record;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};

/// Who makes a step, when, why and on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepGrounds {
    /// Who, as it is recorded.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
    /// The policy by which the service acts.
    pub policy: Option<NamedNode>,
    /// The number by which the system that does the work knows the order.
    pub reference: Option<String>,
    /// Field evidence that it rests on.
    pub evidence: Vec<NamedNode>,
}

/// An action that is being moved, as the changes before have left it.
pub(super) struct Moving {
    pub(super) action: NamedNode,
    pub(super) state: Option<ActionState>,
    steps: usize,
    pub(super) changes: Vec<Change>,
}

impl StepGrounds {
    /// Makes grounds of a person or system, for a reason.
    pub fn new(by: String, at: Instant, reason: &str) -> Self {
        let reason = reason.trim().to_owned();
        Self { by, at, reason, policy: None, reference: None, evidence: Vec::new() }
    }
}

impl Moving {
    /// Begins an action that does not exist yet.
    pub(super) fn begin(action: NamedNode) -> Self {
        Self { action, state: None, steps: 0, changes: Vec::new() }
    }

    /// Reads an action of a version.
    pub(super) fn read(snapshot: &Snapshot, action: &NamedNode) -> Result<(Self, Record), Error> {
        refuse_other(snapshot, action, tl::ACTION, "Action")?;
        let record = Record::read(snapshot, action)?;
        let state = record.text(tl::STATE).and_then(ActionState::named);
        let steps = record.targets(tl::STEP).len();
        Ok((Self { action: action.clone(), state, steps, changes: Vec::new() }, record))
    }

    /// Makes a move; refuses one that the state does not allow.
    pub(super) fn make(&mut self, of: ActionMove, grounds: &StepGrounds) -> Result<(), Error> {
        let state = self.state.unwrap_or(ActionState::Proposed);
        let next = of.from(state).ok_or_else(|| Error::ActionMove {
            action: self.action.clone(),
            state: state.name(),
            movement: of.name(),
            from: of.sources(),
        })?;
        self.enter(next, grounds)
    }

    /// Takes it into a state, with the step that records it.
    pub(super) fn enter(&mut self, state: ActionState, grounds: &StepGrounds) -> Result<(), Error> {
        if grounds.reason.is_empty() {
            return Err(Error::NoReason);
        }
        self.steps += 1;
        let number = self.steps;
        let step = NamedNode::new_unchecked(format!("{}#step-{number}", self.action.as_str()));
        let mut about = About::new(step.clone());
        about.add(rdf::TYPE, tl::ACTION_STEP.into_owned());
        about.add(tl::ORDER, Literal::from(number as i64));
        about.text(tl::STATE, state.name());
        about.instant(tl::DECIDED_AT, &grounds.at.to_string());
        about.text(tl::DECIDED_BY, &grounds.by);
        about.text(tl::REASON, &grounds.reason);
        about.link(tl::POLICY, grounds.policy.as_ref());
        if let Some(reference) = &grounds.reference {
            about.text(tl::REFERENCE, reference);
        }
        for evidence in &grounds.evidence {
            about.link(tl::EVIDENCE, Some(evidence));
        }
        self.changes.extend(about.statements.into_iter().map(Change::Add));
        let at = Literal::new_typed_literal(grounds.at.to_string(), xsd::DATE_TIME);
        self.set(tl::STATE, Literal::new_simple_literal(state.name()));
        self.set(tl::DECIDED_AT, at);
        self.set(tl::DECIDED_BY, Literal::new_simple_literal(&grounds.by));
        self.set(tl::REASON, Literal::new_simple_literal(&grounds.reason));
        if let Some(reference) = &grounds.reference {
            self.set(tl::REFERENCE, Literal::new_simple_literal(reference));
        }
        self.add(tl::STEP, step);
        self.state = Some(state);
        Ok(())
    }

    pub(super) fn set(&mut self, predicate: NamedNodeRef<'_>, value: impl Into<Term>) {
        let (subject, predicate) = (self.action.clone(), predicate.into_owned());
        self.changes.push(Change::Set { subject, predicate, values: vec![value.into()] });
    }

    pub(super) fn add(&mut self, predicate: NamedNodeRef<'_>, value: impl Into<Term>) {
        let mut about = About::new(self.action.clone());
        about.add(predicate, value);
        self.changes.extend(about.statements.into_iter().map(Change::Add));
    }
}

/// Moves actions, all or none.
pub fn move_actions(
    snapshot: &Snapshot,
    actions: &[NamedNode],
    of: ActionMove,
    grounds: &StepGrounds,
) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    for action in actions {
        let (mut moving, _) = Moving::read(snapshot, action)?;
        moving.make(of, grounds)?;
        changes.append(&mut moving.changes);
    }
    Ok(changes)
}
