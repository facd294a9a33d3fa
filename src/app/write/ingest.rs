//! Storing readings from CSV files.

use crate::app::access::TwinScope;
use crate::app::application::App;
use crate::app::error::Error;
use crate::exchange::samples::{self, Clock, Known, Layout, Reading, Refused, Report};
use crate::exchange::table;
use crate::feedback;
use crate::model::number::ratio::Ratio;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{quantitykind, tl};
use crate::ontology::{FieldKind, Ontology};
use crate::telemetry::{Batch, Precision, Series, SeriesKey, coarser_precision};
use crate::twins::{self, UnboundSeries};
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};
use std::sync::Arc;

/// Readings are written in batches of so many.
const READINGS_PER_BATCH: usize = 250_000;

/// What an ingest came to.
#[derive(Debug, Default)]
pub struct Ingested {
    /// How many samples are stored.
    pub samples: u64,
    /// How many series were not known before.
    pub new_series: usize,
    /// What was refused (all else is stored; of the cells that only the store refused, the first of every batch), and what
    /// else is to be known of the file.
    pub report: Report,
    /// The series of the file that no signal at main is bound to.
    pub unbound: Vec<UnboundSeries>,
}

/// A table of readings, and how it is to be read.
#[derive(Clone, Debug)]
pub struct TableRequest {
    /// What errors call it.
    pub file: String,
    /// What its columns are.
    pub layout: Layout,
    /// The measurement to store under.
    pub measurement: String,
    /// How many of its readings were stored before.
    pub skipped: u64,
    /// How many series it may bring that are not known yet; readings of others are refused.
    pub new_series_max: usize,
}

impl App {
    /// Stores the readings of a CSV file under a measurement; `progress` hears how many there are so far. Where the file
    /// cannot be read to its end, what precedes it is stored and the error states how much.
    pub fn ingest_csv(
        &self,
        csv: impl Read,
        file: &str,
        layout: &Layout,
        measurement: &str,
        progress: impl Fn(u64),
    ) -> Result<Ingested, Error> {
        let (file, measurement) = (file.to_owned(), measurement.to_owned());
        let table = TableRequest {
            file,
            layout: layout.clone(),
            measurement,
            skipped: 0,
            new_series_max: usize::MAX,
        };
        self.ingest_table(csv, &table, progress)
    }

