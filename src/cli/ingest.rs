//! `throughline ingest`.

use super::Data;
use super::error::{Failure, open};
use super::progress::spinner;
use super::words::count;
use crate::exchange::samples::{Clock, Layout, Signals};
use crate::model::period::Period;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The column that holds the time
    #[arg(long, value_name = "COLUMN")]
    time: String,
    /// The column that names the twin (its IRI or its serial), or a name made of columns, as engine/{unit}
    #[arg(long, value_name = "COLUMN")]
    twin: String,
    /// The names of the columns of files that have no header
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    header: Vec<String>,
    /// The time is a running number of steps; this is when it is 0
    #[arg(long, value_name = "INSTANT", requires = "step", conflicts_with = "zone")]
    epoch: Option<String>,
    /// How long a step lasts, as PT1H
    #[arg(long, value_name = "DURATION", requires = "epoch")]
    step: Option<String>,
    /// Wide table: a column and the signal it holds [default: every other column, under its own name]
    #[arg(long, value_name = "COLUMN[=SIGNAL]", conflicts_with_all = ["signal", "value"])]
    column: Vec<String>,
    /// Long table: the column that names the signal
    #[arg(long, value_name = "COLUMN", requires = "value")]
    signal: Option<String>,
    /// Long table: the column that holds the value
    #[arg(long, value_name = "COLUMN", requires = "signal")]
    value: Option<String>,
    /// The zone of times without an offset, such as Europe/Paris
    #[arg(long)]
    zone: Option<String>,
    /// What stands between columns; a blank stands for as many as it takes
    #[arg(long, default_value = ",")]
    delimiter: char,
    /// The measurement to store under
    #[arg(long, default_value = "telemetry")]
    measurement: String,
    /// The CSV files; .gz is unpacked
    #[arg(value_name = "FILE.csv", required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let layout = layout(arguments)?;
    let app = arguments.data.open()?;
    let mut refused = 0;
    for path in &arguments.files {
        let name = path.display().to_string();
        let bar = spinner(format!("reading {name}"));
        let progress = |samples| bar.set_message(format!("reading {name}: {}", count(samples, "sample")));
        let ingested = app.ingest_csv(open(path)?, &name, &layout, &arguments.measurement, progress);
        bar.finish_and_clear();
        let ingested = ingested?;
        let (samples, cells) = (count(ingested.samples, "sample"), count(ingested.refused_count, "cell"));
        println!("{name}: {samples} stored, {cells} refused");
        for cell in ingested.refused.iter().take(20) {
            println!("  line {}, column {}: {}", cell.line, cell.column, cell.reason);
        }
        if let Some(replaced) = &ingested.replaced {
            println!("  note: {replaced}");
        }
        refused += ingested.refused_count;
    }
    if refused > 0 {
        let were = if refused == 1 { "was" } else { "were" };
        Err(Failure::new(format!("{} {were} refused; all others are stored", count(refused, "cell"))))
    } else {
        Ok(())
    }
}

fn layout(arguments: &Arguments) -> Result<Layout, Failure> {
    let signals = match (&arguments.signal, &arguments.value) {
        (Some(signal), Some(value)) => Signals::Long { signal: signal.clone(), value: value.clone() },
        _ => Signals::Wide(
            arguments
                .column
                .iter()
                .map(|pair| pair.split_once('=').unwrap_or((pair, pair)))
                .map(|(column, signal)| (column.to_owned(), signal.to_owned()))
                .collect(),
        ),
    };
    let delimiter = u8::try_from(arguments.delimiter)
        .map_err(|_| Failure::new("the delimiter must be an ASCII character"))?;
    Ok(Layout {
        header: arguments.header.clone(),
        time: arguments.time.clone(),
        clock: clock(arguments)?,
        twin: arguments.twin.clone(),
        signals,
        delimiter,
    })
}

fn clock(arguments: &Arguments) -> Result<Clock, Failure> {
    let (Some(epoch), Some(step)) = (&arguments.epoch, &arguments.step) else {
        return Ok(Clock::Instant(arguments.zone.as_deref().map(str::parse).transpose()?));
    };
    let step: Period = step.parse()?;
    let step_ns = step.exact_nanos().ok_or_else(|| {
        Failure::new("a step must have the same length at any time, as PT1H has and P1M has not")
    })?;
    Ok(Clock::Count { epoch: epoch.parse()?, step_ns })
}
