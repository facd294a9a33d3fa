//! Duty against the spectrum that a design assumed or a rig tested: as a constraint, with findings and margins.

use super::super::Bench;
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

const WINDOW: &str = r#"window: { from: "2025-01-01T00:00:00Z", to: "2025-01-03T00:00:00Z" }"#;

/// Three presses, each loaded again and again: P-1 to 100 kN, P-2 to 40, P-3 not at all; the rig tested ten cycles of 60 kN and a hundred of 40.
fn presses(hours: Option<f64>) -> Bench {
    let bench = Bench::new();
    let signal =
        json!({ "name": "force", "property": "property/force", "unit": "KiloN", "expectedPeriod": "PT1H" });
    let mut tested = json!({ "property": "property/force", "unit": "N", "kind": "TESTED",
        "levels": [{ "range": 60000, "cycles": 10 }, { "range": 40000, "cycles": 90 }] });
    if let Some(hours) = hours {
        tested["hours"] = json!(hours);
    }
    let assumed = json!({ "property": "property/force", "unit": "KiloN", "kind": "ASSUMED", "levels": [{ "range": 120, "cycles": 1000 }] });
    let duty = |id: &str, spectrum: Json| {
        let mut constraint = json!({ "id": id, "property": "property/force", "statistic": "DUTY", "comparator": "LE", "limit": 1, "unit": "UNITLESS" });
        if spectrum != Json::Null {
            constraint["spectrum"] = spectrum;
        }
        constraint
    };
    let mut changes = vec![
        json!({ "putProperty": { "id": "property/force", "title": "Force", "quantityKind": "Force" } }),
        json!({ "putRequirement": { "id": "req/DUTY", "identifier": "DUTY", "title": "Within the tested duty", "status": "APPROVED",
            "constraints": [duty("req/DUTY#tested", Json::Null), duty("req/DUTY#assumed", json!("ASSUMED"))] } }),
        json!({ "putPart": { "id": "part/PRESS", "identifier": "PRESS" } }),
        json!({ "putDesignRevision": { "id": "press/A", "revisionOf": "part/PRESS", "revision": "A", "status": "DRAFT", "signals": [signal],
            "satisfies": ["req/DUTY"], "loadSpectra": [tested, assumed] } }),
        json!({ "putBuild": { "id": "lot/A", "identifier": "LOT", "realizes": "press/A" } }),
    ];
    let mut lines = String::new();
    for (serial, most) in [("P-1", 100), ("P-2", 40), ("P-3", 0)] {
        changes.push(json!({ "putTwinInstance": { "id": format!("twin/{serial}"), "identifier": serial, "part": "part/PRESS",
            "builtBy": "lot/A", "commissionedAt": "2025-01-01T00:00:00Z" } }));
        for hour in 0..48_i64 {
            let force = if hour % 2 == 0 { 0 } else { most };
            let _ = writeln!(lines, "press,twin={serial} force={force} {}", 1_735_689_600 + hour * 3600);
        }
    }
    bench.commit(&Json::Array(changes));
    bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    bench
}

fn margins(bench: &Bench) -> Json {
    let query = format!(
        "{{ thread {{ designRevision(id: \"press/A\") {{ margins({WINDOW}) {{ constraint {{ iri }} verdict observed distance conformingUnits refusal
        units {{ nodes {{ serial verdict observed }} }} }} }} }} }}"
    );
    bench.data(&query)["thread"]["designRevision"]["margins"].clone()
}

