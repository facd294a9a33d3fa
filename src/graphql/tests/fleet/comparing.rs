//! Cohorts compared over GraphQL.

use crate::graphql::tests::Bench;
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};

const WINDOW: &str = "{from: \"2025-01-01T00:00:00Z\", to: \"2025-01-02T00:00:00Z\"}";

/// Two revisions of a pump, six units each, hourly for a day: A at 61 to 66 °C, B at 51 to 56 °C.
fn pumps() -> Bench {
    let bench = Bench::new();
    let signal = json!({ "name": "temp", "property": "property/temperature", "unit": "DEG_C", "expectedPeriod": "PT1H" });
    let revision = |name: &str| json!({ "putDesignRevision": { "id": format!("pump/{name}"), "revisionOf": "part/PUMP", "revision": name, "status": "DRAFT", "signals": [signal] } });
    let lot = |name: &str| json!({ "putBuild": { "id": format!("lot/{name}"), "identifier": name, "realizes": format!("pump/{name}") } });
    let mut changes = vec![
        json!({ "putProperty": { "id": "property/temperature", "title": "Temperature", "quantityKind": "Temperature" } }),
        json!({ "putProperty": { "id": "property/yaw", "title": "Yaw", "quantityKind": "Direction" } }),
        json!({ "putPart": { "id": "part/PUMP", "identifier": "PUMP" } }),
    ];
    changes.extend(["A", "B"].into_iter().flat_map(|name| [revision(name), lot(name)]));
    let mut lines = String::new();
    for (name, heat) in [("A", 60), ("B", 50)] {
        for number in 1..=6 {
            let serial = format!("{name}-{number}");
            let site = if number % 2 == 0 { "north" } else { "south" };
            changes.push(json!({ "putTwinInstance": { "id": format!("twin/{serial}"), "identifier": serial, "part": "part/PUMP",
                "builtBy": format!("lot/{name}"), "site": site, "commissionedAt": "2025-01-01T00:00:00Z" } }));
            for hour in 0..24 {
                let at = 1_735_689_600_i64 + hour * 3600;
                lines.push_str(&format!("pump,twin={serial} temp={} {at}\n", heat + number));
            }
        }
    }
    bench.commit(&Json::Array(changes));
    let written = bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    assert_eq!(written.rejected.len(), 0);
    bench
}

fn query(arguments: &str, fields: &str) -> String {
    format!("{{ thread {{ compare({arguments}) {{ {fields} }} }} }}")
}

fn revisions(more: &str) -> String {
    format!(
        "property: \"property/temperature\", window: {WINDOW}, left: {{item: \"pump/A\"}}, right: {{item: \"pump/B\"}}{more}"
    )
}

#[test]
fn revisions_are_compared_in_one_request() {
    let bench = pumps();
    let fields = "verdict difference resolution pairedUnitCount hedgesG cliffsDelta statistic transform unit { symbol } property { iri }
        interval { low high shareBelowZero confidence resamples seed }
        left { item { __typename iri } from to unitCount countedUnitCount shortfall hours mean median stddev }
        right { units(first: 1) { nodes { serial value hours counts unit { iri } } } account { observedHours } }";
    let found = bench.data(&query(&revisions(", seed: -7"), fields))["thread"]["compare"].clone();
    let interval = found["interval"].clone();
    assert!(
        interval["low"].as_f64().expect("low") < -10.0 && interval["high"].as_f64().expect("high") > -10.0,
        "{interval}"
    );
    let given = ["shareBelowZero", "confidence", "resamples", "seed"].map(|name| interval[name].clone());
    assert_eq!(given, [json!(1.0), json!(0.95), json!(10_000), json!("-7")]);
    let figures =
        ["verdict", "difference", "resolution", "pairedUnitCount", "cliffsDelta", "statistic", "transform"];
    assert_eq!(
        figures.map(|name| found[name].clone()),
        [json!("LOWER"), json!(-10.0), json!(0.0), json!(0), json!(-1.0), json!("MEAN"), json!("NONE")]
    );
    assert!(found["hedgesG"].as_f64().is_some_and(|g| (-5.0..-4.0).contains(&g)), "{found}");
    assert_eq!(
        (&found["unit"]["symbol"], &found["property"]["iri"]),
        (&json!("°C"), &json!("property/temperature"))
    );
    assert_eq!(
        found["left"],
        json!({ "item": { "__typename": "PlainDesignRevision", "iri": "pump/A" }, "from": "2025-01-01T00:00:00Z", "to": "2025-01-02T00:00:00Z",
            "unitCount": 6, "countedUnitCount": 6, "shortfall": null, "hours": 144.0, "mean": 63.5, "median": 63.5, "stddev": 3.5_f64.sqrt() })
    );
    assert_eq!(
        found["right"],
        json!({ "units": { "nodes": [{ "serial": "B-1", "value": 51.0, "hours": 24.0, "counts": true, "unit": { "iri": "twin/B-1" } }] },
            "account": { "observedHours": 144.0 } })
    );
}

