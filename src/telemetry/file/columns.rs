//! The rows of a chunk as bytes: one compressed column each for instants, values and arrivals.
//!
//! ```text
//! form 2 × u8 · lengths 5 or 6 × u32 · first instant of each page but the first i64 ·
//! instants i64 · values · offs i64 · positions u64 · late rows u32 · counts u32
//! ```
//! The first four columns are in pages (see `column`), the others standalone `pco` streams. Values are f64, f32 or the integers of
//! their form; offs are there for printed singles only, positions where they differ (else all have the chunk's), late rows by their
//! index where there are any. The sixth column is there where the first byte's highest bit is set: index, overwritten and late of
//! each row that replaced arrivals since removed. The next bit is set where there are pages: version 2 of a part and those before
//! had standalone streams only and no instants of pages.

use super::bytes::{Reader, Short};
use super::column;
use super::compact_double::Form;
use crate::telemetry::series::row::Row;
use pco::data_types::Number;
use pco::standalone::{simple_compress, simple_decompress};
use pco::{ChunkConfig, DeltaSpec, ModeSpec};
use std::ops::Range;

const INSTANTS: usize = 0;
const VALUES: usize = 1;
const OFFS: usize = 2;
const POSITIONS: usize = 3;
const LATE: usize = 4;
const COUNTS: usize = 5;
/// The bit that is set where there are counts.
const HAS_COUNTS: u8 = 0x80;
/// The bit that is set where there are pages.
const HAS_PAGES: u8 = 0x40;

