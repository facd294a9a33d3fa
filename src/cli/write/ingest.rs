//! `throughline ingest`.

use crate::cli::Data;
use crate::cli::error::{Failure, open_table, read_text};
use crate::cli::output::dialect;
use crate::cli::output::progress::spinner;
use crate::cli::output::words::{count, some_of};
use crate::exchange::samples::{Clock, Layout, Report, Signals, Twin, Units};
use crate::exchange::table::{Mapping, Readings, Stated};
use crate::model::time::period::Period;
use crate::twins::{Reason, UnboundSeries};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// A mapping whose dialect, derived columns and [readings] apply unless a flag overrides them
    #[arg(long, value_name = "MAPPING.toml")]
    table: Option<PathBuf>,
    /// The column that holds the time, or several in braces, as "{Date} {Time}"
    #[arg(long, value_name = "COLUMN", required_unless_present = "table")]
    time: Option<String>,
    /// The column that names the twin (its IRI or its serial), or a name made of columns, as engine/{unit}
    #[arg(long, value_name = "COLUMN", required_unless_present_any = ["table", "unit"], conflicts_with = "unit")]
    twin: Option<String>,
    /// The one unit that all readings are of: its IRI or its serial
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,
    /// The column with the offset of each time: +02:00, or CEST as the zone abbreviates it
    #[arg(long, value_name = "COLUMN")]
    offset: Option<String>,
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
    /// The first line below the header states the units of the columns: they must be those of the signals
    #[arg(long, conflicts_with = "units_column")]
    units_row: bool,
    /// The column that states the units of the values: they must be those of the signals
    #[arg(long, value_name = "COLUMN")]
    units_column: Option<String>,
    #[command(flatten)]
    dialect: dialect::Flags,
    /// The measurement to store under [default: telemetry]
    #[arg(long)]
    measurement: Option<String>,
    /// The CSV files; .gz is unpacked
    #[arg(value_name = "FILE.csv", required = true)]
    files: Vec<PathBuf>,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mapping = match &arguments.table {
        Some(path) => Some(Mapping::parse(&read_text(path)?, &path.display().to_string())?),
        None => None,
    };
    let readings = mapping.as_ref().and_then(Mapping::readings).cloned().unwrap_or_default();
    let measurement = arguments.measurement.clone().or_else(|| readings.measurement.clone());
    let measurement = measurement.unwrap_or_else(|| "telemetry".to_owned());
    let layout = layout(arguments, mapping, &readings)?;
    let session = arguments.data.open()?;
    let mut refused = 0;
    for path in &arguments.files {
        let name = path.display().to_string();
        let bar = spinner(format!("reading {name}"));
        let progress = |samples| bar.set_message(format!("reading {name}: {}", count(samples, "sample")));
        let ingested = session.ingest_csv(open_table(path)?, &name, &layout, &measurement, progress);
        bar.finish_and_clear();
        let ingested = ingested?;
        print(&name, ingested.samples, &ingested.report);
        print_unbound(&ingested.unbound);
        refused += ingested.report.refused_count;
    }
    if refused > 0 {
        let were = if refused == 1 { "was" } else { "were" };
        Err(Failure::new(format!("{} {were} refused; all others are stored", count(refused, "cell"))))
    } else {
        Ok(())
    }
}

/// Prints what a file came to.
fn print(name: &str, samples: u64, report: &Report) {
    let (samples, cells) = (count(samples, "sample"), count(report.refused_count, "cell"));
    let gaps = if report.gaps > 0 { format!(", {}", count(report.gaps, "gap")) } else { String::new() };
    println!("{name}: {samples} stored, {cells} refused{gaps}");
    if let Some(delimiter) = report.delimiter {
        println!("  the delimiter, as found in the header, is {delimiter:?}");
    }
    if !report.unused_columns.is_empty() {
        println!("  columns not used: {}", some_of(&report.unused_columns));
    }
    if let Some((lines, first)) = report.repeated_headers {
        println!(
            "  {}, the first on line {first}, repeat the header: not read as rows",
            count(lines, "line")
        );
    }
    if report.ordered_count > 0 {
        let (rows, line) = (count(report.ordered_count, "row"), report.ordered_line);
        println!(
            "  {rows}, the first on line {line}: the clock shows the time twice, the order of rows resolved it"
        );
    }
    let repeats = &report.repeats;
    if repeats.count > 0 {
        let (samples, line) = (count(repeats.count, "sample"), repeats.first_line);
        println!(
            "  {samples}, the first on line {line}: an earlier row states the same instant; the last one counts"
        );
    }
    if repeats.is_partial {
        println!("  the file is too long to look for repeated instants in all of it");
    }
    for cell in report.refused.iter().take(20) {
        let column = if cell.column.is_empty() { String::new() } else { format!(", column {}", cell.column) };
        println!("  {name}: line {}{column}: {}", cell.line, cell.reason);
    }
    if report.refused_count > 20 {
        println!("  and {} more", report.refused_count - 20);
    }
}

