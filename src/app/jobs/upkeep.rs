//! Looking after the files of a served thread: a thread packs loose objects and merges packs whenever there are many, and makes the
//! index anew where a read has found it damaged.

use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::Maintained;
use crate::model::sync::background;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

const DAY_NANOS: i64 = 86_400 * 1_000_000_000;

/// How often it is asked whether the index is damaged.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// After so many looks the loose objects are counted.
const LOOKS_PER_COUNT: u32 = 60;

/// More small packs than these are merged. Commits that are written together leave a pack each, and every pack is searched for an object.
const PACKS_MAX: usize = 32;

impl App {
    /// Packs all loose objects; where `prune` is given, also removes objects that no ref reaches and that are so many days old.
    pub fn maintain(&self, prune: Option<u32>) -> Result<Maintained, Error> {
        let mut done = self.repository().maintain(&|| false)?;
        if let Some(days) = prune {
            let before = self.clock().now().plus_nanos(-i64::from(days).saturating_mul(DAY_NANOS));
            done.pruned = self.repository().prune(before)?;
        }
        Ok(done)
    }
}

/// Looks after a thread for as long as it lives; a pack under way is given up.
#[derive(Debug)]
pub struct Upkeep {
    stop: Option<Sender<()>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Upkeep {
    /// Starts to look after a thread; objects are packed unless its settings do not want that.
    pub fn start(app: Arc<App>) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let stopping = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&stopping);
        let thread = background::spawn("maintenance", move || serve(&app, &stopped, &ends))?;
        Ok(Self { stop: Some(stop), stopping, thread: Some(thread) })
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
    let maintenance = &app.settings().maintenance;
    let mut tried = false;
    for look in 0_u32.. {
        match app.repository().is_index_damaged() {
            // Once: where it fails, the operator is to find out why.
            true if !tried => {
                tried = true;
                reindex(app);
            }
            damaged => tried &= damaged,
        }
        let repository = app.repository();
        let is_due = || {
            repository.packs_to_merge() > PACKS_MAX
                || look.is_multiple_of(LOOKS_PER_COUNT) && repository.loose_objects() > maintenance.loose
        };
        if maintenance.enabled && is_due() {
            pack(app, ends);
        }
        if look.is_multiple_of(LOOKS_PER_COUNT) {
            app.jobs().remove_copies(false);
        }
        if stopped.recv_timeout(LOOK_EVERY) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn reindex(app: &App) {
    tracing::error!(
        "the index is damaged, and is made anew from Git; reads and writes are refused meanwhile"
    );
    match app.repository().reindex() {
        Ok(()) => tracing::info!("the index was made anew"),
        Err(error) => tracing::error!(
            "the index could not be made anew: {error}; throughline fsck names what is wrong, then: throughline reindex"
        ),
    }
}

fn pack(app: &App, ends: &AtomicBool) {
    let stop = || ends.load(Ordering::Relaxed);
    match app.repository().maintain(&stop) {
        Ok(done) => {
            tracing::info!(done.packed, done.merged, done.packs, "objects were packed");
            for damaged in &done.damaged {
                tracing::error!(
                    "a damaged object stays as it is, throughline fsck describes what to do: {damaged}"
                );
            }
        }
        Err(_) if stop() => {}
        Err(error) => tracing::warn!("objects could not be packed, all stays as it was: {error}"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::model::statement::Statement;
    use crate::model::statement::change::Change;
    use crate::model::time::clock::FixedClock;
    use crate::model::time::instant::Instant;
    use oxigraph::model::{Literal, NamedNode};
    use std::os::unix::fs::MetadataExt as _;

    fn until(mut holds: impl FnMut() -> bool) {
        let end = std::time::Instant::now() + Duration::from_secs(180);
        while !holds() {
            assert!(std::time::Instant::now() < end, "it did not come to hold within three minutes");
            std::thread::yield_now();
        }
    }

    /// The damage is found by the reads that meet it, whatever they ask; nobody has to do anything about it.
    #[test]
    fn an_index_that_a_read_found_damaged_is_made_anew_beside_the_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_767_225_600)));
        let app = App::init(folder.path(), &[], "https://test.example/", clock).expect("a thread");
        let iri = |local: String| NamedNode::new_unchecked(format!("https://test.example/{local}"));
        let note = |number: usize| {
            let text = Literal::from(format!("note {number}"));
            Change::Add(Statement::new(iri(format!("r/{number}")), iri("note".to_owned()), text))
        };
        app.commit("main", (0..500).map(note).collect()).expect("a commit");
        let read = |app: &App| -> Result<Vec<Statement>, Error> {
            Ok(app.snapshot("main")?.matching(None, None, None)?)
        };
        let expect = read(&app).expect("statements");
        let app = Arc::new(app);
        let path = folder.path().join("index.redb");
        let file = || std::fs::metadata(&path).expect("the index").ino();
        let (before, mut bytes) = (file(), std::fs::read(&path).expect("the index"));
        bytes[16..].iter_mut().for_each(|byte| *byte ^= 0x5a);
        std::fs::write(&path, bytes).expect("damage");
        let upkeep = Upkeep::start(Arc::clone(&app)).expect("a thread");
        until(|| {
            // Refused or right, never something else.
            if let Ok(found) = read(&app) {
                assert_eq!(found, expect);
            }
            file() != before
        });
        until(|| !app.repository().is_index_damaged());
        assert_eq!(read(&app).expect("statements"), expect);
        app.commit("main", vec![note(500)]).expect("writing goes on");
        assert_eq!(read(&app).expect("statements").len(), expect.len() + 1);
        drop(upkeep);
    }
}
