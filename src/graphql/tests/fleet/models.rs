//! Models against the field: residuals, what cannot be predicted, refused models, and constraints on residuals.

use super::super::Bench;
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

const WINDOW: &str = r#"window: { from: "2025-01-01T00:00:00Z", to: "2025-01-03T00:00:00Z" }"#;

fn model(expression: &str, unit: &str) -> Json {
    json!({ "id": "fan/A#power", "property": "property/power", "unit": unit, "form": "EXPRESSION", "expression": expression, "uncertainty": 0.1,
        "inputs": [{ "name": "v", "property": "property/speed", "unit": "KiloM-PER-HR", "lower": 0, "upper": 72 }] })
}

/// Two fans over two days: F-1 takes what its model predicts, F-2 a kilowatt more; the speed of F-2 is silent for six hours, and too high for
/// the model for five.
fn fans() -> Bench {
    let bench = Bench::new();
    let signal = |name: &str, property: &str, unit: &str| json!({ "name": name, "property": property, "unit": unit, "expectedPeriod": "PT1H" });
    let constraint = json!({ "id": "req/FIT#residual", "property": "property/power", "residualOf": "fan/A#power", "transform": "ABS", "statistic": "P95",
        "comparator": "LE", "limit": 500, "unit": "W" });
    let mut changes = vec![
        json!({ "putProperty": { "id": "property/power", "title": "Power", "quantityKind": "Power" } }),
        json!({ "putProperty": { "id": "property/speed", "title": "Air speed", "quantityKind": "Speed" } }),
        json!({ "putPart": { "id": "part/FAN", "identifier": "FAN" } }),
        json!({ "putDesignRevision": { "id": "fan/A", "revisionOf": "part/FAN", "revision": "A", "status": "DRAFT", "satisfies": ["req/FIT"],
            "signals": [signal("power", "property/power", "KiloW"), signal("speed", "property/speed", "M-PER-SEC")],
            "models": [model("2 [kg/m³] * 0.5 [m²] * v^3", "KiloW")] } }),
        json!({ "putRequirement": { "id": "req/FIT", "identifier": "FIT", "title": "As simulated", "status": "APPROVED", "constraints": [constraint] } }),
        json!({ "putBuild": { "id": "lot/A", "identifier": "LOT", "realizes": "fan/A" } }),
    ];
    let mut lines = String::new();
    for unit in 1..=2_i64 {
        changes.push(json!({ "putTwinInstance": { "id": format!("twin/F-{unit}"), "identifier": format!("F-{unit}"), "part": "part/FAN",
            "builtBy": "lot/A", "commissionedAt": "2025-01-01T00:00:00Z" } }));
        for hour in 0..48_i64 {
            let at = 1_735_689_600 + hour * 3600;
            let is_fast = unit == 2 && (20..25).contains(&hour);
            let speed = if is_fast { 30.0 } else { 10.0 + (hour % 5) as f64 };
            let power = speed * speed * speed / 1000.0 + if unit == 2 { 1.0 } else { 0.0 };
            let _ = writeln!(lines, "fan,twin=F-{unit} power={power} {at}");
            if unit == 1 || !(0..6).contains(&hour) {
                let _ = writeln!(lines, "fan,twin=F-{unit} speed={speed} {at}");
            }
        }
    }
    bench.commit(&Json::Array(changes));
    bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    bench
}

#[test]
fn what_is_observed_is_compared_with_what_is_predicted() {
    let bench = fans();
    let query = |item: &str, model: &str| {
        format!("{{ thread {{ designRevision(id: \"{item}\") {{ residuals(model: \"{model}\", {WINDOW}) {{ unit {{ symbol }} uncertainty unitCount predictedBucketCount unobservedBucketCount
        missingInputBucketCount outsideBucketCount undefinedBucketCount residual {{ count mean }} predicted {{ greatest }}
        units {{ nodes {{ serial missingInputBucketCount outsideBucketCount driftPerDay residual {{ count mean deviation least median greatest }} points(first: 1) {{ totalCount nodes {{ from predicted observed residual }} }} }} }} }} }} }} }}")
    };
    let found = bench.data(&query("fan/A", "fan/A#power"))["thread"]["designRevision"]["residuals"].clone();
    let counts = [
        "unitCount",
        "predictedBucketCount",
        "unobservedBucketCount",
        "missingInputBucketCount",
        "outsideBucketCount",
        "undefinedBucketCount",
    ];
    assert_eq!(
        counts.map(|name| found[name].clone()),
        [2, 85, 0, 6, 5, 0].map(|count| json!(count)),
        "{found}"
    );
    assert_eq!((&found["unit"]["symbol"], &found["uncertainty"]), (&json!("kW"), &json!(0.1)));
    let near = |found: &Json, expect: f64| {
        assert!(found.as_f64().is_some_and(|found| (found - expect).abs() < 1e-9), "{found} {expect}");
    };
    near(&found["predicted"]["greatest"], 2.744);
    near(&found["residual"]["mean"], 37.0 / 85.0);
    let [good, bad] = [0, 1].map(|at| found["units"]["nodes"][at].clone());
    assert_eq!(
        (&good["serial"], &good["residual"]["count"], &bad["residual"]["count"]),
        (&json!("F-1"), &json!(48), &json!(37))
    );
    near(&good["residual"]["greatest"], 0.0);
    near(&bad["residual"]["median"], 1.0);
    near(&bad["driftPerDay"], 0.0);
    let point = &good["points"]["nodes"][0];
    assert_eq!(point["from"], "2025-01-01T00:00:00Z");
    near(&point["predicted"], 1.0);
    // The inputs of the fleet through another design, which nobody has built.
    let table = json!({ "id": "fan/B#power", "property": "property/power", "unit": "KiloW", "form": "TABLE", "table": "speed,power\n10,0.5\n15,2\n",
        "inputs": [{ "name": "speed", "property": "property/speed", "unit": "M-PER-SEC" }] });
    bench.commit(&json!([{ "putDesignRevision": { "id": "fan/B", "revisionOf": "part/FAN", "revision": "B", "status": "DRAFT", "models": [table] } }]));
    let planned = bench.data(&query("fan/A", "fan/B#power"))["thread"]["designRevision"]["residuals"].clone();
    assert_eq!(
        (&planned["predictedBucketCount"], &planned["outsideBucketCount"]),
        (&json!(85), &json!(5)),
        "{planned}"
    );
    near(&planned["predicted"]["greatest"], 1.7);
    bench.error(&query("fan/A", "fan/B"), "NOT_FOUND");
}

