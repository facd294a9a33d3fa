//! Instants as names of watermarks, over sealing, restarts and logs of an earlier version.

use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::series::watermark::Watermark;
use crate::telemetry::settings::Settings;
use crate::telemetry::store::Store;
use crate::telemetry::tests::lines;
use std::fs;
use std::path::Path;
use std::sync::Arc;

struct Bench {
    clock: Arc<FixedClock>,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1000)));
        Self { clock, folder: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> Store {
        let clock = Arc::clone(&self.clock) as _;
        Store::open_with(self.folder.path(), clock, Settings { readable_ns: 0, ..Settings::default() })
            .unwrap()
    }

    /// Writes a sample that arrives at a second.
    fn write(&self, store: &Store, second: i64) -> Watermark {
        self.clock.set(Instant::from_seconds(second));
        assert!(lines(store, &format!("m,twin=a v={second} {second}")).is_empty());
        store.now().watermark()
    }
}

fn known(store: &Store, second: i64) -> Result<Watermark, Error> {
    store.known_at(Instant::from_seconds(second))
}

#[test]
fn an_instant_names_the_last_watermark_by_then_for_ever() {
    let bench = Bench::new();
    let store = bench.open();
    let empty = store.now().watermark();
    let [first, second] = [2000, 2005].map(|at| bench.write(&store, at));
    bench.clock.set(Instant::from_seconds(3000));
    let check = |store: &Store| {
        for (at, expect) in [(1999, empty), (2000, first), (2004, first), (2005, second), (2999, second)] {
            assert_eq!(known(store, at).unwrap(), expect, "{at}");
        }
    };
    check(&store);
    // More may arrive by an instant that is not past.
    assert!(matches!(known(&store, 3000), Err(Error::NotPast { .. })));
    bench.write(&store, 3000);
    bench.clock.set(Instant::from_seconds(3001));
    check(&store);
    store.seal().unwrap();
    bench.write(&store, 3002);
    check(&store);
    drop(store);
    let store = bench.open();
    check(&store);
    store.seal().unwrap();
    drop(store);
    check(&bench.open());
    // Without the records, which are not in the log any more, nothing is guessed.
    fs::remove_file(bench.folder.path().join("arrivals.tla")).unwrap();
    let refused = Store::open(bench.folder.path(), Arc::clone(&bench.clock) as _);
    assert!(matches!(refused, Err(Error::Missing(_))), "{refused:?}");
}

/// Numbers are skipped by a recovery and in a backup: instants before name the watermark before, later ones the last that was skipped.
#[test]
fn an_instant_in_a_skipped_span_names_the_watermark_before_it() {
    let bench = Bench::new();
    let store = bench.open();
    let empty = store.now().watermark();
    drop(store);
    // What an unfinished write leaves at the end of the log.
    let tear = || {
        let files = fs::read_dir(bench.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let logs = files.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
        let log = logs.max().unwrap();
        let torn = [&fs::read(&log).unwrap()[..], &[200, 0, 0, 0], &[7; 120]].concat();
        fs::write(log, torn).unwrap();
    };
    tear();
    bench.clock.set(Instant::from_seconds(1500));
    let store = bench.open();
    let begun = store.now().watermark();
    assert!(empty < begun);
    let [first, second] = [2000, 2005].map(|at| bench.write(&store, at));
    drop(store);
    tear();
    bench.clock.set(Instant::from_seconds(2500));
    let store = bench.open();
    let recovered = store.now().watermark();
    assert!(second < recovered);
    let check = |store: &Store| {
        let expect = [
            (1000, empty),
            (1499, empty),
            (1500, begun),
            (1999, begun),
            (2000, first),
            (2005, second),
            (2499, second),
            (2500, recovered),
            (2899, recovered),
        ];
        for (at, expect) in expect {
            assert_eq!(known(store, at).unwrap(), expect, "{at}");
            assert!(store.as_known_at(expect).is_ok(), "{at}");
        }
    };
    bench.clock.set(Instant::from_seconds(2900));
    check(&store);
    let third = bench.write(&store, 3000);
    bench.clock.set(Instant::from_seconds(3600));
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy");
    let copied_at = store.backup(&copy).unwrap().watermark;
    assert_eq!(copied_at, third);
    for is_sealed in [false, true] {
        let copied = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&copy).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, copied.path().join(path.file_name().unwrap())).unwrap();
        }
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(4000)));
        let mut copied_store = Store::open(copied.path(), Arc::clone(&clock) as _).unwrap();
        if is_sealed {
            copied_store.seal().unwrap();
            drop(copied_store);
            copied_store = Store::open(copied.path(), clock).unwrap();
        }
        check(&copied_store);
        for at in [3000, 3599] {
            assert_eq!(known(&copied_store, at).unwrap(), copied_at, "{at}");
        }
        assert_eq!(known(&copied_store, 3600).unwrap(), copied_store.now().watermark());
    }
    store.seal().unwrap();
    check(&store);
    drop(store);
    check(&bench.open());
}

#[test]
fn a_clock_that_was_set_back_is_reported() {
    let bench = Bench::new();
    let store = bench.open();
    let first = bench.write(&store, 2000);
    bench.write(&store, 9000);
    let third = bench.write(&store, 2010);
    bench.clock.set(Instant::from_seconds(2100));
    assert_eq!(known(&store, 2005).unwrap(), first);
    let disputed = known(&store, 2050);
    assert!(
        matches!(&disputed, Err(Error::DisputedArrival { first: a, last: b, .. }) if (*a, *b) == (first, third)),
        "{disputed:?}"
    );
}

#[test]
fn a_log_of_an_earlier_version_goes_on_with_arrivals() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/telemetry/version-3");
    let bench = Bench::new();
    for entry in fs::read_dir(fixture).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, bench.folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let logs = || {
        let files = fs::read_dir(bench.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let logs = files.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
        logs.map(|path| fs::read(path).unwrap()[8]).collect::<Vec<_>>()
    };
    assert_eq!(logs(), [1]);
    let store = bench.open();
    let now = 400 * 86_400;
    let before = store.now().watermark();
    bench.clock.set(Instant::from_seconds(now));
    assert!(matches!(known(&store, now - 1), Err(Error::UnknownArrival { later: None, .. })));
    let written = bench.write(&store, now);
    bench.clock.set(Instant::from_seconds(now + 9));
    let unknown = known(&store, now - 1);
    assert!(
        matches!(&unknown, Err(Error::UnknownArrival { later: Some((later, _)), .. }) if *later == written),
        "{unknown:?}"
    );
    assert_eq!(known(&store, now + 1).unwrap(), written);
    assert!(before < written);
    drop(store);
    // No frame of the new form is in a file of the old one, which an earlier program reads.
    let mut versions = logs();
    versions.sort_unstable();
    assert_eq!(versions, [1, 3]);
    assert_eq!(known(&bench.open(), now + 1).unwrap(), written);
}
