//! A soak test: mixed load for a long time. What the service has in memory, open, and on the disk must not grow with the time that it
//! serves; what is stored grows with what was sent.

use super::report::{Report, Table};
use super::requests::{get, graphql, graphql_body, post, sparql};
use super::served::Served;
use crate::cli::demo::load::load;
use crate::model::time::period::Period;
use serde_json::json;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

/// How often the figures are taken.
const COLUMNS: u32 = 10;
/// How long a client waits for its answer.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// What the last figure may be of the one at half of the time.
const GROWTH_MAX: f64 = 1.2;
/// The same of files on the disk: parts of samples and packs of Git are merged now and then.
const FILES_GROWTH_MAX: f64 = 1.5;
/// How many parts are renamed again and again.
const PARTS: usize = 100;

/// Makes the request of a client by how many it has made before.
type Request = fn(usize) -> Vec<u8>;

/// What is asked, how often, and with which requests.
const LOAD: [(&str, Duration, Request); 7] = [
    ("commits", Duration::from_millis(500), rename),
    ("samples", Duration::from_millis(100), samples),
    ("queries over telemetry", Duration::from_secs(2), usage),
    ("queries over the graph", Duration::from_millis(100), |_| graphql("{ thread { base } }")),
    ("SPARQL", Duration::from_millis(300), |_| sparql("SELECT (COUNT(*) AS ?n) { ?s a ?c }")),
    ("imports", Duration::from_secs(10), import),
    ("exports", Duration::from_secs(10), |_| get("/export", "accept: text/turtle\r\n")),
];

/// What became of the requests of one kind.
#[derive(Default)]
struct Answers {
    count: usize,
    slowest: Duration,
    failures: usize,
    first_failure: Option<String>,
}

/// Serves the demo's thread for some time under load.
pub(super) fn run(folder: &Path, time: Duration, report: &mut Report) -> Result<(), Failure> {
    drop(load(folder, Period::from_days(1), |_| {})?);
    let served = Served::start(folder)?;
    let (over, answers) = (AtomicBool::new(false), LOAD.map(|_| Mutex::new(Answers::default())));
    let mut table = Table::new("by the time under load, in tenths");
    std::thread::scope(|scope| {
        for ((_, every, request), answers) in LOAD.iter().zip(&answers) {
            let over = &over;
            let address = served.address;
            scope.spawn(move || ask_until(address, *every, *request, over, answers));
        }
        for column in 0..=COLUMNS {
            if column > 0 {
                std::thread::sleep(time / COLUMNS);
            }
            table.begin_column(&column.to_string());
            observe(&served, folder, &mut table);
        }
        over.store(true, Ordering::Relaxed);
    });
    report.table(&table);
    for ((name, ..), answers) in LOAD.iter().zip(answers) {
        let answers = answers.into_inner().map_err(|_| "a client panicked")?;
        report.line(
            &format!("{name}, the longest of {} answers", answers.count),
            answers.slowest.as_secs_f64(),
            "s",
        );
        let failed = format!("{} {}", answers.failures, answers.first_failure.unwrap_or_default());
        report.expected("  failed", failed.trim_end(), answers.failures == 0);
    }
    let half = COLUMNS as usize / 2 + 1;
    for (what, max) in
        [("memory", GROWTH_MAX), ("open files", GROWTH_MAX), ("files on the disk", FILES_GROWTH_MAX)]
    {
        let growth = table.last(what) / table.figure(what, half);
        report.at_most(&format!("{what} at the end, by those at half of the time"), growth, max, "×");
    }
    Ok(())
}

fn observe(served: &Served, folder: &Path, table: &mut Table) {
    let (files, bytes) = files_below(folder);
    table.set("memory", served.memory().unwrap_or(f64::NAN) / 1e6, "MB");
    table.set("open files", served.open_files().unwrap_or(f64::NAN), "");
    table.set("files on the disk", files as f64, "");
    table.set("bytes on the disk", bytes as f64 / 1e6, "MB");
}

/// Returns how many files are below a folder, and their bytes; those that go meanwhile are not counted.
fn files_below(folder: &Path) -> (usize, u64) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.fold((0, 0), |(files, bytes), entry| match entry.metadata() {
        Ok(of) if of.is_dir() => {
            let (more, their) = files_below(&entry.path());
            (files + more, bytes + their)
        }
        Ok(of) => (files + 1, bytes + of.len()),
        Err(_) => (files, bytes),
    })
}

/// Asks on new connections, each time after a pause, until the time is over.
fn ask_until(
    address: SocketAddr,
    every: Duration,
    request: Request,
    over: &AtomicBool,
    answers: &Mutex<Answers>,
) {
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let bytes = request(number);
        let start = Instant::now();
        let answer = ask(address, &bytes);
        if let Ok(mut answers) = answers.lock() {
            answers.count += 1;
            answers.slowest = answers.slowest.max(start.elapsed());
            if let Err(failure) = answer {
                answers.failures += 1;
                answers.first_failure.get_or_insert(failure);
            }
        }
        std::thread::sleep(every);
    }
}

/// Returns what was answered where that is no success.
fn ask(address: SocketAddr, request: &[u8]) -> Result<(), String> {
    let answer = exchange(address, request).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&answer);
    let is_refused = ["\r\n\r\n{\"errors\"", "\"errors\":[{"].iter().any(|begin| text.contains(begin));
    let is_done = text.starts_with("HTTP/1.1 20") && !is_refused;
    if is_done { Ok(()) } else { Err(format!("{:.400}", text.replace("\r\n", " "))) }
}

fn exchange(address: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

fn rename(number: usize) -> Vec<u8> {
    let part = json!({ "putPart": { "id": format!("part/soak-{}", number % PARTS), "identifier": format!("soak-{}", number % PARTS), "title": format!("Part {number}") } });
    let query = "mutation($c: [Change!]!) { commit(input: { message: \"Rename a part\", changes: $c }) { errors { message } } }";
    graphql_body(&json!({ "query": query, "variables": { "c": [part] } }))
}

fn samples(number: usize) -> Vec<u8> {
    let value = 50.0 + f64::from(u8::try_from(number % 200).unwrap_or_default()) / 10.0;
    let line = |unit: usize| format!("pump,twin=P-{unit:03} bearing_temperature={value}\n");
    let lines: String = (1..=20).map(line).collect();
    post("/write", "", lines.as_bytes(), lines.len())
}

fn usage(_: usize) -> Vec<u8> {
    graphql(
        "{ thread { twinInstances(first: 20) { nodes { fieldUsage(property: \"property/bearing-temperature\", window: { from: \"2000-01-01T00:00:00Z\", to: \"2100-01-01T00:00:00Z\" }) { sampleCount max } } } } }",
    )
}

fn import(number: usize) -> Vec<u8> {
    let id = number % PARTS;
    let text = format!(
        "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .\n<https://meridian.example/part/imported-{id}> a tl:Part ; dcterms:identifier \"imported-{id}\" ; dcterms:title \"Part {number}\" .\n"
    );
    post("/import?source=soak&into=main", "content-type: text/turtle\r\n", text.as_bytes(), text.len())
}
