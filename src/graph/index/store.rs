//! The index's database: opened or made anew, read and updated.

use super::commits::idempotency;
use super::error::Error;
use super::format::{
    BY_LANE, COMMITS, FORMAT, IDS, KEYS, LANES, LIVE, MERGES, META, NUMBERS, POSITIONS, REFS, TERMS, TOUCHED,
};
use super::indexed_refs;
use super::read::tables::Tables;
use super::storage::catch_panics::guarded;
use super::storage::checked_file::{CheckedFile, Health};
use super::terms::term_cache::TermCache;
use super::write::update::Update;
use crate::graph::git::values::Unreadable;
use crate::graph::model::commit::CommitId;
use crate::graph::model::draft::Taken;
use crate::graph::model::indexed_refs::Stamps;
use crate::model::sync::notifier::Notifier;
use redb::{Database, Durability, ReadableDatabase};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Small updates are not synced, as Git holds the truth; every so many are, so that the file does not grow.
const UPDATES_PER_SYNC: u32 = 64;

/// From how many documents on an update is synced by itself.
const DOCUMENTS_PER_SYNC: usize = 10_000;

/// How many bytes of its file an index in service holds in memory; few in tests, so that they read the file.
pub(crate) const CACHE_BYTES: usize = if cfg!(test) { 1 << 15 } else { 1 << 30 };

/// How many bytes of its file are in memory while only its stamps are read.
const STAMPS_CACHE_BYTES: usize = 1 << 20;

pub(crate) struct Index {
    /// The file that is in use; another one after the index was made anew.
    opened: RwLock<Arc<Opened>>,
    /// Rings when something was taken in.
    pub(crate) notifier: Notifier,
    unsynced: AtomicU32,
    /// The file before, for as long as somebody reads it.
    retired: Mutex<Option<Arc<Opened>>>,
    /// The refs that are left out, as they or their history cannot be read.
    unreadable: Mutex<Unreadable>,
    /// Recent answers of the dictionary; another one where the dictionary is begun anew.
    term_cache: RwLock<Arc<TermCache>>,
}

/// An open file of the index.
struct Opened {
    database: Database,
    health: Health,
    /// Shared with readers.
    readers: Arc<()>,
}

impl Index {
    /// Opens the index; one that is absent, damaged or of another format is begun anew, empty. Where
    /// `verify`, every page is verified by its check sum first.
    pub(crate) fn open(path: &Path, cache_bytes: usize, verify: bool) -> Result<Self, Error> {
        match Self::open_kept(path, cache_bytes, verify) {
            Ok(Some(index)) => return Ok(index),
            Ok(None) => {}
            // What another process writes is not replaced under it.
            Err(error) if error.is_locked() => return Err(error),
            Err(error) if path.exists() => {
                tracing::warn!(%error, "the index cannot be opened and is rebuilt");
            }
            Err(_) => {}
        }
        let stamps = Self::stamps_of(path);
        let index = Self::create(path, cache_bytes)?;
        if stamps.refs.len() + stamps.replaced.len() > 0 {
            index.write::<Error>(true, |write| indexed_refs::note_replaced(write, &stamps))?;
        }
        Ok(index)
    }

    /// Reads the stamps of a file that may be damaged or of another format, as far as that is possible.
    pub(crate) fn stamps_of(path: &Path) -> Stamps {
        let read = guarded(|| {
            let (file, may_lag) = CheckedFile::open_any(path).map_err(redb::Error::Io)?;
            let database =
                Database::builder().set_cache_size(STAMPS_CACHE_BYTES).create_with_backend(file)?;
            let stamps = indexed_refs::read(&database.begin_read()?.open_table(REFS)?)?;
            Ok::<_, Error>(Stamps { may_lag, ..stamps })
        });
        read.unwrap_or_default()
    }

    /// Records durably that a ref is about to be deleted, so that it is not taken for lost afterwards.
    pub(crate) fn announce_deletion(&self, reference: &str) -> Result<(), Error> {
        self.write(true, |write| indexed_refs::announce(write, reference))
    }

    /// Opens the index as it is; `None` where it is of another format.
    pub(crate) fn open_kept(path: &Path, cache_bytes: usize, verify: bool) -> Result<Option<Self>, Error> {
        match CheckedFile::open(path, false).map_err(redb::Error::Io)? {
            Some(file) => Self::over_kept(file, cache_bytes, verify),
            None => Ok(None),
        }
    }

