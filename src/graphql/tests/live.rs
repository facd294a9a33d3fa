//! The subscription to margins, looked at by hand: what wakes it, when it judges, what it reports.

use super::{Bench, turn};
use crate::app::App;
use crate::graphql::live::{Polled, Started, Subscription};
use crate::graphql::query::Query;
use crate::graphql::service::Service;
use crate::model::time::clock::{Clock as _, FixedClock};
use crate::model::time::instant::Instant;
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// A fan whose windings must keep below 100 °C on average, two of it in service.
struct Watched {
    service: Arc<Service>,
    bench: Bench,
    runtime: Runtime,
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).expect("an answer is JSON")
}

const START: i64 = 1_767_225_600;

impl Watched {
    fn new() -> Self {
        let bench = Bench::new();
        let limit = json!({ "property": "property/heat", "statistic": "MEAN", "comparator": "LE", "limit": 100, "unit": "DEG_C", "scope": "FLEET" });
        let heat =
            json!({ "name": "t", "property": "property/heat", "unit": "DEG_C", "expectedPeriod": "PT10M" });
        let fan = |id: &str| json!({ "putTwinInstance": { "id": format!("twin/{id}"), "identifier": id, "part": "part/FAN", "builtBy": "lot/F", "commissionedAt": "2025-12-31T00:00:00Z" } });
        bench.commit(&json!([
            { "putProperty": { "id": "property/heat", "title": "Winding temperature", "quantityKind": "Temperature" } },
            { "putRequirement": { "id": "req/R", "identifier": "R", "constraints": [limit] } },
            { "putPart": { "id": "part/FAN", "identifier": "FAN" } },
            { "putDesignRevision": { "id": "part/FAN/A", "revisionOf": "part/FAN", "revision": "A", "satisfies": ["req/R"], "signals": [heat] } },
            { "putBuild": { "id": "lot/F", "identifier": "L-F", "realizes": "part/FAN/A" } },
            fan("F-1"),
            { "putTwinInstance": { "id": "twin/OTHER", "identifier": "OTHER" } },
        ]));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let app: Arc<App> = Arc::clone(&bench.app);
        Self { service: Arc::new(Service::new(app).expect("a service")), bench, runtime }
    }

    fn begin(&self, arguments: &str) -> Started {
        let fields = "value below at watermark commit { id } margin { verdict design { iri } requirement { identifier } observed }";
        let query = format!("subscription {{ margins(requirement: \"req/R\", {arguments}) {{ {fields} }} }}");
        let query = Query { query: Some(query), ..Query::default() };
        self.runtime.block_on(async {
            Arc::clone(&self.service).begin(self.service.local(), query, turn().await).await
        })
    }

    fn subscribe(&self, arguments: &str) -> Subscription {
        match self.begin(arguments) {
            Started::Subscribed(subscription) => subscription,
            other => panic!("{other:?}"),
        }
    }

    fn look(&self, subscription: &mut Subscription) -> Polled {
        self.runtime.block_on(async { subscription.look(turn().await).await })
    }

    /// Waits for what must have rung already.
    fn woken(&self, subscription: &Subscription) {
        let wait = async { tokio::time::timeout(Duration::from_secs(60), subscription.woken()).await };
        self.runtime.block_on(wait).expect("it is woken");
    }

    fn value(&self, subscription: &mut Subscription) -> f64 {
        match self.look(subscription) {
            Polled::Answer(answer) => {
                let answer = json(&answer);
                answer["data"]["margins"]["value"].as_f64().unwrap_or_else(|| panic!("{answer}"))
            }
            other => panic!("{other:?}"),
        }
    }

    fn nothing(&self, subscription: &mut Subscription) {
        let polled = self.look(subscription);
        assert!(matches!(polled, Polled::Nothing), "{polled:?}");
    }

    /// Moves the clock to an hour after the start, and sends that hour at a temperature, unless it was quiet.
    fn hour(&self, hour: i64, temperature: Option<f64>) {
        let clock: &FixedClock = &self.bench.clock;
        clock.set(Instant::from_seconds(START + (hour + 1) * 3600));
        let Some(temperature) = temperature else { return };
        let lines: Vec<String> = (0..6)
            .map(|step| format!("m,twin=F-1 t={temperature} {}", START + hour * 3600 + step * 600))
            .collect();
        self.send(&lines.join("\n"));
    }

    fn send(&self, lines: &str) {
        let written = self.bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("written");
        assert_eq!(written.rejected_count, 0);
    }
}

#[test]
fn a_margin_that_crosses_is_reported_once_until_it_has_come_back() {
    let watched = Watched::new();
    let mut plain = watched.subscribe("window: \"PT1H\", below: 10");
    let mut wary = watched.subscribe("window: \"PT1H\", below: 10, hysteresis: 20");
    watched.nothing(&mut plain);
    watched.nothing(&mut wary);
    let mut reported = (Vec::new(), Vec::new());
    // Each hour fills the sliding window alone: 20, 5, 2, 15, 5, 40, 5 below the limit; then one without a value.
    for (hour, temperature) in [80.0, 95.0, 98.0, 85.0, 95.0, 60.0, 95.0].into_iter().enumerate() {
        watched.hour(hour as i64, Some(temperature));
        for (subscription, reported) in [(&mut plain, &mut reported.0), (&mut wary, &mut reported.1)] {
            watched.woken(subscription);
            while let Polled::Answer(answer) = watched.look(subscription) {
                let answer = json(&answer);
                let crossing = &answer["data"]["margins"];
                assert_eq!(crossing["margin"]["verdict"], "CONFORMS", "{answer}");
                assert_eq!(crossing["margin"]["design"], json!({ "iri": "part/FAN/A" }));
                assert_eq!(crossing["margin"]["observed"], temperature);
                assert_eq!(crossing["below"], 10.0);
                reported.push((hour, crossing["value"].as_f64().expect("a number")));
            }
        }
    }
    assert_eq!(reported.0, [(1, 5.0), (4, 5.0), (6, 5.0)]);
    assert_eq!(reported.1, [(1, 5.0), (6, 5.0)]);
    // An hour without samples concludes nothing, so that the margin is still where it was.
    watched.hour(7, None);
    watched.bench.commit(&json!([{ "putPart": { "id": "part/X", "identifier": "X" } }]));
    watched.nothing(&mut plain);
    watched.hour(8, Some(95.0));
    watched.nothing(&mut plain);
}

