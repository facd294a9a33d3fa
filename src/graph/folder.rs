//! The folder of the bare repository: which folders stand in it, what a killed process left there, and what is synced
//! that libgit2 leaves unsynced.

use super::history::{History, told};
use std::path::Path;

/// Stands in the repository's folder while a process has it open: left behind, it says that the process was killed.
const OPEN: &str = "throughline.open";

impl History {
    /// Leaves the mark of an open repository; where a killed process left it, syncs what that may not have synced, and
    /// returns how many files that were.
    pub(super) fn mark_open(&self) -> std::io::Result<usize> {
        let mark = self.folder().join(OPEN);
        let repaired = if mark.exists() { self.sync_all()? } else { 0 };
        std::fs::write(&mark, "")?;
        sync(&mark)?;
        sync(self.folder())?;
        Ok(repaired)
    }

    /// Syncs every object and ref with its folder, whoever wrote it; returns how many files there are.
    pub(super) fn sync_all(&self) -> std::io::Result<usize> {
        let mut files = 0;
        let mut folders = vec![self.folder().join("refs"), self.folder().join("objects")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    sync(&path)?;
                    files += 1;
                }
            }
            sync(&folder)?;
        }
        Ok(files)
    }

    /// Says that all that was written is synced: the next start has nothing to repair.
    pub(crate) fn mark_closed(&self) -> std::io::Result<()> {
        remove_if_there(&self.folder().join(OPEN))
    }

    /// Makes the object folders that `git gc` has removed, as libgit2 would make them unsynced.
    pub(super) fn make_missing_folders(&self) -> Result<(), git2::Error> {
        let objects = std::fs::read_dir(self.folder().join("objects")).map_err(told)?;
        let is_shard = |name: &std::ffi::OsStr| {
            name.len() == 2 && name.as_encoded_bytes().iter().all(u8::is_ascii_hexdigit)
        };
        let shards = objects.flatten().filter(|entry| is_shard(&entry.file_name())).count();
        if shards < 256 { self.make_folders().map_err(told) } else { Ok(()) }
    }

    pub(super) fn make_folders(&self) -> std::io::Result<()> {
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
        let Some(parent) = path.parent().filter(|parent| !parent.exists()) else { return Ok(()) };
        std::fs::create_dir_all(parent).map_err(told)?;
        let mut up = parent.ancestors().take_while(|folder| folder.starts_with(self.folder()));
        up.try_for_each(sync).map_err(told)
    }

    pub(super) fn remove_stale_locks(&self) -> std::io::Result<()> {
        let mut folders = vec![self.folder().join("refs")];
        for name in ["HEAD.lock", "config.lock", "packed-refs.lock"] {
            remove_if_there(&self.folder().join(name))?;
        }
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "lock") {
                    remove_if_there(&path)?;
                }
            }
        }
        Ok(())
    }
}

pub(super) fn sync(path: &Path) -> std::io::Result<()> {
    std::fs::File::open(path)?.sync_all()
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
