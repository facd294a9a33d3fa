//! Forecasts as findings, and the life that is left.

use super::super::Bench;
use crate::model::random;
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

const DAY: i64 = 86_400;
/// 2025-01-01T00:00:00Z.
const START: i64 = 1_735_689_600;

/// Pumps of which W-1 grows hotter by a degree a day for ever, W-2 stops after thirty days, W-3 is steady, and W-4 is retired on the way.
fn pumps() -> Bench {
    let bench = Bench::new();
    let signal = json!({ "name": "temp", "property": "property/temperature", "unit": "DEG_C", "expectedPeriod": "PT6H" });
    let constraint = json!({ "id": "req/HOT#mean", "property": "property/temperature", "statistic": "MEAN", "comparator": "LE", "limit": 80, "unit": "DEG_C" });
    let mut changes = vec![
        json!({ "putProperty": { "id": "property/temperature", "title": "Temperature", "quantityKind": "Temperature" } }),
        json!({ "putRequirement": { "id": "req/HOT", "identifier": "HOT", "title": "Stay cool", "status": "APPROVED", "constraints": [constraint] } }),
        json!({ "putPart": { "id": "part/PUMP", "identifier": "PUMP" } }),
        json!({ "putDesignRevision": { "id": "pump/A", "revisionOf": "part/PUMP", "revision": "A", "status": "DRAFT", "signals": [signal], "satisfies": ["req/HOT"] } }),
        json!({ "putBuild": { "id": "lot/A", "identifier": "LOT", "realizes": "pump/A" } }),
    ];
    for number in 1..=4 {
        let mut twin = json!({ "id": format!("twin/W-{number}"), "identifier": format!("W-{number}"), "part": "part/PUMP",
            "builtBy": "lot/A", "commissionedAt": "2025-01-01T00:00:00Z" });
        if number == 4 {
            twin["retiredAt"] = json!("2025-02-05T00:00:00Z");
        }
        changes.push(json!({ "putTwinInstance": twin }));
    }
    bench.commit(&Json::Array(changes));
    let mut lines = String::new();
    for quarter in 0..4 * 70_i32 {
        let day = f64::from(quarter) / 4.0;
        // Another size on each day, so that the line is not exact.
        let word = random::mix(10, u64::from((quarter / 4).unsigned_abs()));
        let noise = 4.0 * ((word >> 11) as f64 / (1_u64 << 53) as f64) - 2.0;
        let heats = [40.0 + day, 40.0 + day.min(30.0), 45.0, 40.0 + day];
        for (unit, heat) in heats.iter().enumerate() {
            let at = START + i64::from(quarter) * DAY / 4;
            let _ = writeln!(lines, "pump,twin=W-{} temp={} {at}", unit + 1, heat + noise);
        }
    }
    bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    bench
}