#[test]
fn a_residual_is_judged_as_any_value() {
    let bench = fans();
    let margins = bench.data(&format!(
        "{{ thread {{ designRevision(id: \"fan/A\") {{ margins({WINDOW}) {{ verdict observed conformingUnits units {{ nodes {{ serial verdict observed sampleCount }} }} }} }} }} }}"
    ));
    let margin = &margins["thread"]["designRevision"]["margins"][0];
    assert_eq!(
        (&margin["verdict"], &margin["conformingUnits"]),
        (&json!("VIOLATES"), &json!(0.5)),
        "{margin}"
    );
    assert!(margin["observed"].as_f64().is_some_and(|observed| (observed - 1000.0).abs() < 1e-6), "{margin}");
    let units = &margin["units"]["nodes"];
    assert_eq!(
        (&units[0]["verdict"], &units[1]["verdict"], &units[1]["sampleCount"]),
        (&json!("CONFORMS"), &json!("VIOLATES"), &json!("37")),
        "{margin}"
    );
    bench.tick();
    let filed = bench.data(&format!(
        "mutation {{ recordEvidence(input: {{ branch: \"main\", item: \"fan/A\", {WINDOW} }}) {{ filings {{ outcome }} evidence {{ violators {{ nodes {{ identifier }} }} }} }} }}"
    ));
    assert_eq!(filed["recordEvidence"]["filings"][0]["outcome"], "OPENED", "{filed}");
    assert_eq!(
        filed["recordEvidence"]["evidence"][0]["violators"]["nodes"],
        json!([{ "identifier": "F-2" }])
    );
}

#[test]
fn a_model_that_does_not_fit_is_refused() {
    let bench = fans();
    let check = |model: Json, expect: &str| {
        let answer =
            bench.commit_answer(&json!([{ "putDesignRevision": { "id": "fan/A", "models": [model] } }]));
        assert!(answer["errors"].to_string().contains(expect), "{expect}: {answer}");
    };
    check(
        model("v * 2", "KiloW"),
        "the expression gives [m s^-1], but the unit of the model is one of [m^2 kg s^-3]",
    );
    check(model("v + 1", "KiloW"), "[m s^-1] and [1] cannot be added");
    check(model("w^3", "KiloW"), "\\\"w\\\" is no input: the inputs are v");
    check(model("v^3 *", "KiloW"), "column 6");
    check(model("2 [kg/m³] * 0.5 [m²] * v^3", "KiloN"), "measures");
    let mut both = model("v", "M-PER-SEC");
    both["table"] = json!("v,p\n1,2\n3,4");
    both["property"] = json!("property/speed");
    check(both, "a model of the form EXPRESSION has an expression and no table");
    let mut table = model("", "KiloW");
    table["form"] = json!("TABLE");
    table["table"] = json!("v,p\n1,2\n1,4");
    // The expression that is stored goes only where null asks for it.
    check(table.clone(), "a model of the form TABLE has a table and no expression");
    table["expression"] = Json::Null;
    check(table.clone(), "v has 1 places, 2 are the least");
    table["table"] = json!("v,p\n1,2\n2,x");
    check(table, "line 3: 2 numbers are expected");
    // A change of an input alone is checked with its model.
    let moved = bench.commit_answer(&json!([{ "putDesignRevision": { "id": "fan/A", "models": [{ "id": "fan/A#power", "property": "property/power", "unit": "KiloW",
        "form": "EXPRESSION", "expression": "2 [kg/m³] * 0.5 [m²] * v^3", "inputs": [{ "name": "v", "property": "property/power", "unit": "KiloW" }] }] } }]));
    assert!(moved["errors"].to_string().contains("the expression gives"), "{moved}");
}
