//! Questions about the field: who carried what, how it behaved, what goes back into the design record.

use crate::graphql::tests::{Bench, flat};
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};

/// Two pumps with a bearing each. B sits in P-1 all January and runs at 90 °C; C sits in P-2 from 11 January on and runs at
/// 70 °C. Samples come every ten minutes.
pub(in crate::graphql::tests) fn fielded() -> Bench {
    let bench = Bench::new();
    let signal = json!({ "name": "temp", "property": "property/temperature", "unit": "DEG_C", "position": "bearing", "expectedPeriod": "PT10M" });
    let limit = json!({ "property": "property/temperature", "statistic": "P95", "comparator": "LE", "limit": 85, "unit": "DEG_C", "scope": "EACH_UNIT" });
    bench.commit(&json!([
        { "putProperty": { "id": "property/temperature", "title": "Bearing temperature", "quantityKind": "Temperature" } },
        { "putRequirement": { "id": "req/REQ-12", "identifier": "REQ-12", "constraints": [limit] } },
        { "putPart": { "id": "part/PUMP", "identifier": "PUMP" } },
        { "putPart": { "id": "part/BRG", "identifier": "BRG" } },
        { "putDesignRevision": { "id": "part/PUMP/A", "revisionOf": "part/PUMP", "revision": "A", "status": "DRAFT", "signals": [signal],
            "usages": [{ "child": "part/BRG", "position": "bearing", "quantity": 1 }] } },
        { "putDesignRevision": { "id": "part/BRG/B", "revisionOf": "part/BRG", "revision": "B", "status": "DRAFT", "satisfies": ["req/REQ-12"] } },
        { "putDesignRevision": { "id": "part/BRG/C", "revisionOf": "part/BRG", "revision": "C", "status": "DRAFT", "supersedes": ["part/BRG/B"], "satisfies": ["req/REQ-12"] } },
        { "putBuild": { "id": "lot/PUMP", "identifier": "L-PUMP", "realizes": "part/PUMP/A" } },
        { "putBuild": { "id": "lot/B", "identifier": "L-B", "realizes": "part/BRG/B" } },
        { "putBuild": { "id": "lot/C", "identifier": "L-C", "realizes": "part/BRG/C" } },
    ]));
    let twin = |id: &str, part: &str, lot: &str, site: Json| json!({ "putTwinInstance": { "id": format!("twin/{id}"), "identifier": id, "part": part, "builtBy": lot, "site": site, "commissionedAt": "2025-01-01T00:00:00Z" } });
    let installation = |n: u32, component: &str, parent: &str, from: &str| json!({ "putInstallation": { "id": format!("installation/{n}"), "component": component, "parent": parent, "position": "bearing", "from": from } });
    bench.commit(&json!([
        twin("P-1", "part/PUMP", "lot/PUMP", json!("north")),
        twin("P-2", "part/PUMP", "lot/PUMP", json!("south")),
        twin("B-1", "part/BRG", "lot/B", Json::Null),
        twin("C-1", "part/BRG", "lot/C", Json::Null),
        installation(1, "twin/B-1", "twin/P-1", "2025-01-01T00:00:00Z"),
        installation(2, "twin/C-1", "twin/P-2", "2025-01-11T00:00:00Z"),
    ]));
    let start = 1_735_689_600_i64;
    let mut lines = String::new();
    for step in 0..31 * 144 {
        let at = start + step * 600;
        lines.push_str(&format!("pump,twin=P-1 temp=90,spare=1 {at}\npump,twin=P-2 temp=70 {at}\n"));
    }
    let written = bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    assert_eq!(written.rejected.len(), 0);
    bench
}

pub(in crate::graphql::tests) const JANUARY: &str =
    "window: {from: \"2025-01-01T00:00:00Z\", to: \"2025-02-01T00:00:00Z\"}";

