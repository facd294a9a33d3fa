//! The telemetry's bars of the design: durable ingest over HTTP, stored size, the fleet's usage.

use super::report::{Report, fdatasync_micros, median};
use crate::app::App;
use crate::graphql::Service;
use crate::model::change::Change;
use crate::model::clock::SystemClock;
use crate::model::interval::Interval;
use crate::model::period::Period;
use crate::model::statement::Statement;
use crate::ontology::terms::{dcterms, tl};
use crate::telemetry::{Batch, Key};
use crate::twins::{Question, Weight};
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

const BASE: &str = "https://bench.example.org/";
const TEN_MINUTES_NS: i64 = 600_000_000_000;
const SAMPLES_A_YEAR: i64 = 52_560;

/// Runs all telemetry measurements and prints them.
pub(crate) fn run(folder: &Path, units: usize, report: &mut Report) -> Result<(), Failure> {
    let app = Arc::new(App::init(folder, &[], BASE, Arc::new(SystemClock::default()))?);
    report.line("floor: one fdatasync of this disk", fdatasync_micros(folder)?, "µs");
    ingest_over_http(&app, report)?;
    app.commit("main", fleet(units))?;
    app.seal()?;
    let stored_before = size_of(&folder.join("telemetry"))?;
    let samples = write_year(&app, units, report)?;
    app.seal()?;
    drop(app);
    let start = Instant::now();
    let app = App::open(folder, Arc::new(SystemClock::default()))?;
    report.line("restart with the year's samples", start.elapsed().as_secs_f64(), "s");
    let stored = size_of(&folder.join("telemetry"))?.saturating_sub(stored_before);
    report.line("stored size, made-up values of 4 digits", stored as f64 / samples as f64, "bytes/sample");
    fleet_usage(&app, report)
}

/// Sends line protocol over one connection, as a client of InfluxDB would.
fn ingest_over_http(app: &Arc<App>, report: &mut Report) -> Result<(), Failure> {
    let service = Arc::new(Service::new(Arc::clone(app))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = crate::server::serve(listener, Arc::clone(app), service, async {
        // A dropped sender stops the server as well.
        let _ = stopped.await;
    });
    let server = runtime.spawn(server);
    for (fields, bar) in [(6, 500.0), (1, 250.0)] {
        let requests: Vec<Vec<u8>> = (0..60).map(|n| lines(n, fields)).collect();
        let samples = requests.len() * LINES_PER_REQUEST * fields;
        let start = Instant::now();
        post_all(address, &requests)?;
        let rate = samples as f64 / start.elapsed().as_secs_f64() / 1e3;
        report.at_least(
            &format!("ingest over HTTP, durable, {fields} fields a line"),
            rate,
            bar,
            "k samples/s",
        );
    }
    drop(stop);
    runtime.block_on(server)??;
    Ok(())
}

const LINES_PER_REQUEST: usize = 10_000;

/// Makes the body of one request: 100 twins, each a hundred times.
fn lines(request: usize, fields: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(LINES_PER_REQUEST * (40 + 14 * fields));
    for line in 0..LINES_PER_REQUEST {
        let (twin, at) = (line % 100, request * 100 + line / 100);
        let _ = write!(body, "ingest{fields},twin=U-{twin:04} ");
        for field in 0..fields {
            let comma = if field == 0 { "" } else { "," };
            let value = 20.0 + ((at * 31 + twin * 17 + field * 7) % 1000) as f64 / 100.0;
            let _ = write!(body, "{comma}s{field}={value}");
        }
        let _ = writeln!(body, " {}", 1_600_000_000_000_000_000 + at as i64 * 1_000_000_000);
    }
    body
}

/// Posts bodies one after the other over two connections and reads each answer's status line.
fn post_all(address: SocketAddr, requests: &[Vec<u8>]) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        let clients: Vec<_> = requests
            .chunks(requests.len().div_ceil(2))
            .map(|part| {
                scope.spawn(move || {
                    part.iter().try_for_each(|body| post(&mut TcpStream::connect(address)?, body))
                })
            })
            .collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().map_err(|_| "a client panicked")?.map_err(Failure::from))
    })
}

fn post(stream: &mut TcpStream, body: &[u8]) -> std::io::Result<()> {
    let head = format!(
        "POST /api/v2/write HTTP/1.1\r\nhost: bench\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 204") { Ok(()) } else { Err(std::io::Error::other(answer)) }
}

fn iri(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{BASE}{local}"))
}

fn unit_serial(number: usize) -> String {
    format!("F-{number:04}")
}

