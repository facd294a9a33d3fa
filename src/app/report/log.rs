//! The commits behind a version.

use super::change::CommitReport;
use super::words;
use crate::app::application::App;
use crate::app::error::Error;
use serde::{Deserialize, Serialize};

/// The commits behind a version, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogReport {
    /// The commits.
    pub commits: Vec<LogEntry>,
}

/// A commit, and what it changed in the resource that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The commit.
    pub commit: CommitReport,
    /// What it changed, a line for each property; only where that is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
}

/// Which commits are asked for.
#[derive(Clone, Debug)]
pub struct LogAsked {
    /// The version.
    pub version: String,
    /// Only those that changed this resource.
    pub resource: Option<String>,
    /// Whether what they changed in it is asked for.
    pub with_changes: bool,
    /// How many at the most.
    pub limit: usize,
}

impl LogReport {
    /// Reads the commits.
    pub fn read(app: &App, asked: &LogAsked) -> Result<Self, Error> {
        let version = app.snapshot(&asked.version)?;
        let resource = asked.resource.as_deref().map(|name| words::find(&version, name)).transpose()?;
        let plain = |commit: &_| LogEntry { commit: CommitReport::from(commit), changes: Vec::new() };
        let Some(resource) = resource else {
            let commits = app.log(&version, None, None, asked.limit)?;
            return Ok(Self { commits: commits.iter().map(plain).collect() });
        };
        if app.log(&version, Some(&resource), None, 1)?.is_empty() {
            return Err(Error::NeverChanged { resource, version: asked.version.clone() });
        }
        if !asked.with_changes {
            let commits = app.log(&version, Some(&resource), None, asked.limit)?;
            return Ok(Self { commits: commits.iter().map(plain).collect() });
        }
        let changes = version.timeline(&resource)?.changes(None, asked.limit)?;
        let entry = |change: &crate::graph::ResourceChange| LogEntry {
            commit: CommitReport::from(&change.commit),
            changes: change.properties.iter().map(|property| words::line(property, &version)).collect(),
        };
        Ok(Self { commits: changes.iter().map(entry).collect() })
    }
}
