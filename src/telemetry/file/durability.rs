//! What makes the files of a folder last.

use crate::telemetry::error::Error;
use std::fs::File;
use std::path::Path;

/// Waits until the names in a folder are on the disk.
pub(in crate::telemetry) fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(Error::io("sync", folder))
}
