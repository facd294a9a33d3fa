//! Variables that are absent, null or given, wherever a value can be.

use crate::graphql::tests::Bench;
use serde_json::{Value as Json, json};

const PUT: &str = "mutation ($title: String, $description: String, $status: DesignStatus, $limit: Float, $links: [ID!]) {
    commit(input: { message: \"Change\", changes: [{ putRequirement: { id: \"req/REQ-12\", title: $title, description: $description, status: $status,
        derivedFrom: $links, constraints: [{ id: \"#constraint\", limit: $limit }] } }] }) { changed } }";

fn requirement(bench: &Bench) -> Json {
    bench.data(
        "{ thread { requirement(id: \"req/REQ-12\") { title description status derivedFrom { totalCount } constraints { limit statistic } } } }",
    )["thread"]["requirement"]
        .clone()
}

fn put(bench: &Bench, variables: Json) -> Json {
    bench.tick();
    let answer = bench.ask_with(PUT, variables);
    assert_eq!(answer["errors"], Json::Null, "{answer}");
    requirement(bench)
}

#[test]
fn a_put_leaves_what_is_absent_and_removes_what_is_null() {
    let bench = Bench::furnished();
    let before = requirement(&bench);
    assert_eq!(put(&bench, json!({})), before);
    let described = put(&bench, json!({ "description": "Written with care", "limit": 80 }));
    assert_eq!(
        (&described["description"], &described["title"], &described["status"]),
        (&json!("Written with care"), &json!("Keep bearings cool"), &json!("DRAFT"))
    );
    assert_eq!(described["constraints"], json!([{ "limit": 80.0, "statistic": "P95" }]));
    assert_eq!(described["derivedFrom"]["totalCount"], 1);
    let removed = put(&bench, json!({ "description": null, "links": null }));
    assert_eq!((&removed["description"], &removed["derivedFrom"]["totalCount"]), (&Json::Null, &json!(0)));
    assert_eq!(removed["title"], "Keep bearings cool");
}

#[test]
fn an_absent_variable_takes_the_default_and_null_is_an_error_of_its_field() {
    let bench = Bench::furnished();
    let query =
        "query ($at: String) { thread(at: $at) { parts { totalCount } } branches { nodes { name } } }";
    for variables in [json!({}), json!({ "at": "main" }), Json::Null] {
        let answer = bench.ask_with(query, variables);
        assert_eq!(answer["data"]["thread"]["parts"]["totalCount"], 1, "{answer}");
    }
    let answer = bench.ask_with(query, json!({ "at": null }));
    assert_eq!(
        (&answer["data"]["thread"], &answer["errors"][0]["path"]),
        (&Json::Null, &json!(["thread"])),
        "{answer}"
    );
    // A default of the variable comes before that of the argument; null is a value.
    let query = "query ($at: String = \"nowhere\") { thread(at: $at) { base } }";
    assert_eq!(bench.ask(query)["errors"][0]["extensions"]["code"], "NOT_FOUND");
    assert_eq!(bench.ask_with(query, json!({ "at": null }))["errors"][0]["extensions"]["code"], "BAD_INPUT");
}

#[test]
fn absent_variables_in_lists_conditions_and_choices() {
    let bench = Bench::furnished();
    let check = |query: &str, variables: &Json, expect: Result<Json, &str>| {
        let answer = bench.ask_with(query, variables.clone());
        match expect {
            Ok(expect) => assert_eq!(answer["data"], expect, "{query} {variables}: {answer}"),
            Err(code) => {
                assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{query} {variables}: {answer}");
            }
        }
    };
    let condition = "query ($if: Boolean! = true) { __typename @skip(if: $if) branches @include(if: $if) { nodes { name } } }";
    check(condition, &json!({}), Ok(json!({ "branches": { "nodes": [{ "name": "main" }] } })));
    check(condition, &json!({ "if": false }), Ok(json!({ "__typename": "Query" })));
    let nullable = "query ($if: Boolean = true) { __typename @skip(if: $if) branches @include(if: $if) { nodes { name } } }";
    check(nullable, &json!({}), Ok(json!({ "branches": { "nodes": [{ "name": "main" }] } })));
    check(nullable, &json!({ "if": null }), Err("BAD_INPUT"));
    // An absent item of a list is null, which this list does not take; validation finds it.
    let list = "query ($id: ID) { thread { twinInstances(filter: { part: { in: [\"part/BRG\", $id] } }) { totalCount } } }";
    check(list, &json!({}), Err("BAD_INPUT"));
    let choice =
        "mutation ($id: ID) { commit(input: { message: \"m\", changes: [{ retire: $id }] }) { changed } }";
    check(choice, &json!({ "id": "twin/T-1" }), Err("BAD_INPUT"));
    let both = "mutation ($id: ID!) { commit(input: { message: \"m\", changes: [{ retire: $id, putPart: { id: \"part/X\" } }] }) { changed } }";
    check(both, &json!({ "id": "twin/T-1" }), Err("BAD_INPUT"));
    let change =
        "mutation ($change: Change!) { commit(input: { message: \"m\", changes: [$change] }) { changed } }";
    check(change, &json!({ "change": { "retire": null, "putPart": { "id": "part/X" } } }), Err("BAD_INPUT"));
    check(change, &json!({ "change": {} }), Err("BAD_INPUT"));
}

#[test]
fn an_absent_variable_leaves_a_filter_out_and_null_is_refused() {
    let bench = Bench::furnished();
    let query = "query ($site: String, $number: Long, $filter: TwinInstanceFilter) {
        a: thread { twinInstances(filter: { site: { eq: $site }, unitNumber: { ge: $number } }) { totalCount } }
        b: thread { twinInstances(filter: $filter) { totalCount } } }";
    let counts = |variables: Json| {
        let answer = bench.ask_with(query, variables);
        let count = |part: &str| answer["data"][part]["twinInstances"]["totalCount"].clone();
        (count("a"), count("b"), answer["errors"][0]["message"].clone())
    };
    assert_eq!(counts(json!({})), (json!(5), json!(5), Json::Null));
    assert_eq!(counts(json!({ "site": "north" })), (json!(2), json!(5), Json::Null));
    assert_eq!(counts(json!({ "site": "north", "number": 7 })), (json!(1), json!(5), Json::Null));
    let (all, none, message) = counts(json!({ "filter": null }));
    assert_eq!((all, none), (json!(5), Json::Null));
    assert!(
        message.as_str().is_some_and(|message| message.starts_with("filter must not be null")),
        "{message}"
    );
    for wrong in [
        json!({ "site": null }),
        json!({ "number": null }),
        json!({ "filter": { "site": null } }),
        json!({ "filter": { "not": null } }),
        json!({ "filter": { "site": { "exists": null } } }),
        json!({ "filter": { "or": [{ "site": { "eq": null } }] } }),
    ] {
        let (.., message) = counts(wrong.clone());
        assert!(
            message.as_str().is_some_and(|message| message.contains("exists: false")),
            "{wrong}: {message}"
        );
    }
    let among =
        "{ thread { part(id: \"part/BRG\") { population(among: { site: { eq: null } }) { unitCount } } } }";
    bench.error(among, "BAD_INPUT");
}
