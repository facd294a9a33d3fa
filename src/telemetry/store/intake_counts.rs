//! What a store took in, counted.

use crate::model::sync::counter::Count;
use crate::telemetry::error::Error;
use crate::telemetry::ingest::written::Written;

/// What a store took in since it was opened.
#[derive(Debug, Default)]
pub(super) struct IntakeCounts {
    pub(super) samples: Count,
    pub(super) bytes: Count,
    pub(super) refused: Count,
}

impl IntakeCounts {
    /// Adds what was made of a request of so many bytes.
    pub(super) fn note(&self, bytes: usize, written: &Result<Written, Error>) {
        self.bytes.add(bytes as u64);
        if let Ok(written) = written {
            self.samples.add(written.samples);
            self.refused.add(written.rejected_count as u64);
        }
    }
}
