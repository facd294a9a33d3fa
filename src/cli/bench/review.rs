//! What a review costs and keeps: one is opened on the demo's bearings, late samples come by the million, a limit is changed,
//! the store compacts and starts again, and every answer of the review is compared with the one it gave at first, byte for byte.

use super::machine::size_of;
use super::report::Report;
use crate::app::{App, OpenRequest, Scope};
use crate::cli::demo::load::load;
use crate::feedback::{self, ReviewSubject};
use crate::graph::Author;
use crate::graphql::{Query, Service};
use crate::model::statement::change::Change;
use crate::model::time::clock::SystemClock;
use crate::model::time::instant::Instant as At;
use crate::model::time::interval::Interval;
use crate::model::time::period::Period;
use crate::ontology::terms::tl;
use crate::telemetry::{Batch, Series, Watermark};
use oxigraph::model::{Literal, NamedNode};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

const BATCH: usize = 500_000;
/// How often each late sample arrives.
const PASSES: usize = 4;
const MINUTE_NS: i64 = 60_000_000_000;
/// One request asks everything at once: how long it may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// The designs under review, and two years of their field life.
const DESIGNS: [&str; 3] = ["design/BRG-7-A", "design/BRG-7-B", "design/BRG-7-C"];
const FROM: &str = "2024-01-01T00:00:00Z";
const TO: &str = "2026-01-01T00:00:00Z";

