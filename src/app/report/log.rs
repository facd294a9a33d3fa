//! The commits behind a version.

use super::change::CommitReport;
use super::page::{self, Page, PageAsked};
use super::words;
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::{CommitId, ResourceChange, Snapshot};
use crate::model::sync::cancellation::Cancellation;
use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};

/// The commits behind a version, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogReport {
    /// The commits.
    pub commits: Vec<LogEntry>,
    /// The last of them, after which others follow; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The commit that the version is.
    #[serde(default)]
    pub version: String,
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
    /// Which part of them; a cursor is the id of a commit.
    pub page: PageAsked,
}

impl LogReport {
    /// Reads a page of the commits.
    pub fn read(app: &App, asked: &LogAsked, wanted: &Cancellation) -> Result<Self, Error> {
        let version = app.snapshot(&asked.version)?.while_wanted(wanted);
        let resource = asked.resource.as_deref().map(|name| words::find(&version, name)).transpose()?;
        let after = page::commit_after(asked.page.after.as_deref())?;
        if let Some(resource) = &resource
            && app.log(&version, Some(resource), None, 1)?.is_empty()
        {
            let (resource, version) = (resource.clone(), asked.version.clone());
            return Err(Error::NeverChanged { resource, version });
        }
        let limit = asked.page.first.saturating_add(1);
        let mut commits = match resource.as_ref().filter(|_| asked.with_changes) {
            Some(resource) => with_changes(&version, resource, after, limit)?,
            None => plain(app, &version, resource.as_ref(), after, limit)?,
        };
        let has_more = page::cut(&mut commits, asked.page.first);
        let next = commits.last().filter(|_| has_more).map(|last| last.commit.id.clone());
        Ok(Self { commits, next, version: version.commit().id.to_string() })
    }
}

fn plain(
    app: &App,
    version: &Snapshot,
    resource: Option<&NamedNode>,
    after: Option<CommitId>,
    limit: usize,
) -> Result<Vec<LogEntry>, Error> {
    let commits = app.log(version, resource, after, limit)?;
    Ok(commits.iter().map(|commit| LogEntry { commit: commit.into(), changes: Vec::new() }).collect())
}

fn with_changes(
    version: &Snapshot,
    resource: &NamedNode,
    after: Option<CommitId>,
    limit: usize,
) -> Result<Vec<LogEntry>, Error> {
    let changes = version.timeline(resource)?.changes(after, limit)?;
    let entry = |change: &ResourceChange| LogEntry {
        commit: CommitReport::from(&change.commit),
        changes: change.properties.iter().map(|property| words::line(property, version)).collect(),
    };
    Ok(changes.iter().map(entry).collect())
}

impl Page for LogReport {
    fn version(&self) -> &str {
        &self.version
    }

    fn item_count(&self) -> usize {
        self.commits.len()
    }

    fn next(&self) -> Option<&String> {
        self.next.as_ref()
    }

    fn join(&mut self, following: Self) {
        self.commits.extend(following.commits);
        self.next = following.next;
    }
}
