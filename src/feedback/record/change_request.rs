//! Change requests: what an accepted finding asks of the design, and the states that persons take it through.
//!
//! | decision | from | to |
//! |---|---|---|
//! | APPROVE | OPEN | APPROVED |
//! | REJECT | OPEN, APPROVED | REJECTED |
//! | IMPLEMENT | APPROVED, where a design revision answers it | IMPLEMENTED |
//! | CLOSE | IMPLEMENTED | VERIFIED |
//! | REOPEN | IMPLEMENTED, VERIFIED, REJECTED | OPEN |

use super::about::About;
use super::grounds::Grounds;
use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::ontology::terms::{dcterms, prov, rdf, tl};
use crate::thread::{self, Record};
use oxigraph::model::{NamedNode, NamedNodeRef};

/// A change request to other tools (OSLC Change Management 3.0), which read types and no ontology.
const OSLC_CHANGE_REQUEST: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://open-services.net/ns/cm#ChangeRequest");

/// How far a change request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeState {
    /// It waits for a decision.
    Open,
    /// It is to be done.
    Approved,
    /// It is not to be done.
    Rejected,
    /// A design revision answers it.
    Implemented,
    /// The field shows that the answer works.
    Verified,
}

/// What can be decided on a change request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeDecision {
    /// It is to be done.
    Approve,
    /// It is not to be done.
    Reject,
    /// A design revision answers it.
    Implement,
    /// The answer works.
    Close,
    /// It is to be looked at again.
    Reopen,
}

/// How a change request is to be called; what is not given is made from the finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeDraft {
    /// Its identifier, unique among change requests.
    pub identifier: Option<String>,
    /// What it asks, in one line.
    pub title: Option<String>,
    /// What it asks.
    pub description: Option<String>,
}

impl ChangeState {
    const ALL: [Self; 5] = [Self::Open, Self::Approved, Self::Rejected, Self::Implemented, Self::Verified];

    /// Returns the state of this name, such as `OPEN`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Returns the state's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Implemented => "IMPLEMENTED",
            Self::Verified => "VERIFIED",
        }
    }

    /// Returns whether nobody is to act on it any more.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Rejected | Self::Verified)
    }
}

impl ChangeDecision {
    /// All of them, with their names and what they mean.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Approve, "APPROVE", "It is to be done: OPEN becomes APPROVED."),
        (Self::Reject, "REJECT", "It is not to be done: OPEN or APPROVED becomes REJECTED."),
        (Self::Implement, "IMPLEMENT", "A design revision answers it: APPROVED becomes IMPLEMENTED."),
        (Self::Close, "CLOSE", "The answer works: IMPLEMENTED becomes VERIFIED."),
        (
            Self::Reopen,
            "REOPEN",
            "It is to be looked at again: IMPLEMENTED, VERIFIED or REJECTED becomes OPEN.",
        ),
    ];

    /// Returns the decision of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, own, _)| *own == name).map(|(decision, ..)| decision)
    }

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(own, ..)| *own == self).map_or("", |(_, name, _)| name)
    }

    /// Returns the state that it leads to; `None` where it cannot be taken in this one.
    fn from(self, state: ChangeState) -> Option<ChangeState> {
        use ChangeState as State;
        match (self, state) {
            (Self::Approve, State::Open) => Some(State::Approved),
            (Self::Reject, State::Open | State::Approved) => Some(State::Rejected),
            (Self::Implement, State::Approved) => Some(State::Implemented),
            (Self::Close, State::Implemented) => Some(State::Verified),
            (Self::Reopen, State::Implemented | State::Verified | State::Rejected) => Some(State::Open),
            _ => None,
        }
    }
}

