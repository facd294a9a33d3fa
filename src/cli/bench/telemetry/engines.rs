//! Narrow signals on an offset: sensors of simulated turbofans, whose range is often less than a hundredth of their value (NASA C-MAPSS, A. Saxena
//! et al., PHM08). Percentiles of every engine's sensors, and of every sensor over all engines, beside exact ones.

use super::Failure;
use super::exact::{ERROR_MAX, SHARES, error, exact};
use crate::app::App;
use crate::cli::bench::report::Report;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::clock::SystemClock;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::{Batch, Piece, Plan, Plausible, SampleWeight, SeriesKey, Summary};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

const FILES: [&str; 2] = ["train_FD001", "train_FD003"];
/// Columns before the sensors: engine, cycle, settings.
const SENSORS_FROM: usize = 5;
const HOUR_NS: i64 = 3_600_000_000_000;
/// A percentile further off than this share of the range, in percent, is useless for a signal.
const USELESS: f64 = 10.0;

/// The values of a sensor by engine, in the order of the cycles.
type Engines = BTreeMap<String, Vec<f64>>;

/// Stores all sensors, and prints how far their percentiles are off.
pub(super) fn measure(folder: &Path, real_data: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut sensors: BTreeMap<String, Engines> = BTreeMap::new();
    for name in FILES {
        let path = real_data.join(format!("cmapss/{name}.txt.gz"));
        match File::open(&path) {
            Ok(file) => read(name, file, &mut sensors)?,
            Err(_) => report.skip(&format!("C-MAPSS: {} is absent", path.display())),
        }
    }
    if sensors.is_empty() {
        return Ok(());
    }
    let app = App::init(folder, &[], "https://bench.example.org/", Arc::new(SystemClock::default()))?;
    let mut batch = Batch::new();
    for (sensor, engines) in &sensors {
        for (engine, values) in engines {
            let series = batch.series(SeriesKey::new(engine.clone(), "cmapss", sensor));
            for (cycle, value) in (1..).zip(values) {
                batch.push(series, Instant::from_nanos(cycle * HOUR_NS), *value);
            }
        }
    }
    app.ingest(batch)?;
    app.seal()?;
    let (mut each, mut all) = (Worst::default(), Worst::default());
    for (sensor, engines) in &mut sensors {
        let mut together: Vec<f64> = engines.values().flatten().copied().collect();
        all.take(&mut together, &answer(&app, sensor, engines.keys())?)?;
        for (engine, values) in engines {
            each.take(values, &answer(&app, sensor, [engine].into_iter())?)?;
        }
    }
    report.line("series of C-MAPSS's engines", each.count as f64, "");
    report.line("the narrowest range of one that varies, by its median", each.narrowest, "% of value");
    report.at_most("series whose P95 is off by a tenth of their range", each.useless as f64, 0.0, "");
    report.at_most("percentile error, C-MAPSS, the worst of its series", each.off, ERROR_MAX, "% of range");
    report.at_most("percentile error, C-MAPSS, a sensor of all engines", all.off, ERROR_MAX, "% of range");
    Ok(())
}

/// What the percentiles of several sets of values are off at most.
struct Worst {
    count: usize,
    off: f64,
    useless: usize,
    narrowest: f64,
}

impl Default for Worst {
    fn default() -> Self {
        Self { count: 0, off: 0.0, useless: 0, narrowest: f64::INFINITY }
    }
}

impl Worst {
    fn take(&mut self, values: &mut [f64], summary: &Summary) -> Result<(), Failure> {
        self.count += 1;
        for share in SHARES {
            let off = error(values, share, summary.percentile(share, SampleWeight::Sample)?);
            self.off = self.off.max(off);
            self.useless += usize::from(share == 0.95 && off > USELESS);
        }
        let range = exact(values, 0.99) - exact(values, 0.01);
        if range > 0.0 {
            self.narrowest = self.narrowest.min(100.0 * range / exact(values, 0.5).abs());
        }
        Ok(())
    }
}

/// Reads the sensors of a file.
fn read(name: &str, file: File, sensors: &mut BTreeMap<String, Engines>) -> Result<(), Failure> {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text)?;
    for row in text.lines() {
        let mut cells = row.split_whitespace();
        let engine = format!("{name}-{}", cells.next().unwrap_or_default());
        for (sensor, cell) in (1..).zip(cells.skip(SENSORS_FROM - 1)) {
            let engines = sensors.entry(format!("s{sensor}")).or_default();
            engines.entry(engine.clone()).or_default().push(cell.parse()?);
        }
    }
    Ok(())
}

/// Asks for a sensor of some engines together.
fn answer<'a>(
    app: &App,
    sensor: &str,
    engines: impl Iterator<Item = &'a String>,
) -> Result<Summary, Failure> {
    let (view, within) = (app.telemetry().now(), Interval::ALWAYS);
    let mut pieces = Vec::new();
    for engine in engines {
        let series = view.series_of(engine).into_iter().find(|series| series.field == sensor);
        pieces.push(Piece {
            series: series.ok_or_else(|| format!("{sensor} of {engine} is not stored"))?.id,
            within,
            conversion: Conversion::IDENTITY,
            transform: Transform::None,
            hold_ns: 0,
            cell: 0,
            guards: Arc::new([]),
            plausible: Plausible::ALL,
        });
    }
    let mut cells = view.aggregate(&pieces, &Plan::whole(within))?;
    Ok(cells.remove(0).remove(0))
}
