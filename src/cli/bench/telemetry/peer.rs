//! DuckDB, asked the same of the same samples on the same machine by `benches/peers/fleet_duckdb.py`.

use super::Failure;
use super::fleet::{Fleet, samples};
use crate::cli::bench::machine;
use crate::cli::bench::report::{Report, median};
use serde_json::Value;
use std::ffi::OsString;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SCRIPT: &str = include_str!("../../../../benches/peers/fleet_duckdb.py");

/// How often a question is asked in one process: once cold, then warm.
const TIMES: &str = "6";

/// A Python that has DuckDB, and where it keeps its files.
pub(super) struct Peer {
    python: OsString,
    script: PathBuf,
    database: PathBuf,
    stays: PathBuf,
}

/// What DuckDB answered, by the quicker of the script's formulations.
pub(super) struct PeerAnswer {
    pub(super) cold_ms: f64,
    pub(super) warm_ms: f64,
    pub(super) samples: u64,
    pub(super) p95: f64,
}

impl Peer {
    /// Finds a Python that has DuckDB; `$THROUGHLINE_PYTHON` may name one.
    pub(super) fn find(folder: &Path) -> Result<Option<Self>, Failure> {
        let python = std::env::var_os("THROUGHLINE_PYTHON").unwrap_or_else(|| "python3".into());
        let has = Command::new(&python).args(["-c", "import duckdb"]).stderr(Stdio::null()).status();
        if !has.is_ok_and(|status| status.success()) {
            return Ok(None);
        }
        let script = folder.join("fleet_duckdb.py");
        std::fs::write(&script, SCRIPT)?;
        let (database, stays) = (folder.join("fleet.duckdb"), folder.join("stays.csv"));
        Ok(Some(Self { python, script, database, stays }))
    }

    /// Hands over the fleet's samples as they are stored, and its stays; prints what DuckDB takes to store them.
    pub(super) fn load(&self, fleet: &Fleet, report: &mut Report) -> Result<(), Failure> {
        let mut stays = String::new();
        for stay in fleet.stays() {
            let (since, until) = (stay.within.from().seconds(), stay.within.to().seconds());
            stays.push_str(&format!("{},{},{since},{until}\n", stay.unit, stay.revision));
        }
        std::fs::write(&self.stays, stays)?;
        let mut load = self.script("load");
        load.arg(&self.stays).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut load = load.spawn()?;
        let rows = load.stdin.take().ok_or("the script takes no rows")?;
        let sent = send(fleet, rows);
        // Where the script fails, its own message is clearer than that of the broken pipe.
        let answer = read(&load.wait_with_output()?)?;
        sent?;
        report.line("DuckDB: samples read", number(&answer, "load_s")?, "s");
        report.line("DuckDB: hourly rollups made", number(&answer, "hours_s")?, "s");
        let stored = machine::size_of(&self.database)? as f64 / fleet.samples as f64;
        report.line("DuckDB: stored size, hourly rollups included", stored, "bytes/sample");
        Ok(())
    }

    /// Asks a question in each formulation, and prints both.
    pub(super) fn ask(&self, question: &str, report: &mut Report) -> Result<PeerAnswer, Failure> {
        let [one, other] = ["quantile", "bins"].map(|formulation| -> Result<PeerAnswer, Failure> {
            machine::forget_file(&self.database)?;
            let answer = read(&self.script("ask").args([question, formulation, TIMES]).output()?)?;
            let times = answer["ms"].as_array().ok_or("the script reports no times")?;
            let times: Vec<f64> = times.iter().filter_map(Value::as_f64).collect();
            let (cold, warm) = times.split_first().ok_or("the script reports no times")?;
            let (cold_ms, warm_ms) = (*cold, median(&mut warm.to_vec()));
            report.line(&format!("DuckDB: {question}, by {formulation}, cold"), cold_ms, "ms");
            report.line(&format!("DuckDB: {question}, by {formulation}, warm"), warm_ms, "ms");
            let samples = number(&answer, "n")? as u64;
            Ok(PeerAnswer { cold_ms, warm_ms, samples, p95: number(&answer, "p95")? })
        });
        let (one, other) = (one?, other?);
        Ok(PeerAnswer {
            cold_ms: one.cold_ms.min(other.cold_ms),
            warm_ms: one.warm_ms.min(other.warm_ms),
            ..one
        })
    }

    fn script(&self, command: &str) -> Command {
        let mut script = Command::new(&self.python);
        script.arg(&self.script).arg(command).arg(&self.database);
        script
    }
}

/// Writes all samples as rows of unit, second and value.
fn send(fleet: &Fleet, rows: impl Write) -> Result<(), Failure> {
    let app = fleet.open()?;
    let view = app.telemetry().now();
    let mut rows = BufWriter::with_capacity(1 << 20, rows);
    for unit in 0..fleet.units {
        for sample in samples(&view, unit)? {
            writeln!(rows, "{unit},{},{}", sample.at.seconds(), sample.value)?;
        }
    }
    Ok(rows.flush()?)
}

fn read(output: &std::process::Output) -> Result<Value, Failure> {
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn number(answer: &Value, name: &str) -> Result<f64, Failure> {
    answer[name].as_f64().ok_or_else(|| format!("the script reports no {name}: {answer}").into())
}
