//! Figures of a store for those who watch it.

use super::Store;
use crate::model::sync::cache::CacheUse;
use crate::model::sync::tally::Count;
use crate::telemetry::error::Error;
use crate::telemetry::ingest::batch::Written;

/// What a store took in since it was opened.
#[derive(Debug, Default)]
pub(super) struct Intake {
    samples: Count,
    bytes: Count,
    refused: Count,
}

/// Figures of a store at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Samples that were stored since it was opened.
    pub samples: u64,
    /// Bytes of line protocol that were read since it was opened, unpacked.
    pub bytes: u64,
    /// Lines and samples that were refused since it was opened.
    pub refused: u64,
    /// Series that are not deleted.
    pub series: usize,
    /// Samples that are in the log and in memory alone.
    pub unsealed: usize,
    /// Parts.
    pub parts: usize,
    /// The cache of blocks of parts.
    pub blocks: CacheUse,
}

impl Intake {
    /// Adds what was made of a request of so many bytes.
    pub(super) fn note(&self, bytes: usize, written: &Result<Written, Error>) {
        self.bytes.add(bytes as u64);
        if let Ok(written) = written {
            self.samples.add(written.samples);
            self.refused.add(written.rejected_count as u64);
        }
    }
}

impl Store {
    /// Returns figures of now.
    pub fn figures(&self) -> Figures {
        let shared = self.shared();
        let (series, parts) = (shared.catalog.read().live(), shared.parts().files().count());
        let Intake { samples, bytes, refused } = &shared.intake;
        Figures {
            samples: samples.get(),
            bytes: bytes.get(),
            refused: refused.get(),
            series,
            unsealed: shared.committer().unsealed(),
            parts,
            blocks: shared.blocks.usage(),
        }
    }
}
