//! What makes the files of a folder last.

use super::error::Error;
use std::fs::File;
use std::path::Path;

/// Waits until the names in a folder are on the disk.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(Error::io("sync", folder))
}
