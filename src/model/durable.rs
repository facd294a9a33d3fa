//! Files and folders that are on the disk when a call returns, and never there in part: whenever a process or the power ends, a file
//! has its old content or its new one.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Gives a file a new content, whether it was there before or not.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    replace_with(path, |file| file.write_all(content))
}

/// Like [`replace`], with the content that `write` writes. It is written beside the file and synced, and then gets its name; what a
/// process that was killed left beside the file is overwritten.
pub fn replace_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let draft = draft(path);
    let put = || {
        let mut file = File::create(&draft)?;
        write(&mut file)?;
        file.sync_all()?;
        std::fs::rename(&draft, path)
    };
    put().inspect_err(|_| drop(std::fs::remove_file(&draft)))?;
    sync(parent(path))
}

/// Returns the path of the file that is written before it is moved to `path`.
pub fn draft(path: &Path) -> PathBuf {
    let mut draft = OsString::from(path);
    draft.push(".new");
    PathBuf::from(draft)
}

/// Makes a folder and those above it that are missing.
pub fn make_folders(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        path.ancestors().take_while(|above| !is_empty(above) && !above.exists()).collect();
    std::fs::create_dir_all(path)?;
    missing.into_iter().try_for_each(|made| sync(parent(made)))
}

/// Removes a file, where it is there.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Waits until the content of a file, or the names in a folder, are on the disk.
pub fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Returns whether a write failed for want of room: on the disk, of a quota, of what the process may write.
pub fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Returns the folder that a path is in.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !is_empty(parent)).unwrap_or(Path::new("."))
}

fn is_empty(path: &Path) -> bool {
    path.as_os_str().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_has_its_old_content_or_its_new_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("refs");
        let read = || std::fs::read_to_string(&path).expect("the file");
        replace(&path, b"one").expect("made");
        assert_eq!(read(), "one");
        // A writer that fails, and one that is killed, at every step before the last.
        let failed = replace_with(&path, |file| {
            file.write_all(b"tw")?;
            assert_eq!(read(), "one", "it is replaced at once, once all is written");
            Err(io::Error::other("no room"))
        });
        assert!(failed.is_err() && read() == "one");
        assert_eq!(names(folder.path()), ["refs"], "nothing stays behind");
        for left in ["", "tw", "a longer content than the one that comes"] {
            std::fs::write(draft(&path), left).expect("what a kill left");
            assert_eq!(read(), "one");
        }
        replace(&path, b"two").expect("replaced");
        assert_eq!((read(), names(folder.path())), ("two".to_owned(), vec![OsString::from("refs")]));
        assert!(replace(&folder.path().join("none/refs"), b"").is_err());
    }

    #[test]
    fn folders_are_made_with_those_above() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/b/c");
        for _ in 0..2 {
            make_folders(&path).expect("made");
            assert!(path.is_dir());
        }
        std::fs::write(path.join("file"), "").expect("a file");
        assert!(make_folders(&path.join("file/d")).is_err());
        assert_eq!(parent(Path::new("a")), Path::new("."));
    }
}
