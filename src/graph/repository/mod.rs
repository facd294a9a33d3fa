//! One thread on disk: the Git repository that is the truth, the index derived from it, and the lock that makes this
//! process their only writer.
//!
//! Folder: `thread.git/` (bare), `index.redb` (derived, may be deleted), `lock`. The tree of every commit holds
//! `throughline.toml` ([`super::text::format`]), `ontology/*.ttl`, and the documents where [`super::text::document`] puts them.

pub(super) mod commit_queue;
pub(in crate::graph) mod figures;
pub(super) mod folder_lock;
pub(super) mod ontology_change;
pub(super) mod open_to_read;
pub(super) mod panics;
pub(super) mod slots;
pub(super) mod temporary;
pub(in crate::graph) mod turns;
pub(super) mod writer;

use super::error::{Error, io};
use super::git::store::History;
use super::index;
use super::index::commits::Placed;
use super::index::read::tables::Tables;
use super::index::read::view::View;
use super::index::storage::catch_panics::guarded;
use super::index::store::{CACHE_BYTES, Index};
use super::model::commit::{Author, CommitId};
use super::model::draft::Draft;
use super::model::indexed_refs::Stamps;
use super::model::ref_name::{self, MAIN, branch_ref};
use super::read::log_walk::Walks;
use super::read::snapshot::{Inner, Snapshot};
use super::read::version;
use super::read::version_cache::{LatestFound, VersionCache};
use super::sync::catch_up::{catch_up, make_beside};
use super::sync::lost_refs::{self, OnLoss};
use super::sync::ontology_files::{first_files, ontology_files};
use super::sync::settings::read_base;
use super::text::format::Format;
use crate::model::durable::{self, remove_if_there};
use crate::model::sync::file_lock::{FileIdentity, FileLock};
use crate::model::time::clock::Clock;
use crate::ontology::Ontology;
use commit_queue::CommitQueue;
use folder_lock::{LOCK, hold};
use oxigraph::model::NamedNode;
use slots::Slots;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use temporary::Temporary;
use turns::Turns;
use writer::Writer;

/// One thread: all its versions, and the way to make new ones.
pub struct Repository {
    pub(super) history: Mutex<Writer>,
    /// Commits that wait to be written.
    pub(super) queue: CommitQueue,
    /// Taken by whoever validates a small commit.
    pub(super) validating: Slots,
    /// Requests under way that make no commit of their own, by their keys.
    pub(super) requests: Turns,
    /// A second handle on the same Git repository, so that reading never waits for a writer.
    pub(super) reader: Mutex<History>,
    pub(super) index: Index,
    /// The ontologies read of late, the last one used at the end.
    pub(super) ontologies: Mutex<Vec<([u8; 20], Arc<Ontology>)>>,
    pub(super) memory: Arc<VersionCache>,
    pub(super) latest: Arc<LatestFound>,
    pub(super) walks: Walks,
    pub(super) base: Arc<str>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) folder: PathBuf,
    /// Which folder held the Git repository when it was opened.
    pub(super) git: FileIdentity,
    /// Locked by the only process that writes; none where the thread is only read.
    pub(super) lock: Option<FileLock>,
    /// Locked while packs are rewritten.
    pub(super) packing: Mutex<()>,
    /// What reading holds on to.
    pub(super) _read: Option<(Temporary, Option<FileLock>)>,
}

/// What keeps the folder of a thread from others while it is open.
struct Holding {
    lock: Option<FileLock>,
    read: Option<(Temporary, Option<FileLock>)>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Repository({})", self.base)
    }
}

/// How many ontologies are kept in memory.
const ONTOLOGIES_MAX: usize = 16;

/// The file of the index.
pub(super) const INDEX: &str = "index.redb";
/// The file of an index that is being made anew.
const INDEX_MADE: &str = "index.new.redb";
/// The file of an index that a check makes for comparison.
pub(super) const INDEX_COMPARED: &str = "index.check.redb";
/// The folder of the Git repository.
pub(super) const GIT: &str = "thread.git";

impl Repository {
    /// Makes a thread whose own names begin with `base`; `ontology` holds the user's own files: (file name, Turtle).
    pub fn init(
        folder: &Path,
        ontology: &[(String, String)],
        base: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        Self::init_as(Format::NEWEST, folder, ontology, base, clock)
    }

