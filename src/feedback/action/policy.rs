//! Policies: what a rule of the thread prescribes where a finding names units, as far as its owner lets it go by itself.
//!
//! What a policy may do without a person is granted by a person, for the policy as it then was: one that was changed since only
//! recommends. So a change of a policy can widen nothing.

use super::proposal::{self, ActionProposal};
use super::state::{ActionMove, ActionState};
use super::step::{Moving, StepGrounds};
use crate::feedback::error::Error;
use crate::feedback::record::change_request::refuse_other;
use crate::feedback::record::evidence::digest;
use crate::feedback::record::finding::Finding;
use crate::feedback::record::grounds::Grounds;
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::model::time::period::Period;
use crate::ontology::terms::{dcterms, tl, xsd};
use crate::thread::Record;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// On so many units of one finding a policy acts where it states no number.
const UNITS_MAX: usize = 100;
/// What is no content of a policy: how far it may go, and who granted that.
const GRANT: [NamedNodeRef<'static>; 5] =
    [tl::AUTONOMY, tl::GRANT_DIGEST, tl::DECIDED_AT, tl::DECIDED_BY, tl::REASON];

/// How far a policy goes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Autonomy {
    /// It proposes actions.
    Recommend,
    /// It orders those that a person has approved.
    OrderAfterApproval,
    /// It approves and orders them.
    Order,
}

/// A policy of a version.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name.
    pub iri: NamedNode,
    /// Its identifier.
    pub identifier: String,
    /// How far it goes.
    pub autonomy: Autonomy,
    /// Why it goes less far than its record states.
    pub problem: Option<String>,
    record: Record,
}

/// What a policy does at a version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyWork {
    /// The actions that it proposes.
    pub proposed: Vec<NamedNode>,
    /// The actions that it orders.
    pub ordered: Vec<NamedNode>,
    /// What kept it from acting on a finding.
    pub problems: Vec<String>,
    /// What a commit must do.
    pub changes: Vec<Change>,
}

impl Autonomy {
    /// All of them, with their names and what they mean.
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Recommend, "RECOMMEND", "It proposes actions; persons approve and order them."),
        (
            Self::OrderAfterApproval,
            "ORDER_AFTER_APPROVAL",
            "It orders the actions that a person has approved.",
        ),
        (Self::Order, "ORDER", "It proposes, approves and orders actions without a person."),
    ];

    /// Returns the one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, own, _)| *own == name).map(|(autonomy, ..)| autonomy)
    }

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(own, ..)| *own == self).map_or("", |(_, name, _)| name)
    }
}

impl Policy {
    /// Reads the policies of a version, in IRI order.
    pub fn all(snapshot: &Snapshot) -> Result<Vec<Self>, Error> {
        snapshot.instances(tl::ACTION_POLICY)?.iter().map(|iri| Self::read(snapshot, iri)).collect()
    }

    fn read(snapshot: &Snapshot, iri: &NamedNode) -> Result<Self, Error> {
        let record = Record::read(snapshot, iri)?;
        let identifier = record.text(dcterms::IDENTIFIER).unwrap_or(iri.as_str()).to_owned();
        let stated = record.text(tl::AUTONOMY).and_then(Autonomy::named).unwrap_or(Autonomy::Recommend);
        let is_as_granted = record.text(tl::GRANT_DIGEST) == Some(&*content_digest(snapshot, iri)?);
        let (autonomy, problem) = match stated > Autonomy::Recommend && !is_as_granted {
            true => {
                let problem = format!(
                    "the policy was changed after {} was granted, and only recommends until it is granted again",
                    stated.name()
                );
                (Autonomy::Recommend, Some(problem))
            }
            false => (stated, None),
        };
        Ok(Self { iri: iri.clone(), identifier, autonomy, problem, record })
    }

