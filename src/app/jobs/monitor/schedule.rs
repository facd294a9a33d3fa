//! The thread that runs the monitors of a served thread, at once and then whenever they are due.

use super::outcome::MonitorRun;
use crate::app::access::{Event, Operation, Outcome, Principal};
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::Author;
use crate::model::sync::background;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs monitors for as long as it lives; a run under way is ended first.
#[derive(Debug)]
pub struct Schedule {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Schedule {
    /// Starts to run the monitors of a thread; `None` where it has none.
    pub fn start(app: Arc<App>) -> io::Result<Option<Self>> {
        if app.monitors().monitors.is_empty() {
            return Ok(None);
        }
        let (stop, stopped) = channel();
        let thread = background::spawn("monitors", move || serve(&app, &stopped))?;
        Ok(Some(Self { stop: Some(stop), thread: Some(thread) }))
    }
}

impl Drop for Schedule {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its own message; a run leaves nothing half done.
            let _ = thread.join();
        }
    }
}

fn serve(app: &App, stopped: &Receiver<()>) {
    loop {
        let run = app.run_monitors(None, &Author::default(), None);
        audit(app, &run);
        match run {
            Ok(run) => {
                for (watched, problem) in run
                    .watched
                    .iter()
                    .flat_map(|watched| watched.problems.iter().map(move |one| (watched, one)))
                {
                    tracing::warn!(monitor = watched.monitor, "a monitor could not look at all: {problem}");
                }
            }
            Err(error) => tracing::warn!("the monitors could not run, the next run comes: {error}"),
        }
        let wait = u64::try_from(app.monitors().due_in(app.clock().now())).unwrap_or(0);
        if stopped.recv_timeout(Duration::from_nanos(wait)) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Logs a run that changed something or failed: nobody else does, as no principal asked for it.
fn audit(app: &App, run: &Result<MonitorRun, Error>) {
    let (outcome, commit, reason) = match run {
        Ok(run) => match &run.committed {
            Some(committed) => (Outcome::Done, Some(committed.commit.id.to_string()), None),
            None => return,
        },
        Err(error) => (Outcome::Failed, None, Some(error.to_string())),
    };
    app.access().operations().note(Operation::RunMonitors, outcome);
    if !app.access().is_configured() {
        return;
    }
    let event = Event::of(&Principal::local(), Operation::RunMonitors.as_str(), outcome);
    let on = Some(format!("scheduled, on {}", app.monitors().branch));
    if let Err(error) = app.access().audit().record(Event { on, commit, reason, ..event }) {
        tracing::error!(%error, "what the monitors did is not in the audit log");
    }
}
