//! What the command line asks a service for, with the answers that it prints.

pub(super) mod fleet;
pub(super) mod history;
pub(super) mod preview;
pub(super) mod resource;

use super::parameters::Parameters;
use super::refusal::Refusal;
use crate::app::access::Operation;
use crate::app::report::page::PageAsked;
use crate::app::{Error, Session};
use crate::model::sync::cancellation::Cancellation;
use crate::server::Shared;
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::reads::Answer;
use crate::server::share::Client;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// How many items a page of a list may have.
const PAGE_MAX: usize = 10_000;

/// The names of the parameters of a page; `limit` is what `first` was called before.
const PAGE: [&str; 3] = ["first", "after", "limit"];

/// Reads which page is asked for; so many items where the request states nothing.
fn page(given: &Parameters, default: usize) -> Result<PageAsked, Refusal> {
    let first = match (given.value("first")?, given.value("limit")?) {
        (Some(_), Some(_)) => return Err(Refusal::bad("first and limit are the same: give one of them")),
        (first, limit) => first.or(limit).unwrap_or(default),
    };
    match (1..=PAGE_MAX).contains(&first) {
        true => Ok(PageAsked { first, after: given.text("after") }),
        false => Err(Refusal::bad(format!("first is 1 to {PAGE_MAX}; after=CURSOR asks for the next page"))),
    }
}

/// Returns the version that is read where none is named.
fn main() -> String {
    "main".to_owned()
}

/// Who asks for a report.
pub(super) struct Reader {
    shared: Shared,
    session: Session,
    client: Client,
    work: Pausing,
}

impl FromRequestParts<Shared> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Refusal> {
        let missing = || Refusal::failed("a request without a session");
        let session = parts.extensions.get::<Session>().cloned().ok_or_else(missing)?;
        let client = parts.extensions.get::<Client>().copied().ok_or_else(missing)?;
        let work = parts.extensions.get::<Pausing>().cloned().ok_or_else(missing)?;
        Ok(Self { shared: shared.clone(), session, client, work })
    }
}

impl Reader {
    /// Refuses a request whose body is not received.
    fn refuse(&self, refusal: Refusal, body: Body) -> Response {
        // Else a client that is still sending would not read the refusal.
        self.shared.process.bodies.discard(body);
        refusal.into_response()
    }

    /// Receives the body of whoever may read.
    async fn receive(&self, headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
        if let Err(error) = self.session.authorize(Operation::Read) {
            self.shared.process.bodies.discard(body);
            return Err(error.into());
        }
        let sender = Sender { client: self.client, work: self.work.clone() };
        Ok(self.shared.process.bodies.receive(headers, body, bytes_max, &sender).await?.into_parts().0)
    }

    /// Answers with a report in JSON, in the turn of the client; `less` is how to ask for a smaller one.
    async fn answer<A: Send + 'static, T: Serialize>(
        self,
        asked: Result<A, Refusal>,
        less: &'static str,
        read: impl FnOnce(&Session, A, &Cancellation) -> Result<T, Error> + Send + 'static,
    ) -> Response {
        self.answered(asked, less, read).await.unwrap_or_else(IntoResponse::into_response)
    }

    async fn answered<A: Send + 'static, T: Serialize>(
        self,
        asked: Result<A, Refusal>,
        less: &'static str,
        read: impl FnOnce(&Session, A, &Cancellation) -> Result<T, Error> + Send + 'static,
    ) -> Result<Response, Refusal> {
        let Self { shared, session, client, .. } = self;
        session.authorize(Operation::Read)?;
        let asked = asked?;
        let settings = &shared.app.settings().server;
        let mut answer = Answer::within(settings, less);
        let bytes = shared.process.reports.read(client, settings, move |wanted| {
            let report = read(&session, asked, wanted)?;
            let written = serde_json::to_writer(&mut answer, &report);
            Ok::<_, Refusal>(answer.finish(written)?)
        });
        let body = shared.process.bodies.answer(bytes.await?, client).map_err(Refusal::crowded)?;
        let mut response = Response::new(body);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(response)
    }
}