#[test]
fn sites_lots_and_periods_are_cohorts() {
    let bench = pumps();
    let check = |sides: &str, units: u64, difference: f64, verdict: &str| {
        let arguments = format!("property: \"property/temperature\", window: {WINDOW}, {sides}");
        let found = bench.data(&query(&arguments, "verdict difference left { countedUnitCount }"))["thread"]
            ["compare"]
            .clone();
        assert_eq!(
            found,
            json!({ "verdict": verdict, "difference": difference, "left": { "countedUnitCount": units } }),
            "{sides}"
        );
    };
    let part = "item: \"part/PUMP\"";
    check(
        &format!(
            "left: {{{part}, among: {{site: {{eq: \"north\"}}}}}}, right: {{{part}, among: {{site: {{eq: \"south\"}}}}}}"
        ),
        6,
        -1.0,
        "NO_DIFFERENCE",
    );
    check("left: {item: \"lot/A\"}, right: {item: \"lot/B\"}", 6, -10.0, "LOWER");
    check(
        &format!("left: {{{part}, among: {{builtBy: {{eq: \"lot/A\"}}}}}}, right: {{item: \"lot/B\"}}"),
        6,
        -10.0,
        "LOWER",
    );
    let night = "window: {from: \"2025-01-01T12:00:00Z\", to: \"2025-01-02T00:00:00Z\"}";
    check(&format!("left: {{{part}}}, right: {{{part}, {night}}}"), 12, 0.0, "NO_DIFFERENCE");
    check("left: {item: \"twin/A-1\"}, right: {item: \"twin/B-1\"}", 1, -10.0, "UNKNOWN");
    let short = bench.data(&query(
        &format!("property: \"property/temperature\", window: {WINDOW}, left: {{item: \"twin/A-1\"}}, right: {{item: \"pump/B\"}}"),
        "interval { low } hedgesG left { shortfall } right { shortfall }",
    ));
    let short = &short["thread"]["compare"];
    assert_eq!(
        (&short["interval"], &short["hedgesG"], &short["right"]["shortfall"]),
        (&Json::Null, &Json::Null, &Json::Null)
    );
    assert!(
        short["left"]["shortfall"].as_str().is_some_and(|text| text.starts_with("1 of 1 units")),
        "{short}"
    );
}

#[test]
fn arguments_shape_the_comparison() {
    let bench = pumps();
    let ask =
        |more: &str, fields: &str| bench.data(&query(&revisions(more), fields))["thread"]["compare"].clone();
    let kelvin = ask(", unit: \"K\", statistic: P95", "difference unit { symbol } resolution left { mean }");
    assert_eq!(kelvin["unit"]["symbol"], "K");
    // Few different values: the percentiles are exact, whatever the offset of the unit.
    assert!((kelvin["difference"].as_f64().expect("a difference") + 10.0).abs() < 1e-9, "{kelvin}");
    assert_eq!(kelvin["resolution"], 0.0, "{kelvin}");
    let condition =
        ", while: [{property: \"property/temperature\", comparator: GE, limit: 62, unit: \"DEG_C\"}]";
    let warm = ask(condition, "verdict left { countedUnitCount mean } right { countedUnitCount shortfall }");
    assert_eq!(warm["left"], json!({ "countedUnitCount": 5, "mean": 64.0 }));
    assert_eq!((&warm["verdict"], &warm["right"]["countedUnitCount"]), (&json!("UNKNOWN"), &json!(0)));
    let verdict = |more: &str| ask(more, "verdict")["verdict"].clone();
    assert_eq!((verdict(", unitsMin: 6"), verdict(", unitsMin: 7")), (json!("LOWER"), json!("UNKNOWN")));
    let width = |more: &str| {
        let found = ask(more, "interval { low high }")["interval"].clone();
        found["high"].as_f64().expect("high") - found["low"].as_f64().expect("low")
    };
    assert!(width(", confidence: 0.5") < width("") && width("") < width(", confidence: 0.999"));
    assert_eq!(
        ask(", resamples: 1000, seed: 3", "interval { low high }"),
        ask(", resamples: 1000, seed: 3", "interval { low high }")
    );
}

