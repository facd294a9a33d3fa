//! Proposals: one action on each of several units.

use super::state::ActionState;
use super::step::{Moving, StepGrounds};
use crate::feedback::error::Error;
use crate::feedback::record::about::About;
use crate::feedback::record::change_request::refuse_other;
use crate::feedback::record::evidence::digest;
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{dcterms, rdf, tl};
use crate::thread::{self, Record};
use oxigraph::model::{NamedNode, NamedNodeRef};
use std::collections::BTreeSet;

/// So many digits of the digest are in an action's name.
const DIGITS: usize = 12;
/// So many actions may be proposed at once.
pub const PROPOSED_MAX: usize = 1_000;

/// What is to be done on each of several units or lots, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActionProposal {
    /// What, one of the kinds of the ontology.
    pub kind: String,
    /// The units or lots; where there are none, those that the finding names.
    pub targets: Vec<NamedNode>,
    /// The place in each of them.
    pub position: Option<String>,
    /// The design revision that they are to have afterwards.
    pub realizes: Option<NamedNode>,
    /// What is to be set or limited.
    pub property: Option<NamedNode>,
    /// To which value.
    pub value: Option<f64>,
    /// The unit of the value.
    pub unit: Option<NamedNode>,
    /// The finding behind it.
    pub finding: Option<NamedNode>,
    /// The evidence behind it.
    pub evidence: Vec<NamedNode>,
    /// The policy that proposes it.
    pub policy: Option<NamedNode>,
    /// By when it is due.
    pub due_at: Option<Instant>,
    /// What it is called; `None`: made from what it is.
    pub title: Option<String>,
    /// What is to be done, in words.
    pub instructions: Option<String>,
}

/// Actions that are proposed, and what a commit must do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposed {
    /// The actions, in the order of their targets.
    pub actions: Vec<NamedNode>,
    /// What a commit must do.
    pub changes: Vec<Change>,
}

/// Describes one action on each target; a target that is named twice has one.
pub fn propose(
    snapshot: &Snapshot,
    proposal: &ActionProposal,
    grounds: &StepGrounds,
) -> Result<Proposed, Error> {
    let targets = proposal.targets(snapshot)?;
    if targets.len() > PROPOSED_MAX {
        return Err(Error::TooManyActions { asked: targets.len(), most: PROPOSED_MAX });
    }
    let mut proposed = Proposed::default();
    for target in targets {
        let mut moving = begin(snapshot, proposal, &target, grounds)?;
        proposed.actions.push(moving.action.clone());
        proposed.changes.append(&mut moving.changes);
    }
    Ok(proposed)
}

/// Begins an action on one target.
pub(super) fn begin(
    snapshot: &Snapshot,
    proposal: &ActionProposal,
    target: &NamedNode,
    grounds: &StepGrounds,
) -> Result<Moving, Error> {
    let (name, iri) = proposal.free_name(snapshot, target)?;
    let mut about = About::new(iri.clone());
    about.add(rdf::TYPE, tl::ACTION.into_owned());
    about.text(dcterms::IDENTIFIER, &format!("ACT-{name}"));
    about.text(dcterms::TITLE, &proposal.title_on(snapshot, target)?);
    if let Some(instructions) = &proposal.instructions {
        about.text(dcterms::DESCRIPTION, instructions);
    }
    about.text(tl::KIND, &proposal.kind);
    about.link(tl::TARGET, Some(target));
    if let Some(position) = &proposal.position {
        about.text(tl::POSITION, position);
    }
    about.link(tl::REALIZES, proposal.realizes.as_ref());
    about.link(tl::PROPERTY, proposal.property.as_ref());
    about.number(tl::VALUE, proposal.value);
    about.link(tl::UNIT, proposal.unit.as_ref());
    about.link(tl::FINDING, proposal.finding.as_ref());
    for evidence in &proposal.evidence {
        about.link(tl::EVIDENCE, Some(evidence));
    }
    about.link(tl::POLICY, proposal.policy.as_ref());
    if let Some(due_at) = proposal.due_at {
        about.instant(tl::DUE_AT, &due_at.to_string());
    }
    let mut moving = Moving::begin(iri);
    moving.changes.extend(about.statements.into_iter().map(Change::Add));
    moving.enter(ActionState::Proposed, grounds)?;
    Ok(moving)
}

