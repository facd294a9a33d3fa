//! What the telemetry store does in a second, beside the floor of the machine: `cargo bench --bench telemetry`.
//!
//! Every line prints the figure, what bounds it from below in the same run, and the ratio.

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]

use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};
use throughline::model::clock::FixedClock;
use throughline::model::instant::Instant;
use throughline::model::interval::Interval;
use throughline::model::period::{Period, Zone};
use throughline::model::quantity::{Conversion, Transform};
use throughline::telemetry::{Comparator, Piece, Plan, Precision, Store, Summary, View, Weight};

const MINUTE: i64 = 60;
const YEAR: i64 = 365 * 86_400;
/// 2023-01-01T00:00:00Z.
const START: i64 = 1_672_531_200;

fn main() {
    let only = std::env::args().nth(1).filter(|arg| !arg.starts_with("--"));
    let runs: [(&str, fn()); 4] =
        [("sync", sync), ("ingest", ingest), ("haute_borne", haute_borne), ("fleet", fleet)];
    for (_, run) in runs.iter().filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name)) {
        run();
    }
}

fn open(folder: &Path) -> Store {
    Store::open(folder, Arc::new(FixedClock::new(Instant::from_seconds(START + 2 * YEAR)))).expect("opens")
}

fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let watch = Stopwatch::now();
    let result = work();
    (result, watch.elapsed())
}

/// One sample a write: what an acknowledgement costs beside a bare `fdatasync`.
fn sync() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = std::fs::File::create(folder.path().join("floor")).expect("a file");
    let floor = median((0..200).map(|_| {
        time(|| {
            file.write_all(&[7; 64]).expect("writes");
            file.sync_data().expect("syncs");
        })
        .1
    }));
    let store = open(folder.path());
    let one = median((0..200).map(|at| {
        let line = format!("m,twin=T1 v=1 {}", START + at);
        time(|| store.write_lines(line.as_bytes(), Precision::Seconds).expect("writes")).1
    }));
    println!(
        "one sample, durable: {one:?}; fdatasync {floor:?}; {:.1} x",
        one.as_secs_f64() / floor.as_secs_f64()
    );
    let writers = 16;
    let (_, together) = time(|| {
        std::thread::scope(|scope| {
            for writer in 0..writers {
                let store = &store;
                scope.spawn(move || {
                    for at in 0..100 {
                        let line = format!("m,twin=T{writer} v=1 {}", START + at);
                        store.write_lines(line.as_bytes(), Precision::Seconds).expect("writes");
                    }
                });
            }
        });
    });
    let rate = f64::from(writers * 100) / together.as_secs_f64();
    println!(
        "{writers} writers of one sample each: {rate:.0} writes/s; {:.1} share a sync",
        rate * floor.as_secs_f64()
    );
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// Requests of 5,000 lines, beside the time it takes to look at every byte and to write the log's bytes.
fn ingest() {
    for fields in [1, 6] {
        for late in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            let store = open(folder.path());
            let bodies: Vec<_> =
                (0..6_000_000 / fields / 5_000).map(|request| body(request, fields, late)).collect();
            let samples = bodies.len() * 5_000 * fields;
            let (lines, floor) = time(|| {
                bodies.iter().map(|body| body.iter().filter(|byte| **byte == b'\n').count()).sum::<usize>()
            });
            black_box(lines);
            let (_, took) = time(|| {
                for body in &bodies {
                    let written = store.write_lines(body, Precision::Seconds).expect("writes");
                    assert!(written.rejected.is_empty());
                }
            });
            let before = cpu();
            let (_, sealed) = time(|| store.seal().expect("seals"));
            let sealing = cpu() - before;
            println!(
                "ingest, {fields} fields a line{}: {:.2} M samples/s, the rest sealed in {sealed:?} ({sealing:.2} s of processor); counting the lines alone {:.1} x faster",
                if late { ", 10 % late" } else { "" },
                samples as f64 / took.as_secs_f64() / 1e6,
                took.as_secs_f64() / floor.as_secs_f64()
            );
        }
    }
}

