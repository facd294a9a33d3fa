//! Field evidence: what the field shows about requirements, written into the design record.

use super::application::App;
use super::error::Error;
use super::scope::Scope;
use crate::feedback::{self, Evidence};
use crate::graph::{Author, CommitRequest, Committed};
use crate::model::interval::Interval;
use oxigraph::model::NamedNode;

/// What evidence is to be recorded.
#[derive(Clone, Debug)]
pub struct EvidenceRequest {
    /// The branch that takes the record.
    pub branch: String,
    /// The Part, DesignRevision, Build or TwinInstance whose field life is held against its requirements.
    pub item: NamedNode,
    /// The one requirement to record evidence for; `None`: all that its design satisfies.
    pub requirement: Option<NamedNode>,
    /// When.
    pub window: Interval,
    /// What the commit says of itself; `None`: what was asked.
    pub message: Option<String>,
    /// Who records it.
    pub author: Author,
}

/// Evidence that was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The commit; where the very same evidence was there already, the head as it was.
    pub committed: Committed,
    /// The records, with their margins.
    pub evidence: Evidence,
}

impl App {
    /// Assesses the field life of an item at one version and one watermark, and commits what was found to a branch. The
    /// version is kept from then on, whatever happens to its branches, and so are the samples that were read.
    pub fn record_evidence(&self, scope: &Scope, request: &EvidenceRequest) -> Result<Recorded, Error> {
        let view = scope.view.watched();
        let mut margins = feedback::margins(&scope.snapshot, &view, &request.item, request.window)?;
        margins.retain(|margin| match &request.requirement {
            Some(wanted) => margin.constraint.requirement.as_ref() == Some(wanted),
            None => true,
        });
        let evidence = Evidence::of(&scope.snapshot, margins)?;
        if evidence.records.is_empty() {
            return Err(Error::NoEvidence(request.item.clone()));
        }
        let (series, window) = view.seen();
        self.telemetry().pin(view.watermark(), window.unwrap_or(request.window), series)?;
        let commit = scope.snapshot.commit().id;
        self.repository().keep(&format!("evidence/{commit}"), commit)?;
        let committed = self.commit_as(&CommitRequest {
            branch: request.branch.clone(),
            message: request.message.clone().unwrap_or_else(|| message(scope, request)),
            author: request.author.clone(),
            changes: evidence.changes(),
            ..CommitRequest::default()
        })?;
        Ok(Recorded { committed, evidence })
    }
}

fn message(scope: &Scope, request: &EvidenceRequest) -> String {
    format!("Record field evidence on {} in {}", scope.snapshot.shorten(&request.item), request.window)
}
