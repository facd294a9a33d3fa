//! The terms looked up of late, and their ids: shared by all that read one dictionary, as requests meet the same ones again
//! and again.
//!
//! A dictionary only grows, so what it once told stays true, for a reader of an older state of it too: an id that came later
//! is in none of that reader's rows. A dictionary begun anew and a supposed commit come with a memo of their own.

use foldhash::fast::RandomState;
use oxigraph::model::Term;
use quick_cache::Weighter;
use quick_cache::sync::{Cache, DefaultLifecycle};
use std::hash::Hash;

/// So many bytes are remembered each way.
const BYTES_MAX: u64 = 32 << 20;

/// What an entry takes beside its text, about.
const ENTRY_BYTES: usize = 96;

/// What was looked up of late.
pub(crate) struct Memo {
    terms: Cache<u64, Term, Bytes, RandomState>,
    ids: Cache<Box<[u8]>, u64, Bytes, RandomState>,
}

impl Default for Memo {
    fn default() -> Self {
        Self { terms: cache(), ids: cache() }
    }
}

fn cache<K: Eq + Hash, V: Clone>() -> Cache<K, V, Bytes, RandomState>
where
    Bytes: Weighter<K, V>,
{
    let entries = BYTES_MAX as usize / (2 * ENTRY_BYTES);
    Cache::with(entries, BYTES_MAX, Bytes, RandomState::default(), DefaultLifecycle::default())
}

impl Memo {
    /// Returns the term of an id, looked up by `find` where it is not remembered.
    pub(crate) fn term<E>(&self, id: u64, find: impl FnOnce() -> Result<Term, E>) -> Result<Term, E> {
        if let Some(known) = self.terms.get(&id) {
            return Ok(known);
        }
        let term = find()?;
        self.terms.insert(id, term.clone());
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
            self.ids.insert(bytes.into(), id);
        }
        Ok(found)
    }
}

/// Weighs entries by the bytes that they take.
#[derive(Clone)]
struct Bytes;

impl Weighter<u64, Term> for Bytes {
    fn weight(&self, _: &u64, term: &Term) -> u64 {
        let text = match term {
            Term::NamedNode(iri) => iri.as_str(),
            Term::Literal(literal) => literal.value(),
            // None of these is in a dictionary.
            Term::BlankNode(_) | Term::Triple(_) => "",
        };
        (ENTRY_BYTES + text.len()) as u64
    }
}

impl Weighter<Box<[u8]>, u64> for Bytes {
    fn weight(&self, bytes: &Box<[u8]>, _: &u64) -> u64 {
        (ENTRY_BYTES + bytes.len()) as u64
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
        let (memo, mut looked_up) = (Memo::default(), 0);
        for id in [1, 2, 1, 1, 2] {
            let term = memo.term(id, || {
                looked_up += 1;
                Ok::<_, ()>(iri(id))
            });
            assert_eq!(term, Ok(iri(id)));
            let found = memo.id(iri(id).to_string().as_bytes(), || {
                looked_up += 1;
                Ok::<_, ()>(Some(id))
            });
            assert_eq!(found, Ok(Some(id)));
        }
        assert_eq!(looked_up, 4);
        // What is not there may come to be.
        assert_eq!(memo.id(b"x", || Ok::<_, ()>(None)), Ok(None));
        assert_eq!(memo.id(b"x", || Ok::<_, ()>(Some(3))), Ok(Some(3)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let memo = Memo::default();
        (0..1_000_000).for_each(|id| _ = memo.term(id, || Ok::<_, ()>(iri(id))));
        let weight = memo.terms.weight();
        assert!(weight > BYTES_MAX / 2 && weight <= BYTES_MAX, "{weight}");
    }
}