#[test]
fn duty_is_judged_against_the_tested_spectrum() {
    let bench = presses(None);
    let margins = margins(&bench);
    let of = |constraint: &str| {
        margins
            .as_array()
            .expect("margins")
            .iter()
            .find(|of| of["constraint"]["iri"] == constraint)
            .expect("a margin")
            .clone()
    };
    let tested = of("req/DUTY#tested");
    // 23 cycles and half a one of 100 kN, beyond all that was tested: each counts twice. 23.5 of 40 kN are covered by 100.
    assert_eq!(
        (&tested["verdict"], &tested["observed"], &tested["distance"]),
        (&json!("VIOLATES"), &json!(47.0), &json!(-46.0)),
        "{tested}"
    );
    assert!(
        tested["conformingUnits"].as_f64().is_some_and(|share| (share - 2.0 / 3.0).abs() < 1e-12),
        "{tested}"
    );
    assert_eq!(
        tested["units"]["nodes"],
        json!([
            { "serial": "P-1", "verdict": "VIOLATES", "observed": 47.0 },
            { "serial": "P-2", "verdict": "CONFORMS", "observed": 0.235 },
            { "serial": "P-3", "verdict": "CONFORMS", "observed": 0.0 },
        ])
    );
    let assumed = of("req/DUTY#assumed");
    assert_eq!(
        (&assumed["verdict"], &assumed["observed"]),
        (&json!("CONFORMS"), &json!(0.0235)),
        "{assumed}"
    );
    bench.tick();
    let filed = bench.data(&format!(
        "mutation {{ recordEvidence(input: {{ branch: \"main\", item: \"press/A\", {WINDOW} }}) {{ filings {{ outcome finding {{ title }} }} }} }}"
    ));
    let filings = filed["recordEvidence"]["filings"].as_array().expect("filings");
    assert_eq!((filings.len(), &filings[0]["outcome"]), (1, &json!("OPENED")), "{filed}");
}

#[test]
fn a_spectrum_of_hours_is_compared_by_the_hours_observed() {
    // 480 hours on the rig, 48 observed: ten times as many cycles.
    let bench = presses(Some(480.0));
    let query = |more: &str| {
        format!("{{ thread {{ designRevision(id: \"press/A\") {{ duty(property: \"property/force\", {WINDOW}, rangeWidth: 10, unit: \"KiloN\"{more}) {{ comparedCount shareBeyondSpectrum
        units {{ nodes {{ serial utilisation utilisedAbove }} }} }} }} }} }}")
    };
    let found = bench.data(&query(", against: TESTED"))["thread"]["designRevision"]["duty"].clone();
    assert_eq!(found["comparedCount"], 3, "{found}");
    assert!(
        found["shareBeyondSpectrum"].as_f64().is_some_and(|share| (share - 2.0 / 3.0).abs() < 1e-12),
        "{found}"
    );
    let nodes = found["units"]["nodes"].as_array().expect("units");
    let unit = |serial: &str| nodes.iter().find(|of| of["serial"] == serial).expect("a unit").clone();
    let near = |found: &Json, expect: f64| found.as_f64().is_some_and(|found| (found - expect).abs() < 1e-9);
    assert!(near(&unit("P-2")["utilisation"], 2.35) && unit("P-2")["utilisedAbove"] == 0.0, "{found}");
    assert!(near(&unit("P-1")["utilisation"], 470.0) && unit("P-1")["utilisedAbove"] == 60.0, "{found}");
    let none = bench.data(&query(""))["thread"]["designRevision"]["duty"].clone();
    assert_eq!(
        (&none["comparedCount"], &none["shareBeyondSpectrum"], &none["units"]["nodes"][0]["utilisation"]),
        (&json!(0), &Json::Null, &Json::Null)
    );
}

#[test]
fn a_spectrum_of_another_property_is_none() {
    let bench = presses(None);
    let torque = json!({ "property": "property/torque", "unit": "N-M", "kind": "TESTED", "levels": [{ "range": 5, "cycles": 1 }] });
    bench.commit(&json!([
        { "putProperty": { "id": "property/torque", "title": "Torque", "quantityKind": "Torque" } },
        { "putDesignRevision": { "id": "press/A", "loadSpectra": [torque] } },
    ]));
    let margins = margins(&bench);
    assert_eq!(margins[0]["verdict"], "UNKNOWN", "{margins}");
    assert!(
        margins[0]["refusal"].as_str().is_some_and(|text| text.contains("no spectrum of this load")),
        "{margins}"
    );
    let wrong = bench.commit_answer(&json!([{ "putDesignRevision": { "id": "press/A",
        "loadSpectra": [{ "property": "property/torque", "unit": "N", "kind": "TESTED", "levels": [{ "range": 5, "cycles": 1 }] }] } }]));
    assert!(wrong["errors"].to_string().contains("measures"), "{wrong}");
    let limit = bench.commit_answer(&json!([{ "putRequirement": { "id": "req/X", "identifier": "X", "title": "X", "status": "DRAFT", "constraints": [
        { "property": "property/force", "statistic": "DUTY", "comparator": "LE", "limit": 1, "unit": "KiloN" }] } }]));
    assert!(
        limit["errors"].to_string().contains("DUTY is given in unit:UNITLESS or unit:PERCENT"),
        "{limit}"
    );
}
