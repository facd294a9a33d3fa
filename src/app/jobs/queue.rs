//! The jobs of a thread: `jobs/ID/job.json` has the state of each, `jobs/ID/body` what it was brought. A state is on the disk before anybody
//! receives it; `jobs/ID/copy` is the backup that one has made, for a day. A job that was waiting or under way when the service ended is interrupted: whoever may do what it does can run it again.

use super::job::{Job, JobKind, JobOrder, JobProgress, JobState, VERSION};
use crate::app::error::Error;
use crate::model::durable;
use crate::model::sync::cancellation::Cancellation;
use crate::model::sync::notifier::{Listening, Notifier};
use crate::model::time::clock::Clock;
use crate::model::time::instant::Instant;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many jobs may wait or be under way.
const OPEN_MAX: usize = 64;
/// How many bytes the bodies of all jobs may have.
const BODIES_BYTES_MAX: u64 = 4_000_000_000;
/// How many finished jobs are kept, and for how long.
const KEPT_MAX: usize = 1_000;
const KEPT_NANOS: i64 = 30 * 86_400 * 1_000_000_000;
/// For how long a backup can be downloaded.
const COPY_NANOS: i64 = 86_400 * 1_000_000_000;
/// No work takes longer.
const WORK_MAX: Duration = Duration::from_secs(7 * 86_400);

/// The jobs of a thread.
pub struct Jobs {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    held: Mutex<BTreeMap<String, QueuedJob>>,
    changed: Condvar,
    notifier: Notifier,
}

/// A job in memory.
struct QueuedJob {
    job: Job,
    /// While it is under way.
    wanted: Option<Cancellation>,
    is_cancelled: bool,
}

/// A job that is not submitted yet: its body is being received.
#[derive(Debug)]
pub struct JobDraft {
    id: String,
    folder: PathBuf,
}

impl JobDraft {
    /// Returns the name of the job.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns where its body goes.
    pub fn body(&self) -> PathBuf {
        self.folder.join("body")
    }
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq)]
pub enum JobEnd {
    /// With a result.
    Done(Value),
    /// With an error.
    Failed(Value),
    /// As the service ends.
    Interrupted,
}

