//! Refusals with a status that fits, before they are written as `oslc:Error`.

use crate::app::{self, OslcRefusal};
use crate::graphql::described;
use crate::server::body;
use crate::server::reads::Unread;
use crate::server::routes::transfer::status_of;
use axum::http::StatusCode;
use serde_json::Value;

/// So many violations are named in one message.
const VIOLATIONS_MAX: usize = 5;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn absent(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// Reports that the service failed.
    pub(super) fn failed(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "an OSLC request failed");
        let text = "the service failed; the cause is in its log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, text)
    }

    pub(super) fn crowded(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }
}

impl From<app::Error> for Fault {
    fn from(error: app::Error) -> Self {
        let (code, fields) = described(error);
        let mut message = fields.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
        let violations = fields.get("violations").and_then(Value::as_array);
        for violation in violations.into_iter().flatten().take(VIOLATIONS_MAX) {
            let text = violation.get("message").and_then(Value::as_str).unwrap_or_default();
            if !message.contains(text) {
                message.push_str("; ");
                message.push_str(text);
            }
        }
        Self::new(status_of(code), message)
    }
}

impl From<OslcRefusal> for Fault {
    fn from(refusal: OslcRefusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            OslcRefusal::App(error) => error.into(),
            OslcRefusal::Query(_) | OslcRefusal::Content(_) | OslcRefusal::Document(_) => Self::bad(message),
            OslcRefusal::Absent(_) => Self::absent(message),
            OslcRefusal::Stale(_) => Self::new(StatusCode::PRECONDITION_FAILED, message),
        }
    }
}

impl From<Unread> for Fault {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Crowded(text) => Self::crowded(text),
            Unread::TooLarge(text) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, text),
            Unread::Failed(error) => Self::failed(&error),
        }
    }
}

impl From<body::Refused> for Fault {
    fn from((status, message): body::Refused) -> Self {
        Self::new(status, message)
    }
}