/// Prints which series of a file count for nothing yet, as no signal is bound to them.
fn print_unbound(unbound: &[UnboundSeries]) {
    let mut by_reason: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for UnboundSeries { series, reason, .. } in unbound {
        let (twin, field) = (series.twin.as_str(), series.field.as_str());
        match reason {
            Reason::NoTwin => {
                let what = "no unit of the thread, or several, has this identifier or IRI".to_owned();
                by_reason.entry(what).or_default().insert(twin);
            }
            Reason::NoSignal => {
                by_reason.entry(format!("no signal of {twin} has this name")).or_default().insert(field);
            }
            Reason::ManySeries | Reason::ManySignals => {
                let what = format!(
                    "several signals or series of {twin} share this name at one time; give the unit a signal of its own with the source that counts: MEASUREMENT, TAG=VALUE, or twin=NAME where the unit is sent under several names"
                );
                by_reason.entry(what).or_default().insert(field);
            }
            _ => {}
        }
    }
    for (what, names) in by_reason.iter().take(LISTED_MAX) {
        let more = names.len().saturating_sub(LISTED_MAX);
        let names: Vec<&str> = names.iter().take(LISTED_MAX).copied().collect();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        println!("  stored, but bound to nothing on main: {}{more}: {what}", names.join(", "));
    }
    if by_reason.len() > LISTED_MAX {
        println!("  and {} more units", by_reason.len() - LISTED_MAX);
    }
}

/// So many names and units are listed of what is bound to nothing.
const LISTED_MAX: usize = 10;

/// Lays out the columns: by the flags, else by the mapping.
fn layout(arguments: &Arguments, mapping: Option<Mapping>, readings: &Readings) -> Result<Layout, Failure> {
    let mut stated = mapping.as_ref().map_or_else(Stated::default, Mapping::stated);
    let units = match (&arguments.units_column, &readings.units_column) {
        (Some(column), _) => Units::Column(column.clone()),
        (None, _) if arguments.units_row || readings.units_row => Units::Row,
        (None, Some(column)) => Units::Column(column.clone()),
        (None, None) => Units::Unstated,
    };
    // The line with the units is no row.
    stated.skip_below = stated.skip_below.max(usize::from(units == Units::Row));
    let missing =
        |what: &str| Failure::new(format!("give {what}, or a mapping with [readings] that states it"));
    let time = arguments.time.clone().or_else(|| readings.time.clone()).ok_or_else(|| missing("--time"))?;
    let twin = match (&arguments.twin, &arguments.unit, &readings.twin, &readings.unit) {
        (Some(column), ..) | (None, None, Some(column), None) => Twin::Column(column.clone()),
        (None, Some(unit), ..) | (None, None, None, Some(unit)) => Twin::Unit(unit.clone()),
        (None, None, None, None) => return Err(missing("--twin or --unit")),
        (None, None, Some(_), Some(_)) => {
            return Err(Failure::new("[readings] has both a twin and a unit; leave one of them out"));
        }
    };
    let clock = clock(arguments, readings)?;
    let signals = signals(arguments, readings)?;
    let dialect = arguments.dialect.read(stated)?;
    let offset = arguments.offset.clone().or_else(|| mapping.as_ref()?.offset().map(str::to_owned));
    Ok(Layout { dialect, mapping, time, offset, clock, twin, signals, units })
}

fn signals(arguments: &Arguments, readings: &Readings) -> Result<Signals, Failure> {
    let long =
        |signal: &String, value: &String| Signals::Long { signal: signal.clone(), value: value.clone() };
    match (&arguments.signal, &arguments.value, &readings.signal, &readings.value) {
        (Some(signal), Some(value), ..) => Ok(long(signal, value)),
        _ if !arguments.column.is_empty() => {
            let pairs = arguments.column.iter().map(|pair| pair.split_once('=').unwrap_or((pair, pair)));
            Ok(Signals::Wide(pairs.map(|(column, signal)| (column.to_owned(), signal.to_owned())).collect()))
        }
        (_, _, Some(signal), Some(value)) if readings.signals.is_empty() => Ok(long(signal, value)),
        (_, _, None, None) => {
            let pairs = readings.signals.iter();
            Ok(Signals::Wide(pairs.map(|(column, signal)| (column.clone(), signal.clone())).collect()))
        }
        _ => Err(Failure::new("[readings] has either signals, or both signal and value")),
    }
}

fn clock(arguments: &Arguments, readings: &Readings) -> Result<Clock, Failure> {
    let epoch = arguments.epoch.as_ref().or(readings.epoch.as_ref());
    let step = arguments.step.as_ref().or(readings.step.as_ref());
    let (epoch, step) = match (epoch, step) {
        (None, None) => return Ok(Clock::Instant),
        (Some(epoch), Some(step)) => (epoch, step),
        _ => return Err(Failure::new("[readings] needs both an epoch and a step")),
    };
    let step: Period = step.parse()?;
    let step_ns = step.exact_nanos().ok_or_else(|| {
        Failure::new("a step must have the same length at any time, as PT1H has and P1M has not")
    })?;
    Ok(Clock::Count { epoch: epoch.parse()?, step_ns })
}
