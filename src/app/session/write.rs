//! What a session changes.

use super::{Made, OfKey, Session, Target};
use crate::app::access::{Event, Forbidden, Operation, Outcome};
use crate::app::error::Error;
use crate::app::jobs::backup::BackedUp;
use crate::app::jobs::monitor::MonitorRun;
use crate::app::read::branch_rule::Act;
use crate::app::scope::Scope;
use crate::app::write::clear::ClearRequest;
use crate::app::write::decide::DecisionRequest;
use crate::app::write::deviation::{DeviationRequest, RecordedDeviations};
use crate::app::write::evidence::{EvidenceRequest, Recorded};
use crate::app::write::forecast::{ForecastRequest, RecordedForecasts};
use crate::app::write::import::{ImportOptions, SourceStatements};
use crate::app::write::ingest::{Ingested, TableRequest};
use crate::app::write::review::{OpenRequest, Opened, SignRequest};
use crate::exchange::samples::{self, Layout};
use crate::feedback::{ChangeDecision, ChangeDraft, FindingDecision};
use crate::graph::{
    AdoptRequest, Adopted, Author, Commit, CommitId, CommitRequest, Committed, Imported, Maintained,
    MergeRequest, Migrated, RequestKey, RevertRequest, Snapshot,
};
use crate::model::statement::change::Change;
use crate::telemetry::{Batch, Precision, Written, twins_of_lines};
use oxigraph::model::NamedNode;
use std::io::{self, Read};
use std::path::Path;

impl Session {
    /// Commits changes that are drafted against a head; see [`crate::app::App::commit_drafted`].
    pub fn commit_drafted<E: From<Error> + OfKey + std::fmt::Display>(
        &self,
        request: &CommitRequest,
        draft: impl FnMut(&Snapshot) -> Result<Vec<Change>, E>,
    ) -> Result<Committed, E> {
        self.perform(Operation::Commit, &Target::branch(&request.branch), &request.author, |author| {
            self.app.commit_drafted(&CommitRequest { author, ..request.clone() }, draft)
        })
    }

    /// Commits with all that a client's commit can be asked for.
    pub fn commit_as(&self, request: CommitRequest) -> Result<Committed, Error> {
        let (branch, asked) = (request.branch.clone(), request.author.clone());
        self.perform(Operation::Commit, &Target::branch(&branch), &asked, |author| {
            self.app.commit_as(&CommitRequest { author, ..request })
        })
    }

    /// Imports the content of a source.
    pub fn import(&self, sources: SourceStatements, options: ImportOptions) -> Result<Imported, Error> {
        let (into, asked) = (options.into.clone(), options.author.clone());
        let dry = if options.preview { "dry run of " } else { "" };
        let on = format!("{dry}{} into {into}", options.source);
        self.perform(Operation::Import, &Target { on, ..Target::branch(&into) }, &asked, |author| {
            self.app.import(sources, ImportOptions { author, ..options })
        })
    }

    /// Merges a version into a branch. What rules on the branch were asked about is what is merged, though the source may move meanwhile.
    pub fn merge(&self, request: &MergeRequest) -> Result<Committed, Error> {
        let on = format!("{} into {}", request.source, request.into);
        let request = match self.app.snapshot(&request.source) {
            Ok(source) => request.clone().of_commit(source.commit().id),
            // A repeated request is answered without it; else the merge states the reason.
            Err(_) => request.clone(),
        };
        let target = Target::act(&request.into, on, Act::Merge(&request.source));
        self.perform(Operation::Merge, &target, &request.author, |author| {
            self.app.merge(&MergeRequest { author, ..request.clone() })
        })
    }

    /// Undoes a commit.
    pub fn revert(&self, request: &RevertRequest) -> Result<Committed, Error> {
        let on = format!("{} on {}", request.commit, request.branch);
        let target = Target { on, ..Target::branch(&request.branch) };
        self.perform(Operation::Revert, &target, &request.author, |author| {
            self.app.revert(&RevertRequest { author, ..request.clone() })
        })
    }

    /// Makes a branch at any version, once for a key.
    pub fn create_branch(&self, name: &str, at: &str, key: Option<&RequestKey>) -> Result<Commit, Error> {
        let on = format!("{name} at {at}");
        self.perform(Operation::Branch, &Target { on, ..Target::branch(name) }, &Author::default(), |_| {
            self.app.repository().once(key, || self.app.create_branch(name, at))
        })
    }

