//! The thread as a whole: its graph, its telemetry, its clock.

use super::access::Access;
use super::error::Error;
use super::jobs::brokers::Brokers;
use super::jobs::monitor::MonitorRun;
use super::jobs::queue::Jobs;
use super::message::http::Reach;
use super::outbox::targets::Outbox;
use super::scope::Scope;
use super::settings::Settings;
use super::settings::hooks::Hook;
use super::settings::monitors::Monitors;
use super::settings::sources::{Loaded, Sources};
use crate::graph::{
    AdoptRequest, Adopted, Author, ChangePreview, Commit, CommitId, CommitRequest, Committed, Differences,
    MergePreview, MergeRequest, Migrated, Repository, RequestKey, Resolution, RevertRequest, Snapshot,
    Temporary,
};
use crate::model::statement::change::Change;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::clock::Clock;
use crate::model::time::instant::Instant;
use crate::model::use_case::UseCase;
use crate::ontology::terms::tl;
use crate::telemetry::{self, Batch, Precision, View, Watermark, Written};
use oxigraph::model::NamedNode;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// What the name of a review's version begins with.
pub const REVIEW: &str = "review:";

/// How many runs of monitors are remembered until the thread is closed.
const RUNS_MAX: usize = 100;

/// One thread: versions, telemetry, and the use cases on both.
#[derive(Debug)]
pub struct App {
    repository: Arc<Repository>,
    telemetry: Arc<telemetry::Store>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    access: Access,
    monitors: Monitors,
    jobs: Jobs,
    outbox: Outbox,
    hooks: Vec<Hook>,
    brokers: Brokers,
    runs: Mutex<VecDeque<MonitorRun>>,
    /// Locked while a review is opened, so that no two take one identifier.
    pub(super) opening: Mutex<()>,
    /// Where telemetry is that is only read; it goes last.
    _temporary: Option<Temporary>,
}

impl App {
    /// Makes a thread in a folder; `ontology` holds the user's own files (file name, Turtle), `base` begins the thread's
    /// own names.
    pub fn init(
        folder: &Path,
        ontology: &[(String, String)],
        base: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let repository = Repository::init(folder, ontology, base, Arc::clone(&clock))?;
        Self::with(repository, folder, clock, Sources::default().read(folder)?)
    }

