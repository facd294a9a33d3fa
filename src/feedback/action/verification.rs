//! Verification: the margin of the unit after the work, against the constraint whose violation was the reason for it.

use super::state::{ActionMove, ActionState};
use super::step::{Moving, StepGrounds};
use crate::feedback::error::Error;
use crate::feedback::margin::margins::margins_with;
use crate::feedback::margin::{Margin, Verdict};
use crate::feedback::record::evidence::Evidence;
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::telemetry::View;
use crate::thread::Record;
use oxigraph::model::NamedNode;

/// What the field shows about an action that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// The action.
    pub action: NamedNode,
    /// The unit that was looked at.
    pub unit: NamedNode,
    /// When: from the work on.
    pub window: Interval,
    /// The margins that decide.
    pub evidence: Evidence,
    /// What they come to together: UNKNOWN where any of them is.
    pub verdict: Verdict,
}

/// Looks at the unit of an action that is DONE, from the work on until now: the replacement where one was installed, else the target.
pub fn verify_action(
    snapshot: &Snapshot,
    view: &View,
    action: &NamedNode,
    now: Instant,
    sufficiency: Sufficiency,
) -> Result<Verification, Error> {
    let (moving, record) = Moving::read(snapshot, action)?;
    let state = moving.state.unwrap_or(ActionState::Proposed);
    if ActionMove::Verify.from(state).is_none() {
        let (movement, from) = (ActionMove::Verify.name(), ActionMove::Verify.sources());
        return Err(Error::ActionMove { action: action.clone(), state: state.name(), movement, from });
    }
    let unfit = |why: String| Error::Completion { action: action.clone(), why };
    let unit = record.target(tl::REPLACEMENT).or_else(|| record.target(tl::TARGET));
    let unit = unit.ok_or_else(|| unfit("it names no target".to_owned()))?;
    let done =
        record.instant(tl::AT).ok_or_else(|| unfit("it does not state when it was done".to_owned()))?;
    let window = Interval::new(done, now)
        .map_err(|_| unfit(format!("no time has passed since it was done at {done}")))?;
    let wanted = constraints(snapshot, &record)?;
    let margins = margins_with(snapshot, view, &unit, window, sufficiency)?;
    let is_wanted = |margin: &Margin| {
        margin.constraint.requirement.is_some()
            && (wanted.is_empty() || wanted.contains(&margin.constraint.iri))
    };
    let margins: Vec<Margin> = margins.into_iter().filter(is_wanted).collect();
    if margins.is_empty() {
        let name = snapshot.shorten(&unit);
        return Err(unfit(format!("the design of {name} is under no such constraint since {done}")));
    }
    let verdict = together(margins.iter().map(|margin| margin.verdict));
    let evidence = Evidence::of(snapshot, margins)?;
    Ok(Verification { action: action.clone(), unit, window, evidence, verdict })
}

/// Returns what a commit must do to verify an action whose margins conform, beside recording their evidence.
pub fn verified(
    snapshot: &Snapshot,
    verification: &Verification,
    grounds: &StepGrounds,
) -> Result<Vec<Change>, Error> {
    let (mut moving, _) = Moving::read(snapshot, &verification.action)?;
    let evidence = verification.evidence.records.iter().map(|record| record.iri.clone()).collect();
    moving.make(ActionMove::Verify, &StepGrounds { evidence, ..grounds.clone() })?;
    Ok(moving.changes)
}

/// Returns the constraints that were broken: of the finding behind the action, and of its evidence.
fn constraints(snapshot: &Snapshot, record: &Record) -> Result<Vec<NamedNode>, Error> {
    let mut constraints = Vec::new();
    for reason in record.target(tl::FINDING).into_iter().chain(record.targets(tl::EVIDENCE)) {
        constraints.extend(snapshot.targets(&reason, tl::CONSTRAINT)?);
    }
    Ok(constraints)
}

fn together(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let verdicts: Vec<Verdict> = verdicts.collect();
    match () {
        () if verdicts.contains(&Verdict::Violates) => Verdict::Violates,
        () if verdicts.contains(&Verdict::Unknown) => Verdict::Unknown,
        () => Verdict::Conforms,
    }
}

impl Verification {
    /// Describes what was found, for a person.
    pub fn words(&self) -> String {
        let margins = self.evidence.margins();
        let each = margins.map(|margin| {
            let observed = margin.observed.map_or("nothing".to_owned(), |observed| observed.to_string());
            let hours = margin.account.observed_hours;
            format!("{observed} observed in {hours} h, {}", margin.verdict)
        });
        format!("{}: {}", self.window, each.collect::<Vec<_>>().join("; "))
    }
}
