//! The health of the data: series that stop, lie, change their unit, are ahead of time, or mean nothing become findings, and are closed
//! when the fault is over.

use super::actions::Plant;
use oxigraph::model::{Literal, NamedNodeRef};
use serde_json::{Value, json};
use throughline::graph::CommitRequest;
use throughline::model::statement::Statement;
use throughline::model::statement::change::Change;
use throughline::model::time::instant::Instant;
use throughline::ontology::terms::tl;
use throughline::telemetry::Precision;

/// 2026-01-01T00:00:00Z, which the clock of the tests shows.
const NEW_YEAR: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

impl Plant {
    fn look(&self) -> Value {
        let run = self.mutate(
            "runDataMonitors(input: {}) { run { faults { kind series seen twin { identifier } } opened { iri kind state name from twin { identifier } } closed { iri } commit { message } } }",
        );
        run["runDataMonitors"]["run"].clone()
    }

    fn line(&self, line: &str) {
        let written = self.world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("an ingest");
        assert!(written.rejected.is_empty(), "{line}");
    }

    /// Sends hourly samples of P-2 in a day after New Year, to its last hour.
    fn day(&self, day: i64, value: impl Fn(i64) -> f64) {
        for hour in 0..24 {
            self.line(&format!("m,twin=P-2 temp={} {}", value(hour), NEW_YEAR + DAY * day + 3600 * hour));
        }
    }
}

fn kinds(run: &Value) -> Vec<String> {
    let faults = run["faults"].as_array().expect("faults").iter();
    faults
        .map(|fault| {
            format!(
                "{} {}",
                fault["kind"].as_str().expect("a kind"),
                fault["series"].as_str().expect("a series")
            )
        })
        .collect()
}

#[test]
fn a_series_that_stops_is_stale_until_it_sends_again() {
    let plant = Plant::new();
    plant.day(0, |_| 60.0);
    plant.at(1);
    let run = plant.look();
    assert_eq!(kinds(&run), ["STALE P-1 m temp"], "P-1 sent last in December, P-2 an hour ago");
    let opened = &run["opened"][0];
    assert_eq!(
        (&opened["kind"], &opened["state"], &opened["from"], &opened["twin"]["identifier"]),
        (&json!("STALE"), &json!("OPEN"), &json!("2025-12-10T00:00:00Z"), &json!("P-1"))
    );
    let again = plant.look();
    assert_eq!((&again["opened"], &again["commit"]), (&json!([]), &json!(null)), "once");
    let finding = opened["iri"].as_str().expect("a name").to_owned();
    plant.send("P-1", 60, NEW_YEAR + DAY - 3600);
    let over = plant.look();
    assert_eq!(over["closed"][0]["iri"], json!(finding));
    plant.at(2);
    let stale = plant.look();
    assert_eq!(kinds(&stale), ["STALE P-1 m temp", "STALE P-2 m temp"]);
    assert!(
        stale["opened"].as_array().expect("opened").iter().all(|one| one["iri"] != json!(finding)),
        "a new one"
    );
}

#[test]
fn a_fault_that_was_dismissed_is_not_found_again_while_it_goes_on() {
    let plant = Plant::new();
    plant.at(1);
    let finding = plant.look()["opened"][0]["iri"].as_str().expect("a name").to_owned();
    let decide = format!(
        r#"decideDataFinding(input: {{ finding: "{finding}", decision: DISMISS, reason: "laid up", author: {{ name: "Anna", email: "anna@plant.example" }} }}) {{ finding {{ state decidedBy }} }}"#
    );
    assert_eq!(
        plant.mutate(&decide)["decideDataFinding"]["finding"],
        json!({ "state": "DISMISSED", "decidedBy": "Anna <anna@plant.example>" })
    );
    assert!(plant.refusal(&decide).starts_with("CONFLICT"));
    assert_eq!(plant.look()["commit"], json!(null));
    let forged = plant.world.ask(
        &format!(r#"mutation {{ commit(input: {{ message: "x", changes: [{{ putDataFinding: {{ id: "{finding}", state: CLOSED }} }}] }}) {{ changed }} }}"#),
        json!({}),
    );
    assert!(forged["errors"][0]["message"].as_str().is_some_and(|text| text.contains("only ")), "{forged}");
}

#[test]
fn another_unit_is_found_and_a_hotter_day_is_not() {
    let check = |value: fn(i64) -> f64, expect: &[&str]| {
        let plant = Plant::new();
        plant.clock.set(Instant::from_seconds(NEW_YEAR + 2 * DAY - 1800));
        plant.send("P-1", 60, NEW_YEAR + 2 * DAY - 3600);
        let noise = |hour: i64| 60.0 + f64::from(i32::try_from(hour % 5).expect("small"));
        plant.day(0, noise);
        plant.day(1, value);
        assert_eq!(kinds(&plant.look()), expect);
    };
    check(|hour| 60.0 + (hour % 5) as f64, &[]);
    check(|hour| 66.0 + (hour % 5) as f64, &[]);
    check(|hour| 333.15 + (hour % 5) as f64, &["UNIT_JUMP P-2 m temp"]);
    check(|hour| 140.0 + 1.8 * (hour % 5) as f64, &["UNIT_JUMP P-2 m temp"]);
}

#[test]
fn clocks_ahead_and_values_beyond_the_sensor_are_found() {
    let plant = Plant::new();
    let signal = plant.world.app.snapshot("main").expect("main").expand("pump/A#temp").expect("a name");
    let bound = |predicate: NamedNodeRef<'_>, value: i64| {
        Change::Add(Statement::new(signal.clone(), predicate.into_owned(), Literal::from(value)))
    };
    let changes = vec![bound(tl::PLAUSIBLE_MIN, -40), bound(tl::PLAUSIBLE_MAX, 200)];
    let request = CommitRequest { branch: "main".to_owned(), changes, ..CommitRequest::default() };
    plant.world.app.commit_as(&request).expect("a range");
    plant.clock.set(Instant::from_seconds(NEW_YEAR + DAY - 1800));
    plant.day(0, |hour| if hour == 7 { 9999.0 } else { 60.0 });
    plant.send("P-1", 60, NEW_YEAR + DAY + 7200);
    let run = plant.look();
    assert_eq!(kinds(&run), ["CLOCK_AHEAD P-1 m temp", "OUT_OF_RANGE P-2 m temp"], "{run}");
    assert!(
        run["faults"][1]["seen"]
            .as_str()
            .expect("seen")
            .contains("1 samples since 2026-01-01T00:00:00Z are outside -40 to 200"),
        "{run}"
    );
}

#[test]
fn a_series_that_nobody_has_bound_for_a_day_is_found() {
    let plant = Plant::new();
    plant.at(2);
    plant.send("P-1", 60, NEW_YEAR + 2 * DAY - 3600);
    plant.line(&format!("m,twin=P-2 pressure=3 {NEW_YEAR}"));
    plant.line(&format!("m,twin=P-2 flow=3 {}", NEW_YEAR + 2 * DAY - 7200));
    plant.line(&format!("m,twin=P-2 pressure=3 {}", NEW_YEAR + 2 * DAY - 3600));
    assert_eq!(kinds(&plant.look()), ["UNBOUND P-2 m pressure"], "flow is new");
}