impl ActionProposal {
    /// Returns the targets, each once; refuses what is no unit and no lot.
    fn targets(&self, snapshot: &Snapshot) -> Result<Vec<NamedNode>, Error> {
        if let Some(finding) = &self.finding {
            refuse_other(snapshot, finding, tl::FINDING_CLASS, "Finding")?;
        }
        let named = match (&self.finding, self.targets.is_empty()) {
            (Some(finding), true) => violators(snapshot, finding)?,
            _ => self.targets.clone(),
        };
        if named.is_empty() {
            return Err(Error::NoTargets);
        }
        let mut seen = BTreeSet::new();
        let mut targets = Vec::new();
        for target in named {
            let is_lot = thread::is_instance(snapshot, &target, tl::BUILD)?;
            if !is_lot && !thread::is_instance(snapshot, &target, tl::TWIN_INSTANCE)? {
                return Err(Error::NotA("TwinInstance or Build", target));
            }
            if seen.insert(target.clone()) {
                targets.push(target);
            }
        }
        Ok(targets)
    }

    /// Returns the first name for an action of this content on a target that nothing bears.
    fn free_name(&self, snapshot: &Snapshot, target: &NamedNode) -> Result<(String, NamedNode), Error> {
        let finding = self.finding.as_ref().map_or("", |finding| finding.as_str());
        let text = format!("{}\n{target}\n{finding}\n", self.kind);
        let digits = &digest(&text)[..DIGITS];
        let mut number = 1;
        loop {
            let name = format!("{digits}-{number}");
            let iri = snapshot.expand(&format!("action/{name}"))?;
            if !snapshot.exists(&iri)? {
                return Ok((name, iri));
            }
            number += 1;
        }
    }

    /// Writes what is to be done in one line, such as `REPLACE P-1: pump/A breaks REQ-1: MAX of temperature ≤ 85 °C`.
    fn title_on(&self, snapshot: &Snapshot, target: &NamedNode) -> Result<String, Error> {
        let text = |iri: &NamedNode, predicate: NamedNodeRef<'_>| -> Result<String, Error> {
            Ok(snapshot.text(iri, predicate)?.unwrap_or_else(|| snapshot.shorten(iri)))
        };
        let on = text(target, dcterms::IDENTIFIER)?;
        let at = self.position.as_ref().map(|position| format!(" {position}")).unwrap_or_default();
        let what = match (&self.title, &self.finding) {
            (Some(title), _) => return Ok(format!("{title} ({on}{at})")),
            (None, Some(finding)) => format!(": {}", text(finding, dcterms::TITLE)?),
            (None, None) => String::new(),
        };
        Ok(format!("{} {on}{at}{what}", self.kind))
    }
}

/// Returns the units that the evidence of a finding names as violators, or the one unit that the finding is about; in IRI order.
pub(super) fn violators(snapshot: &Snapshot, finding: &NamedNode) -> Result<Vec<NamedNode>, Error> {
    let record = Record::read(snapshot, finding)?;
    let mut units = BTreeSet::new();
    for evidence in record.targets(tl::EVIDENCE) {
        let named = snapshot.targets(&evidence, tl::VIOLATOR)?;
        units.extend(named.into_iter().map(|unit| unit.as_str().to_owned()));
    }
    if let Some(about) = record.target(tl::DESIGN)
        && thread::is_instance(snapshot, &about, tl::TWIN_INSTANCE)?
    {
        units.insert(about.as_str().to_owned());
    }
    Ok(units.into_iter().map(NamedNode::new_unchecked).collect())
}