#[test]
fn population_and_configuration_show_who_carried_what_when() {
    let bench = fielded();
    let data = bench.data(&format!(
        "{{ thread {{ designRevision(id: \"part/BRG/C\") {{ population({JANUARY}) {{ unitCount totalCount members {{ nodes {{ item {{ iri __typename }} asset {{ iri }} path from to certainty hours revision {{ revision }} lot {{ identifier }} }} }} }} }}
           twinInstance(id: \"twin/P-2\") {{ then: configuration(at: \"2025-01-05T00:00:00Z\") {{ nodes {{ item {{ iri }} }} }} now: configuration {{ nodes {{ item {{ iri }} path }} }} }} }} }}"
    ));
    assert_eq!(
        flat(&data["thread"]["designRevision"]["population"]),
        // Before it was installed nobody knows where the commissioned component was.
        json!({ "unitCount": 1, "totalCount": 2, "members": [{
            "item": { "iri": "twin/C-1", "__typename": "PlainTwinInstance" }, "asset": { "iri": "twin/C-1" }, "path": "",
            "from": "2025-01-01T00:00:00Z", "to": "2025-01-11T00:00:00Z", "certainty": "UNKNOWN", "hours": 240.0, "revision": { "revision": "C" }, "lot": { "identifier": "L-C" } }, {
            "item": { "iri": "twin/C-1", "__typename": "PlainTwinInstance" }, "asset": { "iri": "twin/P-2" }, "path": "bearing",
            "from": "2025-01-11T00:00:00Z", "to": null, "certainty": "CERTAIN", "hours": 504.0, "revision": { "revision": "C" }, "lot": { "identifier": "L-C" } }] })
    );
    assert_eq!(
        flat(&data["thread"]["twinInstance"]),
        json!({ "then": [], "now": [{ "item": { "iri": "twin/C-1" }, "path": "bearing" }] })
    );
}

#[test]
fn usage_counts_only_what_was_installed() {
    let bench = fielded();
    let usage = |item: &str, arguments: &str, fields: &str| {
        let query = format!(
            "{{ thread {{ node: part(id: \"{item}\") {{ iri }} usage: {}(id: \"{item}\") {{ fieldUsage(property: \"property/temperature\", {JANUARY} {arguments}) {{ {fields} }} }} }} }}",
            if item.matches('/').count() > 1 { "designRevision" } else { "part" }
        );
        bench.data(&query)["thread"]["usage"]["fieldUsage"].clone()
    };
    let c = usage(
        "part/BRG/C",
        "",
        "unit { symbol } unitCount sampleCount hours min max mean percentile(p: 0.95) timeBeyond(limit: 85) account { observedHours missingHours unbound { reason } }",
    );
    assert_eq!(c["unit"]["symbol"], "°C");
    assert_eq!(
        (&c["unitCount"], &c["sampleCount"], &c["hours"]),
        (&json!(1), &json!((21 * 144).to_string()), &json!(504.0))
    );
    assert_eq!(
        (&c["min"], &c["max"], &c["mean"], &c["timeBeyond"]),
        (&json!(70.0), &json!(70.0), &json!(70.0), &json!(0.0))
    );
    assert_eq!(c["account"], json!({ "observedHours": 504.0, "missingHours": 0.0, "unbound": [] }));
    let c = usage("part/BRG/C", "", "sum integral first { at value } last { at value }");
    assert_eq!((&c["sum"], &c["integral"]), (&json!(70.0 * 21.0 * 144.0), &json!(70.0 * 504.0)));
    assert_eq!(c["first"], json!({ "at": "2025-01-11T00:00:00Z", "value": 70.0 }));
    assert_eq!(c["last"], json!({ "at": "2025-01-31T23:50:00Z", "value": 70.0 }));
    let part = usage(
        "part/BRG",
        ", groupBy: [REVISION], bucket: \"P1M\"",
        "timeBeyond(limit: 85) groups { key resource { iri } usage { mean unitCount } } buckets { from to usage { sampleCount } } worstUnits(first: 1, limit: 60) { serial hoursBeyond(limit: 60) cooler: hoursBeyond(limit: 95) unit { iri } }",
    );
    assert_eq!(part["timeBeyond"], 744.0);
    assert_eq!(
        part["groups"],
        json!([
            { "key": "part/BRG/B", "resource": { "iri": "part/BRG/B" }, "usage": { "mean": 90.0, "unitCount": 1 } },
            { "key": "part/BRG/C", "resource": { "iri": "part/BRG/C" }, "usage": { "mean": 70.0, "unitCount": 1 } } ])
    );
    assert_eq!(
        part["buckets"],
        json!([{ "from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z", "usage": { "sampleCount": (31 * 144 + 21 * 144).to_string() } }])
    );
    assert_eq!(
        part["worstUnits"],
        json!([{ "serial": "B-1", "hoursBeyond": 744.0, "cooler": 0.0, "unit": { "iri": "twin/B-1" } }])
    );
    // What else is asked beside or before it changes nothing.
    let alone = usage("part/BRG", "", "worstUnits(limit: 95) { serial hoursBeyond(limit: 60) }");
    let beside = usage(
        "part/BRG",
        "",
        "b: timeBeyond(limit: 50) a: worstUnits { hoursBeyond(limit: 10) } worstUnits(limit: 95) { serial hoursBeyond(limit: 60) }",
    );
    assert_eq!(
        (&beside["worstUnits"], alone["worstUnits"].as_array().map(Vec::len)),
        (&alone["worstUnits"], Some(2))
    );
    let hours: Vec<_> =
        alone["worstUnits"].as_array().into_iter().flatten().map(|unit| &unit["hoursBeyond"]).collect();
    assert_eq!(hours, [&json!(744.0), &json!(504.0)]);
    let twice = bench.ask(&format!(
        "{{ thread {{ part(id: \"part/BRG\") {{ fieldUsage(property: \"property/temperature\", {JANUARY}, groupBy: [LOT, UNIT, LOT]) {{ hours }} }} }} }}"
    ));
    let error = &twice["errors"][0];
    assert_eq!(
        (&error["message"], &error["extensions"]["code"]),
        (&json!("\"groupBy\" names LOT twice"), &json!("BAD_INPUT"))
    );
    let check = |arguments: &str, units: u64| {
        assert_eq!(usage("part/BRG", arguments, "unitCount")["unitCount"], units, "{arguments}");
    };
    check("", 2);
    check(", among: {site: {eq: \"south\"}}", 1);
    check(", among: {site: {in: [\"south\", \"north\"]}, builtBy: {eq: \"lot/B\"}}", 1);
    check(", among: {identifier: {startsWith: \"C-\"}}", 1);
    check(", among: {identifier: {eq: \"nobody\"}}", 0);
    let fahrenheit =
        usage("part/BRG/B", ", unit: \"DEG_F\", weight: UNIT", "mean sum first { value } unit { name }");
    assert_eq!(fahrenheit["unit"]["name"], "DEG_F");
    assert!((fahrenheit["mean"].as_f64().expect("a mean") - 194.0).abs() < 1e-9);
    assert!((fahrenheit["sum"].as_f64().expect("a sum") - 194.0 * 31.0 * 144.0).abs() < 1e-6);
    assert!((fahrenheit["first"]["value"].as_f64().expect("a value") - 194.0).abs() < 1e-9);
    let condition =
        ", while: [{property: \"property/temperature\", comparator: GT, limit: 80, unit: \"DEG_C\"}]";
    assert_eq!(usage("part/BRG", condition, "sampleCount")["sampleCount"], (31 * 144).to_string());
}

#[test]
fn the_weight_decides_what_a_sample_counts_for() {
    let bench = fielded();
    // An hour in which C runs at 100 °C and reports it each minute; then again each ten minutes that it runs at 70 °C.
    let hour: String =
        (0..60).map(|minute| format!("pump,twin=P-2 temp=100 {}\n", 1_737_331_200 + minute * 60)).collect();
    assert_eq!(
        bench.app.ingest_lines(hour.as_bytes(), Precision::Seconds).expect("the store writes").samples,
        60
    );
    let check = |weight: &str, mean: f64, median: f64| {
        let data = bench.data(&format!(
            "{{ thread {{ designRevision(id: \"part/BRG/C\") {{ fieldUsage(property: \"property/temperature\", weight: {weight},
                window: {{from: \"2025-01-20T00:00:00Z\", to: \"2025-01-20T02:00:00Z\"}}) {{ mean percentile(p: 0.4) sum integral
                histogram(bins: 2) {{ from to sampleCount hours }} }} }} }} }}"
        ));
        let usage = &data["thread"]["designRevision"]["fieldUsage"];
        let got = usage["mean"].as_f64().expect("a mean");
        assert!((got - mean).abs() < 1e-9, "{weight}: {got}");
        let got = usage["percentile"].as_f64().expect("a percentile");
        assert!((got / median - 1.0).abs() < 0.01, "{weight}: {got}");
        assert_eq!((&usage["sum"], &usage["integral"]), (&json!(6420.0), &json!(170.0)), "{weight}");
        let bar = |from: f64, to: f64, count: u64| json!({ "from": from, "to": to, "sampleCount": count.to_string(), "hours": 1.0 });
        assert_eq!(usage["histogram"], json!([bar(70.0, 85.0, 6), bar(85.0, 100.0, 60)]), "{weight}");
    };
    check("TIME", 85.0, 70.0);
    check("SAMPLE", 6420.0 / 66.0, 100.0);
    check("UNIT", 85.0, 70.0);
}