/// Describes what an accepted finding asks for: a change request on its design and its requirement, named after the finding.
pub(super) fn open(
    snapshot: &Snapshot,
    finding: &Record,
    (grounds, by): (&Grounds, &NamedNode),
    draft: &ChangeDraft,
) -> Result<(NamedNode, Vec<Statement>), Error> {
    let short = snapshot.shorten(&finding.subject);
    let name = short.strip_prefix("finding/").unwrap_or(&short).replace([':', '/', '#'], "-");
    let iri = free_name(snapshot, &format!("changeRequest/{name}"))?;
    let title = format!("Answer to: {}", finding.text(dcterms::TITLE).unwrap_or(&short));
    let affected: Vec<NamedNode> =
        [tl::DESIGN, tl::REQUIREMENT_FIELD].into_iter().filter_map(|link| finding.target(link)).collect();
    let mut about = About::new(iri.clone());
    about.add(rdf::TYPE, tl::CHANGE_REQUEST.into_owned());
    about.add(rdf::TYPE, OSLC_CHANGE_REQUEST.into_owned());
    about.text(dcterms::IDENTIFIER, draft.identifier.as_deref().unwrap_or(&format!("CR-{name}")));
    about.text(dcterms::TITLE, draft.title.as_deref().unwrap_or(&title));
    about.text(dcterms::DESCRIPTION, draft.description.as_deref().unwrap_or(grounds.reason.trim()));
    about.link(tl::FINDING, Some(&finding.subject));
    for target in &affected {
        if can_change(snapshot, target)? {
            about.link(tl::AFFECTS, Some(target));
        }
    }
    about.text(tl::STATE, ChangeState::Open.name());
    about.link(prov::WAS_ATTRIBUTED_TO, Some(by));
    Ok((iri, about.statements))
}

/// Returns whether it belongs to the design record: a lot or a unit is as it is.
fn can_change(snapshot: &Snapshot, target: &NamedNode) -> Result<bool, Error> {
    for class in [tl::REQUIREMENT, tl::PART_CLASS, tl::DESIGN_REVISION] {
        if thread::is_instance(snapshot, target, class)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn free_name(snapshot: &Snapshot, stem: &str) -> Result<NamedNode, Error> {
    let mut iri = snapshot.expand(stem)?;
    let mut number = 1;
    while snapshot.exists(&iri)? {
        number += 1;
        iri = snapshot.expand(&format!("{stem}-{number}"))?;
    }
    Ok(iri)
}

/// Takes a change request into another state; `evidence` is what the decision rests on.
pub fn decide_change(
    snapshot: &Snapshot,
    request: &NamedNode,
    decision: ChangeDecision,
    grounds: &Grounds,
    evidence: &[NamedNode],
) -> Result<Vec<Change>, Error> {
    grounds.checked()?;
    refuse_other(snapshot, request, tl::CHANGE_REQUEST, "ChangeRequest")?;
    let state = snapshot.text(request, tl::STATE)?.and_then(|name| ChangeState::named(&name));
    let state = state.unwrap_or(ChangeState::Open);
    let refused = |why: &str| Error::Transition {
        request: request.clone(),
        state: state.name(),
        decision: decision.name(),
        why: why.to_owned(),
    };
    let next = decision.from(state).ok_or_else(|| {
        let before = ChangeState::ALL.into_iter().filter(|state| decision.from(*state).is_some());
        refused(&format!("it follows {}", before.map(ChangeState::name).collect::<Vec<_>>().join(" or ")))
    })?;
    if decision == ChangeDecision::Implement && answers_to(snapshot, request)?.is_empty() {
        return Err(refused("no design revision answers it"));
    }
    for record in evidence {
        refuse_other(snapshot, record, tl::FIELD_EVIDENCE, "FieldEvidence")?;
    }
    let mut changes = grounds.moves(request, next.name());
    changes.push(set_links(request, tl::EVIDENCE, evidence));
    Ok(changes)
}

fn set_links(subject: &NamedNode, predicate: NamedNodeRef<'_>, targets: &[NamedNode]) -> Change {
    let values = targets.iter().cloned().map(Into::into).collect();
    Change::Set { subject: subject.clone(), predicate: predicate.into_owned(), values }
}

/// Refuses what is no instance of a class.
pub(in crate::feedback) fn refuse_other(
    snapshot: &Snapshot,
    resource: &NamedNode,
    class: NamedNodeRef<'_>,
    name: &'static str,
) -> Result<(), Error> {
    match thread::is_instance(snapshot, resource, class)? {
        true => Ok(()),
        false => Err(Error::NotA(name, resource.clone())),
    }
}

/// Returns the design revisions that answer a change request, in IRI order.
pub(in crate::feedback) fn answers_to(
    snapshot: &Snapshot,
    request: &NamedNode,
) -> Result<Vec<NamedNode>, Error> {
    Ok(snapshot.subjects(tl::ANSWERS, &request.clone().into())?)
}
