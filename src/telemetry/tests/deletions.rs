//! Bounds of names, and series that are deleted.

use super::{lines, span};
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::telemetry::error::Error;
use crate::telemetry::repair::check::check;
use crate::telemetry::settings::Settings;
use crate::telemetry::store::Store;
use std::path::Path;
use std::sync::Arc;

fn open(folder: &Path, settings: Settings) -> Store {
    let clock = FixedClock::new(Instant::from_seconds(1_700_000_000));
    Store::open_with(folder, Arc::new(clock), settings).unwrap()
}

#[test]
fn names_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings {
        name_bytes_max: 100,
        tags_max: 2,
        series_max: 4,
        names_bytes_max: 700,
        ..Settings::default()
    };
    let store = open(folder.path(), settings);
    let (long, cut) = ("x".repeat(101), "x".repeat(60));
    let check = |line: &str, expect: &str| {
        let expect = if expect.is_empty() { vec![] } else { vec![format!("1: {expect}")] };
        assert_eq!(lines(&store, line), expect, "{line}");
    };
    let raise = "has 101 bytes, at most 100 are taken (nameBytesMax under [telemetry] in throughline.toml)";
    check(&format!("m,twin={long} v=1 5"), &format!("the twin \"{cut}…\" {raise}"));
    check(&format!("{long},twin=a v=1 5"), &format!("the measurement \"{cut}…\" {raise}"));
    check(&format!("m,twin=a {long}=1 5"), &format!("the field \"{cut}…\" {raise}"));
    check(&format!("m,twin=a,{long}=1 v=1 5"), &format!("the tag \"{cut}…\" {raise}"));
    check(&format!("m,twin=a,t={long} v=1 5"), &format!("the value of the tag \"t\" \"{cut}…\" {raise}"));
    let raise = "the series has 3 tags, at most 2 are taken (tagsMax under [telemetry] in throughline.toml)";
    check("m,twin=a,t=1,u=2,w=3 v=1 5", raise);
    let most = "x".repeat(100);
    check(&format!("{most},twin={most},t={most},u={most} v=1 5"), "");
    check(&format!("{most},twin={most},t={most},u={most} v=2 6"), "");
    let raise = "the names of all series would have more than 700 bytes (namesBytesMax under [telemetry] in throughline.toml)";
    check(&format!("{most},twin={most},t={most} w=1 5"), raise);
    check("m,twin=a v=1 5\nm,twin=b v=1 5\nm,twin=c v=1 5", "");
    let raise = "there are 4 series, and this line would bring one more (seriesMax under [telemetry] in throughline.toml)";
    check("m,twin=d v=1 5", raise);
    check("m,twin=c v=1 6", "");
    assert_eq!(store.now().all_series().len(), 4);
    // A series that is deleted makes room for another.
    store.delete_series(&[store.now().all_series()[3].id]).unwrap();
    check("m,twin=d v=1 5", "");
}

fn twins(store: &Store) -> Vec<(String, Vec<f64>)> {
    let view = store.now();
    let values =
        |id| view.samples(id, span(0, 10_000), 100).unwrap().iter().map(|sample| sample.value).collect();
    view.all_series().into_iter().map(|series| (series.twin, values(series.id))).collect()
}

fn expect(twins: &[(&str, &[f64])]) -> Vec<(String, Vec<f64>)> {
    twins.iter().map(|(twin, values)| ((*twin).to_owned(), values.to_vec())).collect()
}

