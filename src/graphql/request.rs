//! One request: what it reads is the same wherever it reads it.

use super::about::About;
use super::error::Error;
use super::progress::{Changes, Progress};
use super::turn::Writing;
use crate::app::{REVIEW, Scope, Session};
use crate::graph::{CommitId, Snapshot};
use crate::model::sync::cancellation::{Cancellation, Cancelled};
use crate::model::time::instant::Instant;
use crate::telemetry::View;
use crate::thread::Suspects;
use serde_json::Value as Json;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

/// What a request reads: one present instant, one watermark, and each named version once.
pub(crate) struct Request {
    pub(crate) session: Session,
    pub(crate) now: Instant,
    view: OnceCell<View>,
    snapshots: RefCell<HashMap<String, Snapshot>>,
    suspects: RefCell<HashMap<CommitId, Rc<Suspects>>>,
    cancellation: Cancellation,
    /// From when on it is worth asking the cancellation again.
    look_at: Cell<std::time::Instant>,
    changes: Changes,
    writing: Option<Writing>,
    about: RefCell<About>,
}

/// Fields are many and quick, so that a request looks this seldom whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(1);

impl Request {
    pub(crate) fn new(session: Session, cancellation: Cancellation, changes: Changes) -> Self {
        let now = session.clock().now();
        let (view, snapshots, suspects) = (OnceCell::new(), RefCell::default(), RefCell::default());
        let look_at = Cell::new(std::time::Instant::now());
        Self {
            session,
            now,
            view,
            snapshots,
            suspects,
            cancellation,
            look_at,
            changes,
            writing: None,
            about: RefCell::default(),
        }
    }

    /// Returns the request with what waits for the turn of a mutation.
    pub(super) fn with_writing(self, writing: Option<Writing>) -> Self {
        Self { writing, ..self }
    }

    /// Returns the request with a view that counts what is asked of it.
    #[cfg(test)]
    pub(crate) fn watched(self) -> Self {
        let view = self.session.view(None).expect("the telemetry").while_wanted(&self.cancellation).watched();
        Self { view: OnceCell::from(view), ..self }
    }

    /// Notes what the request is.
    pub(super) fn note(&self, note: impl FnOnce(&mut About)) {
        note(&mut self.about.borrow_mut());
    }

    /// Returns what the request is, as far as that was noted.
    pub(super) fn about(&self) -> About {
        self.about.borrow().clone()
    }

    /// Returns until when the request is wanted.
    pub(crate) const fn cancellation(&self) -> &Cancellation {
        &self.cancellation
    }

    /// Returns how many bytes the answer may take.
    pub(crate) fn answer_bytes_max(&self) -> usize {
        self.session.settings().server.answer_bytes_max
    }

    /// Refuses to go on where the request has taken too long or nobody waits for it; may wait for others.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let now = std::time::Instant::now();
        if now < self.look_at.get() {
            return Ok(());
        }
        self.cancellation.check()?;
        self.look_at.set(now + LOOK_EVERY);
        Ok(())
    }

    /// Notes that something may be changed, and waits for the turn of a mutation.
    pub(crate) fn wait_to_write(&self) -> Result<(), Error> {
        self.changes.expect();
        match &self.writing {
            Some(writing) => writing.wait(&self.cancellation, 0).map_err(not_started),
            None => Ok(()),
        }
    }

    /// Notes that a change begins; refused where the request was given up.
    pub(crate) fn begin_change(&self) -> Result<(), Error> {
        self.changes.begin()
    }

    /// Notes that a change has ended, well or not; returns whether it was made.
    pub(crate) fn end_change(&self, succeeded: bool) -> bool {
        self.changes.end(succeeded)
    }

    /// Notes that the change under way was refused, which is part of the answer and no error of its field.
    pub(crate) fn note_refused(&self) {
        self.changes.note_refused();
    }

    /// Returns how many changes were made so far.
    pub(crate) fn changes_made(&self) -> usize {
        self.changes.made()
    }

    /// Returns a version by any of its names.
    pub(crate) fn snapshot(&self, version: &str) -> Result<Snapshot, Error> {
        if let Some(snapshot) = self.snapshots.borrow().get(version) {
            return Ok(snapshot.clone());
        }
        let snapshot = self.session.snapshot(version)?.while_wanted(&self.cancellation);
        self.snapshots.borrow_mut().insert(version.to_owned(), snapshot.clone());
        Ok(snapshot)
    }

    /// Notes that the change under way was made, and forgets which versions names refer to, as it has moved them.
    pub(crate) fn forget(&self) {
        self.changes.note_made();
        self.snapshots.borrow_mut().clear();
    }

    /// Returns what finds the suspect links of a version, and remembers their targets.
    pub(crate) fn suspects(&self, snapshot: &Snapshot) -> Rc<Suspects> {
        let mut known = self.suspects.borrow_mut();
        Rc::clone(known.entry(snapshot.commit().id).or_insert_with(|| Rc::new(Suspects::new(snapshot))))
    }

    /// Returns the telemetry as it is known now, or as it was known at a watermark.
    pub(crate) fn view(&self, as_known_at: Option<&str>) -> Result<View, Error> {
        match as_known_at {
            Some(watermark) => Ok(self.session.view(Some(watermark))?.while_wanted(&self.cancellation)),
            None => match self.view.get() {
                Some(view) => Ok(view.clone()),
                None => {
                    let now = self.session.view(None)?.while_wanted(&self.cancellation);
                    Ok(self.view.get_or_init(|| now).clone())
                }
            },
        }
    }

    /// Returns one version and one watermark; a review names both.
    pub(crate) fn scope(&self, version: &str, as_known_at: Option<&str>) -> Result<Scope, Error> {
        if version.starts_with(REVIEW) {
            let scope = self.session.scope(version, as_known_at)?;
            let view = scope.view.while_wanted(&self.cancellation);
            let snapshot = scope.snapshot.while_wanted(&self.cancellation);
            return Ok(Scope { snapshot, view, ..scope });
        }
        let (snapshot, view) = (self.snapshot(version)?, self.view(as_known_at)?);
        Ok(self.session.scope_of(snapshot, view, self.now))
    }
}

/// Reports that a change which waited in vain was not made.
pub(super) fn not_started(cancelled: Cancelled) -> Error {
    let mut error = Error::from(cancelled);
    error.message.push_str("; the change waited for others, and nothing of it was committed");
    error.details.insert("outcome".to_owned(), Json::from(Progress::NotCommitted.as_str()));
    error
}
