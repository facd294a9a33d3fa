//! The made-up fleet: pumps of one revision with a year of 10-minute data, whose bearings were swapped three times.

use super::Failure;
use crate::app::App;
use crate::cli::bench::machine;
use crate::cli::bench::report::Report;
use crate::exchange::rdf;
use crate::model::statement::change::Change;
use crate::model::time::clock::SystemClock;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::{Batch, Sample, SeriesKey, View};
use oxigraph::model::NamedNode;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant as Stopwatch;

const BASE: &str = "https://bench.example.org/";
const TEN_MINUTES_NS: i64 = 600_000_000_000;
const SAMPLES_A_YEAR: i64 = 52_560;
/// Clocks that are exact, and those of which each instant is off by up to 2 % of the period.
pub(super) const ON_TIME: i64 = 0;
pub(super) const JITTERED: i64 = 12_000;
/// How many bearings a pump has had by the end of the year.
const BEARINGS: i64 = 4;

/// The pump's design; what is observed applies to a pump and to the bearing in it.
const DESIGN: &str = r#"
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix quantitykind: <http://qudt.org/vocab/quantitykind/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<temp> a tl:Property ; dcterms:title "temperature" ; tl:quantityKind quantitykind:Temperature .
<bearing-temp> a tl:Property ; dcterms:title "bearing temperature" ; tl:quantityKind quantitykind:Temperature .
<pump> a tl:Part ; dcterms:identifier "pump" .
<pump/A> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision "A" ; tl:usage <pump/A#bearing> ;
    tl:signal <pump/A#temp> , <pump/A#bearing-temp> ; tl:model <pump/A#model> .
<pump/A#model> a tl:Model ; tl:property <bearing-temp> ; tl:unit unit:DEG_C ; tl:form "EXPRESSION" ; tl:expression "t + 2 [K]" ;
    tl:input <pump/A#model.t> .
<pump/A#model.t> a tl:ModelVariable ; tl:name "t" ; tl:property <temp> ; tl:unit unit:DEG_C .
<pump/A#bearing> a tl:PartUsage ; tl:child <bearing> ; tl:position "bearing" .
<pump/A#temp> a tl:Signal ; tl:name "temp" ; tl:property <temp> ; tl:unit unit:DEG_C ; tl:expectedPeriod "PT10M"^^xsd:duration .
<pump/A#bearing-temp> a tl:Signal ; tl:name "temp" ; tl:property <bearing-temp> ; tl:unit unit:DEG_C ; tl:position "bearing" ;
    tl:expectedPeriod "PT10M"^^xsd:duration .
<bearing> a tl:Part ; dcterms:identifier "bearing" .
<bearing/B> a tl:DesignRevision ; tl:revisionOf <bearing> ; tl:revision "B" .
<bearing/C> a tl:DesignRevision ; tl:revisionOf <bearing> ; tl:revision "C" .
<lot/A> a tl:Build ; dcterms:identifier "lot-A" ; tl:realizes <pump/A> .
<lot/B> a tl:Build ; dcterms:identifier "lot-B" ; tl:realizes <bearing/B> .
<lot/C> a tl:Build ; dcterms:identifier "lot-C" ; tl:realizes <bearing/C> .
"#;

/// The fleet's thread, with its samples stored.
pub(super) struct Fleet {
    folder: PathBuf,
    pub(super) units: usize,
    pub(super) samples: u64,
}

/// One bearing in one pump.
pub(super) struct Stay {
    pub(super) unit: usize,
    number: i64,
    pub(super) revision: char,
    pub(super) within: Interval,
}

impl Fleet {
    /// Makes the thread, stores the year and prints what that takes.
    pub(super) fn load(folder: &Path, units: usize, report: &mut Report) -> Result<Self, Failure> {
        let start = Stopwatch::now();
        let fleet = Self::plant(folder, units, ON_TIME)?;
        let samples = fleet.samples;
        let rate = samples as f64 / start.elapsed().as_secs_f64() / 1e3;
        report.line("samples of the fleet's year", samples as f64 / 1e6, "M");
        report.line("stored through the library, durable", rate, "k samples/s");
        let stored = machine::size_of(&folder.join("telemetry"))? as f64 / samples as f64;
        report.line("stored size, made-up values of 4 digits", stored, "bytes/sample");
        Ok(fleet)
    }

    /// Makes the thread and stores the year, each instant off by up to so many milliseconds.
    pub(super) fn plant(folder: &Path, units: usize, jitter_ms: i64) -> Result<Self, Failure> {
        let app = App::init(folder, &[], BASE, Arc::new(SystemClock::default()))?;
        let thread = thread(units);
        let statements = rdf::read(thread.as_bytes(), rdf::Format::Turtle, BASE, "fleet.ttl")?;
        app.commit("main", statements.into_iter().map(Change::Add).collect())?;
        let samples = write_year(&app, units, jitter_ms)?;
        app.seal()?;
        Ok(Self { folder: folder.to_owned(), units, samples })
    }

