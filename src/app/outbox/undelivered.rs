//! Why an event was not taken, and whether it is tried again.

use crate::app::message::http::{self, Answer};
use hyper::{StatusCode, header};
use std::time::Duration;

/// Why an event was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Undelivered {
    /// What went wrong.
    pub(super) reason: String,
    /// How long the service asks to wait.
    pub(super) retry_after: Option<Duration>,
    /// Whether it is useless to try again.
    pub(super) is_final: bool,
}

impl Undelivered {
    #[expect(clippy::needless_pass_by_value, reason = "whoever maps an error hands it over")]
    pub(super) fn because(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), retry_after: None, is_final: false }
    }

    /// Judges an answer: an event is taken where the status is of the two hundreds, whatever else the answer says.
    pub(super) fn unless_taken(answer: Result<Answer, http::Error>) -> Result<(), Self> {
        let answer = answer.map_err(Self::because)?;
        let status = answer.status;
        if status.is_success() {
            return Ok(());
        }
        let retry_after = answer.headers.get(header::RETRY_AFTER);
        let retry_after =
            retry_after.and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let reason = format!("{status}: {}", answer.quoted());
        // Whoever does not want it any more answers so.
        Err(Self { reason, retry_after, is_final: status == StatusCode::GONE })
    }
}
