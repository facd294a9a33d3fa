//! Where errors end, and what may be left out: fields with arguments are nullable, arguments with a default take an optional variable.

use crate::graphql::tests::Bench;
use serde_json::{Value as Json, json};

#[test]
fn an_argument_that_fails_leaves_the_rest_of_the_answer() {
    let bench = Bench::furnished();
    let check = |failing: &str, path: &[&str]| {
        let query = format!("{{ thread {{ base {failing} }} other: thread {{ base }} }}");
        let answer = bench.ask(&query);
        assert_eq!(answer["errors"][0]["path"], json!([&["thread"], path].concat()), "{answer}");
        assert_eq!(answer["data"]["other"]["base"], "https://example.org/", "{answer}");
        assert_eq!(answer["data"]["thread"]["base"], "https://example.org/", "{answer}");
        assert_eq!(answer["data"]["thread"][path[0]], Json::Null, "{answer}");
    };
    check("parts(first: -1) { totalCount }", &["parts"]);
    check("requirements(after: \"?\") { totalCount }", &["requirements"]);
    check("lookup(identifier: \"X\", first: -1) { totalCount }", &["lookup"]);
    check("search(text: \"pump\", first: -1) { nodes { iri } }", &["search"]);
    for root in [
        "log(at: \"nowhere\")",
        "branches(first: -1)",
        "tags(first: -1)",
        "jobs(first: -1)",
        "monitorRuns(first: -1)",
    ] {
        let answer =
            bench.ask(&format!("{{ failing: {root} {{ pageInfo {{ hasNextPage }} }} thread {{ base }} }}"));
        assert_eq!(
            answer["data"],
            json!({ "failing": null, "thread": { "base": "https://example.org/" } }),
            "{answer}"
        );
        assert_eq!(answer["errors"][0]["path"], json!(["failing"]), "{answer}");
    }
}

/// The rule by which the schema has its boundaries, and the one by which variables may be left out.
#[test]
fn fields_with_arguments_and_arguments_with_a_default_are_nullable() {
    let bench = Bench::new();
    let types = bench.data(
        "{ __schema { types { name fields { name args { name defaultValue type { kind } } type { kind } } inputFields { name defaultValue type { kind } } } } }",
    );
    let none = Vec::new();
    let list = |value: &Json| value.as_array().unwrap_or(&none).clone();
    let mut found = Vec::new();
    for ty in list(&types["__schema"]["types"])
        .iter()
        .filter(|ty| !ty["name"].as_str().is_some_and(|name| name.starts_with("__")))
    {
        let mut inputs = list(&ty["inputFields"]);
        for field in list(&ty["fields"]) {
            let is_boundary = ty["name"] != "Subscription" && !list(&field["args"]).is_empty();
            if is_boundary && field["type"]["kind"] == "NON_NULL" {
                found.push(format!("{}.{}", ty["name"], field["name"]));
            }
            inputs.extend(list(&field["args"]));
        }
        let required = inputs
            .iter()
            .filter(|input| !input["defaultValue"].is_null() && input["type"]["kind"] == "NON_NULL");
        found.extend(required.map(|input| format!("{}: {}", ty["name"], input["name"])));
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn null_is_refused_where_it_would_ask_for_all_or_for_the_default() {
    let bench = Bench::furnished();
    let check = |query: &str, variables: Json, named: &str| {
        let answer = bench.ask_with(query, variables);
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_INPUT", "{query}: {answer}");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|message| message.starts_with(&format!("{named} must not be null"))),
            "{query}: {answer}"
        );
    };
    check("{ thread(at: null) { base } }", json!({}), "at");
    check("query ($at: String) { thread(at: $at) { base } }", json!({ "at": null }), "at");
    check("{ thread { requirements(filter: null) { totalCount } } }", json!({}), "filter");
    check("{ thread { requirements(orderBy: null) { totalCount } } }", json!({}), "orderBy");
    let query = "query ($filter: RequirementFilter, $order: [RequirementOrder!]) { thread { requirements(filter: $filter, orderBy: $order) { totalCount } } }";
    check(query, json!({ "filter": null }), "filter");
    check(query, json!({ "order": null }), "orderBy");
    check("mutation { tag(input: { name: \"T\", at: null }) { tag { name } } }", json!({}), "input.at");
    assert_eq!(bench.ask(query)["data"]["thread"]["requirements"]["totalCount"], 2);
}

#[test]
fn a_cursor_of_another_list_or_order_is_refused() {
    let bench = Bench::furnished();
    let cursor = |field: &str, arguments: &str| {
        let data = bench.data(&format!("{{ thread {{ list: {field}({arguments}) {{ edges {{ cursor }} pageInfo {{ startCursor }} }} }} }}"));
        let list = &data["thread"]["list"];
        assert_eq!(list["edges"][0]["cursor"], list["pageInfo"]["startCursor"]);
        list["edges"][0]["cursor"].as_str().expect("a cursor").to_owned()
    };
    let plain = cursor("requirements", "first: 1");
    let ordered = cursor("requirements", "first: 1, orderBy: [{title: ASC}]");
    let next = bench
        .data(&format!("{{ thread {{ requirements(after: \"{plain}\") {{ nodes {{ identifier }} }} }} }}"));
    assert_eq!(next["thread"]["requirements"]["nodes"], json!([{ "identifier": "REQ-12" }]));
    let refused = |list: &str| {
        let error = bench.error(&format!("{{ thread {{ list: {list} {{ totalCount }} }} }}"), "BAD_INPUT");
        assert!(
            error["message"].as_str().is_some_and(|message| message.contains("is not a cursor of this list")),
            "{error}"
        );
    };
    refused(&format!("requirements(orderBy: [{{title: ASC}}], after: \"{plain}\")"));
    refused(&format!("requirements(orderBy: [{{title: DESC}}], after: \"{ordered}\")"));
    refused(&format!("requirements(before: \"{ordered}\")"));
    refused(&format!("parts(after: \"{plain}\")"));
    refused("parts(after: \"\")");
    // The order of a variable is the same order.
    let query = "query ($order: [RequirementOrder!], $after: String) { thread { requirements(orderBy: $order, after: $after) { nodes { identifier } } } }";
    let answer = bench.ask_with(query, json!({ "order": [{ "title": "ASC" }], "after": ordered }));
    assert_eq!(
        answer["data"]["thread"]["requirements"]["nodes"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
}
