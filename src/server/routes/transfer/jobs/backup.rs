//! `POST /backup`: a backup of the whole thread as a job, downloaded as one archive once it is done.

use super::Sessions;
use crate::app::{BackedUp, Error, Job, JobKind, JobOrder, JobProgress, Session};
use crate::model::sync::cancellation::Cancellation;
use crate::server::Shared;
use crate::server::routes::transfer::receive::{Draft, accepted};
use crate::server::routes::transfer::refusal::Refusal;
use crate::server::routes::transfer::streams;
use crate::telemetry;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

/// Asks for one.
pub(in crate::server::routes::transfer) async fn start(
    State(shared): State<Shared>,
    Extension(session): Extension<Session>,
) -> Response {
    let mount = shared.mount.clone();
    let job = tokio::task::spawn_blocking(move || submit(&session, &shared.job_sessions)).await;
    let job = job.map_err(Refusal::failed).and_then(|job| accepted(&mount, &job?));
    job.unwrap_or_else(IntoResponse::into_response)
}

fn submit(session: &Session, sessions: &Sessions) -> Result<Job, Refusal> {
    Draft::new(session, JobKind::Backup, 0)?.submit(sessions, JobKind::Backup, JobOrder::default())
}

/// Makes the backup of a job.
pub(super) fn make(
    session: &Session,
    job: &Job,
    wanted: &Cancellation,
    note: &dyn Fn(JobProgress),
) -> Result<Value, Refusal> {
    let step = |files| {
        note(JobProgress { files, readings: 0 });
        wanted.check().map_err(|why| Error::from(telemetry::Error::Cancelled(why)))
    };
    let done: BackedUp = session.backup_for_job(&job.id, &step)?;
    serde_json::to_value(done).map_err(Refusal::failed)
}

/// Sends one.
pub(in crate::server::routes::transfer) async fn download(
    State(shared): State<Shared>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Response {
    let sent = async {
        let place = Arc::clone(&shared.process.transfers.exports).try_acquire_owned();
        let place = place.map_err(|_| Refusal::crowded("too much is being exported: try again later"))?;
        let name = HeaderValue::from_str(&format!("attachment; filename=\"throughline-{id}.tar\""));
        let name = name.map_err(|_| Refusal::from(Error::NoJob(id.clone())))?;
        let copy =
            tokio::task::spawn_blocking(move || session.job_copy(&id)).await.map_err(Refusal::failed)??;
        let body: Body =
            streams::written(shared.app.settings().server.patience, &Cancellation::default(), move |out| {
                let _place = place;
                copy.write(out)
            });
        let kind = HeaderValue::from_static("application/x-tar");
        Ok::<_, Refusal>(
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], body).into_response(),
        )
    };
    sent.await.unwrap_or_else(IntoResponse::into_response)
}
