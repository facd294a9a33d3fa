//! The fleet's usage: percentile, histogram and months in one question, over a fixed and over a changing configuration.

use super::Failure;
use super::fleet::{Fleet, JITTERED, ON_TIME, iri, year};
use crate::app::App;
use crate::cli::bench::report::{Report, median};
use crate::graph::Snapshot;
use crate::model::time::period::Period;
use crate::telemetry::Comparator;
use crate::twins::{Question, Usage};
use std::path::Path;
use std::time::Instant;

/// How long the answers took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    pub(super) cold_ms: f64,
    pub(super) warm_ms: f64,
    /// That about the bearings of one revision, where every unit's was swapped three times.
    pub(super) swapped_ms: f64,
}

const TIMES: usize = 7;

/// Asks the fleet's question in its forms.
pub(super) fn measure(fleet: &Fleet, report: &mut Report) -> Result<Answered, Failure> {
    let start = Instant::now();
    let (app, forgotten) = fleet.open_cold()?;
    report.line("restart with the year's samples", start.elapsed().as_secs_f64(), "s");
    if !forgotten {
        report.skip("the page cache could not be dropped: cold is only as cold as the process");
    }
    let snapshot = app.snapshot("main")?;
    let plain = question("pump/A", "temp");
    let (usage, cold_ms) = ask(&app, &snapshot, &plain)?;
    must_count(&usage, fleet.samples)?;
    report.at_most("fleet usage, P95 + histogram + months, cold", cold_ms, 300.0, "ms");
    let warm = |question: &Question| -> Result<f64, Failure> {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            times.push(ask(&app, &snapshot, question)?.1);
        }
        Ok(median(&mut times))
    };
    let warm_ms = warm(&plain)?;
    report.at_most("fleet usage, warm", warm_ms, 50.0, "ms");
    let all = question("bearing", "bearing-temp");
    must_count(&ask(&app, &snapshot, &all)?.0, fleet.samples)?;
    let all_ms = warm(&all)?;
    report.line("with three component swaps a unit, all bearings", all_ms, "ms");
    report.line("the same, by the plain one", all_ms / warm_ms, "×");
    let swapped_ms = warm(&question("bearing/C", "bearing-temp"))?;
    report.line("with three component swaps a unit, of one revision", swapped_ms, "ms");
    report.line("the same, by the plain one", swapped_ms / warm_ms, "×");
    let paris = Question { zone: "Europe/Paris".parse()?, ..plain.clone() };
    report.line("in calendar months of Europe/Paris, by the plain one", warm(&paris)? / warm_ms, "×");
    let limited = Question { limits: vec![Comparator::Le(70.0)], ..plain };
    report.line("with the time beyond a limit, exact, by the plain one", warm(&limited)? / warm_ms, "×");
    Ok(Answered { cold_ms, warm_ms, swapped_ms })
}

/// Asks the fleet's question where clocks are exact and where they jitter, and prints how the two compare.
pub(super) fn measure_jitter(folder: &Path, units: usize, report: &mut Report) -> Result<(), Failure> {
    let plain = question("pump/A", "temp");
    let measure = |name: &str, jitter_ms: i64| -> Result<(f64, f64), Failure> {
        let folder = folder.join(name);
        let fleet = Fleet::plant(&folder, units, jitter_ms)?;
        let app = fleet.open()?;
        let snapshot = app.snapshot("main")?;
        let mut times = Vec::new();
        for _ in 0..=TIMES {
            times.push(ask(&app, &snapshot, &plain)?.1);
        }
        let usage = ask(&app, &snapshot, &plain)?.0;
        must_count(&usage, fleet.samples)?;
        drop(app);
        std::fs::remove_dir_all(&folder)?;
        Ok((median(&mut times), usage.total.account.missing_hours * 6.0 / units as f64))
    };
    let (aligned_ms, _) = measure("on-time", ON_TIME)?;
    let (jittered_ms, missing) = measure("jittered", JITTERED)?;
    report.line(&format!("fleet usage of {units} units, warm, clocks on time"), aligned_ms, "ms");
    report.line("the same, clocks off by up to 2 % of the period", jittered_ms, "ms");
    report.at_most("jittered clocks, by those on time", jittered_ms / aligned_ms, 1.3, "×");
    // What lies before the first sample of the year, and after the last one, by which clocks are off.
    report.at_most("missing of jittered clocks, of a unit", missing, 0.04, "periods");
    Ok(())
}

fn question(item: &str, property: &str) -> Question {
    Question { bucket: Some(Period::from_months(1)), ..Question::new(iri(item), iri(property), year()) }
}

/// Answers a question and returns also the milliseconds that it took.
fn ask(app: &App, snapshot: &Snapshot, question: &Question) -> Result<(Usage, f64), Failure> {
    let start = Instant::now();
    let usage = question.clone().answer(snapshot, &app.telemetry().now())?;
    std::hint::black_box((usage.total.percentile(0.95)?, usage.total.histogram(20)?));
    Ok((usage, start.elapsed().as_secs_f64() * 1e3))
}

fn must_count(usage: &Usage, samples: u64) -> Result<(), Failure> {
    let counted = usage.total.sample_count();
    if counted == samples {
        Ok(())
    } else {
        Err(format!("{counted} samples are counted of {samples}").into())
    }
}
