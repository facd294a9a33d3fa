//! Backups of a store that goes on.

use crate::telemetry::error::Error;
use crate::telemetry::part;
use crate::telemetry::repair::backup::verify_backup;
use crate::telemetry::repair::check::check;
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::store::Store;
use crate::telemetry::tests::{lines, open, span};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
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
    let copied_at = store.backup(&copy).unwrap().watermark;
    assert_eq!(copied_at, view.watermark());
    // The original goes on, and what it does reaches no copy.
    lines(&store, "m,twin=a v=3 180\nm,twin=d v=3 180");
    let later = store.now().watermark();
    store.seal().unwrap();
    store.maintain().unwrap();
    assert_eq!(verify_backup(&copy).unwrap().watermark, copied_at);
    assert_eq!(check(&copy).unwrap().damages.len(), 0);
    let again = store.backup(&copy).unwrap_err();
    assert!(again.to_string().contains("back up into"), "{again}");
    let copied = open(&copy);
    assert_eq!(values(&copied), expect);
    assert_eq!(copied.pins(), [pin]);
    assert!(copied.as_known_at(copied_at).is_ok());
    // What the original gave out since is not taken for something else.
    assert!(matches!(copied.as_known_at(later), Err(Error::LostWatermark { .. })));
    assert!(copied.as_known_at(copied.now().watermark()).is_ok());
    lines(&copied, "m,twin=e v=5 60");
    assert!(copied.now().watermark() > later);
    copied.seal().unwrap();
    drop(copied);
    assert_eq!(values(&open(&copy)).len(), 4);
}

/// A sealed part takes no room twice: on one file system the backup has the file itself.
#[test]
fn a_backup_has_the_sealed_parts_themselves() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    for at in [60, 120] {
        lines(&store, &format!("m,twin=a v=1 {at}"));
        store.seal().unwrap();
    }
    let copy = copies.path().join("one");
    store.backup(&copy).unwrap();
    let parts = |folder: &Path| {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let parts = files.filter(|entry| entry.file_name().to_str().unwrap().starts_with("part-"));
        let parts = parts.map(|entry| (entry.file_name(), entry.metadata().unwrap().ino()));
        parts.collect::<BTreeMap<_, _>>()
    };
    let (own, copied) = (parts(folder.path()), parts(&copy));
    assert!(!own.is_empty());
    assert_eq!(own, copied, "the same files, not others with the same bytes");
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
    let watermarks = std::thread::scope(|scope| {
        scope.spawn(|| {
            for at in (1..).take_while(|_| !done.load(Ordering::Relaxed)) {
                lines(&store, &format!("m,twin=a v={at} {at}"));
                if at % 20 == 0 {
                    store.seal().unwrap();
                }
            }
        });
        let backup = |number: u32| store.backup(&copies.path().join(number.to_string()));
        let made: Result<Vec<_>, Error> = (0..5).map(|number| Ok(backup(number)?.watermark)).collect();
        done.store(true, Ordering::Relaxed);
        made
    });
    for (number, copied_at) in watermarks.unwrap().into_iter().enumerate() {
        let copy = copies.path().join(number.to_string());
        assert_eq!(verify_backup(&copy).unwrap().watermark, copied_at);
        assert_eq!(check(&copy).unwrap().damages.len(), 0);
        let count = values(&open(&copy))[0].len();
        let view = store.as_known_at(copied_at).unwrap();
        assert_eq!(
            view.samples(view.all_series()[0].id, span(0, 1_000_000), usize::MAX).unwrap().len(),
            count
        );
    }
}

#[test]
fn a_backup_lacks_a_part_that_is_missing_and_names_it() {
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    for twin in ["a", "b"] {
        lines(&store, &format!("m,twin={twin} v=1 60"));
        store.seal().unwrap();
    }
    lines(&store, "m,twin=c v=1 60");
    let part = part::path(folder.path(), 1);
    fs::remove_file(&part).unwrap();
    let copy = copies.path().join("copy");
    let made = store.backup(&copy).unwrap();
    assert_eq!(made.missing, [part.file_name().unwrap().to_str().unwrap()]);
    assert_eq!(verify_backup(&copy).unwrap(), made);
    let view = open(&copy).now();
    let read = |twin: &str| {
        let samples = view.samples(view.series_of(twin)[0].id, span(0, 3600), 10);
        samples.map(|samples| samples.len()).map_err(|error| error.to_string())
    };
    assert_eq!((read("b"), read("c")), (Ok(1), Ok(1)));
    assert!(read("a").unwrap_err().contains("part-00000000000000000001.tlp"));
}

/// Files that cannot be linked are copied one by one, while compaction goes on.
#[test]
fn a_backup_on_another_disk_opens_few_files() {
    let Some(elsewhere) = ["/dev/shm", "/var/tmp", "/tmp"].into_iter().find(|place| {
        let folder = tempfile::tempdir().unwrap();
        let device = |path: &Path| std::os::unix::fs::MetadataExt::dev(&fs::metadata(path).unwrap());
        Path::new(place).is_dir() && device(Path::new(place)) != device(folder.path())
    }) else {
        eprintln!("skipped: there is one file system only");
        return;
    };
    let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in(elsewhere).unwrap());
    let store = open(folder.path());
    for at in 0..7 {
        lines(&store, &format!("m,twin=a v={at} {}", at * 60));
        lines(&store, &format!("m,twin=b{at} v={at} 60"));
        store.seal().unwrap();
    }
    let (expect, frozen) = (values(&store), store.shared().freeze(copies.path()).unwrap());
    assert!(frozen.open_files() <= 2, "{} files are open", frozen.open_files());
    for at in 7..30 {
        lines(&store, &format!("m,twin=a v={at} {}", at * 60));
        store.seal().unwrap();
    }
    store.maintain().unwrap();
    let made = frozen.copy(copies.path()).unwrap();
    assert_eq!(made.missing, Vec::<String>::new());
    assert_eq!(verify_backup(copies.path()).unwrap(), made);
    assert_eq!(values(&open(copies.path())), expect);
    drop(store);
    assert_eq!(check(folder.path()).unwrap().damages.len(), 0);
}
