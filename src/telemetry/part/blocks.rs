//! Blocks of parts read of late: a fleet's rollups are asked for again and again, and a part never changes.

use super::{Extent, Part};
use crate::model::sync::cache::{BoundedCache, CacheUse};
use crate::telemetry::error::Error;
use std::sync::Arc;

/// How many bytes are kept.
const BYTES_MAX: u64 = 64 << 20;

/// Blocks by part and offset.
#[derive(Debug)]
pub(in crate::telemetry) struct Blocks(BoundedCache<(u64, u64), Arc<Vec<u8>>>);

impl Default for Blocks {
    fn default() -> Self {
        Self(BoundedCache::with_room(BYTES_MAX))
    }
}

impl Blocks {
    /// Returns how much it is of use.
    pub(in crate::telemetry) fn usage(&self) -> CacheUse {
        self.0.usage()
    }

    /// Reads a block of a part, from the disk where it is not kept.
    pub(in crate::telemetry) fn read(&self, part: &Part, extent: Extent) -> Result<Arc<Vec<u8>>, Error> {
        let key = (part.number, extent.offset);
        if let Some(known) = self.0.get(&key) {
            return Ok(known);
        }
        let bytes = Arc::new(part.read(extent)?);
        self.0.insert(key, Arc::clone(&bytes), bytes.len());
        Ok(bytes)
    }
}