#[cfg(test)]
thread_local! {
    /// How many rows this thread has restored.
    pub(in crate::telemetry) static RESTORED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Compresses rows, of which there is at least one.
pub(in crate::telemetry) fn encode(rows: &[Row]) -> Vec<u8> {
    let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
    let (form, numbers, offs) = encode_values(&values);
    let instants: Vec<i64> = rows.iter().map(|row| row.at).collect();
    let positions: Vec<u64> = rows.iter().map(|row| row.position()).collect();
    let covers_others = |row: &Row| row.overwritten() > 0 || row.late() > 1;
    let late = (0u32..).zip(rows).filter(|(_, row)| row.late() > 0 && !covers_others(row));
    let late: Vec<u32> = late.map(|(index, _)| index).collect();
    let counts = (0u32..).zip(rows).filter(|(_, row)| covers_others(row));
    let counts: Vec<u32> = counts
        .flat_map(|(index, row)| [index, u32::from(row.overwritten()), u32::from(row.late())])
        .collect();
    let differ = positions.windows(2).any(|pair| pair[0] != pair[1]);
    let mut columns = vec![
        column::compress(&instants, steps()),
        numbers,
        offs,
        if differ { column::compress(&positions, steps()) } else { Vec::new() },
        if late.is_empty() { Vec::new() } else { compress_stream(&late) },
    ];
    let mut bytes = form.tag().to_vec();
    bytes[0] |= HAS_PAGES;
    if !counts.is_empty() {
        bytes[0] |= HAS_COUNTS;
        columns.push(compress_stream(&counts));
    }
    columns.iter().for_each(|column| bytes.extend((column.len() as u32).to_le_bytes()));
    for page in 1..column::pages(rows.len()) {
        let first = column::rows_of(&(page..page + 1), rows.len()).start;
        bytes.extend(rows[first].at.to_le_bytes());
    }
    bytes.extend(columns.concat());
    bytes
}

/// Returns the smallest of the candidate forms: the form, the numbers and how far the values are off.
fn encode_values(values: &[f64]) -> (Form, Vec<u8>, Vec<u8>) {
    let candidates = Form::candidates(values).into_iter().map(|form| encode_as(form, values));
    candidates
        .min_by_key(|(_, numbers, offs)| numbers.len() + offs.len())
        .unwrap_or_else(|| encode_as(Form::Double, values))
}

fn encode_as(form: Form, values: &[f64]) -> (Form, Vec<u8>, Vec<u8>) {
    let any = ChunkConfig::default;
    match form {
        Form::Double => (form, column::compress(values, any()), Vec::new()),
        Form::Single => {
            let singles: Vec<f32> = values.iter().map(|value| *value as f32).collect();
            (form, column::compress(&singles, any()), Vec::new())
        }
        _ => {
            let (numbers, offs): (Vec<i64>, Vec<i64>) =
                values.iter().filter_map(|value| form.split(*value)).unzip();
            let exact = offs.iter().all(|off| *off == 0);
            let offs = if exact { Vec::new() } else { column::compress(&offs, any()) };
            (form, column::compress(&numbers, any()), offs)
        }
    }
}

/// States outright that numbers go on in steps, since finding it out takes most of the time.
fn steps() -> ChunkConfig {
    ChunkConfig::default().with_mode_spec(ModeSpec::Classic).with_delta_spec(DeltaSpec::TryConsecutive(1))
}

fn compress_stream(numbers: &[u32]) -> Vec<u8> {
    simple_compress(numbers, &ChunkConfig::default())
        .expect("the default settings are valid and memory takes all bytes")
}

/// The columns of a chunk, of which pages are restored as they are asked for.
#[derive(Debug)]
pub(in crate::telemetry) struct Columns {
    bytes: Vec<u8>,
    form: Form,
    paged: bool,
    rows: usize,
    /// The position of all rows where there is no column of positions.
    position: u64,
    columns: [Range<usize>; COUNTS + 1],
    /// The first instant of each page but the first.
    firsts: Vec<i64>,
}

impl Columns {
    /// Opens the columns of so many rows.
    pub(in crate::telemetry) fn open(bytes: Vec<u8>, rows: usize, position: u64) -> Result<Self, Short> {
        let mut reader = Reader(&bytes);
        let kind = reader.u8()?;
        let form = Form::of_tag([kind & !(HAS_COUNTS | HAS_PAGES), reader.u8()?]).ok_or(Short)?;
        let paged = kind & HAS_PAGES != 0;
        let mut lengths = [0; COUNTS + 1];
        for length in &mut lengths[..COUNTS + usize::from(kind & HAS_COUNTS != 0)] {
            *length = reader.u32()? as usize;
        }
        let pages = if paged { column::pages(rows) } else { 1 };
        let firsts = (1..pages).map(|_| reader.u64().map(|at| at as i64)).collect::<Result<_, Short>>()?;
        let mut start = bytes.len() - reader.0.len();
        let mut columns = [const { 0..0 }; COUNTS + 1];
        for (column, length) in columns.iter_mut().zip(lengths) {
            reader.take(length)?;
            *column = start..start + length;
            start = column.end;
        }
        Ok(Self { form, paged, rows, position, columns, firsts, bytes })
    }

    /// Returns how many pages there are.
    pub(in crate::telemetry) fn pages(&self) -> usize {
        self.firsts.len() + 1
    }

    /// Returns the pages that rows of `[from, to)` lie in; of those around them it may name one more.
    pub(in crate::telemetry) fn within(&self, from: i64, to: i64) -> Range<usize> {
        let before = |at: i64| self.firsts.partition_point(|first| *first < at);
        before(from)..before(to) + 1
    }

    /// Restores the rows of some pages.
    pub(in crate::telemetry) fn rows(&self, pages: Range<usize>) -> Result<Vec<Row>, Short> {
        let span = if self.paged { column::rows_of(&pages, self.rows) } else { 0..self.rows };
        #[cfg(test)]
        RESTORED.set(RESTORED.get() + span.len());
        let instants: Vec<i64> = self.numbers(INSTANTS, &pages)?;
        let values = self.values(&pages)?;
        let positions = match self.columns[POSITIONS].is_empty() {
            true => vec![self.position; span.len()],
            false => self.numbers(POSITIONS, &pages)?,
        };
        let columns = instants.into_iter().zip(values).zip(positions);
        let mut rows: Vec<Row> =
            columns.map(|((at, value), position)| Row::new(at, value, position, false)).collect();
        self.put_counts(&mut rows, span)?;
        Ok(rows)
    }

    fn values(&self, pages: &Range<usize>) -> Result<Vec<f64>, Short> {
        Ok(match self.form {
            Form::Double => self.numbers(VALUES, pages)?,
            Form::Single => self.numbers::<f32>(VALUES, pages)?.into_iter().map(f64::from).collect(),
            form if self.columns[OFFS].is_empty() => {
                self.numbers(VALUES, pages)?.into_iter().map(|number| form.join(number, 0)).collect()
            }
            form => {
                let pairs = self.numbers(VALUES, pages)?.into_iter().zip(self.numbers(OFFS, pages)?);
                pairs.map(|(number, off)| form.join(number, off)).collect()
            }
        })
    }

    fn numbers<T: Number>(&self, column: usize, pages: &Range<usize>) -> Result<Vec<T>, Short> {
        let bytes = &self.bytes[self.columns[column].clone()];
        if self.paged {
            column::decompress(bytes, self.rows, pages.clone())
        } else {
            column::decompress_stream(bytes, self.rows)
        }
    }

    /// Fills in which rows, those of `span`, came late or replaced arrivals since removed.
    fn put_counts(&self, rows: &mut [Row], span: Range<usize>) -> Result<(), Short> {
        for index in self.stream(LATE)? {
            if let Some(row) = self.row(rows, &span, index)? {
                *row = Row::new(row.at, row.value, row.position(), true);
            }
        }
        for [index, overwritten, late] in self.stream(COUNTS)?.as_chunks().0 {
            if let Some(row) = self.row(rows, &span, *index)? {
                let count = |count: &u32| u8::try_from(*count).map_err(|_| Short);
                *row = Row::with_counts(row.at, row.value, row.position(), count(overwritten)?, count(late)?);
            }
        }
        Ok(())
    }

    fn stream(&self, column: usize) -> Result<Vec<u32>, Short> {
        let bytes = &self.bytes[self.columns[column].clone()];
        if bytes.is_empty() { Ok(Vec::new()) } else { simple_decompress(bytes).map_err(|_| Short) }
    }

    /// Finds a row by its index in the chunk among those of `span`.
    fn row<'a>(
        &self,
        rows: &'a mut [Row],
        span: &Range<usize>,
        index: u32,
    ) -> Result<Option<&'a mut Row>, Short> {
        let index = index as usize;
        if index >= self.rows {
            return Err(Short);
        }
        Ok(index.checked_sub(span.start).and_then(|index| rows.get_mut(index)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::read::source::between;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_come_back(
            rows in prop::collection::vec((0i64..1_000_000, any::<f64>(), 1u64..50, any::<(bool, u8, u8)>()), 1..200),
            decimals in prop::option::of(0i32..4),
            times in 1usize..20,
            cut in 0i64..1_000_000,
        ) {
            let round = |value: f64| match decimals {
                Some(decimals) => (value.rem_euclid(1000.0) * 10f64.powi(decimals)).round() / 10f64.powi(decimals),
                None => value,
            };
            let rows = vec![rows; times].concat();
            let mut rows: Vec<Row> = rows
                .into_iter()
                .map(|(at, value, position, counts)| (at, round(value), position, counts))
                .filter(|(_, value, ..)| value.is_finite())
                .map(|(at, value, position, (plain, overwritten, late))| match plain {
                    true => Row::new(at, value, position, late > 99),
                    false => Row::with_counts(at, value, position, overwritten, late),
                })
                .collect();
            prop_assume!(!rows.is_empty());
            rows.sort_by_key(|row| (row.at, row.position()));
            let counted = |rows: &[Row]| -> Vec<_> {
                rows.iter().map(|row| (row.at, row.value.to_bits(), row.position(), row.overwritten(), row.late())).collect()
            };
            let columns = Columns::open(encode(&rows), rows.len(), rows[0].position()).unwrap();
            prop_assert_eq!(columns.pages(), rows.len().div_ceil(1024));
            prop_assert_eq!(counted(&columns.rows(0..columns.pages()).unwrap()), counted(&rows));
            for (from, to) in [(0, cut), (cut, 1_000_000), (cut, cut + 50_000)] {
                let some = columns.rows(columns.within(from, to)).unwrap();
                prop_assert_eq!(counted(between(&some, from, to)), counted(between(&rows, from, to)));
            }
        }
    }
}
