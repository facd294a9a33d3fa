//! Field evidence: what the field shows about requirements, written into the design record, with the findings that it opens.

use super::retry::retried;
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::scope::Scope;
use crate::feedback::{self, Evidence, Filing, Sufficiency};
use crate::graph::{Author, Committed, RequestKey, Snapshot};
use crate::model::statement::change::Change;
use crate::model::time::interval::Interval;
use crate::model::use_case::UseCase;
use crate::ontology::terms::tl;
use crate::telemetry::{SeriesId, View};
use oxigraph::model::NamedNode;

/// What evidence is to be recorded.
#[derive(Clone, Debug)]
pub struct EvidenceRequest {
    /// The branch that takes the record.
    pub branch: String,
    /// The Part, DesignRevision, Build or TwinInstance whose field life is checked against its requirements.
    pub item: NamedNode,
    /// The one requirement to record evidence for; `None`: all that its design satisfies.
    pub requirement: Option<NamedNode>,
    /// When.
    pub window: Interval,
    /// How much must have been observed; `None`: as the scope has it.
    pub sufficiency: Option<Sufficiency>,
    /// Whether violations are filed under findings.
    pub open_findings: bool,
    /// The message of the commit; `None`: what was asked.
    pub message: Option<String>,
    /// Who records it.
    pub author: Author,
    /// A name for the commit: the same key again answers with what it came to.
    pub idempotency_key: Option<RequestKey>,
}

/// Evidence that was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The commit; where the very same evidence was there already, the head as it was.
    pub committed: Committed,
    /// The records, with their margins.
    pub evidence: Evidence,
    /// What the violations among them came to.
    pub filings: Vec<Filing>,
    /// What was asked: the version and watermark of the request, or of the one before with its key.
    pub asked: Scope,
}

impl App {
    /// Assesses the field life of an item at one version and one watermark, and commits what was found to a branch, together
    /// with the findings that violations open. The version is kept from then on, whatever happens to its branches, and so
    /// are the samples that were read.
    pub fn record_evidence(&self, scope: &Scope, request: &EvidenceRequest) -> Result<Recorded, Error> {
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            return self.recorded_before(made, scope, request);
        }
        // Looked up first, so that nothing is kept for a branch that is not there.
        self.repository().head(&request.branch)?;
        let view = scope.view.watched();
        let evidence = evidence_of(scope, &view, request)?;
        let (series, window) = view.seen();
        self.pin_what_was_read(scope, series, window.unwrap_or(request.window))?;
        let message = request.message.clone().unwrap_or_else(|| message(scope, request));
        let (filings, committed) = retried(|| {
            let head = self.repository().head(&request.branch)?;
            self.record_on(&head, request, message.clone(), &evidence)
        })?;
        Ok(Recorded { committed, evidence, filings, asked: scope.clone() })
    }

    /// Finds again what a commit recorded, at the version and watermark that it names.
    fn recorded_before(
        &self,
        committed: Committed,
        scope: &Scope,
        request: &EvidenceRequest,
    ) -> Result<Recorded, Error> {
        let (recorded, made) = self.made_by(&committed.commit, tl::FIELD_EVIDENCE)?;
        let asked = match made.first() {
            Some(record) => {
                let commit = recorded.text(record, tl::COMMIT)?.unwrap_or_default();
                let watermark = recorded.text(record, tl::WATERMARK)?;
                let found = self.scope(&commit, watermark.as_deref())?;
                Scope { now: scope.now, sufficiency: scope.sufficiency, ..found }
            }
            None => scope.clone(),
        };
        let evidence = evidence_of(&asked, &asked.view, request)?;
        let filings = match committed.commit.parents.first() {
            Some(parent) if request.open_findings => {
                feedback::file(&self.repository().snapshot_at(*parent)?, &evidence)?
            }
            _ => Vec::new(),
        };
        Ok(Recorded { committed, evidence, filings, asked })
    }

    /// Files evidence at a head, and commits both there: what is decided on a finding meanwhile is decided without it.
    pub(in crate::app) fn record_on(
        &self,
        head: &Snapshot,
        request: &EvidenceRequest,
        message: String,
        evidence: &Evidence,
    ) -> Result<(Vec<Filing>, Committed), Error> {
        let filings = if request.open_findings { feedback::file(head, evidence)? } else { Vec::new() };
        let changes = changes(evidence, &filings);
        let signed = (UseCase::RecordEvidence, message, &request.author);
        let committed =
            self.commit_on(head, &request.branch, signed, request.idempotency_key.as_ref(), changes)?;
        Ok((filings, committed))
    }

    /// Makes what was read of telemetry and graph answer for ever. It is durable before anything names it, and does no harm
    /// where nothing comes to name it.
    pub(in crate::app) fn pin_what_was_read(
        &self,
        scope: &Scope,
        series: Vec<SeriesId>,
        window: Interval,
    ) -> Result<(), Error> {
        self.telemetry().pin(scope.view.watermark(), window, series)?;
        let commit = scope.snapshot.commit().id;
        Ok(self.repository().keep(&format!("evidence/{commit}"), commit)?)
    }
}

/// Assesses what is asked, as a scope has it.
fn evidence_of(scope: &Scope, view: &View, request: &EvidenceRequest) -> Result<Evidence, Error> {
    let sufficiency = request.sufficiency.unwrap_or(scope.sufficiency);
    let found = feedback::margins_with(&scope.snapshot, view, &request.item, request.window, sufficiency)?;
    let wanted = |requirement: Option<&NamedNode>| match &request.requirement {
        Some(wanted) => requirement == Some(wanted),
        None => true,
    };
    let margins = found.into_iter().filter(|margin| wanted(margin.constraint.requirement.as_ref()));
    let evidence = Evidence::of(&scope.snapshot, margins.collect())?;
    if evidence.records.is_empty() { Err(Error::NoEvidence(request.item.clone())) } else { Ok(evidence) }
}

/// Returns what a commit must do to record evidence and file it.
pub(in crate::app) fn changes(evidence: &Evidence, filings: &[Filing]) -> Vec<Change> {
    evidence.changes().into_iter().chain(filings.iter().flat_map(Filing::changes)).collect()
}

fn message(scope: &Scope, request: &EvidenceRequest) -> String {
    format!("Record field evidence on {} in {}", scope.snapshot.shorten(&request.item), request.window)
}