    /// Like [`Self::init`], in a format of its own.
    pub(super) fn init_as(
        format: Format,
        folder: &Path,
        ontology: &[(String, String)],
        base: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        if !base.ends_with('/') || NamedNode::new(base).is_err() {
            return Err(Error::NoBase(base.to_owned()));
        }
        let git = folder.join("thread.git");
        if git.exists() {
            return Err(Error::ThreadExists(folder.to_owned()));
        }
        durable::make_folders(folder).map_err(|source| io(folder, source))?;
        let lock = hold(folder)?;
        let files = first_files(ontology, base, format)?;
        // Made beside its place and moved there whole, so that no kill leaves half a thread.
        let begun = folder.join("thread.git.new");
        if begun.exists() {
            std::fs::remove_dir_all(&begun).map_err(|source| io(&begun, source))?;
        }
        let history = History::init(&begun)?;
        let draft = Draft {
            parents: Vec::new(),
            author: Author::default(),
            time: clock.now(),
            message: "Begin the thread".to_owned(),
            loaded: None,
            idempotency_key: None,
        };
        let first = history.write_commit(&draft, &files)?;
        history.move_ref(&branch_ref(MAIN), first.commit.id, None)?;
        drop(history);
        std::fs::rename(&begun, &git).map_err(|source| io(&git, source))?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|source| io(folder, source))?;
        Self::open_locked(folder, lock, clock)
    }

    /// Opens a thread with an index made anew from Git. It is made beside the one that is there, which goes only once the
    /// new one is whole: where Git cannot be read, what answered before goes on to answer.
    pub fn rebuild(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        if !folder.join("thread.git").exists() {
            return Err(Error::NoThread(folder.to_owned()));
        }
        let lock = hold(folder)?;
        let history = History::open_repaired(&folder.join(GIT))?;
        history.remove_stale_locks().map_err(|source| io(folder, source))?;
        let stamps = Index::stamps_of(&folder.join(INDEX));
        lost_refs::restore(&history, &stamps, history.is_marked_open())?;
        drop(remake_index(&history, folder, &stamps)?);
        Self::open_locked(folder, lock, clock)
    }

    /// Makes the index of a thread in service anew from Git, in a file beside it. Who reads meanwhile reads on in the old one, if that is
    /// sound; nobody writes meanwhile.
    pub fn reindex(&self) -> Result<(), Error> {
        self.refuse_lost_folder()?;
        let writer = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        if self.lock.is_none() {
            return Err(Error::ReadOnly(self.folder.clone()));
        }
        let is_damaged = self.index.is_damaged();
        let stamps = match is_damaged {
            true => Index::stamps_of(&self.folder.join(INDEX)),
            false => self.index.tables()?.stamps()?,
        };
        lost_refs::restore(&writer.history, &stamps, is_damaged)?;
        self.index.replace(&remake_index(&self.fresh_reader()?, &self.folder, &stamps)?);
        self.latest.clear();
        Ok(())
    }

    /// Returns whether a read has found the index damaged: then nothing is read or written until it is made anew.
    pub fn is_index_damaged(&self) -> bool {
        self.index.is_damaged()
    }

    /// Returns the folder of the thread.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Refuses to write where another process may have opened the folder.
    pub(super) fn refuse_lost_folder(&self) -> Result<(), Error> {
        let Some(lock) = &self.lock else { return Err(Error::ReadOnly(self.folder.clone())) };
        match lock.is_at(&self.folder.join(LOCK)) && self.git.is_at(&self.folder.join(GIT)) {
            true => Ok(()),
            false => Err(Error::LostFolder(self.folder.clone())),
        }
    }

    /// Counts the commits that branches, tags and kept versions reach.
    pub fn commit_count(&self) -> Result<u64, Error> {
        Ok(self.index.tables()?.commit_count()?)
    }

    /// Returns the bytes that the index takes of its file, without the pages that are free to be written again.
    pub fn index_bytes(&self) -> Result<u64, Error> {
        Ok(self.index.bytes()?)
    }

    /// Opens a thread and brings its index up to what Git holds.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        if !folder.join("thread.git").exists() {
            return Err(Error::NoThread(folder.to_owned()));
        }
        let lock = hold(folder)?;
        Self::open_locked(folder, lock, clock)
    }

    fn open_locked(folder: &Path, lock: FileLock, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let git = folder.join("thread.git");
        let history = History::open(&git)?;
        for left in [INDEX_MADE, INDEX_COMPARED].map(|name| folder.join(name)) {
            remove_if_there(&left).map_err(|source| io(&left, source))?;
        }
        let noted = |source| io(&folder.join(LOCK), source);
        let is_copy = folder_lock::was_copied(&lock, folder).map_err(noted)?;
        if is_copy {
            tracing::warn!(
                folder = %folder.display(),
                "the folder was copied while a process had it open: all history is read, and the index made anew"
            );
        }
        let path = folder.join(INDEX);
        let index = match is_copy {
            true => Index::create(&path, CACHE_BYTES),
            false => Index::open(&path, CACHE_BYTES, history.was_killed()),
        };
        let mut index = index.map_err(|error| match error.is_locked() {
            true => Error::Locked(folder.to_owned()),
            false => error.into(),
        })?;
        let on_loss = OnLoss::Restore { may_lag: history.was_killed() };
        // A start that is refused after a kill leaves the mark of the kill to the next one: what the index knows may still lag.
        let mut writer = Writer::new(history);
        writer.stopped = writer.history.was_killed();
        let caught_up = match guarded(|| catch_up(&writer.history, &index, on_loss)) {
            Err(Error::Index(error)) if index.is_damaged() || error.is_corrupt() => {
                tracing::warn!("the index is damaged, and is made anew from Git: {error}");
                made_anew(&writer.history, folder).map(|anew| index = anew)
            }
            caught_up => caught_up,
        };
        let caught_up = caught_up.and_then(|()| read_base(&writer.history));
        // Where that fails in a copy, the note of the copied process stays: the next start looks once more.
        let base = caught_up.map_err(|error| match error {
            Error::Git(source) if is_copy => Error::TornCopy { folder: folder.to_owned(), source },
            Error::Unreadable { reason, .. } if is_copy => {
                Error::TornCopy { folder: folder.to_owned(), source: git2::Error::from_str(&reason) }
            }
            error => error,
        })?;
        folder_lock::mark_open(&lock, folder).map_err(noted)?;
        writer.stopped = false;
        Self::of(folder, writer, index, base, clock, Holding { lock: Some(lock), read: None })
    }

    /// Puts a thread together of what is open.
    fn of(
        folder: &Path,
        writer: Writer,
        index: Index,
        base: Arc<str>,
        clock: Arc<dyn Clock>,
        holding: Holding,
    ) -> Result<Self, Error> {
        let git = folder.join(GIT);
        Ok(Self {
            reader: Mutex::new(History::open_reader(&git)?),
            history: Mutex::new(writer),
            queue: CommitQueue::default(),
            validating: Slots::default(),
            requests: Turns::default(),
            index,
            ontologies: Mutex::default(),
            memory: Arc::default(),
            latest: Arc::default(),
            walks: Walks::default(),
            base,
            clock,
            folder: folder.to_owned(),
            git: FileIdentity::of(&git).map_err(|source| io(&git, source))?,
            lock: holding.lock,
            packing: Mutex::default(),
            _read: holding.read,
        })
    }

    /// Brings the index up to the refs of the Git repository.
    pub(super) fn catch_up_with(&self, writer: &Writer) -> Result<(), Error> {
        catch_up(&writer.history, &self.index, OnLoss::Restore { may_lag: false })
    }

    /// Returns the IRI that the thread's own names begin with.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Returns one version, by any of its names: branch, tag, `review:ID`, commit id or unique prefix,
    /// `branch@instant`, or an instant (of `main`).
    pub fn snapshot(&self, name: &str) -> Result<Snapshot, Error> {
        let tables = self.index.tables()?;
        match version::resolve(name, &tables) {
            Ok(placed) => self.snapshot_of(tables, placed),
            Err(Error::UnknownVersion(unknown)) => Err(self.unreadable(name, Error::UnknownVersion(unknown))),
            Err(error) => Err(error),
        }
    }

    /// Returns why a name refers to nothing: what it names cannot be read, or else `unknown`.
    pub(super) fn unreadable(&self, name: &str, unknown: Error) -> Error {
        let review =
            name.strip_prefix("review:").map(|review| ref_name::kept_ref(&format!("review/{review}")));
        let named = [branch_ref(name), ref_name::tag_ref(name)].into_iter().chain(review);
        match named.into_iter().find_map(|reference| self.index.unreadable(&reference)) {
            Some(reason) => Error::Unreadable { name: name.to_owned(), reason },
            None => unknown,
        }
    }

    /// Returns the version that a commit is.
    pub fn snapshot_at(&self, id: CommitId) -> Result<Snapshot, Error> {
        let tables = self.index.tables()?;
        let placed = tables.commit(id)?.ok_or_else(|| Error::UnknownVersion(id.to_string()))?;
        self.snapshot_of(tables, placed)
    }

    pub(super) fn snapshot_of(&self, tables: Tables, placed: Placed) -> Result<Snapshot, Error> {
        let ontology = self.ontology(placed.ontology)?;
        let view = View::new(tables, &placed)?;
        let (base, memory) = (self.base.clone(), Arc::clone(&self.memory));
        let latest = Arc::clone(&self.latest);
        Ok(Snapshot(Arc::new(Inner { view, placed, ontology, base, memory, latest })))
    }

    fn ontology(&self, tree: [u8; 20]) -> Result<Arc<Ontology>, Error> {
        if let Some(ontology) = self.known_ontology(tree) {
            return Ok(ontology);
        }
        // Read without the lock: a reader that knows its ontology already need not wait for this one.
        let files = ontology_files(&self.read(), tree)?;
        let ontology = Ontology::read(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
        let ontology = Arc::new(ontology);
        let mut known = self.ontologies.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ONTOLOGIES_MAX {
            known.remove(0);
        }
        known.push((tree, Arc::clone(&ontology)));
        Ok(ontology)
    }

    fn known_ontology(&self, tree: [u8; 20]) -> Option<Arc<Ontology>> {
        let mut known = self.ontologies.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().rposition(|(known, _)| *known == tree)?;
        known[at..].rotate_left(1);
        known.last().map(|(_, ontology)| Arc::clone(ontology))
    }

    /// Refuses where this process does not write any more, and gives the reason.
    pub fn check_writable(&self) -> Result<(), Error> {
        self.refuse_lost_folder()?;
        self.index.refuse_damaged()?;
        // Whoever writes just now holds the lock; nobody waits for that here.
        let stopped = match self.history.try_lock() {
            Ok(writer) => writer.stopped,
            Err(std::sync::TryLockError::WouldBlock) => false,
            Err(std::sync::TryLockError::Poisoned(writer)) => writer.into_inner().stopped,
        };
        if stopped { Err(Error::Stopped) } else { Ok(()) }
    }

    /// Returns whether this process still writes; after a write that failed half-way it does not.
    pub fn is_writable(&self) -> bool {
        self.check_writable().is_ok()
    }

    /// Returns the head of a branch; other names of versions name none.
    pub fn head(&self, branch: &str) -> Result<Snapshot, Error> {
        let tables = self.index.tables()?;
        let unknown = || Error::UnknownBranch(branch.to_owned());
        let id = tables.reference(&branch_ref(branch))?;
        let id = id.ok_or_else(|| self.unreadable(branch, unknown()))?;
        let placed = tables.commit(id)?.ok_or_else(unknown)?;
        self.snapshot_of(tables, placed)
    }

    /// Refuses where it is known without waiting that nothing can be written.
    pub(super) fn refuse_unwritable(&self) -> Result<(), Error> {
        self.index.refuse_damaged()?;
        self.refuse_lost_folder()
    }

    pub(super) fn writer(&self) -> Result<MutexGuard<'_, Writer>, Error> {
        self.refuse_unwritable()?;
        // A panic while something was written has stopped the writer; one before that has left nothing behind.
        let writer = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        self.history.clear_poison();
        if writer.stopped { Err(Error::Stopped) } else { Ok(writer) }
    }

    /// Opens a reader of its own for long work, so that nobody waits for it.
    pub(super) fn fresh_reader(&self) -> Result<History, Error> {
        Ok(History::open_reader(self.read().folder())?)
    }

    pub(super) fn read(&self) -> MutexGuard<'_, History> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.lock.as_ref().map(folder_lock::mark_closed) {
            tracing::warn!(%error, "the next start takes this for a kill");
        }
    }
}

/// Makes an index anew that a start has found damaged; what it knows of lost refs is settled first.
fn made_anew(history: &History, folder: &Path) -> Result<Index, Error> {
    let stamps = Index::stamps_of(&folder.join(INDEX));
    lost_refs::restore(history, &stamps, history.was_killed())?;
    remake_index(history, folder, &stamps)
}

/// Makes the index of a thread anew from Git, beside the one that is there, which goes once the new one is whole; opens it.
fn remake_index(history: &History, folder: &Path, known: &Stamps) -> Result<Index, Error> {
    let (made, index) = (folder.join(INDEX_MADE), folder.join(INDEX));
    make_beside(history, &made, CACHE_BYTES, |index| {
        index.keep_unreadable(known)?;
        Ok(index.refuse_unwritten()?)
    })?;
    std::fs::rename(&made, &index).map_err(|source| io(&index, source))?;
    let opened = Index::open_kept(&index, CACHE_BYTES, false)?;
    Ok(opened.ok_or_else(index::Error::damaged)?)
}
