//! Loading the story into a thread. The clock is set to fixed instants, so every machine gets the same commit ids.

use super::fleet::Fleet;
use super::story::{self, BASE, File, FileKind};
use super::telemetry::{self, SEED, monitor};
use crate::app::{self, App, ForecastRequest, ImportOptions, SourceFile, SourceFormat};
use crate::exchange::rdf::Format;
use crate::exchange::table::{self, Mapping};
use crate::feedback::ForecastQuestion;
use crate::graph::Author;
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};
use crate::statistics::trend::slope::Bootstrap;
use crate::telemetry::{Batch, Watermark};
use std::path::Path;
use std::sync::Arc;

/// When the story is recorded: after the two years that it covers.
const RECORDED_SECONDS: i64 = 1_767_571_200;

/// The lot whose bearings are forecast, and the constraint that they may break.
const FORECAST_LOT: &str = "build/L-2503";
const ALARM: &str = "requirement/REQ-18#alarm";
/// 2025-04-15T00:00:00Z: the first of them are mounted.
const FORECAST_FROM: i64 = 1_744_675_200;
/// Until when forecasts are made from what was observed, and for which time: on 1 August 2025 until 1 November, and at the end of the year,
/// when it is known what became of them.
const FORECASTS: [(i64, i64); 2] = [(1_754_006_400, 1_761_955_200), (1_767_225_600, 1_767_225_600)];

/// Samples are written in batches of so many.
const SAMPLES_PER_BATCH: usize = 500_000;

/// Why the story cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The thread refuses or fails.
    #[error(transparent)]
    App(#[from] app::Error),
    /// The story itself is wrong.
    #[error(transparent)]
    Story(#[from] story::Error),
    /// A mapping of the story is wrong.
    #[error(transparent)]
    Mapping(#[from] table::Error),
}

/// Makes a thread in `folder` and loads the story into it; every pump reports once a `period`. Returns the thread and
/// the watermark before the late samples came. `progress` hears what is going on.
pub fn load(folder: &Path, period: Period, progress: impl Fn(String)) -> Result<(App, Watermark), Error> {
    let clock = Arc::new(FixedClock::new(Instant::from_seconds(RECORDED_SECONDS)));
    let app = App::init(folder, &[], BASE, clock.clone())?;
    for file in story::files(period) {
        progress(format!("importing {}", file.name));
        // One minute between imports, so that `main@INSTANT` can distinguish them.
        clock.set(clock.now().plus_nanos(60_000_000_000));
        let tag = file.tag;
        import(&app, &file)?;
        if let Some(tag) = tag {
            app.tag(tag, "main", tag)?;
        }
    }
    let snapshot = app.snapshot("main")?;
    let fleet = Fleet::read(snapshot.ontology())?;
    write(&app, telemetry::batches(&fleet, SEED, period), &progress)?;
    let before = app.view(None)?.watermark();
    write(&app, telemetry::late_batches(&fleet, SEED, period), &progress)?;
    write(&app, monitor::batches(&fleet, SEED, period), &progress)?;
    progress("compressing telemetry".to_owned());
    app.seal()?;
    progress("forecasting".to_owned());
    for (to, by) in FORECASTS {
        clock.set(clock.now().plus_nanos(60_000_000_000));
        forecast(&app, to, by)?;
    }
    Ok((app, before))
}

/// Makes the forecasts of the alarm of vibration from what had been observed until an instant, of bearings that are expected to reach it by
/// another; those that were made before and are known by then are settled.
fn forecast(app: &App, to: i64, by: i64) -> Result<(), Error> {
    let scope = app.scope("main", None)?;
    let window = Interval::new(Instant::from_seconds(FORECAST_FROM), Instant::from_seconds(to));
    let question = ForecastQuestion {
        item: scope.snapshot.expand(FORECAST_LOT).map_err(app::Error::from)?,
        constraint: scope.snapshot.expand(ALARM).map_err(app::Error::from)?,
        window: window.expect("forecasts are made after the lot was mounted"),
        bucket: Period::from_days(1),
        zone: Zone::UTC,
        by: Instant::from_seconds(by),
        confidence: 0.95,
        bootstrap: Bootstrap::default(),
        sufficiency: scope.sufficiency,
    };
    let branch = "main".to_owned();
    let request =
        ForecastRequest { branch, question, message: None, author: Author::default(), idempotency_key: None };
    app.record_forecasts(&scope, &request)?;
    Ok(())
}

fn import(app: &App, file: &File) -> Result<(), Error> {
    let reading = match file.kind {
        FileKind::Turtle => SourceFormat::Rdf(Format::Turtle),
        FileKind::Table { mapping, text } => SourceFormat::Table(Box::new(Mapping::parse(text, mapping)?)),
    };
    let source = SourceFile { name: file.name.to_owned(), bytes: file.text.as_bytes().to_vec(), reading };
    let options = ImportOptions {
        source: file.source.to_owned(),
        into: "main".to_owned(),
        message: Some(file.message.to_owned()),
        author: Author::default(),
        ..Default::default()
    };
    let (statements, _) = app.read_sources(vec![source], &options)?;
    app.import(statements, options)?;
    Ok(())
}

fn write(
    app: &App,
    blocks: impl Iterator<Item = telemetry::Block>,
    progress: &impl Fn(String),
) -> Result<(), Error> {
    let mut batch = Batch::new();
    let mut stored = 0;
    for block in blocks {
        block.add_to(&mut batch);
        if batch.len() >= SAMPLES_PER_BATCH {
            stored += app.ingest(std::mem::take(&mut batch))?.samples;
            progress(format!("storing telemetry: {:.1} M samples", stored as f64 / 1e6));
        }
    }
    if !batch.is_empty() {
        app.ingest(batch)?;
    }
    Ok(())
}
