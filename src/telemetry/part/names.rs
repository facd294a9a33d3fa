//! The names of the files of parts, and a file that has none yet.

use std::path::{Path, PathBuf};

/// Returns the file of a part.
pub(in crate::telemetry) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("part-{number:020}.tlp"))
}

/// Returns the file with the second directory of a part.
pub(in crate::telemetry) fn copy_path(part: &Path) -> PathBuf {
    part.with_extension("tld")
}

/// A file that goes unless it is given its name.
#[derive(Debug)]
pub(super) struct Unnamed(pub(super) PathBuf);

impl Drop for Unnamed {
    fn drop(&mut self) {
        // What cannot be removed now is removed at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}
