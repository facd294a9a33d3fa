//! A flipped bit in any file of the store: it is refused, or what is answered is what was answered before.

use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::query::summary::{SampleWeight, Summary};
use crate::telemetry::read::plan::Plan;
use crate::telemetry::repair::check::check;
use crate::telemetry::series::watermark::Watermark;
use crate::telemetry::store::Store;
use crate::telemetry::store::view::View;
use crate::telemetry::tests::{lines, open, piece, span};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of at most so many bytes is flipped in each of them, of a longer one so many bytes are.
const FLIPS: usize = 200;

/// Two parts with rollups and a replaced sample, pins, and batches in the log, one of which makes a series.
fn filled(store: &Store) {
    for (twin, step) in [("a", 60), ("b", 90)] {
        let rows: Vec<_> = (0..300).map(|at| format!("m,twin={twin} v={at} {}", at * step)).collect();
        lines(store, &rows.join("\n"));
        store.seal().unwrap();
        let view = store.now();
        let ids: Vec<_> = view.all_series().iter().map(|series| series.id).collect();
        store.pin(view.watermark(), span(0, 3600), ids).unwrap();
    }
    lines(store, "m,twin=a v=7 60\nm,twin=c v=1 60");
    lines(store, "m,twin=a v=8 120");
    lines(store, "m,twin=b v=99.5 90");
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.path().join(path.file_name().unwrap())).unwrap();
    }
    to
}

fn answers_of_view(view: &View) -> Vec<Result<String, String>> {
    view.all_series()
        .into_iter()
        .flat_map(|series| {
            let within = span(0, 100_000);
            let samples = view.samples(series.id, within, usize::MAX);
            let summary = view.aggregate(&[piece(series.id, within)], &Plan::whole(within));
            let name = format!("{series:?}");
            let samples = samples.map(|samples| format!("{samples:?}")).map_err(|error| error.to_string());
            let summary = summary.map(|mut cells| shown(&cells.remove(0).remove(0)));
            let summary = summary.map_err(|error| error.to_string());
            [Ok(name), samples, summary]
        })
        .collect()
}

fn shown(all: &Summary) -> String {
    let spread = [0.1, 0.5, 0.9].map(|rank| all.percentile(rank, SampleWeight::Time));
    let (mean, ends) = (all.mean(SampleWeight::Time), (all.min, all.max, all.first, all.last));
    let counts = (all.count, all.time_ns, all.overwritten, all.late);
    format!("{counts:?} {ends:?} {mean:?} {:?} {spread:?}", all.stddev(SampleWeight::Sample))
}

/// What the store answers now, at its pins, and by instants.
fn answers(store: &Store) -> Vec<Result<String, String>> {
    let mut all = answers_of_view(&store.now());
    all.push(Ok(store.now().watermark().to_string()));
    for pin in store.pins() {
        all.push(Ok(format!("{pin:?}")));
        let view = store.pinned(pin.number).unwrap();
        let read = |id: &_| view.samples(*id, pin.window, usize::MAX);
        let read = pin.series.iter().map(read).collect::<Result<Vec<_>, _>>();
        all.push(read.map(|read| format!("{read:?}")).map_err(|error| error.to_string()));
    }
    let known = store.known_at(Instant::from_seconds(1_699_999_999));
    all.push(known.map(|known| known.to_string()).map_err(|error| error.to_string()));
    all
}

/// Bytes of a file to flip; the zeros between the records of the control file mean nothing.
fn places(bytes: &[u8], seed: u64) -> Vec<usize> {
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes.len() < 16_000 || bytes[*at] != 0).collect();
    let mut state = seed;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let ends = places.iter().copied().rev().take(FLIPS / 4);
    let some = (0..FLIPS * 3 / 4).map(|_| places[random() % places.len()]);
    if places.len() <= FLIPS { places.clone() } else { ends.chain(some).collect() }
}

/// Flips a bit and holds what the store answers against what it did, and the next watermark against the last.
fn hold(from: &Path, path: &Path, place: usize, bit: u8, expect: &[Result<String, String>], last: Watermark) {
    let folder = copied(from);
    let path = folder.path().join(path.file_name().unwrap());
    let mut bytes = fs::read(&path).unwrap();
    bytes[place] ^= 1 << bit;
    fs::write(&path, bytes).unwrap();
    let what = format!("{} byte {place} bit {bit}", path.file_name().unwrap().display());
    let found = check(folder.path()).map_or(1, |checked| checked.damages.len());
    let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
    let store = match Store::open(folder.path(), clock) {
        Ok(store) => store,
        Err(error) => return assert!(found > 0, "{what}: the check finds nothing, and the opening {error}"),
    };
    let got = answers(&store);
    assert_eq!(got.len(), expect.len(), "{what}: {got:?}");
    for (got, expect) in got.iter().zip(expect) {
        assert!(got == expect || got.is_err(), "{what}: {got:?} and not {expect:?}");
        assert!(got == expect || found > 0, "{what}: the check finds nothing, and an answer is {got:?}");
    }
    lines(&store, "m,twin=a v=1 180");
    assert!(store.now().watermark() > last, "{what}: the number of a watermark is used twice");
}

/// Flips bits in all files that `folder` has.
fn flipped(folder: &Path, expect: &[Result<String, String>], last: Watermark) {
    let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut kinds: Vec<_> = files.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    kinds.sort_unstable();
    let of = |start: &str| kinds.iter().filter(|name| name.starts_with(start)).count();
    let all =
        ["id", "lock", "control.tlc", "series.tln", "pins.tlq", "parts.tll", "arrivals.tla", "part-", "wal-"];
    assert!(all.iter().all(|kind| of(kind) > 0), "{kinds:?}");
    assert_eq!(all.iter().map(|kind| of(kind)).sum::<usize>(), kinds.len(), "{kinds:?}");
    for (seed, path) in files.iter().enumerate() {
        let bytes = fs::read(path).unwrap();
        for (index, place) in places(&bytes, seed as u64).into_iter().enumerate() {
            hold(folder, path, place, (index % 8) as u8, expect, last);
        }
    }
}

#[test]
fn a_flipped_bit_is_refused_or_changes_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    filled(&store);
    let (expect, last) = (answers(&store), store.now().watermark());
    assert!(expect.iter().all(Result::is_ok), "{expect:?}");
    // As a process that is killed leaves it, and as one that ends in order does.
    let killed = copied(folder.path());
    drop(store);
    flipped(killed.path(), &expect, last);
    flipped(folder.path(), &expect, last);
}
