//! The quality of the line: charts and capability of what was measured, deviations as findings, as-built against the field.

use super::super::Bench;
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// Two lots of ten shafts: bores of the first are near 10 mm, those of the second too but for one; the weight is alike. Shafts with a bore
/// above 10 mm fail.
fn shafts() -> Bench {
    let bench = Bench::new();
    let mut changes = vec![
        json!({ "putPart": { "id": "part/SHAFT", "identifier": "SHAFT" } }),
        json!({ "putDesignRevision": { "id": "shaft/A", "revisionOf": "part/SHAFT", "revision": "A", "status": "DRAFT" } }),
    ];
    for lot in 1..=2 {
        changes.push(json!({ "putBuild": { "id": format!("lot/{lot}"), "identifier": format!("LOT-{lot}"), "realizes": "shaft/A", "site": "Lyon",
            "builtAt": format!("2025-01-0{lot}T00:00:00Z") } }));
    }
    for number in 0..20_i64 {
        let lot = 1 + number / 10;
        let id = format!("twin/S-{number}");
        changes.push(json!({ "putTwinInstance": { "id": id, "identifier": format!("S-{number}"), "part": "part/SHAFT", "builtBy": format!("lot/{lot}"),
            "commissionedAt": "2025-02-01T00:00:00Z" } }));
        let bore = if number == 13 {
            10.5
        } else {
            10.0 + f64::from(i32::try_from((number * 7) % 5).expect("small") - 2) / 100.0
        };
        let verdict = if number == 13 { "PASS" } else { "FAIL" };
        let mut of = json!({ "id": format!("measurement/{number}"), "item": id, "characteristic": "bore", "measured": bore, "unit": "MilliM",
            "lower": 9.8, "upper": 10.2, "at": format!("2025-01-0{lot}T{:02}:00:00Z", number % 10), "station": format!("drill-{}", number % 2) });
        if number == 13 || number == 4 {
            of["verdict"] = json!(verdict);
        }
        changes.push(json!({ "putMeasurement": of }));
        changes.push(json!({ "putMeasurement": { "id": format!("weight/{number}"), "item": id, "characteristic": "weight",
            "measured": 2.0 + ((number * 3) % 7) as f64 / 10.0, "unit": "KiloGM", "at": "2025-01-03T00:00:00Z" } }));
        if bore > 10.0 {
            changes.push(json!({ "putFieldEvent": { "id": format!("event/{number}"), "twin": id, "kind": "FAILURE", "at": "2025-03-01T00:00:00Z" } }));
        }
    }
    changes.push(json!({ "putMeasurement": { "id": "measurement/none", "item": "lot/1", "characteristic": "bore", "at": "2025-01-01T00:00:00Z" } }));
    changes.push(json!({ "putMeasurement": { "id": "measurement/inch", "item": "lot/1", "characteristic": "bore", "measured": 1, "unit": "HR" } }));
    bench.commit(&Json::Array(changes));
    bench
}

fn near(found: &Json, expect: f64) {
    assert!(found.as_f64().is_some_and(|found| (found - expect).abs() < 1e-9), "{found} {expect}");
}

