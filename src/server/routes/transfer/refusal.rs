//! Refusals as JSON, with a status that fits.

use crate::app;
use crate::app::report::refusal::{RefusalDetails, Refused};
use crate::graphql::{self, Code};
use crate::server::body;
use crate::server::reads::Unread;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

/// Seconds after which what cannot be done now may be tried again.
const RETRY_SECONDS: &str = "5";

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) fields: Map<String, Value>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert("code".to_owned(), code.as_str().into());
        fields.insert("message".to_owned(), message.into().into());
        Self { status, fields }
    }

    /// Refuses what is wrong in a request.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadInput, message)
    }

    /// Refuses a media type or an encoding.
    pub(super) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadInput, message)
    }

    /// Refuses what there is no place for now.
    pub(super) fn crowded(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message)
    }

    /// Reports that the service failed.
    pub(super) fn failed<E: std::fmt::Display>(error: E) -> Self {
        tracing::error!(%error, "a transfer failed");
        let text = "the service failed; the cause is in its log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, text)
    }

    /// Returns the reason.
    pub(super) fn message(&self) -> &str {
        self.fields.get("message").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn code(&self) -> &str {
        self.fields.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    fn with(mut self, details: &RefusalDetails) -> Self {
        if let Ok(Value::Object(details)) = serde_json::to_value(details) {
            self.fields.extend(details);
        }
        self
    }
}

impl From<app::Error> for Refusal {
    fn from(error: app::Error) -> Self {
        Refused::new(error, None).into()
    }
}

impl From<Refused> for Refusal {
    fn from(Refused { error, details }: Refused) -> Self {
        let (code, fields) = graphql::described(error);
        Self { status: status(code), fields }.with(&details)
    }
}

impl From<Box<Refused>> for Refusal {
    fn from(refused: Box<Refused>) -> Self {
        (*refused).into()
    }
}

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Crowded(text) => Self::crowded(text),
            Unread::TooLarge(text) => Self::new(status(Code::LimitExceeded), Code::LimitExceeded, text),
            Unread::Failed(error) => Self::failed(error),
        }
    }
}

impl From<body::Refused> for Refusal {
    fn from((status, message): body::Refused) -> Self {
        let code = match status {
            StatusCode::PAYLOAD_TOO_LARGE => Code::LimitExceeded,
            StatusCode::REQUEST_TIMEOUT => Code::Timeout,
            StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
            _ => Code::BadInput,
        };
        Self::new(status, code, message)
    }
}

/// Returns the status that a code of errors has where there is no GraphQL.
pub(in crate::server) const fn status(code: Code) -> StatusCode {
    match code {
        Code::BadInput => StatusCode::BAD_REQUEST,
        Code::NotFound | Code::PersistedQueryNotFound => StatusCode::NOT_FOUND,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::Conflict => StatusCode::CONFLICT,
        Code::ShapeViolation => StatusCode::UNPROCESSABLE_ENTITY,
        Code::LimitExceeded => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Timeout | Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Damaged | Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(Value::Object(self.fields))).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        response
    }
}