/// Makes one revision with one signal, and the units built to it.
fn fleet(units: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: Term| {
        changes.push(Change::Add(Statement::new(subject.clone(), predicate.into_owned(), object)));
    };
    let text = |text: &str| Term::from(Literal::from(text));
    let (property, part, revision, signal) = (iri("temp"), iri("pump"), iri("pump/A"), iri("pump/A#temp"));
    let (build, hour) = (iri("lot/1"), Literal::new_typed_literal("2019-01-01T00:00:00Z", xsd::DATE_TIME));
    say(&property, rdf::TYPE, tl::PROPERTY_CLASS.into_owned().into());
    say(&property, dcterms::TITLE, text("temperature"));
    say(
        &property,
        tl::QUANTITY_KIND,
        NamedNode::new_unchecked("http://qudt.org/vocab/quantitykind/Temperature").into(),
    );
    say(&part, rdf::TYPE, tl::PART_CLASS.into_owned().into());
    say(&part, dcterms::IDENTIFIER, text("pump"));
    say(&revision, rdf::TYPE, tl::DESIGN_REVISION.into_owned().into());
    say(&revision, tl::REVISION_OF, part.clone().into());
    say(&revision, tl::REVISION, text("A"));
    say(&revision, tl::SIGNAL, signal.clone().into());
    say(&signal, rdf::TYPE, tl::SIGNAL_CLASS.into_owned().into());
    say(&signal, tl::NAME, text("temp"));
    say(&signal, tl::PROPERTY, property.clone().into());
    say(&signal, tl::UNIT, NamedNode::new_unchecked("http://qudt.org/vocab/unit/DEG_C").into());
    let period = Literal::new_typed_literal("PT10M", xsd::DURATION);
    say(&signal, tl::EXPECTED_PERIOD, period.into());
    say(&build, rdf::TYPE, tl::BUILD.into_owned().into());
    say(&build, dcterms::IDENTIFIER, text("lot-1"));
    say(&build, tl::REALIZES, revision.into());
    for number in 0..units {
        let unit = iri(&format!("unit/{}", unit_serial(number)));
        say(&unit, rdf::TYPE, tl::TWIN_INSTANCE.into_owned().into());
        say(&unit, dcterms::IDENTIFIER, text(&unit_serial(number)));
        say(&unit, tl::PART, part.clone().into());
        say(&unit, tl::BUILT_BY, build.clone().into());
        say(&unit, tl::COMMISSIONED_AT, hour.clone().into());
    }
    changes
}

/// The year 2021, whose months are whole.
fn year() -> Interval {
    let from = crate::model::instant::Instant::from_seconds(1_609_459_200);
    Interval::new(from, from.plus_nanos(TEN_MINUTES_NS * SAMPLES_A_YEAR)).expect("a year is not empty")
}

/// Stores a year of 10-minute data of every unit, a month of a few units at a time.
fn write_year(app: &App, units: usize, report: &mut Report) -> Result<u64, Failure> {
    let start = Instant::now();
    let mut samples = 0;
    for month in 0..12 {
        for first in (0..units).step_by(50) {
            let mut batch = Batch::new();
            for number in first..units.min(first + 50) {
                let series = batch.series(Key::new(unit_serial(number), "fleet", "temp"));
                let mut noise = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ month as u64;
                for at in (month * SAMPLES_A_YEAR / 12)..((month + 1) * SAMPLES_A_YEAR / 12) {
                    noise =
                        noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let daily = ((at % 144) as f64 / 144.0 * std::f64::consts::TAU).sin() * 4.0;
                    let value = 60.0 + (number % 17) as f64 * 0.7 + daily + (noise >> 40) as f64 / 4e6;
                    batch.push(
                        series,
                        year().from().plus_nanos(at * TEN_MINUTES_NS),
                        (value * 100.0).round() / 100.0,
                    );
                }
            }
            samples += app.ingest(batch)?.samples;
        }
    }
    let rate = samples as f64 / start.elapsed().as_secs_f64() / 1e3;
    report.line("samples of the fleet's year", samples as f64 / 1e6, "M");
    report.line("stored through the library, durable", rate, "k samples/s");
    Ok(samples)
}

fn fleet_usage(app: &App, report: &mut Report) -> Result<(), Failure> {
    let snapshot = app.snapshot("main")?;
    let mut question = Question::new(iri("pump/A"), iri("temp"), year());
    question.bucket = Some(Period::from_months(1));
    question.weight = Weight::Time;
    let ask = || -> Result<f64, Failure> {
        let start = Instant::now();
        let usage = question.clone().answer(&snapshot, &app.telemetry().now())?;
        let p95 = usage.total.percentile(0.95)?.unwrap_or(f64::NAN);
        std::hint::black_box((p95, usage.total.histogram(20)));
        Ok(start.elapsed().as_secs_f64() * 1e3)
    };
    report.at_most("fleet usage, P95 + histogram + months, cold", ask()?, 300.0, "ms");
    let mut warm = (0..5).map(|_| ask()).collect::<Result<Vec<_>, _>>()?;
    report.at_most("fleet usage, warm", median(&mut warm), 50.0, "ms");
    Ok(())
}

fn size_of(folder: &Path) -> std::io::Result<u64> {
    let mut size = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        size += if entry.file_type()?.is_dir() { size_of(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(size)
}