impl Jobs {
    /// Reads the jobs in the folder of a thread.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let folder = folder.join("jobs");
        let mut held = BTreeMap::new();
        for entry in entries(&folder).map_err(|error| unusable(&folder, &error))? {
            let path = entry.join("job.json");
            match std::fs::read(&path) {
                // Its body was being received when the service ended: nobody knows of it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                read => {
                    match read.map_err(|error| unusable(&path, &error)).and_then(|text| parse(&path, &text)) {
                        Ok(job) => {
                            held.insert(job.id.clone(), QueuedJob { job, wanted: None, is_cancelled: false });
                        }
                        // It keeps nothing else from being done.
                        Err(error) => tracing::warn!(%error, "a job is left alone"),
                    }
                }
            }
        }
        for QueuedJob { job, .. } in held.values_mut().filter(|held| !held.job.state.is_over()) {
            job.state = JobState::Interrupted;
        }
        let (held, changed, notifier) = (Mutex::new(held), Condvar::new(), Notifier::default());
        Ok(Self { folder, clock, held, changed, notifier })
    }

    /// Writes what became of jobs when the service last ended, and removes what nobody knows of.
    pub fn recover(&self) -> Result<(), Error> {
        let held = self.lock();
        for entry in entries(&self.folder).map_err(|error| unusable(&self.folder, &error))? {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !held.contains_key(&name) && !entry.join("job.json").exists() {
                std::fs::remove_dir_all(&entry).map_err(|error| unusable(&entry, &error))?;
            }
        }
        held.values()
            .filter(|held| held.job.state == JobState::Interrupted)
            .try_for_each(|held| self.write(&held.job))?;
        drop(held);
        self.remove_copies(false);
        Ok(())
    }

    /// Removes the backups of jobs that are over, all or only the old ones and those that are not whole.
    pub fn remove_copies(&self, all: bool) {
        let before = self.clock.now().plus_nanos(-COPY_NANOS);
        let is_old = |job: &Job| {
            let ended = job.ended.as_deref().and_then(|ended| ended.parse::<Instant>().ok());
            job.state != JobState::Done || ended.is_none_or(|ended| ended < before)
        };
        let held = self.lock();
        let over = held
            .values()
            .map(|held| &held.job)
            .filter(|job| job.kind == JobKind::Backup && job.state.is_over());
        let old: Vec<_> = over.filter(|job| all || is_old(job)).map(|job| self.copy(&job.id)).collect();
        drop(held);
        for copy in old.iter().filter(|copy| copy.exists()) {
            if let Err(error) = std::fs::remove_dir_all(copy) {
                tracing::warn!(%error, folder = %copy.display(), "the backup of a job stays");
            }
        }
    }

    /// Begins a job whose body has so many bytes.
    pub fn draft(&self, bytes: u64) -> Result<JobDraft, Error> {
        let open = self.lock().values().filter(|held| !held.job.state.is_over()).count();
        let taken: u64 = self.lock().values().map(|held| held.job.order.bytes).sum();
        if open >= OPEN_MAX {
            return Err(Error::JobsFull(format!("{open} jobs wait or are under way")));
        }
        if taken.saturating_add(bytes) > BODIES_BYTES_MAX {
            return Err(Error::JobsFull(format!("the bodies of jobs that are not done take {taken} bytes")));
        }
        let id = self.clock.new_id().to_string();
        let folder = self.folder.join(&id);
        durable::make_folders(&folder).map_err(|error| unusable(&folder, &error))?;
        Ok(JobDraft { id, folder })
    }

    /// Gives a draft up.
    pub fn discard(&self, draft: &JobDraft) {
        if let Err(error) = std::fs::remove_dir_all(&draft.folder) {
            tracing::warn!(%error, folder = %draft.folder.display(), "the body of a job stays");
        }
    }

    /// Puts a job whose body is on the disk into the queue.
    pub fn submit(&self, draft: JobDraft, kind: JobKind, order: JobOrder, by: String) -> Result<Job, Error> {
        let job = Job {
            version: VERSION,
            id: draft.id,
            kind,
            state: JobState::Queued,
            by,
            submitted: self.clock.now().to_string(),
            started: None,
            ended: None,
            attempts: 0,
            order,
            progress: JobProgress::default(),
            result: None,
            error: None,
        };
        let mut held = self.lock();
        self.forget_old(&mut held);
        self.write(&job)?;
        held.insert(job.id.clone(), QueuedJob { job: job.clone(), wanted: None, is_cancelled: false });
        drop(held);
        self.announce();
        Ok(job)
    }

    /// Returns all jobs, the newest first.
    pub fn all(&self) -> Vec<Job> {
        self.lock().values().rev().map(|held| held.job.clone()).collect()
    }

    /// Returns a job.
    pub fn get(&self, id: &str) -> Result<Job, Error> {
        let held = self.lock();
        held.get(id).map(|held| held.job.clone()).ok_or_else(|| Error::NoJob(id.to_owned()))
    }

    /// Returns where the body of a job is.
    pub fn body(&self, id: &str) -> PathBuf {
        self.folder.join(id).join("body")
    }

    /// Returns where the backup is that a job makes.
    pub fn copy(&self, id: &str) -> PathBuf {
        self.folder.join(id).join("copy")
    }

    /// Begins the job that waits longest; waits for one until `is_over`.
    pub fn next(&self, is_over: impl Fn() -> bool) -> Option<(Job, Cancellation)> {
        let mut held = self.lock();
        loop {
            if is_over() {
                return None;
            }
            let waiting = held.values_mut().find(|held| held.job.state == JobState::Queued);
            let Some(found) = waiting else {
                held = self.changed.wait(held).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let job = &mut found.job;
            (job.state, job.attempts) = (JobState::Running, job.attempts + 1);
            (job.started, job.ended) = (Some(self.clock.now().to_string()), None);
            let wanted = Cancellation::at(std::time::Instant::now() + WORK_MAX);
            (found.wanted, found.is_cancelled) = (Some(wanted.clone()), false);
            let begun = found.job.clone();
            self.keep(&begun);
            drop(held);
            self.announce();
            return Some((begun, wanted));
        }
    }

    /// Wakes whoever waits for a job.
    pub fn wake(&self) {
        // Who is about to wait has the lock until it waits.
        drop(self.lock());
        self.changed.notify_all();
    }

    /// Notes how much of a job is done.
    pub fn progress(&self, id: &str, progress: JobProgress) {
        let mut held = self.lock();
        let Some(found) = held.get_mut(id) else { return };
        found.job.progress = progress;
        let job = found.job.clone();
        self.keep(&job);
        drop(held);
        self.announce();
    }

    /// Ends a job.
    pub fn finish(&self, id: &str, end: JobEnd) {
        let mut held = self.lock();
        let Some(found) = held.get_mut(id) else { return };
        let (job, is_cancelled) = (&mut found.job, found.is_cancelled);
        found.wanted = None;
        job.ended = Some(self.clock.now().to_string());
        (job.result, job.error) = (None, None);
        match end {
            JobEnd::Done(result) => (job.state, job.result) = (JobState::Done, Some(result)),
            JobEnd::Failed(_) if is_cancelled => job.state = JobState::Cancelled,
            JobEnd::Failed(error) => (job.state, job.error) = (JobState::Failed, Some(error)),
            JobEnd::Interrupted => job.state = JobState::Interrupted,
        }
        if job.state == JobState::Done {
            // There is nothing to run again.
            job.order.bytes = 0;
        }
        let job = job.clone();
        self.keep(&job);
        // Whoever learns that it is done finds its body removed.
        if job.state == JobState::Done {
            drop(std::fs::remove_file(self.body(id)));
        }
        drop(held);
        self.announce();
    }

    /// Ends a job before it is done: what is not begun is not begun, what is under way stops where that is possible.
    pub fn cancel(&self, id: &str) -> Result<Job, Error> {
        let mut held = self.lock();
        let found = held.get_mut(id).ok_or_else(|| Error::NoJob(id.to_owned()))?;
        match found.job.state {
            JobState::Queued => {
                found.job.state = JobState::Cancelled;
                found.job.ended = Some(self.clock.now().to_string());
            }
            JobState::Running => {
                found.is_cancelled = true;
                found.wanted.iter().for_each(Cancellation::abandon);
            }
            _ => return Err(Error::JobIsOver(id.to_owned())),
        }
        let job = found.job.clone();
        self.keep(&job);
        drop(held);
        self.announce();
        Ok(job)
    }

    /// Puts a job that is over and not done into the queue again. What it has stored or committed is not done again.
    pub fn run_again(&self, id: &str, by: String) -> Result<Job, Error> {
        let mut held = self.lock();
        let found = held.get_mut(id).ok_or_else(|| Error::NoJob(id.to_owned()))?;
        if !found.job.state.is_over() || found.job.state == JobState::Done {
            return Err(Error::JobRuns(id.to_owned()));
        }
        let (body, bytes) = (self.body(id), found.job.order.bytes);
        let has_body = found.job.kind != JobKind::Backup;
        if has_body && !std::fs::metadata(&body).is_ok_and(|body| body.len() == bytes) {
            return Err(unusable(&body, &"it is not whole any more: send the files again"));
        }
        let queued =
            Job { state: JobState::Queued, by, ended: None, result: None, error: None, ..found.job.clone() };
        self.write(&queued)?;
        found.job = queued.clone();
        drop(held);
        self.announce();
        Ok(queued)
    }

    /// Stops what is under way, as the service ends.
    pub fn abandon(&self) {
        self.lock().values().filter_map(|held| held.wanted.as_ref()).for_each(Cancellation::abandon);
        self.wake();
    }

    /// Calls `notify` whenever a job has changed.
    pub fn listen(&self, notify: impl Fn() + Send + Sync + 'static) -> Listening {
        self.notifier.listen(notify)
    }

    fn announce(&self) {
        self.changed.notify_all();
        self.notifier.notify();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, QueuedJob>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, job: &Job) -> Result<(), Error> {
        let path = self.folder.join(&job.id).join("job.json");
        let text = serde_json::to_vec_pretty(job).map_err(|error| unusable(&path, &error))?;
        durable::replace(&path, &text).map_err(|error| unusable(&path, &error))
    }

    /// Writes a state that has come about, whether it can be written or not: without it the job is interrupted after a crash. The jobs are
    /// locked meanwhile, so that the states of one are written in their order.
    fn keep(&self, job: &Job) {
        if let Err(error) = self.write(job) {
            tracing::error!(%error, job = job.id, "the state of a job is not on the disk");
        }
    }

    /// Removes jobs that were over long ago, and the oldest of too many.
    fn forget_old(&self, held: &mut BTreeMap<String, QueuedJob>) {
        let before = self.clock.now().plus_nanos(-KEPT_NANOS);
        let over: Vec<_> = held.values().filter(|held| held.job.state.is_over()).collect();
        let many = over.len().saturating_sub(KEPT_MAX);
        let is_old = |job: &Job| {
            let ended = job.ended.as_deref().unwrap_or(&job.submitted);
            ended.parse::<Instant>().is_ok_and(|ended| ended < before)
        };
        let old = over.iter().enumerate().filter(|(at, held)| *at < many || is_old(&held.job));
        let old: Vec<_> = old.map(|(_, held)| held.job.id.clone()).collect();
        for id in old {
            drop(std::fs::remove_dir_all(self.folder.join(&id)));
            held.remove(&id);
        }
    }
}