#[test]
fn what_cannot_be_asked_of_the_field_is_refused() {
    let bench = fielded();
    let check = |arguments: &str, code: &str| {
        bench.error(
            &format!("{{ thread {{ part(id: \"part/BRG\") {{ fieldUsage({arguments}) {{ mean }} }} }} }}"),
            code,
        );
    };
    check(&format!("property: \"property/pressure\", {JANUARY}"), "NOT_FOUND");
    check(&format!("property: \"property/temperature\", {JANUARY}, unit: \"furlong\""), "NOT_FOUND");
    check(&format!("property: \"property/temperature\", {JANUARY}, unit: \"KiloPA\""), "BAD_INPUT");
    check(&format!("property: \"property/temperature\", {JANUARY}, zone: \"Mars\""), "BAD_INPUT");
    check(&format!("property: \"property/temperature\", {JANUARY}, bucket: \"1h\""), "BAD_INPUT");
    let ages = "window: {from: \"1970-01-01T00:00:00Z\", to: \"2200-01-01T00:00:00Z\"}, bucket: \"PT0.001S\"";
    check(&format!("property: \"property/temperature\", {ages}"), "LIMIT_EXCEEDED");
    bench.error(
        &format!("{{ thread {{ twinInstances(first: 1) {{ nodes {{ telemetry({ages}) {{ more }} }} }} }} }}"),
        "LIMIT_EXCEEDED",
    );
    check(
        "property: \"property/temperature\", window: {from: \"2025-02-01T00:00:00Z\", to: \"2025-01-01T00:00:00Z\"}",
        "BAD_INPUT",
    );
    check(
        &format!(
            "property: \"property/temperature\", {JANUARY}, while: [{{property: \"property/temperature\", comparator: GT, limit: 80}}]"
        ),
        "BAD_INPUT",
    );
    bench.error(
        &format!("{{ thread {{ part(id: \"part/BRG\") {{ fieldUsage(property: \"property/temperature\", {JANUARY}) {{ percentile(p: 95) }} }} }} }}"),
        "BAD_INPUT",
    );
}

