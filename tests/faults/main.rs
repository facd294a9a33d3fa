//! `throughline-faults`: does to the real program what disks, power, kernels and operators do to it, and checks by a model of what its
//! clients were acknowledged that nothing is lost, nothing refused is there, and no answer changed.
//!
//! ```sh
//! cargo test --test throughline-faults                                       # a short run of every kind
//! cargo test --test throughline-faults -- --runs 100 --seed 7 --only kill    # a long one of one kind
//! ```

#![allow(clippy::print_stdout)] // Its work is to print a table.

mod backup;
mod check;
mod clock;
mod damage;
mod errors;
mod full;
mod http;
mod kill;
mod load;
mod maintenance;
mod model;
mod mount;
mod plant;
mod power;
mod process;
mod questions;
mod random;
mod service;
mod trial;
mod writeback;

use clap::Parser;
use std::process::ExitCode;
use trial::{Manner, Stop, Tally, Trial};

/// Faults, and what they lose.
#[derive(Debug, Parser)]
#[command(name = "throughline-faults")]
struct Arguments {
    /// How many rounds of each kind of fault; a short run where absent
    #[arg(long, value_name = "N")]
    runs: Option<usize>,
    /// What all random choices come from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Only this kind of fault; may be repeated
    #[arg(long, value_name = "KIND")]
    only: Vec<String>,
    /// Print what each round does
    #[arg(long)]
    verbose: bool,
    /// Go on after a loss, with what does not rest on it
    #[arg(long)]
    keep_going: bool,
    /// Kinds whose names contain one of these, as `cargo test NAME` passes it on
    #[arg(hide = true)]
    filter: Vec<String>,
    // What cargo test passes to every test program.
    #[arg(long, hide = true)]
    nocapture: bool,
    #[arg(long, short, hide = true)]
    quiet: bool,
    #[arg(long, hide = true)]
    exact: bool,
    #[arg(long, hide = true)]
    list: bool,
    #[arg(long, hide = true)]
    test_threads: Option<usize>,
}

/// A kind of fault.
struct Kind {
    name: &'static str,
    /// How many rounds in a short run; without any it runs only where it is asked for.
    short: usize,
    /// How many rounds are done to one thread, one after the other; the next ones have a seed of their own.
    in_a_row: usize,
    /// The programs that it runs beside the service.
    tools: &'static [&'static str],
    run: fn(&mut Trial) -> Result<(), Stop>,
}

/// What became of a kind.
enum Report {
    Kept,
    Failed,
    /// The machine does not allow it.
    Skipped,
}

