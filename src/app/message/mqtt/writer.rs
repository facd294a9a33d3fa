//! The one batch that is being stored while more arrives; what could not be stored is kept, and tried again.

use super::back_off::back_off;
use super::intake::Pending;
use super::units::Report;
use crate::model::sync::background::within_span;
use crate::telemetry::{Batch, Written};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Stores a batch, and then what births and deaths have changed; both are on the disk on return.
pub(in crate::app) type Store = Arc<dyn Fn(Batch, &[Report]) -> Result<Written, String> + Send + Sync>;

/// A batch that is being stored.
struct Writing {
    pending: Arc<Pending>,
    task: JoinHandle<Result<Written, String>>,
}

/// Stores batches, one at a time.
pub(super) struct Writer {
    /// The name of the broker.
    name: String,
    store: Store,
    /// Between the beginnings of two batches that are not full.
    every: Duration,
    writing: Option<Writing>,
    /// What could not be stored, and is tried again.
    again: Option<Arc<Pending>>,
    /// How often in a row that has failed.
    failures: u32,
    /// No batch is begun before.
    next: Instant,
}

impl Writer {
    pub(super) fn new(name: &str, store: Store, every: Duration) -> Self {
        let (writing, again, failures, next) = (None, None, 0, Instant::now());
        Self { name: name.to_owned(), store, every, writing, again, failures, next }
    }

    /// Returns whether a batch is being stored.
    pub(super) fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Returns whether there is something that could not be stored.
    pub(super) fn has_again(&self) -> bool {
        self.again.is_some()
    }

    /// Returns before when no batch is begun.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Returns whether the last batch could not be stored.
    pub(super) fn has_failed(&self) -> bool {
        self.failures > 0
    }

    /// Has the next batch begin at once.
    pub(super) fn hurry(&mut self) {
        self.next = Instant::now();
    }

    /// Begins to store what could not be stored before, else what is handed out, where that is due and nothing is being stored; returns
    /// whether it did.
    pub(super) fn begin(&mut self, is_full: bool, hand_out: impl FnOnce() -> Option<Pending>) -> bool {
        let now = Instant::now();
        let is_due = self.next <= now || is_full && self.failures == 0;
        if self.is_writing() || !is_due {
            return false;
        }
        let Some(pending) = self.again.take().or_else(|| hand_out().map(Arc::new)) else { return false };
        let (store, given) = (Arc::clone(&self.store), Arc::clone(&pending));
        // The batch is kept until it is stored: it is tried again where that fails.
        let task =
            tokio::task::spawn_blocking(within_span(move || store(given.batch.clone(), &given.reports)));
        self.next = now + self.every;
        self.writing = Some(Writing { pending, task });
        true
    }

    /// Waits for the end of a write. A panic is a failure like others.
    pub(super) async fn stored(&mut self) -> Result<Written, String> {
        match &mut self.writing {
            Some(Writing { task, .. }) => task.await.unwrap_or_else(|error| Err(error.to_string())),
            None => std::future::pending().await,
        }
    }

    /// Takes notice of the end of a write; returns the batch with what the store made of it, an error where it is tried again.
    pub(super) fn finish(
        &mut self,
        stored: Result<Written, String>,
    ) -> Option<Result<(Arc<Pending>, Written), String>> {
        let Writing { pending, .. } = self.writing.take()?;
        match stored {
            Ok(written) => {
                self.failures = 0;
                Some(Ok((pending, written)))
            }
            Err(reason) => {
                self.failures += 1;
                self.next = Instant::now() + back_off(&self.name, self.failures);
                self.again = Some(pending);
                Some(Err(reason))
            }
        }
    }

    /// Waits for a write under way, at most so long. What it has stored is not acknowledged, and comes again.
    pub(super) async fn leave(&mut self, most: Duration) {
        if let Some(Writing { task, .. }) = self.writing.take() {
            let _ = tokio::time::timeout(most, task).await;
        }
    }
}