#[test]
fn margins_become_evidence_on_a_branch() {
    let bench = fielded();
    let margins = bench.data(&format!(
        "{{ thread {{ designRevision(id: \"part/BRG/B\") {{ margins({JANUARY}) {{ requirement {{ identifier }} constraint {{ limit }} verdict observed limit distance unit {{ symbol }} conformingUnits violators {{ nodes {{ serial unit {{ iri }} verdict }} }} account {{ observedHours }} }} }} }} }}"
    ));
    let margin = &margins["thread"]["designRevision"]["margins"][0];
    assert_eq!(
        (&margin["requirement"]["identifier"], &margin["verdict"]),
        (&json!("REQ-12"), &json!("VIOLATES")),
        "{margins}"
    );
    assert_eq!(
        margin["violators"]["nodes"],
        json!([{ "serial": "B-1", "unit": { "iri": "twin/B-1" }, "verdict": "VIOLATES" }])
    );
    assert_eq!((&margin["limit"], &margin["unit"]["symbol"]), (&json!(85.0), &json!("°C")));
    bench.data("mutation { createBranch(input: { name: \"review/b\" }) { branch { name } } }");
    bench.tick();
    let record = format!(
        "mutation {{ recordEvidence(input: {{ branch: \"review/b\", item: \"part/BRG/B\", requirement: \"req/REQ-12\", {JANUARY} }}) {{ changed commit {{ id message }} margins {{ verdict }} evidence {{ verdict requirement {{ iri }} design {{ iri }} watermark commit resultDigest }} }} }}"
    );
    let first = bench.data(&record)["recordEvidence"].clone();
    let evidence = &first["evidence"][0];
    assert_eq!(
        (&evidence["verdict"], &evidence["requirement"]["iri"]),
        (&json!("VIOLATES"), &json!("req/REQ-12"))
    );
    assert_eq!(evidence["design"]["iri"], "part/BRG/B");
    let on_main = bench.data("{ thread { fieldEvidences { totalCount } } }");
    assert_eq!(on_main["thread"]["fieldEvidences"]["totalCount"], 0);
    bench.tick();
    let again = bench.data(&record)["recordEvidence"].clone();
    assert_eq!(
        (&again["changed"], &again["commit"]),
        (&json!(0), &first["commit"]),
        "the same evidence is recorded once"
    );
    bench.error(
        &format!("mutation {{ recordEvidence(input: {{ branch: \"review/b\", item: \"part/PUMP\", {JANUARY} }}) {{ changed }} }}"),
        "NOT_FOUND",
    );
}

