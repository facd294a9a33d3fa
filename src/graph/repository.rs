//! One thread on disk: the Git repository that is the truth, the index derived from it, and the lock that makes this
//! process their only writer.
//!
//! Folder: `thread.git/` (bare), `index.redb` (derived, may be deleted), `lock`. The tree of every commit holds
//! `throughline.toml` ([`super::format`]), `ontology/*.ttl`, and the documents where [`super::document`] puts them.

use super::catch_up::{catch_up, make_beside};
use super::commit::{Author, Commit, CommitId};
use super::error::{Conflict, Error};
use super::folder::remove_if_there;
use super::folder_lock::{self, LOCK, hold};
use super::format::Format;
use super::history::{Draft, Files, History, Recorded};
use super::index::commits::Placed;
use super::index::store::{CACHE_BYTES, Index};
use super::index::update::DocumentDelta;
use super::index::view::{Tables, View};
use super::log::Walks;
use super::lost_refs::{self, OnLoss};
use super::memory::Memory;
use super::merge::{Clash, Decisions, Sides, Theirs, merge, settle_links};
use super::ontology_files::{first_files, ontology_files};
use super::panics::{self, caught};
use super::reserved::Maker;
use super::rewritten::Remembered;
use super::said::Said;
use super::snapshot::{Inner, Snapshot};
use super::temporary::Temporary;
use super::transaction::{Transaction, instances_of_all};
use super::version::{self, MAIN, branch_ref};
use super::{index, window};
use crate::model::cancellation::Cancellation;
use crate::model::change::Change;
use crate::model::clock::Clock;
use crate::model::durable;
use crate::model::held::Held;
use crate::model::use_case::UseCase;
use crate::ontology::{Ontology, Violation};
use oxigraph::model::NamedNode;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One thread: all its versions, and the way to make new ones.
pub struct Repository {
    pub(super) history: Mutex<Writer>,
    /// A second handle on the same Git repository, so that reading never waits for a writer.
    pub(super) reader: Mutex<History>,
    pub(super) index: Index,
    /// The ontologies read of late, the last one used at the end.
    pub(super) ontologies: Mutex<Vec<([u8; 20], Arc<Ontology>)>>,
    pub(super) memory: Arc<Memory>,
    pub(super) rewritten: Arc<Remembered>,
    pub(super) walks: Walks,
    pub(super) base: Arc<str>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) folder: PathBuf,
    /// Held by the only process that writes; none where the thread is only read.
    pub(super) lock: Option<Held>,
    /// Locked by whoever rewrites packs.
    pub(super) packing: Mutex<()>,
    /// What reading holds on to.
    pub(super) _read: Option<(Temporary, Option<File>)>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Repository({})", self.base)
    }
}

pub(super) struct Writer {
    pub(super) history: History,
    /// Set when a write failed half-way: nothing more is written by this process.
    stopped: bool,
}

/// What a commit is asked for.
#[derive(Clone, Debug, Default)]
pub struct CommitRequest {
    /// The branch that takes the commit.
    pub branch: String,
    /// What the commit says of itself.
    pub message: String,
    /// Who makes it.
    pub author: Author,
    /// What changes, in order.
    pub changes: Vec<Change>,
    /// Ontology files that are set (or removed, with `None`).
    pub ontology: Vec<(String, Option<String>)>,
    /// The head that the changes were made against. Where the branch has moved since, they are merged, or clash.
    pub expected_head: Option<CommitId>,
    /// Whether a head that has moved is refused even where the merge would be clean.
    pub exact: bool,
    /// A name for this request: the same key again gives the same commit again.
    pub idempotency_key: Option<String>,
    /// The use case of the service that makes it; `None`: a client, who may not write what is reserved to use cases.
    pub use_case: Option<UseCase>,
    /// Until when it is wanted: it is given up where that ends before anything of it is written.
    pub wanted: Cancellation,
}

/// What a commit came to.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The new commit, or the head as it was where nothing changed.
    pub commit: Commit,
    /// How many statements came or went.
    pub changed: usize,
    /// What a new ontology finds wrong in the data that was there before it.
    pub broken: Vec<Violation>,
    /// Whether the commit was made before, by a request with the same idempotency key.
    pub replayed: bool,
}

impl Committed {
    /// Says that nothing was to change.
    pub(super) fn nothing(head: &Snapshot) -> Self {
        Self { commit: head.commit().clone(), changed: 0, broken: Vec::new(), replayed: false }
    }
}

