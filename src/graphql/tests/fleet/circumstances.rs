//! Questions that begin in the field: where is this lot, why did this fail, who answers for it.

use crate::graphql::live::Started;
use crate::graphql::query::Query;
use crate::graphql::service::Service;
use crate::graphql::tests::{Bench, turn};
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

/// Two pumps with a bearing of lot B each. The bearing of P-1 runs at 70 °C, from 13 January on at 90 °C, and fails on the 20th,
/// when it is taken out. The other one fails on the 25th in the same way.
pub(in crate::graphql::tests) fn failed() -> Bench {
    let bench = Bench::new();
    let limit = json!({ "property": "property/temperature", "statistic": "P95", "comparator": "LE", "limit": 85, "unit": "DEG_C" });
    let heat = json!({ "name": "temp", "property": "property/temperature", "unit": "DEG_C", "position": "bearing", "expectedPeriod": "PT10M" });
    let counter = |name: &str| json!({ "name": name, "property": format!("property/{name}"), "unit": "UNITLESS", "kind": "COUNTER" });
    bench.commit(&json!([
        { "putAgent": { "id": "agent/kim", "identifier": "kim@plant.example", "title": "Kim" } },
        { "putAgent": { "id": "agent/lab", "identifier": "LAB", "title": "Test laboratory" } },
        { "putProperty": { "id": "property/temperature", "title": "Bearing temperature", "quantityKind": "Temperature" } },
        { "putProperty": { "id": "property/starts", "title": "Starts" } },
        { "putProperty": { "id": "property/strokes", "title": "Strokes" } },
        { "putRequirement": { "id": "req/REQ-1", "identifier": "REQ-1" } },
        { "putRequirement": { "id": "req/REQ-12", "identifier": "REQ-12", "constraints": [limit], "derivedFrom": ["req/REQ-1"], "owner": "agent/kim" } },
        { "putTestCase": { "id": "test/TC-1", "identifier": "TC-1", "verifies": ["req/REQ-12"], "owner": "agent/lab" } },
        { "putPart": { "id": "part/PUMP", "identifier": "PUMP" } },
        { "putPart": { "id": "part/BRG", "identifier": "BRG" } },
        { "putDesignRevision": { "id": "part/PUMP/A", "revisionOf": "part/PUMP", "revision": "A", "signals": [heat, counter("starts"), counter("strokes")] } },
        { "putDesignRevision": { "id": "part/BRG/A", "revisionOf": "part/BRG", "revision": "A" } },
        { "putDesignRevision": { "id": "part/BRG/B", "revisionOf": "part/BRG", "revision": "B", "satisfies": ["req/REQ-12"], "supersedes": ["part/BRG/A"], "owner": "agent/kim" } },
        { "putTestResult": { "id": "test/TR-1", "testCase": "test/TC-1", "designs": ["part/BRG/B"], "verdict": "PASS" } },
        { "putBuild": { "id": "heat/7", "identifier": "H7" } },
        { "putBuild": { "id": "lot/PUMP", "identifier": "L-PUMP", "realizes": "part/PUMP/A" } },
        { "putBuild": { "id": "lot/B", "identifier": "L-B", "realizes": "part/BRG/B", "consumed": ["heat/7"] } },
        { "putFailureMode": { "id": "mode/spall", "identifier": "SPALL" } },
    ]));
    let pump = |id: &str, site: &str| json!({ "putTwinInstance": { "id": format!("twin/{id}"), "identifier": id, "part": "part/PUMP", "builtBy": "lot/PUMP", "site": site, "level": "ASSET", "commissionedAt": "2025-01-01T00:00:00Z" } });
    let bearing = |id: &str| json!({ "putTwinInstance": { "id": format!("twin/{id}"), "identifier": id, "part": "part/BRG", "builtBy": "lot/B", "level": "COMPONENT" } });
    let sits = |n: u32, component: &str, parent: &str, position: &str, to: Json| json!({ "putInstallation": { "id": format!("installation/{n}"), "component": component, "parent": parent, "position": position, "from": "2025-01-01T00:00:00Z", "to": to } });
    let event = |id: &str, on: &str, at: &str, state: &str| json!({ "putFieldEvent": { "id": format!("event/{id}"), "twin": on, "at": at, "kind": "FAILURE", "failureMode": "mode/spall", "state": state } });
    bench.commit(&json!([
        pump("P-1", "north"),
        pump("P-2", "south"),
        bearing("B-1"),
        bearing("B-2"),
        { "putTwinInstance": { "id": "twin/S-1", "identifier": "S-1", "level": "COMPONENT" } },
        sits(1, "twin/B-1", "twin/P-1", "bearing", json!("2025-01-20T00:00:00Z")),
        sits(2, "twin/B-2", "twin/P-2", "bearing", Json::Null),
        sits(3, "twin/S-1", "twin/B-1", "seal", Json::Null),
        event("E-1", "twin/B-1", "2025-01-20T00:00:00Z", "CONFIRMED"),
        event("E-2", "twin/B-2", "2025-01-25T00:00:00Z", "REPORTED"),
        event("E-3", "twin/B-2", "2025-01-10T00:00:00Z", "NO_FAULT_FOUND"),
    ]));
    let mut lines = String::new();
    for step in 0..19 * 144 {
        let at = 1_735_689_600 + step * 600;
        let temp = if step < 12 * 144 { 70 } else { 90 };
        // The counter begins anew once.
        lines.push_str(&format!(
            "pump,twin=P-1 temp={temp},strokes={},starts={} {at}\n",
            step % 2000,
            step / 144
        ));
    }
    let written = bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    assert_eq!(written.rejected.len(), 0);
    bench
}

