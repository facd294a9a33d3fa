//! Makes one `throughline.toml` of the files of an earlier version, which are kept beside it under another name.

use super::{EARLIER, FILE, Sources};
use crate::app::error::Error;
use crate::model::durable;
use std::path::{Path, PathBuf};

/// What an earlier file is called afterwards: its name with this at the end.
const KEPT: &str = ".migrated";

/// Writes the one file, and returns it with what the earlier ones are called now; `None` where there are no earlier ones. Comments stay
/// in the earlier files.
pub fn migrate_settings(folder: &Path) -> Result<Option<(PathBuf, Vec<PathBuf>)>, Error> {
    let path = folder.join(FILE);
    let refused = |reason: String| Error::Settings { path: path.clone(), reason };
    let loaded = Sources::default().read(folder)?;
    if loaded.notes.is_empty() {
        return Ok(None);
    }
    let text = loaded.as_one_file().map_err(|error| refused(error.to_string()))?;
    durable::replace(&path, text.as_bytes()).map_err(|error| refused(error.to_string()))?;
    let mut kept = Vec::new();
    for (name, _) in EARLIER {
        let (from, to) = (folder.join(name), folder.join(format!("{name}{KEPT}")));
        if from.exists() {
            std::fs::rename(&from, &to)
                .map_err(|error| Error::Settings { path: from.clone(), reason: error.to_string() })?;
            kept.push(to);
        }
    }
    Ok(Some((path, kept)))
}
