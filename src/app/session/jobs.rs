//! The jobs of a session: whoever reads the thread sees all of them, anybody else its own; each is ended or run again by who has asked for it,
//! and by operators.

use super::{Made, Session, Target};
use crate::app::access::Operation;
use crate::app::error::Error;
use crate::app::jobs::archive;
use crate::app::jobs::backup::{BackedUp, Step};
use crate::app::jobs::job::{Job, JobKind, JobOrder, JobState};
use crate::app::jobs::queue::JobDraft;
use crate::graph::Author;
use crate::model::sync::notifier::Listening;
use std::io::{self, Write};
use std::path::PathBuf;

impl Session {
    /// Returns the jobs that the principal may see, the newest first.
    pub fn jobs(&self) -> Result<Vec<Job>, Error> {
        if !self.principal.role.may(Operation::Read) && !self.principal.role.may(Operation::Ingest) {
            self.authorize(Operation::Read)?;
        }
        let mut jobs = self.app.jobs().all();
        jobs.retain(|job| self.sees(job));
        Ok(jobs)
    }

    /// Returns a job.
    pub fn job(&self, id: &str) -> Result<Job, Error> {
        match self.app.jobs().get(id) {
            Ok(job) if self.sees(&job) => Ok(job),
            // Whether there is one of this name is no concern of anybody else.
            _ => {
                if !self.principal.role.may(Operation::Ingest) {
                    self.authorize(Operation::Read)?;
                }
                Err(Error::NoJob(id.to_owned()))
            }
        }
    }

    /// Begins a job whose body has so many bytes.
    pub fn draft_job(&self, kind: JobKind, bytes: u64) -> Result<JobDraft, Error> {
        self.authorize(kind.operation())?;
        self.app.jobs().draft(bytes)
    }

    /// Gives up a job that was begun.
    pub fn discard_job(&self, draft: &JobDraft) {
        self.app.jobs().discard(draft);
    }

    /// Puts a job into the queue, once its body is on the disk.
    pub fn submit_job(&self, draft: JobDraft, kind: JobKind, order: JobOrder) -> Result<Job, Error> {
        let target = Target::of("a job".to_owned());
        self.perform(kind.operation(), &target, &Author::default(), |_| {
            self.app.jobs().submit(draft, kind, order, self.name())
        })
    }

    /// Ends a job before it is done.
    pub fn cancel_job(&self, id: &str) -> Result<Job, Error> {
        let job = self.job(id)?;
        let target = Target::of(format!("cancel job {id}"));
        self.perform(self.right_to(&job), &target, &Author::default(), |_| self.app.jobs().cancel(id))
    }

    /// Runs a job again that was interrupted or cancelled or has failed.
    pub fn run_job(&self, id: &str) -> Result<Job, Error> {
        let job = self.job(id)?;
        self.authorize(job.kind.operation())?;
        let target = Target::of(format!("run job {id}"));
        self.perform(self.right_to(&job), &target, &Author::default(), |_| {
            self.app.jobs().run_again(id, self.name())
        })
    }

    /// Makes the backup that a job is for.
    pub fn backup_for_job(&self, id: &str, step: &Step<'_>) -> Result<BackedUp, Error> {
        let target = Target::of(format!("backup of job {id}"));
        self.perform(Operation::Maintain, &target, &Author::default(), |_| self.app.backup_for_job(id, step))
    }

    /// Returns the backup that a job has made, to be downloaded; that is logged, as it is all of the thread.
    pub fn job_copy(&self, id: &str) -> Result<JobCopy, Error> {
        self.authorize(Operation::Maintain)?;
        let job = self.job(id)?;
        let folder = self.app.jobs().copy(id);
        if job.kind != JobKind::Backup || job.state != JobState::Done || !folder.is_dir() {
            return Err(Error::NoCopy(id.to_owned()));
        }
        let target = Target::of(format!("download the backup of job {id}"));
        self.perform(Operation::Maintain, &target, &Author::default(), |_| Ok(JobCopy(folder)))
    }

    /// Calls `notify` whenever a job has changed.
    pub fn listen_to_jobs(&self, notify: impl Fn() + Send + Sync + 'static) -> Listening {
        self.app.jobs().listen(notify)
    }

    /// Returns the right that it takes to end a job or to run it again.
    fn right_to(&self, job: &Job) -> Operation {
        if job.by == self.name() { job.kind.operation() } else { Operation::Maintain }
    }

    fn sees(&self, job: &Job) -> bool {
        self.principal.role.may(Operation::Read) || job.by == self.name()
    }

    fn name(&self) -> String {
        self.principal.author.to_string()
    }
}

impl Made for Job {}

/// A backup that can be downloaded.
#[derive(Debug)]
pub struct JobCopy(PathBuf);

impl JobCopy {
    /// Writes it as one archive.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        archive::write(&self.0, out)
    }
}

impl Made for JobCopy {}
