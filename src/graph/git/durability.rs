//! The folder of the bare repository: which folders are in it, what a killed process left there, and what is synced
//! that libgit2 leaves unsynced.

use super::files::ref_draft::remove_drafts;
use super::pack::{is_temporary, remove_unfinished};
use super::store::History;
use super::values::git_error;
use crate::graph::model::ref_name::INCOMING;
use crate::model::durable::{self, remove_if_there, sync};
use std::fs::DirEntry;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A file in the repository's folder while a process has it open: left behind, it shows that the process was killed.
const OPEN: &str = "throughline.open";

/// For how long nobody has written to an unfinished file that counts as left behind.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);

impl History {
    /// Leaves the mark of an open repository; where a killed process left it, syncs what that may not have synced, and
    /// returns `true`.
    pub(in crate::graph) fn mark_open(&self) -> std::io::Result<bool> {
        let mark = self.folder().join(OPEN);
        let was_killed = mark.exists();
        if was_killed {
            self.sync_all()?;
        }
        std::fs::write(&mark, "")?;
        sync(&mark)?;
        sync(self.folder())?;
        Ok(was_killed)
    }

    /// Returns whether a process has the repository open, or was killed while it had.
    pub(in crate::graph) fn is_marked_open(&self) -> bool {
        self.folder().join(OPEN).exists()
    }

    /// Syncs every object and ref with its folder, no matter who wrote it.
    pub(in crate::graph) fn sync_all(&self) -> std::io::Result<()> {
        [self.folder().join("refs"), self.folder().join("objects")]
            .iter()
            .try_for_each(|folder| sync_all(folder))
    }

    /// Removes what a killed process has begun and nobody ends; the caller holds the lock of the thread's folder.
    pub(super) fn remove_leftovers(&self) -> std::io::Result<()> {
        remove_unfinished(self.folder())?;
        remove_drafts(self.folder())?;
        // Earlier releases wrote packs with these settings.
        remove_if_there(&self.folder().join("throughline.pack.config"))?;
        remove_old_temporaries(&self.folder().join("objects/pack"))?;
        remove_old_quarantines(&self.folder().join("objects"))
    }

    /// Records that all that was written is synced: the next start has nothing to repair.
    pub(crate) fn mark_closed(&self) -> std::io::Result<()> {
        remove_if_there(&self.folder().join(OPEN))
    }

    /// Makes the object folders that `git gc` has removed, as libgit2 would make them unsynced.
    pub(super) fn make_missing_folders(&self) -> Result<(), git2::Error> {
        let objects = std::fs::read_dir(self.folder().join("objects")).map_err(git_error)?;
        let is_shard = |name: &std::ffi::OsStr| {
            name.len() == 2 && name.as_encoded_bytes().iter().all(u8::is_ascii_hexdigit)
        };
        let shards = objects.flatten().filter(|entry| is_shard(&entry.file_name())).count();
        if shards < 256 { self.make_folders().map_err(git_error) } else { Ok(()) }
    }

    pub(in crate::graph) fn make_folders(&self) -> std::io::Result<()> {
        let objects = self.folder().join("objects");
        for shard in 0..=u8::MAX {
            std::fs::create_dir_all(objects.join(format!("{shard:02x}")))?;
        }
        std::fs::create_dir_all(self.folder().join("refs/heads/import"))?;
        std::fs::create_dir_all(self.folder().join("refs/throughline/kept"))?;
        for folder in
            ["objects/pack", "objects", "refs/heads/import", "refs/heads", "refs/throughline", "refs", "."]
        {
            sync(&self.folder().join(folder))?;
        }
        Ok(())
    }