fn body(request: usize, fields: usize, late: bool) -> Vec<u8> {
    let mut body = Vec::new();
    for line in 0..5_000usize {
        let number = request * 5_000 + line;
        let (twin, step) = (number % 1000, (number / 1000) as i64);
        let step = if late && number % 10 == 3 { (step - 40).max(0) } else { step };
        write!(body, "pump,twin=SN-{twin:05},site=S{} ", twin % 7).expect("writes");
        for field in 0..fields {
            let value = value(twin as u64, step as u64 * 7 + field as u64);
            write!(body, "{}f{field}={value}", if field > 0 { "," } else { "" }).expect("writes");
        }
        writeln!(body, " {}", START + step * 10).expect("writes");
    }
    body
}

/// A wandering value with two decimals, the same for the same seed.
fn value(twin: u64, step: u64) -> f64 {
    let noise = (twin * 0x9e37_79b9 + step).wrapping_mul(0x2545_f491_4f6c_dd1d) >> 44;
    let wave = ((step as f64) / 144.0 * std::f64::consts::TAU).sin();
    ((60.0 + 15.0 * wave + (noise % 1000) as f64 / 100.0) * 100.0).round() / 100.0
}

/// Two years of four turbines as they were published: bytes a sample, and the same aggregates beside their exact values.
fn haute_borne() {
    let file = "shared/data/la_haute_borne/scada-2014-2015.csv.gz";
    let Some(file) = ["..", "../.."].iter().find_map(|up| std::fs::File::open(Path::new(up).join(file)).ok())
    else {
        println!("La Haute Borne: ../{file} is not here, skipped");
        return;
    };
    let mut reader = csv::Reader::from_reader(flate2::read::GzDecoder::new(file));
    let names = reader.headers().expect("headers").clone();
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let (mut body, mut lines, mut samples) = (Vec::new(), 0, 0);
    let write = |body: &mut Vec<u8>| {
        let written = store.write_lines(body, Precision::Seconds).expect("writes");
        assert!(written.rejected.is_empty(), "{:?}", written.rejected);
        body.clear();
        written.samples
    };
    for record in reader.records() {
        let record = record.expect("a row");
        let at: Instant = record[1].parse().expect("an instant");
        let fields: Vec<_> = (2..record.len()).filter(|column| !record[*column].is_empty()).collect();
        if fields.is_empty() {
            continue;
        }
        write!(body, "scada,twin={} ", &record[0]).expect("writes");
        let fields: Vec<_> =
            fields.iter().map(|column| format!("{}={}", &names[*column], &record[*column])).collect();
        writeln!(body, "{} {}", fields.join(","), at.seconds()).expect("writes");
        lines += 1;
        if lines % 5_000 == 0 {
            samples += write(&mut body);
        }
    }
    samples += write(&mut body);
    let (_, sealed) = time(|| store.seal().expect("seals"));
    let bytes = folder_size(folder.path());
    println!(
        "La Haute Borne: {samples} samples sealed in {sealed:?}; {:.3} bytes a sample with rollups and names; a double alone is 8",
        bytes as f64 / samples as f64
    );
}

fn folder_size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry"));
    files.map(|file| file.metadata().expect("a size").len()).sum()
}

