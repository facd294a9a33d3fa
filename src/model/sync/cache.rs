//! What was looked up or worked out of late: as much of it as there is room for, what was not asked for again goes first.

use foldhash::fast::RandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use std::hash::Hash;

pub use quick_cache::Equivalent;

/// What an entry takes beside its key and its value, about.
const ENTRY_BYTES: u64 = 96;

/// Each of so many parts of the room has a lock of its own; what is greater than one is not kept.
const SHARDS: usize = 8;

/// Values by key, shared by threads; a key may be looked for by anything that equals it and has its hash.
pub struct BoundedCache<K, V>(Cache<K, Weighed<V>, Bytes, RandomState, DefaultLifecycle<K, Weighed<V>>>);

impl<K: Eq + Hash, V: Clone> BoundedCache<K, V> {
    /// Makes room for so many bytes.
    pub fn with_room(bytes: u64) -> Self {
        let entries = (bytes / (2 * ENTRY_BYTES)) as usize;
        let options = OptionsBuilder::new()
            .estimated_items_capacity(entries)
            .weight_capacity(bytes)
            .shards(SHARDS)
            .build()
            .expect("both capacities are given");
        Self(Cache::with_options(options, Bytes, RandomState::default(), DefaultLifecycle::default()))
    }

    /// Returns the value of a key, if there is one still.
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.0.get(key).map(|known| known.value)
    }

    /// Keeps a value that takes so many bytes with its key, about.
    pub fn insert(&self, key: K, value: V, bytes: usize) {
        self.0.insert(key, Weighed { bytes: ENTRY_BYTES + bytes as u64, value });
    }

    /// Returns how many bytes are taken, about.
    pub fn bytes(&self) -> u64 {
        self.0.weight()
    }

    /// Returns how much it is of use.
    pub fn usage(&self) -> CacheUse {
        CacheUse { bytes: self.0.weight(), hits: self.0.hits(), misses: self.0.misses() }
    }
}

impl<K, V> std::fmt::Debug for BoundedCache<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recent")
    }
}

/// How much a cache is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheUse {
    /// The bytes that are taken, about.
    pub bytes: u64,
    /// How often a value was there.
    pub hits: u64,
    /// How often none was.
    pub misses: u64,
}

#[derive(Clone)]
struct Weighed<V> {
    bytes: u64,
    value: V,
}

/// Weighs entries by the bytes that they take.
#[derive(Clone)]
struct Bytes;

impl<K, V> Weighter<K, Weighed<V>> for Bytes {
    fn weight(&self, _: &K, entry: &Weighed<V>) -> u64 {
        entry.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded() {
        const ROOM: u64 = 1 << 20;
        let recent = BoundedCache::with_room(ROOM);
        (0..100_000_u32).for_each(|key| recent.insert(key, key + 1, 40));
        let bytes = recent.bytes();
        assert!(bytes > ROOM / 2 && bytes <= ROOM, "{bytes}");
        let kept: Vec<u32> = (0..100_000).filter_map(|key| recent.get(&key)).collect();
        assert_eq!(kept.len() as u64, bytes / (ENTRY_BYTES + 40));
        assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
