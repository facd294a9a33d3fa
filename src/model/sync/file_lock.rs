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

    /// Returns the locked file.
    pub fn file(&self) -> &File {
        &self.0
    }

    /// Returns whether a path still leads to the locked file. Where it was deleted, or the folder moved, somebody else may take the
    /// lock of a file that is new there.
    #[cfg(unix)]
    pub fn is_at(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let same = |other: std::fs::Metadata| {
            self.0.metadata().is_ok_and(|own| (own.dev(), own.ino()) == (other.dev(), other.ino()))
        };
        std::fs::metadata(path).is_ok_and(same)
    }

    /// Returns whether a path still leads to the locked file, which cannot be deleted while it is open.
    #[cfg(not(unix))]
    pub fn is_at(&self, path: &Path) -> bool {
        path.exists()
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
