//! Whether a change writes what the ontology reserves to other use cases than its maker.

use super::maker::Maker;
use super::transaction::Transaction;
use crate::graph::error::Error;
use crate::model::statement::root;
use crate::ontology::{Violation, Writer};
use oxigraph::model::NamedNode;

impl Transaction<'_> {
    /// Returns what the change writes although it is reserved to others than its maker.
    pub(crate) fn reserved(&self, maker: Maker<'_>) -> Result<Vec<Violation>, Error> {
        let ontology = self.snapshot.ontology();
        let mut found = Vec::new();
        for (name, edit) in &self.edits {
            let (before, after) = (edit.before(), edit.after());
            if !ontology.has_reserved(before) && !ontology.has_reserved(after) {
                continue;
            }
            let root = root(&NamedNode::new_unchecked(name));
            let is_sources = match maker.source {
                Some(vendor) => before.is_empty() || !vendor.whole_resource(&root)?.is_empty(),
                None => false,
            };
            let sides =
                maker.sides.iter().map(|side| side.whole_resource(&root)).collect::<Result<_, _>>()?;
            let writer = Writer { use_case: maker.use_case, is_sources, sides };
            found.extend(ontology.reserved(before, after, &writer));
        }
        Ok(found)
    }
}