/// Asks all margins with their units, and a usage of each kind, of every design.
const REPLAY: &str = r#"{ thread(at: "review:DR-1") { now watermark commit { id }
    requirements(first: 100) { nodes { id identifier constraints { limit } } }
    a: designRevision(id: "design/BRG-7-A") { ...Whole } b: designRevision(id: "design/BRG-7-B") { ...Whole }
    c: designRevision(id: "design/BRG-7-C") { ...Whole } } }
  fragment Whole on DesignRevision { id
    margins(window: { from: "2024-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { requirement { identifier } verdict observed limit distance
        conformingUnits conformingHours units { nodes { serial verdict observed observedHours conformingHours } } account { observedHours missingHours late: lateCount overwritten: overwrittenCount } }
    fieldUsage(property: "property/bearing-temperature", window: { from: "2024-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }, bucket: "P1M", groupBy: [SITE]) {
        sampleCount hours min max mean stddev percentile(p: 0.95) histogram(bins: 20) { from to sampleCount hours } timeBeyond(limit: 85)
        buckets { from usage { sampleCount mean percentile(p: 0.5) max } } groups { key usage { sampleCount mean } } account { late: lateCount overwritten: overwrittenCount } } }"#;

/// Opens a review, lets `late` samples come and everything else happen, and fails where an answer is not the same.
pub(crate) fn run(folder: &Path, late: usize, report: &mut Report) -> Result<(), Failure> {
    let (app, _) = load(folder, Period::from_nanos(60 * MINUTE_NS), |_| {})?;
    let app = Arc::new(app);
    let start = Instant::now();
    let series = open(&app)?;
    report.line("open a review: margins, pin, record", start.elapsed().as_secs_f64() * 1e3, "ms");
    report.line("series that it pins", series.len() as f64, "");
    let before = replay(&app, report)?;
    let telemetry = folder.join("telemetry");
    report.line("telemetry before", size_of(&telemetry)? as f64 / 1e6, "MB");
    let start = Instant::now();
    let (stored, between) = come_late(&app, &series, late)?;
    report.line("late samples", stored as f64 / 1e6, "M");
    report.line("stored and compressed in", start.elapsed().as_secs_f64(), "s");
    tighten(&app)?;
    report_what_changed(&app, report)?;
    check("late samples and a changed limit", &replay(&app, report)?, &before)?;
    report.line("telemetry with late samples", size_of(&telemetry)? as f64 / 1e6, "MB");
    // No watermark stays readable that is not pinned.
    std::fs::write(telemetry.join("settings.toml"), "readable = \"P0D\"\n")?;
    let app = reopened(app, folder)?;
    let start = Instant::now();
    app.telemetry().maintain()?;
    report.line("compaction", start.elapsed().as_secs_f64(), "s");
    if app.telemetry().as_known_at(between).is_ok() {
        return Err("compaction dropped nothing: let more samples come late".into());
    }
    let app = reopened(app, folder)?;
    report.line("telemetry after compaction", size_of(&telemetry)? as f64 / 1e6, "MB");
    check("compaction and restart", &replay(&app, report)?, &before)?;
    report.text("every answer of the review is the same, byte for byte");
    Ok(())
}

/// Opens the review, and returns the series that it pins.
fn open(app: &App) -> Result<Vec<Series>, Failure> {
    let scope = app.scope("main", None)?;
    let designs = DESIGNS.iter().map(|design| scope.snapshot.expand(design)).collect::<Result<_, _>>()?;
    let window = Interval::new(FROM.parse()?, TO.parse()?)?;
    let opened = app.open_review(
        &scope,
        &OpenRequest {
            branch: "main".to_owned(),
            identifier: None,
            title: "Which bearing goes into series production?".to_owned(),
            description: None,
            subject: ReviewSubject::new(designs, Vec::new(), window),
            participants: Vec::new(),
            message: None,
            author: Author::default(),
            idempotency_key: None,
        },
    )?;
    let pins = app.telemetry().pins();
    let pin = pins.iter().find(|pin| pin.number == opened.review.pin).ok_or("the review has no pin")?;
    let all = scope.view.all_series().into_iter();
    Ok(all.filter(|series| pin.series.binary_search(&series.id).is_ok()).collect())
}

/// Asks the review, and prints the digest of the answer.
fn replay(app: &Arc<App>, report: &mut Report) -> Result<String, Failure> {
    let service = Service::new(Arc::clone(app))?.with_time_max(PATIENCE);
    let start = Instant::now();
    let answer = service.run(&Query { query: Some(REPLAY.to_owned()), ..Query::default() });
    let took = start.elapsed().as_secs_f64() * 1e3;
    if !answer["errors"].is_null() {
        return Err(answer["errors"].to_string().into());
    }
    let text = answer.to_string();
    let digest = Sha256::digest(text.as_bytes());
    let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    report.line(&format!("replay {digest}, {} bytes", text.len()), took, "ms");
    Ok(text)
}

/// Stores samples of every series at instants that it knows, and half an hour after each; all of them arrive several times, for
/// of what a pin sees nothing may be dropped, but of what came after it may. Returns how many, and a watermark from between
/// them that nobody pins.
fn come_late(app: &App, series: &[Series], late: usize) -> Result<(u64, Watermark), Failure> {
    let each = late.div_ceil(series.len().max(1) * PASSES);
    let instants = known_instants(app, series, each.div_ceil(2))?;
    let (mut stored, mut between, mut batch) = (0, None, Batch::new());
    for pass in 0..PASSES {
        for (number, (series, known)) in series.iter().zip(&instants).enumerate() {
            let place = batch.series(series.key());
            let both = known.iter().flat_map(|at| [*at, at.plus_nanos(30 * MINUTE_NS)]);
            for (n, at) in both.take(each).enumerate() {
                batch.push(place, at, 90.0 + ((n * 31 + number + pass) % 997) as f64 / 100.0);
            }
            if batch.len() >= BATCH {
                let written = app.ingest(std::mem::take(&mut batch))?;
                app.seal()?;
                stored += written.samples;
                between.get_or_insert(written.watermark);
            }
        }
    }
    let last = app.ingest(batch)?;
    app.seal()?;
    Ok((stored + last.samples, between.unwrap_or(last.watermark)))
}

/// Returns the first instants of each series within the window that have a sample.
fn known_instants(app: &App, series: &[Series], most: usize) -> Result<Vec<Vec<At>>, Failure> {
    let (view, window) = (app.telemetry().now(), Interval::new(FROM.parse()?, TO.parse()?)?);
    let instants = |series: &Series| -> Result<Vec<At>, Failure> {
        let samples = view.samples(series.id, window, most)?;
        Ok(samples.into_iter().map(|sample| sample.at).collect())
    };
    series.iter().map(instants).collect()
}

/// Prints what the review shows of the late samples and the limit, and fails where they changed nothing now.
fn report_what_changed(app: &App, report: &mut Report) -> Result<(), Failure> {
    let (review, now) = (app.review("DR-1")?, app.scope("main", None)?);
    let then = app.scope("review:DR-1", None)?;
    let observed = review.subject.observations(&now.snapshot, &now.view)?;
    let arrived = feedback::arrived(&then.view, &now.view, &observed, review.subject.window)?;
    report.line("of these at new instants, while a bearing was observed", arrived.samples as f64 / 1e6, "M");
    report.line("and in place of known ones", arrived.overwritten as f64 / 1e6, "M");
    let found = |scope: &Scope| review.subject.margins(&scope.snapshot, &scope.view);
    let changes = feedback::margin_changes(found(&then)?, found(&now)?);
    let other = changes.iter().filter(|change| change.is_other_verdict()).count();
    report.line("verdicts that are others now", other as f64, "");
    if arrived.overwritten == 0 || other == 0 {
        return Err("the late samples and the limit changed no answer of today".into());
    }
    Ok(())
}

/// Tightens every limit of a requirement under review.
fn tighten(app: &App) -> Result<(), Failure> {
    let head = app.snapshot("main")?;
    let requirement = head.expand("requirement/REQ-12")?;
    let set = |subject: NamedNode| Change::Set {
        subject,
        predicate: tl::LIMIT.into_owned(),
        values: vec![Literal::from(60).into()],
    };
    app.commit("main", head.targets(&requirement, tl::CONSTRAINT)?.into_iter().map(set).collect())?;
    Ok(())
}

fn reopened(app: Arc<App>, folder: &Path) -> Result<Arc<App>, Failure> {
    drop(Arc::into_inner(app).ok_or("the thread is still in use")?);
    Ok(Arc::new(App::open(folder, Arc::new(SystemClock::default()))?))
}

fn check(after: &str, answer: &str, before: &str) -> Result<(), Failure> {
    if answer == before { Ok(()) } else { Err(format!("after {after} the review answers otherwise").into()) }
}
