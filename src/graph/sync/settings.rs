//! Reads `throughline.toml`: the format of a commit and the thread's base.

use crate::graph::error::Error;
use crate::graph::git::store::History;
use crate::graph::model::commit::CommitId;
use crate::graph::model::ref_name::{MAIN, branch_ref};
use crate::graph::text::format::{FORMATS, Format, SETTINGS};
use std::sync::Arc;

impl Format {
    /// Reads the settings of a commit: its format and the base.
    pub(crate) fn read(text: &str) -> Result<(Self, String), Error> {
        let unknown = |format: &str| Error::Format(format.to_owned());
        let settings: toml::Table =
            text.parse().map_err(|_| unknown("unknown (throughline.toml is no TOML)"))?;
        let format = settings.get("format").map_or("unknown".to_owned(), ToString::to_string);
        let known = FORMATS.iter().find(|(_, name)| *name == format).ok_or_else(|| unknown(&format))?;
        let base = settings.get("base").and_then(toml::Value::as_str);
        Ok((known.0, base.ok_or_else(|| unknown("unknown (throughline.toml has no base)"))?.to_owned()))
    }
}

impl History {
    /// Returns the format of a commit and the thread's base.
    pub(in crate::graph) fn settings(&self, at: CommitId) -> Result<(Format, String), Error> {
        let file = self.file(at, SETTINGS)?;
        let text = file.and_then(|bytes| String::from_utf8(bytes).ok());
        Format::read(&text.ok_or_else(|| Error::Format("unknown (no throughline.toml)".to_owned()))?)
    }

    /// Returns the format of a commit.
    pub(in crate::graph) fn format(&self, at: CommitId) -> Result<Format, Error> {
        Ok(self.settings(at)?.0)
    }
}

pub(in crate::graph) fn read_base(history: &History) -> Result<Arc<str>, Error> {
    let head = history.reference(&branch_ref(MAIN))?;
    let head = head.ok_or_else(|| Error::Format("unknown (no branch main)".to_owned()))?;
    Ok(history.settings(head)?.1.into())
}
