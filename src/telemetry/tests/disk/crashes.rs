//! Every window in which the process or the machine may stop.

use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::query::summary::Summary;
use crate::telemetry::read::plan::Plan;
use crate::telemetry::store::Store;
use crate::telemetry::tests::{lines, only, open, piece, span};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const ROWS: i64 = 600;

/// A store with some rows in a part and some in the log, closed.
fn filled(folder: &Path) {
    let store = open(folder);
    write(&store, 0);
    store.seal().unwrap();
    write(&store, 1);
}

fn write(store: &Store, round: i64) {
    for batch in 0..6 {
        let rows = (0..ROWS / 6).map(|row| (round * ROWS + batch * ROWS / 6 + row) * 60);
        let text: Vec<_> = rows.map(|at| format!("m,twin=a v={at} {at}\nm,twin=b{round} v=1 {at}")).collect();
        assert!(lines(store, &text.join("\n")).is_empty());
    }
}

fn answer(store: &Store) -> (Vec<Summary>, Vec<String>, String) {
    let view = store.now();
    let series = view.all_series();
    let summaries =
        series.iter().map(|series| only(&view, piece(series.id, span(0, 3 * ROWS * 60)))).collect();
    (summaries, series.into_iter().map(|series| series.twin).collect(), view.watermark().to_string())
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = all.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Stops a sealing as `harm` does, starts again, and expects every answer as before, then and after another sealing.
fn check(harm: impl Fn(&Path, &Path)) {
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    filled(before.path());
    let store = open(before.path());
    let expect = answer(&store);
    drop(store);
    copy(before.path(), after.path());
    open(after.path()).seal().unwrap();
    harm(before.path(), after.path());
    for _ in 0..2 {
        let store = open(after.path());
        assert_eq!(answer(&store), expect);
        store.seal().unwrap();
    }
}

#[test]
fn a_sealing_may_stop_anywhere() {
    // Nothing stops.
    check(|_, _| {});
    // The part has its name, the old log is still there.
    check(|before, after| {
        files(before, ".log").iter().for_each(|log| {
            fs::copy(log, after.join(log.file_name().unwrap())).unwrap();
        });
    });
    // The part is written but has no name; names of series are down already.
    check(|before, after| {
        let part = files(after, ".tlp").pop().unwrap();
        fs::rename(&part, part.with_extension("new")).unwrap();
        fs::copy(before.join("control.tlc"), after.join("control.tlc")).unwrap();
        fs::copy(before.join("parts.tll"), after.join("parts.tll")).unwrap();
        files(before, ".log").iter().for_each(|log| {
            fs::copy(log, after.join(log.file_name().unwrap())).unwrap();
        });
    });
    // Only half of the names are down, and the new log has half a header.
    check(|before, after| {
        fs::remove_file(files(after, ".tlp").pop().unwrap()).unwrap();
        fs::copy(before.join("control.tlc"), after.join("control.tlc")).unwrap();
        fs::copy(before.join("parts.tll"), after.join("parts.tll")).unwrap();
        let names = after.join("series.tln");
        let length = fs::metadata(&names).unwrap().len();
        fs::OpenOptions::new().write(true).open(&names).unwrap().set_len(length - 9).unwrap();
        let log = files(after, ".log").pop().unwrap();
        fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(17).unwrap();
        files(before, ".log").iter().for_each(|log| {
            fs::copy(log, after.join(log.file_name().unwrap())).unwrap();
        });
    });
}

#[test]
fn damage_is_reported_never_read() {
    let spoil = |path: &Path, place: u64| {
        let mut bytes = fs::read(path).unwrap();
        let place = usize::try_from(place).unwrap() % bytes.len();
        bytes[place] ^= 0x10;
        fs::write(path, bytes).unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    open(folder.path()).seal().unwrap();
    let part = files(folder.path(), ".tlp").pop().unwrap();
    let length = fs::metadata(&part).unwrap().len();
    // What reads the chunks, and the rollups of the day, the quarter and the month.
    let ask = |store: &Store| {
        let view = store.now();
        let ask = |series: crate::telemetry::series::key::Series| {
            let spans = [span(0, 2 * 86_400), span(0, 8 * 86_400), span(0, 31 * 86_400)];
            spans.map(|within| {
                let samples = view.samples(series.id, within, usize::MAX).map_err(|error| error.to_string());
                let summary = view.aggregate(&[piece(series.id, within)], &Plan::whole(within));
                (samples, summary.map_err(|error| error.to_string()))
            })
        };
        view.all_series().into_iter().flat_map(ask).collect::<Vec<_>>()
    };
    let expect = ask(&open(folder.path()));
    for place in (0..length).step_by(211) {
        spoil(&part, place);
        let found = crate::telemetry::repair::check::check(folder.path())
            .is_ok_and(|checked| !checked.damages.is_empty());
        let store = Store::open(folder.path(), Arc::new(FixedClock::new(Instant::from_seconds(0))));
        let reported = match store {
            Err(Error::Damaged { .. } | Error::Format { .. }) => true,
            Err(error) => panic!("{error}"),
            // The directory is there twice, so that all is answered where one of them is broken.
            Ok(store) => {
                let got = ask(&store);
                let is_refused = got.iter().any(|(samples, summary)| samples.is_err() || summary.is_err());
                is_refused || (got == expect && found)
            }
        };
        assert!(reported, "byte {place} of {length}");
        spoil(&part, place);
    }
    answer(&open(folder.path()));
}

#[test]
fn an_append_of_names_that_failed_costs_no_name() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let store = open(folder.path());
    lines(&store, "m,twin=c v=1 60");
    // A sealing that could not write all of the names.
    let names = folder.path().join("series.tln");
    let mut bytes = fs::read(&names).unwrap();
    bytes.extend([40, 0, 0, 0, 1, 2, 3, 4, 5]);
    fs::write(&names, &bytes).unwrap();
    store.seal().unwrap();
    lines(&store, "m,twin=d v=1 60");
    store.seal().unwrap();
    let expect = answer(&store);
    drop(store);
    assert_eq!(answer(&open(folder.path())), expect);
}

#[test]
fn many_small_sealings_end_in_few_parts() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for row in 0..200 {
        lines(&store, &format!("m,twin=a v={row} {}", row * 60));
        store.seal().unwrap();
    }
    let parts = files(folder.path(), ".tlp").len();
    assert!(parts < 16, "{parts} parts");
    let view = store.now();
    drop(store);
    let store = open(folder.path());
    let within = span(0, 200 * 60);
    let id = view.all_series()[0].id;
    assert_eq!(store.now().samples(id, within, 1000).unwrap().len(), 200);
    assert_eq!(only(&view, piece(id, within)), only(&store.now(), piece(id, within)));
}

#[test]
fn writers_that_come_together_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let marks: Vec<_> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let store = &store;
                scope.spawn(move || {
                    (0..25)
                        .map(|at| {
                            lines(
                                store,
                                &format!(
                                    "m,twin=shared v={writer} {}\nm,twin=w{writer} v=1 {at}",
                                    at * 8 + writer
                                ),
                            );
                            if at == 12 && writer % 4 == 0 {
                                store.seal().unwrap();
                            }
                            // What was acknowledged is seen at once.
                            let view = store.now();
                            let mine = view.series_of(&format!("w{writer}"))[0].id;
                            assert_eq!(view.latest(mine).unwrap().unwrap().at, Instant::from_seconds(at));
                            view.watermark()
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(marks.iter().max(), Some(&store.now().watermark()));
    let expect = answer(&store);
    drop(store);
    let store = open(folder.path());
    assert_eq!(answer(&store), expect);
    assert_eq!(store.now().series_of("shared").len(), 1);
    assert_eq!(expect.0.iter().map(|summary| summary.count).sum::<u64>(), 400);
}