    /// Opens the thread as after a start of the machine; also returns whether its files were dropped from the cache before.
    pub(super) fn open_cold(&self) -> Result<(App, bool), Failure> {
        let forgotten = machine::forget_file(&self.folder)?;
        Ok((self.open()?, forgotten))
    }

    /// Opens the thread.
    pub(super) fn open(&self) -> Result<App, Failure> {
        Ok(App::open(&self.folder, Arc::new(SystemClock::default()))?)
    }

    /// Returns all stays.
    pub(super) fn stays(&self) -> impl Iterator<Item = Stay> {
        (0..self.units).flat_map(stays_of)
    }
}

/// Names a resource of the thread.
pub(super) fn iri(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{BASE}{local}"))
}

/// The year 2021, whose months are whole.
pub(super) fn year() -> Interval {
    let from = Instant::from_seconds(1_609_459_200);
    Interval::new(from, from.plus_nanos(TEN_MINUTES_NS * SAMPLES_A_YEAR)).expect("a year is not empty")
}

/// Returns all samples of a unit in time order.
pub(super) fn samples(view: &View, unit: usize) -> Result<Vec<Sample>, Failure> {
    let series = view.series_of(&serial(unit));
    let series = series.first().ok_or("a unit of the fleet has no series")?;
    Ok(view.samples(series.id, year(), usize::MAX)?)
}

fn serial(unit: usize) -> String {
    format!("F-{unit:04}")
}

/// Returns the bearings of a unit, each for about a quarter; no two units swap at the same instant, and none on the hour.
fn stays_of(unit: usize) -> impl Iterator<Item = Stay> {
    let quarter = SAMPLES_A_YEAR / BEARINGS * TEN_MINUTES_NS;
    let swapped = move |number: i64| match number {
        0 | BEARINGS => year().from().plus_nanos(number * quarter),
        _ => {
            year().from().plus_nanos(number * quarter + (unit as i64 * 7919 % 9973 * 61 + 7) * 1_000_000_000)
        }
    };
    (0..BEARINGS).map(move |number| Stay {
        unit,
        number,
        revision: if number % 2 == 0 { 'B' } else { 'C' },
        within: Interval::new(swapped(number), swapped(number + 1)).expect("a quarter is longer than a week"),
    })
}

fn thread(units: usize) -> String {
    let mut turtle = DESIGN.to_owned();
    for unit in 0..units {
        let serial = serial(unit);
        let _ = writeln!(
            turtle,
            "<unit/{serial}> a tl:TwinInstance ; dcterms:identifier \"{serial}\" ; tl:part <pump> ; tl:builtBy <lot/A> ;
                tl:commissionedAt \"2019-01-01T00:00:00Z\"^^xsd:dateTime ."
        );
        for Stay { number, revision, within, .. } in stays_of(unit) {
            let bearing = format!("{serial}-{number}");
            let until = if number + 1 < BEARINGS {
                format!("; tl:to \"{}\"^^xsd:dateTime", within.to())
            } else {
                String::new()
            };
            let _ = writeln!(
                turtle,
                "<bearing/{bearing}> a tl:TwinInstance ; dcterms:identifier \"{bearing}\" ; tl:part <bearing> ; tl:builtBy <lot/{revision}> .
                <stay/{bearing}> a tl:Installation ; tl:component <bearing/{bearing}> ; tl:parent <unit/{serial}> ;
                    tl:position \"bearing\" ; tl:from \"{}\"^^xsd:dateTime {until} .",
                within.from()
            );
        }
    }
    turtle
}

/// Stores a year of 10-minute data of every unit, a month of a few units at a time.
fn write_year(app: &App, units: usize, jitter_ms: i64) -> Result<u64, Failure> {
    let mut samples = 0;
    for month in 0..12 {
        for first in (0..units).step_by(50) {
            let mut batch = Batch::new();
            for unit in first..units.min(first + 50) {
                let series = batch.series(SeriesKey::new(serial(unit), "fleet", "temp"));
                let mut noise = (unit as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ month as u64;
                for at in (month * SAMPLES_A_YEAR / 12)..((month + 1) * SAMPLES_A_YEAR / 12) {
                    noise =
                        noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let daily = ((at % 144) as f64 / 144.0 * std::f64::consts::TAU).sin() * 4.0;
                    let value = 60.0 + (unit % 17) as f64 * 0.7 + daily + (noise >> 40) as f64 / 4e6;
                    let off = (noise >> 20) as i64 % (2 * jitter_ms + 1) - jitter_ms;
                    let instant = year().from().plus_nanos((at * TEN_MINUTES_NS + off * 1_000_000).max(0));
                    batch.push(series, instant, (value * 100.0).round() / 100.0);
                }
            }
            samples += app.ingest(batch)?.samples;
        }
    }
    Ok(samples)
}
