//! An exclusive lock of a file, released as soon as its owner drops it. Closing the file would not do, as a program
//! that is about to be begun has a copy of everything open until it runs, and with it the lock.

use std::fs::{File, TryLockError};
use std::path::Path;

/// An open, locked file.
#[derive(Debug)]
pub struct FileLock(File);

impl FileLock {
    /// Takes the lock of an open file; [`TryLockError::WouldBlock`] where another process has it.
    pub fn take(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self(file))
    }

    /// Takes a share of the lock of an open file; [`TryLockError::WouldBlock`] where another process has the whole.
    pub fn share(file: File) -> Result<Self, TryLockError> {
        file.try_lock_shared()?;
        Ok(Self(file))
    }

    /// Returns the locked file.
    pub fn file(&self) -> &File {
        &self.0
    }

    /// Returns whether a path still leads to the locked file. Where it was deleted, or the folder moved, somebody else may take the
    /// lock of a file that is new there.
    #[cfg(unix)]
    pub fn is_at(&self, path: &Path) -> bool {
        self.0.metadata().is_ok_and(|own| FileIdentity::from(&own).is_at(path))
    }

    /// Returns whether a path still leads to the locked file, which cannot be deleted while it is open.
    #[cfg(not(unix))]
    pub fn is_at(&self, path: &Path) -> bool {
        path.exists()
    }
}

/// Which file or folder a path led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    device: u64,
    file: u64,
}

impl FileIdentity {
    /// Returns the identity of the file or folder at a path.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        Ok(Self::from(&std::fs::metadata(path)?))
    }

    /// Returns whether a path leads to the same file or folder.
    pub fn is_at(self, path: &Path) -> bool {
        Self::of(path).is_ok_and(|other| self == other)
    }
}

#[cfg(unix)]
impl From<&std::fs::Metadata> for FileIdentity {
    fn from(metadata: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self { device: metadata.dev(), file: metadata.ino() }
    }
}

/// Where files have no number, what is open cannot be replaced.
#[cfg(not(unix))]
impl From<&std::fs::Metadata> for FileIdentity {
    fn from(_metadata: &std::fs::Metadata) -> Self {
        Self { device: 0, file: 0 }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Where that fails, the system gives it back with the last copy of the file.
        self.0.unlock().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_whose_file_is_replaced_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let lock = FileLock::take(File::create(&path).expect("a file")).expect("the lock");
        assert!(lock.is_at(&path));
        std::fs::remove_file(&path).expect("a file less");
        assert!(!lock.is_at(&path));
        drop(File::create(&path).expect("another file"));
        assert!(!lock.is_at(&path));
    }

    #[test]
    fn a_lock_that_is_let_go_is_free_whoever_has_the_file_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || File::create(folder.path().join("lock")).expect("a file");
        let file = open();
        let copy = file.try_clone().expect("a copy");
        let lock = FileLock::take(file).expect("the lock");
        assert!(matches!(FileLock::take(open()), Err(TryLockError::WouldBlock)));
        drop(lock);
        assert!(FileLock::take(open()).is_ok());
        drop(copy);
    }
}
