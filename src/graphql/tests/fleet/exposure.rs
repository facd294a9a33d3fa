//! What changes would touch, asked before they are made; and that asking leaves no trace.

use super::field::{JANUARY, fielded};
use crate::graph::tests::laws::previews::bytes;
use crate::graphql::tests::{Bench, flat};
use serde_json::{Value as Json, json};
use std::path::PathBuf;

/// Asks for an exposure in January, and expects that not a byte of the thread has changed.
fn exposure(bench: &Bench, changes: &Json, fields: &str) -> Json {
    bench.app.seal().expect("sealed");
    let before = bytes(bench._folder.path());
    let query = format!(
        "query ($changes: [Change!]!) {{ thread {{ exposure(changes: $changes, {JANUARY}) {{ {fields} }} }} }}"
    );
    let answer = bench.ask_with(&query, json!({ "changes": changes }));
    assert_eq!(answer["errors"], Json::Null, "{changes}");
    let after = bytes(bench._folder.path());
    let changed = before.iter().filter(|(path, bytes)| after.get(*path) != Some(*bytes));
    assert_eq!(changed.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<&PathBuf>::new(), "changed");
    assert_eq!(before.len(), after.len(), "a file is new");
    flat(&answer["data"]["thread"]["exposure"])
}

fn limit(limit: u32) -> Json {
    json!([{ "putRequirement": { "id": "req/REQ-12", "constraints": [{ "id": "#constraint", "limit": limit }] } }])
}

const MARGINS: &str = "margins { design { revision } requirement { identifier }
    before { verdict observed limit distance } after { verdict observed limit distance }
    newlyViolatingCount newlyViolating { nodes { serial observed } } newlyConformingCount newlyConforming { nodes { serial } } }";

#[test]
fn a_tightened_limit_shows_who_would_break_it() {
    let bench = fielded();
    let fields = format!(
        "changed violations {{ nodes {{ message }} }} designs {{ nodes {{ iri }} }} unitCount movedCount hoursBefore hoursAfter
         units {{ nodes {{ serial hoursBefore hoursAfter moved }} }} sites {{ nodes {{ site unitCount hoursBefore hoursAfter }} }} {MARGINS}
         suspectLinks {{ nodes {{ from {{ iri }} property to {{ iri }} changes {{ before after since {{ preview }} }} }} }}"
    );
    let exposed = exposure(&bench, &limit(65), &fields);
    let margin = |observed: f64, limit: f64, verdict: &str| json!({ "verdict": verdict, "observed": observed, "limit": limit, "distance": limit - observed });
    let suspect = |revision: &str| {
        json!({ "from": { "iri": revision }, "property": "satisfies", "to": { "iri": "req/REQ-12" },
            "changes": [{ "before": ["85"], "after": ["65"], "since": { "preview": true } }] })
    };
    assert_eq!(
        exposed,
        json!({
            "changed": 2, "violations": [], "designs": [{ "iri": "part/BRG/B" }, { "iri": "part/BRG/C" }],
            "unitCount": 2, "movedCount": 0, "hoursBefore": 1248.0, "hoursAfter": 1248.0,
            "units": [
                { "serial": "B-1", "hoursBefore": 744.0, "hoursAfter": 744.0, "moved": false },
                { "serial": "C-1", "hoursBefore": 504.0, "hoursAfter": 504.0, "moved": false } ],
            "sites": [
                { "site": "north", "unitCount": 1, "hoursBefore": 744.0, "hoursAfter": 744.0 },
                { "site": "south", "unitCount": 1, "hoursBefore": 504.0, "hoursAfter": 504.0 } ],
            "margins": [
                { "design": { "revision": "B" }, "requirement": { "identifier": "REQ-12" },
                  "before": margin(90.0, 85.0, "VIOLATES"), "after": margin(90.0, 65.0, "VIOLATES"),
                  "newlyViolatingCount": 0, "newlyViolating": [], "newlyConformingCount": 0, "newlyConforming": [] },
                { "design": { "revision": "C" }, "requirement": { "identifier": "REQ-12" },
                  "before": margin(70.0, 85.0, "CONFORMS"), "after": margin(70.0, 65.0, "VIOLATES"),
                  "newlyViolatingCount": 1, "newlyViolating": [{ "serial": "C-1", "observed": 70.0 }],
                  "newlyConformingCount": 0, "newlyConforming": [] } ],
            "suspectLinks": [suspect("part/BRG/B"), suspect("part/BRG/C")],
        })
    );
    let loosened = exposure(&bench, &limit(95), MARGINS);
    let margins = loosened["margins"].as_array().expect("margins");
    assert_eq!(margins[0]["newlyConforming"], json!([{ "serial": "B-1" }]));
    assert_eq!(margins[1]["newlyConformingCount"], 0);
}

