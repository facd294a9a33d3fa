//! Blame: each statement of a resource with the commit that made it.

use super::snapshot::Snapshot;
use crate::graph::error::Error;
use crate::graph::index::rows::key;
use crate::graph::index::storage::packed::Direction;
use crate::graph::model::commit::Commit;
use crate::model::statement::Statement;
use oxigraph::model::NamedNode;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A statement and the commit that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blame {
    /// The statement, of the resource or one of its fragments.
    pub statement: Statement,
    /// The commit that made it: it has the statement, and none of its parents does.
    pub commit: Commit,
}

impl Snapshot {
    /// Returns every statement of a resource and its fragments with the commit that made it, in canonical order. What
    /// came in by a merge is ascribed to the commit that was merged.
    pub fn blame(&self, resource: &NamedNode) -> Result<Vec<Blame>, Error> {
        let view = &self.0.view;
        let mut commits: HashMap<u32, Commit> = HashMap::new();
        let mut found = Vec::new();
        for id in view.described_ids(resource)? {
            let mut rows_of = Vec::new();
            view.scan(&key::prefix(key::SPO, &[id]), Direction::Forward, |row, origin| {
                rows_of.push(([id, key::id(row, 1)?, key::id(row, 2)?], origin));
                Ok(true)
            })?;
            for (ids, origin) in rows_of {
                let commit = match commits.entry(origin) {
                    Entry::Occupied(known) => known.get().clone(),
                    Entry::Vacant(slot) => slot.insert(view.tables.commit_numbered(origin)?.commit).clone(),
                };
                found.push(Blame { statement: view.statement(ids)?, commit });
            }
        }
        found.sort_unstable_by(|a, b| a.statement.cmp(&b.statement));
        Ok(found)
    }
}
