//! The directory of a part: which chunks and rollups it has, and what it records about earlier parts. The layout is that of [`super`].

use super::entry::{ChunkEntry, Extent, RollupEntry, take_extent};
use super::entry_codec as codec;
use super::expired::Expired;
use super::header::HEADER;
use crate::telemetry::aggregate::slot::{Level, Slot};
use crate::telemetry::aggregate::weights::HOUR;
use crate::telemetry::file::bytes::{Reader, Short};
use crate::telemetry::file::horizon::Horizon;
use crate::telemetry::series::key::SeriesId;

/// Rollups of earlier versions weigh samples otherwise or count values in wider bins: they serve only where samples were dropped.
pub(in crate::telemetry) const ROLLUPS_SINCE: u32 = 6;
/// From this version on entries are written by what they differ in.
const STEPS_SINCE: u32 = 7;

/// What a part holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::telemetry) struct Directory {
    /// Every batch up to this position is in this part or an earlier one.
    pub(in crate::telemetry) through: u64,
    /// Chunks.
    pub(in crate::telemetry) chunks: Vec<ChunkEntry>,
    /// Rollups.
    pub(in crate::telemetry) rollups: Vec<RollupEntry>,
    /// Chunks of earlier parts whose rows are in this one: series, part, offset.
    pub(in crate::telemetry) replaced: Vec<(SeriesId, u64, u64)>,
    /// Rollups of earlier parts that are no longer complete: series, slot, part.
    pub(in crate::telemetry) outdated: Vec<(SeriesId, Slot, u64)>,
    /// Earlier parts that need not stay for what they record about others: this one records it too.
    pub(in crate::telemetry) absorbed: Vec<u64>,
    /// What old watermarks still answer.
    pub(in crate::telemetry) horizon: Horizon,
    /// Spans whose samples have expired.
    pub(in crate::telemetry) expired: Vec<(SeriesId, Expired)>,
}

impl Directory {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = self.through.to_le_bytes().to_vec();
        codec::write_chunks(&self.chunks, &mut bytes);
        codec::write_rollups(&self.rollups, &mut bytes);
        codec::write_replaced(&self.replaced, &mut bytes);
        codec::write_outdated(&self.outdated, &mut bytes);
        bytes.extend((self.absorbed.len() as u32).to_le_bytes());
        self.absorbed.iter().for_each(|part| bytes.extend(part.to_le_bytes()));
        self.horizon.write(&mut bytes);
        bytes.extend((self.expired.len() as u32).to_le_bytes());
        for (series, expired) in &self.expired {
            bytes.extend(series.0.to_le_bytes());
            bytes.push(expired.level.tag());
            bytes.extend(expired.from.to_le_bytes());
            bytes.extend(expired.to.to_le_bytes());
        }
        bytes
    }

    pub(super) fn read(bytes: &[u8], version: u32) -> Result<Self, Short> {
        let mut reader = Reader(bytes);
        let through = reader.u64()?;
        let mut directory = if version < STEPS_SINCE {
            Self::read_whole_entries(&mut reader, version)?
        } else {
            Self {
                chunks: codec::read_chunks(&mut reader)?,
                rollups: codec::read_rollups(&mut reader)?,
                replaced: codec::read_replaced(&mut reader)?,
                outdated: codec::read_outdated(&mut reader)?,
                ..Self::default()
            }
        };
        directory.through = through;
        if version > 1 {
            directory.absorbed = take_many(&mut reader, |reader| reader.u64())?;
            directory.horizon = Horizon::read(&mut reader)?;
            directory.expired = take_many(&mut reader, take_expired)?;
        }
        Ok(directory)
    }

    /// Reads the lists of earlier versions.
    fn read_whole_entries(reader: &mut Reader<'_>, version: u32) -> Result<Self, Short> {
        Ok(Self {
            chunks: take_many(reader, |reader| take_chunk(reader, version))?,
            rollups: take_many(reader, |reader| take_rollup(reader, version))?,
            replaced: take_many(reader, |reader| {
                Ok((SeriesId(reader.u32()?), reader.u64()?, reader.u64()?))
            })?,
            outdated: take_many(reader, |reader| {
                Ok((SeriesId(reader.u32()?), take_slot(reader)?, reader.u64()?))
            })?,
            ..Self::default()
        })
    }

    /// Returns where the last block ends.
    pub(super) fn end_of_blocks(&self) -> u64 {
        let extents = self.chunks.iter().map(|chunk| chunk.extent);
        let extents = extents.chain(self.rollups.iter().map(|rollup| rollup.extent));
        let ends = extents.map(|extent| extent.offset.saturating_add(extent.length.into()));
        ends.fold(HEADER as u64, u64::max)
    }

    /// Returns the earlier parts that this one records something about.
    pub(in crate::telemetry) fn named_parts(&self) -> impl Iterator<Item = u64> + '_ {
        let replaced = self.replaced.iter().map(|(_, part, _)| *part);
        replaced.chain(self.outdated.iter().map(|(.., part)| *part))
    }
}

