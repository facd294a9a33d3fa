//! Ids of resources at versions and watermarks, and the identifiers by which arguments find resources.

use crate::graphql::tests::Bench;
use crate::telemetry::Precision;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

const HEAT: &str = "id iri fieldUsage(property: \"property/temperature\", window: { from: \"2025-06-01T00:00:00Z\", to: \"2025-06-02T00:00:00Z\" }) { max }";

fn heat(bench: &Bench, hour: u8, value: u8) -> String {
    let line = format!("m,twin=T-1 heat={value} {}", 1_748_736_000 + 3600 * u64::from(hour));
    let store = bench.app.telemetry();
    store.write_lines(line.as_bytes(), Precision::Seconds).expect("a write").watermark.to_string()
}

#[test]
fn an_id_names_a_version_and_a_watermark_and_answers_as_of_both() {
    let bench = Bench::furnished();
    bench.commit(&json!([
        { "putDesignRevision": { "id": "part/BRG/B", "signals": [{ "id": "#heat", "name": "heat", "property": "property/temperature", "unit": "DEG_C" }] } },
        { "putBuild": { "id": "lot/1", "identifier": "L-1", "realizes": "part/BRG/B" } },
        { "putTwinInstance": { "id": "twin/T-1", "builtBy": "lot/1" } },
    ]));
    let then = heat(&bench, 0, 70);
    heat(&bench, 1, 90);
    let unit = |arguments: &str| {
        let query = format!("{{ thread{arguments} {{ twinInstance(id: \"T-1\") {{ {HEAT} }} }} }}");
        bench.data(&query)["thread"]["twinInstance"].clone()
    };
    let (before, now) = (unit(&format!("(asKnownAt: \"{then}\")")), unit(""));
    assert_ne!(before["id"], now["id"]);
    assert_eq!((&before["fieldUsage"]["max"], &now["fieldUsage"]["max"]), (&json!(70.0), &json!(90.0)));
    let node = |id: &Json| {
        let query = format!("query ($id: ID!) {{ node(id: $id) {{ ... on TwinInstance {{ {HEAT} }} }} }}");
        bench.ask_with(&query, json!({ "id": id }))["data"]["node"].clone()
    };
    // Not even what comes later changes what an id answers, and it gives itself back.
    heat(&bench, 2, 95);
    bench.commit(&json!([{ "putTwinInstance": { "id": "twin/T-1", "site": "west" } }]));
    assert_eq!((node(&before["id"]), node(&now["id"])), (before.clone(), now.clone()));
    // Ids made before watermarks were in them name the newest one.
    let commit = bench.data("{ thread { commit { id } } }")["thread"]["commit"]["id"].clone();
    let older = URL_SAFE_NO_PAD.encode(format!("tl:{}:twin/T-1", commit.as_str().expect("an id")));
    assert_eq!(node(&json!(older)), unit(""));
    // Arguments take an id of any version and watermark for its resource.
    for id in [&before["id"], &json!(older), &json!("twin/T-1"), &json!("https://example.org/twin/T-1")] {
        let query = "query ($id: ID!) { thread { twinInstance(id: $id) { iri site } } }";
        let answer = bench.ask_with(query, json!({ "id": id }));
        assert_eq!(answer["data"]["thread"]["twinInstance"], json!({ "iri": "twin/T-1", "site": "west" }));
    }
}

#[test]
fn an_argument_finds_a_resource_by_an_identifier_that_it_alone_bears() {
    let bench = Bench::furnished();
    let title = |id: &str| {
        format!("{{ thread {{ requirement(id: \"{id}\") {{ title }} part(id: \"{id}\") {{ title }} }} }}")
    };
    assert_eq!(
        bench.data(&title("REQ-12"))["thread"],
        json!({ "requirement": { "title": "Keep bearings cool" }, "part": null })
    );
    assert_eq!(
        bench.data(&title("BRG"))["thread"],
        json!({ "requirement": null, "part": { "title": "Bearing" } })
    );
    assert_eq!(bench.data("{ node(id: \"BRG\") { ... on Record { iri } } }")["node"]["iri"], "part/BRG");
    let count = |filter: &str| {
        let query = format!("{{ thread {{ twinInstances(filter: {filter}) {{ totalCount }} }} }}");
        bench.data(&query)["thread"]["twinInstances"]["totalCount"].clone()
    };
    assert_eq!((count("{part: {eq: \"BRG\"}}"), count("{part: {ne: \"part/BRG\"}}")), (json!(5), json!(0)));
    // One identifier of a part and a requirement is clear where only one of them is meant, and refused elsewhere.
    bench.commit(&json!([{ "putPart": { "id": "part/REQ-12", "identifier": "REQ-12", "title": "A part" } }]));
    assert_eq!(bench.data(&title("REQ-12"))["thread"]["part"]["title"], "A part");
    let error = bench.error("{ node(id: \"REQ-12\") { ... on Record { iri } } }", "BAD_INPUT");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("part/REQ-12, req/REQ-12"), "{message}");
    // A put names what it makes: nothing is found by its identifier there.
    bench.commit(&json!([{ "putPart": { "id": "BRG", "identifier": "BRG-2", "title": "Another" } }]));
    assert_eq!(bench.data(&title("BRG"))["thread"]["part"]["title"], "Another");
}

#[test]
fn filters_that_could_never_match_are_refused() {
    let bench = Bench::furnished();
    let check = |filter: &str, expect: Result<usize, &str>| {
        let query = format!("{{ thread {{ requirements(filter: {filter}) {{ totalCount }} }} }}");
        match expect {
            Ok(count) => {
                assert_eq!(bench.data(&query)["thread"]["requirements"]["totalCount"], count, "{filter}");
            }
            Err(code) => drop(bench.error(&query, code)),
        }
    };
    check("{constraints: {eq: \"req/REQ-12#constraint\"}}", Ok(1));
    check("{constraints: {eq: \"85\"}}", Err("BAD_INPUT"));
    check("{constraints: {ne: \"85\"}}", Err("BAD_INPUT"));
    check("{foreignIdentifiers: {in: [\"4711\"]}}", Err("BAD_INPUT"));
    check("{constraints: {exists: true}}", Ok(1));
    check("{identifier: {ge: \"REQ-12\"}}", Ok(1));
    check("{identifier: {gt: \"REQ-1\", lt: \"REQ-12\"}}", Ok(0));
    check("{identifier: {ge: \"REQ-1\", le: \"REQ-12\"}}", Ok(2));
    // Values are compared, however they are written.
    let units = |filter: &str| {
        let query = format!("{{ thread {{ twinInstances(filter: {filter}) {{ totalCount }} }} }}");
        bench.data(&query)["thread"]["twinInstances"]["totalCount"].clone()
    };
    for same in ["2025-01-01T00:00:00+02:00", "2024-12-31T22:00:00Z", "2024-12-31T22:00:00.000Z"] {
        assert_eq!(units(&format!("{{commissionedAt: {{eq: \"{same}\"}}}}")), 1, "{same}");
        assert_eq!(units(&format!("{{commissionedAt: {{in: [\"{same}\"]}}}}")), 1, "{same}");
    }
    assert_eq!(units("{unitNumber: {in: [9, 8]}}"), 2);
}
