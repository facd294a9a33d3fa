//! Loading the story into a thread. The clock is set to fixed instants, so every machine gets the same commit ids.

use super::fleet::Fleet;
use super::story::{self, BASE, File, FileKind};
use super::telemetry::{self, SEED};
use crate::app::{self, App, ImportOptions, SourceFile, SourceFormat};
use crate::exchange::rdf::Format;
use crate::exchange::table::{self, Mapping};
use crate::graph::Author;
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use crate::model::time::period::Period;
use crate::telemetry::{Batch, Watermark};
use std::path::Path;
use std::sync::Arc;

/// When the story is recorded: after the two years that it covers.
const RECORDED_SECONDS: i64 = 1_767_571_200;

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
    progress("compressing telemetry".to_owned());
    app.seal()?;
    Ok((app, before))
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
