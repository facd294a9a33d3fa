//! `/jobs`: the jobs that large files become, one after the other.
//!
//! | path | what |
//! |---|---|
//! | `GET /jobs` | all that one may see, the newest first |
//! | `GET /jobs/ID` | one |
//! | `GET /jobs/ID/events` | the same, whenever it changes, as server-sent events |
//! | `POST /jobs/ID/cancel` | end it before it is done |
//! | `POST /jobs/ID/run` | run it again |
//! | `POST /backup`, `GET /jobs/ID/backup` | make a backup; download it |

pub(super) mod backup;
mod runner;

pub(in crate::server) use runner::Runner;

use super::parameters::Parameters;
use super::refusal::Refusal;
use crate::app::{Error, Job, Session};
use crate::model::sync::notifier::Listening;
use crate::server::Shared;
use axum::Extension;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};

/// How many jobs are listed where the request states nothing, and at the most.
const LISTED: usize = 100;
const LISTED_MAX: usize = 1_000;

/// For whom the jobs are that were asked for since the service was started.
pub(in crate::server) type Sessions = Arc<Mutex<HashMap<String, Session>>>;

/// Lists jobs.
pub(super) async fn list(Extension(session): Extension<Session>, RawQuery(query): RawQuery) -> Response {
    let listed = || {
        let given = Parameters::read(query.as_deref().unwrap_or_default(), &["limit"], &[])?;
        let limit = given.value::<usize>("limit")?.unwrap_or(LISTED);
        if !(1..=LISTED_MAX).contains(&limit) {
            return Err(Refusal::bad(format!("limit is 1 to {LISTED_MAX}")));
        }
        let mut jobs = session.jobs()?;
        jobs.truncate(limit);
        Ok(json!({ "jobs": jobs.iter().map(described).collect::<Vec<_>>() }))
    };
    answer(listed())
}

/// Answers with one.
pub(super) async fn get(Extension(session): Extension<Session>, Path(id): Path<String>) -> Response {
    answer(session.job(&id).map(|job| described(&job)).map_err(Refusal::from))
}

/// Ends one.
pub(super) async fn cancel(
    State(shared): State<Shared>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Response {
    let done = tokio::task::spawn_blocking(move || {
        let job = session.cancel_job(&id)?;
        if job.state.is_over() {
            drop(remember(&shared.job_sessions, &id, None));
        }
        Ok::<_, Error>(job)
    });
    answer(done.await.map_err(Refusal::failed).and_then(|done| Ok(described(&done?))))
}

/// Runs one again.
pub(super) async fn run(
    State(shared): State<Shared>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Response {
    let done = tokio::task::spawn_blocking(move || {
        // Before it can be begun.
        session.job(&id)?;
        let before = remember(&shared.job_sessions, &id, Some(session.clone()));
        session.run_job(&id).inspect_err(|_| drop(remember(&shared.job_sessions, &id, before)))
    });
    let done = done.await.map_err(Refusal::failed).and_then(|done| Ok(described(&done?)));
    match done {
        Ok(job) => (StatusCode::ACCEPTED, Json(job)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Sets for whom a job is; returns for whom it was.
pub(super) fn remember(sessions: &Sessions, id: &str, session: Option<Session>) -> Option<Session> {
    let mut sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
    match session {
        Some(session) => sessions.insert(id.to_owned(), session),
        None => sessions.remove(id),
    }
}

/// Sends a job whenever it has changed, until it is over.
pub(super) async fn events(
    State(shared): State<Shared>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Response {
    if let Err(error) = session.job(&id) {
        return Refusal::from(error).into_response();
    }
    let changed = Arc::new(Notify::new());
    let hear = Arc::clone(&changed);
    let listening = session.listen_to_jobs(move || hear.notify_one());
    let following = Following {
        session,
        id,
        changed,
        closed: shared.process.closed.clone(),
        sent: None,
        _listening: listening,
    };
    let events = futures_util::stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok::<_, Infallible>(event), following))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// A client that follows a job.
struct Following {
    session: Session,
    id: String,
    changed: Arc<Notify>,
    closed: watch::Receiver<bool>,
    /// What it has received last.
    sent: Option<Job>,
    _listening: Listening,
}

impl Following {
    /// Returns the next state of the job; `None` once it is over, or the service closes.
    async fn next(&mut self) -> Option<Event> {
        if self.sent.as_ref().is_some_and(|job| job.state.is_over()) {
            return None;
        }
        loop {
            let job = self.session.job(&self.id).ok().filter(|_| self.is_let_in())?;
            if self.sent.as_ref() != Some(&job) {
                let event = Event::default().event("job").data(described(&job).to_string());
                self.sent = Some(job);
                return Some(event);
            }
            tokio::select! {
                () = self.changed.notified() => {}
                _ = self.closed.changed() => return None,
            }
        }
    }

    fn is_let_in(&self) -> bool {
        self.session.principal().is_local() || self.session.is_valid()
    }
}

/// Writes a job for a client.
pub(super) fn described(job: &Job) -> Value {
    json!({
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "by": job.by,
        "submitted": job.submitted,
        "started": job.started,
        "ended": job.ended,
        "attemptCount": job.attempts,
        "parameters": job.order.parameters,
        "contentType": job.order.content_type,
        "bytes": job.order.bytes,
        "progress": job.progress,
        "result": job.result,
        "error": job.error,
    })
}

fn answer(done: Result<Value, Refusal>) -> Response {
    match done {
        Ok(done) => Json(done).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
