//! Forecasts: when units are expected to break a constraint, written into the design record as findings, and settled later.

use super::retry::retried;
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::scope::Scope;
use crate::feedback::{self, ForecastQuestion, Forecasts};
use crate::graph::{Author, Committed, RequestKey};
use crate::model::use_case::UseCase;
use crate::ontology::terms::tl;

/// What forecasts are to be recorded.
#[derive(Clone, Debug)]
pub struct ForecastRequest {
    /// The branch that takes the record.
    pub branch: String,
    /// What is forecast.
    pub question: ForecastQuestion,
    /// The message of the commit; `None`: what was asked.
    pub message: Option<String>,
    /// Who records it.
    pub author: Author,
    /// A name for the commit: the same key again answers with what it came to.
    pub idempotency_key: Option<RequestKey>,
}

/// Forecasts that were recorded.
#[derive(Clone, Debug)]
pub struct RecordedForecasts {
    /// The commit; the head as it was where nothing was new.
    pub committed: Committed,
    /// What is new, and what was settled.
    pub forecasts: Forecasts,
}

impl App {
    /// Settles the pending forecasts of a constraint, and records a finding for each unit that is expected to break it. The version and the
    /// samples that were read are kept from then on.
    pub fn record_forecasts(
        &self,
        scope: &Scope,
        request: &ForecastRequest,
    ) -> Result<RecordedForecasts, Error> {
        if let Some(committed) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            let (_, made) = self.made_by(&committed.commit, tl::FINDING_CLASS)?;
            return Ok(RecordedForecasts {
                committed,
                forecasts: Forecasts { made, ..Forecasts::default() },
            });
        }
        self.repository().head(&request.branch)?;
        let view = scope.view.watched();
        let question = &request.question;
        let found = retried(|| {
            let head = self.repository().head(&request.branch)?;
            let forecasts = feedback::forecasts(&head, &scope.snapshot, &view, question)?;
            let (series, window) = view.seen();
            self.pin_what_was_read(scope, series, window.unwrap_or(question.window))?;
            let message = request.message.clone().unwrap_or_else(|| message(scope, question));
            let signed = (UseCase::RecordForecasts, message, &request.author);
            let key = request.idempotency_key.as_ref();
            let committed = self.commit_on(&head, &request.branch, signed, key, forecasts.changes.clone())?;
            Ok(RecordedForecasts { committed, forecasts })
        })?;
        Ok(found)
    }
}

fn message(scope: &Scope, question: &ForecastQuestion) -> String {
    let name = |iri| scope.snapshot.shorten(iri);
    format!("Forecast when units of {} break {}", name(&question.item), name(&question.constraint))
}
