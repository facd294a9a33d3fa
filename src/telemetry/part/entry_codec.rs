//! The entries of a directory as bytes: each by what it differs in from the one before.
//!
//! ```text
//! chunks     number u32 · unit, first instant of the first (varints); each: crc32 u32 · steps (zigzag) of the series, of the offset from the
//!            end of the one before, of rows, of the first instant from the last one before, in units, and of the first position ·
//!            length, from the first instant to the last in units, from the first position to the last, doubles (varints)
//! rollups    number u32 · unit (varint); each: crc32 u32 · 4 × version of its form + level (varint) · steps (zigzag) of the series, of the
//!            hours to its start, of the offset from the end of the one before, of the last position, and of the usual weight in units ·
//!            length, 1 + from its start to the first instant in units (0: unknown), from the last instant to its end in units (varints)
//! replaced   number u32; each: steps (zigzag) of series, part and offset
//! outdated   number u32; each: level u8 · steps (zigzag) of series, hours to its start and part
//! ```
//! A unit is the greatest common divisor, in nanoseconds, of all stretches of time in the list: the period, where clocks are exact. What
//! comes before the first of a list is all zero. From version 7 of a part on; see `part` for what there was before.

use super::entry::{ChunkEntry, Extent, RollupEntry};
use crate::telemetry::aggregate::slot::{Level, Slot};
use crate::telemetry::aggregate::weights::HOUR;
use crate::telemetry::file::bytes::{Reader, Short, put_varint, unzigzag, zigzag};
use crate::telemetry::series::key::SeriesId;

/// Appends the entries of chunks.
pub(super) fn write_chunks(chunks: &[ChunkEntry], bytes: &mut Vec<u8>) {
    put_number(bytes, chunks.len());
    let Some(first) = chunks.first() else { return };
    let apart = chunks.windows(2).map(|pair| pair[0].at.1.abs_diff(pair[1].at.0));
    let unit = unit(apart.chain(chunks.iter().map(|chunk| chunk.at.0.abs_diff(chunk.at.1))));
    put_varint(bytes, unit);
    put_varint(bytes, first.at.0 as u64);
    let mut before = Before { at: first.at.0, ..Before::default() };
    for ChunkEntry { series, extent, rows, at, position, doubles } in chunks {
        bytes.extend(extent.sum.to_le_bytes());
        put_step(bytes, &mut before.series, series.0.into());
        put_step(bytes, &mut before.end, extent.offset);
        put_step(bytes, &mut before.rows, (*rows).into());
        put_varint(bytes, zigzag(at.0.wrapping_sub(before.at) / unit as i64));
        put_step(bytes, &mut before.position, position.0);
        put_varint(bytes, extent.length.into());
        put_varint(bytes, at.0.abs_diff(at.1) / unit);
        put_varint(bytes, position.1.wrapping_sub(position.0));
        put_varint(bytes, (*doubles).into());
        before.close(*extent);
        before.at = at.1;
    }
}

/// Reads the entries of chunks.
pub(super) fn read_chunks(reader: &mut Reader<'_>) -> Result<Vec<ChunkEntry>, Short> {
    let number = reader.u32()?;
    if number == 0 {
        return Ok(Vec::new());
    }
    let unit = reader.varint()?;
    let mut before = Before { at: reader.varint()? as i64, ..Before::default() };
    (0..number).map(|_| read_chunk(reader, unit, &mut before)).collect()
}

fn read_chunk(reader: &mut Reader<'_>, unit: u64, before: &mut Before) -> Result<ChunkEntry, Short> {
    let sum = reader.u32()?;
    let series = SeriesId(narrow(take_step(reader, &mut before.series)?)?);
    let offset = take_step(reader, &mut before.end)?;
    let rows = narrow(take_step(reader, &mut before.rows)?)?;
    let first = before.at.wrapping_add(unzigzag(reader.varint()?).wrapping_mul(unit as i64));
    let position = take_step(reader, &mut before.position)?;
    let extent = Extent { offset, length: narrow(reader.varint()?)?, sum };
    let at = (first, first.wrapping_add_unsigned(reader.varint()?.wrapping_mul(unit)));
    let position = (position, position.wrapping_add(reader.varint()?));
    before.close(extent);
    before.at = at.1;
    Ok(ChunkEntry { series, extent, rows, at, position, doubles: narrow(reader.varint()?)? })
}