fn take_many<T>(
    reader: &mut Reader<'_>,
    take: impl Fn(&mut Reader<'_>) -> Result<T, Short>,
) -> Result<Vec<T>, Short> {
    (0..reader.u32()?).map(|_| take(reader)).collect()
}

fn take_chunk(reader: &mut Reader<'_>, version: u32) -> Result<ChunkEntry, Short> {
    Ok(ChunkEntry {
        series: SeriesId(reader.u32()?),
        extent: take_extent(reader)?,
        rows: reader.u32()?,
        at: (reader.u64()? as i64, reader.u64()? as i64),
        position: (reader.u64()?, reader.u64()?),
        doubles: if version > 1 { reader.u32()? } else { 0 },
    })
}

fn take_expired(reader: &mut Reader<'_>) -> Result<(SeriesId, Expired), Short> {
    let series = SeriesId(reader.u32()?);
    let level = Level::of_tag(reader.u8()?).ok_or(Short)?;
    let (from, to) = (reader.u64()? as i64, reader.u64()? as i64);
    if from < to { Ok((series, Expired { from, to, level })) } else { Err(Short) }
}

fn take_rollup(reader: &mut Reader<'_>, version: u32) -> Result<RollupEntry, Short> {
    if version < ROLLUPS_SINCE {
        return Ok(RollupEntry {
            series: SeriesId(reader.u32()?),
            slot: take_slot(reader)?,
            extent: take_extent(reader)?,
            position: reader.u64()?,
            usual: reader.u64()?,
            at: None,
            version,
        });
    }
    let (level, version) = (Level::of_tag(reader.u8()?).ok_or(Short)?, u32::from(reader.u8()?));
    let sum = reader.u32()?;
    let series = SeriesId(u32::try_from(reader.varint()?).map_err(|_| Short)?);
    let start =
        i64::try_from(reader.varint()?).ok().and_then(|hours| hours.checked_mul(HOUR)).ok_or(Short)?;
    let slot = level.slot(start);
    let (offset, length) = (reader.varint()?, u32::try_from(reader.varint()?).map_err(|_| Short)?);
    let (position, usual, first, last) =
        (reader.varint()?, reader.varint()?, reader.varint()?, reader.varint()?);
    let ends =
        |first: u64| (slot.start.saturating_add_unsigned(first), slot.end().saturating_sub_unsigned(last));
    let (extent, at) = (Extent { offset, length, sum }, first.checked_sub(1).map(ends));
    Ok(RollupEntry { series, slot, extent, position, usual, at, version })
}

fn take_slot(reader: &mut Reader<'_>) -> Result<Slot, Short> {
    let level = Level::of_tag(reader.u8()?).ok_or(Short)?;
    Ok(Slot { start: reader.u64()? as i64, level })
}
