//! Findings: what the field shows to be broken, once for each cause, for a person to decide.
//!
//! The cause is the constraint that is broken. A finding of design, requirement and constraint is called
//! `finding/DIGITS-N`: the digits are those of a digest of the three, N numbers the findings of the same three. So whoever
//! opens one at the same version gives it the same name, and two that race cannot open two.

use super::about::About;
use super::change_request::ChangeState;
use super::evidence::{FieldEvidence, digest, in_words};
use crate::feedback::error::Error;
use crate::feedback::margin::constraint::Constraint;
use crate::graph::Snapshot;
use crate::model::statement::Statement;
use crate::ontology::terms::{dcterms, rdf, tl};
use crate::thread::Record;
use oxigraph::model::{NamedNode, NamedNodeRef};
use std::collections::BTreeMap;
use std::fmt;

/// How many digits of the digest are in a finding's name; findings whose digits happen to agree are distinguished by the number.
const DIGITS: usize = 12;

/// What a finding is about: a constraint of a requirement that a design breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// The design revision; where there is none, what was asked about.
    pub design: NamedNode,
    /// The requirement.
    pub requirement: NamedNode,
    /// The constraint that is broken.
    pub constraint: NamedNode,
}

/// A finding at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name.
    pub iri: NamedNode,
    /// What it is about.
    pub breach: Breach,
    /// What was decided.
    pub state: FindingState,
    /// The field evidence that it rests on.
    pub evidence: Vec<NamedNode>,
    /// The states of the change requests that it led to.
    pub changes: Vec<ChangeState>,
}

/// What was decided on a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingState {
    /// Nothing yet.
    Open,
    /// The design is to change.
    Accepted,
    /// It stays as it is.
    Dismissed,
}

/// The findings of a version.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    by_breach: BTreeMap<Breach, Vec<Finding>>,
}

impl Breach {
    /// Returns what a record of evidence is about; `None` where it is of no requirement.
    pub fn of(record: &FieldEvidence) -> Option<Self> {
        let margin = &record.margin;
        Some(Self {
            design: margin.design.clone().unwrap_or_else(|| margin.item.clone()),
            requirement: margin.constraint.requirement.clone()?,
            constraint: margin.constraint.iri.clone(),
        })
    }

    /// Returns the first name for a finding of this that nothing bears, nor one of those given.
    fn free_name(&self, snapshot: &Snapshot, known: &[Finding]) -> Result<NamedNode, Error> {
        let text = format!("{}\n{}\n{}\n", self.design, self.requirement, self.constraint);
        let digits = &digest(&text)[..DIGITS];
        let mut number = 1;
        loop {
            let iri = snapshot.expand(&format!("finding/{digits}-{number}"))?;
            if !snapshot.exists(&iri)? && known.iter().all(|finding| finding.iri != iri) {
                return Ok(iri);
            }
            number += 1;
        }
    }
}

impl Finding {
    /// Reads a finding; `None` where it does not state of what design, requirement and constraint it is.
    pub(in crate::feedback) fn read(snapshot: &Snapshot, iri: &NamedNode) -> Result<Option<Self>, Error> {
        let record = Record::read(snapshot, iri)?;
        let about =
            (record.target(tl::DESIGN), record.target(tl::REQUIREMENT_FIELD), record.target(tl::CONSTRAINT));
        let (Some(design), Some(requirement), Some(constraint)) = about else { return Ok(None) };
        let mut changes = Vec::new();
        for request in snapshot.subjects(tl::FINDING, &iri.clone().into())? {
            changes.extend(snapshot.text(&request, tl::STATE)?.and_then(|name| ChangeState::named(&name)));
        }
        Ok(Some(Self {
            iri: iri.clone(),
            breach: Breach { design, requirement, constraint },
            state: record.text(tl::STATE).and_then(FindingState::named).unwrap_or(FindingState::Open),
            evidence: record.targets(tl::EVIDENCE),
            changes,
        }))
    }

    /// Returns whether somebody is still to act on it: it is open, or accepted and what it led to is not settled.
    pub fn is_live(&self) -> bool {
        match self.state {
            FindingState::Open => true,
            FindingState::Dismissed => false,
            FindingState::Accepted => {
                self.changes.is_empty() || self.changes.iter().any(|state| !state.is_settled())
            }
        }
    }
}

impl FindingState {
    /// Returns the state of this name, such as `OPEN`.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Accepted, Self::Dismissed].into_iter().find(|state| state.name() == name)
    }

    /// Returns the state's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Accepted => "ACCEPTED",
            Self::Dismissed => "DISMISSED",
        }
    }
}

impl fmt::Display for FindingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Findings {
    /// Reads the findings of a version that state what they are about; what is only expected is no breach.
    pub fn read(snapshot: &Snapshot) -> Result<Self, Error> {
        let mut findings = Self::default();
        for iri in snapshot.instances(tl::FINDING_CLASS)? {
            if snapshot.text(&iri, tl::KIND)?.is_some_and(|kind| kind != "BREACH") {
                continue;
            }
            if let Some(finding) = Finding::read(snapshot, &iri)? {
                findings.by_breach.entry(finding.breach.clone()).or_default().push(finding);
            }
        }
        Ok(findings)
    }

    /// Returns the findings of a breach, in IRI order.
    pub fn of(&self, breach: &Breach) -> &[Finding] {
        self.by_breach.get(breach).map_or(&[], Vec::as_slice)
    }

    /// Returns the finding of a breach that somebody is still to act on.
    pub(super) fn live(&mut self, breach: &Breach) -> Option<&mut Finding> {
        self.by_breach.get_mut(breach)?.iter_mut().find(|finding| finding.is_live())
    }

    /// Takes in a finding that evidence opens, and returns the statements to add about it.
    pub(super) fn open(
        &mut self,
        snapshot: &Snapshot,
        breach: &Breach,
        record: &FieldEvidence,
    ) -> Result<(NamedNode, Vec<Statement>), Error> {
        let iri = breach.free_name(snapshot, self.of(breach))?;
        let mut about = About::new(iri.clone());
        about.add(rdf::TYPE, tl::FINDING_CLASS.into_owned());
        about.text(dcterms::TITLE, &title(snapshot, breach, &record.margin.constraint)?);
        about.link(tl::DESIGN, Some(&breach.design));
        about.link(tl::REQUIREMENT_FIELD, Some(&breach.requirement));
        about.link(tl::CONSTRAINT, Some(&breach.constraint));
        about.text(tl::STATE, FindingState::Open.name());
        about.link(tl::EVIDENCE, Some(&record.iri));
        let (state, evidence) = (FindingState::Open, vec![record.iri.clone()]);
        let finding =
            Finding { iri: iri.clone(), breach: breach.clone(), state, evidence, changes: Vec::new() };
        self.by_breach.entry(breach.clone()).or_default().push(finding);
        Ok((iri, about.statements))
    }
}

/// Writes what is broken in one line for people, such as `bearing/B breaks REQ-12: P95 of temperature ≤ 85 °C`.
fn title(snapshot: &Snapshot, breach: &Breach, constraint: &Constraint) -> Result<String, Error> {
    let named = |iri: &NamedNode, predicate: NamedNodeRef<'_>| {
        let text = snapshot.text(iri, predicate)?;
        Ok::<_, Error>(text.unwrap_or_else(|| snapshot.shorten(iri)))
    };
    let requirement = named(&breach.requirement, dcterms::IDENTIFIER)?;
    let (statistic, limit) = in_words(snapshot, constraint)?;
    Ok(format!("{} breaks {requirement}: {statistic} {limit}", snapshot.shorten(&breach.design)))
}