fn unusable(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    Error::Jobs { path: path.to_owned(), reason: reason.to_string() }
}

/// Returns the folders of jobs, in the order of their names.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let read = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    let mut entries = read.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn parse(path: &Path, text: &[u8]) -> Result<Job, Error> {
    let value: Value = serde_json::from_slice(text).map_err(|error| unusable(path, &error))?;
    let version = value.get("version").and_then(Value::as_u64).unwrap_or_default();
    if version != u64::from(VERSION) {
        let reason = format!("it is of version {version}; this program knows version {VERSION}");
        return Err(unusable(path, &reason));
    }
    serde_json::from_value(value).map_err(|error| unusable(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::clock::FixedClock;
    use serde_json::json;

    fn clock() -> Arc<FixedClock> {
        Arc::new(FixedClock::new(Instant::from_seconds(1_767_225_600)))
    }

    fn submit(jobs: &Jobs, body: &[u8]) -> Job {
        let draft = jobs.draft(body.len() as u64).expect("a draft");
        std::fs::write(draft.body(), body).expect("a body");
        let order = JobOrder { bytes: body.len() as u64, ..JobOrder::default() };
        jobs.submit(draft, JobKind::Import, order, "ada".to_owned()).expect("a job")
    }

    #[test]
    fn a_job_goes_through_its_states_and_survives() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = |clock| Jobs::open(folder.path(), clock).expect("jobs");
        let jobs = open(clock());
        let (a, b, c) = (submit(&jobs, b"a"), submit(&jobs, b"b"), submit(&jobs, b"c"));
        assert!(jobs.next(|| true).is_none());
        let state = |jobs: &Jobs, job: &Job| jobs.get(&job.id).map(|job| job.state).expect("a job");
        let begun = |jobs: &Jobs| jobs.next(|| false).map(|(job, _)| job.id).expect("a job");
        assert_eq!(begun(&jobs), a.id);
        jobs.finish(&a.id, JobEnd::Done(json!({ "commit": "x" })));
        assert!(!jobs.body(&a.id).exists() && jobs.run_again(&a.id, String::new()).is_err());
        assert_eq!(begun(&jobs), b.id);
        jobs.progress(&b.id, JobProgress { files: 1, readings: 7 });
        let half = jobs.draft(1).expect("a draft");
        std::fs::write(half.body(), b"half").expect("a body");
        drop(jobs);
        // As after a crash.
        let jobs = open(clock());
        assert_eq!(
            [&a, &b, &c].map(|job| state(&jobs, job)),
            [JobState::Done, JobState::Interrupted, JobState::Interrupted]
        );
        assert_eq!(jobs.get(&b.id).expect("a job").progress, JobProgress { files: 1, readings: 7 });
        jobs.recover().expect("recovered");
        assert!(!half.body().exists());
        let again = jobs.run_again(&b.id, "grace".to_owned()).expect("queued");
        assert_eq!((again.state, again.by.as_str()), (JobState::Queued, "grace"));
        let (job, wanted) = jobs.next(|| false).expect("a job");
        assert_eq!((job.id.as_str(), job.attempts), (b.id.as_str(), 2));
        jobs.cancel(&b.id).expect("cancelled");
        assert!(wanted.check().is_err());
        jobs.finish(&b.id, JobEnd::Failed(json!({})));
        assert_eq!(state(&jobs, &b), JobState::Cancelled);
        assert!(jobs.cancel(&b.id).is_err());
        jobs.run_again(&c.id, String::new()).expect("queued");
        jobs.cancel(&c.id).expect("cancelled");
        assert_eq!(state(&jobs, &c), JobState::Cancelled);
        std::fs::write(jobs.body(&c.id), b"").expect("cut");
        assert!(jobs.run_again(&c.id, String::new()).is_err(), "its body is not whole");
        // Old ones go.
        let later = clock();
        later.set(Instant::from_seconds(1_767_225_600 + 40 * 86_400));
        let jobs = open(later);
        let d = submit(&jobs, b"d");
        assert_eq!(jobs.all().iter().map(|job| job.id.clone()).collect::<Vec<_>>(), [d.id]);
    }

    #[test]
    fn the_backup_of_a_job_is_there_for_a_day_or_until_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let time = clock();
        let jobs = Jobs::open(folder.path(), time.clone()).expect("jobs");
        let made = || {
            let draft = jobs.draft(0).expect("a draft");
            let job = jobs.submit(draft, JobKind::Backup, JobOrder::default(), String::new()).expect("a job");
            jobs.next(|| false).expect("it is begun");
            std::fs::create_dir(jobs.copy(&job.id)).expect("a copy");
            job.id
        };
        let first = made();
        jobs.remove_copies(true);
        assert!(jobs.copy(&first).exists(), "it is being made");
        jobs.finish(&first, JobEnd::Done(json!({})));
        jobs.remove_copies(false);
        assert!(jobs.copy(&first).exists());
        time.set(Instant::from_seconds(1_767_225_600 + 86_401));
        jobs.remove_copies(false);
        assert!(!jobs.copy(&first).exists());
        let second = made();
        jobs.finish(&second, JobEnd::Done(json!({})));
        let third = made();
        jobs.remove_copies(true);
        assert!(!jobs.copy(&second).exists() && jobs.copy(&third).exists());
        drop(jobs);
        // As after a crash.
        let jobs = Jobs::open(folder.path(), time).expect("jobs");
        jobs.recover().expect("recovered");
        assert!(!jobs.copy(&third).exists());
        assert_eq!(jobs.run_again(&third, String::new()).expect("queued").state, JobState::Queued);
    }

    #[test]
    fn too_many_jobs_and_files_of_other_versions_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let jobs = Jobs::open(folder.path(), clock()).expect("jobs");
        assert!(matches!(jobs.draft(BODIES_BYTES_MAX + 1), Err(Error::JobsFull(_))));
        let job = submit(&jobs, b"x");
        for _ in 1..OPEN_MAX {
            submit(&jobs, b"x");
        }
        assert!(matches!(jobs.draft(1), Err(Error::JobsFull(_))));
        let path = folder.path().join("jobs").join(&job.id).join("job.json");
        let text =
            std::fs::read_to_string(&path).expect("a file").replace("\"version\": 1", "\"version\": 2");
        std::fs::write(&path, text).expect("a file");
        let jobs = Jobs::open(folder.path(), clock()).expect("the others");
        jobs.recover().expect("recovered");
        assert!(jobs.get(&job.id).is_err() && jobs.body(&job.id).exists(), "it is left alone");
    }
}
