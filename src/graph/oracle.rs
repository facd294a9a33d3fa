//! A plain oxigraph memory store loaded with one version: the oracle of tests and the floor of benchmarks. It keeps no
//! history and never serves a user.

use super::error::Error;
use super::snapshot::Snapshot;
use crate::model::statement::Statement;
use oxigraph::model::{GraphName, NamedNode, NamedOrBlankNodeRef, Quad};
use oxigraph::store::Store;

/// One version in oxigraph's own memory store.
pub struct Oracle(pub(crate) Store);

impl std::fmt::Debug for Oracle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Oracle")
    }
}

impl Snapshot {
    /// Copies this version into a plain store.
    pub fn oracle(&self) -> Result<Oracle, Error> {
        Oracle::load(&self.matching(None, None, None)?)
    }
}

impl Oracle {
    /// Puts statements into a plain store.
    pub fn load(statements: &[Statement]) -> Result<Self, Error> {
        let failed = |error: oxigraph::store::StorageError| Error::Query(error.to_string());
        let store = Store::new().map_err(failed)?;
        for statement in statements {
            let Statement { subject, predicate, object } = statement.clone();
            store.insert(&Quad::new(subject, predicate, object, GraphName::DefaultGraph)).map_err(failed)?;
        }
        Ok(Self(store))
    }

    /// Counts the statements about a subject, reading each of them.
    pub fn about(&self, subject: &NamedNode) -> usize {
        let subject = NamedOrBlankNodeRef::from(subject.as_ref());
        self.0.quads_for_pattern(Some(subject), None, None, None).filter(Result::is_ok).count()
    }
}
