//! What holds whatever happens to a store: writes of any order, sealings, compactions, retention, restarts, pins.

use super::{SECOND, piece, span};
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::error::Error;
use crate::telemetry::ingest::line::Precision;
use crate::telemetry::query::summary::Summary;
use crate::telemetry::read::plan::{Comparator, Plan};
use crate::telemetry::series::sample::Sample;
use crate::telemetry::settings::{Rollups, Rule, Settings};
use crate::telemetry::store::Store;
use crate::telemetry::store::view::View;
use proptest::prelude::*;
use std::sync::Arc;

const DAY: i64 = 86_400;
/// The histories begin here, so that no slot lies before 1970.
const START: i64 = 400 * DAY;

/// What happens to a store.
#[derive(Clone, Debug)]
enum Event {
    /// Samples arrive: minutes after the newest (or before it), value.
    Write(Vec<(i64, i32)>),
    /// The same samples arrive again, with other values.
    Repeat(i32),
    Seal,
    Maintain,
    Reopen,
    Pin(Asked),
}

/// A question about the days from one to another, counted back from the newest instant.
#[derive(Clone, Copy, Debug)]
struct Asked {
    from: i64,
    days: i64,
    hold: i64,
    limit: i32,
    whole: bool,
}

type Answer = Result<(Vec<Summary>, Vec<Sample>), Error>;

impl Asked {
    fn window(self, newest: i64) -> Interval {
        let odd = if self.whole { 0 } else { 5000 };
        let from = ((newest - self.from * DAY) / DAY * DAY + odd).max(0);
        span(from, from + self.days * DAY + odd)
    }

    fn aggregate(self, view: &View, window: Interval) -> Result<Vec<Summary>, Error> {
        let Some(series) = view.series_of("a").first().cloned() else { return Ok(Vec::new()) };
        let mut piece = piece(series.id, window);
        piece.hold_ns = self.hold * SECOND;
        let limits = if self.limit > 0 { vec![Comparator::Le(f64::from(self.limit))] } else { Vec::new() };
        let plan = Plan { limits, ..Plan::whole(window) };
        Ok(view.aggregate(&[piece], &plan)?.remove(0))
    }

    fn ask(self, view: &View, window: Interval) -> Answer {
        let summaries = self.aggregate(view, window)?;
        let Some(series) = view.series_of("a").first().cloned() else { return Ok((summaries, Vec::new())) };
        Ok((summaries, view.samples(series.id, window, usize::MAX)?))
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    let hold = prop::sample::select(vec![0, 600, 1200, 7200]);
    (0i64..12, 1i64..8, hold, -40i32..40, any::<bool>()).prop_map(|(from, days, hold, limit, whole)| Asked {
        from,
        days,
        hold,
        limit,
        whole,
    })
}

fn event() -> impl Strategy<Value = Event> {
    let row = (-3000i64..9000, -40i32..40);
    prop_oneof![
        6 => prop::collection::vec(row, 1..300).prop_map(Event::Write),
        4 => (-40i32..40).prop_map(Event::Repeat),
        3 => Just(Event::Seal),
        2 => Just(Event::Maintain),
        1 => Just(Event::Reopen),
        4 => asked().prop_map(Event::Pin),
    ]
}

/// A store under test beside one that is only ever written to.
struct Pair {
    folder: tempfile::TempDir,
    store: Option<Store>,
    plain: Store,
    clock: Arc<FixedClock>,
    settings: Settings,
    newest: i64,
    last: Vec<i64>,
    _plain_folder: tempfile::TempDir,
}

impl Pair {
    fn new(rollups: Rollups) -> Self {
        let (folder, plain_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(START)));
        let rule =
            Rule { measurement: "m".to_owned(), field: "*".to_owned(), keep_ns: 3 * DAY * SECOND, rollups };
        let settings = Settings { readable_ns: 0, retention: vec![rule], ..Settings::default() };
        let store = Store::open_with(folder.path(), clock.clone(), settings.clone()).unwrap();
        let plain = super::open(plain_folder.path());
        let last = Vec::new();
        Self {
            folder,
            store: Some(store),
            plain,
            clock,
            settings,
            newest: START,
            last,
            _plain_folder: plain_folder,
        }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn reopen(&mut self) {
        self.store = None;
        let clock = self.clock.clone();
        self.store = Some(Store::open_with(self.folder.path(), clock, self.settings.clone()).unwrap());
    }

