//! The fleet's year looked at ahead: the cycles of a load, counted anew and rolled up, and a model of the design against what was observed.

use super::Failure;
use super::fleet::{Fleet, iri, year};
use crate::app::App;
use crate::cli::bench::report::{Report, median};
use crate::feedback::{ResidualQuestion, residuals};
use crate::graph::Snapshot;
use crate::model::number::quantity::Transform;
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};
use crate::statistics::duty::rainflow::Residue;
use crate::twins::{DutyQuestion, TwinFilter, duty};
use std::path::Path;
use std::time::Instant;

/// The longest that counting the cycles of the fleet's year may take, and that the same may take again.
const COLD_MS_MAX: f64 = 10_000.0;
const ROLLED_UP_MS_MAX: f64 = 100.0;
/// The longest that the residuals of the fleet's year may take.
const RESIDUALS_MS_MAX: f64 = 10_000.0;
const TIMES: usize = 5;

/// Loads the fleet and measures it.
pub(in crate::cli::bench) fn run(folder: &Path, units: usize, report: &mut Report) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let fleet = Fleet::load(&folder.join("fleet"), units, report)?;
    let (app, forgotten) = fleet.open_cold()?;
    if !forgotten {
        report.skip("the page cache could not be dropped: cold is only as cold as the process");
    }
    let snapshot = app.snapshot("main")?;
    measure_duty(&fleet, &app, &snapshot, report)?;
    let (buckets, millis) = compare(&app, &snapshot, year(), Period::from_days(1))?;
    report.line("residuals of the fleet's year, in buckets of a day", buckets / 1e3, "k");
    report.at_most("the time they take", millis, RESIDUALS_MS_MAX, "ms");
    // A year of hours is more than one question may ask of a thousand units.
    let month = Interval::new(year().from(), year().from().plus_nanos(30 * 24 * HOUR_NS))?;
    let (buckets, millis) = compare(&app, &snapshot, month, Period::from_nanos(HOUR_NS))?;
    report.line("residuals of 30 days, in buckets of an hour", buckets / 1e3, "k");
    report.line("the time they take", millis, "ms");
    Ok(())
}

const HOUR_NS: i64 = 3_600_000_000_000;

fn measure_duty(fleet: &Fleet, app: &App, snapshot: &Snapshot, report: &mut Report) -> Result<(), Failure> {
    let all = question(year());
    let (counted, cold_ms) = count(app, snapshot, &all)?;
    if counted != fleet.samples {
        return Err(format!("{counted} samples are counted of {}", fleet.samples).into());
    }
    report.at_most("cycles of the fleet's year (rainflow), cold", cold_ms, COLD_MS_MAX, "ms");
    let mut times = Vec::new();
    for _ in 0..TIMES {
        times.push(count(app, snapshot, &all)?.1);
    }
    report.at_most("the same, rolled up", median(&mut times), ROLLED_UP_MS_MAX, "ms");
    // All but the edges of another window is known too.
    let later = Interval::new(year().from().plus_nanos(30 * 24 * HOUR_NS), year().to())?;
    report.line(
        "of the year without its first 30 days, rolled up",
        count(app, snapshot, &question(later))?.1,
        "ms",
    );
    Ok(())
}

fn question(window: Interval) -> DutyQuestion {
    DutyQuestion {
        item: iri("pump/A"),
        property: iri("temp"),
        window,
        among: TwinFilter::default(),
        unit: None,
        transform: Transform::None,
        gate: 0.0,
        range_width: 1.0,
        mean_width: 0.0,
        levels: vec![60.0],
        residue: Residue::Half,
        against: None,
    }
}

/// Counts cycles; returns of how many samples, and the milliseconds that it took.
fn count(app: &App, snapshot: &Snapshot, question: &DutyQuestion) -> Result<(u64, f64), Failure> {
    let start = Instant::now();
    let found = duty(snapshot, &app.telemetry().now(), question)?;
    let millis = start.elapsed().as_secs_f64() * 1e3;
    Ok((found.units.iter().map(|unit| unit.sample_count).sum(), millis))
}

/// Compares the model with what was observed; returns in how many buckets, and the milliseconds that it took.
fn compare(app: &App, snapshot: &Snapshot, window: Interval, bucket: Period) -> Result<(f64, f64), Failure> {
    let question = ResidualQuestion {
        item: iri("pump/A"),
        model: iri("pump/A#model"),
        window,
        bucket,
        zone: Zone::UTC,
        among: TwinFilter::default(),
        conditions: Vec::new(),
    };
    let start = Instant::now();
    let found = residuals(snapshot, &app.telemetry().now(), &question)?;
    let millis = start.elapsed().as_secs_f64() * 1e3;
    let compared: usize = found.units.iter().map(|unit| unit.residuals().len()).sum();
    Ok((compared as f64, millis))
}
