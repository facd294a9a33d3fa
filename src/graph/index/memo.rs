//! The terms that one view has looked up, and their ids: a question about many units meets the same ones again and again.
//!
//! Both ways are remembered up to a bound, then no more; a term's id is the same as long as the view's transaction lives.

use foldhash::fast::RandomState;
use oxigraph::model::Term;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// So many terms are remembered each way: some megabytes.
const TERMS_MAX: usize = 1 << 15;

/// What was looked up so far.
#[derive(Default)]
pub(crate) struct Memo {
    terms: RwLock<HashMap<u64, Term, RandomState>>,
    ids: RwLock<HashMap<Box<[u8]>, u64, RandomState>>,
}

impl Memo {
    /// Returns the term of an id, looked up by `find` where it is met for the first time.
    pub(crate) fn term<E>(&self, id: u64, find: impl FnOnce() -> Result<Term, E>) -> Result<Term, E> {
        if let Some(known) = self.terms.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(known.clone());
        }
        let term = find()?;
        if !self.is_full() {
            self.terms.write().unwrap_or_else(PoisonError::into_inner).insert(id, term.clone());
        }
        Ok(term)
    }

    /// Returns the id of a term by its bytes, looked up by `find` where it is met for the first time.
    pub(crate) fn id<E>(
        &self,
        bytes: &[u8],
        find: impl FnOnce() -> Result<Option<u64>, E>,
    ) -> Result<Option<u64>, E> {
        if let Some(known) = self.ids.read().unwrap_or_else(PoisonError::into_inner).get(bytes) {
            return Ok(Some(*known));
        }
        let found = find()?;
        let mut ids = self.ids.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = found.filter(|_| ids.len() < TERMS_MAX) {
            ids.insert(bytes.into(), id);
        }
        Ok(found)
    }

    fn is_full(&self) -> bool {
        self.terms.read().unwrap_or_else(PoisonError::into_inner).len() >= TERMS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::NamedNode;

    #[test]
    fn what_is_known_is_not_looked_up_again() {
        let (memo, mut looked_up) = (Memo::default(), 0);
        let iri = |id: u64| Term::from(NamedNode::new_unchecked(format!("https://a/{id}")));
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
        // An id that is not there may come to be known to a later view only, and is not remembered.
        assert_eq!(memo.id(b"x", || Ok::<_, ()>(None)), Ok(None));
        (10..1_000_000).for_each(|id| _ = memo.term(id, || Ok::<_, ()>(iri(3))));
        assert_eq!(memo.terms.read().unwrap().len(), TERMS_MAX);
    }
}
