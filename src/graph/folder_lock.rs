//! The lock of a thread's folder, and what its file says: which file it is, while a process has the folder open. A file that names
//! another one is a copy: the folder was copied while it was written, so that what is in it may be of several instants.

use super::error::Error;
use super::repository::io;
use crate::model::held::Held;
use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

/// The file whose lock makes a process the only writer.
pub(super) const LOCK: &str = "lock";

/// Takes the lock of a folder.
pub(super) fn hold(folder: &Path) -> Result<Held, Error> {
    let path = folder.join(LOCK);
    let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
    match Held::take(file.map_err(|source| io(&path, source))?) {
        Ok(held) => Ok(held),
        Err(TryLockError::WouldBlock) => Err(Error::Held(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(&path, source)),
    }
}

/// Tells whether the folder was copied while another process had it open.
pub(super) fn was_copied(held: &Held) -> std::io::Result<bool> {
    let (mut file, mut text) = (held.file(), String::new());
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(!text.is_empty() && text != identity(file)?)
}

/// Notes in the file which one it is.
pub(super) fn mark_open(held: &Held) -> std::io::Result<()> {
    let mut file = held.file();
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(identity(file)?.as_bytes())
}

/// Takes the note away at an orderly end.
pub(super) fn mark_closed(held: &Held) -> std::io::Result<()> {
    held.file().set_len(0)
}

#[cfg(unix)]
fn identity(file: &File) -> std::io::Result<String> {
    use std::os::unix::fs::MetadataExt as _;
    let data = file.metadata()?;
    Ok(format!("open as file {} of device {}\n", data.ino(), data.dev()))
}

#[cfg(not(unix))]
fn identity(_file: &File) -> std::io::Result<String> {
    Ok("open\n".to_owned())
}
