//! The part of the data that the SHACL engine looks at, as a graph that the engine can own.
//!
//! The engine needs a graph without borrowed parts, and treats a failed look-up as an empty one. So it never reads
//! the data itself: look-ups that the store cannot answer yet are noted, loaded outside the engine where an error
//! is an error, and the engine runs again. Shapes are shallow, so this ends after a few rounds.

use crate::model::statement::Statement;
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use oxigraph::model::{BlankNode, Literal, NamedNode, NamedOrBlankNode, Term, Triple};
use prefixmap::{PrefixMap, PrefixMapError};
use rudof_iri::IriS;
use rudof_rdf::rdf_core::{Matcher, NeighsRDF, Rdf};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Statements that hold whatever the data: the ontology's own about classes and units.
pub(super) type Background = HashMap<NamedNode, Vec<Triple>>;

/// A pattern that the engine asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Lookup {
    /// All about a subject.
    Subject(NamedNode),
    /// All with this predicate and object, where given.
    Values(Option<NamedNode>, Option<Term>),
}

/// What is loaded, and what is missing.
#[derive(Debug)]
pub(super) struct Store {
    background: Arc<Background>,
    loaded: HashMap<Lookup, Vec<Triple>>,
    missing: Mutex<HashSet<Lookup>>,
}

/// The store's look-ups never fail; see the module's words on loading.
#[derive(Debug, thiserror::Error)]
#[error("the store answers every look-up")]
pub(super) struct Never;

impl Store {
    pub(super) fn new(background: Arc<Background>) -> Self {
        Self { background, loaded: HashMap::new(), missing: Mutex::new(HashSet::new()) }
    }

    /// Loads what the engine missed; returns whether there was anything.
    pub(super) fn load<D: Data>(&mut self, data: &D) -> Result<bool, Error> {
        let missing = std::mem::take(&mut *self.missing.lock().unwrap_or_else(PoisonError::into_inner));
        let found_any = !missing.is_empty();
        for lookup in missing {
            let triples = match &lookup {
                Lookup::Subject(subject) => {
                    let about = data.about(subject).map_err(Error::data)?;
                    self.with_background(subject, about.iter().cloned().map(triple).collect())
                }
                Lookup::Values(predicate, object) => data
                    .matching(None, predicate.as_ref(), object.as_ref())
                    .map_err(Error::data)?
                    .into_iter()
                    .map(triple)
                    .collect(),
            };
            self.loaded.insert(lookup, triples);
        }
        Ok(found_any)
    }

    /// Returns whether a node was looked at and has no statements.
    pub(super) fn knows_nothing_of(&self, value: &Term) -> bool {
        let Term::NamedNode(node) = value else { return false };
        self.loaded.get(&Lookup::Subject(node.clone())).is_some_and(Vec::is_empty)
    }

    /// Returns the values that a node was seen to have.
    pub(super) fn values(&self, node: &NamedNode, predicate: &NamedNode) -> Vec<Term> {
        let about = self.loaded.get(&Lookup::Subject(node.clone())).into_iter().flatten();
        about.filter(|triple| triple.predicate == *predicate).map(|triple| triple.object.clone()).collect()
    }

    fn with_background(&self, subject: &NamedNode, mut triples: Vec<Triple>) -> Vec<Triple> {
        for triple in self.background.get(subject).into_iter().flatten() {
            if !triples.contains(triple) {
                triples.push(triple.clone());
            }
        }
        triples
    }

    fn find(
        &self,
        subject: Option<&NamedOrBlankNode>,
        predicate: Option<&NamedNode>,
        object: Option<&Term>,
    ) -> Vec<Triple> {
        let lookup = match subject {
            Some(NamedOrBlankNode::NamedNode(subject)) => Lookup::Subject(subject.clone()),
            // The thread holds no blank nodes.
            Some(NamedOrBlankNode::BlankNode(_)) => return Vec::new(),
            None => Lookup::Values(predicate.cloned(), object.cloned()),
        };
        let Some(triples) = self.loaded.get(&lookup) else {
            self.missing.lock().unwrap_or_else(PoisonError::into_inner).insert(lookup);
            return Vec::new();
        };
        let fits = |triple: &&Triple| {
            predicate.is_none_or(|p| triple.predicate == *p) && object.is_none_or(|o| triple.object == *o)
        };
        triples.iter().filter(fits).cloned().collect()
    }
}

fn triple(statement: Statement) -> Triple {
    Triple::new(statement.subject, statement.predicate, statement.object)
}

impl Rdf for Store {
    type Subject = NamedOrBlankNode;
    type IRI = NamedNode;
    type Term = Term;
    type BNode = BlankNode;
    type Literal = Literal;
    type Triple = Triple;
    type Err = Never;

    fn qualify_iri(&self, iri: &NamedNode) -> String {
        iri.to_string()
    }

    fn qualify_subject(&self, subject: &NamedOrBlankNode) -> String {
        subject.to_string()
    }

    fn qualify_term(&self, term: &Term) -> String {
        term.to_string()
    }

    fn prefixmap(&self) -> Option<PrefixMap> {
        None
    }

    fn resolve_prefix_local(&self, prefix: &str, local: &str) -> Result<IriS, PrefixMapError> {
        PrefixMap::new().resolve_prefix_local(prefix, local)
    }
}

impl NeighsRDF for Store {
    fn triples(&self) -> Result<impl Iterator<Item = Triple>, Never> {
        Ok(self.find(None, None, None).into_iter())
    }

    fn triples_matching<S, P, O>(
        &self,
        subject: &S,
        predicate: &P,
        object: &O,
    ) -> Result<impl Iterator<Item = Triple> + '_, Never>
    where
        S: Matcher<NamedOrBlankNode>,
        P: Matcher<NamedNode>,
        O: Matcher<Term>,
    {
        Ok(self.find(subject.value(), predicate.value(), object.value()).into_iter())
    }
}
