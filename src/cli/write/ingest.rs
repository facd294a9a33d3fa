//! `throughline ingest`.

use crate::app::report::transfer::ingest::{IngestReport, UnboundReport};
use crate::app::{LayoutRequest, StatedDialect};
use crate::cli::client::{Part, Place, Service, Thread};
use crate::cli::error::{Failure, open_table, read_text};
use crate::cli::output::dialect;
use crate::cli::output::json;
use crate::cli::output::progress::spinner;
use crate::cli::output::words::{count, some_of};
use crate::exchange::table::Mapping;
use serde::Deserialize;
use std::io::Read as _;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
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
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let request = request(arguments)?;
    let (measurement, layout) = (request.measurement(), request.layout()?);
    let session = match arguments.place.open()? {
        Thread::Here(session) => session,
        Thread::There(service) => return send(arguments, &request, &service),
    };
    let mut reports = Vec::new();
    for path in &arguments.files {
        let name = path.display().to_string();
        let bar = spinner(format!("reading {name}"));
        let progress = |samples| bar.set_message(format!("reading {name}: {}", count(samples, "sample")));
        let ingested = session.ingest_csv(open_table(path)?, &name, &layout, &measurement, progress);
        bar.finish_and_clear();
        let ingested = match ingested {
            Ok(ingested) => ingested,
            Err(error) => {
                // What came before is stored.
                arguments.finish(&reports)?;
                return Err(error.into());
            }
        };
        let report = IngestReport::new(&name, &ingested);
        arguments.note(&report);
        reports.push(report);
    }
    arguments.finish(&reports)?;
    all_stored(&reports)
}

/// Stores the readings through a service, file by file.
fn send(arguments: &Arguments, request: &LayoutRequest, service: &Service) -> Result<(), Failure> {
    let mut reports = Vec::new();
    for path in &arguments.files {
        let name = path.display().to_string();
        let mut bytes = Vec::new();
        let read = open_table(path)?.read_to_end(&mut bytes);
        read.map_err(|error| Failure::new(format!("{name}: {error}")))?;
        let mut parts: Vec<Part<'_>> = Vec::new();
        let mapping = request.mapping.iter();
        parts.extend(
            mapping.map(|mapping| ("mapping", mapping.file(), "application/toml", mapping.text().as_bytes())),
        );
        parts.push(("file", &name, "text/csv", &bytes));
        let bar = spinner(format!("sending {name}"));
        let stored = service.transfer::<Stored>("/ingest", parameters(request), &parts);
        bar.finish_and_clear();
        for report in stored??.files {
            arguments.note(&report);
            reports.push(report);
        }
    }
    arguments.finish(&reports)?;
    all_stored(&reports)
}

impl Arguments {
    /// Prints what a file came to, as soon as it is known.
    fn note(&self, report: &IngestReport) {
        if !self.form.json {
            print(report);
        }
    }

    /// Prints what all files came to, where that is to be one value.
    fn finish(&self, reports: &[IngestReport]) -> Result<(), Failure> {
        if self.form.json { json::print(&serde_json::json!({ "files": reports })) } else { Ok(()) }
    }
}

/// What a service answers.
#[derive(Deserialize)]
struct Stored {
    files: Vec<IngestReport>,
}

/// Writes what is stated of the columns as parameters.
fn parameters(request: &LayoutRequest) -> Vec<(&'static str, String)> {
    let StatedDialect { stated, skip_lines, skip_below } = &request.dialect;
    let number = |number: &Option<usize>| number.map(|number| number.to_string());
    let once = [
        ("time", request.time.clone()),
        ("twin", request.twin.clone()),
        ("unit", request.unit.clone()),
        ("offset", request.offset.clone()),
        ("epoch", request.epoch.clone()),
        ("step", request.step.clone()),
        ("signal", request.signal.clone()),
        ("value", request.value.clone()),
        ("unitsRow", request.units_row.then(|| "true".to_owned())),
        ("unitsColumn", request.units_column.clone()),
        ("measurement", request.measurement.clone()),
        ("delimiter", stated.delimiter.clone()),
        ("encoding", stated.encoding.clone()),
        ("skipLines", number(skip_lines)),
        ("skipBelow", number(skip_below)),
        ("header", Some(stated.header.join(",")).filter(|header| !header.is_empty())),
        ("decimal", stated.decimal.map(String::from)),
        ("thousands", stated.thousands.map(String::from)),
        ("zone", stated.zone.clone()),
        ("format", stated.format.clone()),
        ("yearsFrom", stated.years_from.map(|year| year.to_string())),
        ("ambiguous", stated.ambiguous.clone()),
    ];
    let many = [("column", &request.columns), ("empty", &stated.empty), ("literal", &stated.literal)];
    let once = once.into_iter().filter_map(|(name, value)| Some((name, value?)));
    once.chain(
        many.into_iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value.clone()))),
    )
    .collect()
}

/// Fails where cells were refused.
fn all_stored(reports: &[IngestReport]) -> Result<(), Failure> {
    let refused: usize = reports.iter().map(|report| report.refused_count).sum();
    if refused == 0 {
        return Ok(());
    }
    let were = if refused == 1 { "was" } else { "were" };
    Err(Failure::new(format!("{} {were} refused; all others are stored", count(refused, "cell"))))
}

/// Prints what a file came to.
fn print(report: &IngestReport) {
    let name = &report.file;
    let (samples, cells) = (count(report.samples, "sample"), count(report.refused_count, "cell"));
    let gaps = if report.gaps > 0 { format!(", {}", count(report.gaps, "gap")) } else { String::new() };
    println!("{name}: {samples} stored, {cells} refused{gaps}");
    report.notes.iter().for_each(|note| println!("  {note}"));
    if !report.unused_columns.is_empty() {
        println!("  columns not used: {}", some_of(&report.unused_columns));
    }
    for cell in report.refused.iter().take(CELLS_MAX) {
        let column = if cell.column.is_empty() { String::new() } else { format!(", column {}", cell.column) };
        println!("  {name}: line {}{column}: {}", cell.line, cell.reason);
    }
    if report.refused_count > CELLS_MAX {
        println!("  and {} more", report.refused_count - CELLS_MAX);
    }
    for UnboundReport { reason, names, more } in &report.unbound {
        let more = if *more == 0 { String::new() } else { format!(" and {more} more") };
        println!("  stored, but bound to nothing on main: {}{more}: {reason}", names.join(", "));
    }
    if report.unbound_more > 0 {
        println!("  and {} more units", report.unbound_more);
    }
}

/// How many refused cells are printed.
const CELLS_MAX: usize = 20;

/// Reads what the flags state.
fn request(arguments: &Arguments) -> Result<LayoutRequest, Failure> {
    let mapping = match &arguments.table {
        Some(path) => Some(Mapping::parse(&read_text(path)?, &path.display().to_string())?),
        None => None,
    };
    Ok(LayoutRequest {
        mapping,
        time: arguments.time.clone(),
        twin: arguments.twin.clone(),
        unit: arguments.unit.clone(),
        offset: arguments.offset.clone(),
        epoch: arguments.epoch.clone(),
        step: arguments.step.clone(),
        columns: arguments.column.clone(),
        signal: arguments.signal.clone(),
        value: arguments.value.clone(),
        units_row: arguments.units_row,
        units_column: arguments.units_column.clone(),
        measurement: arguments.measurement.clone(),
        dialect: arguments.dialect.stated(),
    })
}