#[test]
fn a_deleted_series_goes_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Settings::default());
    let tag = "z".repeat(1000);
    lines(&store, &format!("m,twin=a v=1 60\nm,twin=b,t={tag} v=2 60\nm,twin=c v=3 60"));
    store.seal().unwrap();
    lines(&store, &format!("m,twin=b,t={tag} v=4 120\nm,twin=c v=5 120\nm,twin=d v=6 60\nm,twin=a w=7 60"));
    let view = store.now();
    let (before, all) = (view.watermark(), view.all_series());
    let pin = store.pin(before, span(0, 3600), [all[0].id]).unwrap();
    let refused = store.delete_series(&[all[1].id, all[0].id]).unwrap_err();
    assert!(matches!(refused, Error::Pinned { .. }), "{refused}");
    assert_eq!(twins(&store).len(), 5);
    let known = |store: &Store| {
        let view = store.pinned(pin.number).unwrap();
        let names: Vec<_> = view.series_of("a").into_iter().map(|series| series.field).collect();
        (names, view.samples(all[0].id, pin.window, 10).unwrap().len())
    };
    let pinned = known(&store);
    let length = |folder: &Path| std::fs::metadata(folder.join("series.tln")).unwrap().len();
    store.delete_series(&[all[1].id, all[3].id, all[4].id]).unwrap();
    let check_all = |store: &Store| {
        assert_eq!(twins(store)[..2], expect(&[("a", &[1.0]), ("c", &[3.0, 5.0])]));
        // At the pin the twin has the series that it had.
        assert_eq!(known(store), pinned);
        let refused = store.as_known_at(before).unwrap().samples(all[2].id, span(0, 60), 1);
        assert!(matches!(refused, Err(Error::NotPinned { .. })), "{refused:?}");
        assert!(store.now().series_of("b").is_empty());
    };
    check_all(&store);
    assert!(length(folder.path()) < 1000, "the name is still there");
    // The same name is a new series.
    lines(&store, &format!("m,twin=b,t={tag} v=9 60\nm,twin=e v=1 60"));
    check_all_but_b(&store);
    store.seal().unwrap();
    store.maintain().unwrap();
    drop(store);
    assert_eq!(check(folder.path()).unwrap().damages.len(), 0);
    let store = open(folder.path(), Settings::default());
    check_all_but_b(&store);
    assert_eq!(known(&store), pinned);
}

fn check_all_but_b(store: &Store) {
    let now = expect(&[("a", &[1.0]), ("c", &[3.0, 5.0]), ("b", &[9.0]), ("e", &[1.0])]);
    assert_eq!(twins(store), now);
}

#[test]
fn a_deletion_that_stopped_half_way_is_done_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Settings::default());
    lines(&store, "m,twin=a v=1 60\nm,twin=b v=2 60\nm,twin=c v=3 60");
    store.seal().unwrap();
    let names = std::fs::read(folder.path().join("series.tln")).unwrap();
    let id = store.now().all_series()[1].id;
    store.delete_series(&[id]).unwrap();
    let (later, length) = (std::fs::read(folder.path().join("series.tln")).unwrap(), names.len());
    drop(store);
    // The file of names that was to be replaced, and the one that took its place, while the control file has announced it.
    for (is_replaced, bytes) in [(false, &names), (true, &later)] {
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
        let id = std::fs::read_to_string(folder.path().join("id")).unwrap().trim().parse().unwrap();
        std::fs::write(copy.path().join("series.tln"), bytes).unwrap();
        let open_control =
            || crate::telemetry::file::control::Control::open(copy.path(), id).unwrap().unwrap();
        let file = crate::telemetry::file::control::Recorded::Names;
        open_control().record(file, length as u64).unwrap();
        open_control().announce_names(later.len() as u64).unwrap();
        assert_eq!(check(copy.path()).unwrap().damages.len(), 0, "{is_replaced}");
        let store = open(copy.path(), Settings::default());
        let left: Vec<_> = twins(&store).into_iter().map(|(twin, _)| twin).collect();
        assert_eq!(left, if is_replaced { vec!["a", "c"] } else { vec!["a", "b", "c"] });
        assert!(twins(&store).iter().all(|(twin, values)| values.is_empty() == (twin == "b")));
        lines(&store, "m,twin=d v=1 60");
        store.seal().unwrap();
        drop(store);
        assert_eq!(check(copy.path()).unwrap().damages.len(), 0);
    }
}