#[test]
fn a_partly_instrumented_fleet_is_compared_by_the_units_that_report() {
    let bench = pumps();
    let silent = |number: u32| {
        json!({ "putTwinInstance": { "id": format!("twin/S-{number}"), "identifier": format!("S-{number}"), "part": "part/PUMP",
            "builtBy": "lot/A", "commissionedAt": "2025-01-01T00:00:00Z" } })
    };
    bench.commit(&(1..=7).map(silent).collect());
    let check = |more: &str, verdict: &str, shortfall: &Json| {
        let fields = "verdict left { unitCount countedUnitCount shortfall account { units: unitCount reportingUnits: reportingUnitCount silentUnits: silentUnitCount silentHours } }";
        let found = bench.data(&query(&revisions(more), fields))["thread"]["compare"].clone();
        let account = json!({ "units": 13, "reportingUnits": 6, "silentUnits": 7, "silentHours": 168.0 });
        let left =
            json!({ "unitCount": 13, "countedUnitCount": 6, "shortfall": shortfall, "account": account });
        assert_eq!(found, json!({ "verdict": verdict, "left": left }), "{more}");
    };
    let short = json!("6 of 13 units were observed enough: each side needs 5, and 50 % of those in service");
    check("", "UNKNOWN", &short);
    check(", unitShare: 0.4", "LOWER", &Json::Null);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let bench = pumps();
    let check = |arguments: &str, code: &str| {
        bench.error(&query(arguments, "verdict"), code);
    };
    let heat = "property: \"property/temperature\"";
    check(
        &format!(
            "{heat}, window: {WINDOW}, left: {{item: \"pump/A\"}}, right: {{item: \"pump/A\", window: {WINDOW}}}"
        ),
        "BAD_INPUT",
    );
    check(
        &format!("{heat}, left: {{item: \"pump/A\"}}, right: {{item: \"pump/B\", window: {WINDOW}}}"),
        "BAD_INPUT",
    );
    let backwards = "{from: \"2025-01-02T00:00:00Z\", to: \"2025-01-01T00:00:00Z\"}";
    check(
        &format!("{heat}, window: {backwards}, left: {{item: \"pump/A\"}}, right: {{item: \"pump/B\"}}"),
        "BAD_INPUT",
    );
    check(
        &format!(
            "{heat}, window: {WINDOW}, left: {{item: \"pump/A\", window: {backwards}}}, right: {{item: \"pump/B\"}}"
        ),
        "BAD_INPUT",
    );
    let yaw = format!(
        "property: \"property/yaw\", window: {WINDOW}, left: {{item: \"pump/A\"}}, right: {{item: \"pump/B\"}}"
    );
    check(&yaw, "BAD_INPUT");
    check(&format!("{yaw}, statistic: P95"), "BAD_INPUT");
    check(&revisions(", confidence: 1"), "BAD_INPUT");
    check(&revisions(", resamples: 10"), "BAD_INPUT");
    check(&revisions(", resamples: -1"), "BAD_INPUT");
    check(&revisions(", unitsMin: 1"), "BAD_INPUT");
    check(&revisions(", unitShare: 1.5"), "BAD_INPUT");
    check(&revisions(", confidence: 0.999, resamples: 1000"), "BAD_INPUT");
    check(&revisions(", unit: \"KiloPA\""), "BAD_INPUT");
    check(
        &revisions(", while: [{property: \"property/temperature\", comparator: GT, limit: 80}]"),
        "BAD_INPUT",
    );
    check(
        &format!("{heat}, window: {WINDOW}, left: {{item: \"pump/A\"}}, right: {{item: \"pump/Z\"}}"),
        "NOT_FOUND",
    );
}