/// Appends the entries of rollups.
pub(super) fn write_rollups(rollups: &[RollupEntry], bytes: &mut Vec<u8>) {
    put_number(bytes, rollups.len());
    let unit = unit(rollups.iter().flat_map(|rollup| {
        let (first, last) = margins(rollup).unwrap_or_default();
        [rollup.usual, first, last]
    }));
    put_varint(bytes, unit);
    let mut before = Before::default();
    for rollup in rollups {
        let RollupEntry { series, slot, extent, position, usual, version, .. } = *rollup;
        bytes.extend(extent.sum.to_le_bytes());
        put_varint(bytes, u64::from(version) << 2 | u64::from(slot.level.tag()));
        put_step(bytes, &mut before.series, series.0.into());
        put_step(bytes, &mut before.hours, hours(slot));
        put_step(bytes, &mut before.end, extent.offset);
        put_step(bytes, &mut before.position, position);
        put_step(bytes, &mut before.usual, usual / unit);
        put_varint(bytes, extent.length.into());
        let (first, last) = margins(rollup).map_or((0, 0), |(first, last)| (first / unit + 1, last / unit));
        put_varint(bytes, first);
        put_varint(bytes, last);
        before.close(extent);
    }
}

/// Reads the entries of rollups.
pub(super) fn read_rollups(reader: &mut Reader<'_>) -> Result<Vec<RollupEntry>, Short> {
    let (number, unit, mut before) = (reader.u32()?, reader.varint()?, Before::default());
    (0..number).map(|_| read_rollup(reader, unit, &mut before)).collect()
}

fn read_rollup(reader: &mut Reader<'_>, unit: u64, before: &mut Before) -> Result<RollupEntry, Short> {
    let (sum, kind) = (reader.u32()?, reader.varint()?);
    let (version, level) = (narrow(kind >> 2)?, Level::of_tag(kind as u8 & 3).ok_or(Short)?);
    let series = SeriesId(narrow(take_step(reader, &mut before.series)?)?);
    let slot = level.slot(start(take_step(reader, &mut before.hours)?)?);
    let offset = take_step(reader, &mut before.end)?;
    let position = take_step(reader, &mut before.position)?;
    let usual = take_step(reader, &mut before.usual)?.wrapping_mul(unit);
    let extent = Extent { offset, length: narrow(reader.varint()?)?, sum };
    let (first, last) = (reader.varint()?, reader.varint()?.wrapping_mul(unit));
    let at = first.checked_sub(1).map(|first| {
        let first = first.wrapping_mul(unit);
        (slot.start.saturating_add_unsigned(first), slot.end().saturating_sub_unsigned(last))
    });
    before.close(extent);
    Ok(RollupEntry { series, slot, extent, position, usual, at, version })
}

/// Appends chunks by series, part and offset.
pub(super) fn write_replaced(replaced: &[(SeriesId, u64, u64)], bytes: &mut Vec<u8>) {
    put_number(bytes, replaced.len());
    let mut before = Before::default();
    for (series, part, offset) in replaced {
        put_step(bytes, &mut before.series, series.0.into());
        put_step(bytes, &mut before.part, *part);
        put_step(bytes, &mut before.end, *offset);
    }
}

/// Reads chunks by series, part and offset.
pub(super) fn read_replaced(reader: &mut Reader<'_>) -> Result<Vec<(SeriesId, u64, u64)>, Short> {
    let (number, mut before) = (reader.u32()?, Before::default());
    let read = |_| {
        let series = SeriesId(narrow(take_step(reader, &mut before.series)?)?);
        Ok((series, take_step(reader, &mut before.part)?, take_step(reader, &mut before.end)?))
    };
    (0..number).map(read).collect()
}