    /// Deletes a branch, once for a key.
    pub fn delete_branch(
        &self,
        name: &str,
        expected_head: Option<CommitId>,
        key: Option<&RequestKey>,
    ) -> Result<CommitId, Error> {
        let on = format!("delete {name}");
        self.perform(Operation::Branch, &Target { on, ..Target::branch(name) }, &Author::default(), |_| {
            Ok::<_, Error>(self.app.repository().delete_branch_once(name, expected_head, key)?)
        })
    }

    /// Makes a tag at any version, once for a key.
    pub fn tag(
        &self,
        name: &str,
        at: &str,
        message: &str,
        key: Option<&RequestKey>,
    ) -> Result<Commit, Error> {
        let on = format!("{name} at {at}");
        self.perform(Operation::Tag, &Target::of(on), &Author::default(), |_| {
            self.app.repository().once(key, || self.app.tag(name, at, message))
        })
    }

    /// Has Git take commits in the folder of the repository, where they wait until they are adopted; returns its report.
    pub fn push<E: From<Error> + OfKey + std::fmt::Display>(
        &self,
        on: String,
        work: impl FnOnce(&Path) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let folder = self.repository_folder()?;
        self.perform(Operation::Push, &Target::of(on), &Author::default(), |_| work(&folder))
    }

    /// Takes in commits made elsewhere, once for a key.
    pub fn adopt(&self, request: &AdoptRequest, key: Option<&RequestKey>) -> Result<Adopted, Error> {
        let on = request.reference.clone();
        let named = request.reference.strip_prefix("refs/incoming/").unwrap_or(&request.reference);
        let branch = request.branch.as_deref().unwrap_or(named);
        let target = Target { on, ..Target::branch(branch) };
        self.perform(Operation::Adopt, &target, &Author::default(), |_| self.app.adopt(request, key))
    }

    /// Confirms that a suspect link still applies.
    pub fn confirm_link(&self, request: &ClearRequest) -> Result<Committed, Error> {
        self.perform(Operation::ConfirmLink, &Target::branch(&request.branch), &request.author, |author| {
            self.app.confirm_link(&ClearRequest { author, ..request.clone() })
        })
    }

    /// Records what the field shows; see [`crate::app::App::record_evidence`].
    pub fn record_evidence(&self, scope: &Scope, request: &EvidenceRequest) -> Result<Recorded, Error> {
        self.perform(Operation::RecordEvidence, &Target::branch(&request.branch), &request.author, |author| {
            self.app.record_evidence(scope, &EvidenceRequest { author, ..request.clone() })
        })
    }

    /// Records forecasts; see [`crate::app::App::record_forecasts`].
    pub fn record_forecasts(
        &self,
        scope: &Scope,
        request: &ForecastRequest,
    ) -> Result<RecordedForecasts, Error> {
        let target = Target::branch(&request.branch);
        self.perform(Operation::RecordForecasts, &target, &request.author, |author| {
            self.app.record_forecasts(scope, &ForecastRequest { author, ..request.clone() })
        })
    }

    /// Records deviations; see [`crate::app::App::record_deviations`].
    pub fn record_deviations(
        &self,
        scope: &Scope,
        request: &DeviationRequest,
    ) -> Result<RecordedDeviations, Error> {
        let target = Target::branch(&request.branch);
        self.perform(Operation::RecordDeviations, &target, &request.author, |author| {
            self.app.record_deviations(scope, &DeviationRequest { author, ..request.clone() })
        })
    }

    /// Runs monitors, all where none is named.
    pub fn run_monitors(
        &self,
        names: Option<&[String]>,
        author: &Author,
        key: Option<&RequestKey>,
    ) -> Result<MonitorRun, Error> {
        let on = names.map(|names| names.join(", ")).unwrap_or_default();
        let target = Target { on, ..Target::branch(&self.app.monitors().branch) };
        self.perform(Operation::RunMonitors, &target, author, |author| {
            self.app.run_monitors(names, &author, key)
        })
    }

    /// Opens a review; see [`crate::app::App::open_review`].
    pub fn open_review(&self, scope: &Scope, request: &OpenRequest) -> Result<Opened, Error> {
        self.perform(Operation::OpenReview, &Target::branch(&request.branch), &request.author, |author| {
            self.app.open_review(scope, &OpenRequest { author, ..request.clone() })
        })
    }