#[test]
fn a_watermark_pins_what_was_known() {
    let bench = fielded();
    let query = |known: &str| {
        format!(
            "{{ thread{known} {{ watermark twinInstance(id: \"twin/P-1\") {{ fieldUsage(property: \"property/temperature\", {JANUARY}) {{ account {{ late: lateCount }} }} latest {{ at value property {{ iri }} unit {{ symbol }} signal {{ name }} }} }} }} }}"
        )
    };
    let before = bench.data(&query(""))["thread"].clone();
    let reading = &before["twinInstance"]["latest"][0];
    assert_eq!(
        (&reading["value"], &reading["signal"]["name"], &reading["unit"]["symbol"]),
        (&json!(90.0), &json!("temp"), &json!("°C"))
    );
    bench.tick();
    let between = crate::model::time::clock::Clock::now(&*bench.clock).to_string();
    bench.tick();
    bench
        .app
        .ingest_lines(b"pump,twin=P-1 temp=50 1738367999", Precision::Seconds)
        .expect("the store writes");
    let after = bench.data(&query(""))["thread"].clone();
    assert_eq!(after["twinInstance"]["latest"][0]["value"], 50.0);
    let watermark = before["watermark"].as_str().expect("a watermark");
    // The exact watermark is in the answer, whichever of its names was asked for.
    bench.tick();
    for known in [watermark, between.as_str(), between.replace('Z', "+00:00").as_str()] {
        assert_eq!(bench.data(&query(&format!("(asKnownAt: \"{known}\")")))["thread"], before, "{known}");
    }
    bench.error(&query("(asKnownAt: \"2100-01-01T00:00:00Z\")"), "BAD_INPUT");
}

