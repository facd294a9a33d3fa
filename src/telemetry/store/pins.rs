//! Pins: what must answer as of an old watermark for ever.
//!
//! `pins.tlq` is a file of records (see `frames`) with the magic "TLPINS" 0 0; a record is
//! position u64 · from i64 · to i64 · series u32 · series u32 of each, ascending. A pin is on the disk before it is
//! returned, and is never taken back.

use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::error::Error;
use crate::telemetry::file::bytes::{Reader, Short};
use crate::telemetry::file::control::{Control, Look, Recorded};
use crate::telemetry::file::frames::Frames;
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::series::watermark::Watermark;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// What it begins with.
pub(in crate::telemetry) const MAGIC: [u8; 8] = *b"TLPINS\0\0";
/// Its name in the folder.
pub(in crate::telemetry) const FILE: &str = "pins.tlq";

/// Some series over a window, as known at a watermark: it answers the same bits for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Its place among the store's pins, from 0; it never changes.
    pub number: u64,
    /// As known at.
    pub watermark: Watermark,
    /// Over which window.
    pub window: Interval,
    /// Which series, in ascending order.
    pub series: Vec<SeriesId>,
}

/// All pins of a store.
#[derive(Debug)]
pub(in crate::telemetry) struct Pins {
    frames: Frames,
    records: Vec<Record>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    position: u64,
    from: i64,
    to: i64,
    series: Vec<SeriesId>,
}

/// The pins of one series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::telemetry) struct SeriesPins {
    /// Positions, ascending.
    pub(in crate::telemetry) positions: Vec<u64>,
    /// For each pin its position and window.
    pub(in crate::telemetry) windows: Vec<(u64, i64, i64)>,
}

impl Pins {
    /// Opens the file, made where there were never pins.
    pub(in crate::telemetry) fn open(
        folder: &Path,
        store: Uuid,
        control: &Arc<Control>,
    ) -> Result<Self, Error> {
        let path = folder.join(FILE);
        let (frames, payloads) = Frames::open(path.clone(), MAGIC, store, control, Recorded::Pins)?;
        Ok(Self { frames, records: records(&path, &payloads)? })
    }

    /// Reads the file and returns whether it holds pins; nothing is made or mended.
    pub(in crate::telemetry) fn look(
        folder: &Path,
        store: Uuid,
        control: Option<&Look>,
    ) -> Result<(), Error> {
        let path = folder.join(FILE);
        records(&path, &Frames::look(&path, MAGIC, store, control, Recorded::Pins)?).map(drop)
    }

    /// Makes a pin durable, and returns its number; one that is there already is not written again.
    pub(in crate::telemetry) fn add(
        &mut self,
        position: u64,
        window: Interval,
        series: Vec<SeriesId>,
    ) -> Result<u64, Error> {
        let (from, to) = (window.from().nanos(), window.to().nanos());
        let record = Record { position, from, to, series };
        if let Some(number) = self.records.iter().position(|known| *known == record) {
            return Ok(number as u64);
        }
        self.frames.append(&[record.write()])?;
        self.records.push(record);
        Ok(self.records.len() as u64 - 1)
    }

    /// Returns all pins.
    pub(in crate::telemetry) fn all(&self, store: Uuid) -> Vec<Pin> {
        (0..self.records.len() as u64).filter_map(|number| self.get(store, number)).collect()
    }

    /// Returns the pin of a number.
    pub(in crate::telemetry) fn get(&self, store: Uuid, number: u64) -> Option<Pin> {
        let record = self.records.get(usize::try_from(number).ok()?)?;
        let watermark = Watermark { store, position: record.position };
        Some(Pin { number, watermark, window: record.window()?, series: record.series.clone() })
    }

    /// Returns what is pinned at a position, by series; `None` where nothing is.
    pub(in crate::telemetry) fn at(&self, position: u64) -> Option<HashMap<SeriesId, Vec<Interval>>> {
        let mut pins = self.records.iter().filter(|record| record.position == position).peekable();
        pins.peek()?;
        let mut windows: HashMap<SeriesId, Vec<Interval>> = HashMap::new();
        for pin in pins {
            for series in &pin.series {
                windows.entry(*series).or_default().extend(pin.window());
            }
        }
        Some(windows)
    }

    /// Returns the pins of every series that has any.
    pub(super) fn by_series(&self) -> HashMap<SeriesId, SeriesPins> {
        let mut pinned: HashMap<SeriesId, SeriesPins> = HashMap::new();
        for record in &self.records {
            for series in &record.series {
                let pinned = pinned.entry(*series).or_default();
                pinned.positions.push(record.position);
                pinned.windows.push((record.position, record.from, record.to));
            }
        }
        for pinned in pinned.values_mut() {
            pinned.positions.sort_unstable();
            pinned.positions.dedup();
        }
        pinned
    }

    /// Returns its file.
    pub(in crate::telemetry) fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Returns whether an append failed such that the end of the file is not known.
    pub(in crate::telemetry) fn is_broken(&self) -> bool {
        self.frames.is_broken()
    }
}

fn records(path: &Path, payloads: &[Vec<u8>]) -> Result<Vec<Record>, Error> {
    let records = payloads.iter().map(|payload| Record::read(payload)).collect::<Result<_, _>>();
    records.map_err(|Short| Error::damaged(path, "a record is no pin"))
}

impl SeriesPins {
    /// Returns whether a pin sees what arrived at `from` but not what arrived at `to`.
    pub(in crate::telemetry) fn parts(&self, from: u64, to: u64) -> bool {
        let first = self.positions.partition_point(|position| *position < from);
        self.positions.get(first).is_some_and(|position| *position < to)
    }
}

impl Record {
    fn window(&self) -> Option<Interval> {
        Interval::new(Instant::from_nanos(self.from), Instant::from_nanos(self.to)).ok()
    }

    fn write(&self) -> Vec<u8> {
        let mut bytes = self.position.to_le_bytes().to_vec();
        bytes.extend(self.from.to_le_bytes());
        bytes.extend(self.to.to_le_bytes());
        bytes.extend((self.series.len() as u32).to_le_bytes());
        self.series.iter().for_each(|series| bytes.extend(series.0.to_le_bytes()));
        bytes
    }

    fn read(payload: &[u8]) -> Result<Self, Short> {
        let mut reader = Reader(payload);
        let (position, from, to) = (reader.u64()?, reader.u64()? as i64, reader.u64()? as i64);
        let series = (0..reader.u32()?).map(|_| reader.u32().map(SeriesId)).collect::<Result<_, _>>()?;
        Ok(Self { position, from, to, series })
    }
}
