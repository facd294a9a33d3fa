//! The bare Git repository that is the truth: objects, trees, refs. Knows files and commits, never what a statement means.
//!
//! Durability: few objects are loose ones, which [`super::loose`] writes and syncs together with the folders that they need; all 256 are
//! made and synced by `init` (see [`super::durability`]), for what libgit2 writes. Many objects, of a large commit or of commits that are
//! written together, go into one pack ([`super::pack`]). libgit2 syncs packs and refs, as [`super::library`] sets it. After a kill all that
//! may not have been synced is synced at the next start.

mod changed_files;
mod commits;
mod refs;
#[cfg(test)]
mod tests;

use crate::graph::git::commit_object::recorded;
use crate::graph::git::files::ref_draft::RefDraft;
use crate::graph::git::files::{configuration, ref_files, update_hook};
use crate::graph::git::lookup::{self, at_path, find_commit, find_tree, tree_of};
use crate::graph::git::loose::syncs::Syncs;
use crate::graph::git::pack;
use crate::graph::git::values::{commit_id, git_error, oid};
use crate::graph::git::{library, merge_base};
use crate::graph::model::commit::CommitId;
use crate::graph::model::draft::Recorded;
pub(in crate::graph) use changed_files::FOLDERS_MAX;
use git2::{ObjectType, Oid, Repository};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

pub(crate) struct History {
    pub(in crate::graph) repository: Repository,
    folder: PathBuf,
    /// Whether the process that had the repository open before was killed.
    was_killed: bool,
    /// Whether lines of `packed-refs` were set aside, so that refs are missing.
    has_lost_lines: bool,
    /// Whether a folder of objects could not be synced, so that nobody knows what of it is on the disk.
    unsynced: Cell<bool>,
    syncs: Syncs,
    /// What refs are to hold that move to the commits written last.
    drafts: RefCell<Vec<RefDraft>>,
}

impl History {
    /// Makes the bare repository and syncs its folders; nobody has it open yet.
    pub(crate) fn init(folder: &Path) -> Result<Self, git2::Error> {
        let repository = library::init_bare(folder)?;
        configuration::complete(&repository)?;
        let history = Self::of(repository, folder);
        history.make_folders().map_err(git_error)?;
        update_hook::place(folder).map_err(git_error)?;
        Ok(history)
    }

    /// Opens the repository for writing; the caller holds the folder's lock, so lock files found here were left by a
    /// killed process.
    pub(crate) fn open(folder: &Path) -> Result<Self, git2::Error> {
        let mut history = Self::open_repaired(folder)?;
        history.remove_stale_locks().map_err(git_error)?;
        configuration::complete(&history.repository)?;
        history.was_killed = history.mark_open().map_err(git_error)?;
        history.remove_leftovers().map_err(git_error)?;
        history.make_missing_folders()?;
        update_hook::place(folder).map_err(git_error)?;
        Ok(history)
    }

    /// Opens the repository for reading after it was repaired; the caller holds the folder's lock.
    pub(in crate::graph) fn open_repaired(folder: &Path) -> Result<Self, git2::Error> {
        let has_lost_lines = ref_files::repair(folder).map_err(git_error)?;
        Ok(Self { has_lost_lines, ..Self::open_reader(folder)? })
    }

    /// Opens the repository for reading, beside any other.
    pub(crate) fn open_reader(folder: &Path) -> Result<Self, git2::Error> {
        ref_files::refuse_bad(folder).map_err(git_error)?;
        let repository = library::open_bare(folder)?;
        pack::verify_indexes(folder).map_err(git_error)?;
        Ok(Self::of(repository, folder))
    }

    fn of(repository: Repository, folder: &Path) -> Self {
        Self {
            repository,
            folder: folder.to_owned(),
            was_killed: false,
            has_lost_lines: false,
            unsynced: Cell::new(false),
            syncs: Syncs::default(),
            drafts: RefCell::default(),
        }
    }

    /// Returns whether bad lines of `packed-refs` were set aside when it was opened.
    pub(in crate::graph) fn has_lost_lines(&self) -> bool {
        self.has_lost_lines
    }

    /// Returns whether the process that had the repository open before was killed.
    pub(in crate::graph) fn was_killed(&self) -> bool {
        self.was_killed
    }

    /// Returns whether the sync of a folder of objects has failed.
    pub(in crate::graph) fn is_unsynced(&self) -> bool {
        self.unsynced.get()
    }

    /// Returns the folder of the repository.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads a commit.
    pub(crate) fn commit(&self, id: CommitId) -> Result<Recorded, git2::Error> {
        recorded(&self.repository, oid(id))
    }

    /// Returns the best common ancestors of two commits.
    pub(crate) fn merge_bases(&self, a: CommitId, b: CommitId) -> Result<Vec<CommitId>, git2::Error> {
        let bases = merge_base::merge_bases(&self.repository, oid(a), oid(b))?;
        Ok(bases.into_iter().map(commit_id).collect())
    }

    /// Returns the content of a blob.
    pub(crate) fn blob(&self, id: Oid) -> Result<Vec<u8>, git2::Error> {
        lookup::blob(&self.repository, id)
    }

    /// Returns the content of a file at a commit.
    pub(crate) fn file(&self, at: CommitId, path: &str) -> Result<Option<Vec<u8>>, git2::Error> {
        let tree = tree_of(&self.repository, &find_commit(&self.repository, oid(at))?)?;
        match at_path(&self.repository, &tree, path)? {
            Some((id, _)) => self.blob(id).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the files of a tree by name, folders left out.
    pub(crate) fn files_of_tree(&self, tree: [u8; 20]) -> Result<Vec<(String, Vec<u8>)>, git2::Error> {
        if tree == [0; 20] {
            return Ok(Vec::new());
        }
        let tree = find_tree(&self.repository, Oid::from_bytes(&tree)?)?;
        let mut files = Vec::new();
        for entry in &tree {
            if entry.kind() == Some(ObjectType::Blob)
                && let Ok(name) = entry.name()
            {
                files.push((name.to_owned(), self.blob(entry.id())?));
            }
        }
        Ok(files)
    }
}
