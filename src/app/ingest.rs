//! Storing readings from CSV files.

use super::application::App;
use super::error::Error;
use crate::exchange::samples::{self, Layout, Reading, Refused};
use crate::model::instant::Instant;
use crate::telemetry::{Batch, Key, Replaced};
use std::collections::HashMap;
use std::io::Read;

/// Readings are written in batches of so many, and of those that follow at the same instant.
const READINGS_PER_BATCH: usize = 250_000;

/// What an ingest came to.
#[derive(Debug, Default)]
pub struct Ingested {
    /// How many samples are stored.
    pub samples: u64,
    /// The cells that were refused; all others are stored. Of those that only the store refused, the first of every batch.
    pub refused: Vec<Refused>,
    /// How many cells were refused.
    pub refused_count: usize,
    /// Readings that a later one of the file replaced: of the same series and instant, with another value, and close enough to be
    /// stored in one batch with it.
    pub replaced: Option<Replaced>,
}

impl App {
    /// Stores the readings of a CSV file under a measurement; `progress` hears how many there are so far. Where the file
    /// cannot be read to its end, what stands before is stored and the error tells how much.
    pub fn ingest_csv(
        &self,
        csv: impl Read,
        file: &str,
        layout: &Layout,
        measurement: &str,
        progress: impl Fn(u64),
    ) -> Result<Ingested, Error> {
        let mut ingest = Ingest::new(self, measurement);
        let mut failed = None;
        let read = samples::read(csv, file, layout, |reading| {
            if failed.is_some() {
                return;
            }
            // Readings of one instant share a batch, so that those which replace each other are noticed.
            let is_full = ingest.batch.len() >= READINGS_PER_BATCH && ingest.latest != Some(reading.at);
            if is_full || ingest.batch.len() >= 4 * READINGS_PER_BATCH {
                failed = ingest.flush().err();
                progress(ingest.done.samples);
            }
            ingest.take(&reading);
        });
        if let Some(error) = failed {
            return Err(error);
        }
        ingest.flush()?;
        let mut done = ingest.done;
        match read {
            Ok(refused) => {
                done.refused_count += refused.len();
                done.refused.extend(refused);
                self.seal()?;
                Ok(done)
            }
            Err(source) if done.samples > 0 => {
                Err(samples::Error::Partly { stored: done.samples, source: Box::new(source) }.into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// An ingest under way.
struct Ingest<'a> {
    app: &'a App,
    measurement: &'a str,
    batch: Batch,
    places: HashMap<(String, String), usize>,
    /// The line of each row of the batch, with the place of its series.
    origins: Vec<(u64, usize)>,
    /// The instant of the last reading.
    latest: Option<Instant>,
    done: Ingested,
}

impl<'a> Ingest<'a> {
    fn new(app: &'a App, measurement: &'a str) -> Self {
        let (batch, places, origins) = (Batch::new(), HashMap::new(), Vec::new());
        Self { app, measurement, batch, places, origins, latest: None, done: Ingested::default() }
    }

    fn take(&mut self, reading: &Reading<'_>) {
        let name = (reading.twin.to_owned(), reading.signal.to_owned());
        let (batch, measurement) = (&mut self.batch, self.measurement);
        let place = *self
            .places
            .entry(name)
            .or_insert_with_key(|(twin, signal)| batch.series(Key::new(twin, measurement, signal)));
        batch.push(place, reading.at, reading.value);
        self.origins.push((reading.line, place));
        self.latest = Some(reading.at);
    }

    /// Stores what is there so far.
    fn flush(&mut self) -> Result<(), Error> {
        let (places, origins) = (std::mem::take(&mut self.places), std::mem::take(&mut self.origins));
        if origins.is_empty() {
            return Ok(());
        }
        let written = self.app.ingest(std::mem::take(&mut self.batch))?;
        self.done.samples += written.samples;
        self.done.refused_count += written.rejected_count;
        match (&mut self.done.replaced, written.replaced) {
            (Some(all), Some(more)) => all.count += more.count,
            (all, more) => *all = all.take().or(more),
        }
        for rejected in written.rejected {
            let Some((line, place)) = origins.get(rejected.line.saturating_sub(1)) else { continue };
            let signal = places.iter().find(|(_, of)| *of == place).map(|((_, signal), _)| signal.clone());
            let column = signal.unwrap_or_default();
            self.done.refused.push(Refused { line: *line, column, reason: rejected.message });
        }
        Ok(())
    }
}
