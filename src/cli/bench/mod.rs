//! `throughline bench`: the design's bars, measured on this machine.

mod flood;
mod graph;
mod intervals;
mod lives;
mod machine;
mod page;
mod report;
mod requests;
mod review;
mod served;
mod service;
mod soak;
mod telemetry;

use super::error::Failure;
use report::Report;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What to measure
    #[arg(value_enum, default_value = "all")]
    what: What,
    /// How many statements the largest graph has; others have a tenth and a hundredth
    #[arg(long, default_value_t = 1_000_000)]
    triples: usize,
    /// How many commits the deepest history has; others have a tenth, a hundredth, a thousandth
    #[arg(long, default_value_t = 10_000)]
    commits: usize,
    /// How many units report a year of 10-minute data
    #[arg(long, default_value_t = 1_000)]
    units: usize,
    /// How many samples are sent to the service to see what memory that takes
    #[arg(long, default_value_t = 50_000_000)]
    samples: usize,
    /// The folder that contains la_haute_borne/ and cmapss/; without it the lines that need them are skipped
    #[arg(long, value_name = "DIR")]
    real_data: Option<PathBuf>,
    /// How many samples come late to a review
    #[arg(long, default_value_t = 10_000_000)]
    late: usize,
    /// How many comparisons are drawn for each figure of the intervals, and how often lives are
    #[arg(long, default_value_t = 10_000)]
    trials: usize,
    /// Which requests of the flood are sent: those whose name has this in it
    #[arg(long, value_name = "WORDS")]
    only: Option<String>,
    /// How long the mixed load of the soak test lasts
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// The page that gets the lines: each part replaces the block of text below its marker
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// The versions that are read to see what memory that takes
    #[arg(long, hide = true)]
    version_read: Vec<String>,
    /// Where to work; a folder in it is made and removed
    #[arg(long, value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    All,
    Graph,
    Telemetry,
    Service,
    /// Requests made to knock the service over, 64 of each at once
    Flood,
    /// Mixed load for a long time: whether memory and files stay as they are
    Soak,
    Review,
    /// How often intervals of compare hold the true difference
    Intervals,
    /// How often limits of lives hold the true quantity, and how long many stays take
    Lives,
    /// Cycles and model residuals of a fleet's year
    Foresight,
    /// Messages of MQTT into durable samples, by Debian's mosquitto
    Mqtt,
    /// The memory that a thread takes, in a process of its own
    #[value(hide = true)]
    Memory,
}

impl What {
    const PARTS: [Self; 10] = [
        Self::Graph,
        Self::Telemetry,
        Self::Service,
        Self::Flood,
        Self::Soak,
        Self::Review,
        Self::Intervals,
        Self::Lives,
        Self::Foresight,
        Self::Mqtt,
    ];

    /// Returns the name of the part on the command line.
    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Graph => "graph",
            Self::Telemetry => "telemetry",
            Self::Service => "service",
            Self::Flood => "flood",
            Self::Soak => "soak",
            Self::Review => "review",
            Self::Intervals => "intervals",
            Self::Lives => "lives",
            Self::Foresight => "foresight",
            Self::Mqtt => "mqtt",
            Self::Memory => "memory",
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.what == What::Memory {
        let printed = graph::print_memory(&arguments.folder, arguments.units, &arguments.version_read);
        return printed.map_err(|error| Failure::new(error.to_string()));
    }
    let folder = arguments.folder.join(format!("throughline-bench-{}", std::process::id()));
    let mut report = Report::default();
    let result = measure(arguments, &folder, &mut report);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    result.map_err(|error| Failure::new(error.to_string()))?;
    report.close();
    Ok(())
}

/// Measures each part that is asked for, and writes its lines into the page, so that a later part that fails loses none of them.
fn measure(
    arguments: &Arguments,
    folder: &Path,
    report: &mut Report,
) -> Result<(), Box<dyn std::error::Error>> {
    for part in What::PARTS {
        if arguments.what != What::All && arguments.what != part {
            continue;
        }
        measure_part(part, arguments, folder, report)?;
        let lines = report.end_part();
        if let Some(page) = &arguments.write {
            page::replace_block(page, part.name(), &lines)?;
        }
    }
    Ok(())
}

fn measure_part(
    part: What,
    arguments: &Arguments,
    folder: &Path,
    report: &mut Report,
) -> Result<(), Box<dyn std::error::Error>> {
    let folder = folder.join(part.name());
    match part {
        What::Graph => {
            let scale = graph::Scale { triples: arguments.triples, commits: arguments.commits };
            graph::run(&folder, scale, report)
        }
        What::Telemetry => {
            let scale = telemetry::Scale { units: arguments.units, samples: arguments.samples };
            telemetry::run(&folder, scale, arguments.real_data.as_deref(), report)
        }
        What::Service => service::run(&folder, report),
        What::Flood => flood::run(&folder, arguments.only.as_deref(), report),
        What::Soak => soak::run(&folder, Duration::from_secs(60 * arguments.minutes), report),
        What::Review => review::run(&folder, arguments.late, report),
        What::Intervals => Ok(intervals::run(arguments.trials, report)?),
        What::Lives => Ok(lives::run(arguments.trials, report)?),
        What::Foresight => telemetry::foresight::run(&folder, arguments.units, report),
        What::Mqtt => telemetry::mqtt::run(&folder, report),
        What::All | What::Memory => Ok(()),
    }
}
