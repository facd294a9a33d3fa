//! What a session reads. A whole thread is read or nothing of it: rows that are hidden while counts, aggregates and Git disclose them would
//! be hidden from nobody.

use super::Session;
use crate::app::access::Operation;
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::jobs::monitor::{MonitorRun, Monitors};
use crate::app::read::exposure::Exposed;
use crate::app::read::influxql::{self, Answered};
use crate::app::scope::Scope;
use crate::app::settings::Settings;
use crate::app::write::import::{ImportOptions, ReadReport, SourceFile, SourceStatements};
use crate::exchange::samples::influxql::statement::Statement;
use crate::feedback::{Review, ReviewDependencies};
use crate::graph::{
    self, ChangePreview, Commit, CommitId, Differences, FollowEvent, Follower, MergePreview, Resolution,
    ResourceDiff, Snapshot,
};
use crate::model::statement::change::Change;
use crate::model::sync::cancellation::Cancellation;
use crate::model::sync::notifier::Listening;
use crate::model::time::clock::Clock;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::Ontology;
use crate::telemetry::{Tap, View};
use oxigraph::model::NamedNode;
use std::collections::HashSet;
use std::sync::Arc;

impl Session {
    /// Returns the thread, to read it.
    pub(super) fn read(&self) -> Result<&App, Error> {
        self.authorize(Operation::Read)?;
        Ok(&self.app)
    }

