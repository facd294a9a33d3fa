//! What became of a write.

use super::notes::{Replaced, SkippedText};
use super::refusals::{Refusals, Rejected};
use crate::telemetry::series::watermark::Watermark;

/// What became of a write.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// How many samples are stored now.
    pub samples: u64,
    /// How many series were not known before.
    pub new_series: usize,
    /// The first that were refused, up to 100; all else is stored.
    pub rejected: Vec<Rejected>,
    /// How many lines were refused, wholly or in part.
    pub rejected_count: usize,
    /// Text fields that were left out beside numbers that are stored.
    pub skipped: Option<SkippedText>,
    /// Samples of this write that another one of this write replaced.
    pub replaced: Option<Replaced>,
    /// From this watermark on they are seen.
    pub watermark: Watermark,
}

impl Written {
    /// Takes in what became of the next piece of the same request.
    pub(in crate::telemetry) fn and(self, later: Self) -> Self {
        let mut rejected = Refusals { listed: self.rejected, count: self.rejected_count };
        rejected.append(Refusals { listed: later.rejected, count: later.rejected_count });
        let skipped = match self.skipped {
            Some(skipped) => Some(skipped.and(later.skipped)),
            None => later.skipped,
        };
        let replaced = match self.replaced {
            Some(replaced) => Some(replaced.and(later.replaced)),
            None => later.replaced,
        };
        Self {
            samples: self.samples + later.samples,
            new_series: self.new_series + later.new_series,
            rejected: rejected.listed,
            rejected_count: rejected.count,
            skipped,
            replaced,
            watermark: later.watermark,
        }
    }

    /// Describes what the sender may not expect, though it is no error: text that was left out, samples that were replaced.
    pub fn notes(&self) -> Vec<String> {
        let skipped = self.skipped.iter().map(ToString::to_string);
        skipped.chain(self.replaced.iter().map(ToString::to_string)).collect()
    }
}
