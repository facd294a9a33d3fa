//! What bins of a histogram weigh as bytes: how much more than the usual weight for each of their samples.
//!
//! ```text
//! 0 nothing, or 1, how many (varint), each: steps between indices, difference (zigzag),
//! or 2, width (1 byte), zigzag of each difference in so many bytes,
//! or 3 as 1, or 4, zigzags (packed), both in units, which come first (varint; 0: the usual weight)
//! ```
//! Indices are those of bins, or of keys of a row. Before version 7 of a part there were no 3 and 4; from it on 1 is not written.

use super::bins::Columns;
use crate::telemetry::file::bytes::{Reader, Short, put_varint, unzigzag, zigzag};
use crate::telemetry::file::packed::{pack, unpack, word};

const NOTHING: u8 = 0;
const FEW: u8 = 1;
const ALL: u8 = 2;
const FEW_UNITS: u8 = 3;
const ALL_UNITS: u8 = 4;

/// A way to write them: the usual weight, the unit, the extra weights, and the bytes to append to.
type Write = fn(u64, u64, &[i64], &mut Vec<u8>);

/// Appends what each weighs more than `usual` for each sample, in the shortest way.
pub(super) fn write_extra(usual: u64, extra: &[i64], bytes: &mut Vec<u8>) {
    let unit = extra.iter().fold(0, |unit, extra| greatest_common_divisor(unit, extra.unsigned_abs()));
    if unit == 0 {
        bytes.push(NOTHING);
        return;
    }
    let ways: &[Write] = if i64::try_from(unit).is_ok() {
        &[write_few_units, write_all_units, write_all]
    } else {
        &[write_all]
    };
    let written = ways.iter().map(|write| {
        let mut bytes = Vec::new();
        write(usual, unit, extra, &mut bytes);
        bytes
    });
    bytes.extend(written.min_by_key(Vec::len).unwrap_or_default());
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn put_unit(usual: u64, unit: u64, bytes: &mut Vec<u8>) {
    put_varint(bytes, if unit == usual { 0 } else { unit });
}

fn in_units(unit: u64, extra: i64) -> u64 {
    zigzag((extra.unsigned_abs() / unit) as i64 * extra.signum())
}

fn write_few_units(usual: u64, unit: u64, extra: &[i64], bytes: &mut Vec<u8>) {
    bytes.push(FEW_UNITS);
    put_unit(usual, unit, bytes);
    put_varint(bytes, extra.iter().filter(|extra| **extra != 0).count() as u64);
    let mut next = 0;
    for (index, extra) in extra.iter().enumerate().filter(|(_, extra)| **extra != 0) {
        put_varint(bytes, (index - next) as u64);
        put_varint(bytes, in_units(unit, *extra));
        next = index + 1;
    }
}

fn write_all_units(usual: u64, unit: u64, extra: &[i64], bytes: &mut Vec<u8>) {
    bytes.push(ALL_UNITS);
    put_unit(usual, unit, bytes);
    pack(&extra.iter().map(|extra| in_units(unit, *extra)).collect::<Vec<_>>(), bytes);
}

fn write_all(_: u64, _: u64, extra: &[i64], bytes: &mut Vec<u8>) {
    let most = extra.iter().fold(0, |all, extra| all | zigzag(*extra));
    let width = (64 - most.leading_zeros()).div_ceil(8) as usize;
    bytes.extend([ALL, width as u8]);
    extra.iter().for_each(|extra| bytes.extend(&zigzag(*extra).to_le_bytes()[..width]));
}

/// Reads what each weighs more than `usual` for each sample.
pub(super) fn read_extra(reader: &mut Reader<'_>, columns: &mut Columns) -> Result<(), Short> {
    let Columns { counts, usual, extra, unit, few, .. } = columns;
    match reader.u8()? {
        NOTHING => {}
        FEW => read_few(1, counts.len(), reader, few)?,
        ALL => {
            let width = usize::from(reader.u8()?);
            if !(1..=8).contains(&width) {
                return Err(Short);
            }
            let bytes = reader.take(width * counts.len())?;
            let ones = u64::MAX >> (64 - 8 * width);
            *unit = 1;
            extra.extend((0..counts.len()).map(|index| word(bytes, index * width) & ones));
        }
        FEW_UNITS => read_few(read_unit(*usual, reader)?, counts.len(), reader, few)?,
        ALL_UNITS => {
            *unit = read_unit(*usual, reader)?;
            unpack(counts.len(), reader, extra)?;
        }
        _ => return Err(Short),
    }
    let bounds = Bounds::of(counts, extra);
    (columns.units_max, columns.less_max) = (bounds.units.div_ceil(2), bounds.less.div_ceil(2));
    // What counts nothing weighs nothing.
    if bounds.without_count == 0 { Ok(()) } else { Err(Short) }
}

/// Bounds of zigzags: all bits of theirs, so each is at least the greatest one and less than twice that. They are found without a
/// comparison, so that several zigzags are taken at a time.
#[derive(Default)]
struct Bounds {
    /// Of all.
    units: u64,
    /// Of those below zero.
    less: u64,
    /// Of those of bins that count nothing.
    without_count: u64,
}

impl Bounds {
    fn of(counts: &[u64], extra: &[u64]) -> Self {
        counts.iter().zip(extra).fold(Self::default(), |all, (count, units)| {
            let is_less = (units & 1).wrapping_neg();
            let is_nothing = (count.wrapping_sub(1) & !count) >> 63;
            Self {
                units: all.units | units,
                less: all.less | units & is_less,
                without_count: all.without_count | units & is_nothing.wrapping_neg(),
            }
        })
    }
}

fn read_unit(usual: u64, reader: &mut Reader<'_>) -> Result<i64, Short> {
    let unit = match reader.varint()? {
        0 => usual,
        unit => unit,
    };
    i64::try_from(unit).map_err(|_| Short)
}

fn read_few(
    unit: i64,
    count: usize,
    reader: &mut Reader<'_>,
    few: &mut Vec<(usize, i64)>,
) -> Result<(), Short> {
    let mut next = 0usize;
    for _ in 0..reader.varint()? {
        let index = next.saturating_add(usize::try_from(reader.varint()?).map_err(|_| Short)?);
        if index >= count {
            return Err(Short);
        }
        few.push((index, unzigzag(reader.varint()?).checked_mul(unit).ok_or(Short)?));
        next = index + 1;
    }
    Ok(())
}