#[test]
fn a_unit_shows_what_it_sent() {
    let bench = fielded();
    let data = bench.data(
        "{ thread { unboundSeries { nodes { series { twin field } twin { iri } reason signals { iri } } } twinInstance(id: \"twin/P-2\") {
            samples: telemetry(signal: \"temp\", window: {from: \"2025-01-01T00:00:00Z\", to: \"2025-01-02T00:00:00Z\"}, limit: 2) { more samples { at value } unit { symbol } }
            days: telemetry(window: {from: \"2025-01-01T00:00:00Z\", to: \"2025-01-03T00:00:00Z\"}, bucket: \"P1D\") { property { iri } buckets { from sampleCount mean } } } } }",
    );
    let twin = &data["thread"]["twinInstance"];
    assert_eq!(
        twin["samples"],
        json!([{ "more": true, "unit": { "symbol": "°C" }, "samples": [{ "at": "2025-01-01T00:00:00Z", "value": 70.0 }, { "at": "2025-01-01T00:10:00Z", "value": 70.0 }] }])
    );
    assert_eq!(
        twin["days"][0]["buckets"],
        json!([{ "from": "2025-01-01T00:00:00Z", "sampleCount": "144", "mean": 70.0 }, { "from": "2025-01-02T00:00:00Z", "sampleCount": "144", "mean": 70.0 }])
    );
    assert_eq!(
        data["thread"]["unboundSeries"]["nodes"],
        json!([{ "series": { "twin": "P-1", "field": "spare" }, "twin": { "iri": "twin/P-1" }, "reason": "NO_SIGNAL", "signals": [] }])
    );
}

#[test]
fn a_request_sees_what_it_has_changed_before() {
    let bench = fielded();
    bench.tick();
    let data = bench.data(&format!(
        "mutation {{ commit(input: {{ message: \"Allow more\", changes: [{{putRequirement: {{id: \"req/REQ-12\", constraints: [{{id: \"#constraint\", limit: 95}}]}}}}] }}) {{ changed }}
           recordEvidence(input: {{ branch: \"main\", item: \"part/BRG/B\", {JANUARY} }}) {{ evidence {{ verdict limit }} }} }}"
    ));
    assert_eq!(data["recordEvidence"]["evidence"], json!([{ "verdict": "CONFORMS", "limit": 95.0 }]));
}

#[test]
fn counters_are_added_up_and_states_are_timed() {
    let bench = Bench::new();
    let signal = |name: &str, kind: &str, unit: Json| json!({ "name": name, "property": format!("property/{name}"), "kind": kind, "unit": unit, "expectedPeriod": "PT1H" });
    bench.commit(&json!([
        { "putProperty": { "id": "property/run", "title": "Operating time", "quantityKind": "Time" } },
        { "putProperty": { "id": "property/mode", "title": "Mode", "quantityKind": "State" } },
        { "putPart": { "id": "part/PUMP", "identifier": "PUMP" } },
        { "putDesignRevision": { "id": "part/PUMP/A", "revisionOf": "part/PUMP", "revision": "A", "status": "DRAFT",
            "signals": [signal("run", "COUNTER", json!("MIN")), signal("mode", "STATE", Json::Null)] } },
        { "putBuild": { "id": "lot/PUMP", "identifier": "L-PUMP", "realizes": "part/PUMP/A" } },
        { "putTwinInstance": { "id": "twin/P-1", "identifier": "P-1", "part": "part/PUMP", "builtBy": "lot/PUMP", "commissionedAt": "2025-01-01T00:00:00Z" } },
    ]));
    let start = 1_735_689_600_i64;
    for (hour, run, mode) in [(0, 100, 0), (1, 160, 1), (2, 190, 1), (3, 30, 0), (24, 60, 1)] {
        let line = format!("pump,twin=P-1 run={run},mode={mode} {}", start + hour * 3600);
        bench.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("the store writes");
    }
    let ask = |property: &str, fields: &str| {
        format!(
            "{{ thread {{ designRevision(id: \"part/PUMP/A\") {{ fieldUsage(property: \"property/{property}\", {JANUARY}, bucket: \"P1D\") {{ {fields} }} }} }} }}"
        )
    };
    let data = bench.data(&ask("run", "increase rate resetCount buckets { usage { increase } }"));
    let usage = &data["thread"]["designRevision"]["fieldUsage"];
    // 60 + 30 + 30 after a reset + 30, in minutes over a day.
    assert_eq!((&usage["increase"], &usage["resetCount"]), (&json!(150.0), &json!("1")));
    assert_eq!(usage["rate"], json!(150.0 / 86_400.0));
    let days = &usage["buckets"];
    assert_eq!((&days[0]["usage"]["increase"], &days[1]["usage"]["increase"]), (&json!(120.0), &json!(30.0)));
    // Of a month without samples nothing is known, not even that the counter stood still.
    let march = |property: &str, fields: &str| {
        let march = "window: { from: \"2025-03-01T00:00:00Z\", to: \"2025-03-03T00:00:00Z\" }";
        ask(property, fields).replace(JANUARY, march)
    };
    let data = bench.data(&march(
        "run",
        "sampleCount increase rate resets: resetCount buckets { usage { increase resets: resetCount } }",
    ));
    let nothing = json!({ "usage": { "increase": null, "resets": null } });
    let expect = json!({ "sampleCount": "0", "increase": null, "rate": null, "resets": null, "buckets": [nothing, nothing] });
    assert_eq!(data["thread"]["designRevision"]["fieldUsage"], expect);
    let data = bench.data(&march("mode", "transitions: transitionCount timeInState { hours }"));
    assert_eq!(
        data["thread"]["designRevision"]["fieldUsage"],
        json!({ "transitions": null, "timeInState": [] })
    );
    let data = bench.data(&ask("mode", "timeInState { state hours } transitionCount increase: sampleCount"));
    let usage = &data["thread"]["designRevision"]["fieldUsage"];
    let expect = json!([{ "state": 0.0, "hours": 2.0 }, { "state": 1.0, "hours": 3.0 }]);
    assert_eq!((&usage["timeInState"], &usage["transitionCount"]), (&expect, &json!("3")));
    let refused = bench.ask(&ask("mode", "rate"));
    let error = &refused["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_INPUT");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("of the kind STATE")), "{error}");
}

#[test]
fn margins_show_what_they_were_seen_from_and_refuse_nonsense() {
    let bench = fielded();
    let ask = |arguments: &str, fields: &str| {
        format!("{{ thread {{ part(id: \"part/BRG\") {{ margins({arguments}) {{ {fields} }} }} }} }}")
    };
    let fields = "verdict unitCount sampleCount unitHours distance distancePercent worstUnits(first: 1) { serial distance sampleCount unit { builtBy { identifier } } } predictions { value }";
    let margins = bench.data(&ask(JANUARY, fields))["thread"]["part"]["margins"].clone();
    let of_b = &margins[0];
    assert_eq!((&of_b["verdict"], &of_b["unitCount"]), (&json!("VIOLATES"), &json!(1)));
    assert_eq!((&of_b["sampleCount"], &of_b["unitHours"]), (&json!((31 * 144).to_string()), &json!(744.0)));
    let worst = &of_b["worstUnits"][0];
    assert_eq!((&worst["serial"], &worst["unit"]["builtBy"]["identifier"]), (&json!("B-1"), &json!("L-B")));
    assert!(worst["distance"].as_f64().is_some_and(|distance| (distance + 5.0).abs() < 1.0), "{worst}");
    let verdict = |sufficiency: &str| {
        bench.data(&ask(&format!("{JANUARY}, sufficiency: {sufficiency}"), "verdict"))["thread"]["part"]["margins"][1]["verdict"].clone()
    };
    assert_eq!(verdict("{}"), "CONFORMS");
    assert_eq!(verdict("{hours: 505}"), "UNKNOWN");
    bench.error(&ask(&format!("{JANUARY}, sufficiency: {{share: 1.5}}"), "verdict"), "BAD_INPUT");
    bench.error(&ask(&format!("{JANUARY}, sufficiency: {{hours: -1}}"), "verdict"), "BAD_INPUT");
    bench.error(
        &ask("window: {from: \"2025-02-01T00:00:00Z\", to: \"2025-02-01T00:00:00Z\"}", "verdict"),
        "BAD_INPUT",
    );
    bench.error(
        &ask("window: {from: \"2025-03-01T00:00:00Z\", to: \"2025-02-01T00:00:00Z\"}", "verdict"),
        "BAD_INPUT",
    );
}
