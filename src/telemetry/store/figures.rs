//! Figures of a store for those who watch it.

use super::Store;
use super::intake_counts::IntakeCounts;
use crate::model::sync::cache::CacheUse;

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
    /// Parts that were missing or damaged when it was opened.
    pub damaged_parts: usize,
    /// The cache of blocks of parts.
    pub blocks: CacheUse,
}

impl Store {
    /// Returns figures of now.
    pub fn figures(&self) -> Figures {
        let shared = self.shared();
        let (series, parts) = (shared.catalog.read().live(), shared.parts().files().count());
        let IntakeCounts { samples, bytes, refused } = &shared.intake;
        Figures {
            samples: samples.get(),
            bytes: bytes.get(),
            refused: refused.get(),
            series,
            unsealed: shared.committer().unsealed(),
            parts,
            damaged_parts: shared.losses.len(),
            blocks: shared.blocks.usage(),
        }
    }
}
