//! Mutations.

use super::Bench;
use serde_json::{Value as Json, json};

fn title(bench: &Bench, iri: &str) -> Json {
    let data = bench.data(&format!("{{ thread {{ requirement(id: \"{iri}\") {{ title description }} }} }}"));
    data["thread"]["requirement"].clone()
}

#[test]
fn in_a_put_absent_stays_null_removes_and_an_absent_id_is_made() {
    let bench = Bench::furnished();
    bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-1", "description": "At 40 m head." } }]));
    assert_eq!(title(&bench, "req/REQ-1"), json!({ "title": "Pump water", "description": "At 40 m head." }));
    bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-1", "title": null } }]));
    assert_eq!(title(&bench, "req/REQ-1"), json!({ "title": null, "description": "At 40 m head." }));
    let answer = bench.commit_answer(&json!([{ "putPart": { "identifier": "IMP" } }]));
    let iri = answer["data"]["commit"]["resources"][0]["iri"].as_str().expect("an IRI").to_owned();
    let uuid = iri.strip_prefix("part/").expect("named after its class");
    assert_eq!(uuid::Uuid::parse_str(uuid).map(|id| id.get_version_num()), Ok(7));
}

#[test]
fn fragments_are_reported_with_their_owner() {
    let bench = Bench::furnished();
    let constraints = || {
        bench.data("{ thread { requirement(id: \"req/REQ-12\") { constraints { iri limit statistic conditions { iri limit } } } } }")["thread"].clone()
    };
    let condition =
        json!({ "property": "property/temperature", "comparator": "GT", "limit": 20, "unit": "DEG_C" });
    let second = json!({ "property": "property/temperature", "statistic": "MAX", "comparator": "LT", "limit": 95, "unit": "°C", "conditions": [condition] });
    bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-12", "constraints": [{ "id": "req/REQ-12#constraint", "limit": 80.5 }, second] } }]));
    assert_eq!(
        constraints(),
        json!({ "requirement": { "constraints": [
            { "iri": "req/REQ-12#constraint", "limit": 80.5, "statistic": "P95", "conditions": [] },
            { "iri": "req/REQ-12#constraint-2", "limit": 95.0, "statistic": "MAX", "conditions": [{ "iri": "req/REQ-12#constraint-2-condition", "limit": 20.0 }] } ] } })
    );
    let whole = json!({ "property": "property/temperature", "statistic": "MEAN", "comparator": "LE", "limit": 60, "unit": "DEG_C" });
    bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-12", "constraints": [whole] } }]));
    assert_eq!(
        constraints(),
        json!({ "requirement": { "constraints": [
            { "iri": "req/REQ-12#constraint", "limit": 60.0, "statistic": "MEAN", "conditions": [] } ] } })
    );
    bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-12", "constraints": null } }]));
    assert_eq!(constraints()["requirement"]["constraints"], json!([]));
}

#[test]
fn a_shape_violation_changes_nothing() {
    let bench = Bench::furnished();
    let head = || bench.data("{ thread { commit { id } parts { totalCount } } }");
    let before = head();
    let answer = bench.commit_answer(&json!([
        { "putPart": { "id": "part/GOOD", "identifier": "GOOD" } },
        { "putRequirement": { "id": "req/BAD", "identifier": "BAD", "constraints": [{ "property": "property/temperature", "statistic": "P95", "comparator": "LE", "limit": 85 }] } },
    ]));
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "SHAPE_VIOLATION", "{answer}");
    let violation = &error["extensions"]["violations"]["nodes"][0];
    assert_eq!(violation["resource"], "req/BAD#constraint");
    assert_eq!(violation["path"], "unit");
    assert_eq!(answer["data"]["commit"]["commit"], Json::Null);
    assert_eq!(head(), before);
}