#[test]
fn containment_finds_every_asset_that_carries_a_lot() {
    let bench = failed();
    let ask = |arguments: &str| {
        let fields = "at assetCount assets { nodes { asset { iri } site certainty carried { item { iri } path hours inside { identifier } through { identifier } } } } looseCount loose { nodes { identifier } }";
        bench.data(&format!(
            "{{ thread {{ build(id: \"heat/7\") {{ containment{arguments} {{ {fields} }} }} }} }}"
        ))["thread"]["build"]["containment"]
            .clone()
    };
    let carrier = |pump: &str, site: &str, bearing: &str, hours: f64| {
        json!({ "asset": { "iri": format!("twin/{pump}") }, "site": site, "certainty": "CERTAIN", "carried": [{
            "item": { "iri": format!("twin/{bearing}") }, "path": "bearing", "hours": hours,
            "inside": [{ "identifier": pump }], "through": [{ "identifier": "L-B" }] }] })
    };
    assert_eq!(
        ask("(at: \"2025-01-15T00:00:00Z\")"),
        json!({ "at": "2025-01-15T00:00:00Z", "assetCount": 2, "looseCount": 0, "loose": { "nodes": [] },
            "assets": { "nodes": [carrier("P-1", "north", "B-1", 336.0), carrier("P-2", "south", "B-2", 336.0)] } })
    );
    let now = ask("");
    assert_eq!((&now["assetCount"], &now["loose"]["nodes"]), (&json!(1), &json!([{ "identifier": "B-1" }])));
    let window = ask("(window: {from: \"2025-01-19T00:00:00Z\", to: \"2025-01-21T00:00:00Z\"})");
    assert_eq!(
        (&window["at"], &window["assets"]["nodes"][0]["carried"][0]["hours"]),
        (&Json::Null, &json!(24.0))
    );
    let page = bench.data("{ thread { build(id: \"lot/B\") { containment(at: \"2025-01-15T00:00:00Z\") { assets(last: 1) { nodes { asset { iri } } } } } } }");
    assert_eq!(
        page["thread"]["build"]["containment"]["assets"]["nodes"],
        json!([{ "asset": { "iri": "twin/P-2" } }])
    );
    let both = "{ thread { build(id: \"lot/B\") { containment(at: \"2025-01-15T00:00:00Z\", window: {from: \"2025-01-19T00:00:00Z\", to: \"2025-01-21T00:00:00Z\"}) { assetCount } } } }";
    bench.error(both, "BAD_INPUT");
}

