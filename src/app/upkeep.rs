//! The thread that packs the loose objects of a served thread, whenever there are many.

use super::application::App;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the loose objects are counted.
const COUNT_EVERY: Duration = Duration::from_secs(60);

/// Packs objects for as long as it lives; a pack under way is given up.
#[derive(Debug)]
pub struct Upkeep {
    stop: Option<Sender<()>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Upkeep {
    /// Starts to look after a thread; `None` where its settings do not want that.
    pub fn start(app: Arc<App>) -> io::Result<Option<Self>> {
        if !app.settings().maintenance.enabled {
            return Ok(None);
        }
        let (stop, stopped) = channel();
        let stopping = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&stopping);
        let thread = std::thread::Builder::new()
            .name("maintenance".to_owned())
            .spawn(move || serve(&app, &stopped, &ends))?;
        Ok(Some(Self { stop: Some(stop), stopping, thread: Some(thread) }))
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has printed its own message; every object is still somewhere.
            let _ = thread.join();
        }
    }
}

fn serve(app: &App, stopped: &Receiver<()>, ends: &AtomicBool) {
    loop {
        if app.repository().loose_objects() > app.settings().maintenance.loose {
            pack(app, ends);
        }
        if stopped.recv_timeout(COUNT_EVERY) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn pack(app: &App, ends: &AtomicBool) {
    let stop = || ends.load(Ordering::Relaxed);
    match app.repository().maintain(&stop) {
        Ok(done) => {
            tracing::info!(done.packed, done.merged, done.packs, "objects were packed");
            for damaged in &done.damaged {
                tracing::error!(
                    "a damaged object stays as it is, throughline fsck says what to do: {damaged}"
                );
            }
        }
        Err(_) if stop() => {}
        Err(error) => tracing::warn!("objects could not be packed, all stays as it was: {error}"),
    }
}