#[test]
fn another_component_in_a_position_moves_its_hours() {
    let bench = fielded();
    let spare = json!({ "id": "twin/B-2", "identifier": "B-2", "part": "part/BRG", "builtBy": "lot/B", "level": "COMPONENT" });
    let changes = json!([
        { "putTwinInstance": spare },
        { "putInstallation": { "id": "installation/2", "component": "twin/B-2" } },
    ]);
    let fields = format!(
        "violations {{ nodes {{ message }} }} designs {{ nodes {{ iri }} }} movedCount units(moved: true) {{ nodes {{ serial hoursBefore hoursAfter }} }} {MARGINS}
         diff {{ notes {{ nodes {{ kind }} }} }} thread {{ designRevision(id: \"part/BRG/B\") {{ population({JANUARY}) {{ unitCount }} }} }}"
    );
    let exposed = exposure(&bench, &changes, &fields);
    assert_eq!(exposed["violations"], json!([]));
    assert_eq!(exposed["designs"], json!(["part/BRG/B", "part/BRG/C"].map(|iri| json!({ "iri": iri }))));
    assert_eq!(
        exposed["units"],
        json!([{ "serial": "B-2", "hoursBefore": 0.0, "hoursAfter": 504.0 }, { "serial": "C-1", "hoursBefore": 504.0, "hoursAfter": 744.0 }])
    );
    let verdicts: Vec<[&Json; 2]> = exposed["margins"]
        .as_array()
        .expect("margins")
        .iter()
        .map(|margin| [&margin["before"]["verdict"], &margin["after"]["verdict"]])
        .collect();
    // C-1 was commissioned, and is now in service by itself all January, where no signal observes it.
    assert_eq!(verdicts, [["VIOLATES", "VIOLATES"], ["CONFORMS", "UNKNOWN"]]);
    assert_eq!(exposed["thread"]["designRevision"]["population"]["unitCount"], 2);
}

#[test]
fn a_unit_and_each_single_item_that_it_carries_live_through_each_hour_once() {
    let bench = fielded();
    let seal = |n: u32, position: &str, from: &str| {
        json!({ "putInstallation": { "id": format!("installation/seal-{n}"),
        "component": "lot/C", "parent": "twin/P-1", "position": position, "from": from } })
    };
    bench.commit(&json!([
        seal(1, "left", "2025-01-11T00:00:00Z"),
        seal(2, "right", "2025-01-21T00:00:00Z"),
        { "putDesignRevision": { "id": "part/PUMP/A", "satisfies": ["req/REQ-12"] } },
    ]));
    let fields =
        "units { nodes { serial hoursBefore } } sites { nodes { site unitCount hoursBefore } } hoursBefore";
    // The limit is on the seals and on the pump that they sit in: the hours of the pump are its own 744 and those of each seal.
    assert_eq!(
        exposure(&bench, &limit(65), fields),
        json!({
            "units": [
                { "serial": "B-1", "hoursBefore": 744.0 }, { "serial": "C-1", "hoursBefore": 504.0 },
                { "serial": "P-1", "hoursBefore": 744.0 + 504.0 + 264.0 }, { "serial": "P-2", "hoursBefore": 744.0 } ],
            "sites": [
                { "site": "north", "unitCount": 2, "hoursBefore": 2256.0 },
                { "site": "south", "unitCount": 2, "hoursBefore": 1248.0 } ],
            "hoursBefore": 3504.0,
        })
    );
    let seals = exposure(&bench, &json!([{ "putBuild": { "id": "lot/C", "site": "here" } }]), fields);
    let pump = seals["units"].as_array().expect("units").iter().find(|unit| unit["serial"] == "P-1");
    assert_eq!(pump.expect("the pump")["hoursBefore"], 504.0 + 264.0);
}

#[test]
fn a_requirement_that_comes_to_be_satisfied_is_covered() {
    let bench = fielded();
    bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-13", "identifier": "REQ-13", "constraints": [
        { "property": "property/temperature", "statistic": "MAX", "comparator": "LT", "limit": 60, "unit": "DEG_C", "scope": "FLEET" }] } }]));
    let changes = json!([{ "link": { "from": "part/BRG/C", "property": "satisfies", "to": "req/REQ-13" } }]);
    let fields = format!(
        "{MARGINS} requirementCoverage {{ before {{ need withoutCount }} after {{ withoutCount }} covered {{ nodes {{ identifier }} }} uncovered {{ nodes {{ iri }} }} }}"
    );
    let exposed = exposure(&bench, &changes, &fields);
    let design = &exposed["requirementCoverage"][0];
    assert_eq!(
        design,
        &json!({ "before": { "need": "DESIGN", "withoutCount": 1 }, "after": { "withoutCount": 0 }, "covered": [{ "identifier": "REQ-13" }], "uncovered": [] })
    );
    // What goes is not covered.
    let withdrawn = exposure(
        &bench,
        &json!([{ "retire": "req/REQ-13" }]),
        "requirementCoverage { covered { nodes { iri } } }",
    );
    assert_eq!(withdrawn["requirementCoverage"][0], json!({ "covered": [] }));
    let margins = exposed["margins"].as_array().expect("margins");
    assert_eq!(margins.len(), 2, "REQ-12 and REQ-13 of C alone: {margins:?}");
    assert_eq!((&margins[1]["before"], &margins[1]["after"]["verdict"]), (&Json::Null, &json!("VIOLATES")));
    assert_eq!(margins[1]["newlyViolating"], json!([{ "serial": "C-1", "observed": 70.0 }]));
}