#[test]
fn circumstances_show_why_a_unit_failed() {
    let bench = failed();
    let fields = "at unit { identifier } revision { revision } lot { identifier }
        parents { unit { identifier } position revision { revision } lot { identifier } certainty }
        components { nodes { item { iri } path } } age { hours installedHours serviceHours }
        counters { property { title } unit { name } increase resetCount hours }
        telemetry { unit { identifier } property { title } last { at value unit { symbol } }
            before { mean sampleCount increase } earlier { mean max } margins { verdict observed } }
        violations { requirement { identifier } verdict observed distance }
        siblings { lot { identifier } unitCount units { nodes { identifier } } failedCount failures { nodes { event { iri } unit { identifier } at hours } } }";
    let data = bench.data(&format!(
        "{{ thread {{ fieldEvent(id: \"event/E-1\") {{ circumstances {{ {fields} }} }} }} }}"
    ));
    let circumstances = &data["thread"]["fieldEvent"]["circumstances"];
    let check = |field: &str, expect: Json| assert_eq!(circumstances[field], expect, "{field}");
    check("unit", json!({ "identifier": "B-1" }));
    check("revision", json!({ "revision": "B" }));
    check("lot", json!({ "identifier": "L-B" }));
    // It was taken out at the instant of the event: what counts is where it sat until then.
    check(
        "parents",
        json!([{ "unit": { "identifier": "P-1" }, "position": "bearing", "revision": { "revision": "A" }, "lot": { "identifier": "L-PUMP" }, "certainty": "CERTAIN" }]),
    );
    check("components", json!({ "nodes": [{ "item": { "iri": "twin/S-1" }, "path": "seal" }] }));
    check("age", json!({ "hours": 456.0, "installedHours": 456.0, "serviceHours": 456.0 }));
    // 0…1999, then 0…735: the step to the new beginning counts what the counter shows.
    check(
        "counters",
        json!([
            { "property": { "title": "Starts" }, "unit": { "name": "UNITLESS" }, "increase": 18.0, "resetCount": "0", "hours": 2735.0 / 6.0 },
            { "property": { "title": "Strokes" }, "unit": { "name": "UNITLESS" }, "increase": 2734.0, "resetCount": "1", "hours": 2735.0 / 6.0 }]),
    );
    let telemetry = &circumstances["telemetry"];
    assert_eq!(
        telemetry[0],
        json!({ "unit": { "identifier": "B-1" }, "property": { "title": "Bearing temperature" },
            "last": { "at": "2025-01-19T23:50:00Z", "value": 90.0, "unit": { "symbol": "°C" } },
            "before": { "mean": 90.0, "sampleCount": (7 * 144).to_string(), "increase": null }, "earlier": { "mean": 70.0, "max": 70.0 },
            "margins": [{ "verdict": "VIOLATES", "observed": telemetry[0]["margins"][0]["observed"] }] })
    );
    assert_eq!(telemetry[2]["property"], json!({ "title": "Strokes" }));
    assert_eq!(telemetry[2]["unit"], json!({ "identifier": "P-1" }));
    // 1728…1999, then 0…735.
    assert_eq!(telemetry[2]["before"]["increase"], 271.0 + 735.0);
    assert_eq!(telemetry.as_array().map(Vec::len), Some(3));
    assert_eq!(circumstances["violations"].as_array().map(Vec::len), Some(1));
    assert_eq!(circumstances["violations"][0]["requirement"], json!({ "identifier": "REQ-12" }));
    check(
        "siblings",
        json!({ "lot": { "identifier": "L-B" }, "unitCount": 1, "units": { "nodes": [{ "identifier": "B-2" }] }, "failedCount": 1,
            "failures": { "nodes": [{ "event": { "iri": "event/E-2" }, "unit": { "identifier": "B-2" }, "at": "2025-01-25T00:00:00Z", "hours": 576.0 }] } }),
    );
    // A window that reaches past the 13th sees both.
    let ask = |before: &str| {
        format!(
            "{{ thread {{ fieldEvent(id: \"event/E-1\") {{ circumstances {{ telemetry(before: \"{before}\") {{ before {{ min max }} }} none: counters(property: \"property/temperature\") {{ increase }}
                strokes: counters(property: \"property/strokes\") {{ property {{ title }} increase resetCount }} }} }} }} }}"
        )
    };
    let nope = bench.ask("{ thread { fieldEvent(id: \"event/E-1\") { circumstances { counters(property: \"property/nope\") { increase } } } } }");
    assert_eq!(nope["errors"][0]["extensions"]["code"], "NOT_FOUND", "{nope}");
    let wide = bench.data(&ask("P14D"));
    let wide = &wide["thread"]["fieldEvent"]["circumstances"];
    assert_eq!(wide["telemetry"][0]["before"], json!({ "min": 70.0, "max": 90.0 }));
    assert_eq!(wide["none"], json!([]));
    assert_eq!(
        wide["strokes"],
        json!([{ "property": { "title": "Strokes" }, "increase": 2734.0, "resetCount": "1" }]),
        "the other counter is left out"
    );
    bench.error(&ask("PT0S"), "BAD_INPUT");
}

#[test]
fn one_query_leads_up_from_an_event_to_the_owner() {
    let bench = failed();
    let up = "identifier builtBy { identifier realizes { revision owner { title } satisfies(first: 5) { edges { node { identifier owner { identifier title }
        testCases(first: 5) { edges { node { identifier owner { title } results(first: 5) { edges { node { iri verdict } } } } } } } } } } }";
    let data = bench.data(&format!("{{ thread {{ fieldEvent(id: \"event/E-1\") {{ twin {{ {up} }} }}
        part(id: \"part/BRG\") {{ margins(window: {{from: \"2025-01-01T00:00:00Z\", to: \"2025-01-20T00:00:00Z\"}}) {{ violators(first: 5) {{ nodes {{ unit {{ {up} }} }} }} }} }} }} }}"));
    let expect = json!({ "identifier": "B-1", "builtBy": { "identifier": "L-B", "realizes": { "revision": "B", "owner": { "title": "Kim" },
        "satisfies": { "edges": [{ "node": { "identifier": "REQ-12", "owner": { "identifier": "kim@plant.example", "title": "Kim" },
            "testCases": { "edges": [{ "node": { "identifier": "TC-1", "owner": { "title": "Test laboratory" },
                "results": { "edges": [{ "node": { "iri": "test/TR-1", "verdict": "PASS" } }] } } }] } } }] } } } });
    assert_eq!(data["thread"]["fieldEvent"]["twin"], expect);
    let violators: Vec<&Json> = data["thread"]["part"]["margins"]
        .as_array()
        .expect("margins")
        .iter()
        .flat_map(|margin| margin["violators"]["nodes"].as_array().expect("violators"))
        .collect();
    assert_eq!(violators, [&json!({ "unit": expect })]);
}

