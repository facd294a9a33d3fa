//! Which resources no longer say of some properties what they said at first: found by one pass over the rows of these
//! properties, whatever the length of the history.

use super::document::root;
use super::error::Error;
use super::index::ancestry::Ancestry;
use super::index::lifespan::{Lifespan, OPEN};
use super::index::rows;
use super::snapshot::Snapshot;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::HashMap;

/// What was met of a subject so far.
struct Met {
    /// The commit that first made the first row met.
    origin: u32,
    /// Whether its class was among the rows, which is said when it is made.
    typed: bool,
    /// Whether something was said later, or is said no longer.
    rewritten: bool,
}

impl Snapshot {
    /// Returns the resources of which, behind this version, values of one of these properties came or went after the
    /// resource or fragment was made; in IRI order. Some of them may say again what they said, or be gone.
    pub fn rewritten(&self, predicates: &[NamedNode]) -> Result<Vec<NamedNode>, Error> {
        let view = &self.0.view;
        let behind = view.ancestry()?;
        let mut subjects: HashMap<u64, Met> = HashMap::new();
        for predicate in std::iter::once(rdf::TYPE).chain(predicates.iter().map(NamedNodeRef::from)) {
            let Some(id) = self.iri_id(predicate)? else { continue };
            let typed = predicate == rdf::TYPE;
            view.each_lifespan(&rows::prefix(rows::POS, &[id]), |row, span| {
                if behind.holds(span.lane, span.born) {
                    meet(&mut subjects, rows::id(row, 2)?, span, typed, behind);
                }
                Ok(())
            })?;
        }
        let mut resources = Vec::new();
        for (subject, met) in subjects {
            if (met.rewritten || !met.typed)
                && let Term::NamedNode(iri) = view.term(subject)?
            {
                resources.push(root(&iri));
            }
        }
        resources.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        resources.dedup();
        Ok(resources)
    }
}

fn meet(subjects: &mut HashMap<u64, Met>, subject: u64, span: &Lifespan, typed: bool, behind: &Ancestry) {
    let ended = span.tombstone || (span.died != OPEN && behind.holds(span.lane, span.died));
    let met = subjects.entry(subject).or_insert(Met { origin: span.origin, typed: false, rewritten: false });
    met.typed |= typed;
    met.rewritten |= ended || met.origin != span.origin;
}