    /// Opens the index without ever writing to its file: what is written stays in memory; `None` where it is of another format.
    pub(crate) fn open_to_read(path: &Path, cache_bytes: usize, verify: bool) -> Result<Option<Self>, Error> {
        match CheckedFile::open(path, true).map_err(redb::Error::Io)? {
            Some(file) => Self::over_kept(file, cache_bytes, verify),
            None => Ok(None),
        }
    }

    fn over_kept(file: CheckedFile, cache_bytes: usize, verify: bool) -> Result<Option<Self>, Error> {
        guarded(|| {
            let health = file.health();
            let mut database = Database::builder().set_cache_size(cache_bytes).create_with_backend(file)?;
            if verify && !database.check_integrity()? {
                tracing::warn!("the index was repaired, and is brought up to Git");
            }
            let index = Self::over(database, health);
            let known = index.format()?.as_deref() == Some(FORMAT);
            Ok(known.then_some(index))
        })
    }

    /// Begins an index in place of what the file holds.
    pub(crate) fn create(path: &Path, cache_bytes: usize) -> Result<Self, Error> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(redb::Error::Io(error).into());
            }
            _ => {}
        }
        let file = CheckedFile::create(path).map_err(redb::Error::Io)?;
        let health = file.health();
        let database = Database::builder().set_cache_size(cache_bytes).create_with_backend(file)?;
        let write = database.begin_write()?;
        write.open_table(META)?.insert("format", FORMAT)?;
        make_tables(&write)?;
        write.commit()?;
        Ok(Self::over(database, health))
    }

    fn over(database: Database, health: Health) -> Self {
        Self {
            opened: RwLock::new(Arc::new(Opened { database, health, readers: Arc::default() })),
            notifier: Notifier::default(),
            unsynced: AtomicU32::new(0),
            retired: Mutex::default(),
            unreadable: Mutex::default(),
            term_cache: RwLock::default(),
        }
    }

    fn opened(&self) -> Arc<Opened> {
        Arc::clone(&self.opened.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes on with another index, whose file is in the place of this one's. Who reads meanwhile reads on in the old file.
    pub(crate) fn replace(&self, other: &Self) {
        let unreadable =
            std::mem::take(&mut *other.unreadable.lock().unwrap_or_else(PoisonError::into_inner));
        self.note_unreadable(unreadable);
        // Nobody begins to read meanwhile.
        let mut term_cache = self.term_cache.write().unwrap_or_else(PoisonError::into_inner);
        *term_cache = Arc::default();
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        let retired = std::mem::replace(&mut *opened, other.opened());
        *self.retired.lock().unwrap_or_else(PoisonError::into_inner) = Some(retired);
        drop((opened, term_cache));
        self.unsynced.store(0, Ordering::Relaxed);
        self.notifier.notify();
    }

    /// Closes the file before once nobody reads it any more.
    fn close_retired(&self) {
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        retired.take_if(|retired| Arc::strong_count(&retired.readers) == 1);
    }

    /// Returns whether a read has found damage.
    pub(crate) fn is_damaged(&self) -> bool {
        self.opened().health.is_damaged()
    }

    /// Refuses to go on with an index in which a read has found damage, until it is made anew.
    pub(crate) fn refuse_damaged(&self) -> Result<(), Error> {
        if self.is_damaged() { Err(Error::damaged()) } else { Ok(()) }
    }

    fn format(&self) -> Result<Option<String>, Error> {
        let read = self.opened().database.begin_read()?;
        let Ok(meta) = read.open_table(META) else { return Ok(None) };
        Ok(meta.get("format")?.map(|format| format.value().to_owned()))
    }

    /// Notes which refs are left out.
    pub(crate) fn note_unreadable(&self, unreadable: Unreadable) {
        *self.unreadable.lock().unwrap_or_else(PoisonError::into_inner) = unreadable;
    }

    /// Keeps the commits of refs that are noted as unreadable, as another index knew them.
    pub(crate) fn keep_unreadable(&self, stamps: &Stamps) -> Result<(), Error> {
        let unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let known: Vec<_> =
            unreadable.keys().filter_map(|name| Some((name.as_str(), stamps.known(name)?))).collect();
        if known.is_empty() {
            Ok(())
        } else {
            self.write(true, |write| indexed_refs::note_unreadable(write, known))
        }
    }

    /// Returns the refs that are left out and whose full names begin so, with the reasons.
    pub(crate) fn unreadable_under(&self, prefix: &str) -> Vec<(String, String)> {
        let unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner);
        let named = unreadable.iter().filter_map(|(name, why)| Some((name.strip_prefix(prefix)?, why)));
        named.map(|(name, why)| (name.to_owned(), why.clone())).collect()
    }

    /// Returns why a ref is left out; `None` where it is not.
    pub(crate) fn unreadable(&self, name: &str) -> Option<String> {
        self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Refuses an index of which a part is in memory only, as the disk has no room for it.
    pub(crate) fn refuse_unwritten(&self) -> Result<(), Error> {
        if self.opened().health.has_waiting() {
            let error =
                std::io::Error::new(std::io::ErrorKind::StorageFull, "the disk has no room for the index");
            return Err(redb::Error::Io(error).into());
        }
        Ok(())
    }

    /// Returns the tables as they are now.
    pub(crate) fn tables(&self) -> Result<Tables, Error> {
        self.refuse_damaged()?;
        // Locked until the transaction has begun: a dictionary begun anew is never read with the term_cache of the one before.
        let term_cache = self.term_cache.read().unwrap_or_else(PoisonError::into_inner);
        let opened = self.opened();
        Tables::open(&opened.database.begin_read()?, Arc::clone(&term_cache), Arc::clone(&opened.readers))
    }

    /// Returns how many updates are not synced to the file.
    pub(crate) fn unsynced(&self) -> u64 {
        self.unsynced.load(Ordering::Relaxed) as u64
    }

    /// Returns the bytes that the index takes of its file, without the pages that are free to be written again.
    pub(crate) fn bytes(&self) -> Result<u64, Error> {
        let opened = self.opened();
        let write = opened.database.begin_write()?;
        let stats = write.stats()?;
        write.abort()?;
        Ok((stats.leaf_pages() + stats.branch_pages()) * stats.page_size() as u64)
    }

    /// Takes commits in, oldest first, and stamps the refs that now name them, all in one transaction.
    pub(crate) fn take(&self, commits: &[Taken<'_>], refs: &[(String, CommitId)]) -> Result<(), Error> {
        let documents: usize = commits.iter().map(|(_, _, documents)| documents.len()).sum();
        self.update(self.is_sync_due(documents), refs, |update, write| {
            for (recorded, branch, documents) in commits {
                // A catch-up in between may have taken it in.
                if update.knows(recorded.commit.id)? {
                    continue;
                }
                let placed = update.begin_commit(recorded, branch)?;
                documents.iter().try_for_each(|document| update.document(document))?;
                idempotency::note(write, recorded.idempotency_key.as_deref(), placed.commit.id)?;
            }
            Ok(())
        })
    }

    /// Returns whether an update of so many documents is to be synced: a start after a kill takes in again what was not.
    pub(super) fn is_sync_due(&self, documents: usize) -> bool {
        self.unsynced.load(Ordering::Relaxed) + 1 >= UPDATES_PER_SYNC || documents >= DOCUMENTS_PER_SYNC
    }

    /// Runs one update transaction, synced or not, and stamps refs.
    pub(crate) fn update<E: From<Error>>(
        &self,
        synced: bool,
        refs: &[(String, CommitId)],
        run: impl FnOnce(&mut Update<'_>, &redb::WriteTransaction) -> Result<(), E>,
    ) -> Result<(), E> {
        self.write(synced, |write| {
            take_in(write, run)?;
            Ok(stamp(write, refs)?)
        })
    }

    /// Runs one synced update transaction after which exactly `refs` are stamped, and the last known commits of refs that are noted as
    /// unreadable; where `anew`, all that the index holds goes first. Who reads meanwhile reads on at what was there before.
    pub(crate) fn bring_up<E: From<Error>>(
        &self,
        anew: bool,
        refs: &BTreeMap<String, CommitId>,
        run: impl FnOnce(&mut Update<'_>, &redb::WriteTransaction) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut outdated = None;
        let unreadable = self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.write::<E>(true, |write| {
            let before = indexed_refs::read(&write.open_table(REFS).map_err(Error::from)?)?;
            if anew {
                empty(write)?;
            }
            take_in(write, run)?;
            write.delete_table(REFS).map_err(Error::from)?;
            let mut table = write.open_table(REFS).map_err(Error::from)?;
            for (name, id) in refs {
                table.insert(name.as_str(), id.0.as_slice()).map_err(Error::from)?;
            }
            drop(table);
            let known = unreadable.keys().filter_map(|name| Some((name.as_str(), before.known(name)?)));
            indexed_refs::note_unreadable(write, known)?;
            // Nobody begins to read from here until the transaction is committed.
            outdated = anew.then(|| self.term_cache.write().unwrap_or_else(PoisonError::into_inner));
            Ok(())
        })?;
        if let Some(mut term_cache) = outdated {
            *term_cache = Arc::default();
        }
        Ok(())
    }

    /// Runs one transaction, synced or not.
    pub(crate) fn write<E: From<Error>>(
        &self,
        synced: bool,
        run: impl FnOnce(&redb::WriteTransaction) -> Result<(), E>,
    ) -> Result<(), E> {
        self.refuse_damaged()?;
        self.close_retired();
        let opened = self.opened();
        let mut write = opened.database.begin_write().map_err(Error::from)?;
        write
            .set_durability(if synced { Durability::Immediate } else { Durability::None })
            .map_err(Error::from)?;
        write.set_quick_repair(synced);
        run(&write)?;
        crate::graph::model::failpoint::attempt("index")
            .map_err(|error| Error::from(redb::Error::Io(std::io::Error::other(error))))?;
        crate::graph::model::failpoint::pass("index written");
        write.commit().map_err(Error::from)?;
        let unsynced = if synced { 0 } else { self.unsynced.load(Ordering::Relaxed) + 1 };
        self.unsynced.store(unsynced, Ordering::Relaxed);
        self.notifier.notify();
        Ok(())
    }
}

/// Notes which commits refs name now.
pub(super) fn stamp(write: &redb::WriteTransaction, refs: &[(String, CommitId)]) -> Result<(), Error> {
    let mut table = write.open_table(REFS)?;
    for (name, id) in refs {
        table.insert(name.as_str(), id.0.as_slice())?;
    }
    Ok(())
}

pub(super) fn take_in<E: From<Error>>(
    write: &redb::WriteTransaction,
    run: impl FnOnce(&mut Update<'_>, &redb::WriteTransaction) -> Result<(), E>,
) -> Result<(), E> {
    let mut update = Update::open(write)?;
    run(&mut update, write)?;
    Ok(update.flush()?)
}

/// Makes the tables that are not there.
fn make_tables(write: &redb::WriteTransaction) -> Result<(), Error> {
    write.open_table(TERMS)?;
    write.open_table(IDS)?;
    write.open_table(LIVE)?;
    write.open_table(BY_LANE)?;
    write.open_table(TOUCHED)?;
    write.open_table(COMMITS)?;
    write.open_table(NUMBERS)?;
    write.open_table(POSITIONS)?;
    write.open_table(LANES)?;
    write.open_table(MERGES)?;
    write.open_table(REFS)?;
    write.open_table(KEYS)?;
    Ok(())
}

fn empty(write: &redb::WriteTransaction) -> Result<(), Error> {
    write.delete_table(TERMS)?;
    write.delete_table(IDS)?;
    write.delete_table(LIVE)?;
    write.delete_table(BY_LANE)?;
    write.delete_table(TOUCHED)?;
    write.delete_table(COMMITS)?;
    write.delete_table(NUMBERS)?;
    write.delete_table(POSITIONS)?;
    write.delete_table(LANES)?;
    write.delete_table(MERGES)?;
    write.delete_table(REFS)?;
    write.delete_table(KEYS)?;
    make_tables(write)
}

impl Drop for Index {
    /// Syncs, so that the next start has nothing to catch up.
    fn drop(&mut self) {
        if self.unsynced.load(Ordering::Relaxed) > 0 && !self.is_damaged() {
            let synced = self.update::<Error>(true, &[], |_, _| Ok(()));
            if let Err(error) = synced {
                tracing::warn!(%error, "the index was not synced; the next start catches up from Git");
            }
        }
    }
}
