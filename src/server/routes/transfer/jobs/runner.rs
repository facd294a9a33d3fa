//! The work on jobs, one after the other, each with the session of whoever has asked for it.

use super::{Sessions, backup, remember};
use crate::app::{App, Error, Job, JobEnd, JobKind, JobProgress, Session};
use crate::exchange::archive::Unpacked;
use crate::graphql::Code;
use crate::model::sync::background;
use crate::model::sync::cancellation::Cancellation;
use crate::server::routes::transfer::order::Order;
use crate::server::routes::transfer::refusal::Refusal;
use crate::server::routes::transfer::run::{Done, Run};
use axum::http::StatusCode;
use serde_json::Value;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Does the jobs of a thread, one after the other, for as long as it lives; the one under way is then interrupted.
pub(in crate::server) struct Runner {
    app: Arc<App>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Runner {
    /// Starts; where that is not possible jobs wait, and that is logged. A job is under way while it has the `place`, which threads of
    /// one process share, as each job has its file in memory.
    pub(in crate::server) fn start(app: &Arc<App>, sessions: &Sessions, place: &Arc<Mutex<()>>) -> Self {
        if let Err(error) = app.jobs().recover() {
            tracing::error!(%error, "what became of jobs is not on the disk");
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let work = Work {
            app: Arc::clone(app),
            sessions: Arc::clone(sessions),
            is_over: Arc::clone(&is_over),
            place: Arc::clone(place),
        };
        let thread = background::spawn("jobs", move || work.all());
        let thread = thread.inspect_err(|error| tracing::error!(%error, "jobs are not done")).ok();
        Self { app: Arc::clone(app), is_over, thread }
    }

    /// Begins no more jobs, and interrupts the one under way without waiting for its end.
    pub(in crate::server) fn interrupt(&self) {
        self.is_over.store(true, Ordering::Release);
        self.app.jobs().abandon();
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.interrupt();
        if let Some(thread) = self.thread.take() {
            // A panic there has printed its own message.
            drop(thread.join());
        }
    }
}

/// What the thread of the jobs has.
struct Work {
    app: Arc<App>,
    sessions: Sessions,
    is_over: Arc<AtomicBool>,
    place: Arc<Mutex<()>>,
}

impl Work {
    fn all(&self) {
        let is_over = || self.is_over.load(Ordering::Acquire);
        while let Some((job, wanted)) = self.app.jobs().next(is_over) {
            let _place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
            let session = remember(&self.sessions, &job.id, None);
            let done =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.one(&job, session, wanted)));
            let end = match done {
                Ok(Ok(result)) => JobEnd::Done(result),
                Ok(Err(_)) if is_over() => JobEnd::Interrupted,
                Ok(Err(refusal)) => JobEnd::Failed(Value::Object(refusal.fields)),
                Err(_) => JobEnd::Failed(Value::Object(Refusal::failed("a job panicked").fields)),
            };
            self.app.jobs().finish(&job.id, end);
        }
    }

    fn one(&self, job: &Job, session: Option<Session>, wanted: Cancellation) -> Result<Value, Refusal> {
        let is_let_in = |session: &Session| session.principal().is_local() || session.is_valid();
        let session = session.filter(is_let_in).ok_or_else(|| {
            let text = "whoever has asked for this is not let in any more, or not with the same rights";
            Refusal::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, text)
        })?;
        if job.kind == JobKind::Backup {
            let note = |progress| self.app.jobs().progress(&job.id, progress);
            return backup::make(&session, job, &wanted, &note);
        }
        let order = Order::read(job.kind, &job.order.parameters, &job.order.content_type)?;
        let body = self.body(job)?;
        let progress = |Done { files, readings }: Done| {
            self.app.jobs().progress(&job.id, JobProgress { files, readings });
        };
        let JobProgress { files, readings } = job.progress;
        let run = Run {
            session: &session,
            wanted,
            key: Some(format!("job-{}", job.id)),
            before: Done { files, readings },
            progress: &progress,
        };
        order.run(&run, body)
    }

    /// Reads the body of a job, unpacked.
    fn body(&self, job: &Job) -> Result<Vec<u8>, Refusal> {
        let path = self.app.jobs().body(&job.id);
        let max = self.app.settings().import_bytes_max;
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| match job.order.packed {
            true => Unpacked::new(BufReader::new(file)).take(max + 1).read_to_end(&mut bytes),
            false => file.take(max + 1).read_to_end(&mut bytes),
        });
        read.map_err(|error| Refusal::bad(format!("the body cannot be read: {error}")))?;
        match bytes.len() as u64 > max {
            true => Err(Refusal::from(Error::ImportTooLarge { max })),
            false => Ok(bytes),
        }
    }
}
