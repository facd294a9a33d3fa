//! Requests that the GraphQL front once answered wrongly, each with what it is answered now; `docs/graphql-front.md` lists them.

use super::world::{PUMP, World};
use serde_json::{Value, json};

/// A class of the user's own below one that ships, with a field that is to go.
const OWN: &str = r#"
@prefix own: <https://test.example/own#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
own:Booster a owl:Class ; rdfs:subClassOf tl:TwinInstance ; rdfs:label "booster" ; tl:plural "boosters" ;
    rdfs:comment "A pump of several stages." .
own:stages a owl:DatatypeProperty ; rdfs:label "stages" ; rdfs:comment "How many stages it has." .
own:steps a owl:DatatypeProperty ; rdfs:label "steps" ; rdfs:comment "How many stages it has." ;
    owl:deprecated true .
own:BoosterShape a sh:NodeShape ; sh:targetClass own:Booster ;
    sh:property [ sh:path own:stages ; sh:datatype xsd:integer ; sh:maxCount 1 ] ;
    sh:property [ sh:path own:steps ; sh:datatype xsd:integer ; sh:maxCount 1 ] .
"#;

fn plant() -> World {
    let world = World::new();
    world.import("pump", PUMP).expect("the plant");
    world
}

/// Returns the code of the only error of an answer without data.
fn refused(answer: &Value) -> &str {
    assert!(answer["data"].is_null(), "{answer:#}");
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no refusal: {answer:#}"))
}

#[test]
fn introspection_that_multiplies_is_refused_before_it_runs() {
    let world = plant();
    let bomb = "{__type(name:\"Node\"){possibleTypes{interfaces{possibleTypes{interfaces{possibleTypes{interfaces{possibleTypes{name}}}}}}}}}";
    assert_eq!(refused(&world.ask(bomb, json!({}))), "LIMIT_EXCEEDED");
    let types = world.data("{ __type(name: \"Node\") { possibleTypes { name } } }", json!({}));
    assert!(types["__type"]["possibleTypes"].as_array().is_some_and(|types| types.len() > 10), "{types}");
}

#[test]
fn a_list_costs_what_it_may_hold() {
    let world = plant();
    let nested = |units: u32, revisions: u32| {
        let query = format!(
            "{{ thread {{ twinInstances(first: {units}) {{ nodes {{ part {{ revisions(first: {revisions}) {{ nodes {{ iri }} }} }} }} }} }} }}"
        );
        world.ask(&query, json!({}))
    };
    assert!(nested(2, 10)["errors"].is_null(), "{:#}", nested(2, 10));
    let refusal = nested(1000, 1000);
    assert_eq!(refused(&refusal), "LIMIT_EXCEEDED");
    let message = refusal["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("200000"), "it states the limit: {message}");
}

#[test]
fn a_mutation_that_fails_hides_none_that_succeeded() {
    let world = plant();
    let branch = "createBranch(input: { name: \"x\" }) { branch { name } errors { code } }";
    let answer = world.ask(&format!("mutation {{ a: {branch} b: {branch} }}"), json!({}));
    assert_eq!(
        answer["data"],
        json!({ "a": { "branch": { "name": "x" }, "errors": [] }, "b": { "branch": null, "errors": [{ "code": "CONFLICT" }] } }),
        "{answer:#}"
    );
}

#[test]
fn a_variable_may_be_absent_where_its_place_has_a_default() {
    let world = plant();
    let query = "query ($at: String) { thread(at: $at) { commit { id } } }";
    let main = world.data("{ thread { commit { id } } }", json!({}));
    assert_eq!(world.data(query, json!({})), main);
    let null = world.ask(query, json!({ "at": null }));
    assert_eq!(null["data"], json!({ "thread": null }), "null is no default: {null:#}");
}

#[test]
fn fields_of_one_key_that_differ_are_refused() {
    let world = plant();
    for conflicting in [
        "{ thread { c: watermark ... on Thread { c: base } } }",
        "{ thread { c: commit { id } } thread { c: watermark } }",
        "{ thread { ... on Thread { p: part(id: \"pump\") { title } } ...F } } fragment F on Thread { p: part(id: \"other\") { title } }",
    ] {
        assert_eq!(refused(&world.ask(conflicting, json!({}))), "BAD_INPUT", "{conflicting}");
    }
    let merged = world.data(
        "{ thread { base ... on Thread { base } } thread { p: part(id: \"pump\") { title } } }",
        json!({}),
    );
    assert_eq!(merged["thread"]["p"]["title"], "Pump");
}

#[test]
fn a_users_class_is_one_type_through_every_field() {
    let world = plant();
    let ontology = vec![("own.ttl".to_owned(), Some(OWN.to_owned()))];
    let request = throughline::graph::CommitRequest {
        branch: "main".to_owned(),
        message: "Add boosters".to_owned(),
        ontology,
        ..Default::default()
    };
    let session = world.app.session(throughline::app::access::Principal::local());
    session.commit_as(request).expect("the ontology");
    let put =
        json!([{ "putBooster": { "id": "unit/B-1", "identifier": "B-1", "part": "pump", "stages": 3 } }]);
    let commit = "mutation ($c: [Change!]!) { commit(input: { message: \"Add one\", changes: $c }) { commit { id } } }";
    world.data(commit, json!({ "c": put }));
    let fields = "__typename id ... on Booster { stages } ... on TwinInstance { identifier }";
    let query = format!(
        "{{ thread {{ twinInstance(id: \"unit/B-1\") {{ {fields} }} lookup(identifier: \"B-1\") {{ nodes {{ {fields} }} }}
            twinInstances(filter: {{ identifier: {{ eq: \"B-1\" }} }}) {{ nodes {{ {fields} }} }} }} }}"
    );
    let thread = world.data(&query, json!({}))["thread"].clone();
    let one = &thread["twinInstance"];
    assert_eq!((&one["__typename"], &one["identifier"]), (&json!("Booster"), &json!("B-1")), "{one}");
    assert!(!one["stages"].is_null(), "{one}");
    assert_eq!((&thread["lookup"]["nodes"][0], &thread["twinInstances"]["nodes"][0]), (one, one));
    let node = format!(
        "query ($id: ID!) {{ node(id: $id) {{ {} }} }}",
        fields.replace(" id ", " ... on Record { id } ")
    );
    assert_eq!(&world.data(&node, json!({ "id": one["id"] }))["node"], one);
    // What the ontology gives up is marked.
    let of = "{ __type(name: \"Booster\") { fields(includeDeprecated: true) { name isDeprecated deprecationReason } } }";
    let described = world.data(of, json!({}));
    let fields = described["__type"]["fields"].as_array().expect("fields");
    let steps = fields.iter().find(|field| field["name"] == "steps").expect("the field");
    assert_eq!((&steps["isDeprecated"], steps["deprecationReason"].is_string()), (&json!(true), true));
}

#[test]
fn a_decision_is_made_by_its_use_case_alone() {
    let world = plant();
    let put = json!([{ "putDesignReview": { "id": "review/DR-1", "state": "APPROVED", "decidedBy": "Boss <boss@example.org>" } }]);
    let query = "mutation ($c: [Change!]!) { commit(input: { message: \"Approve\", changes: $c }) { commit { id } } }";
    let head = world.data("{ thread { commit { id } } }", json!({}));
    let answer = world.ask(query, json!({ "c": put }));
    assert!(
        answer["errors"][0]["message"]
            .as_str()
            .is_some_and(|text| text.contains("only signReview writes it")),
        "{answer:#}"
    );
    assert_eq!(world.data("{ thread { commit { id } } }", json!({})), head);
}

#[test]
fn a_review_that_is_opened_again_under_its_key_is_the_same() {
    let world = plant();
    let query = "mutation { openReview(input: { title: \"Fit?\", designs: [\"pump/A\"], idempotencyKey: \"k-1\",
        window: { from: \"2025-01-01T00:00:00Z\", to: \"2025-02-01T00:00:00Z\" } }) { commit { id } review { identifier } } }";
    let first = world.data(query, json!({}));
    assert_eq!(first["openReview"]["review"]["identifier"], "DR-1", "{first}");
    assert_eq!(world.data(query, json!({})), first);
}

#[test]
fn one_resource_at_two_versions_has_two_ids() {
    let world = plant();
    let before = world.data("{ thread { watermark commit { id } } }", json!({}))["thread"].clone();
    world
        .app
        .ingest_lines(
            b"m,twin=P-1 temp=80 1735689600000000000",
            throughline::telemetry::Precision::Nanoseconds,
        )
        .expect("stored");
    let unit = "unit: twinInstance(id: \"unit/P-1\") { id }";
    let query = format!(
        "query ($known: String!) {{ a: thread(asKnownAt: $known) {{ id {unit} }} b: thread {{ id {unit} }} }}"
    );
    let both = world.data(&query, json!({ "known": before["watermark"] }));
    assert_ne!(both["a"]["id"], both["b"]["id"]);
    assert_ne!(both["a"]["unit"]["id"], both["b"]["unit"]["id"]);
}

#[test]
fn a_field_depends_on_its_own_arguments_alone() {
    let world = plant();
    let lines = [("P-1", 70), ("P-2", 90)]
        .map(|(twin, value)| format!("m,twin={twin} temp={value} 1735689600000000000\n"))
        .concat();
    world.app.ingest_lines(lines.as_bytes(), throughline::telemetry::Precision::Nanoseconds).expect("stored");
    let asked = |beside: &str| {
        let query = format!(
            "{{ thread {{ designRevision(id: \"pump/A\") {{ fieldUsage(property: \"temperature\",
                window: {{ from: \"2025-01-01T00:00:00Z\", to: \"2025-01-02T00:00:00Z\" }}) {{ {beside} worstUnits(limit: 85) {{ serial hoursBeyond(limit: 85) }} }} }} }} }}"
        );
        world.data(&query, json!({}))["thread"]["designRevision"]["fieldUsage"]["worstUnits"].clone()
    };
    let alone = asked("");
    assert_eq!((&alone[0]["serial"], &alone[0]["hoursBeyond"]), (&json!("P-2"), &json!(1.0)), "{alone}");
    assert_eq!(asked("a: timeBeyond(limit: 60) b: timeBeyond(limit: 95)"), alone);
}

#[test]
fn a_document_that_is_wrong_is_refused_and_nothing_panics() {
    let world = plant();
    for wrong in [
        "query ($x: [Foo] = [1]) { __typename }",
        "query ($x: Foo = {a: 1}) { __typename }",
        "query ($x: [[Thread!]!] = [[1]]) { __typename }",
        "query ($x: [String] = [1, {a: [2]}]) { __typename }",
        // A text is no value of an enumeration.
        "{ thread { trace(from: \"REQ-1\", direction: \"FORWARD\") { nodes { depth } } } }",
    ] {
        assert_eq!(refused(&world.ask(wrong, json!({}))), "BAD_INPUT", "{wrong}");
    }
    // One of several, where one is an absent variable.
    let two = "mutation ($r: ID) { commit(input: { message: \"x\", changes: [{ retire: $r, putPart: { id: \"part/1\" } }] }) { commit { id } } }";
    assert!(world.ask(two, json!({}))["errors"].is_array());
    assert!(
        world
            .app
            .snapshot("main")
            .is_ok_and(|main| main.expand("part/1").is_ok_and(|part| !main.exists(&part).unwrap_or(true)))
    );
    let none = world.data("{ __type(name: \"Node\") { interfaces { name } } }", json!({}));
    assert_eq!(none["__type"]["interfaces"], json!([]));
}

#[test]
fn one_wrong_field_leaves_the_others() {
    let world = plant();
    let answer = world.ask("{ then: thread(at: \"nope\") { base } now: thread { base } }", json!({}));
    assert_eq!(answer["data"], json!({ "then": null, "now": { "base": "https://test.example/" } }));
    assert_eq!(answer["errors"][0]["path"], json!(["then"]));
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_conflict_names_fields_and_both_sides() {
    let world = plant();
    let head = world.data("{ thread { commit { id } } }", json!({}))["thread"]["commit"]["id"].clone();
    let query = "mutation ($c: [Change!]!, $head: ID) { commit(input: { message: \"Rename\", changes: $c, expectedHead: $head }) {
        commit { id } errors { __typename code ... on ConflictError { conflicts { nodes { kind property ours { values } theirs { values } } } } } } }";
    let put =
        |changes: Value| world.ask(query, json!({ "c": changes, "head": head }))["data"]["commit"].clone();
    let renamed = |title: &str| json!([{ "putPart": { "id": "pump", "title": title } }]);
    assert_eq!(put(renamed("Feed pump"))["errors"], json!([]));
    let refused = put(renamed("Main pump"));
    assert_eq!(
        refused,
        json!({ "commit": null, "errors": [{ "__typename": "ConflictError", "code": "CONFLICT", "conflicts": { "nodes": [
            { "kind": "BOTH_CHANGED", "property": "title", "ours": { "values": ["Feed pump"] }, "theirs": { "values": ["Main pump"] } }] } }] })
    );
}