/// Appends rollups by series, slot and part.
pub(super) fn write_outdated(outdated: &[(SeriesId, Slot, u64)], bytes: &mut Vec<u8>) {
    put_number(bytes, outdated.len());
    let mut before = Before::default();
    for (series, slot, part) in outdated {
        bytes.push(slot.level.tag());
        put_step(bytes, &mut before.series, series.0.into());
        put_step(bytes, &mut before.hours, hours(*slot));
        put_step(bytes, &mut before.part, *part);
    }
}

/// Reads rollups by series, slot and part.
pub(super) fn read_outdated(reader: &mut Reader<'_>) -> Result<Vec<(SeriesId, Slot, u64)>, Short> {
    let (number, mut before) = (reader.u32()?, Before::default());
    let read = |_| {
        let level = Level::of_tag(reader.u8()?).ok_or(Short)?;
        let series = SeriesId(narrow(take_step(reader, &mut before.series)?)?);
        let slot = Slot { start: start(take_step(reader, &mut before.hours)?)?, level };
        Ok((series, slot, take_step(reader, &mut before.part)?))
    };
    (0..number).map(read).collect()
}

/// What the next entry is compared with.
#[derive(Default)]
struct Before {
    series: u64,
    part: u64,
    /// Where the next block is expected.
    end: u64,
    rows: u64,
    at: i64,
    position: u64,
    hours: u64,
    usual: u64,
}

impl Before {
    /// Expects the next block behind this one.
    fn close(&mut self, extent: Extent) {
        self.end = extent.offset.wrapping_add(extent.length.into());
    }
}

fn put_number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend((number as u32).to_le_bytes());
}

/// Appends how far a number is from the one before, and takes its place.
fn put_step(bytes: &mut Vec<u8>, before: &mut u64, number: u64) {
    let step = number.wrapping_sub(std::mem::replace(before, number));
    put_varint(bytes, zigzag(step as i64));
}

/// Reads a number that [`put_step`] has written.
fn take_step(reader: &mut Reader<'_>, before: &mut u64) -> Result<u64, Short> {
    *before = before.wrapping_add_signed(unzigzag(reader.varint()?));
    Ok(*before)
}

fn narrow(number: u64) -> Result<u32, Short> {
    u32::try_from(number).map_err(|_| Short)
}

fn hours(slot: Slot) -> u64 {
    slot.start.abs_diff(0) / HOUR as u64
}

fn start(hours: u64) -> Result<i64, Short> {
    i64::try_from(hours).ok().and_then(|hours| hours.checked_mul(HOUR)).ok_or(Short)
}

/// Returns the time from the start of a rollup's slot to the first instant, and from the last one to its end.
fn margins(rollup: &RollupEntry) -> Option<(u64, u64)> {
    let (first, last) = rollup.at?;
    Some((first.abs_diff(rollup.slot.start), rollup.slot.end().abs_diff(last)))
}