#[test]
fn a_moved_head_merges_or_conflicts_with_both_heads() {
    let bench = Bench::furnished();
    let base = bench.data("{ thread { commit { id } } }")["thread"]["commit"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let head =
        bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-1", "title": "Pump much water" } }]));
    let commit = |changes: Json| {
        bench.tick();
        bench.ask_with(
            "mutation ($head: ID!, $changes: [Change!]!) { commit(input: { message: \"Late\", expectedHead: $head, changes: $changes }) { changed } }",
            json!({ "head": base, "changes": changes }),
        )
    };
    let clean = commit(json!([{ "putRequirement": { "id": "req/REQ-12", "title": "Keep them cool" } }]));
    assert_eq!(clean["errors"], Json::Null);
    let answer = commit(json!([{ "putRequirement": { "id": "req/REQ-1", "title": "Pump little water" } }]));
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["expectedHead"]),
        (&json!("CONFLICT"), &json!(base)),
        "{answer}"
    );
    assert_ne!(extensions["head"], json!(head));
    assert_eq!(extensions["head"].as_str().map(str::len), Some(40));
    assert_eq!(extensions["conflicts"]["nodes"][0]["ours"]["values"], json!(["Pump much water"]));
    assert_eq!(title(&bench, "req/REQ-1")["title"], "Pump much water");
}

#[test]
fn the_same_idempotency_key_gives_the_same_commit() {
    let bench = Bench::furnished();
    let query = "mutation { commit(input: { message: \"Once\", idempotencyKey: \"k1\", changes: [{putPart: {identifier: \"ONE\"}}] }) { commit { id message } changed resources { iri ... on Part { identifier } } } }";
    let first = bench.data(query);
    bench.tick();
    assert_eq!(bench.data(query), first);
    assert_eq!(bench.data("{ thread { parts { totalCount } } }")["thread"]["parts"]["totalCount"], 2);
}

#[test]
fn a_key_names_its_commit_when_what_that_names_is_deleted() {
    let bench = Bench::furnished();
    let query = "mutation { commit(input: { message: \"Link\", idempotencyKey: \"k1\", changes: [{link: {from: \"part/BRG/B\", property: \"satisfies\", to: \"req/REQ-1\"}}] }) { commit { id } changed } }";
    let first = bench.data(query);
    bench.commit(&json!([
        { "putDesignRevision": { "id": "part/BRG/C", "supersedes": [] } },
        { "retire": "part/BRG/B" },
    ]));
    assert_eq!(bench.data(query), first);
}

#[test]
fn a_key_on_a_commit_that_changes_nothing_names_nothing() {
    let bench = Bench::furnished();
    let ask = || {
        bench.tick();
        bench.data("mutation { commit(input: { message: \"Same\", idempotencyKey: \"k2\", changes: [{putPart: {id: \"part/BRG\", identifier: \"BRG\"}}] }) { commit { id } changed resources { iri } } }")["commit"].clone()
    };
    let head = bench.data("{ thread { commit { id } } }")["thread"]["commit"].clone();
    let expect = json!({ "commit": head, "changed": 0, "resources": [{ "iri": "part/BRG" }] });
    assert_eq!(ask(), expect);
    assert_eq!(ask(), expect);
}

#[test]
fn links_are_made_and_removed() {
    let bench = Bench::furnished();
    let satisfied = || {
        let data = bench.data("{ thread { requirement(id: \"req/REQ-1\") { satisfiedBy { edges { node { iri } link { since { id } } } } } } }");
        data["thread"]["requirement"]["satisfiedBy"]["edges"].clone()
    };
    assert_eq!(satisfied().as_array().map(Vec::len), Some(1));
    let link = json!({ "from": "part/BRG/B", "property": "satisfies", "to": "req/REQ-1" });
    let id = bench.commit(&json!([{ "link": link }]));
    assert_eq!(satisfied()[0], json!({ "node": { "iri": "part/BRG/B" }, "link": { "since": { "id": id } } }));
    bench.commit(&json!([{ "unlink": link }]));
    assert_eq!(satisfied().as_array().map(Vec::len), Some(1));
}

#[test]
fn retiring_needs_that_nothing_links_here() {
    let bench = Bench::furnished();
    let answer = bench.commit_answer(&json!([{ "retire": "req/REQ-1" }]));
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "SHAPE_VIOLATION");
    assert_eq!(extensions["links"].as_array().map(Vec::len), Some(2), "{answer}");
    bench.commit(&json!([
        { "retire": "req/REQ-1" },
        { "putRequirement": { "id": "req/REQ-12", "derivedFrom": [] } },
        { "unlink": { "from": "part/BRG/C", "property": "satisfies", "to": "req/REQ-1" } },
    ]));
    assert_eq!(title(&bench, "req/REQ-1"), Json::Null);
}