#[test]
fn the_supposed_thread_answers_as_if_it_were_committed() {
    let bench = fielded();
    let head = bench.data("{ thread { commit { id preview } } }");
    assert_eq!(head["thread"]["commit"]["preview"], false);
    let changes = json!([limit(80)[0], { "putPart": { "title": "Nameless" } }]);
    let fields = "resources { nodes { iri } } violations { nodes { resource path message } } thread { commit { id preview parents author { name } }
        requirement(id: \"req/REQ-12\") { constraints { limit provenance { blame { nodes { property value commit { preview } } } } }
            provenance { history(first: 1) { nodes { commit { preview } notes { text } } } }
            satisfiedBy { edges { link { suspect since { preview } } } } }
        requirements(filter: {constraints: { limit: { lt: 81 } } }) { totalCount } }";
    let fields = fields.replace(
        "requirements(filter: {constraints: { limit: { lt: 81 } } }) { totalCount }",
        "parts { totalCount nodes { id title } }",
    );
    let exposed = exposure(&bench, &changes, &fields);
    assert_eq!(exposed, exposure(&bench, &changes, &fields), "the same question, the same answer");
    let part = "part/00000000-0000-8000-8000-000000000001";
    assert_eq!(exposed["resources"], json!([{ "iri": "req/REQ-12" }, { "iri": part }]));
    assert_eq!(exposed["violations"][0]["resource"], part);
    let thread = &exposed["thread"];
    assert_eq!(thread["commit"]["preview"], true);
    assert_eq!(thread["commit"]["parents"], json!([head["thread"]["commit"]["id"]]));
    assert!(thread["commit"]["id"].as_str().expect("an id").starts_with("0000000000000000"));
    let requirement = &thread["requirement"];
    let constraint = &requirement["constraints"][0];
    assert_eq!(constraint["limit"], 80.0);
    let of = |property: &str| {
        let blame = constraint["provenance"]["blame"].as_array().expect("blame");
        blame.iter().find(|entry| entry["property"] == property).expect("blame")["commit"]["preview"].clone()
    };
    assert_eq!((of("limit"), of("statistic")), (json!(true), json!(false)));
    assert_eq!(requirement["provenance"]["history"][0]["commit"]["preview"], true);
    assert!(
        requirement["provenance"]["history"][0]["notes"][0]["text"].as_str().expect("a note").contains("80")
    );
    let edge = json!({ "link": { "suspect": true, "since": { "preview": false } } });
    assert_eq!(requirement["satisfiedBy"]["edges"], json!([edge, edge]));
    assert_eq!(thread["parts"]["totalCount"], 3);
    // Another title makes no difference to any margin.
    let retitled = json!([{ "putRequirement": { "id": "req/REQ-12", "title": "Cool bearings" } }]);
    let margins = exposure(
        &bench,
        &retitled,
        "all: margins { design { iri } } margins(changed: true) { design { iri } }",
    );
    assert_eq!((margins["all"].as_array().map(Vec::len), &margins["margins"]), (Some(2), &json!([])));
    // The supposed version is in no history, so its ids lead nowhere.
    let id = thread["parts"]["nodes"][0]["id"].as_str().expect("an id");
    bench.error(&format!("{{ node(id: \"{id}\") {{ ... on Record {{ iri }} }} }}"), "NOT_FOUND");
}

