//! Which sources describe which resources, by their vendor branches.

use crate::graph::error::Error;
use crate::graph::model::ref_name::{branch_ref, vendor_branch};
use crate::graph::repository::Repository;
use crate::model::statement::root;
use oxigraph::model::NamedNode;
use std::collections::BTreeSet;

/// How many of some resources a source describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceShare {
    /// The name of the source.
    pub source: String,
    /// How many of the resources it describes.
    pub shared: usize,
    /// How many resources it describes in all.
    pub total: usize,
}

impl Repository {
    /// Returns whether a source has been imported before.
    pub fn is_source(&self, source: &str) -> Result<bool, Error> {
        Ok(self.index.tables()?.reference(&branch_ref(&vendor_branch(source)))?.is_some())
    }

    /// Returns the sources that describe some of these resources, in name order.
    pub fn sources_of(&self, resources: &BTreeSet<NamedNode>) -> Result<Vec<SourceShare>, Error> {
        let begin: BTreeSet<NamedNode> = self.first()?.roots()?.into_iter().collect();
        let prefix = branch_ref(&vendor_branch(""));
        let mut shares = Vec::new();
        for (reference, id) in self.index.tables()?.references(&prefix)? {
            let roots: BTreeSet<NamedNode> = self.snapshot_at(id)?.roots()?.into_iter().collect();
            let own = || roots.difference(&begin);
            let shared = own().filter(|root| resources.contains(*root)).count();
            if shared > 0 {
                let source = reference[prefix.len()..].to_owned();
                shares.push(SourceShare { source, shared, total: own().count() });
            }
        }
        Ok(shares)
    }
}

/// Returns the resources that statements describe.
pub fn described<'a>(subjects: impl IntoIterator<Item = &'a NamedNode>) -> BTreeSet<NamedNode> {
    subjects.into_iter().map(root).collect()
}
