//! What holds for every history of arrivals.

use super::{SECOND, lines, only, open, piece, span};
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::query::summary::Summary;
use crate::telemetry::read::plan::{Comparator, Plan};
use crate::telemetry::series::sample::Sample;
use crate::telemetry::store::view::View;
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

/// Answers a history twice from one store that was sealed and opened anew at some of its batches, and at each batch as of then.
fn check_sealed(history: &[(i64, f64)], batch: usize, seals: &[bool], plan: &Asked) {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, plain_folder) = (open(folder.path()), tempfile::tempdir().unwrap());
    let plain = open(plain_folder.path());
    let mut seen = Vec::new();
    for (number, rows) in history.chunks(batch).enumerate() {
        let text: Vec<_> = rows.iter().map(|(at, v)| format!("m,twin=a v={v} {}", at * plan.step)).collect();
        lines(&store, &text.join("\n"));
        lines(&plain, &text.join("\n"));
        seen.push((store.now().watermark(), plan.ask(&plain.now())));
        match seals.get(number % seals.len()) {
            Some(true) => store.seal().unwrap(),
            _ if number % 3 == 2 => {
                drop(store);
                store = open(folder.path());
            }
            _ => {}
        }
    }
    for (watermark, expect) in &seen {
        assert_eq!(plan.ask(&store.as_known_at(*watermark).unwrap()), *expect);
    }
    drop(store);
    let store = open(folder.path());
    for (watermark, expect) in &seen {
        assert_eq!(plan.ask(&store.as_known_at(*watermark).unwrap()), *expect);
    }
}

/// A question: over what span, in which buckets, how long samples last.
#[derive(Clone, Debug)]
struct Asked {
    step: i64,
    from: i64,
    to: i64,
    cut: i64,
    hold: i64,
    limit: f64,
    scale: f64,
    absolute: bool,
}

impl Asked {
    fn ask(&self, view: &View) -> (Vec<Summary>, Vec<Sample>) {
        let series = view.series_of("a")[0].id;
        let within = span(self.from, self.to);
        let mut piece = piece(series, within);
        piece.hold_ns = self.hold * SECOND;
        piece.conversion = Conversion::linear(self.scale, 0.0);
        piece.transform = if self.absolute { Transform::Abs } else { Transform::None };
        let plan = Plan {
            buckets: [
                Interval::new(within.from(), cut(within, self.cut)),
                Interval::new(cut(within, self.cut), within.to()),
            ]
            .into_iter()
            .flatten()
            .collect(),
            limits: vec![Comparator::Le(self.limit), Comparator::Between(-self.limit, self.limit)],
            ..Plan::whole(within)
        };
        let summaries = view.aggregate(&[piece], &plan).unwrap().remove(0);
        (summaries, view.samples(series, within, 10_000).unwrap())
    }
}

fn cut(within: Interval, at: i64) -> Instant {
    Instant::from_seconds(at).clamp(within.from(), within.to())
}

fn asked() -> impl Strategy<Value = Asked> {
    let day = 86_400i64;
    let hold = prop_oneof![3 => 0i64..2000, 1 => 3000i64..9000];
    let numbers =
        (prop_oneof![3 => 1i64..700, 1 => 3000i64..4000], 0..3 * day, 0..70 * day, 0..70 * day, hold);
    let values = (-5.0f64..120.0, prop::sample::select(vec![1.0, 1.0, 0.5, -2.0]), any::<bool>());
    (numbers, values).prop_map(move |((step, from, length, cut, hold), (limit, scale, absolute))| {
        // Most questions begin and end with a day, as most questions do.
        let (from, to) =
            if step % 4 == 0 { (from, from + length + 1) } else { (0, (length / day + 1) * day) };
        Asked { step, from, to, cut: cut / day * day, hold, limit, scale, absolute }
    })
}

/// A long history: mostly forward in time, some of it late or twice.
fn long_history() -> impl Strategy<Value = Vec<(i64, f64)>> {
    prop::collection::vec((any::<u8>(), 0i64..3000, -100i32..100), 600..3000).prop_map(|raw| {
        let forward = raw.into_iter().enumerate().map(|(index, (kind, late, value))| {
            let at = if kind < 16 { late } else { index as i64 };
            (at, f64::from(value) / 4.0)
        });
        forward.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn sealing_and_reopening_change_no_answer(
        history in long_history(),
        batch in 50usize..600,
        seals in prop::collection::vec(any::<bool>(), 1..6),
        asked in asked(),
    ) {
        check_sealed(&history, batch, &seals, &asked);
    }
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
        let control = folder.path().join("control.tlc");
        let recorded = std::fs::read(&control).unwrap();
        let kept = std::fs::metadata(&log).unwrap().len();
        lines(&store, &format!("m,twin=a v={} {}", last[0].1, last[0].0 * 60));
        let whole = std::fs::metadata(&log).unwrap().len();
        let newest = store.now().watermark();
        drop(store);
        // A power cut before the record of the last batch was on the disk.
        std::fs::write(&control, recorded).unwrap();
        std::fs::OpenOptions::new().write(true).open(&log).unwrap().set_len((kept + torn).min(whole - 1)).unwrap();
        let store = open(folder.path());
        // The position of the torn batch is not given again, whether it was handed out or not.
        prop_assert!(store.now().watermark() >= newest);
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
fn damage_to_what_was_acknowledged_is_reported() {
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
    let clock =
        crate::model::time::clock::FixedClock::new(crate::model::time::instant::Instant::from_nanos(SECOND));
    let error = crate::telemetry::store::Store::open(folder.path(), std::sync::Arc::new(clock)).unwrap_err();
    assert!(matches!(error, crate::telemetry::error::Error::Damaged { .. }), "{error}");
}
