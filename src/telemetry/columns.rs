//! The rows of a chunk as bytes: one compressed column each for instants, values and arrivals.
//!
//! ```text
//! form 2 × u8 · lengths 5 or 6 × u32 · instants i64 · values · offs i64 · positions u64 · late rows u32 · counts u32
//! ```
//! Columns are standalone `pco` streams. Values are f64, f32 or the integers of their form; offs are there for printed singles only,
//! positions where they differ (else all have the chunk's), late rows by their index where there are any. The sixth column is there
//! where the first byte's highest bit says so: index, overwritten and late of each row that stands for arrivals
//! which are gone.

use super::bytes::{Reader, Short};
use super::form::Form;
use super::row::Row;
use pco::standalone::{simple_compress, simple_decompress};
use pco::{ChunkConfig, DeltaSpec, ModeSpec};

const COLUMNS: usize = 5;
/// Says that there is a sixth column.
const COUNTS: u8 = 0x80;

/// Compresses rows.
pub(super) fn encode(rows: &[Row]) -> Vec<u8> {
    let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
    let (form, numbers, offs) = encode_values(&values);
    let instants: Vec<i64> = rows.iter().map(|row| row.at).collect();
    let positions: Vec<u64> = rows.iter().map(|row| row.position()).collect();
    let stands_for_others = |row: &Row| row.overwritten() > 0 || row.late() > 1;
    let late = (0u32..).zip(rows).filter(|(_, row)| row.late() > 0 && !stands_for_others(row));
    let late: Vec<u32> = late.map(|(index, _)| index).collect();
    let counts = (0u32..).zip(rows).filter(|(_, row)| stands_for_others(row));
    let counts: Vec<u32> = counts
        .flat_map(|(index, row)| [index, u32::from(row.overwritten()), u32::from(row.late())])
        .collect();
    let differ = positions.windows(2).any(|pair| pair[0] != pair[1]);
    let columns = [
        compress_steps(&instants),
        numbers,
        offs,
        if differ { compress_steps(&positions) } else { Vec::new() },
        if late.is_empty() { Vec::new() } else { compress(&late) },
    ];
    let mut columns = columns.to_vec();
    let mut bytes = form.tag().to_vec();
    if !counts.is_empty() {
        bytes[0] |= COUNTS;
        columns.push(compress(&counts));
    }
    columns.iter().for_each(|column| bytes.extend((column.len() as u32).to_le_bytes()));
    bytes.extend(columns.concat());
    bytes
}

/// Restores `count` rows; `position` is that of all where the chunk has only one.
pub(super) fn decode(bytes: &[u8], count: usize, position: u64) -> Result<Vec<Row>, Short> {
    let mut reader = Reader(bytes);
    let kind = reader.u8()?;
    let form = Form::of_tag([kind & !COUNTS, reader.u8()?]).ok_or(Short)?;
    let mut lengths = [0; COLUMNS + 1];
    let there = COLUMNS + usize::from(kind & COUNTS != 0);
    for length in &mut lengths[..there] {
        *length = reader.u32()? as usize;
    }
    let instants: Vec<i64> = decompress(reader.take(lengths[0])?, count)?;
    let (numbers, offs) = (reader.take(lengths[1])?, reader.take(lengths[2])?);
    let values = decode_values(form, numbers, offs, count)?;
    let positions = reader.take(lengths[3])?;
    let positions = if positions.is_empty() { vec![position; count] } else { decompress(positions, count)? };
    let columns = instants.into_iter().zip(values).zip(positions);
    let mut rows: Vec<Row> =
        columns.map(|((at, value), position)| Row::new(at, value, position, false)).collect();
    let late = reader.take(lengths[4])?;
    if !late.is_empty() {
        for index in simple_decompress::<u32>(late).map_err(|_| Short)? {
            let row = rows.get_mut(index as usize).ok_or(Short)?;
            *row = Row::new(row.at, row.value, row.position(), true);
        }
    }
    let counts = reader.take(lengths[5])?;
    if !counts.is_empty() {
        let counts = simple_decompress::<u32>(counts).map_err(|_| Short)?;
        counts.as_chunks().0.iter().try_for_each(|counts| put_counts(&mut rows, *counts))?;
    }
    Ok(rows)
}