    /// Returns the clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.app.clock()
    }

    /// Returns the defaults where a request states nothing.
    pub fn settings(&self) -> &Settings {
        self.app.settings()
    }

    /// Returns a version by any of its names.
    pub fn snapshot(&self, version: &str) -> Result<Snapshot, Error> {
        self.read()?.snapshot(version)
    }

    /// Returns the head of a branch.
    pub fn head(&self, branch: &str) -> Result<Snapshot, Error> {
        Ok(self.read()?.repository().head(branch)?)
    }

    /// Returns the branches with their heads, in name order.
    pub fn branches(&self) -> Result<Vec<(String, Commit)>, Error> {
        Ok(self.read()?.repository().branches()?)
    }

    /// Returns the tags with their commits, in name order.
    pub fn tags(&self) -> Result<Vec<(String, Commit)>, Error> {
        Ok(self.read()?.repository().tags()?)
    }

    /// Returns the branches that cannot be read, with the reason.
    pub fn unreadable_branches(&self) -> Result<Vec<(String, String)>, Error> {
        Ok(self.read()?.repository().unreadable_branches())
    }

    /// Returns the tags that cannot be read, with the reason.
    pub fn unreadable_tags(&self) -> Result<Vec<(String, String)>, Error> {
        Ok(self.read()?.repository().unreadable_tags())
    }

    /// Returns the telemetry as it is known now, or as it was known at a watermark.
    pub fn view(&self, as_known_at: Option<&str>) -> Result<View, Error> {
        self.read()?.view(as_known_at)
    }

    /// Returns one version and one watermark; see [`App::scope`].
    pub fn scope(&self, version: &str, as_known_at: Option<&str>) -> Result<Scope, Error> {
        self.read()?.scope(version, as_known_at)
    }

    /// Returns a version and a watermark that were read before, as one scope.
    pub fn scope_of(&self, snapshot: Snapshot, view: View, now: Instant) -> Scope {
        self.app.scope_of(snapshot, view, now)
    }

    /// Answers the statements of a request in InfluxQL, in turn, until one fails; `database` is where they look that name none.
    pub fn influxql(
        &self,
        statements: &[Statement],
        database: Option<&str>,
        wanted: &Cancellation,
    ) -> Result<Vec<Answered>, Error> {
        Ok(influxql::answer(self.read()?, statements, database, wanted))
    }

    /// Returns the commits behind a version, newest first; see [`App::log`].
    pub fn log(
        &self,
        version: &Snapshot,
        resource: Option<&NamedNode>,
        after: Option<CommitId>,
        limit: usize,
    ) -> Result<Vec<Commit>, Error> {
        self.read()?.log(version, resource, after, limit)
    }

    /// Returns what differs between two versions; see [`App::differences`].
    pub fn differences<'a>(
        &'a self,
        from: &'a Snapshot,
        to: &'a Snapshot,
        reach: Option<&'a NamedNode>,
    ) -> Result<Differences<'a>, Error> {
        self.read()?.differences(from, to, reach)
    }

    /// Returns a version as it would be under changes.
    pub fn preview(&self, version: &Snapshot, changes: &[Change]) -> Result<ChangePreview, Error> {
        self.read()?.preview(version, changes)
    }

    /// Returns what a merge would come to.
    pub fn merge_preview(
        &self,
        source: &str,
        into: &str,
        resolutions: &[Resolution],
        wanted: &Cancellation,
    ) -> Result<MergePreview, Error> {
        self.read()?.merge_preview(source, into, resolutions, wanted)
    }

    /// Calls `each` with what a merge would change; see [`Repository::each_merge_change`](crate::graph::Repository::each_merge_change).
    pub fn each_merge_change<E: From<graph::Error> + From<Error>>(
        &self,
        (source, into): (CommitId, CommitId),
        resolutions: &[Resolution],
        after: Option<&NamedNode>,
        wanted: &Cancellation,
        each: impl FnMut(ResourceDiff) -> Result<bool, E>,
    ) -> Result<(), E> {
        self.read()?.repository().each_merge_change((source, into), resolutions, after, wanted, each)
    }

    /// Describes what changes would affect; see [`App::exposure`].
    pub fn exposure(&self, scope: &Scope, changes: &[Change], window: Interval) -> Result<Exposed, Error> {
        self.read()?.exposure(scope, changes, window)
    }

    /// Returns the monitors.
    pub fn monitors(&self) -> Result<&Monitors, Error> {
        Ok(self.read()?.monitors())
    }

    /// Returns the runs of monitors, newest first.
    pub fn monitor_runs(&self) -> Result<Vec<MonitorRun>, Error> {
        Ok(self.read()?.monitor_runs())
    }

    /// Returns whether a review is reproduced; see [`App::is_reproduced`].
    pub fn is_reproduced(&self, review: &Review) -> Result<Option<bool>, Error> {
        self.read()?.is_reproduced(review)
    }

    /// Returns what a review depends on; see [`App::review_dependencies`].
    pub fn review_dependencies(
        &self,
        review: &Review,
        then: &Scope,
        now: &Scope,
    ) -> Result<ReviewDependencies, Error> {
        self.read()?.review_dependencies(review, then, now)
    }

    /// Returns what has changed between two versions, as far as a review depends on it; see [`App::review_differences`].
    pub fn review_differences<'a>(
        &'a self,
        dependencies: &'a ReviewDependencies,
        from: &'a Snapshot,
        to: &'a Snapshot,
    ) -> Result<Differences<'a>, Error> {
        Ok(self.read()?.review_differences(dependencies, from, to))
    }

    /// Calls `notify` whenever a ref has moved.
    pub fn listen(&self, notify: impl Fn() + Send + Sync + 'static) -> Result<Listening, Error> {
        Ok(self.read()?.repository().listen(notify))
    }

    /// Begins to follow one branch, or all.
    pub fn follow(&self, branch: Option<&str>) -> Result<Follower, Error> {
        Ok(self.read()?.repository().follow(branch)?)
    }

    /// Returns what has happened next.
    pub fn next(&self, follower: &mut Follower) -> Result<FollowEvent, Error> {
        Ok(self.read()?.repository().next(follower)?)
    }

    /// Opens a tap on the samples of twins; see [`crate::telemetry::Store::tap`].
    pub fn tap(
        &self,
        twins: HashSet<String>,
        capacity: usize,
        notify: impl Fn() + Send + Sync + 'static,
    ) -> Result<Tap, Error> {
        Ok(self.read()?.telemetry().tap(twins, capacity, notify))
    }

    /// Returns a review as it was recorded when it was opened.
    pub fn review(&self, identifier: &str) -> Result<Review, Error> {
        self.read()?.review(identifier)
    }

    /// Returns the identifiers of the reviews that were opened.
    pub fn reviews(&self) -> Result<Vec<String>, Error> {
        let opened = self.read()?.repository().kept_under("opened/")?;
        Ok(opened.into_iter().map(|(identifier, _)| identifier).collect())
    }

    /// Reads files for an import; see [`App::read_sources`].
    pub fn read_sources(
        &self,
        files: Vec<SourceFile>,
        options: &ImportOptions,
    ) -> Result<(SourceStatements, ReadReport), Error> {
        self.read()?.read_sources(files, options)
    }

    /// Returns the version that an import is compared with.
    pub fn import_target(&self, into: &str, recorded_at: Option<Instant>) -> Result<Snapshot, Error> {
        Ok(self.read()?.repository().import_target(into, recorded_at)?)
    }

    /// Returns the ontology of a version with other files of the user's own.
    pub fn ontology_with(
        &self,
        version: &Snapshot,
        files: &[(String, Option<String>)],
    ) -> Result<Arc<Ontology>, Error> {
        Ok(self.read()?.repository().ontology_with(version, files)?)
    }
}