#[test]
fn characteristics_are_charted() {
    let bench = shafts();
    let query = "{ thread { designRevision(id: \"shaft/A\") { lineQuality { nodes { name count withoutValueCount unconvertedCount undatedCount lower upper outsideCount
        contradicted { nodes { measurement { iri } stated keeps } } unit { symbol }
        capability { cp { estimate low high } cpk { estimate } pp { estimate } ppk { estimate low } }
        groups { nodes { by key count outsideCount mean } }
        process { pointCount mean sigma shortfall autocorrelation autocorrelationBound centre location(first: 1) { totalCount nodes { at value lower upper isOut } }
          spread { totalCount } weightedMeans { totalCount } cumulativeSums { totalCount nodes { isOut } } signals { nodes { rule description at measurement { iri } } } } } } } } }";
    let found = bench.data(query)["thread"]["designRevision"]["lineQuality"]["nodes"].clone();
    let bore = &found[0];
    assert_eq!(
        (&bore["name"], &bore["count"], &bore["outsideCount"]),
        (&json!("bore"), &json!(20), &json!(1))
    );
    assert_eq!(
        (&bore["withoutValueCount"], &bore["unconvertedCount"], &bore["undatedCount"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!(
        (&bore["lower"], &bore["upper"], &bore["unit"]["symbol"]),
        (&json!(9.8), &json!(10.2), &json!("mm"))
    );
    let wrong = bore["contradicted"]["nodes"].as_array().expect("values");
    let mut wrong: Vec<&str> = wrong.iter().filter_map(|of| of["measurement"]["iri"].as_str()).collect();
    wrong.sort_unstable();
    assert_eq!(wrong, ["measurement/13", "measurement/4"]);
    // By hand: the bores, their moving ranges, and all of them together.
    let bores: Vec<f64> =
        (0..20_i32).map(|n| if n == 13 { 10.5 } else { 10.0 + f64::from((n * 7) % 5 - 2) / 100.0 }).collect();
    let mean = bores.iter().sum::<f64>() / 20.0;
    let ranges = bores.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum::<f64>() / 19.0;
    let sigma = ranges * std::f64::consts::PI.sqrt() / 2.0;
    let deviation = (bores.iter().map(|bore| (bore - mean).powi(2)).sum::<f64>() / 19.0).sqrt();
    let process = &bore["process"];
    near(&process["mean"], mean);
    near(&process["sigma"], sigma);
    near(&bore["capability"]["cp"]["estimate"], 0.4 / (6.0 * sigma));
    near(&bore["capability"]["cpk"]["estimate"], (10.2 - mean) / (3.0 * sigma));
    near(&bore["capability"]["ppk"]["estimate"], (10.2 - mean) / (3.0 * deviation));
    near(&process["location"]["nodes"][0]["upper"], mean + 3.0 * sigma);
    assert_eq!(
        (
            &process["location"]["totalCount"],
            &process["spread"]["totalCount"],
            &process["weightedMeans"]["totalCount"]
        ),
        (&json!(20), &json!(19), &json!(20))
    );
    let signals = process["signals"]["nodes"].as_array().expect("signals");
    assert!(
        signals.iter().any(|of| of["rule"] == 1 && of["measurement"]["iri"] == "measurement/13"),
        "{process}"
    );
    let groups = bore["groups"]["nodes"].as_array().expect("groups");
    let counts: Vec<(&str, &str, i64)> = groups
        .iter()
        .map(|of| {
            (
                of["by"].as_str().expect("a kind"),
                of["key"].as_str().expect("a key"),
                of["count"].as_i64().expect("a count"),
            )
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("LOT", "lot/1", 10),
            ("LOT", "lot/2", 10),
            ("SITE", "Lyon", 20),
            ("STATION", "drill-0", 10),
            ("STATION", "drill-1", 10)
        ]
    );
    let weight = &found[1];
    assert_eq!(
        (&weight["name"], &weight["capability"]["cpk"], &weight["capability"]["ppk"]),
        (&json!("weight"), &Json::Null, &Json::Null)
    );
    // By lots there are two points: too few.
    let by_lot = query.replace("lineQuality {", "lineQuality(characteristic: \"bore\", subgroups: LOT) {");
    let by_lot = bench.data(&by_lot)["thread"]["designRevision"]["lineQuality"]["nodes"].clone();
    assert_eq!(
        (by_lot.as_array().map(Vec::len), &by_lot[0]["process"]["shortfall"]),
        (Some(1), &json!("there are 2 points, 8 are enough for control limits"))
    );
    // Limits of the first lot: its values do not reach 10.5.
    let baseline = query.replace(
        "lineQuality {",
        "lineQuality(characteristic: \"bore\", baselineUntil: \"2025-01-02T00:00:00Z\") {",
    );
    let baseline =
        bench.data(&baseline)["thread"]["designRevision"]["lineQuality"]["nodes"][0]["process"].clone();
    near(&baseline["centre"], 10.0);
}

#[test]
fn a_deviation_is_a_finding_on_the_lot() {
    let bench = shafts();
    let record = |rules: &str| {
        bench.tick();
        bench.data(&format!("mutation {{ recordDeviations(input: {{ branch: \"main\", item: \"shaft/A\", rules: {rules} }}) {{ changed
            opened {{ iri title kind state design {{ iri }} deviations {{ rule characteristic value lower upper measurement {{ iri }} }} }}
            extended {{ iri deviations {{ rule }} }} }} }}"))["recordDeviations"].clone()
    };
    let first = record("[]");
    let finding = &first["opened"][0];
    assert_eq!(
        (&finding["kind"], &finding["design"]["iri"], &finding["title"]),
        (&json!("DEVIATION"), &json!("lot/2"), &json!("LOT-2: bore deviates")),
        "{first}"
    );
    assert_eq!(
        finding["deviations"],
        json!([{ "rule": "TOLERANCE", "characteristic": "bore", "value": 10.5, "lower": 9.8, "upper": 10.2, "measurement": { "iri": "measurement/13" } }])
    );
    let again = record("[]");
    assert_eq!(
        (&again["changed"], &again["opened"], &again["extended"]),
        (&json!(0), &json!([]), &json!([]))
    );
    let more = record("[1]");
    assert_eq!((&more["opened"], &more["extended"][0]["iri"]), (&json!([]), &finding["iri"]), "{more}");
    assert_eq!(more["extended"][0]["deviations"].as_array().map(Vec::len), Some(2));
    let bad = bench.ask("mutation { recordDeviations(input: { branch: \"main\", item: \"shaft/A\", rules: [9] }) { changed } }");
    assert!(bad["errors"][0]["message"].as_str().is_some_and(|text| text.contains("from 1 to 8")), "{bad}");
    // A person decides on it as on any finding.
    bench.tick();
    let id = finding["iri"].as_str().expect("a name");
    let decided = bench.ask(&format!("mutation {{ decideFinding(input: {{ branch: \"main\", finding: \"{id}\", decision: DISMISS, reason: \"Measured with a worn gauge\", author: {{ name: \"Ada\", email: \"ada@example.org\" }} }}) {{ finding {{ state }} }} }}"));
    assert_eq!(decided["data"]["decideFinding"]["finding"]["state"], "DISMISSED", "{decided}");
    assert_eq!(record("[1]")["changed"], 0);
}