#[test]
fn a_trace_leads_up_from_any_name_of_what_failed() {
    let bench = failed();
    let trace = |from: &str, more: &str| -> Vec<String> {
        let data = bench.data(&format!(
            "{{ thread {{ trace(from: \"{from}\", direction: UP{more}) {{ nodes {{ resource {{ iri }} }} }} }} }}"
        ));
        let steps = data["thread"]["trace"]["nodes"].as_array().expect("steps").clone();
        steps.iter().map(|step| step["resource"]["iri"].as_str().expect("an IRI").to_owned()).collect()
    };
    let above = [
        "lot/B",
        "part/BRG",
        "heat/7",
        "part/BRG/B",
        "agent/kim",
        "req/REQ-12",
        "test/TR-1",
        "req/REQ-1",
        "test/TC-1",
        "agent/lab",
    ];
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    let mut expect: Vec<String> = above.iter().map(|iri| (*iri).to_owned()).collect();
    assert_eq!(sorted(trace("B-1", "")), sorted(expect.clone()));
    expect.extend(["twin/B-1".to_owned(), "mode/spall".to_owned()]);
    assert_eq!(sorted(trace("event/E-1", "")), sorted(expect));
    assert_eq!(trace("B-1", ", depth: 1"), ["lot/B", "part/BRG"]);
    bench.error("{ thread { trace(from: \"nobody\", direction: UP) { nodes { depth } } } }", "NOT_FOUND");
}

/// The answers are in the file as this prints them; `UPDATE_DOCS=1` writes them anew.
#[test]
fn the_documentation_shows_real_answers() {
    let bench = failed();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/containment.md");
    let text = std::fs::read_to_string(&path).expect("the documentation");
    let mut parts = text.split("```graphql\n");
    let mut expected = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (request, rest) = part.split_once("```").expect("the end of a request");
        expected.push_str(&format!("```graphql\n{request}```"));
        if request.starts_with("subscription") {
            begins(&bench, request);
            expected.push_str(rest);
            continue;
        }
        let (before, rest) = rest.split_once("```json\n").expect("an answer after each request");
        let (_, rest) = rest.split_once("```").expect("the end of an answer");
        let answer = serde_json::to_string_pretty(&bench.data(request)).expect("JSON");
        expected.push_str(&format!("{before}```json\n{answer}\n```{rest}"));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("the file can be written");
    }
    let on_file = std::fs::read_to_string(&path).expect("the documentation");
    assert!(
        expected == on_file,
        "docs/containment.md differs from the answers: set UPDATE_DOCS=1, and read what has changed"
    );
}

fn begins(bench: &Bench, request: &str) {
    let service = Arc::new(Service::new(Arc::clone(&bench.app)).expect("a service"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let query = Query { query: Some(request.to_owned()), ..Query::default() };
    let started =
        runtime.block_on(async { Arc::clone(&service).begin(service.local(), query, turn().await).await });
    assert!(matches!(started, Started::Subscribed(_)), "{started:?}");
}
