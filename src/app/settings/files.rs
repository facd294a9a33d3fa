//! Files that the settings name, and names that become those of files.

use std::path::Path;

/// Returns whether a name can be that of a file anywhere.
pub(super) fn is_file_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_".contains(sign))
}

/// Reads a file that the settings name.
pub(super) fn read(folder: &Path, path: &Path) -> Result<String, String> {
    let path = folder.join(path);
    std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}
