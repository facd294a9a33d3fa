//! SPARQL at one version: oxigraph parses, optimises and evaluates; the index answers its patterns.

use super::error::Error;
use super::index;
use super::snapshot::{Inner, Pattern, Snapshot};
use oxigraph::model::Term;
use oxigraph::sparql::{QueryResults, SparqlEvaluator};
use spareval::{InternalQuad, QueryableDataset};
use std::sync::Arc;

impl Snapshot {
    /// Answers a SPARQL query. There is no SERVICE: nothing is fetched.
    pub fn query(&self, query: &str) -> Result<QueryResults<'static>, Error> {
        let failed = |error: &dyn std::error::Error| Error::Query(error.to_string());
        let prepared = evaluator().parse_query(query).map_err(|error| failed(&error))?;
        prepared.on_queryable_dataset(Dataset(self.0.clone())).execute().map_err(|error| failed(&error))
    }
}

/// Makes every evaluator of the program. A dependency switches oxigraph's HTTP SERVICE on; here it is switched off.
fn evaluator() -> SparqlEvaluator {
    SparqlEvaluator::new().without_default_http_service_handler()
}

#[derive(Clone)]
struct Dataset(Arc<Inner>);

/// A term inside an evaluation: one of the graph, or one that the query computed.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Id {
    Stored(u64),
    Computed(Term),
}

impl Id {
    fn stored(&self) -> Option<u64> {
        match self {
            Self::Stored(id) => Some(*id),
            Self::Computed(_) => None,
        }
    }
}

impl QueryableDataset<'static> for Dataset {
    type InternalTerm = Id;
    type Error = index::Error;

    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Id>,
        predicate: Option<&Id>,
        object: Option<&Id>,
        graph_name: Option<Option<&Id>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Id>, index::Error>> + use<> {
        let bound = [subject, predicate, object];
        // A computed term stands in no statement, and there are no named graphs.
        let nowhere = bound.iter().flatten().any(|id| id.stored().is_none());
        let mut found = Vec::new();
        if !nowhere && matches!(graph_name, Some(None)) {
            let pattern = Pattern { ids: bound.map(|id| id.and_then(Id::stored)) };
            let scanned = pattern.scan(&self.0.view, |ids| {
                found.push(Ok(ids));
                Ok(true)
            });
            found.extend(scanned.err().map(Err));
        }
        found.into_iter().map(|ids| {
            ids.map(|[subject, predicate, object]| InternalQuad {
                subject: Id::Stored(subject),
                predicate: Id::Stored(predicate),
                object: Id::Stored(object),
                graph_name: None,
            })
        })
    }

    fn internalize_term(&self, term: Term) -> Result<Id, index::Error> {
        Ok(self.0.view.id(&term)?.map_or(Id::Computed(term), Id::Stored))
    }

    fn externalize_term(&self, term: Id) -> Result<Term, index::Error> {
        match term {
            Id::Stored(id) => self.0.view.term(id),
            Id::Computed(term) => Ok(term),
        }
    }
}