#[test]
fn changes_that_cannot_be_meant_are_refused() {
    let bench = Bench::furnished();
    let check = |change: Json, code: &str| {
        let answer = bench.commit_answer(&json!([change]));
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{change}: {answer}");
    };
    check(json!({ "putGadget": {} }), "BAD_INPUT");
    check(json!({ "retire": "req/REQ-99" }), "NOT_FOUND");
    check(json!({ "putPart": { "id": "req/REQ-1" } }), "BAD_INPUT");
    check(json!({ "putRequirement": { "id": "req/REQ-1", "status": "LOST" } }), "BAD_INPUT");
    check(json!({ "putRequirement": { "id": "req/REQ-1", "colour": "red" } }), "BAD_INPUT");
    check(
        json!({ "putTwinInstance": { "id": "twin/T-1", "retiredAt": "2026-01-01T00:00:00" } }),
        "BAD_INPUT",
    );
    check(json!({ "link": { "from": "part/BRG/B", "property": "loves", "to": "req/REQ-1" } }), "NOT_FOUND");
    check(
        json!({ "putRequirement": { "id": "req/REQ-12", "constraints": [{ "id": "#constraint", "unit": "furlong" }] } }),
        "NOT_FOUND",
    );
    check(
        json!({ "retire": "req/REQ-1", "link": { "from": "a/b", "property": "c", "to": "d/e" } }),
        "BAD_INPUT",
    );
    check(json!({}), "BAD_INPUT");
    bench.error(
        "mutation { commit(input: { branch: \"nowhere\", message: \"m\", changes: [] }) { changed } }",
        "NOT_FOUND",
    );
    bench.error(
        "mutation { commit(input: { message: \"m\", expectedHead: \"main\", changes: [] }) { changed } }",
        "BAD_INPUT",
    );
}

#[test]
fn branches_keep_apart() {
    let bench = Bench::furnished();
    bench.data(
        "mutation { createBranch(input: { name: \"review/c\" }) { branch { name head { message } } } }",
    );
    bench.tick();
    bench.data(
        "mutation { commit(input: { branch: \"review/c\", message: \"Try\", changes: [{putPart: {id: \"part/BRG\", title: \"Better bearing\"}}] }) { thread { part(id: \"part/BRG\") { title } } } }",
    );
    let data = bench.data("{ main: thread { part(id: \"part/BRG\") { title } } review: thread(at: \"review/c\") { part(id: \"part/BRG\") { title } } }");
    assert_eq!(
        (&data["main"]["part"]["title"], &data["review"]["part"]["title"]),
        (&json!("Bearing"), &json!("Better bearing"))
    );
    bench.error("mutation { createBranch(input: { name: \"review/c\" }) { branch { name } } }", "CONFLICT");
}

#[test]
fn a_deleted_branch_is_absent_and_main_stays() {
    let bench = Bench::furnished();
    let head = |name: &str| {
        bench.data(&format!("{{ thread(at: \"{name}\") {{ commit {{ id }} }} }}"))["thread"]["commit"]["id"]
            .clone()
    };
    bench.data("mutation { createBranch(input: { name: \"try\" }) { branch { name } } }");
    bench.tick();
    bench.data("mutation { commit(input: { branch: \"try\", message: \"Try\", changes: [{putPart: {id: \"part/BRG\", title: \"Odd\"}}] }) { changed } }");
    let (main, tried) = (head("main"), head("try"));
    bench.error(
        &format!(
            "mutation {{ deleteBranch(input: {{ name: \"try\", expectedHead: {main} }}) {{ lastHead }} }}"
        ),
        "CONFLICT",
    );
    let deleted = bench.data(&format!(
        "mutation {{ deleteBranch(input: {{ name: \"try\", expectedHead: {tried} }}) {{ lastHead }} }}"
    ));
    assert_eq!(deleted["deleteBranch"]["lastHead"], tried);
    bench.error(&format!("{{ thread(at: {tried}) {{ commit {{ id }} }} }}"), "NOT_FOUND");
    bench.error("mutation { deleteBranch(input: { name: \"try\" }) { lastHead } }", "NOT_FOUND");
    bench.error("mutation { deleteBranch(input: { name: \"main\" }) { lastHead } }", "BAD_INPUT");
    assert_eq!(head("main"), main);
}