const KINDS: [Kind; 11] = [
    Kind::new("kill", (3, 10), &["strace"], kill::run),
    Kind::new("errors", (3, 10), &["strace"], errors::run),
    Kind::new("full", (2, 5), &["mount", "prlimit"], full::run),
    Kind::new("power", (2, 10), &["mount", "mkfs.ext4", "truncate"], power::run),
    Kind::new("writeback", (1, 1), &["mount", "mkfs.ext4", "fallocate", "fstrim"], writeback::run),
    Kind::new("maintenance", (1, 3), &["git"], maintenance::run),
    Kind::new("backup", (2, 5), &["git"], backup::run),
    Kind::new("clock", (2, 5), &["cc"], clock::run),
    Kind::new("index", (2, 30), &["git"], damage::of_index),
    Kind::new("telemetry", (4, 30), &["git"], damage::of_telemetry),
    Kind::new("repository", (4, 30), &["git"], damage::of_repository),
];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        return ExitCode::SUCCESS;
    }
    let unknown = arguments.only.iter().find(|name| KINDS.iter().all(|kind| kind.name != name.as_str()));
    if let Some(unknown) = unknown {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        eprintln!("error: \"{unknown}\" is no kind of fault: use {}", names.join(", "));
        return ExitCode::from(2);
    }
    println!("seed {}", arguments.seed);
    println!(
        "{:<12}{:>8}{:>8}{:>16}{:>8}{:>10}",
        "kind", "rounds", "faults", "writes checked", "losses", "refusals"
    );
    let reports: Vec<_> = KINDS
        .iter()
        .filter(|kind| arguments.selects(kind.name))
        .map(|kind| (kind.name, kind.report(&arguments)))
        .collect();
    let named = |is: fn(&Report) -> bool| -> Vec<&str> {
        reports.iter().filter(|(_, report)| is(report)).map(|(name, _)| *name).collect()
    };
    let failed = named(|report| matches!(report, Report::Failed));
    let skipped = named(|report| matches!(report, Report::Skipped));
    println!(
        "{} kinds: {} lost nothing, {} failed{}, {} skipped{}",
        reports.len(),
        reports.len() - failed.len() - skipped.len(),
        failed.len(),
        listed(&failed),
        skipped.len(),
        listed(&skipped)
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// Returns whether this runs in CI, where all tools must be installed.
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

impl Arguments {
    fn selects(&self, name: &str) -> bool {
        let by_name = self.only.is_empty() || self.only.iter().any(|only| only == name);
        by_name && (self.filter.is_empty() || self.filter.iter().any(|filter| name.contains(filter.as_str())))
    }
}

impl Kind {
    const fn new(
        name: &'static str,
        (short, in_a_row): (usize, usize),
        tools: &'static [&'static str],
        run: fn(&mut Trial) -> Result<(), Stop>,
    ) -> Self {
        Self { name, short, in_a_row, tools, run }
    }

    /// Names the tools that are not installed.
    fn missing(&self) -> Option<String> {
        let missing: Vec<_> =
            self.tools.iter().copied().filter(|tool| !process::is_installed(tool)).collect();
        (!missing.is_empty()).then(|| format!("not installed: {}", missing.join(", ")))
    }

    /// Runs all rounds and prints a line.
    fn report(&self, arguments: &Arguments) -> Report {
        let mut rounds = arguments.runs.unwrap_or(self.short);
        if let Some(missing) = self.missing().filter(|_| is_ci() && rounds > 0) {
            println!("{:<12}failed: {missing}, and CI runs all kinds", self.name);
            return Report::Failed;
        }
        let mut seed = arguments.seed;
        let mut total = Tally::default();
        let mut failures = Vec::new();
        let manner = Manner { is_verbose: arguments.verbose, keeps_going: arguments.keep_going };
        while rounds > 0 && (failures.is_empty() || manner.keeps_going) {
            let some = rounds.min(self.in_a_row);
            match self.trial(seed, some, manner, &mut total) {
                Ok(()) => {}
                Err(Failure::Skipped(reason)) if is_ci() => {
                    println!("{:<12}failed: {reason}, and CI runs all kinds", self.name);
                    return Report::Failed;
                }
                Err(Failure::Skipped(reason)) => {
                    println!("{:<12}skipped: {reason}", self.name);
                    return Report::Skipped;
                }
                Err(Failure::Lost(reasons)) => failures.extend(reasons),
            }
            rounds -= some;
            seed += 1;
        }
        let Tally { rounds, faults, checked, refusals, losses, .. } = &total;
        println!("{:<12}{rounds:>8}{faults:>8}{checked:>16}{:>8}{refusals:>10}", self.name, losses.len());
        failures.iter().for_each(|failure| println!("  {failure}"));
        if failures.is_empty() { Report::Kept } else { Report::Failed }
    }

    fn trial(&self, seed: u64, rounds: usize, manner: Manner, total: &mut Tally) -> Result<(), Failure> {
        let broken = |error: String| Failure::Lost(vec![format!("the harness failed: {error}")]);
        let folder = tempfile::Builder::new().prefix("throughline-faults-").tempdir();
        let folder = folder.map_err(|error| broken(error.to_string()))?;
        let mut trial = Trial::new(self.name, seed, rounds, folder.path(), manner);
        let result = (self.run)(&mut trial);
        let losses = trial.tally.losses.clone();
        let round = trial.tally.rounds;
        total.add(trial.tally);
        match result {
            Ok(()) if losses.is_empty() => Ok(()),
            Err(Stop::Skipped(reason)) => Err(Failure::Skipped(reason)),
            result => {
                let mut lines = losses;
                if let Err(Stop::Broken(error)) = result {
                    lines.push(format!("round {round}: the harness failed: {error}"));
                }
                lines.push(format!("kept in {}", folder.keep().display()));
                lines.push(format!("again: --only {} --seed {seed} --runs {round}", self.name));
                Err(Failure::Lost(lines))
            }
        }
    }
}

enum Failure {
    Skipped(String),
    Lost(Vec<String>),
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.faults += other.faults;
        self.checked += other.checked;
        self.refusals += other.refusals;
        self.losses.extend(other.losses);
    }
}