#[test]
fn what_cannot_be_supposed_is_refused() {
    let bench = fielded();
    let refused = |changes: &str, window: &str, code: &str| {
        let query = format!(
            "{{ thread {{ exposure(changes: {changes}, {window}) {{ changed thread {{ exposure(changes: [], {JANUARY}) {{ changed }} }} }} }} }}"
        );
        bench.error(&query, code)["message"].as_str().expect("a message").to_owned()
    };
    let backwards = "window: { from: \"2025-02-01T00:00:00Z\", to: \"2025-01-01T00:00:00Z\" }";
    assert!(refused("[]", backwards, "BAD_INPUT").contains("does not come after"));
    refused("[{ retire: \"part/NONE\" }]", JANUARY, "NOT_FOUND");
    refused("[{ putPart: { id: \"part/BRG/B\", title: \"a revision\" } }]", JANUARY, "BAD_INPUT");
    refused("[{ retire: \"part/BRG\", putPart: { id: \"part/BRG\" } }]", JANUARY, "BAD_INPUT");
    let again = refused("[{ putPart: { id: \"part/BRG\", title: \"Bearing\" } }]", JANUARY, "BAD_INPUT");
    assert!(again.contains("suppose all changes at once"), "{again}");
    // What a commit is refused for is returned as a value.
    let exposed = exposure(
        &bench,
        &json!([{ "retire": "part/BRG/B" }]),
        "changed violations { nodes { resource path rule message } } designs { nodes { iri } } movedCount",
    );
    assert_eq!((&exposed["designs"], &exposed["movedCount"]), (&json!([{ "iri": "part/BRG/B" }]), &json!(1)));
    let paths: Vec<(&Json, &Json)> = exposed["violations"]
        .as_array()
        .expect("violations")
        .iter()
        .map(|found| (&found["resource"], &found["path"]))
        .collect();
    assert!(paths.contains(&(&json!("lot/B"), &json!("realizes"))), "{exposed}");
    assert!(paths.contains(&(&json!("part/BRG/C"), &json!("supersedes"))), "{exposed}");
    let limit = |field: &str, value: &str| json!([{ "putRequirement": { "id": "req/REQ-12", "constraints": [{ "id": "#constraint", field: value }] } }]);
    // A limit that no value converts into is refused by itself.
    let exposed = exposure(
        &bench,
        &limit("unit", "KiloPA"),
        "violations { nodes { rule } } margins { after { refusal } }",
    );
    assert_eq!(exposed["violations"].as_array().map(Vec::len), Some(1), "{exposed}");
    let refusal = exposed["margins"][0]["after"]["refusal"].as_str().expect("a refusal");
    assert!(refusal.contains("does not measure"), "{refusal}");
    // Where a broken shape leaves nothing to judge, the margins alone are refused, for what a commit would be.
    let query = format!(
        "query($changes: [Change!]!) {{ thread {{ now exposure(changes: $changes, {JANUARY}) {{ unitCount violations {{ nodes {{ rule }} }} margins {{ design {{ iri }} }} }} }} }}"
    );
    let answer = bench.ask_with(&query, json!({ "changes": limit("property", "part/BRG") }));
    let error = &answer["errors"][0];
    assert_eq!(
        (&error["extensions"]["code"], &error["path"]),
        (&json!("SHAPE_VIOLATION"), &json!(["thread", "exposure", "margins"])),
        "{answer}"
    );
    assert_eq!(error["extensions"]["violations"].as_array().map(Vec::len), Some(1), "{answer}");
    let exposed = &flat(&answer["data"]["thread"]["exposure"]);
    assert_eq!(
        (&exposed["margins"], exposed["violations"].as_array().map(Vec::len)),
        (&Json::Null, Some(1)),
        "{answer}"
    );
    // Changes that cannot be applied at all leave the rest of the answer intact.
    let answer = bench.ask_with(&query, json!({ "changes": [{ "retire": "part/NONE" }] }));
    assert_eq!(
        (&answer["errors"][0]["extensions"]["code"], &answer["data"]["thread"]["exposure"]),
        (&json!("NOT_FOUND"), &Json::Null)
    );
    assert!(answer["data"]["thread"]["now"].is_string(), "{answer}");
    let nothing = exposure(
        &bench,
        &json!([]),
        "changed unitCount margins { design { iri } } suspectLinks { nodes { property } } thread { commit { preview } }",
    );
    assert_eq!(
        nothing,
        json!({ "changed": 0, "unitCount": 0, "margins": [], "suspectLinks": [], "thread": { "commit": { "preview": false } } })
    );
}