    /// Returns the names of the refs that have files of their own.
    pub(super) fn ref_files(&self) -> std::io::Result<Vec<String>> {
        let (mut names, mut folders) = (Vec::new(), vec![self.folder().join("refs")]);
        while let Some(folder) = folders.pop() {
            let entries = match std::fs::read_dir(&folder) {
                // Git removes folders that have no refs any more.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Some(name) = path.strip_prefix(self.folder()).ok().and_then(Path::to_str) {
                    names.push(name.to_owned());
                }
            }
        }
        Ok(names)
    }

    /// Makes the folder of a ref and syncs its parents, as libgit2 syncs only the one that holds the ref.
    pub(super) fn make_ref_folder(&self, name: &str) -> Result<(), git2::Error> {
        let path = self.folder().join(name);
        durable::make_folders(durable::parent(&path)).map_err(git_error)
    }

    pub(in crate::graph) fn remove_stale_locks(&self) -> std::io::Result<()> {
        let mut folders = vec![self.folder().join("refs")];
        let pushed = self.folder().join(INCOMING);
        // Git writes `packed-refs` as `packed-refs.new` first, and refuses where that is there.
        for name in ["HEAD.lock", "config.lock", "packed-refs.lock", "packed-refs.new"] {
            remove_if_there(&self.folder().join(name))?;
        }
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let path = entry.path();
                // A push may be holding a ref that waits for adoption, and no other.
                let is_left = !path.starts_with(&pushed) || is_abandoned(&entry);
                if path.is_dir() {
                    folders.push(path);
                } else if is_left && path.extension().is_some_and(|extension| extension == "lock") {
                    remove_if_there(&path)?;
                }
            }
        }
        Ok(())
    }
}

/// Syncs all files below a folder and the folders themselves. One call for the whole file system takes the time of what is not
/// on the disk yet, not that of all files that are there.
#[cfg(target_os = "linux")]
fn sync_all(folder: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::syncfs(std::fs::File::open(folder)?)?)
}

/// Syncs all files below a folder and the folders themselves.
#[cfg(not(target_os = "linux"))]
fn sync_all(folder: &Path) -> std::io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { sync(&path)? }
        }
        sync(&folder)?;
    }
    Ok(())
}

/// Removes unfinished files from a folder of objects or packs that nobody has written to for an hour: another process,
/// such as a push, may be writing younger ones.
pub(in crate::graph) fn remove_old_temporaries(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)?.flatten() {
        if is_temporary(&entry.file_name().to_string_lossy()) && is_abandoned(&entry) {
            remove_if_there(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes folders in which Git keeps the objects of a push until it has checked them, where the push was killed: no ref reaches these, and
/// nothing reads them.
pub(in crate::graph) fn remove_old_quarantines(objects: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(objects)?.flatten() {
        let is_quarantine = entry.file_name().to_string_lossy().starts_with("tmp_objdir-");
        if is_quarantine && entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_old(&entry.path()) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Returns whether nobody has written to a folder for long, nor to one in it.
fn is_old(folder: &Path) -> bool {
    let inside = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    inside.chain([folder.to_owned()]).all(|path| age(&path).is_some_and(|age| age > ABANDONED_AFTER))
}

fn is_abandoned(entry: &DirEntry) -> bool {
    age(&entry.path()).is_some_and(|age| age > ABANDONED_AFTER)
        && entry.file_type().is_ok_and(|kind| kind.is_file())
}

/// Returns how long ago something was written; `None` where that is not known.
fn age(path: &Path) -> Option<Duration> {
    let written = std::fs::symlink_metadata(path).and_then(|found| found.modified()).ok()?;
    SystemTime::now().duration_since(written).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_push_left_is_removed_once_it_is_old() {
        let objects = tempfile::tempdir().expect("a folder");
        let quarantine = objects.path().join("tmp_objdir-incoming-a1");
        let of_shard = objects.path().join("ab");
        for folder in [&quarantine.join("pack"), &of_shard] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        remove_old_quarantines(objects.path()).expect("looked");
        assert!(quarantine.exists(), "a push may be under way");
        let old = SystemTime::now() - 2 * ABANDONED_AFTER;
        for folder in [&quarantine.join("pack"), &quarantine, &of_shard] {
            std::fs::File::open(folder).and_then(|folder| folder.set_modified(old)).expect("a time");
        }
        remove_old_quarantines(objects.path()).expect("removed");
        assert!(!quarantine.exists() && of_shard.exists());
    }
}
