//! What a tap hears.

use crate::telemetry::tests::*;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_tap_hears_its_twins_and_counts_what_it_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let rings = Arc::new(AtomicUsize::new(0));
    let heard = Arc::clone(&rings);
    let twins = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<HashSet<_>>();
    let write =
        |lines: &str| drop(store.write_lines(lines.as_bytes(), Precision::Nanoseconds).expect("written"));
    write("m,twin=a x=0 1");
    let tap = store.tap(twins(&["a"]), 3, move || _ = heard.fetch_add(1, Ordering::Relaxed));
    let take = |limit| {
        let (arrivals, lost) = tap.take(limit);
        (arrivals.iter().map(|arrival| arrival.sample.value).collect::<Vec<_>>(), lost)
    };
    assert_eq!(take(10), (vec![], 0));
    write("m,twin=a x=1,y=2 5\nm,twin=b x=9 5\nm,twin=a x=3 2");
    assert_eq!(rings.load(Ordering::Relaxed), 1);
    write("m,twin=b x=9 6");
    assert_eq!(rings.load(Ordering::Relaxed), 1);
    assert_eq!(take(2), (vec![1.0, 2.0], 0));
    write("m,twin=a x=4 7\nm,twin=a x=5 8\nm,twin=a x=6 9");
    assert_eq!(take(10), (vec![4.0, 5.0, 6.0], 1));
    tap.set_twins(twins(&["b"]));
    write("m,twin=a x=7 10\nm,twin=b x=8 10");
    assert_eq!(take(10), (vec![8.0], 0));
}
