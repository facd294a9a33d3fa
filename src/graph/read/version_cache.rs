//! What was worked out of versions of late. A version never changes, so what was worked out of it once holds for ever; so much
//! of it is remembered as there is room for, whichever versions it is of.

use crate::graph::model::commit::CommitId;
use crate::model::sync::cache::{BoundedCache, CacheUse, Equivalent};
use oxigraph::model::NamedNode;
use std::any::{Any, TypeId};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// How many bytes are remembered, of all versions together.
const BYTES_MAX: u64 = 64 << 20;

/// What the texts of one thing take, about.
const TEXT_BYTES: usize = 256;

/// Something that layers above work out of a version, about one of its resources; each kind of it is a type of its own.
pub trait Remembered: Any + Send + Sync {
    /// Returns how many bytes it takes, about.
    fn bytes(&self) -> usize {
        size_of_val(self) + TEXT_BYTES
    }
}

/// So there is one kind of list of each kind of item.
impl<T: Any + Send + Sync> Remembered for Vec<T> {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.len() * (size_of::<T>() + TEXT_BYTES)
    }
}

/// What was worked out of the versions of one repository.
pub(crate) struct VersionCache(BoundedCache<CacheKey, Arc<dyn Any + Send + Sync>>);

impl Default for VersionCache {
    fn default() -> Self {
        Self(BoundedCache::with_room(BYTES_MAX))
    }
}

impl VersionCache {
    /// Returns how much it is of use.
    pub(in crate::graph) fn usage(&self) -> CacheUse {
        self.0.usage()
    }

    /// Returns what is remembered of a version about a resource, or what `make` returns.
    pub(super) fn get<V: Remembered, E>(
        &self,
        version: CommitId,
        about: &NamedNode,
        make: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        let asked = BorrowedKey { version, kind: TypeId::of::<V>(), about: about.as_str() };
        if let Some(Ok(known)) = self.0.get(&asked).map(Arc::downcast) {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        let bytes = size_of::<CacheKey>() + about.as_str().len() + made.bytes();
        let key = CacheKey { version, kind: asked.kind, about: about.as_str().into() };
        self.0.insert(key, made.clone(), bytes);
        Ok(made)
    }
}

/// What was worked out, as which type, of which version, about what.
#[derive(PartialEq, Eq, Hash)]
struct CacheKey {
    version: CommitId,
    kind: TypeId,
    about: Box<str>,
}

/// A [`CacheKey`] that is looked for; it has the same hash.
#[derive(Hash)]
struct BorrowedKey<'a> {
    version: CommitId,
    kind: TypeId,
    about: &'a str,
}

impl Equivalent<CacheKey> for BorrowedKey<'_> {
    fn equivalent(&self, key: &CacheKey) -> bool {
        (self.version, self.kind, self.about) == (key.version, key.kind, &*key.about)
    }
}

/// What was found at the versions that were looked at last: a later version looks only at what was touched since.
pub(crate) struct LatestFound {
    /// The resources that no longer have the first values of some properties.
    pub(super) rewritten: Latest<BTreeSet<String>>,
    /// How many instances some classes have.
    pub(super) counts: Latest<usize>,
}

impl Default for LatestFound {
    fn default() -> Self {
        Self { rewritten: Latest::of(2), counts: Latest::of(64) }
    }
}

impl LatestFound {
    /// Drops what is large, as the places of commits are others in an index made anew.
    pub(in crate::graph) fn clear(&self) {
        self.rewritten.found.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What was found at a version.
pub(super) struct Found<T> {
    pub(super) commit: CommitId,
    pub(super) place: (u32, u32),
    /// The properties or classes that it is about, named in full: their ids are others in an index made anew.
    pub(super) about: Vec<NamedNode>,
    pub(super) what: T,
}

/// What was found last, at so many versions at the most.
pub(super) struct Latest<T> {
    found: Mutex<Vec<Arc<Found<T>>>>,
    most: usize,
}

impl<T> Latest<T> {
    fn of(most: usize) -> Self {
        Self { found: Mutex::default(), most }
    }

    /// Returns what was found about some properties or classes.
    pub(super) fn about(&self, about: &[NamedNode]) -> Vec<Arc<Found<T>>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.iter().filter(|found| found.about == about).cloned().collect()
    }

    /// Takes in what was found.
    pub(super) fn insert(&self, new: Found<T>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        // One of the same lane is only older or newer.
        found.retain(|old| old.place.0 != new.place.0 || old.about != new.about);
        if found.len() >= self.most {
            found.remove(0);
        }
        found.push(Arc::new(new));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Length(usize);
    impl Remembered for Length {}

    fn iri(number: usize) -> NamedNode {
        NamedNode::new_unchecked(format!("https://a/{number}"))
    }

    fn version(byte: u8) -> CommitId {
        CommitId::of_preview([byte; 20])
    }

    #[test]
    fn each_version_resource_and_kind_is_remembered_by_itself() {
        let (memory, mut made) = (VersionCache::default(), 0);
        for (commit, about, length) in [(1, 1, 5), (2, 1, 6), (1, 2, 7), (1, 1, 5), (2, 1, 6)] {
            let found = memory.get(version(commit), &iri(about), || {
                made += 1;
                Ok::<_, ()>(Length(length))
            });
            assert_eq!(found, Ok(Arc::new(Length(length))), "{commit} {about}");
        }
        assert_eq!(made, 3);
        assert_eq!(memory.get(version(1), &iri(1), || Ok::<_, ()>(vec![8])), Ok(Arc::new(vec![8])));
        // What could not be worked out is tried again.
        assert_eq!(memory.get(version(3), &iri(1), || Err::<Length, _>("no")), Err("no"));
        assert_eq!(memory.get(version(3), &iri(1), || Ok::<_, &str>(Length(9))), Ok(Arc::new(Length(9))));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let memory = VersionCache::default();
        (0..100_000).for_each(|number| _ = memory.get(version(1), &iri(number), || Ok::<_, ()>(vec![0; 9])));
        let bytes = memory.0.bytes();
        assert!(bytes > BYTES_MAX / 2 && bytes <= BYTES_MAX, "{bytes}");
    }
}