    /// Signs a review.
    pub fn sign_review(&self, request: &SignRequest) -> Result<Committed, Error> {
        let on = format!("{} on {}", request.review.as_str(), request.branch);
        let target = Target::act(&request.branch, on, Act::Signature(&request.review));
        self.perform(Operation::SignReview, &target, &request.author, |author| {
            self.app.sign_review(&SignRequest { author, ..request.clone() })
        })
    }

    /// Decides on a finding.
    pub fn decide_finding(
        &self,
        request: &DecisionRequest<FindingDecision>,
        draft: &ChangeDraft,
    ) -> Result<(Committed, Option<NamedNode>), Error> {
        let on = format!("{} on {}", request.subject.as_str(), request.branch);
        let target = Target::act(&request.branch, on, Act::Decision(&request.subject));
        self.perform(Operation::DecideFinding, &target, &request.author, |author| {
            self.app.decide_finding(&DecisionRequest { author, ..request.clone() }, draft)
        })
    }

    /// Takes a change request into another state.
    pub fn decide_change(
        &self,
        request: &DecisionRequest<ChangeDecision>,
        evidence: &[NamedNode],
    ) -> Result<Committed, Error> {
        let on = format!("{} on {}", request.subject.as_str(), request.branch);
        let target = Target::act(&request.branch, on, Act::Decision(&request.subject));
        self.perform(Operation::DecideChange, &target, &request.author, |author| {
            self.app.decide_change(&DecisionRequest { author, ..request.clone() }, evidence)
        })
    }

    /// Stores the samples of line protocol. Where one of them is of a twin that the principal may not send, nothing is stored.
    pub fn ingest_lines(&self, body: &[u8], precision: Precision) -> Result<Written, Error> {
        self.authorize(Operation::Ingest)?;
        if let Some(scope) = &self.principal.twins {
            let twins = twins_of_lines(body)?;
            if let Some(twin) = twins.into_iter().find(|twin| !scope.contains(twin)) {
                let forbidden =
                    Forbidden::Twin { name: self.principal.author.name.clone(), twin: twin.clone() };
                self.note_denied(Operation::Ingest, &twin, &forbidden);
                return Err(forbidden.into());
            }
        }
        let written = self.app.ingest_lines(body, precision);
        self.note_ingest(written.as_ref().err(), None);
        written
    }

    /// Stores a batch of samples, whose twins have been checked.
    pub(super) fn ingest_batch(&self, batch: Batch) -> Result<Written, Error> {
        self.authorize(Operation::Ingest)?;
        let written = self.app.ingest(batch);
        self.note_ingest(written.as_ref().err(), None);
        written
    }

    /// Stores the readings of a CSV file; see [`crate::app::App::ingest_csv`].
    pub fn ingest_csv(
        &self,
        csv: impl Read,
        file: &str,
        layout: &Layout,
        measurement: &str,
        progress: impl Fn(u64),
    ) -> Result<Ingested, Error> {
        self.authorize(Operation::Ingest)?;
        if self.principal.twins.is_some() {
            let (name, twin) = (self.principal.author.name.clone(), "a table".to_owned());
            return Err(Forbidden::Twin { name, twin }.into());
        }
        let ingested = self.app.ingest_csv(csv, file, layout, measurement, progress);
        self.note_ingest(ingested.as_ref().err(), Some(file));
        ingested
    }

    /// Stores the readings of a table that can be opened more than once, but for those that were stored before. Where one of them is of a
    /// twin that the principal may not send, nothing is stored.
    pub fn ingest_table<R: Read>(
        &self,
        open: impl Fn() -> io::Result<R>,
        request: &TableRequest,
        progress: impl Fn(u64),
    ) -> Result<Ingested, Error> {
        self.authorize(Operation::Ingest)?;
        let TableRequest { file, layout, .. } = request;
        let opened = || open().map_err(|source| samples::Error::Io { file: file.clone(), source });
        if let Some(scope) = &self.principal.twins
            && let Some(twin) = self.app.outside(scope, opened()?, file, layout)?
        {
            let forbidden = Forbidden::Twin { name: self.principal.author.name.clone(), twin: twin.clone() };
            self.note_denied(Operation::Ingest, &twin, &forbidden);
            return Err(forbidden.into());
        }
        let stored = self.app.ingest_table(opened()?, request, progress);
        self.note_ingest(stored.as_ref().err(), Some(file));
        stored
    }

