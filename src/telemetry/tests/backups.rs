//! Backups of a store that goes on.

use super::{lines, open, span};
use crate::telemetry::{Error, SeriesId, Store, check, verify_backup};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

fn values(store: &Store) -> Vec<Vec<f64>> {
    let view = store.now();
    let read = |id: SeriesId| view.samples(id, span(0, 1_000_000), usize::MAX).unwrap();
    let ids: Vec<_> = view.all_series().iter().map(|series| series.id).collect();
    ids.into_iter().map(|id| read(id).iter().map(|sample| sample.value).collect()).collect()
}

#[test]
fn a_backup_holds_what_was_known_at_its_watermark() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    lines(&store, "m,twin=a v=1 60\nm,twin=b v=1 60");
    store.seal().unwrap();
    lines(&store, "m,twin=a v=2 120\nm,twin=c v=2 120");
    let view = store.now();
    let pin = store.pin(view.watermark(), span(0, 3600), [view.all_series()[0].id]).unwrap();
    let (expect, copy) = (values(&store), copies.path().join("one"));
    let held = store.backup(&copy).unwrap();
    assert_eq!(held, view.watermark());
    // The original goes on, and what it does reaches no copy.
    lines(&store, "m,twin=a v=3 180\nm,twin=d v=3 180");
    let later = store.now().watermark();
    store.seal().unwrap();
    store.maintain().unwrap();
    assert_eq!(verify_backup(&copy).unwrap(), held);
    assert_eq!(check(&copy).unwrap().damages.len(), 0);
    let again = store.backup(&copy).unwrap_err();
    assert!(again.to_string().contains("back up into"), "{again}");
    let copied = open(&copy);
    assert_eq!(values(&copied), expect);
    assert_eq!(copied.pins(), [pin]);
    assert!(copied.as_known_at(held).is_ok());
    // What the original gave out since is not taken for something else.
    assert!(matches!(copied.as_known_at(later), Err(Error::LostWatermark { .. })));
    assert!(copied.as_known_at(copied.now().watermark()).is_ok());
    lines(&copied, "m,twin=e v=5 60");
    assert!(copied.now().watermark() > later);
    copied.seal().unwrap();
    drop(copied);
    assert_eq!(values(&open(&copy)).len(), 4);
}

#[test]
fn a_backup_that_changed_is_found() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    lines(&store, "m,twin=a v=1 60");
    store.seal().unwrap();
    lines(&store, "m,twin=a v=2 120");
    let check = |name: &str, harm: &dyn Fn(&Path)| {
        let copy = copies.path().join(name);
        store.backup(&copy).unwrap();
        let names = fs::read_dir(&copy).unwrap().map(|entry| entry.unwrap().path());
        let path = names.filter(|path| path.to_str().unwrap().contains(name)).max().unwrap();
        harm(&path);
        let error = verify_backup(&copy).unwrap_err().to_string();
        assert!(error.contains(path.file_name().unwrap().to_str().unwrap()), "{name}: {error}");
    };
    let flip = |path: &Path| {
        // A part is a link to that of the store.
        let mut bytes = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        bytes[20] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    for name in ["part-", "wal-", "series.tln", "pins.tlq", "parts.tll", "arrivals.tla", "control.tlc", "id"]
    {
        check(name, &|path| fs::remove_file(path).unwrap());
        fs::remove_dir_all(copies.path().join(name)).unwrap();
        check(name, &flip);
    }
    check("SHA256SUMS", &flip);
    assert!(values(&store).len() == 1);
}

#[test]
fn a_backup_is_consistent_while_samples_arrive() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    lines(&store, "m,twin=a v=0 0");
    let done = AtomicBool::new(false);
    let held = std::thread::scope(|scope| {
        scope.spawn(|| {
            for at in (1..).take_while(|_| !done.load(Ordering::Relaxed)) {
                lines(&store, &format!("m,twin=a v={at} {at}"));
                if at % 20 == 0 {
                    store.seal().unwrap();
                }
            }
        });
        let held: Vec<_> =
            (0..5).map(|number| store.backup(&copies.path().join(number.to_string())).unwrap()).collect();
        done.store(true, Ordering::Relaxed);
        held
    });
    for (number, held) in held.into_iter().enumerate() {
        let copy = copies.path().join(number.to_string());
        assert_eq!(verify_backup(&copy).unwrap(), held);
        assert_eq!(check(&copy).unwrap().damages.len(), 0);
        let count = values(&open(&copy))[0].len();
        let view = store.as_known_at(held).unwrap();
        assert_eq!(
            view.samples(view.all_series()[0].id, span(0, 1_000_000), usize::MAX).unwrap().len(),
            count
        );
    }
}