fn record(bench: &Bench, to: &str, by: &str) -> Json {
    bench.tick();
    let finding = "{ title kind state requirements: requirement { identifier } forecast { twin { identifier } outcome madeAt expectedAt earliest latest expiresAt crossedAt } }";
    let query = format!(
        "mutation {{ recordForecasts(input: {{ branch: \"main\", item: \"pump/A\", constraint: \"req/HOT#mean\", by: \"{by}\",
            window: {{ from: \"2025-01-01T00:00:00Z\", to: \"{to}\" }} }}) {{ changed made {finding} settled {finding} }} }}"
    );
    bench.data(&query)["recordForecasts"].clone()
}

#[test]
fn forecasts_come_true_or_expire() {
    let bench = pumps();
    let first = record(&bench, "2025-01-31T00:00:00Z", "2025-03-01T00:00:00Z");
    let made = first["made"].as_array().expect("findings");
    assert_eq!((made.len(), &first["settled"]), (3, &json!([])), "{first}");
    let mut units: Vec<&str> =
        made.iter().filter_map(|of| of["forecast"]["twin"]["identifier"].as_str()).collect();
    units.sort_unstable();
    assert_eq!(units, ["W-1", "W-2", "W-4"]);
    let one = &made[0];
    assert_eq!((&one["kind"], &one["state"]), (&json!("FORECAST"), &json!("OPEN")));
    let forecast = &one["forecast"];
    assert_eq!(
        (&forecast["outcome"], &forecast["madeAt"]),
        (&json!("PENDING"), &json!("2025-01-31T00:00:00Z"))
    );
    assert!(
        forecast["expectedAt"]
            .as_str()
            .is_some_and(|at| at.starts_with("2025-02-1") || at.starts_with("2025-02-0")),
        "{one}"
    );
    // Asked again nothing is new.
    let again = record(&bench, "2025-01-31T00:00:00Z", "2025-03-01T00:00:00Z");
    assert_eq!(
        (&again["changed"], &again["made"], &again["settled"]),
        (&json!(0), &json!([]), &json!([])),
        "{again}"
    );
    let later = record(&bench, "2025-03-10T00:00:00Z", "2025-03-11T00:00:00Z");
    let outcome = |unit: &str| {
        let settled = later["settled"].as_array().expect("findings").iter();
        let mut own = settled.filter(|of| of["forecast"]["twin"]["identifier"] == unit);
        own.next().map(|of| of["forecast"].clone()).expect("a forecast")
    };
    assert_eq!(outcome("W-1")["outcome"], "CAME_TRUE");
    assert!(outcome("W-1")["crossedAt"].as_str().is_some_and(|at| at.starts_with("2025-02-")), "{later}");
    assert_eq!((&outcome("W-2")["outcome"], &outcome("W-2")["crossedAt"]), (&json!("EXPIRED"), &Json::Null));
    assert_eq!(outcome("W-4")["outcome"], "WITHDRAWN");
    let score = bench.data("{ thread { forecastScore(constraint: \"req/HOT#mean\") { madeCount pendingCount trueCount expiredCount withdrawnCount coverage leadHours errorHours } other: forecastScore(item: \"twin/W-3\") { madeCount coverage } } }");
    let score = &score["thread"];
    let counts = ["madeCount", "pendingCount", "trueCount", "expiredCount", "withdrawnCount"];
    assert_eq!(
        counts.map(|name| score["forecastScore"][name].clone()),
        [3, 0, 1, 1, 1].map(|count| json!(count))
    );
    assert_eq!(score["forecastScore"]["coverage"], json!(0.5));
    let lead = score["forecastScore"]["leadHours"].as_f64().expect("hours");
    assert!((150.0..400.0).contains(&lead), "{score}");
    assert_eq!(score["other"], json!({ "madeCount": 0, "coverage": null }));
}

#[test]
fn a_forecast_is_no_breach_and_only_the_service_writes_it() {
    let bench = pumps();
    record(&bench, "2025-01-31T00:00:00Z", "2025-03-01T00:00:00Z");
    bench.tick();
    let filed = bench.data("mutation { recordEvidence(input: { branch: \"main\", item: \"pump/A\", window: { from: \"2025-02-14T00:00:00Z\", to: \"2025-03-10T00:00:00Z\" } }) { filings { outcome finding { kind evidence { totalCount } } } } }");
    let filing = &filed["recordEvidence"]["filings"][0];
    assert_eq!((&filing["outcome"], &filing["finding"]["kind"]), (&json!("OPENED"), &Json::Null), "{filed}");
    let forged = bench.commit_answer(
        &json!([{ "putFinding": { "id": "finding/x", "kind": "FORECAST", "state": "OPEN" } }]),
    );
    assert_ne!(forged["errors"], Json::Null, "{forged}");
    let two = bench.ask("mutation { recordForecasts(input: { branch: \"main\", item: \"pump/A\", constraint: \"req/HOT\", by: \"2025-03-01T00:00:00Z\", window: { from: \"2025-01-01T00:00:00Z\", to: \"2025-01-31T00:00:00Z\" } }) { changed } }");
    assert!(
        two["errors"][0]["message"].as_str().is_some_and(|text| text.contains("is no Constraint")),
        "{two}"
    );
}

/// Thirty fans wear out: what they show grows with the age, and each fails where it reaches its own limit. One more is on its way.
#[test]
fn the_life_that_is_left_is_predicted() {
    let bench = Bench::new();
    let signal = |name: &str| json!({ "name": name, "property": format!("property/{name}"), "unit": "UNITLESS", "expectedPeriod": "PT1H" });
    let mut changes = vec![
        json!({ "putProperty": { "id": "property/wear", "title": "Wear" } }),
        json!({ "putProperty": { "id": "property/noise", "title": "Noise" } }),
        json!({ "putPart": { "id": "part/FAN", "identifier": "FAN" } }),
        json!({ "putDesignRevision": { "id": "fan/A", "revisionOf": "part/FAN", "revision": "A", "status": "DRAFT", "signals": [signal("wear"), signal("noise")] } }),
        json!({ "putBuild": { "id": "lot/A", "identifier": "LOT", "realizes": "fan/A" } }),
    ];
    let mut lines = String::new();
    for number in 0..31_i64 {
        let (life, seen) = if number == 30 { (80, 60) } else { (60 + (number * 37) % 41, 200) };
        changes.push(json!({ "putTwinInstance": { "id": format!("twin/F-{number}"), "identifier": format!("F-{number}"), "part": "part/FAN",
            "builtBy": "lot/A", "commissionedAt": "2025-01-01T00:00:00Z" } }));
        if number < 30 {
            let day = 1 + life / 24;
            changes.push(json!({ "putFieldEvent": { "id": format!("event/{number}"), "twin": format!("twin/F-{number}"), "kind": "FAILURE",
                "at": format!("2025-01-{day:02}T{:02}:00:00Z", life % 24) } }));
        }
        for hour in 0..life.min(seen) {
            let worn = (40 - (life - hour)).max(0) as f64 / 40.0;
            let noise = ((number * 13 + hour * 29) % 17) as f64 / 17.0;
            let _ = writeln!(
                lines,
                "fan,twin=F-{number} wear={},noise={noise} {}",
                worn + 0.1 * noise,
                START + hour * 3600
            );
        }
    }
    bench.commit(&Json::Array(changes));
    bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    let query = |properties: &str, to: &str| {
        format!("{{ thread {{ designRevision(id: \"fan/A\") {{ predictRemaining(properties: [{properties}], bucket: \"PT1H\",
            window: {{ from: \"2025-01-01T00:00:00Z\", to: \"{to}\" }}) {{ failedCount unitCount cap shortfall trialCount error(leftAtMost: 40)
            units {{ nodes {{ serial until age pointCount remaining low high healthIndex }} }} }} }} }} }}")
    };
    let ask = |properties: &str, to: &str| {
        bench.data(&query(properties, to))["thread"]["designRevision"]["predictRemaining"].clone()
    };
    let both = "\"property/wear\", \"property/noise\"";
    let found = ask(both, "2025-01-10T00:00:00Z");
    assert_eq!(
        (&found["failedCount"], &found["unitCount"], &found["trialCount"], &found["shortfall"]),
        (&json!(30), &json!(1), &json!(150), &Json::Null)
    );
    let unit = &found["units"]["nodes"][0];
    assert_eq!(
        (&unit["serial"], &unit["age"], &unit["pointCount"], &unit["until"]),
        (&json!("F-30"), &json!(60.0), &json!(60), &json!("2025-01-03T12:00:00Z"))
    );
    let figure = |name: &str| unit[name].as_f64().expect("a number");
    assert!(
        (figure("remaining") - 20.0).abs() < 5.0 && figure("low") <= 20.0 && figure("high") >= 20.0,
        "{unit}"
    );
    assert!(found["error"].as_f64().is_some_and(|error| error < 10.0), "{found}");
    assert_eq!(found, ask(both, "2025-01-10T00:00:00Z"));
    let early = ask(both, "2025-01-03T10:00:00Z");
    assert!(early["shortfall"].as_str().is_some_and(|text| text.contains("5 are enough")), "{early}");
    assert_eq!(early["units"]["nodes"][0]["remaining"], Json::Null);
    assert!(bench.error(&query("", "2025-01-10T00:00:00Z"), "BAD_INPUT").to_string().contains("1 to 50"));
}