    /// Like [`Self::ingest_csv`], as a request asks.
    pub fn ingest_table(
        &self,
        csv: impl Read,
        table: &TableRequest,
        progress: impl Fn(u64),
    ) -> Result<Ingested, Error> {
        let TableRequest { file, layout, measurement, .. } = table;
        let known = self.known_units()?;
        let mut ingest = Ingest::new(self, table);
        let mut failed = None;
        let read = samples::read(csv, file, layout, known, |reading| {
            if failed.is_some() {
                return;
            }
            ingest.take(&reading);
            if ingest.batch.len() >= READINGS_PER_BATCH {
                failed = ingest.flush().err();
                if failed.is_none() {
                    progress(ingest.taken);
                }
            }
        });
        let failed = failed.or_else(|| ingest.flush().err());
        let mut done = std::mem::take(&mut ingest.done);
        if let Some(error) = failed {
            return Err(partly(done.samples, error));
        }
        match read {
            Ok(report) => {
                let Report { refused, refused_count, .. } = std::mem::replace(&mut done.report, report);
                done.report.refused_count += refused_count;
                done.report.refused.extend(refused);
                // What was stored is in the log: without a part the next start takes longer.
                if let Err(error) = self.seal() {
                    tracing::warn!("the samples are stored, but not compressed yet: {error}");
                }
                let unbound = self.unbound_of(&ingest.named, measurement);
                done.unbound = unbound.map_err(|error| partly(done.samples, error))?;
                Ok(done)
            }
            Err(source) if done.samples > 0 => {
                Err(samples::Error::Partly { stored: done.samples, source: Box::new(source) }.into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Reads on only while that is wanted.
#[derive(Debug)]
pub struct Wanted<R> {
    inner: R,
    wanted: Cancellation,
}

impl<R: Read> Wanted<R> {
    /// Reads from `inner` until it is cancelled.
    pub fn new(inner: R, wanted: Cancellation) -> Self {
        Self { inner, wanted }
    }
}

impl<R: Read> Read for Wanted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.wanted.check().map_err(io::Error::other)?;
        self.inner.read(buffer)
    }
}

/// Describes how much of a file is stored in spite of an error.
fn partly(stored: u64, error: Error) -> Error {
    if stored == 0 { error } else { Error::PartlyStored { stored, source: Box::new(error) } }
}

impl App {
    /// Returns the series of these twins and signals under a measurement that no signal at main is bound to.
    fn unbound_of(
        &self,
        named: &BTreeSet<(String, String)>,
        measurement: &str,
    ) -> Result<Vec<UnboundSeries>, Error> {
        let is_of_file = |series: &Series| {
            series.measurement == measurement && named.contains(&(series.twin.clone(), series.field.clone()))
        };
        let main = self.snapshot("main")?;
        Ok(twins::unbound_among(&main, &self.telemetry().now(), is_of_file).map_err(feedback::Error::from)?)
    }

    /// Returns the first twin of a table of readings that is not in a scope.
    pub(in crate::app) fn outside(
        &self,
        scope: &TwinScope,
        csv: impl Read,
        file: &str,
        layout: &Layout,
    ) -> Result<Option<String>, Error> {
        let mut outside = None;
        samples::read(csv, file, layout, self.known_units()?, |reading| {
            if outside.is_none() && !scope.contains(reading.twin) {
                outside = Some(reading.twin.to_owned());
            }
        })?;
        Ok(outside)
    }

    /// Returns the units of all signals at main.
    fn known_units(&self) -> Result<KnownUnits, Error> {
        let main = self.snapshot("main")?;
        let mut signals: HashMap<String, Vec<NamedNode>> = HashMap::new();
        for signal in main.instances(tl::SIGNAL_CLASS)? {
            if let (Some(name), Some(unit)) = (main.text(&signal, tl::NAME)?, main.target(&signal, tl::UNIT)?)
            {
                signals.entry(name).or_default().push(unit);
            }
        }
        Ok(KnownUnits { ontology: Arc::clone(main.ontology()), signals })
    }
}

/// The units that the signals of a thread are in, by their names.
struct KnownUnits {
    ontology: Arc<Ontology>,
    signals: HashMap<String, Vec<NamedNode>>,
}

impl Known for KnownUnits {
    fn unit(&self, text: &str) -> Option<&str> {
        self.ontology.units().find(text).map(|unit| unit.iri.as_str())
    }

    /// Refuses a unit that no signal of this name is in. A name that no signal has may be in any unit.
    fn check(&self, signal: &str, column: Option<&str>, text: &str) -> Result<(), String> {
        let known = self.signals.get(signal).map_or(&[][..], Vec::as_slice);
        if text.is_empty() {
            return self.check_unstated(signal, known);
        }
        let unit = table::value(text, &FieldKind::Unit, &self.ontology, "")?;
        if known.is_empty() || known.iter().any(|known| unit == Term::from(known.clone())) {
            return Ok(());
        }
        let advice = match &unit {
            Term::NamedNode(unit) => self.advice(column, unit, &known[0]),
            _ => String::new(),
        };
        Err(format!(
            "the file states {signal} in \"{text}\", but the signals of this name are in {}; samples are stored as they are sent{advice}",
            self.symbols(known)
        ))
    }
}

impl KnownUnits {
    /// Refuses that no unit is stated of a signal that has one.
    fn check_unstated(&self, signal: &str, known: &[NamedNode]) -> Result<(), String> {
        let units = self.ontology.units();
        let has_none = |unit: &NamedNode| {
            let is_one = units.get(unit.as_ref()).is_some_and(|unit| unit.multiplier == Some(Ratio::one()));
            is_one && units.fits(unit.as_ref(), quantitykind::DIMENSIONLESS)
        };
        match known.is_empty() || known.iter().any(has_none) {
            true => Ok(()),
            false => Err(format!(
                "the file states no unit of {signal}, but the signals of this name are in {}; state it in each row, or leave out where the units are",
                self.symbols(known)
            )),
        }
    }

    /// Describes how values are converted to the unit of their signal: where they have a column of their own, by a computed column.
    fn advice(&self, column: Option<&str>, from: &NamedNode, to: &NamedNode) -> String {
        let cell = format!("{{{}}}", column.unwrap_or("value"));
        match (self.ontology.units().formula(&cell, from.as_ref(), to.as_ref()), column) {
            (Ok(Some(formula)), Some(_)) => format!(
                ", so compute the column in that unit, as in [[column]] value = \"{formula}\", and read the signal from it"
            ),
            (Ok(_), _) => ", so convert the values before".to_owned(),
            (Err(error), _) => format!(", and {error}"),
        }
    }

    fn symbols(&self, units: &[NamedNode]) -> String {
        let symbol = |unit: &NamedNode| {
            let known = self.ontology.units().get(unit.as_ref());
            known.map_or_else(|| unit.to_string(), |unit| unit.symbol.clone())
        };
        let mut symbols: Vec<String> = units.iter().map(symbol).collect();
        symbols.sort_unstable();
        symbols.dedup();
        symbols.join(", ")
    }
}

/// Explains why a time that counts steps since 1970 is hardly the one that is meant, as line protocol refuses timestamps of another precision.
fn miscounted(clock: &Clock, at: Instant, now: Instant) -> Option<String> {
    let Clock::Count { epoch, step_ns } = clock else { return None };
    if epoch.nanos() != 0 || *step_ns <= 0 {
        return None;
    }
    let count = i128::from(at.nanos() / step_ns);
    let fits = coarser_precision(count, *step_ns, now.nanos())?;
    let step = match fits {
        Precision::Milliseconds => "PT0.001S",
        Precision::Microseconds => "PT0.000001S",
        Precision::Nanoseconds => "PT0.000000001S",
        _ => "PT1S",
    };
    Some(format!(
        "the time {count} lies in January 1970 with the step that is stated: the reading is not stored; --step {step} would fit"
    ))
}

/// An ingest under way.
struct Ingest<'a> {
    app: &'a App,
    table: &'a TableRequest,
    /// How many readings were taken, with those that were stored before.
    taken: u64,
    batch: Batch,
    /// By the series of the file, its place in the batch.
    places: Vec<Option<usize>>,
    /// By place in the batch, the signal.
    signals: Vec<String>,
    /// The line of each row of the batch, with the place of its series.
    origins: Vec<(u64, usize)>,
    /// The twins and signals of the file.
    named: BTreeSet<(String, String)>,
    done: Ingested,
}

impl<'a> Ingest<'a> {
    fn new(app: &'a App, table: &'a TableRequest) -> Self {
        let (batch, places, signals, origins) = (Batch::new(), Vec::new(), Vec::new(), Vec::new());
        let (named, done) = (BTreeSet::new(), Ingested::default());
        Self { app, table, taken: 0, batch, places, signals, origins, named, done }
    }

    fn take(&mut self, reading: &Reading<'_>) {
        self.taken += 1;
        if self.taken <= self.table.skipped {
            self.named.insert((reading.twin.to_owned(), reading.signal.to_owned()));
            return;
        }
        if let Some(reason) = miscounted(&self.table.layout.clock, reading.at, self.app.clock().now()) {
            self.done.report.refuse(reading.line, reading.signal, reason);
            return;
        }
        if self.places.len() <= reading.series {
            self.places.resize(reading.series + 1, None);
        }
        let (batch, signals, measurement) =
            (&mut self.batch, &mut self.signals, self.table.measurement.as_str());
        let named = &mut self.named;
        let place = *self.places[reading.series].get_or_insert_with(|| {
            signals.push(reading.signal.to_owned());
            named.insert((reading.twin.to_owned(), reading.signal.to_owned()));
            batch.series(SeriesKey::new(reading.twin, measurement, reading.signal))
        });
        batch.push(place, reading.at, reading.value);
        self.origins.push((reading.line, place));
    }

    /// Stores what is there so far.
    fn flush(&mut self) -> Result<(), Error> {
        let (signals, origins) = (std::mem::take(&mut self.signals), std::mem::take(&mut self.origins));
        self.places.clear();
        if origins.is_empty() {
            return Ok(());
        }
        let mut batch = std::mem::take(&mut self.batch);
        batch.new_series_max = self.table.new_series_max.saturating_sub(self.done.new_series);
        let written = self.app.ingest(batch)?;
        self.done.samples += written.samples;
        self.done.new_series += written.new_series;
        self.done.report.refused_count += written.rejected_count;
        for rejected in written.rejected {
            let Some((line, place)) = origins.get(rejected.line.saturating_sub(1)) else { continue };
            let column = signals.get(*place).cloned().unwrap_or_default();
            self.done.report.refused.push(Refused { line: *line, column, reason: rejected.message });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_that_are_read_as_milliseconds_are_refused() {
        let now: Instant = "2026-01-01T00:00:00Z".parse().expect("an instant");
        let check = |epoch: i64, step_ns: i64, count: i64, expect: Option<&str>| {
            let epoch = Instant::from_seconds(epoch);
            let at = epoch.plus_nanos(count * step_ns);
            let reason = miscounted(&Clock::Count { epoch, step_ns }, at, now);
            match (&reason, expect) {
                (Some(reason), Some(expect)) => assert!(reason.contains(expect), "{reason}"),
                (reason, expect) => assert_eq!(reason.as_deref(), expect),
            }
        };
        check(0, 1_000_000, 1_714_521_600, Some("--step PT1S would fit"));
        check(0, 1_000, 1_714_521_600_000, Some("--step PT0.001S would fit"));
        check(0, 1_000_000_000, 1_714_521_600, None);
        check(0, 1_000_000, 1_714_521_600_000, None);
        // January 1970 itself, and another epoch.
        check(0, 1_000_000_000, 3_600, None);
        check(1_704_067_200, 1_000_000, 1_714_521_600, None);
        assert_eq!(miscounted(&Clock::Instant, Instant::from_seconds(0), now), None);
    }
}