    /// Writes to both stores what the store under test takes; it may refuse what is older than what it keeps.
    fn write(&mut self, rows: &[(i64, i32)]) {
        let lines: Vec<_> = rows.iter().map(|(at, value)| format!("m,twin=a v={value}.25 {at}")).collect();
        let written = self.store().write_lines(lines.join("\n").as_bytes(), Precision::Seconds).unwrap();
        let refused: Vec<usize> = written.rejected.iter().map(|line| line.line - 1).collect();
        assert_eq!(refused.len(), written.rejected_count);
        assert!(written.rejected.iter().all(|line| line.message.contains("older than what is kept")));
        let kept = lines.iter().enumerate().filter(|(index, _)| !refused.contains(index));
        let kept: Vec<_> = kept.map(|(_, line)| line.as_str()).collect();
        assert_eq!(super::lines(&self.plain, &kept.join("\n")), Vec::<String>::new());
    }

    fn happen(&mut self, event: &Event, pins: &mut Vec<(crate::telemetry::store::pins::Pin, Asked, Answer)>) {
        match event {
            Event::Write(rows) => {
                let rows: Vec<_> =
                    rows.iter().map(|(step, value)| ((self.newest + step * 2).max(0), *value)).collect();
                self.write(&rows);
                self.newest = rows.iter().map(|row| row.0).fold(self.newest, i64::max);
                self.last = rows.into_iter().map(|row| row.0).collect();
                // Time goes by between the writes, so that samples grow old.
                self.newest += DAY;
                self.clock.set(Instant::from_seconds(self.newest));
            }
            Event::Repeat(value) => {
                let rows: Vec<_> = self.last.iter().map(|at| (*at, *value)).collect();
                self.write(&rows);
            }
            Event::Seal => self.store().seal().unwrap(),
            Event::Maintain => self.store().maintain().unwrap(),
            Event::Reopen => self.reopen(),
            Event::Pin(asked) => {
                let window = asked.window(self.newest);
                let series = self.store().now().series_of("a").into_iter().map(|series| series.id);
                let answer = asked.ask(&self.store().now(), window);
                let pin = self.store().pin(self.store().now().watermark(), window, series).unwrap();
                pins.push((pin, *asked, answer));
            }
        }
    }
}

fn check(events: &[Event], asked: &[Asked], rollups: Rollups) {
    let mut pair = Pair::new(rollups);
    let mut pins = Vec::new();
    for event in events {
        pair.happen(event, &mut pins);
        // An answer is that of the plain store, bit for bit, or a refusal.
        for asked in &asked[..1] {
            check_now(&pair, *asked);
        }
    }
    for _ in 0..2 {
        asked.iter().for_each(|asked| check_now(&pair, *asked));
        for (pin, asked, expect) in &pins {
            let view = pair.store().as_known_at(pin.watermark).unwrap();
            match (asked.ask(&view, pin.window), expect) {
                (Ok(got), Ok(expect)) => assert_eq!(got, *expect, "{pin:?}"),
                (Err(Error::Expired { .. }), Err(Error::Expired { .. })) => {}
                (got, expect) => panic!("{pin:?}: {got:?}, not {expect:?}"),
            }
        }
        pair.store().maintain().unwrap();
        pair.reopen();
    }
    assert_eq!(
        pair.store().pins().len(),
        pins.iter().map(|pin| format!("{:?}", pin.0)).collect::<std::collections::BTreeSet<_>>().len()
    );
}

fn check_now(pair: &Pair, asked: Asked) {
    let window = asked.window(pair.newest);
    let (view, plain) = (pair.store().now(), pair.plain.now());
    match asked.aggregate(&view, window) {
        Err(Error::Expired { .. }) => {
            // Nothing that is young enough is ever refused, nor whole slots of what the rollups cover.
            assert!(window.from() < Instant::from_seconds(pair.newest - 2 * DAY), "{asked:?}");
            let slots = asked.whole && pair.settings.retention[0].rollups != Rollups::Month;
            assert!(!slots || asked.limit > 0 || asked.hold != 0, "{asked:?}");
        }
        got => assert_eq!(got.unwrap(), asked.aggregate(&plain, window).unwrap(), "{asked:?}"),
    }
    match asked.ask(&view, window) {
        Err(Error::Expired { .. }) => {}
        got => assert_eq!(got.unwrap(), asked.ask(&plain, window).unwrap(), "{asked:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn an_answer_is_the_plain_one_or_refused_and_a_pinned_one_never_changes(
        events in prop::collection::vec(event(), 10..40),
        asked in prop::collection::vec(asked(), 1..8),
        rollups in prop::sample::select(vec![Rollups::Hour, Rollups::Day, Rollups::Month]),
    ) {
        check(&events, &asked, rollups);
    }
}