/// A thousand units, a year of 10-minute data: P95, histogram and monthly buckets in one call.
fn fleet() {
    let keep = std::env::var_os("FLEET");
    let folder = tempfile::tempdir().expect("a folder");
    let folder = keep.as_deref().map_or(folder.path(), Path::new);
    let units = 1000usize;
    let store = open(folder);
    if store.now().all_series().is_empty() {
        let (_, took) = time(|| load_fleet(&store, units));
        let samples = units as f64 * (YEAR / (10 * MINUTE)) as f64;
        println!(
            "fleet: {samples} samples written in {took:?}, {:.2} M samples/s",
            samples / took.as_secs_f64() / 1e6
        );
        println!("  peak memory {}", peak_memory());
        store.seal().expect("seals");
        let bytes = folder_size(folder);
        println!("  {:.3} bytes a sample", bytes as f64 / samples);
    }
    drop(store);
    let (store, took) = time(|| open(folder));
    println!("fleet: opened in {took:?}");
    drop_caches(folder);
    let view = store.now();
    let year =
        Interval::new(Instant::from_seconds(START), Instant::from_seconds(START + YEAR)).expect("a year");
    let months = Period::from_months(1).buckets(year, &Zone::UTC, 12).expect("months");
    let plan = Plan { cells: 1, buckets: months, limits: Vec::new(), quantiles: true };
    let pieces = pieces(&view, year);
    let cold = ask(&view, &pieces, &plan);
    println!("fleet: cold {:?}; bar 300 ms", cold.1);
    let warm = median((0..9).map(|_| ask(&view, &pieces, &plan).1));
    println!("fleet: warm {warm:?}; bar 50 ms");
    let (raw, took) = time(|| view.aggregate(&guarded(&pieces), &plan).expect("answers"));
    println!("fleet: from the samples {took:?}, {:.1} x", took.as_secs_f64() / warm.as_secs_f64());
    assert_eq!(raw[0], cold.0, "a rollup and its samples say the same");
    let zone: Zone = "Europe/Paris".parse().expect("a zone");
    let paris =
        Plan { buckets: Period::from_months(1).buckets(year, &zone, 13).expect("months"), ..plan.clone() };
    let before = cpu();
    let took = median((0..3).map(|_| ask(&view, &pieces, &paris).1));
    println!("fleet: calendar months of Paris {took:?} ({:.2} s of processor)", (cpu() - before) / 3.0);
    let limited = Plan { limits: vec![Comparator::Le(80.0)], ..plan.clone() };
    let took = median((0..3).map(|_| ask(&view, &pieces, &limited).1));
    println!("fleet: with an exact limit that straddles {took:?}");
    let (_, took) = time(|| {
        let pieces: Vec<_> =
            pieces.iter().enumerate().map(|(cell, piece)| Piece { cell, ..piece.clone() }).collect();
        view.aggregate(&pieces, &Plan { cells: pieces.len(), ..plan.clone() }).expect("answers")
    });
    println!("fleet: a cell for each unit {took:?}");
}

fn ask(view: &View, pieces: &[Piece], plan: &Plan) -> (Vec<Summary>, Duration) {
    time(|| {
        let buckets = view.aggregate(pieces, plan).expect("answers").remove(0);
        let mut whole = buckets[0].clone();
        buckets[1..].iter().for_each(|bucket| whole.merge(bucket));
        black_box((whole.percentile(0.95, Weight::Time), whole.histogram(20)));
        buckets
    })
}

fn pieces(view: &View, within: Interval) -> Vec<Piece> {
    let series = view.all_series();
    let piece = |id| Piece {
        series: id,
        within,
        conversion: Conversion::IDENTITY,
        transform: Transform::None,
        hold_ns: 10 * MINUTE * 1_000_000_000,
        cell: 0,
        guards: Arc::new([]),
    };
    series.iter().map(|series| piece(series.id)).collect()
}

/// The same pieces with a guard that always holds, so that every sample is looked at.
fn guarded(pieces: &[Piece]) -> Vec<Piece> {
    let guard = |piece: &Piece| throughline::telemetry::Guard {
        series: piece.series,
        conversion: Conversion::IDENTITY,
        transform: Transform::None,
        comparator: Comparator::Gt(f64::MIN),
        hold_ns: 0,
    };
    pieces.iter().map(|piece| Piece { guards: Arc::new([guard(piece)]), ..piece.clone() }).collect()
}

fn load_fleet(store: &Store, units: usize) {
    let steps = YEAR / (10 * MINUTE);
    for start in (0..steps).step_by(20) {
        let mut batch = throughline::telemetry::Batch::new();
        let places: Vec<_> = (0..units)
            .map(|unit| {
                batch.series(throughline::telemetry::Key::new(
                    format!("SN-{unit:05}"),
                    "pump",
                    "bearing_temperature",
                ))
            })
            .collect();
        for step in start..(start + 20).min(steps) {
            for (unit, place) in places.iter().enumerate() {
                let at = Instant::from_seconds(START + step * 10 * MINUTE);
                batch.push(*place, at, value(unit as u64, step as u64));
            }
        }
        store.write(batch).expect("writes");
    }
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown").to_owned()
}

/// Returns the processor time this process has used, in seconds: steadier than the clock on a busy machine.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Asks the system to forget what it holds of the files; without the right to, cold is only as cold as the process.
fn drop_caches(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("lists").flatten() {
        let _ = std::fs::File::open(entry.path()).and_then(|file| file.sync_all());
    }
    if std::fs::write("/proc/sys/vm/drop_caches", "3").is_err() {
        println!("  (the page cache could not be dropped)");
    }
}
