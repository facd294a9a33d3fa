//! Storing readings from CSV files.

use super::application::App;
use super::error::Error;
use crate::exchange::samples::{self, Layout, Refused};
use crate::telemetry::{Batch, Key};
use std::collections::HashMap;
use std::io::Read;

/// Readings are written in batches of so many.
const READINGS_PER_BATCH: usize = 250_000;

/// What an ingest came to.
#[derive(Debug, Default)]
pub struct Ingested {
    /// How many samples are stored.
    pub samples: u64,
    /// The cells that were refused; all others are stored.
    pub refused: Vec<Refused>,
}

impl App {
    /// Stores the readings of a CSV file under a measurement; `progress` hears how many there are so far.
    pub fn ingest_csv(
        &self,
        csv: impl Read,
        file: &str,
        layout: &Layout,
        measurement: &str,
        progress: impl Fn(u64),
    ) -> Result<Ingested, Error> {
        let mut batch = Batch::new();
        let mut places: HashMap<(String, String), usize> = HashMap::new();
        let mut ingested = Ingested::default();
        let mut failed = None;
        let refused = samples::read(csv, file, layout, |reading| {
            if failed.is_some() {
                return;
            }
            let name = (reading.twin.to_owned(), reading.signal.to_owned());
            let place = *places
                .entry(name)
                .or_insert_with_key(|(twin, signal)| batch.series(Key::new(twin, measurement, signal)));
            batch.push(place, reading.at, reading.value);
            if batch.len() >= READINGS_PER_BATCH {
                places.clear();
                match self.ingest(std::mem::take(&mut batch)) {
                    Ok(written) => ingested.samples += written.samples,
                    Err(error) => failed = Some(error),
                }
                progress(ingested.samples);
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        if !batch.is_empty() {
            ingested.samples += self.ingest(batch)?.samples;
        }
        ingested.refused = refused;
        self.seal()?;
        Ok(ingested)
    }
}
