//! A ref's new content, written beside all refs while the objects that it leads to are written, and synced with them: the move of the
//! ref then waits for its folder alone.

use crate::model::durable::{self, remove_if_there};
use crate::model::sync::counter::Synced;
use git2::{ErrorClass, ErrorCode, Oid};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What the names of drafts begin with; outside the folders in which each file is a ref.
const DRAFT: &str = "throughline.ref.";

/// The content of a ref that is to name a commit; the file goes with it where it was not moved.
pub(in crate::graph::git) struct RefDraft {
    id: Oid,
    path: PathBuf,
}

impl RefDraft {
    /// Writes a draft, one of several by its number; what a killed process left in its place goes. The caller syncs the file.
    pub(in crate::graph::git) fn write(git: &Path, number: usize, id: Oid) -> io::Result<(Self, File)> {
        let path = git.join(format!("{DRAFT}{number}"));
        remove_if_there(&path)?;
        let mut file = File::create_new(&path)?;
        writeln!(file, "{id}")?;
        Synced::Git.note();
        Ok((Self { id, path }, file))
    }

    /// Returns the commit that it names.
    pub(in crate::graph::git) fn id(&self) -> Oid {
        self.id
    }

    /// Locks the ref of a name with the content that it is to have, as Git and libgit2 do.
    pub(in crate::graph::git) fn lock(self, git: &Path, name: &str) -> Result<Locked, git2::Error> {
        let (reference, lock) = (git.join(name), git.join(format!("{name}.lock")));
        match std::fs::hard_link(&self.path, &lock) {
            Ok(()) => Ok(Locked::Lock(RefLock { reference, lock, is_moved: false, _draft: self })),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let text = format!("{} is there: another program writes the ref", lock.display());
                Err(git2::Error::new(ErrorCode::Locked, ErrorClass::Reference, text))
            }
            Err(_) => Ok(Locked::NotSo),
        }
    }
}

/// What came of locking a ref by a draft.
pub(in crate::graph::git) enum Locked {
    Lock(RefLock),
    /// Its folder is missing, or the file system knows no second name of a file: the ref is moved without a draft.
    NotSo,
}

impl Drop for RefDraft {
    fn drop(&mut self) {
        // The next one of its number replaces what stays.
        _ = remove_if_there(&self.path);
    }
}

/// Removes the drafts that a killed process has left.
pub(in crate::graph::git) fn remove_drafts(git: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(git)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(DRAFT) {
            remove_if_there(&entry.path())?;
        }
    }
    Ok(())
}

/// The lock of a ref, which has the content that the ref is to have.
pub(in crate::graph::git) struct RefLock {
    reference: PathBuf,
    lock: PathBuf,
    /// Whether the lock has become the ref; the next lock is another program's.
    is_moved: bool,
    /// Goes with the lock.
    _draft: RefDraft,
}

impl RefLock {
    /// Moves the ref, and waits until that is on the disk.
    pub(in crate::graph::git) fn commit(mut self) -> io::Result<()> {
        std::fs::rename(&self.lock, &self.reference)?;
        self.is_moved = true;
        durable::sync(durable::parent(&self.reference))
    }
}

impl Drop for RefLock {
    fn drop(&mut self) {
        if !self.is_moved
            && let Err(error) = std::fs::remove_file(&self.lock)
        {
            tracing::error!(%error, lock = %self.lock.display(), "the ref cannot be moved before the file is removed");
        }
    }
}
