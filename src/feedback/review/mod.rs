//! A design review as the design record has it: what it was opened on, and what was decided.

pub(super) mod answer;
pub(super) mod crossing;
pub(super) mod dependencies;
pub(super) mod subject;

use super::record::about::About;
use super::sufficiency::Sufficiency;
use crate::graph::{CommitId, Error, Snapshot};
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::terms::{dcterms, rdf, tl, xsd};
use crate::telemetry::Watermark;
use crate::thread::Record;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};
use std::fmt;
use subject::ReviewSubject;

/// A design review that was opened on one commit and one watermark.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// The record's own name.
    pub iri: NamedNode,
    /// What people call it; `review:IDENTIFIER` names what it was opened on.
    pub identifier: String,
    /// What is on its table.
    pub subject: ReviewSubject,
    /// The version that it was opened on.
    pub commit: CommitId,
    /// The telemetry that was known.
    pub watermark: Watermark,
    /// The store's pin that holds the telemetry for ever.
    pub pin: u64,
    /// When it was opened: what counts as the present in it.
    pub opened_at: Instant,
    /// The evidence that was recorded for it.
    pub evidence: Vec<NamedNode>,
    /// The name and version of what computed the margins.
    pub algorithm: String,
    /// The digest of all margins.
    pub digest: String,
    /// Whether it is decided.
    pub state: ReviewState,
}

/// Whether a review is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewState {
    /// It is not.
    Open,
    /// It is signed.
    Signed {
        /// What was decided.
        decision: ReviewDecision,
        /// By whom.
        by: String,
        /// When.
        at: String,
    },
}

/// What a review comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewDecision {
    /// The design is accepted.
    Approved,
    /// It is not.
    Rejected,
}

impl ReviewDecision {
    /// Returns the decision of this name, such as `APPROVED`.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Approved, Self::Rejected].into_iter().find(|decision| decision.to_string() == name)
    }
}

impl fmt::Display for ReviewDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
        })
    }
}

impl Review {
    /// Reads a review; `None` where the resource is none, or one that was recorded without being opened on anything.
    pub fn read(snapshot: &Snapshot, iri: &NamedNode) -> Result<Option<Self>, Error> {
        let record = Record::read(snapshot, iri)?;
        if !record.is_a(snapshot.ontology(), tl::DESIGN_REVIEW) {
            return Ok(None);
        }
        Ok(Self::of(&record))
    }

    fn of(record: &Record) -> Option<Self> {
        let window = Interval::new(record.instant(tl::FROM)?, record.instant(tl::TO)?).ok()?;
        let text = |predicate| record.text(predicate).map(str::to_owned);
        Some(Self {
            iri: record.subject.clone(),
            identifier: text(dcterms::IDENTIFIER)?,
            subject: ReviewSubject {
                sufficiency: sufficiency(record),
                ..ReviewSubject::new(record.targets(tl::OF), record.targets(tl::REQUIREMENT_FIELD), window)
            },
            commit: record.text(tl::COMMIT)?.parse().ok()?,
            watermark: record.text(tl::WATERMARK)?.parse().ok()?,
            pin: record.text(tl::PIN)?.parse().ok()?,
            opened_at: record.instant(tl::OPENED_AT)?,
            evidence: record.targets(tl::EVIDENCE),
            algorithm: text(tl::ALGORITHM)?,
            digest: text(tl::RESULT_DIGEST)?,
            state: match ReviewDecision::named(record.text(tl::STATE)?) {
                None => ReviewState::Open,
                Some(decision) => ReviewState::Signed {
                    decision,
                    by: text(tl::DECIDED_BY).unwrap_or_default(),
                    at: text(tl::DECIDED_AT).unwrap_or_default(),
                },
            },
        })
    }

    /// Returns what a commit must do to record that it was opened.
    pub fn opening(&self, title: &str, description: Option<&str>, participants: &[String]) -> Change {
        let mut about = About::new(self.iri.clone());
        about.add(rdf::TYPE, tl::DESIGN_REVIEW.into_owned());
        about.text(dcterms::IDENTIFIER, &self.identifier);
        about.text(dcterms::TITLE, title);
        description.into_iter().for_each(|text| about.text(dcterms::DESCRIPTION, text));
        let ReviewSubject { designs, requirements, window, sufficiency } = &self.subject;
        designs.iter().for_each(|design| about.link(tl::OF, Some(design)));
        requirements.iter().for_each(|one| about.link(tl::REQUIREMENT_FIELD, Some(one)));
        self.evidence.iter().for_each(|one| about.link(tl::EVIDENCE, Some(one)));
        about.instant(tl::FROM, &window.from().to_string());
        about.instant(tl::TO, &window.to().to_string());
        about.number(tl::HOURS_MIN, Some(sufficiency.hours_min));
        about.number(tl::SHARE_MIN, Some(sufficiency.share_min));
        about.number(tl::UNIT_SHARE_MIN, Some(sufficiency.units_share_min));
        about.add(tl::UNITS_MIN, Literal::new_typed_literal(sufficiency.units_min.to_string(), xsd::INTEGER));
        about.text(tl::COMMIT, &self.commit.to_string());
        about.text(tl::WATERMARK, &self.watermark.to_string());
        about.add(tl::PIN, Literal::new_typed_literal(self.pin.to_string(), xsd::INTEGER));
        about.text(tl::ALGORITHM, &self.algorithm);
        about.text(tl::RESULT_DIGEST, &self.digest);
        about.instant(tl::OPENED_AT, &self.opened_at.to_string());
        about.text(tl::STATE, "OPEN");
        participants.iter().for_each(|name| about.text(tl::PARTICIPANT, name));
        Change::Replace { resource: self.iri.clone(), statements: about.statements }
    }

    /// Returns what a commit must do to record that it was signed.
    pub fn signing(
        &self,
        decision: ReviewDecision,
        at: Instant,
        by: &str,
        comment: Option<&str>,
        participants: &[String],
    ) -> Vec<Change> {
        let set = |predicate: NamedNodeRef<'_>, value: Literal| Change::Set {
            subject: self.iri.clone(),
            predicate: predicate.into_owned(),
            values: vec![value.into()],
        };
        let takes_part = |name: &String| {
            let name = Literal::new_simple_literal(name);
            Change::Add(Statement::new(self.iri.clone(), tl::PARTICIPANT.into_owned(), name))
        };
        let mut changes = vec![
            set(tl::STATE, Literal::new_simple_literal(decision.to_string())),
            set(tl::DECIDED_AT, Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME)),
            set(tl::DECIDED_BY, Literal::new_simple_literal(by)),
        ];
        changes.extend(comment.map(|comment| set(tl::REASON, Literal::new_simple_literal(comment))));
        changes.extend(participants.iter().map(takes_part));
        changes
    }
}

/// Reads how much must have been observed; what is not recorded was the default.
fn sufficiency(record: &Record) -> Sufficiency {
    let default = Sufficiency::default();
    let number = |predicate, default: f64| record.number(predicate).unwrap_or(default);
    let units = record.text(tl::UNITS_MIN).and_then(|text| text.parse().ok());
    Sufficiency {
        hours_min: number(tl::HOURS_MIN, default.hours_min),
        share_min: number(tl::SHARE_MIN, default.share_min),
        units_share_min: number(tl::UNIT_SHARE_MIN, default.units_share_min),
        units_min: units.unwrap_or(default.units_min),
    }
}
