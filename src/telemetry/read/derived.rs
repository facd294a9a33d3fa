//! What layers above worked out of the samples of a series in a span. As long as the same chunks hold them, they are the same samples, so
//! that what was worked out of them once holds; so much of it is kept as there is room for.

use crate::model::sync::cache::BoundedCache;
use crate::model::time::interval::Interval;
use crate::telemetry::series::key::SeriesId;
use std::any::Any;
use std::sync::Arc;

/// How many bytes are kept.
const BYTES_MAX: u64 = 64 << 20;

/// Something that is worked out of samples.
pub trait Derived: Any + Send + Sync {
    /// Returns how many bytes it takes, about.
    fn bytes(&self) -> usize;
}

/// Which chunks hold the samples of a span, by part and offset.
pub(in crate::telemetry) type Edition = Vec<(u64, u64)>;

/// What was worked out: of which samples, and how.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::telemetry) struct DerivedKey {
    pub(in crate::telemetry) series: SeriesId,
    pub(in crate::telemetry) within: Interval,
    pub(in crate::telemetry) edition: Edition,
    pub(in crate::telemetry) how: Arc<str>,
}

/// What was worked out of late.
#[derive(Debug)]
pub(in crate::telemetry) struct DerivedCache(BoundedCache<DerivedKey, Arc<dyn Any + Send + Sync>>);

impl Default for DerivedCache {
    fn default() -> Self {
        Self(BoundedCache::with_room(BYTES_MAX))
    }
}

impl DerivedCache {
    /// Returns what is kept under a key, or what `make` returns.
    pub(in crate::telemetry) fn get<V: Derived, E>(
        &self,
        key: DerivedKey,
        make: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        if let Some(Ok(known)) = self.0.get(&key).map(Arc::downcast) {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        let bytes = size_of::<DerivedKey>() + 16 * key.edition.len() + made.bytes();
        self.0.insert(key, made.clone(), bytes);
        Ok(made)
    }
}
