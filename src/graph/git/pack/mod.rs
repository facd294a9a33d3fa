//! Packs: many objects in one file, with an index beside it.
//!
//! A pack is written and synced in a folder of this process alone, and then moved to where Git reads packs: its file first, then
//! its index, as Git deletes an index without a pack. What a killed process leaves in that folder is removed at the next start.

mod writer;

use super::library;
use super::loose::Error;
use super::loose::syncs::Syncs;
use super::values::ends_in_sum;
use crate::graph::model::failpoint;
use git2::{Oid, PackBuilder, Repository};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use writer::INDEX_HEADER;
pub(in crate::graph) use writer::PackWriter;

/// The folder in the repository in which packs are written.
const STAGING: &str = "throughline.packing";

/// A folder for one pack, which goes when it is dropped.
pub(in crate::graph) struct Staging {
    git: PathBuf,
    folder: PathBuf,
}

impl Staging {
    pub(in crate::graph) fn new(git: &Path) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let folder = git.join(STAGING).join(number);
        std::fs::create_dir_all(&folder)?;
        Ok(Self { git: git.to_owned(), folder })
    }

    /// Opens the repository for writing packs, with or without deltas: documents are small and read one by one, and a chain
    /// of deltas costs a read many times what it saves. Plain Git never sees the settings, which would make it take
    /// every document for a binary file. libgit2 1.9 reads its size limit for deltas from `pack.deltaCacheSize`.
    pub(in crate::graph) fn open_repository(&self, deltas: bool) -> Result<Repository, git2::Error> {
        let repository = library::open_bare(&self.git)?;
        if !deltas {
            let settings = self.folder.join("config");
            let text = "[core]\n\tbigFileThreshold = 1\n[pack]\n\tdeltaCacheSize = 1\n";
            std::fs::write(&settings, text)
                .map_err(|error| git2::Error::from_str(&format!("{}: {error}", settings.display())))?;
            repository.config()?.add_file(&settings, git2::ConfigLevel::App, true)?;
        }
        Ok(repository)
    }

    /// Writes a pack durably and moves it to where Git reads packs; returns the path of its index.
    pub(in crate::graph) fn publish(&self, pack: &mut PackBuilder<'_>) -> Result<PathBuf, Error> {
        pack.write(&self.folder, 0o444).map_err(|error| Error::Unwritten(io::Error::other(error)))?;
        let name = pack
            .name()
            .ok()
            .flatten()
            .ok_or_else(|| Error::Unwritten(io::Error::other("a pack without a name")))?;
        let written = |kind: &str| self.folder.join(format!("pack-{name}.{kind}"));
        self.move_in(name, &written("pack"), &written("idx"), &Syncs::default())
    }

    /// Begins the pack, to be written object by object.
    pub(in crate::graph) fn writer(&self) -> io::Result<PackWriter> {
        PackWriter::new(&self.folder)
    }

    /// Ends a pack durably and moves it to where Git reads packs; returns the path of its index. The files `beside` are synced with it.
    pub(in crate::graph) fn publish_written(
        &self,
        pack: PackWriter,
        syncs: &Syncs,
        beside: &[File],
    ) -> Result<PathBuf, Error> {
        let (name, pack, index) = pack.finish(syncs, beside)?;
        let index = self.move_in(&name, &pack, &index, syncs)?;
        failpoint::attempt("sync objects").map_err(|error| Error::Unsynced(io::Error::other(error)))?;
        Ok(index)
    }

    /// Moves a pack whose files are synced to where Git reads packs; returns the path of its index.
    fn move_in(&self, name: &str, pack: &Path, index: &Path, syncs: &Syncs) -> Result<PathBuf, Error> {
        let objects = self.git.join("objects");
        let packs = objects.join("pack");
        let at = |kind: &str| packs.join(format!("pack-{name}.{kind}"));
        let index_at = at("idx");
        std::fs::rename(pack, at("pack")).map_err(Error::Unwritten)?;
        std::fs::rename(index, &index_at).map_err(Error::Unwritten)?;
        // The folder of packs may be new: the one above is synced with it, whoever made it.
        let folders: io::Result<_> = [packs, objects].into_iter().map(File::open).collect();
        folders.and_then(|folders| syncs.sync(folders)).map_err(Error::Unsynced)?;
        Ok(index_at)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What stays is removed at the next start.
        _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Removes the packs that a killed process has begun; the caller holds the lock of the thread's folder.
pub(super) fn remove_unfinished(git: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(git.join(STAGING)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns whether Git, libgit2 or this program gives the name to files that are not finished.
pub(super) fn is_temporary(name: &str) -> bool {
    ["tmp_", "pack_git2_", ".tmp-"].iter().any(|prefix| name.starts_with(prefix)) || name.ends_with(".lock")
}

/// Removes from a repository that nobody else writes to what is left of packs that were not finished: temporary files, and packs or
/// indexes without the other one. Returns how many files were removed.
pub(in crate::graph) fn remove_incomplete(git: &Path) -> io::Result<usize> {
    let files = match std::fs::read_dir(git.join("objects/pack")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        files => files?.collect::<io::Result<Vec<_>>>()?,
    };
    let is_left = |path: &Path| match path.extension().and_then(|kind| kind.to_str()) {
        Some("pack") => !path.with_extension("idx").exists(),
        Some("idx") => !path.with_extension("pack").exists(),
        _ => is_temporary(&path.file_name().unwrap_or_default().to_string_lossy()),
    };
    let left: Vec<PathBuf> = files.iter().map(std::fs::DirEntry::path).filter(|path| is_left(path)).collect();
    left.iter().try_for_each(std::fs::remove_file)?;
    Ok(left.len())
}

/// Returns the packs that have no index, in which Git looks for no object.
pub(super) fn without_index(git: &Path) -> io::Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(git.join("objects/pack"))?.collect::<io::Result<Vec<_>>>()?;
    let paths = files.iter().map(std::fs::DirEntry::path);
    let is_pack = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "pack");
    Ok(paths.filter(is_pack).filter(|pack| !pack.with_extension("idx").exists()).collect())
}

/// Returns the indexes of all packs.
pub(in crate::graph) fn indexes(git: &Path) -> io::Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(git.join("objects/pack"))?.collect::<io::Result<Vec<_>>>()?;
    let is_index = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "idx");
    let mut indexes: Vec<PathBuf> = files.iter().map(|file| file.path()).filter(is_index).collect();
    indexes.sort_unstable();
    Ok(indexes)
}