    /// Returns how many series one request may bring that are not known yet.
    pub fn new_series_max(&self) -> usize {
        self.app.telemetry().settings().new_series_max
    }

    /// Notes that samples were stored, or why not.
    fn note_ingest(&self, error: Option<&Error>, on: Option<&str>) {
        let outcome = if error.is_none() { Outcome::Done } else { Outcome::Failed };
        self.count(Operation::Ingest, outcome);
        if self.is_logged() {
            let event = Event::of(&self.principal, Operation::Ingest.as_str(), outcome);
            let (reason, on) = (error.map(ToString::to_string), on.map(str::to_owned));
            self.app.access().audit().record_counted(Event { reason, on, ..event });
        }
    }

    /// Copies the thread into a folder of backups.
    pub fn backup(&self, folder: &Path) -> Result<BackedUp, Error> {
        self.maintained(format!("backup into {}", folder.display()), || self.app.backup(folder))
    }

    /// Packs loose objects; where `prune` is given, removes what no ref reaches and is so many days old.
    pub fn maintain(&self, prune: Option<u32>) -> Result<Maintained, Error> {
        let what = prune.map_or("maintain".to_owned(), |days| format!("maintain, prune after {days} days"));
        self.maintained(what, || self.app.maintain(prune))
    }

    /// Makes the index anew; returns of how many commits.
    pub fn reindex(&self) -> Result<u64, Error> {
        self.maintained("reindex".to_owned(), || {
            let repository = self.app.repository();
            repository.reindex()?;
            Ok(repository.commit_count()?)
        })
    }

    fn maintained<T: Made>(&self, what: String, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.perform(Operation::Maintain, &Target::of(what), &Author::default(), |_| work())
    }

    /// Brings every branch to the newest layout of files.
    pub fn migrate(&self, author: &Author) -> Result<Vec<Migrated>, Error> {
        self.perform(Operation::Maintain, &Target::of("migrate".to_owned()), author, |author| {
            self.app.migrate(&author)
        })
    }
}

impl Made for BackedUp {}

impl Made for Maintained {}

impl Made for u64 {}

impl Made for Vec<u8> {}

impl Made for Vec<Migrated> {
    fn commit(&self) -> Option<String> {
        self.last().map(|migrated| migrated.commit.id.to_string())
    }
}

impl Made for Commit {
    fn commit(&self) -> Option<String> {
        Some(self.id.to_string())
    }
}

impl Made for CommitId {
    fn commit(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Made for Imported {
    fn commit(&self) -> Option<String> {
        self.preview.is_none().then(|| self.commit.id.to_string())
    }
}

impl Made for Adopted {
    fn commit(&self) -> Option<String> {
        Some(self.commit.id.to_string())
    }
}

impl Made for Recorded {
    fn commit(&self) -> Option<String> {
        self.committed.commit()
    }

    fn replayed(&self) -> Option<&Commit> {
        self.committed.replayed()
    }
}

impl Made for Opened {
    fn commit(&self) -> Option<String> {
        self.committed.commit()
    }

    fn replayed(&self) -> Option<&Commit> {
        self.committed.replayed()
    }
}

impl Made for MonitorRun {
    fn commit(&self) -> Option<String> {
        self.committed.as_ref().and_then(Made::commit)
    }

    fn replayed(&self) -> Option<&Commit> {
        self.committed.as_ref().and_then(Made::replayed)
    }
}

impl<T> Made for (Committed, T) {
    fn commit(&self) -> Option<String> {
        self.0.commit()
    }

    fn replayed(&self) -> Option<&Commit> {
        self.0.replayed()
    }
}

impl Made for RecordedForecasts {
    fn commit(&self) -> Option<String> {
        self.committed.commit()
    }

    fn replayed(&self) -> Option<&Commit> {
        self.committed.replayed()
    }
}

impl Made for RecordedDeviations {
    fn commit(&self) -> Option<String> {
        self.committed.commit()
    }

    fn replayed(&self) -> Option<&Commit> {
        self.committed.replayed()
    }
}