#[test]
fn what_comes_in_a_pause_is_judged_together_after_it() {
    let watched = Watched::new();
    watched.hour(0, Some(80.0));
    let mut subscription = watched.subscribe("window: \"PT2H\", below: 10, pause: \"PT5M\"");
    watched.nothing(&mut subscription);
    let now = watched.bench.clock.now();
    let hot = |step: i64| watched.send(&format!("m,twin=F-1 t=200 {}", START + 3600 + step * 600));
    watched.bench.clock.set(now.plus_nanos(60_000_000_000));
    // What others send wakes nobody and is nothing to judge.
    watched.send(&format!("m,twin=OTHER t=200 {}", START + 3600));
    watched.nothing(&mut subscription);
    for step in 0..3 {
        hot(step - 3);
        watched.woken(&subscription);
        let polled = watched.look(&mut subscription);
        assert!(matches!(polled, Polled::Later(wait) if wait == Duration::from_secs(240)), "{polled:?}");
    }
    watched.bench.clock.set(now.plus_nanos(300_000_000_000));
    // Half of the hour at 80, half of it at 200.
    assert_eq!(watched.value(&mut subscription), -40.0);
    watched.nothing(&mut subscription);
    // A clock that was set back does not hold it for ever.
    watched.bench.clock.set(now);
    hot(-1);
    watched.nothing(&mut subscription);
}

#[test]
fn one_that_is_below_is_reported_at_once_and_commits_count() {
    let watched = Watched::new();
    watched.hour(0, Some(80.0));
    let mut percent = watched.subscribe("window: \"PT1H\", below: 25, measure: DISTANCE_PERCENT");
    assert_eq!(watched.value(&mut percent), 20.0);
    let mut subscription = watched.subscribe("window: \"PT1H\", below: 10, sufficiency: {hours: 0.5}");
    watched.nothing(&mut subscription);
    // A tightened limit crosses without a new sample; the pause is over by then.
    watched.bench.clock.set(watched.bench.clock.now().plus_nanos(2_000_000_000));
    let limit = json!({ "property": "property/heat", "statistic": "MEAN", "comparator": "LE", "limit": 85, "unit": "DEG_C", "scope": "FLEET" });
    let commit =
        watched.bench.commit(&json!([{ "putRequirement": { "id": "req/R", "constraints": [limit] } }]));
    watched.woken(&subscription);
    let Polled::Answer(answer) = watched.look(&mut subscription) else { panic!("nothing is reported") };
    let answer = json(&answer);
    let crossing = &answer["data"]["margins"];
    assert_eq!((&crossing["value"], &crossing["commit"]["id"]), (&json!(5.0), &json!(commit)));
    // A unit that is commissioned later is heard from then on.
    watched.bench.commit(&json!([{ "putTwinInstance": { "id": "twin/F-2", "identifier": "F-2", "part": "part/FAN", "builtBy": "lot/F", "commissionedAt": "2026-01-01T00:30:00Z" } }]));
    watched.bench.clock.set(watched.bench.clock.now().plus_nanos(2_000_000_000));
    watched.nothing(&mut subscription);
    watched.send(&format!("m,twin=F-2 t=60 {}", START + 1800));
    watched.woken(&subscription);
    assert!(matches!(watched.look(&mut subscription), Polled::Later(_)));
}

#[test]
fn a_subscription_to_margins_ends_with_its_requirement_and_refuses_nonsense() {
    let watched = Watched::new();
    let mut subscription = watched.subscribe("window: \"PT1H\", below: 10");
    watched.nothing(&mut subscription);
    watched.bench.commit(&json!([
        { "unlink": { "from": "part/FAN/A", "property": "satisfies", "to": "req/R" } }, { "retire": "req/R" }
    ]));
    let polled = watched.look(&mut subscription);
    assert!(matches!(polled, Polled::End), "{polled:?}");
    let check = |arguments: &str, code: &str| match watched.begin(arguments) {
        Started::Refused(errors) => {
            assert_eq!(errors[0]["extensions"]["code"], code, "{arguments}: {errors:?}");
        }
        other => panic!("{arguments}: {other:?}"),
    };
    check("window: \"PT1H\", below: 10", "NOT_FOUND");
    watched.bench.commit(&json!([{ "putRequirement": { "id": "req/R", "identifier": "R" } }]));
    check("window: \"PT0S\", below: 10", "BAD_INPUT");
    check("window: \"PT1H\", below: 10, pause: \"PT0.1S\"", "BAD_INPUT");
    check("window: \"PT1H\", below: 10, hysteresis: -1", "BAD_INPUT");
    check("window: \"PT1H\", below: 10, sufficiency: {share: 2}", "BAD_INPUT");
    check("window: \"soon\", below: 10", "BAD_INPUT");
}
