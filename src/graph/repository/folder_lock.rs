//! The lock of a thread's folder, and the note in its file: which file it is, while a process has the folder open. A file whose note
//! is of another one is a copy: the folder was copied while it was written, so that what is in it may be of several instants.

use crate::graph::error::{Error, io};
use crate::model::sync::file_lock::FileLock;
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The file whose lock makes a process the only writer.
pub(super) const LOCK: &str = "lock";

/// Takes the lock of a folder.
pub(in crate::graph) fn hold(folder: &Path) -> Result<FileLock, Error> {
    let path = folder.join(LOCK);
    let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
    match FileLock::take(file.map_err(|source| io(&path, source))?) {
        Ok(lock) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(&path, source)),
    }
}

/// Returns whether the folder was copied while another process had it open.
pub(super) fn was_copied(lock: &FileLock, folder: &Path) -> std::io::Result<bool> {
    let (mut file, mut text) = (lock.file(), String::new());
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(!text.is_empty() && !Identity::of(file, folder)?.is_in(&text))
}

/// Notes in the file which one it is.
pub(in crate::graph) fn mark_open(lock: &FileLock, folder: &Path) -> std::io::Result<()> {
    let mut file = lock.file();
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(Identity::of(file, folder)?.to_string().as_bytes())
}

/// Takes the note away at an orderly end.
pub(in crate::graph) fn mark_closed(lock: &FileLock) -> std::io::Result<()> {
    lock.file().set_len(0)
}

/// What distinguishes a file from a copy of it. The number of its device alone does not, as many devices are numbered anew at each
/// boot: disks behind a mapper, network file systems, volumes of containers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    file: u64,
    device: u64,
    /// When the file was made, in nanoseconds, where the file system records that: no copy has it, and a move keeps it.
    made: Option<u128>,
    path: PathBuf,
}

impl Identity {
    #[cfg(unix)]
    fn of(file: &File, folder: &Path) -> std::io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let data = file.metadata()?;
        let since = data.created().ok().and_then(|made| made.duration_since(SystemTime::UNIX_EPOCH).ok());
        let made = since.map(|since| since.as_nanos()).filter(|made| *made > 0);
        Ok(Self { file: data.ino(), device: data.dev(), made, path: folder.canonicalize()? })
    }

    #[cfg(not(unix))]
    fn of(_file: &File, folder: &Path) -> std::io::Result<Self> {
        Ok(Self { file: 0, device: 0, made: None, path: folder.canonicalize()? })
    }

    /// Returns whether a note is of this file. Where it is not known when the file was made, a file of the same number is the
    /// same one on the same device, or at the same path.
    fn is_in(&self, note: &str) -> bool {
        let Some(noted) = Self::read(note) else { return false };
        self.file == noted.file
            && match (self.made, noted.made) {
                (Some(made), Some(noted)) => made == noted,
                _ => self.device == noted.device || self.path == noted.path,
            }
    }

    /// Reads a note; earlier releases wrote only the numbers of file and device.
    fn read(note: &str) -> Option<Self> {
        let rest = note.strip_prefix("open as file ")?;
        let (file, rest) = rest.split_once(" of device ")?;
        let (device, rest) = rest.split_once(['\n', ' '])?;
        let (made, path) = match rest.strip_prefix("made at ") {
            Some(rest) => rest.split_once(" in ")?,
            None => ("unknown", rest.strip_prefix("in ").unwrap_or_default()),
        };
        let path = PathBuf::from(path.strip_suffix('\n').unwrap_or(path));
        Some(Self { file: file.parse().ok()?, device: device.parse().ok()?, made: made.parse().ok(), path })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, device, made, path } = self;
        write!(f, "open as file {file} of device {device} ")?;
        if let Some(made) = made {
            write!(f, "made at {made} ")?;
        }
        writeln!(f, "in {}", path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_recognized_whatever_number_the_device_has() {
        let noted = Identity { file: 7, device: 40, made: Some(5), path: PathBuf::from("/data/a b") };
        let unknown = Identity { made: None, ..noted.clone() };
        let moved = |identity: &Identity| Identity { path: PathBuf::from("/data/c"), ..identity.clone() };
        let mounted = |identity: &Identity| Identity { device: 41, ..identity.clone() };
        let check = |now: Identity, note: &str, expect: bool| {
            assert_eq!(now.is_in(note), expect, "{now:?} {note}");
        };
        // As it was, after another mount, moved, and both.
        check(noted.clone(), &noted.to_string(), true);
        check(mounted(&noted), &noted.to_string(), true);
        check(mounted(&moved(&noted)), &noted.to_string(), true);
        check(mounted(&unknown), &unknown.to_string(), true);
        check(moved(&unknown), &unknown.to_string(), true);
        // A copy: another file, whose number may be the same on another disk.
        check(Identity { file: 8, ..noted.clone() }, &noted.to_string(), false);
        check(Identity { made: Some(6), ..noted.clone() }, &noted.to_string(), false);
        check(Identity { made: Some(6), ..mounted(&noted) }, &noted.to_string(), false);
        check(mounted(&moved(&unknown)), &unknown.to_string(), false);
        // What earlier releases noted, and what nobody did.
        check(noted.clone(), "open as file 7 of device 40\n", true);
        check(mounted(&noted), "open as file 7 of device 40\n", false);
        check(Identity { file: 8, ..noted.clone() }, "open as file 7 of device 40\n", false);
        check(noted, "open\n", false);
    }
}
