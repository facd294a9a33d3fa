//! Real values: two years of four wind turbines as they were published (ENGIE, La Haute Borne, Etalab Open Licence 2.0).

use super::Failure;
use super::exact::{ERROR_MAX, SHARES, error};
use crate::app::App;
use crate::cli::bench::machine;
use crate::cli::bench::report::Report;
use crate::exchange::samples::{Clock, Layout, Signals, Twin, Units};
use crate::exchange::table::Dialect;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::clock::SystemClock;
use crate::model::time::interval::Interval;
use crate::telemetry::{Piece, Plan, Plausible, SampleWeight, View};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Stores all signals; prints their size, rollups and names included, and how far their percentiles are off.
pub(super) fn measure(folder: &Path, real_data: &Path, report: &mut Report) -> Result<(), Failure> {
    let path = real_data.join("la_haute_borne/scada-2014-2015.csv.gz");
    let Ok(file) = File::open(&path) else {
        report.skip(&format!("La Haute Borne: {} is absent", path.display()));
        return Ok(());
    };
    let app = App::init(folder, &[], "https://bench.example.org/", Arc::new(SystemClock::default()))?;
    let before = machine::size_of(&folder.join("telemetry"))?;
    let layout = Layout {
        dialect: Dialect::default(),
        mapping: None,
        time: "Date_time".to_owned(),
        offset: None,
        clock: Clock::Instant,
        twin: Twin::Column("Wind_turbine_name".to_owned()),
        signals: Signals::Wide(Vec::new()),
        units: Units::Unstated,
    };
    let csv = flate2::read::MultiGzDecoder::new(file);
    let samples = app.ingest_csv(csv, "scada.csv", &layout, "scada", |_| {})?.samples as f64;
    let stored = (machine::size_of(&folder.join("telemetry"))? - before) as f64 / samples;
    report.line("samples of La Haute Borne", samples / 1e6, "M");
    report.at_most("stored size, La Haute Borne, rollups included", stored, 2.2, "bytes/sample");
    report.line("the same, by a plain instant and value", stored / 16.0, "×");
    let worst = percentile_error(&app.telemetry().now())?;
    report.at_most("percentile error, the worst of its series", worst, ERROR_MAX, "% of range");
    Ok(())
}

fn percentile_error(view: &View) -> Result<f64, Failure> {
    let mut worst = 0.0_f64;
    for series in view.all_series() {
        let within = Interval::ALWAYS;
        let piece = Piece {
            series: series.id,
            within,
            conversion: Conversion::IDENTITY,
            transform: Transform::None,
            hold_ns: 0,
            cell: 0,
            guards: Arc::new([]),
            plausible: Plausible::ALL,
        };
        let samples = view.samples(series.id, within, usize::MAX)?;
        let mut values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
        let answer = view.aggregate(&[piece], &Plan::whole(within))?;
        for share in SHARES {
            worst =
                worst.max(error(&mut values, share, answer[0][0].percentile(share, SampleWeight::Sample)?));
        }
    }
    Ok(worst)
}