    /// Describes what the policy does at a version: the actions that it proposes on the units of live findings, each unit once for a
    /// finding, and those that it orders.
    pub fn work(&self, snapshot: &Snapshot, at: Instant) -> Result<PolicyWork, Error> {
        let mut work =
            PolicyWork { problems: self.problem.iter().cloned().collect(), ..PolicyWork::default() };
        let known = self.known(snapshot)?;
        if self.autonomy >= Autonomy::OrderAfterApproval {
            self.order_approved(snapshot, &known, at, &mut work)?;
        }
        let requirements = self.record.targets(tl::REQUIREMENT_FIELD);
        for iri in snapshot.instances(tl::FINDING_CLASS)? {
            let Some(finding) = Finding::read(snapshot, &iri)? else { continue };
            if finding.is_live() && requirements.contains(&finding.breach.requirement) {
                self.act_on(snapshot, &finding, &known, at, &mut work)?;
            }
        }
        Ok(work)
    }

    /// Returns its actions with the findings and targets that they are of.
    fn known(&self, snapshot: &Snapshot) -> Result<Vec<(NamedNode, Record)>, Error> {
        let mut known = Vec::new();
        for iri in snapshot.subjects(tl::POLICY, &self.iri.clone().into())? {
            let record = Record::read(snapshot, &iri)?;
            if record.is_a(snapshot.ontology(), tl::ACTION) {
                known.push((iri, record));
            }
        }
        Ok(known)
    }

    fn order_approved(
        &self,
        snapshot: &Snapshot,
        known: &[(NamedNode, Record)],
        at: Instant,
        work: &mut PolicyWork,
    ) -> Result<(), Error> {
        let approved =
            |(_, record): &&(NamedNode, Record)| record.text(tl::STATE) == Some(ActionState::Approved.name());
        for (iri, _) in known.iter().filter(approved) {
            let (mut moving, _) = Moving::read(snapshot, iri)?;
            moving.make(ActionMove::Order, &self.grounds(at, "it is approved"))?;
            work.ordered.push(iri.clone());
            work.changes.append(&mut moving.changes);
        }
        Ok(())
    }

    fn act_on(
        &self,
        snapshot: &Snapshot,
        finding: &Finding,
        known: &[(NamedNode, Record)],
        at: Instant,
        work: &mut PolicyWork,
    ) -> Result<(), Error> {
        let mine =
            known.iter().filter(|(_, record)| record.target(tl::FINDING).as_ref() == Some(&finding.iri));
        let acted: BTreeSet<NamedNode> = mine.filter_map(|(_, record)| record.target(tl::TARGET)).collect();
        let mut units = proposal::violators(snapshot, &finding.iri)?;
        let most = self.record.text(tl::UNITS_LIMIT).and_then(|text| text.parse().ok()).unwrap_or(UNITS_MAX);
        if units.len() > most {
            work.problems.push(format!(
                "{} names {} units, and the policy acts on {most} at most: propose the actions by hand, or raise unitsMax",
                snapshot.shorten(&finding.iri),
                units.len()
            ));
            return Ok(());
        }
        units.retain(|unit| !acted.contains(unit));
        for unit in units {
            let why = format!("{} names the unit", snapshot.shorten(&finding.iri));
            let grounds = self.grounds(at, &why);
            let mut moving = proposal::begin(snapshot, &self.proposal(finding, at), &unit, &grounds)?;
            work.proposed.push(moving.action.clone());
            if self.autonomy == Autonomy::Order {
                let grounds = self.grounds(at, "the policy may order by itself");
                moving.make(ActionMove::Approve, &grounds)?;
                moving.make(ActionMove::Order, &grounds)?;
                work.ordered.push(moving.action.clone());
            }
            work.changes.append(&mut moving.changes);
        }
        Ok(())
    }