/// Returns the greatest common divisor; 1 where there is none or all are zero.
fn unit(stretches: impl Iterator<Item = u64>) -> u64 {
    let divisor = stretches.fold(0, |mut a, mut b| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    });
    // Instants are signed: a greater unit is none.
    if i64::try_from(divisor).is_ok() { divisor.max(1) } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::series::sample::LATEST;
    use proptest::prelude::*;

    fn extent() -> impl Strategy<Value = Extent> {
        (any::<u64>(), any::<(u32, u32)>()).prop_map(|(offset, (length, sum))| Extent { offset, length, sum })
    }

    fn chunk() -> impl Strategy<Value = ChunkEntry> {
        let instants = (0..LATEST, 0..LATEST, prop::sample::select(vec![1, 1000, 600_000_000_000i64]));
        (any::<(u32, u32, u32)>(), extent(), instants, any::<(u64, u64)>()).prop_map(
            |((series, rows, doubles), extent, (one, other, unit), (from, to))| {
                let (one, other) = (one / unit * unit, other / unit * unit);
                ChunkEntry {
                    series: SeriesId(series),
                    extent,
                    rows,
                    at: (one.min(other), one.max(other)),
                    position: (from.min(to), from.max(to)),
                    doubles,
                }
            },
        )
    }

    fn slot() -> impl Strategy<Value = Slot> {
        (0..LATEST / 2, prop::sample::select(Level::ALL.to_vec())).prop_map(|(at, level)| level.slot(at))
    }

    fn rollup() -> impl Strategy<Value = RollupEntry> {
        let span = prop::option::of((0i64..3600, 1i64..3600));
        (slot(), extent(), any::<(u32, u64, u64)>(), span, 1u32..60).prop_map(
            |(slot, extent, (series, position, usual), span, version)| RollupEntry {
                series: SeriesId(series),
                slot,
                extent,
                position,
                usual,
                at: span.map(|(after, before)| (slot.start + after, slot.end() - before)),
                version,
            },
        )
    }

    /// Writes a list, reads it again, and cut short at each byte.
    fn check<T: PartialEq + std::fmt::Debug>(
        list: &[T],
        write: fn(&[T], &mut Vec<u8>),
        read: fn(&mut Reader<'_>) -> Result<Vec<T>, Short>,
    ) -> usize {
        let mut bytes = Vec::new();
        write(list, &mut bytes);
        let mut reader = Reader(&bytes);
        assert_eq!(read(&mut reader).as_deref(), Ok(list));
        assert!(reader.0.is_empty());
        for length in 0..bytes.len() {
            assert_eq!(read(&mut Reader(&bytes[..length])), Err(Short), "{length}");
        }
        bytes.len()
    }

    #[test]
    fn entries_of_a_regular_series_take_little_room() {
        const PERIOD: i64 = 600_000_000_000;
        let chunk = |n: i64| ChunkEntry {
            series: SeriesId(7),
            extent: Extent { offset: 40 + 5000 * n as u64, length: 5000, sum: 0xffff_ffff },
            rows: 8000,
            at: (8000 * n * PERIOD, (8000 * n + 7999) * PERIOD),
            position: (n as u64, n as u64 + 1),
            doubles: 0,
        };
        let chunks: Vec<_> = (0..100).map(chunk).collect();
        assert!(check(&chunks, write_chunks, read_chunks) < 100 * 17);
        let rollup = |n: i64| {
            let slot = Level::Day.slot(n * 24 * HOUR);
            RollupEntry {
                series: SeriesId(7),
                slot,
                extent: Extent { offset: 40 + 500 * n as u64, length: 500, sum: 0xffff_ffff },
                position: n as u64,
                usual: PERIOD as u64,
                at: Some((slot.start, slot.end() - PERIOD)),
                version: 7,
            }
        };
        let rollups: Vec<_> = (0..100).map(rollup).collect();
        assert!(check(&rollups, write_rollups, read_rollups) < 100 * 15);
    }

    proptest! {
        #[test]
        fn entries_come_back(
            chunks in prop::collection::vec(chunk(), 0..8),
            rollups in prop::collection::vec(rollup(), 0..8),
            named in prop::collection::vec((any::<(u32, u64, u64)>(), slot()), 0..8),
        ) {
            check(&chunks, write_chunks, read_chunks);
            check(&rollups, write_rollups, read_rollups);
            let replaced: Vec<_> =
                named.iter().map(|((series, part, offset), _)| (SeriesId(*series), *part, *offset)).collect();
            check(&replaced, write_replaced, read_replaced);
            let outdated: Vec<_> = named.iter().map(|((series, part, _), slot)| (SeriesId(*series), *slot, *part)).collect();
            check(&outdated, write_outdated, read_outdated);
        }
    }
}
