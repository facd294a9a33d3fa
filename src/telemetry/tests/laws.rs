//! What holds for every history of arrivals.

use super::{SECOND, lines, only, open, piece, span};
use crate::telemetry::Summary;
use proptest::prelude::*;

/// Arrivals in order: (instant in minutes, value).
fn arrivals() -> impl Strategy<Value = Vec<(i64, f64)>> {
    prop::collection::vec((0i64..300, -100f64..100.0), 1..60)
}

fn answer(history: &[(i64, f64)], batch: usize) -> Summary {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for batch in history.chunks(batch) {
        let text: Vec<_> = batch.iter().map(|(at, v)| format!("m,twin=a v={v} {}", at * 60)).collect();
        assert!(lines(&store, &text.join("\n")).is_empty());
    }
    let view = store.now();
    only(&view, piece(view.series_of("a")[0].id, span(0, 5 * 3600)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn regrouping_arrivals_changes_nothing(history in arrivals(), batch in 1usize..20) {
        prop_assert_eq!(answer(&history, 1000), answer(&history, batch));
    }

    #[test]
    fn a_torn_log_loses_nothing_acknowledged(history in arrivals(), torn in 1u64..200) {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let (acknowledged, last) = history.split_at(history.len() - 1);
        for (at, v) in acknowledged {
            lines(&store, &format!("m,twin=a v={v} {}", at * 60));
        }
        let log = folder.path().join("wal-00000000000000000001.log");
        let kept = std::fs::metadata(&log).unwrap().len();
        lines(&store, &format!("m,twin=a v={} {}", last[0].1, last[0].0 * 60));
        let whole = std::fs::metadata(&log).unwrap().len();
        drop(store);
        std::fs::OpenOptions::new().write(true).open(&log).unwrap().set_len((kept + torn).min(whole - 1)).unwrap();
        let store = open(folder.path());
        let watermark = store.now().watermark().to_string();
        prop_assert!(watermark.ends_with(&format!("-{}", acknowledged.len())), "{watermark}");
        // The position of the torn batch was never handed out: it is given to the next one.
        lines(&store, "m,twin=b v=1 5");
        drop(store);
        let view = open(folder.path()).now();
        let ids = view.series_of("a");
        prop_assert_eq!(ids.len(), usize::from(!acknowledged.is_empty()));
        if let Some(series) = ids.first() {
            let expect = answer(acknowledged, 1000);
            prop_assert_eq!(only(&view, piece(series.id, span(0, 5 * 3600))), expect);
        }
    }
}

#[test]
fn damage_to_what_was_acknowledged_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for at in 0..5 {
        lines(&store, &format!("m,twin=a v=1 {at}"));
    }
    drop(store);
    let log = folder.path().join("wal-00000000000000000001.log");
    let mut bytes = std::fs::read(&log).unwrap();
    bytes[120] ^= 1;
    std::fs::write(&log, bytes).unwrap();
    let clock = crate::model::clock::FixedClock::new(crate::model::instant::Instant::from_nanos(SECOND));
    let error = crate::telemetry::Store::open(folder.path(), std::sync::Arc::new(clock)).unwrap_err();
    assert!(matches!(error, crate::telemetry::Error::Damaged { .. }), "{error}");
}
