//! What comes in and goes out as files while the service runs.
//!
//! | path | what |
//! |---|---|
//! | `POST /import` | files of a source: RDF, tables with their mapping; or a file of the user's own ontology |
//! | `POST /ingest` | tables of readings |
//! | `GET /export` | the statements of a version, or samples |
//! | `/jobs` | what large files become |
//! | `POST /backup` | a backup, as a job |
//! | `/thread.git` | the repository, for Git's clients |
//! | `GET /log`, `/diff`, `/show`, `/blame`, `/search`, `/suspects`, `/reviews`, `/series`, `/tags` | what the command line asks beside |
//! | `POST /merge/preview`, `/merge/changes`, `/exposure` | what would come of something |
//! | `DELETE /series` | series that go for ever |
//!
//! A request is checked before its body is read: who sends it, its parameters, its media type, and whether there is a place for it. Errors are
//! JSON: `code` and `message` as GraphQL has them, and `file`, `line` and `column` where something in a file is wrong.

mod export;
mod git;
mod import;
mod ingest;
mod jobs;
mod multipart;
mod order;
mod parameters;
mod receive;
mod refusal;
mod report;
mod run;
mod streams;

pub(in crate::server) use jobs::{Runner, Sessions};
pub(in crate::server) use multipart::{boundary, parts};
pub(in crate::server) use receive::{import_of_page, job_of_page};
pub(in crate::server) use refusal::status as status_of;

use self::report::{fleet, history, preview, resource};
use crate::server::Shared;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many requests may bring a body at once, or wait for their turn with it.
const RECEIVED_MAX: usize = 16;
/// How many imports, and how many tables of readings, are worked on at once; imports are written one after the other.
const WORKED_MAX: usize = 2;
/// How many pushes are received at once.
const PUSHES_MAX: usize = 2;
/// How many exports are written at once.
const EXPORTS_MAX: usize = 4;

/// The places of what is transferred.
#[derive(Clone, Debug)]
pub(in crate::server) struct Places {
    received: Arc<Semaphore>,
    /// Of imports, and of readings.
    worked: [Arc<Semaphore>; 2],
    exports: Arc<Semaphore>,
    pushes: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        let worked = [places(WORKED_MAX), places(WORKED_MAX)];
        let (received, exports, pushes) = (places(RECEIVED_MAX), places(EXPORTS_MAX), places(PUSHES_MAX));
        Self { received, worked, exports, pushes }
    }
}

impl Places {
    /// Returns how many imports may still be worked on at once.
    pub(in crate::server) fn free_for_imports(&self) -> usize {
        self.worked[0].available_permits()
    }
}

/// Returns the routes.
pub(in crate::server) fn routes() -> Router<Shared> {
    Router::new()
        .route("/import", post(receive::import))
        .route("/ingest", post(receive::ingest))
        .route("/export", get(export::get))
        .route("/thread.git/info/refs", get(git::refs))
        .route("/thread.git/git-upload-pack", post(git::upload_pack))
        .route("/thread.git/git-receive-pack", post(git::receive_pack))
        .route("/log", get(history::log))
        .route("/diff", get(history::diff))
        .route("/show", get(resource::show))
        .route("/blame", get(resource::blame))
        .route("/search", get(resource::search))
        .route("/suspects", get(resource::suspects))
        .route("/ontology", get(resource::ontology))
        .route("/merge/preview", post(preview::merge))
        .route("/merge/changes", post(preview::merge_changes))
        .route("/exposure", post(preview::exposure))
        .route("/reviews", get(fleet::reviews))
        .route("/series", get(fleet::series).delete(fleet::delete_series))
        .route("/tags", get(history::tags).post(history::tag))
        .route("/jobs", get(jobs::list))
        .route("/jobs/{id}", get(jobs::get))
        .route("/jobs/{id}/events", get(jobs::events))
        .route("/backup", post(jobs::backup::start))
        .route("/jobs/{id}/backup", get(jobs::backup::download))
        .route("/jobs/{id}/cancel", post(jobs::cancel))
        .route("/jobs/{id}/run", post(jobs::run))
}