/// Where the ids begin in an index: after its header and 256 counts, of which the last is that of all.
const IDS: usize = 8 + 256 * 4;

/// Verifies each index by the check sum at its end (gitformat-pack, version 2). libgit2 trusts an index without, beyond the
/// end of a pack as well, which ends the process.
pub(super) fn verify_indexes(git: &Path) -> io::Result<()> {
    for index in indexes(git)? {
        let bytes = match std::fs::read(&index) {
            // Packed anew meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            bytes => bytes?,
        };
        if !ends_in_sum(&bytes) {
            let (index, pack) = (index.display(), index.with_extension("pack"));
            let reason = format!(
                "{index} is damaged: remove it, and make it anew with git index-pack {}",
                pack.display()
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
    }
    Ok(())
}

/// Reads the ids of a pack's objects off its index, in their order (gitformat-pack, version 2).
pub(in crate::graph) fn ids(index: &Path) -> io::Result<Vec<Oid>> {
    let bytes = std::fs::read(index)?;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, format!("{} is damaged", index.display()));
    let count = bytes.get(IDS - 4..IDS).filter(|_| bytes.starts_with(&INDEX_HEADER)).ok_or_else(damaged)?;
    let count = u32::from_be_bytes(count.try_into().map_err(|_| damaged())?) as usize;
    let ids = bytes.get(IDS..IDS + count * 20).ok_or_else(damaged)?;
    ids.chunks_exact(20).map(|id| Oid::from_bytes(id).map_err(io::Error::other)).collect()
}
