//! The telemetry's bars of the design: durable ingest over HTTP and its memory, stored size, the fleet's usage over a
//! configuration that changes, its percentiles beside exact ones, and the same questions asked of DuckDB.

mod engines;
mod exact;
mod fleet;
pub(super) mod foresight;
mod ingest;
pub(super) mod mqtt;
mod peer;
mod turbines;
mod usage;

use super::report::{Report, fdatasync_micros};
use fleet::Fleet;
use peer::Peer;
use std::path::Path;
use usage::Answered;

type Failure = Box<dyn std::error::Error>;

/// How far the measurements go: units with a year of 10-minute data, and samples sent to a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) units: usize,
    pub(super) samples: usize,
}

/// Measures and prints everything.
pub(super) fn run(
    folder: &Path,
    scale: Scale,
    real_data: Option<&Path>,
    report: &mut Report,
) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let sync = fdatasync_micros(folder)?;
    report.line("floor: one fdatasync of this disk", sync, "µs");
    ingest::measure(&folder.join("ingest"), scale.samples, sync, report)?;
    std::fs::remove_dir_all(folder.join("ingest"))?;
    match real_data {
        Some(data) => {
            turbines::measure(&folder.join("turbines"), data, report)?;
            engines::measure(&folder.join("engines"), data, report)?;
        }
        None => report.skip("La Haute Borne and C-MAPSS: no --real-data names their folder"),
    }
    let fleet = Fleet::load(&folder.join("fleet"), scale.units, report)?;
    let answered = usage::measure(&fleet, report)?;
    exact::measure(&fleet, report)?;
    usage::measure_jitter(folder, scale.units.min(100), report)?;
    match Peer::find(folder)? {
        Some(peer) => beside(&peer, &fleet, answered, report),
        None => {
            report.skip("DuckDB: no python3 (or $THROUGHLINE_PYTHON) with the package duckdb");
            Ok(())
        }
    }
}

/// Asks the peer what was asked of us, and prints how much longer it takes.
fn beside(peer: &Peer, fleet: &Fleet, ours: Answered, report: &mut Report) -> Result<(), Failure> {
    peer.load(fleet, report)?;
    let raw = peer.ask("samples", report)?;
    if raw.samples != fleet.samples {
        return Err(format!("DuckDB counts {} samples of {}", raw.samples, fleet.samples).into());
    }
    let hours = peer.ask("hours", report)?;
    let stays = peer.ask("stays", report)?;
    report.line("P95 of DuckDB's hourly means, off that of the samples", percent(hours.p95, raw.p95), "%");
    let (raw_warm, hours_warm) = (raw.warm_ms / ours.warm_ms, hours.warm_ms / ours.warm_ms);
    report.at_least("fleet usage, warm: faster than DuckDB on raw samples", raw_warm, 10.0, "×");
    report.at_least("fleet usage, warm: faster than on its hourly rollups", hours_warm, 2.0, "×");
    report.line("the same, cold: than on raw samples", raw.cold_ms / ours.cold_ms, "×");
    report.line("the same, cold: than on its hourly rollups", hours.cold_ms / ours.cold_ms, "×");
    report.line(
        "of one revision after swaps: than its join of samples",
        stays.warm_ms / ours.swapped_ms,
        "×",
    );
    Ok(())
}

/// Returns by how many per cent a value is off another.
fn percent(value: f64, of: f64) -> f64 {
    if value == of { 0.0 } else { 100.0 * ((value - of) / of).abs() }
}