/// By so much, in nanoseconds, the clock may read less than when the thread began: that clock may have been ahead.
const CLOCK_BEHIND_MAX: i64 = 86_400 * 1_000_000_000;

/// So many ontologies are kept in memory.
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

    /// Does as [`Self::init`] in a format of its own.
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
        Self::open_held(folder, lock, clock)
    }

    /// Opens a thread with an index made anew from Git. It is made beside the one that is there, which goes only once the
    /// new one is whole: where Git cannot be read, what answered before goes on to answer.
    pub fn rebuild(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        if !folder.join("thread.git").exists() {
            return Err(Error::NoThread(folder.to_owned()));
        }
        let lock = hold(folder)?;
        let history = History::open_reader(&folder.join(GIT))?;
        history.remove_stale_locks().map_err(|source| io(folder, source))?;
        let stamps = Index::stamps_of(&folder.join(INDEX));
        lost_refs::restore(&history, &stamps, history.is_marked_open())?;
        drop(remake_index(&history, folder)?);
        Self::open_held(folder, lock, clock)
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
        self.index.replace(&remake_index(&self.fresh_reader()?, &self.folder)?);
        self.rewritten.forget();
        Ok(())
    }

    /// Tells whether a read has found the index damaged: then nothing is read or written until it is made anew.
    pub fn is_index_damaged(&self) -> bool {
        self.index.is_damaged()
    }

    /// Returns the folder of the thread.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Refuses to write where another process may have opened the folder.
    fn refuse_lost_folder(&self) -> Result<(), Error> {
        let Some(lock) = &self.lock else { return Err(Error::ReadOnly(self.folder.clone())) };
        match lock.is_at(&self.folder.join(LOCK)) && self.folder.join(GIT).exists() {
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
        Self::open_held(folder, lock, clock)
    }

    fn open_held(folder: &Path, lock: Held, clock: Arc<dyn Clock>) -> Result<Self, Error> {
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
        let index = index.map_err(|error| match error.is_locked() {
            true => Error::Held(folder.to_owned()),
            false => error.into(),
        })?;
        let on_loss = OnLoss::Restore { may_lag: history.was_killed() };
        let writer = Writer { history, stopped: false };
        let caught_up = catch_up(&writer.history, &index, on_loss).and_then(|()| read_base(&writer.history));
        // Where that fails in a copy, the note of the copied process stays: the next start looks once more.
        let base = caught_up.map_err(|error| match error {
            Error::Git(source) if is_copy => Error::TornCopy { folder: folder.to_owned(), source },
            error => error,
        })?;
        folder_lock::mark_open(&lock, folder).map_err(noted)?;
        Ok(Self {
            reader: Mutex::new(History::open_reader(&git)?),
            history: Mutex::new(writer),
            index,
            ontologies: Mutex::default(),
            memory: Arc::default(),
            rewritten: Arc::default(),
            walks: Walks::default(),
            base,
            clock,
            folder: folder.to_owned(),
            lock: Some(lock),
            packing: Mutex::default(),
            _read: None,
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

    /// Returns why a name stands for nothing: what it names cannot be read, or else `unknown`.
    fn unreadable(&self, name: &str, unknown: Error) -> Error {
        let review =
            name.strip_prefix("review:").map(|review| version::kept_ref(&format!("review/{review}")));
        let named = [branch_ref(name), version::tag_ref(name)].into_iter().chain(review);
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
        let rewritten = Arc::clone(&self.rewritten);
        Ok(Snapshot(Arc::new(Inner { view, placed, ontology, base, memory, rewritten })))
    }

    fn ontology(&self, tree: [u8; 20]) -> Result<Arc<Ontology>, Error> {
        if let Some(ontology) = self.known_ontology(tree) {
            return Ok(ontology);
        }
        // Read without the lock: whoever knows its ontology already need not wait for this one.
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

    /// Makes a commit: validates, writes Git durably, moves the branch, updates the index.
    pub fn commit(&self, request: &CommitRequest) -> Result<Committed, Error> {
        caught(|| self.commit_validated(request))
    }

    fn commit_validated(&self, request: &CommitRequest) -> Result<Committed, Error> {
        if version::is_vendor(&request.branch) {
            return Err(Error::VendorBranch(request.branch.clone()));
        }
        refuse_present(&request.branch)?;
        let mut writer = self.writer()?;
        if let Some(done) = self.made_before(request)? {
            return Ok(done);
        }
        let head = self.head(&request.branch)?.while_wanted(&request.wanted);
        let mut transaction = Transaction::new(&head);
        match request.expected_head.filter(|expected| *expected != head.commit().id) {
            None => transaction.apply_all(&request.changes)?,
            Some(expected) => self.rebase(&writer, request, expected, &mut transaction)?,
        }
        transaction.settle()?;
        let (ontology, ontology_files) = self.changed_ontology(&head, &request.ontology)?;
        if transaction.families.is_empty() && ontology_files.is_empty() {
            return Ok(Committed::nothing(&head));
        }
        let violations = transaction.validate(Maker::of(request.use_case))?;
        if !violations.is_empty() {
            return Err(Error::Violations(violations));
        }
        let broken = match &ontology {
            Some(ontology) => broken_by(ontology, &head)?,
            None => Vec::new(),
        };
        transaction.refuse_disagreement(&writer.history)?;
        let format = writer.history.format(head.commit().id)?;
        let (mut files, deltas) = transaction.files_and_deltas(format);
        files.extend(ontology_files);
        let draft = self.draft(&head, request);
        let commit = self.publish(&mut writer, &request.branch, &head, &draft, &files, &deltas)?;
        Ok(Committed { commit, changed: transaction.changed(), broken, replayed: false })
    }

    fn draft(&self, head: &Snapshot, request: &CommitRequest) -> Draft {
        Draft {
            parents: vec![head.commit().id],
            author: request.author.clone(),
            time: head.next_instant(&*self.clock),
            message: request.message.clone(),
            loaded: None,
            idempotency_key: request.idempotency_key.clone(),
        }
    }

    /// Applies the request to the head it was made against, and merges what that changed into the head now.
    fn rebase(
        &self,
        writer: &Writer,
        request: &CommitRequest,
        expected: CommitId,
        onto: &mut Transaction<'_>,
    ) -> Result<(), Error> {
        let head = onto.snapshot.commit().id;
        let clash = |clashes| Error::Conflict(Box::new(Conflict { expected, head, clashes }));
        let known = self.index.tables()?.commit(expected)?.is_some();
        if request.exact || !known || writer.history.merge_bases(expected, head)? != [expected] {
            return Err(clash(Vec::new()));
        }
        let base = self.snapshot_at(expected)?;
        let mut made = Transaction::new(&base);
        made.apply_all(&request.changes)?;
        made.settle()?;
        let theirs = Theirs::made(&made);
        let mut clashes = merge_families(made, onto, &mut Decisions::none())?;
        onto.settle()?;
        settle_links(onto, &theirs, std::slice::from_ref(&base), &mut Decisions::none(), &mut clashes)?;
        if clashes.is_empty() { Ok(()) } else { Err(clash(clashes)) }
    }

    /// Returns the commit that was made before for the same idempotency key on the same branch.
    pub fn made_before(&self, request: &CommitRequest) -> Result<Option<Committed>, Error> {
        self.made_under(request.idempotency_key.as_deref(), &request.branch)
    }

    /// Returns the commit that was made before under an idempotency key on a branch.
    pub fn made_under(&self, key: Option<&str>, branch: &str) -> Result<Option<Committed>, Error> {
        let Some(key) = key else { return Ok(None) };
        if !(1..=200).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::IdempotencyKey(key.to_owned()));
        }
        let tables = self.index.tables()?;
        let made = tables.keyed(key)?;
        if made.is_empty() {
            return Ok(None);
        }
        let Some(head) = tables.reference(&branch_ref(branch))? else {
            return Err(Error::UnknownBranch(branch.to_owned()));
        };
        let mut on_branch = None;
        for id in made {
            if self.read().merge_bases(id, head)? == [id] {
                on_branch = Some(id);
                break;
            }
        }
        let id = on_branch.ok_or_else(|| Error::KeyReused(key.to_owned()))?;
        let commit = tables.commit(id)?.ok_or_else(|| Error::UnknownVersion(id.to_string()))?.commit;
        Ok(Some(Committed { commit, changed: 0, broken: Vec::new(), replayed: true }))
    }

    /// Writes the commit durably, moves the branch, and takes both into the index. Once the branch has moved the
    /// answer is an acknowledgement, or the process ends.
    pub(super) fn publish(
        &self,
        writer: &mut Writer,
        branch: &str,
        head: &Snapshot,
        draft: &Draft,
        files: &Files,
        deltas: &[DocumentDelta],
    ) -> Result<Commit, Error> {
        let recorded = self.record(writer, branch, Some(head), draft, files)?;
        let commit = recorded.commit.clone();
        self.index_recorded(&[(recorded, branch.to_owned(), deltas)]);
        Ok(commit)
    }

    /// Writes the commit durably and moves the branch; the index still lacks both.
    pub(super) fn record(
        &self,
        writer: &mut Writer,
        branch: &str,
        head: Option<&Snapshot>,
        draft: &Draft,
        files: &Files,
    ) -> Result<Recorded, Error> {
        self.refuse_clock(draft)?;
        let recorded = writer.written(|history| history.write_commit(draft, files))?;
        window::pass("commit written");
        let expected = head.map(|head| head.commit().id);
        if self.move_branch(writer, branch, recorded.commit.id, expected)? {
            return Ok(recorded);
        }
        Err(self.moved_meanwhile(writer, branch, recorded.commit.id, expected))
    }

    /// Refuses a commit that would be dated more than a day before the thread began: then the clock is wrong, as one is that lost its
    /// battery, and not the one that dated the beginning. What another system recorded bears that system's dates.
    pub(super) fn refuse_clock(&self, draft: &Draft) -> Result<(), Error> {
        let first = self.index.tables()?.commit_at(0, 1)?.map(|first| first.commit.time);
        match first.filter(|first| draft.loaded.is_none() && draft.time.plus_nanos(CLOCK_BEHIND_MAX) < *first)
        {
            Some(first) => Err(Error::Clock { now: draft.time, first }),
            None => Ok(()),
        }
    }

    /// Moves a branch to a commit; `false` where it does not stand where it is expected.
    pub(super) fn move_branch(
        &self,
        writer: &mut Writer,
        branch: &str,
        to: CommitId,
        expected: Option<CommitId>,
    ) -> Result<bool, Error> {
        // Once more, as what came before may have taken long.
        self.refuse_lost_folder()?;
        let reference = branch_ref(branch);
        let moved =
            writer.moved(&reference, Some(to), |history| history.move_ref(&reference, to, expected))?;
        if moved {
            window::pass("ref moved");
        }
        Ok(moved)
    }

    /// Takes in what someone pushed with plain Git, and tells so whoever wanted to move the branch.
    pub(super) fn moved_meanwhile(
        &self,
        writer: &Writer,
        branch: &str,
        wanted: CommitId,
        expected: Option<CommitId>,
    ) -> Error {
        let taken = self.catch_up_with(writer);
        let now = taken.and_then(|()| Ok(self.index.tables()?.reference(&branch_ref(branch))?));
        match now {
            Ok(head) => Error::Conflict(Box::new(Conflict {
                expected: expected.unwrap_or(wanted),
                head: head.unwrap_or(wanted),
                clashes: Vec::new(),
            })),
            Err(error) => error,
        }
    }

    /// Takes recorded commits into the index, with the branches that stand for them now.
    pub(super) fn index_recorded(&self, commits: &[Taken<'_>]) {
        let refs: Vec<_> =
            commits.iter().map(|(recorded, branch, _)| (branch_ref(branch), recorded.commit.id)).collect();
        let taken = catch_unwind(AssertUnwindSafe(|| self.index.take(commits, &refs)));
        self.acknowledge(taken.unwrap_or_else(|panic| Err(index::Error::corrupt(&panics::message(&*panic)))));
    }

    /// Ends the process where the index cannot take in what Git has already: the next start catches up. Of a damaged index
    /// nothing more is read, so that the commit is acknowledged, and the next start makes the index anew.
    pub(super) fn acknowledge<E: std::error::Error>(&self, taken: Result<(), E>) {
        let Err(error) = taken else { return };
        tracing::error!(%error, "the commit is safe in Git, but the index failed; the next start brings it up");
        if self.index.refuse_damaged().is_ok() {
            std::process::abort();
        }
    }

    /// Tells whether this process still writes; after a write that failed half-way it does not.
    pub fn is_writable(&self) -> bool {
        // Whoever writes just now holds the lock; nobody waits for that here.
        if self.index.refuse_damaged().is_err() || self.refuse_lost_folder().is_err() {
            return false;
        }
        match self.history.try_lock() {
            Ok(writer) => !writer.stopped,
            Err(std::sync::TryLockError::WouldBlock) => true,
            Err(std::sync::TryLockError::Poisoned(writer)) => !writer.into_inner().stopped,
        }
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

    pub(super) fn writer(&self) -> Result<MutexGuard<'_, Writer>, Error> {
        self.index.refuse_damaged()?;
        self.refuse_lost_folder()?;
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

impl Writer {
    /// Makes one that writes nothing.
    pub(super) fn stopped(history: History) -> Self {
        Self { history, stopped: true }
    }

    /// Runs a write. Where the sync of a folder of objects fails, this process writes no more, as a second try could not
    /// know what of it is on the disk; after any other failure nothing is in its place, and the next write may succeed. A panic half-way leaves the writer stopped.
    pub(super) fn written<T>(
        &mut self,
        write: impl FnOnce(&History) -> Result<T, git2::Error>,
    ) -> Result<T, Error> {
        self.stopped = true;
        let done = window::attempt("write").and_then(|()| write(&self.history));
        self.stopped = done.is_err() && self.history.is_unsynced();
        done.map_err(|error| if self.stopped { Error::Unsynced(error) } else { Error::NotWritten(error) })
    }

    /// Runs a move of a ref, to nowhere where it is deleted. A ref that has moved although the move failed (its folder was
    /// not synced) can neither be acknowledged nor denied: the process ends, and the next start finds out.
    pub(super) fn moved(
        &mut self,
        reference: &str,
        to: Option<CommitId>,
        make: impl FnOnce(&History) -> Result<bool, git2::Error>,
    ) -> Result<bool, Error> {
        let made = window::attempt("move").and_then(|()| make(&self.history));
        let moved = match made.and_then(|moved| window::attempt("sync the move").map(|()| moved)) {
            // Someone else holds the ref just now, as `git gc` does: nothing was written, and the caller may come again.
            Err(error) if error.code() == git2::ErrorCode::Locked => return Err(Error::Busy),
            made => self.written(|_| made),
        };
        if moved.is_err() && self.history.reference(reference).map_or(true, |now| now == to) {
            tracing::error!(
                reference,
                "the ref may have moved without being synced; the next start finds out"
            );
            std::process::abort();
        }
        moved
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.stopped
            && let Err(error) = self.history.mark_closed()
        {
            tracing::warn!(%error, "the next start takes this for a kill, and syncs everything again");
        }
    }
}

/// Refuses to record the present on the branch of a history, which it would close.
pub(super) fn refuse_present(branch: &str) -> Result<(), Error> {
    if version::is_history(branch) { Err(Error::NoRecordingDate(branch.to_owned())) } else { Ok(()) }
}

/// Merges what `made` changed since its snapshot into `onto`; returns what clashes and is not decided.
pub(super) fn merge_families(
    made: Transaction<'_>,
    onto: &mut Transaction<'_>,
    decisions: &mut Decisions<'_>,
) -> Result<Vec<Clash>, Error> {
    let mut clashes = Vec::new();
    let ontology = onto.snapshot.ontology().clone();
    for (root, family) in made.families {
        let before = Said::from(onto.snapshot.family(&NamedNode::new_unchecked(&root))?);
        let (base, theirs) = family.into_sides();
        let sides = Sides { bases: vec![base], ours: before.clone(), theirs };
        let (after, more) = merge(&sides, &ontology, decisions);
        clashes.extend(more);
        onto.put_whole(root, before, after);
    }
    Ok(clashes)
}

pub(super) fn broken_by(ontology: &Ontology, head: &Snapshot) -> Result<Vec<Violation>, Error> {
    let focus = instances_of_all(ontology, head)?;
    Ok(ontology.validate(None::<&Snapshot>, head, &focus)?)
}

/// Makes the index of a thread anew from Git, beside the one that is there, which goes once the new one is whole; opens it.
fn remake_index(history: &History, folder: &Path) -> Result<Index, Error> {
    let (made, index) = (folder.join(INDEX_MADE), folder.join(INDEX));
    make_beside(history, &made, CACHE_BYTES, |index| Ok(index.refuse_unwritten()?))?;
    std::fs::rename(&made, &index).map_err(|source| io(&index, source))?;
    let opened = Index::open_kept(&index, CACHE_BYTES, false)?;
    Ok(opened.ok_or_else(index::Error::damaged)?)
}

pub(super) fn read_base(history: &History) -> Result<Arc<str>, Error> {
    let head = history.reference(&branch_ref(MAIN))?;
    let head = head.ok_or_else(|| Error::Format("unknown (no branch main)".to_owned()))?;
    Ok(history.settings(head)?.1.into())
}

pub(super) fn io(path: &Path, source: std::io::Error) -> Error {
    Error::Io { path: PathBuf::from(path), source }
}

/// What a taken commit is to the index: the commit, its branch, its documents.
pub(crate) type Taken<'a> = (Recorded, String, &'a [DocumentDelta]);
