//! Who makes a change, and whether it writes what the ontology reserves to use cases.

use super::transaction::Transaction;
use crate::graph::error::Error;
use crate::graph::read::snapshot::Snapshot;
use crate::model::statement::root;
use crate::model::use_case::UseCase;
use crate::ontology::{Violation, Writer};
use oxigraph::model::NamedNode;

/// Who makes a change.
#[derive(Clone, Copy, Default)]
pub(crate) struct Maker<'a> {
    /// The use case; `None`: a client, in its own words.
    pub(crate) use_case: Option<UseCase>,
    /// The earlier statements of the importing source.
    pub(crate) source: Option<&'a Snapshot>,
    /// The versions that are merged in.
    pub(crate) sides: &'a [Snapshot],
}

impl<'a> Maker<'a> {
    /// A client or a use case of the service.
    pub(crate) fn of(use_case: Option<UseCase>) -> Self {
        Self { use_case, ..Self::default() }
    }

    /// An import of a source, whose vendor branch has these statements.
    pub(crate) fn source(vendor: &'a Snapshot) -> Self {
        Self { use_case: Some(UseCase::Import), source: Some(vendor), ..Self::default() }
    }

    /// A merge of versions.
    pub(crate) fn merge(sides: &'a [Snapshot]) -> Self {
        Self { sides, ..Self::default() }
    }
}

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
