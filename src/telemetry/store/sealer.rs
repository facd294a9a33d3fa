//! The thread that seals, lets old samples go and compacts in the background.

use super::shared::Shared;
use crate::model::sync::background;
use crate::telemetry::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is looked whether samples have become too old, beside after each sealing.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// A thread that waits to be woken; it ends with the store.
#[derive(Debug)]
pub(in crate::telemetry) struct Sealer {
    requests: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sealer {
    /// Starts the thread.
    pub(in crate::telemetry) fn start(shared: Arc<Shared>) -> Result<Self, Error> {
        // One waiting call is enough: it serves every call made meanwhile.
        let (requests, calls) = sync_channel(1);
        let folder = shared.folder().to_owned();
        let thread = background::spawn("telemetry-seal", move || serve(&shared, &calls))
            .map_err(Error::io("start the sealing of", &folder))?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    /// Asks for a sealing soon.
    pub(super) fn wake(&self) {
        if let Some(requests) = &self.requests {
            // A full channel means that a call is waiting already.
            let _ = requests.try_send(());
        }
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its own message; the log still holds every row.
            let _ = thread.join();
        }
    }
}

fn serve(shared: &Shared, calls: &Receiver<()>) {
    while calls.recv_timeout(LOOK_EVERY) != Err(RecvTimeoutError::Disconnected) {
        // What panics once need not the next time, and without this thread writers would have to seal.
        if catch_unwind(AssertUnwindSafe(|| look(shared))).is_err() {
            tracing::error!("the upkeep of the telemetry store broke off, it is tried again");
        }
    }
}

fn look(shared: &Shared) {
    if shared.is_stopping() {
        return;
    }
    if shared.wants_sealing()
        && let Err(error) = shared.seal()
    {
        tracing::warn!("the telemetry store could not be sealed, its log stays: {error}");
    }
    if let Err(error) = shared.maintain() {
        tracing::warn!("the telemetry store could not be compacted, all stays as it was: {error}");
    }
}
