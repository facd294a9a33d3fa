//! The commits behind a version, newest first.

use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::model::commit::{Commit, CommitId};
use crate::graph::read::log_walk::Walk;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::repository::Repository;
use oxigraph::model::NamedNode;

impl Repository {
    /// Returns the commits behind a version, newest first, at most `limit` of them, after the commit `after`; with
    /// `resource`, only those that changed it or a fragment of it; see [`super::timeline`]. The page after one that was read
    /// lately goes on where that one ended.
    pub fn log(
        &self,
        version: &Snapshot,
        resource: Option<&NamedNode>,
        after: Option<CommitId>,
        limit: usize,
    ) -> Result<Vec<Commit>, Error> {
        if let Some(resource) = resource {
            let changes = version.timeline(resource)?.changes(after, limit)?;
            return Ok(changes.into_iter().map(|change| change.commit).collect());
        }
        let tables = &version.0.view.tables;
        let mut walk = match after.and_then(|after| self.walks.after(version, after)) {
            Some(walk) => walk,
            None => Walk::begin(version, after)?,
        };
        let mut log = Vec::new();
        while log.len() < limit
            && let Some(commit) = walk.next(tables)?
        {
            version.0.view.wanted.check().map_err(index::Error::from)?;
            log.push(commit);
        }
        self.walks.keep(walk, version, &log);
        Ok(log)
    }
}