    fn proposal(&self, finding: &Finding, at: Instant) -> ActionProposal {
        let within = self.record.text(tl::DUE_WITHIN).and_then(|text| text.parse::<Period>().ok());
        ActionProposal {
            kind: self.record.text(tl::KIND).unwrap_or("OTHER").to_owned(),
            position: self.record.text(tl::POSITION).map(str::to_owned),
            realizes: self.record.target(tl::REALIZES),
            finding: Some(finding.iri.clone()),
            policy: Some(self.iri.clone()),
            due_at: within.map(|within| Instant::from_seconds(at.plus_nanos(within.mean_nanos()).seconds())),
            instructions: self.record.text(dcterms::DESCRIPTION).map(str::to_owned),
            ..ActionProposal::default()
        }
    }

    fn grounds(&self, at: Instant, reason: &str) -> StepGrounds {
        let by = format!("policy {}", self.identifier);
        StepGrounds { policy: Some(self.iri.clone()), ..StepGrounds::new(by, at, reason) }
    }
}

/// Grants a policy how far it may go by itself, as it is now.
pub fn grant_policy(
    snapshot: &Snapshot,
    policy: &NamedNode,
    autonomy: Autonomy,
    grounds: &Grounds,
) -> Result<Vec<Change>, Error> {
    grounds.checked()?;
    refuse_other(snapshot, policy, tl::ACTION_POLICY, "ActionPolicy")?;
    let set = |predicate: NamedNodeRef<'_>, value: Literal| Change::Set {
        subject: policy.clone(),
        predicate: predicate.into_owned(),
        values: vec![value.into()],
    };
    Ok(vec![
        set(tl::AUTONOMY, Literal::new_simple_literal(autonomy.name())),
        set(tl::GRANT_DIGEST, Literal::new_simple_literal(content_digest(snapshot, policy)?)),
        set(tl::DECIDED_AT, Literal::new_typed_literal(grounds.at.to_string(), xsd::DATE_TIME)),
        set(tl::DECIDED_BY, Literal::new_simple_literal(grounds.by.to_string())),
        set(tl::REASON, Literal::new_simple_literal(grounds.reason.trim())),
    ])
}

/// Returns the digest of all that a policy states but for its grant.
fn content_digest(snapshot: &Snapshot, policy: &NamedNode) -> Result<String, Error> {
    let statements = snapshot.statements(policy)?.into_iter();
    let content = statements.filter(|statement| !GRANT.contains(&statement.predicate.as_ref()));
    let mut lines: Vec<String> =
        content.map(|statement| format!("{} {}", statement.predicate, statement.object)).collect();
    lines.sort_unstable();
    let mut text = String::new();
    for line in lines {
        // Writing to a text does not fail.
        let _ = writeln!(text, "{line}");
    }
    Ok(digest(&text))
}

/// Takes actions that were due and that nobody has taken on to EXPIRED; returns which, and what a commit must do.
pub fn expired_actions(snapshot: &Snapshot, at: Instant) -> Result<(Vec<NamedNode>, Vec<Change>), Error> {
    let (mut expired, mut changes) = (Vec::new(), Vec::new());
    for state in [ActionState::Proposed, ActionState::Approved, ActionState::Ordered] {
        for iri in in_state(snapshot, state)? {
            let (mut moving, record) = Moving::read(snapshot, &iri)?;
            let Some(due) = record.instant(tl::DUE_AT).filter(|due| *due <= at) else { continue };
            let why = format!("it was due at {due}, and nobody has acknowledged it");
            moving.make(ActionMove::Expire, &StepGrounds::new("throughline".to_owned(), at, &why))?;
            expired.push(iri);
            changes.append(&mut moving.changes);
        }
    }
    Ok((expired, changes))
}

/// Returns the actions in a state, in IRI order.
pub fn in_state(snapshot: &Snapshot, state: ActionState) -> Result<Vec<NamedNode>, Error> {
    let mut actions = Vec::new();
    for iri in snapshot.subjects(tl::STATE, &Literal::new_simple_literal(state.name()).into())? {
        if crate::thread::is_instance(snapshot, &iri, tl::ACTION)? {
            actions.push(iri);
        }
    }
    Ok(actions)
}
