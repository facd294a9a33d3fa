//! Who last changed something on one side of a merge.

use crate::graph::commit::Commit;
use crate::graph::error::Error;
use crate::graph::index::commits::Placed;
use crate::graph::index::lifespan::OPEN;
use crate::graph::snapshot::Snapshot;
use oxigraph::model::NamedNode;

impl Snapshot {
    /// Returns the commit on this version's line of history that last changed a subject, or one property of it: what it
    /// added, or what it took away. What came in by a merge is told by the commit that first made it.
    pub(super) fn last_change(
        &self,
        subject: &NamedNode,
        predicate: Option<&NamedNode>,
    ) -> Result<Option<Commit>, Error> {
        let view = &self.0.view;
        let mut ids = Vec::new();
        for iri in [Some(subject), predicate].into_iter().flatten() {
            match self.iri_id(iri.as_ref())? {
                Some(id) => ids.push(id),
                None => return Ok(None),
            }
        }
        let mut last: Option<Placed> = None;
        for span in view.lifespans_of(&ids)? {
            let began = if span.tombstone { None } else { Some(span.origin) };
            let ended = (span.died != OPEN).then_some(span.died);
            let places = [Some((span.born, began)), ended.map(|died| (died, None))];
            for (ordinal, origin) in places.into_iter().flatten() {
                if !view.is_behind(span.lane, ordinal) {
                    continue;
                }
                let placed = match origin {
                    Some(origin) => Some(view.tables.commit_numbered(origin)?),
                    None => view.tables.commit_at(span.lane, ordinal)?,
                };
                last = last.into_iter().chain(placed).max_by_key(|placed| placed.commit.time);
            }
        }
        Ok(last.map(|placed| placed.commit))
    }
}
