//! The terms looked up of late, and their ids: shared by all that read one dictionary, as requests meet the same ones again
//! and again.
//!
//! A dictionary only grows, so what it once answered stays true, for a reader of an older state of it too: an id that came later
//! is in none of that reader's rows. A dictionary begun anew and a previewed commit come with a cache of their own.

use crate::model::sync::cache::BoundedCache;
use oxigraph::model::Term;

/// How many bytes are remembered each way.
const BYTES_MAX: u64 = 32 << 20;

/// What was looked up of late.
pub(crate) struct TermCache {
    terms: BoundedCache<u64, Term>,
    ids: BoundedCache<Box<[u8]>, u64>,
}

impl Default for TermCache {
    fn default() -> Self {
        Self { terms: BoundedCache::with_room(BYTES_MAX), ids: BoundedCache::with_room(BYTES_MAX) }
    }
}

impl TermCache {
    /// Returns the term of an id, looked up by `find` where it is not remembered.
    pub(crate) fn term<E>(&self, id: u64, find: impl FnOnce() -> Result<Term, E>) -> Result<Term, E> {
        if let Some(known) = self.terms.get(&id) {
            return Ok(known);
        }
        let term = find()?;
        self.terms.insert(id, term.clone(), text_of(&term));
        Ok(term)
    }

    /// Returns the id of a term by its dictionary bytes, looked up by `find` where it is not remembered.
    pub(crate) fn id<E>(
        &self,
        bytes: &[u8],
        find: impl FnOnce() -> Result<Option<u64>, E>,
    ) -> Result<Option<u64>, E> {
        if let Some(known) = self.ids.get(bytes) {
            return Ok(Some(known));
        }
        let found = find()?;
        if let Some(id) = found {
            self.ids.insert(bytes.into(), id, bytes.len());
        }
        Ok(found)
    }
}

/// Returns how many bytes of text a term of a dictionary has; blank nodes and triples are none of it.
fn text_of(term: &Term) -> usize {
    match term {
        Term::NamedNode(iri) => iri.as_str().len(),
        Term::Literal(literal) => literal.value().len(),
        Term::BlankNode(_) | Term::Triple(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::NamedNode;

    fn iri(id: u64) -> Term {
        NamedNode::new_unchecked(format!("https://a/{id}")).into()
    }

    #[test]
    fn what_is_known_is_not_looked_up_again() {
        let (cache, mut looked_up) = (TermCache::default(), 0);
        for id in [1, 2, 1, 1, 2] {
            let term = cache.term(id, || {
                looked_up += 1;
                Ok::<_, ()>(iri(id))
            });
            assert_eq!(term, Ok(iri(id)));
            let found = cache.id(iri(id).to_string().as_bytes(), || {
                looked_up += 1;
                Ok::<_, ()>(Some(id))
            });
            assert_eq!(found, Ok(Some(id)));
        }
        assert_eq!(looked_up, 4);
        // What is not there may come to be.
        assert_eq!(cache.id(b"x", || Ok::<_, ()>(None)), Ok(None));
        assert_eq!(cache.id(b"x", || Ok::<_, ()>(Some(3))), Ok(Some(3)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let cache = TermCache::default();
        (0..1_000_000).for_each(|id| _ = cache.term(id, || Ok::<_, ()>(iri(id))));
        let bytes = cache.terms.bytes();
        assert!(bytes > BYTES_MAX / 2 && bytes <= BYTES_MAX, "{bytes}");
    }
}