    /// Opens the thread in a folder, under the settings in it.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        Self::open_with(folder, clock, &Sources::default())
    }

    /// Opens the thread in a folder, under settings from other places too.
    pub fn open_with(folder: &Path, clock: Arc<dyn Clock>, sources: &Sources) -> Result<Self, Error> {
        let repository = Repository::open(folder, Arc::clone(&clock))?;
        Self::with(repository, folder, clock, sources.read(folder)?)
    }

    /// Opens the thread in a folder, under settings that have been read.
    pub fn open_under(folder: &Path, clock: Arc<dyn Clock>, loaded: Loaded) -> Result<Self, Error> {
        let repository = Repository::open(folder, Arc::clone(&clock))?;
        Self::with(repository, folder, clock, loaded)
    }

    fn with(
        repository: Repository,
        folder: &Path,
        clock: Arc<dyn Clock>,
        loaded: Loaded,
    ) -> Result<Self, Error> {
        let series = folder.join("telemetry");
        repaired(&repository, || refuse_to_begin_anew(&repository, &series))?;
        let telemetry = telemetry::Store::open_with(&series, Arc::clone(&clock), loaded.telemetry.clone())?;
        let app = Self::over(repository, telemetry, folder, clock, (loaded, None))?;
        repaired(&app.repository, || app.read_first())?;
        Ok(app)
    }

    /// Reads what every use of the thread needs.
    fn read_first(&self) -> Result<(), Error> {
        self.keep_reviews()?;
        self.snapshot("main")?;
        Ok(())
    }

    pub(super) fn over(
        repository: Repository,
        telemetry: telemetry::Store,
        folder: &Path,
        clock: Arc<dyn Clock>,
        (loaded, temporary): (Loaded, Option<Temporary>),
    ) -> Result<Self, Error> {
        let refused = |reason: String| Error::Settings { path: folder.join("throughline.toml"), reason };
        let within = |table: &'static str| move |reason: String| refused(format!("[{table}] {reason}"));
        // Whoever only reads delivers and receives nothing, and may not be let to read what is secret.
        let (outbox, hooks, brokers) = match temporary.is_some() {
            true => Default::default(),
            false => {
                let brokers = loaded.mqtt.clone().settings(folder).map_err(within("mqtt"))?;
                (
                    loaded.outbox.clone().settings(folder, &brokers).map_err(within("outbox"))?,
                    loaded.hooks.clone().settings(folder).map_err(within("hooks"))?,
                    brokers,
                )
            }
        };
        let brokers = Brokers::open(folder, brokers)?;
        let outbox = Outbox::open(folder, outbox);
        let Loaded { settings, monitors, .. } = loaded;
        let jobs = Jobs::open(folder, Arc::clone(&clock))?;
        let access = Access::open(folder, settings.access.clone(), Arc::clone(&clock))?;
        let (repository, telemetry) = (Arc::new(repository), Arc::new(telemetry));
        let (opening, runs) = (Mutex::default(), Mutex::default());
        Ok(Self {
            repository,
            telemetry,
            clock,
            settings,
            access,
            monitors,
            jobs,
            outbox,
            hooks,
            brokers,
            runs,
            opening,
            _temporary: temporary,
        })
    }

    /// Returns the jobs.
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Returns the outbox.
    pub(in crate::app) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Returns where requests to other services may go that are not to the Internet; `named`: a host that the settings name.
    pub(crate) fn reach(&self, named: Option<String>) -> Reach {
        Reach { allow: self.outbox.settings.allow.clone(), named }
    }

    /// Returns the hooks.
    pub(in crate::app) fn hooks(&self) -> &[Hook] {
        &self.hooks
    }

    /// Returns the brokers.
    pub(in crate::app) fn brokers(&self) -> &Brokers {
        &self.brokers
    }

    /// Returns the graph.
    pub fn repository(&self) -> &Arc<Repository> {
        &self.repository
    }

    /// Returns the telemetry.
    pub fn telemetry(&self) -> &Arc<telemetry::Store> {
        &self.telemetry
    }

    /// Returns the clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Returns the defaults where a request states nothing.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns who is let in.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Returns the monitors.
    pub fn monitors(&self) -> &Monitors {
        &self.monitors
    }

    /// Returns the runs of monitors since the thread was opened, newest first; older ones than the last hundred are forgotten.
    pub fn monitor_runs(&self) -> Vec<MonitorRun> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(super) fn remember_run(&self, run: MonitorRun) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.push_front(run);
        runs.truncate(RUNS_MAX);
    }

    /// Returns a version by any of its names.
    pub fn snapshot(&self, version: &str) -> Result<Snapshot, Error> {
        Ok(self.repository.snapshot(version)?)
    }

    /// Returns the telemetry as it is known now, or as it was known at a watermark.
    pub fn view(&self, as_known_at: Option<&str>) -> Result<View, Error> {
        match as_known_at {
            Some(known) => Ok(self.telemetry.as_known_at(self.watermark(known)?)?),
            None => Ok(self.telemetry.now()),
        }
    }

    /// Returns the watermark that a text names: one itself, or the last one at or before an instant.
    pub fn watermark(&self, text: &str) -> Result<Watermark, Error> {
        match (text.parse::<Watermark>(), text.parse::<Instant>()) {
            (Ok(watermark), _) => Ok(watermark),
            (_, Ok(instant)) => Ok(self.telemetry.known_at(instant)?),
            (Err(_), Err(_)) => Err(Error::Watermark(text.to_owned())),
        }
    }

    /// Returns one version and one watermark, to ask both of; a review names both.
    pub fn scope(&self, version: &str, as_known_at: Option<&str>) -> Result<Scope, Error> {
        if let Some(identifier) = version.strip_prefix(REVIEW) {
            return self.review_scope(identifier, as_known_at);
        }
        let snapshot = self.snapshot(version)?;
        Ok(self.scope_of(snapshot, self.view(as_known_at)?, self.clock.now()))
    }

    /// Returns one version and one watermark, to ask both of as at an instant.
    pub fn scope_of(&self, snapshot: Snapshot, view: View, now: Instant) -> Scope {
        Scope { snapshot, view, now, sufficiency: self.settings.sufficiency, review: None }
    }

    /// Commits changes that this program concluded, such as evidence, to a branch, under a message that counts them. What a
    /// client writes itself goes through [`Self::commit_as`].
    pub fn commit(&self, branch: &str, changes: Vec<Change>) -> Result<Committed, Error> {
        let message = match changes.len() {
            1 => "Record one change".to_owned(),
            many => format!("Record {many} changes"),
        };
        self.commit_as(&CommitRequest {
            branch: branch.to_owned(),
            message,
            changes,
            use_case: Some(UseCase::RecordEvidence),
            ..CommitRequest::default()
        })
    }

    /// Commits with all that a commit can be asked for.
    pub fn commit_as(&self, request: &CommitRequest) -> Result<Committed, Error> {
        Ok(self.repository.commit(request)?)
    }

    /// Returns a version as it would be under changes; nothing is written; see [`Repository::preview`].
    pub fn preview(&self, version: &Snapshot, changes: &[Change]) -> Result<ChangePreview, Error> {
        Ok(self.repository.preview(version, changes)?)
    }

    /// Returns what a merge would come to; see [`Repository::merge_preview`].
    pub fn merge_preview(
        &self,
        source: &str,
        into: &str,
        resolutions: &[Resolution],
        wanted: &Cancellation,
    ) -> Result<MergePreview, Error> {
        Ok(self.repository.merge_preview(source, into, resolutions, wanted)?)
    }

    /// Merges a version into a branch; see [`Repository::merge`].
    pub fn merge(&self, request: &MergeRequest) -> Result<Committed, Error> {
        Ok(self.repository.merge(request)?)
    }

    /// Undoes a commit; see [`Repository::revert`].
    pub fn revert(&self, request: &RevertRequest) -> Result<Committed, Error> {
        Ok(self.repository.revert(request)?)
    }

    /// Makes a branch at any version.
    pub fn create_branch(&self, name: &str, at: &str) -> Result<Commit, Error> {
        Ok(self.repository.create_branch(name, at)?)
    }

    /// Deletes a branch; see [`Repository::delete_branch`].
    pub fn delete_branch(&self, name: &str, expected_head: Option<CommitId>) -> Result<CommitId, Error> {
        Ok(self.repository.delete_branch(name, expected_head)?)
    }

    /// Takes in commits made elsewhere; see [`Repository::adopt`].
    pub fn adopt(&self, request: &AdoptRequest, key: Option<&RequestKey>) -> Result<Adopted, Error> {
        Ok(self.repository.adopt(request, key)?)
    }

    /// Brings every branch to the newest layout of files; see [`Repository::migrate`].
    pub fn migrate(&self, author: &Author) -> Result<Vec<Migrated>, Error> {
        Ok(self.repository.migrate(author)?)
    }

    /// Makes a tag at any version.
    pub fn tag(&self, name: &str, at: &str, message: &str) -> Result<Commit, Error> {
        Ok(self.repository.tag(name, at, message)?)
    }

    /// Returns the commits behind a version, newest first; see [`Repository::log`].
    pub fn log(
        &self,
        version: &Snapshot,
        resource: Option<&NamedNode>,
        after: Option<CommitId>,
        limit: usize,
    ) -> Result<Vec<Commit>, Error> {
        Ok(self.repository.log(version, resource, after, limit)?)
    }

    /// Returns what differs between two versions, to be read in parts; see [`Repository::differences`].
    pub fn differences<'a>(
        &'a self,
        from: &'a Snapshot,
        to: &'a Snapshot,
        reach: Option<&'a NamedNode>,
    ) -> Result<Differences<'a>, Error> {
        Ok(self.repository.differences(from, to, reach)?)
    }

    /// Stores the samples of line protocol; the good lines are durable on return, the bad ones are named.
    pub fn ingest_lines(&self, body: &[u8], precision: Precision) -> Result<Written, Error> {
        Ok(self.telemetry.write_lines(body, precision)?)
    }

    /// Compresses what was stored and not yet compressed: worth it after a bulk load.
    pub fn seal(&self) -> Result<(), Error> {
        Ok(self.telemetry.seal()?)
    }

    /// Stores a batch of samples; what is good is durable on return, the rest is named.
    pub fn ingest(&self, batch: Batch) -> Result<Written, Error> {
        Ok(self.telemetry.write(batch)?)
    }
}

/// Runs what reads the index; where it meets damage the index is made anew, and it runs once more.
fn repaired<T>(repository: &Repository, read: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    match read() {
        Err(error) if repository.is_index_damaged() => {
            tracing::warn!("the index is damaged, and is made anew from Git: {error}");
            repository.reindex()?;
            read()
        }
        read => read,
    }
}

/// Refuses to make an empty store for a thread of which a review or evidence names what was known in one. An empty folder
/// shows that this is intended, as where a clone of the thread has no telemetry.
fn refuse_to_begin_anew(repository: &Repository, folder: &Path) -> Result<(), Error> {
    if folder.exists() {
        return Ok(());
    }
    for (branch, _) in repository.branches()? {
        let head = repository.head(&branch)?;
        for class in [tl::DESIGN_REVIEW, tl::FIELD_EVIDENCE] {
            for record in head.instances(class)? {
                if head.text(&record, tl::WATERMARK)?.is_some() {
                    return Err(Error::NoTelemetry { path: folder.to_owned(), record });
                }
            }
        }
    }
    Ok(())
}
