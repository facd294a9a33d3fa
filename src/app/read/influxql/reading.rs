//! What the statements of one request read: one watermark, the versions that they name, and how much they may take.

use super::error::Failure;
use super::{DATABASE, POLICY};
use crate::app::application::{App, REVIEW};
use crate::app::scope::Scope;
use crate::exchange::samples::influxql::statement::Source;
use crate::graph::{Commit, CommitId};
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::{Sample, SeriesId, View};
use crate::twins::{self, Context, ContextFaults};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// How many samples a request may read one by one; what rollups answer is not counted.
pub(super) const SAMPLES_MAX: usize = 1_000_000;
/// How many values the answer to a request may have.
pub(super) const VALUES_MAX: usize = 1_000_000;
/// How many buckets of time one statement may ask for.
pub(super) const BUCKETS_MAX: usize = 100_000;
/// How many series one statement may read.
pub(super) const SERIES_MAX: usize = 100_000;

/// How many units with a fault are named.
const MESSAGES_MAX: usize = 20;

const FEWER_SAMPLES: &str = "ask for a shorter time, fewer series or a LIMIT, or for mean, min, max, sum, count, first, last, spread or stddev, which read no samples";
const FEWER_VALUES: &str = "ask for a shorter time, longer buckets, fewer series or a LIMIT";

/// The contexts of a series, all of time long: an empty one where there is none.
pub(super) type Contexts = Rc<[(Interval, Rc<Context>)]>;

/// Refuses an answer of more values than one may have.
pub(super) fn too_many_values() -> Failure {
    Failure::limit("max-select-point", VALUES_MAX + 1, VALUES_MAX, FEWER_VALUES)
}

/// One request at work.
pub(super) struct Reading<'a> {
    app: &'a App,
    wanted: &'a Cancellation,
    view: View,
    now: Instant,
    samples: Cell<usize>,
    values: Cell<usize>,
    text: Cell<usize>,
    scopes: RefCell<HashMap<String, Rc<Scope>>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(app: &'a App, wanted: &'a Cancellation) -> Self {
        let (view, now) = (app.telemetry().now().while_wanted(wanted), app.clock().now());
        Self {
            app,
            wanted,
            view,
            now,
            samples: Cell::default(),
            values: Cell::default(),
            text: Cell::default(),
            scopes: RefCell::default(),
        }
    }

    /// Returns a version with the watermark of the request; a review has its own.
    fn scope(&self, version: &str) -> Result<Rc<Scope>, Failure> {
        if let Some(known) = self.scopes.borrow().get(version) {
            return Ok(Rc::clone(known));
        }
        let mut scope = match version.starts_with(REVIEW) {
            true => self.app.scope(version, None)?,
            false => self.app.scope_of(self.app.snapshot(version)?, self.view.clone(), self.now),
        };
        scope = scope.while_wanted(self.wanted);
        let scope = Rc::new(scope);
        self.scopes.borrow_mut().insert(version.to_owned(), Rc::clone(&scope));
        Ok(scope)
    }
}

/// The thread at one version, as a database.
pub(super) struct Database<'a> {
    reading: &'a Reading<'a>,
    pub(super) scope: Rc<Scope>,
    /// The contexts of series that were looked up.
    pub(super) contexts: RefCell<HashMap<SeriesId, Contexts>>,
    /// The units whose contexts could not be read, and why.
    pub(super) faults: RefCell<ContextFaults>,
}

impl<'a> Database<'a> {
    /// Opens `throughline`, or `throughline@VERSION`.
    pub(super) fn open(reading: &'a Reading<'a>, name: &str) -> Result<Self, Failure> {
        let version = match name.strip_prefix(DATABASE) {
            Some("") => Some("main"),
            Some(rest) => rest.strip_prefix('@').filter(|version| !version.is_empty()),
            None => None,
        };
        let hint = "the database of a thread is throughline, and throughline@VERSION at a version";
        let version =
            version.ok_or_else(|| Failure::Refused(format!("database not found: {name}: {hint}")))?;
        let scope = reading.scope(version)?;
        Ok(Self { reading, scope, contexts: RefCell::default(), faults: RefCell::default() })
    }

