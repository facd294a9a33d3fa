//! One batch as the log keeps it.
//!
//! ```text
//! position u64 · durable u64 · series made u32 · rows u32
//! each series made: its key (see `dictionary`)
//! series u32 of each row · instant i64 of each row · value f64 of each row
//! arrival i64, since version 2 of the log
//! ```
//! All numbers are little-endian. Series are numbered in the order they were made, so a made one carries no number.
//! `durable` is the last position that was known to be on the disk when this entry was made, `arrival` the instant at which it was made
//! by the service's clock.

use super::dictionary::{put_key, take_key};
use super::staged::Staged;
use crate::telemetry::file::bytes::{Reader, Short};
use crate::telemetry::series::key::SeriesKey;

/// The bytes of an entry without series and rows.
pub(in crate::telemetry) const ENTRY_MIN: u64 = 24;
/// The fewest bytes of a series made.
pub(in crate::telemetry) const KEY_MIN: u64 = 16;
/// The bytes of a row.
pub(in crate::telemetry) const ROW: u64 = 20;

/// A batch with its place in the order of arrival.
#[derive(Debug, Default)]
pub(in crate::telemetry) struct Entry {
    /// Its place.
    pub(in crate::telemetry) position: u64,
    /// The last position that was on the disk for certain.
    pub(in crate::telemetry) durable: u64,
    /// The series that it brings.
    pub(in crate::telemetry) made: Vec<SeriesKey>,
    /// Numbers of series.
    pub(in crate::telemetry) series: Vec<u32>,
    /// Instants.
    pub(in crate::telemetry) at: Vec<i64>,
    /// Values.
    pub(in crate::telemetry) values: Vec<f64>,
    /// When it arrived, by the service's clock, in nanoseconds; not known of batches that came with version 1 of the log.
    pub(in crate::telemetry) arrival: Option<i64>,
}

impl Entry {
    /// Makes the entry of a staged batch whose series are all numbered.
    pub(in crate::telemetry) fn new(
        position: u64,
        durable: u64,
        arrival: i64,
        made: Vec<SeriesKey>,
        staged: Staged,
    ) -> Self {
        let Staged { series, at, values, .. } = staged;
        Self { position, durable, made, series, at, values, arrival: Some(arrival) }
    }

    /// Appends the bytes of the entry.
    pub(in crate::telemetry) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.reserve(24 + 20 * self.at.len());
        bytes.extend(self.position.to_le_bytes());
        bytes.extend(self.durable.to_le_bytes());
        bytes.extend((self.made.len() as u32).to_le_bytes());
        bytes.extend((self.at.len() as u32).to_le_bytes());
        self.made.iter().for_each(|key| put_key(bytes, key));
        self.series.iter().for_each(|series| bytes.extend(series.to_le_bytes()));
        self.at.iter().for_each(|at| bytes.extend(at.to_le_bytes()));
        self.values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        self.arrival.iter().for_each(|arrival| bytes.extend(arrival.to_le_bytes()));
    }

    /// Returns whether the entry is no batch, but covers all positions behind `durable` up to its own, which nothing gets.
    pub(in crate::telemetry) fn skips_from(&self, durable: u64) -> bool {
        self.at.is_empty() && self.made.is_empty() && self.durable == durable && durable < self.position
    }

    /// Reads an entry.
    pub(in crate::telemetry) fn read(bytes: &[u8]) -> Result<Self, Short> {
        let mut reader = Reader(bytes);
        let (position, durable) = (reader.u64()?, reader.u64()?);
        let (made, rows) = (reader.u32()?, reader.u32()? as usize);
        let made = (0..made).map(|_| take_key(&mut reader)).collect::<Result<_, _>>()?;
        let series = column(reader.take(4 * rows)?, u32::from_le_bytes);
        let at = column(reader.take(8 * rows)?, i64::from_le_bytes);
        let values = column(reader.take(8 * rows)?, f64::from_le_bytes);
        let arrival = if reader.0.is_empty() { None } else { Some(reader.u64()? as i64) };
        if reader.0.is_empty() {
            Ok(Self { position, durable, made, series, at, values, arrival })
        } else {
            Err(Short)
        }
    }
}

fn column<T, const N: usize>(bytes: &[u8], read: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect()
}
