//! Who last changed something on one side of a merge.

use crate::graph::error::Error;
use crate::graph::model::commit::Commit;
use crate::graph::read::snapshot::Snapshot;
use crate::model::statement::root;
use oxigraph::model::NamedNode;

/// How many changes of a resource are read at a time.
const PAGE: usize = 16;

impl Snapshot {
    /// Returns the commit behind this version that last changed a subject, or one property of it: what it added, or what
    /// it took away.
    pub(in crate::graph) fn last_change(
        &self,
        subject: &NamedNode,
        predicate: Option<&NamedNode>,
    ) -> Result<Option<Commit>, Error> {
        let timeline = self.timeline(&root(subject))?;
        let mut after = None;
        loop {
            let page = timeline.changes(after, PAGE)?;
            let Some(oldest) = page.last().map(|change| change.commit.id) else { return Ok(None) };
            let touches = page.into_iter().find(|change| {
                change.properties.iter().any(|property| {
                    property.subject == *subject && predicate.is_none_or(|own| *own == property.predicate)
                })
            });
            if let Some(change) = touches {
                return Ok(Some(change.commit));
            }
            after = Some(oldest);
        }
    }
}
