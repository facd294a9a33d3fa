//! Percentiles beside exact ones: those of all samples, sorted.

use super::Failure;
use super::fleet::{Fleet, iri, samples, year};
use crate::cli::bench::report::Report;
use crate::twins::{GroupBy, Question};

/// The percentiles that are compared.
pub(super) const SHARES: [f64; 5] = [0.01, 0.05, 0.5, 0.95, 0.99];

/// Prints how far the percentiles of the fleet and of each unit are off.
pub(super) fn measure(fleet: &Fleet, report: &mut Report) -> Result<(), Failure> {
    let app = fleet.open()?;
    let view = app.telemetry().now();
    let question =
        Question { group_by: vec![GroupBy::Unit], ..Question::new(iri("pump/A"), iri("temp"), year()) };
    let usage = question.answer(&app.snapshot("main")?, &view)?;
    let (mut all, mut worst) = (Vec::new(), 0.0_f64);
    for unit in 0..fleet.units {
        let mut values: Vec<f64> = samples(&view, unit)?.iter().map(|sample| sample.value).collect();
        // Groups come in the order of their units' names.
        let group = usage.groups.get(unit).ok_or("a unit of the fleet has no group")?;
        let found = SHARES.map(|share| group.usage.percentile(share));
        for (share, found) in SHARES.into_iter().zip(found) {
            worst = worst.max(error(&mut values, share, found?));
        }
        all.extend(values);
    }
    let mut of_fleet = 0.0_f64;
    for share in SHARES {
        of_fleet = of_fleet.max(error(&mut all, share, usage.total.percentile(share)?));
    }
    report.at_most(
        "percentile error, fleet, the worst of P01 P05 P50 P95 P99",
        of_fleet,
        ERROR_MAX,
        "% of range",
    );
    report.at_most("percentile error, the worst of all units", worst, ERROR_MAX, "% of range");
    Ok(())
}

/// How far a percentile may be off, in per cent of the range from P01 to P99.
pub(super) const ERROR_MAX: f64 = 0.1;

/// Returns by how many per cent of the range from P01 to P99 a percentile is off; without end where there is none.
pub(super) fn error(values: &mut [f64], share: f64, found: Option<f64>) -> f64 {
    let off = found.map_or(f64::INFINITY, |found| (found - exact(values, share)).abs());
    if off == 0.0 { 0.0 } else { 100.0 * off / (exact(values, 0.99) - exact(values, 0.01)) }
}

/// Returns the nearest-rank quantile of values that weigh the same.
pub(super) fn exact(values: &mut [f64], share: f64) -> f64 {
    let rank = ((share * values.len() as f64).ceil() as usize).clamp(1, values.len());
    *values.select_nth_unstable_by(rank - 1, f64::total_cmp).1
}