fn put_counts(rows: &mut [Row], [index, overwritten, late]: [u32; 3]) -> Result<(), Short> {
    let row = rows.get_mut(index as usize).ok_or(Short)?;
    let count = |count: u32| u8::try_from(count).map_err(|_| Short);
    *row = Row::with_counts(row.at, row.value, row.position(), count(overwritten)?, count(late)?);
    Ok(())
}

/// Returns the smallest of the candidate forms: the form, the numbers and how far the values are off.
fn encode_values(values: &[f64]) -> (Form, Vec<u8>, Vec<u8>) {
    let candidates = Form::candidates(values).into_iter().map(|form| encode_as(form, values));
    candidates.min_by_key(|(_, numbers, offs)| numbers.len() + offs.len()).unwrap_or((
        Form::Double,
        compress(values),
        Vec::new(),
    ))
}

fn encode_as(form: Form, values: &[f64]) -> (Form, Vec<u8>, Vec<u8>) {
    match form {
        Form::Double => (form, compress(values), Vec::new()),
        Form::Single => {
            let singles: Vec<f32> = values.iter().map(|value| *value as f32).collect();
            (form, compress(&singles), Vec::new())
        }
        _ => {
            let (numbers, offs): (Vec<i64>, Vec<i64>) =
                values.iter().filter_map(|value| form.split(*value)).unzip();
            let offs = if offs.iter().all(|off| *off == 0) { Vec::new() } else { compress(&offs) };
            (form, compress(&numbers), offs)
        }
    }
}

fn decode_values(form: Form, numbers: &[u8], offs: &[u8], count: usize) -> Result<Vec<f64>, Short> {
    Ok(match form {
        Form::Double => decompress(numbers, count)?,
        Form::Single => decompress::<f32>(numbers, count)?.into_iter().map(f64::from).collect(),
        _ if offs.is_empty() => {
            decompress(numbers, count)?.into_iter().map(|number| form.join(number, 0)).collect()
        }
        _ => {
            let pairs = decompress(numbers, count)?.into_iter().zip(decompress(offs, count)?);
            pairs.map(|(number, off)| form.join(number, off)).collect()
        }
    })
}

/// Compresses numbers that go on in steps; said outright, since finding it out takes most of the time.
fn compress_steps<T: pco::data_types::Number>(numbers: &[T]) -> Vec<u8> {
    let config = ChunkConfig::default()
        .with_mode_spec(ModeSpec::Classic)
        .with_delta_spec(DeltaSpec::TryConsecutive(1));
    simple_compress(numbers, &config).expect("the settings are valid and memory takes all bytes")
}

fn compress<T: pco::data_types::Number>(numbers: &[T]) -> Vec<u8> {
    simple_compress(numbers, &ChunkConfig::default())
        .expect("the default settings are valid and memory takes all bytes")
}

fn decompress<T: pco::data_types::Number>(bytes: &[u8], count: usize) -> Result<Vec<T>, Short> {
    let numbers = simple_decompress(bytes).map_err(|_| Short)?;
    if numbers.len() == count { Ok(numbers) } else { Err(Short) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_come_back(
            rows in prop::collection::vec((0i64..1_000_000, any::<f64>(), 1u64..50, any::<(bool, u8, u8)>()), 1..200),
            decimals in prop::option::of(0i32..4),
        ) {
            let round = |value: f64| match decimals {
                Some(decimals) => (value.rem_euclid(1000.0) * 10f64.powi(decimals)).round() / 10f64.powi(decimals),
                None => value,
            };
            let rows: Vec<Row> = rows
                .into_iter()
                .map(|(at, value, position, counts)| (at, round(value), position, counts))
                .filter(|(_, value, ..)| value.is_finite())
                .map(|(at, value, position, (plain, overwritten, late))| match plain {
                    true => Row::new(at, value, position, late > 99),
                    false => Row::with_counts(at, value, position, overwritten, late),
                })
                .collect();
            prop_assume!(!rows.is_empty());
            let back = decode(&encode(&rows), rows.len(), rows[0].position()).unwrap();
            prop_assert_eq!(back.len(), rows.len());
            for (a, b) in back.iter().zip(&rows) {
                prop_assert_eq!((a.at, a.value.to_bits(), a.position(), a.overwritten(), a.late()), (b.at, b.value.to_bits(), b.position(), b.overwritten(), b.late()));
            }
        }
    }
}
