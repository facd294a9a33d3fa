//! What the directory of a part lists: blocks, chunks and rollups.

use crate::telemetry::aggregate::slot::Slot;
use crate::telemetry::file::bytes::{Reader, Short};
use crate::telemetry::series::key::SeriesId;

/// Where a block lies in its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Extent {
    /// Its first byte.
    pub(in crate::telemetry) offset: u64,
    /// How many bytes.
    pub(in crate::telemetry) length: u32,
    /// Their CRC-32.
    pub(in crate::telemetry) sum: u32,
}

/// A chunk as the directory describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct ChunkEntry {
    /// Whose.
    pub(in crate::telemetry) series: SeriesId,
    /// Where.
    pub(in crate::telemetry) extent: Extent,
    /// How many.
    pub(in crate::telemetry) rows: u32,
    /// The first and the last instant.
    pub(in crate::telemetry) at: (i64, i64),
    /// The first and the last position.
    pub(in crate::telemetry) position: (u64, u64),
    /// How many rows are followed by another arrival of their instant, and no pin that was known distinguishes the two.
    pub(in crate::telemetry) doubles: u32,
}

/// A rollup as the directory describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct RollupEntry {
    /// Whose.
    pub(in crate::telemetry) series: SeriesId,
    /// Of which slot.
    pub(in crate::telemetry) slot: Slot,
    /// Where.
    pub(in crate::telemetry) extent: Extent,
    /// The last position among its rows.
    pub(in crate::telemetry) position: u64,
    /// The least hold it can serve.
    pub(in crate::telemetry) usual: u64,
    /// The first and the last instant; not known of earlier versions.
    pub(in crate::telemetry) at: Option<(i64, i64)>,
    /// The version of a part that defines the form of its block: a later part may hold a copy.
    pub(in crate::telemetry) version: u32,
}

/// Writes an extent.
pub(super) fn put_extent(bytes: &mut Vec<u8>, extent: Extent) {
    bytes.extend(extent.offset.to_le_bytes());
    bytes.extend(extent.length.to_le_bytes());
    bytes.extend(extent.sum.to_le_bytes());
}

/// Reads an extent.
pub(super) fn take_extent(reader: &mut Reader<'_>) -> Result<Extent, Short> {
    Ok(Extent { offset: reader.u64()?, length: reader.u32()?, sum: reader.u32()? })
}
