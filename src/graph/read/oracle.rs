//! A plain oxigraph memory store loaded with one version: the oracle of tests and the floor of benchmarks. It keeps no
//! history and never serves a user.

use super::snapshot::Snapshot;
use super::sparql;
use crate::graph::error::Error;
use crate::model::statement::Statement;
use oxigraph::model::{GraphName, NamedNode, NamedOrBlankNodeRef, Quad};
use oxigraph::sparql::{QueryResults, SparqlEvaluator};
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

    /// Answers a SPARQL query, reading all of the answer; returns how many solutions or statements it has.
    pub fn query(&self, query: &str) -> Result<usize, sparql::Error> {
        let prepared = SparqlEvaluator::new().without_default_http_service_handler().parse_query(query);
        let prepared = prepared.map_err(|error| sparql::Error::Malformed(error.to_string()))?;
        drain(prepared.on_store(&self.0).execute()?)
    }
}

/// Reads all of an answer; returns how many solutions or statements it has.
pub fn drain(results: QueryResults<'_>) -> Result<usize, sparql::Error> {
    let mut count = 0;
    match results {
        QueryResults::Boolean(value) => count = usize::from(value),
        QueryResults::Solutions(solutions) => {
            for solution in solutions {
                count += usize::from(!solution?.is_empty());
            }
        }
        QueryResults::Graph(statements) => {
            for statement in statements {
                statement?;
                count += 1;
            }
        }
    }
    Ok(count)
}