#[test]
fn what_failed_units_differ_in_is_found() {
    let bench = shafts();
    let query = "{ thread { part(id: \"part/SHAFT\") { asBuiltContrast(window: { from: \"2025-02-01T00:00:00Z\", to: \"2025-12-01T00:00:00Z\" }) {
        failedCount otherCount characteristics { nodes { name failedMedian failedCount otherMedian otherCount superiority p adjusted shortfall } } } } } }";
    let found = bench.data(query)["thread"]["part"]["asBuiltContrast"].clone();
    assert_eq!((&found["failedCount"], &found["otherCount"]), (&json!(9), &json!(11)), "{found}");
    let [bore, weight] = [0, 1].map(|at| found["characteristics"]["nodes"][at].clone());
    assert_eq!(
        (&bore["name"], &bore["superiority"], &bore["failedCount"]),
        (&json!("bore"), &json!(1.0), &json!(9))
    );
    let p = |of: &Json, name: &str| of[name].as_f64().expect("a number");
    assert!(p(&bore, "p") < 0.001 && (p(&bore, "adjusted") - 2.0 * p(&bore, "p")).abs() < 1e-12, "{bore}");
    assert!(weight["name"] == "weight" && p(&weight, "adjusted") > 0.2, "{weight}");
    let few = query
        .replace("asBuiltContrast(", "asBuiltContrast(among: { identifier: { in: [\"S-0\", \"S-3\"] } }, ");
    let few = bench.data(&few)["thread"]["part"]["asBuiltContrast"]["characteristics"]["nodes"][0].clone();
    assert!(few["shortfall"].as_str().is_some_and(|text| text.contains("3 each are enough")), "{few}");
}

#[test]
fn telemetry_is_charted_too() {
    let bench = Bench::new();
    let signal =
        json!({ "name": "force", "property": "property/force", "unit": "KiloN", "expectedPeriod": "PT1H" });
    bench.commit(&json!([
        { "putProperty": { "id": "property/force", "title": "Force", "quantityKind": "Force" } },
        { "putPart": { "id": "part/PRESS", "identifier": "PRESS" } },
        { "putDesignRevision": { "id": "press/A", "revisionOf": "part/PRESS", "revision": "A", "status": "DRAFT", "signals": [signal] } },
        { "putBuild": { "id": "lot/A", "identifier": "LOT", "realizes": "press/A" } },
        { "putTwinInstance": { "id": "twin/P-1", "identifier": "P-1", "part": "part/PRESS", "builtBy": "lot/A", "commissionedAt": "2025-01-01T00:00:00Z" } },
    ]));
    let mut lines = String::new();
    for hour in 0..24 * 20_i64 {
        let day = hour / 24;
        let force = 100.0 + ((day * 3) % 5) as f64 + if day >= 15 { 20.0 } else { 0.0 };
        let _ = writeln!(lines, "press,twin=P-1 force={force} {}", 1_735_689_600 + hour * 3600);
    }
    bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    let query = |more: &str| {
        format!("{{ thread {{ twinInstance(id: \"twin/P-1\") {{ processControl(property: \"property/force\", {more} baselineUntil: \"2025-01-16T00:00:00Z\",
            window: {{ from: \"2025-01-01T00:00:00Z\", to: \"2025-01-25T00:00:00Z\" }}) {{ skippedBucketCount unit {{ symbol }} process {{ pointCount centre
            signals {{ nodes {{ at rule value measurement {{ iri }} }} }} }} }} }} }} }}")
    };
    let found = bench.data(&query(""))["thread"]["twinInstance"]["processControl"].clone();
    assert_eq!(
        (&found["skippedBucketCount"], &found["process"]["pointCount"], &found["unit"]["symbol"]),
        (&json!(4), &json!(20), &json!("kN"))
    );
    near(&found["process"]["centre"], 102.0);
    let signals = found["process"]["signals"]["nodes"].as_array().expect("signals");
    let first = signals.iter().find(|of| of["rule"] == 1).expect("a signal");
    assert_eq!((&first["at"], &first["measurement"]), (&json!("2025-01-16T00:00:00Z"), &Json::Null));
    assert!(
        bench.error(&query("statistic: B10,"), "BAD_INPUT").to_string().contains("a statistic of samples")
    );
}
