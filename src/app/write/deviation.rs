//! Deviations of the line: what is unusual in what was measured on lots, written into the design record as findings.

use super::retry::retried;
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::scope::Scope;
use crate::feedback::{self, Deviations, LineQuestion};
use crate::graph::{Author, Committed, RequestKey};
use crate::model::use_case::UseCase;
use crate::ontology::terms::tl;

/// What deviations are to be recorded.
#[derive(Clone, Debug)]
pub struct DeviationRequest {
    /// The branch that takes the record.
    pub branch: String,
    /// What is looked at.
    pub question: LineQuestion,
    /// The rules of Nelson whose signals count, from 1 to 8; values out of tolerance always do.
    pub rules: Vec<usize>,
    /// The message of the commit; `None`: what was asked.
    pub message: Option<String>,
    /// Who records it.
    pub author: Author,
    /// A name for the commit: the same key again answers with what it came to.
    pub idempotency_key: Option<RequestKey>,
}

/// Deviations that were recorded.
#[derive(Clone, Debug)]
pub struct RecordedDeviations {
    /// The commit; the head as it was where nothing was new.
    pub committed: Committed,
    /// The findings.
    pub deviations: Deviations,
}

impl App {
    /// Records what is unusual in the measurements of an item: a finding for each lot and characteristic.
    pub fn record_deviations(
        &self,
        scope: &Scope,
        request: &DeviationRequest,
    ) -> Result<RecordedDeviations, Error> {
        if let Some(committed) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            let (_, opened) = self.made_by(&committed.commit, tl::FINDING_CLASS)?;
            let deviations = Deviations { opened, ..Deviations::default() };
            return Ok(RecordedDeviations { committed, deviations });
        }
        retried(|| {
            let head = self.repository().head(&request.branch)?;
            let deviations = feedback::deviations(&head, &scope.snapshot, &request.question, &request.rules)?;
            let item = scope.snapshot.shorten(&request.question.item);
            let message = request.message.clone().unwrap_or_else(|| format!("Record deviations of {item}"));
            let signed = (UseCase::RecordDeviations, message, &request.author);
            let key = request.idempotency_key.as_ref();
            let committed =
                self.commit_on(&head, &request.branch, signed, key, deviations.changes.clone())?;
            Ok(RecordedDeviations { committed, deviations })
        })
    }
}