    /// Returns the commits behind the version, newest first, after one of them.
    pub(super) fn log(&self, after: Option<CommitId>, limit: usize) -> Result<Vec<Commit>, Failure> {
        Ok(self.reading.app.log(&self.scope.snapshot, None, after, limit)?)
    }

    pub(super) fn view(&self) -> &View {
        &self.scope.view
    }

    /// Refuses to go on where nobody waits for the answer, or its time is up.
    pub(super) fn check(&self) -> Result<(), Failure> {
        Ok(self.scope.view.still_wanted()?)
    }

    /// Counts the values of rows; refuses more than an answer may have.
    pub(super) fn count_values(&self, values: usize) -> Result<(), Failure> {
        let values = self.reading.values.get().saturating_add(values);
        self.reading.values.set(values);
        if values > VALUES_MAX { Err(too_many_values()) } else { Ok(()) }
    }

    /// Counts the bytes of texts; refuses more than an answer may have.
    pub(super) fn count_text(&self, bytes: usize) -> Result<(), Failure> {
        let bytes = self.reading.text.get().saturating_add(bytes);
        self.reading.text.set(bytes);
        let most = self.reading.app.settings().server.answer_bytes_max;
        match bytes > most {
            true => Err(Failure::Refused(format!(
                "the answer is larger than {} MB (answerMegabytes under [server] in throughline.toml): {FEWER_VALUES}",
                most / 1_000_000
            ))),
            false => Ok(()),
        }
    }

    /// Returns a message for each of the first units whose tags of the design context are empty because of a fault, and how many more there are.
    pub(super) fn messages(&self) -> Vec<String> {
        let faults = self.faults.borrow();
        let of_unit = |(name, error): (&String, &twins::Error)| {
            format!("the tags lot, part, revision, serial and site of {name} are empty: {error}")
        };
        let mut messages: Vec<String> = faults.iter().take(MESSAGES_MAX).map(of_unit).collect();
        if faults.len() > MESSAGES_MAX {
            messages.push(format!("the same tags of {} more units are empty", faults.len() - MESSAGES_MAX));
        }
        messages
    }

    /// Reads the samples of a series in a span, the first ones where they are limited; refuses more than a request may read.
    pub(super) fn samples(
        &self,
        series: SeriesId,
        within: Interval,
        limit: Option<usize>,
    ) -> Result<Vec<Sample>, Failure> {
        let left = SAMPLES_MAX - self.reading.samples.get();
        let limit = limit.unwrap_or(usize::MAX);
        let samples = self.view().samples(series, within, limit.min(left + 1))?;
        if samples.len() > left {
            return Err(Failure::limit("max-select-point", SAMPLES_MAX + 1, SAMPLES_MAX, FEWER_SAMPLES));
        }
        self.reading.samples.set(self.reading.samples.get() + samples.len());
        Ok(samples)
    }
}

/// Returns the database that the measurements of a statement name; refuses several, and retention policies that do not exist.
pub(super) fn of_sources(sources: &[Source]) -> Result<Option<&str>, Failure> {
    let mut named: Option<&str> = None;
    for source in sources {
        if let Some(policy) = source.policy.as_deref().filter(|policy| *policy != POLICY) {
            let hint = "there is one, autogen";
            return Err(Failure::Refused(format!("retention policy not found: {policy}: {hint}")));
        }
        match (named, source.database.as_deref()) {
            (Some(one), Some(other)) if one != other => {
                return Err(Failure::Refused(format!(
                    "a statement on several databases is not supported: {one} and {other}"
                )));
            }
            (_, Some(name)) => named = Some(name),
            (_, None) => {}
        }
    }
    Ok(named)
}
