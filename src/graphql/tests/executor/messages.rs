//! Messages about documents and variables that cannot be executed: what is wrong, where, and by which section.

use crate::graphql::tests::Bench;
use serde_json::{Value as Json, json};

#[test]
fn what_is_wrong_with_a_document_names_its_place_and_section() {
    let bench = Bench::new();
    let check = |document: &str, message: &str, at: (u64, u64)| {
        let error = &bench.ask(document)["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_INPUT", "{document}: {error}");
        assert_eq!(error["message"], message, "{document}");
        assert_eq!(error["locations"][0], json!({ "line": at.0, "column": at.1 }), "{document}");
    };
    check(
        "{ thread { ...A } }\nfragment A on Thread { ...B } fragment B on Thread { base ...A }",
        "the fragment \"A\" spreads itself through \"B\", which never ends (GraphQL 5.5.2.2)",
        (2, 62),
    );
    check(
        "{ thread { base } } fragment A on Thread { base }",
        "the fragment \"A\" is never used: spread it, or leave it out (GraphQL 5.5.1.4)",
        (1, 21),
    );
    check(
        "query A { thread { base } } query A { thread { base } }",
        "two operations are called A: give one of them another name (GraphQL 5.2.2.1)",
        (1, 29),
    );
    check(
        "fragment A on Thread { base }",
        "the document has no operation: it needs a query, a mutation or a subscription (GraphQL 2.2)",
        (1, 1),
    );
    check(
        "query ($id: ID!) { node(id: $id) { id } }",
        "the variable $id of the type ID! is missing (GraphQL 6.1.2)",
        (1, 8),
    );
    let error = bench.error("{ thread {", "BAD_INPUT");
    let message = error["message"].as_str().expect("a message");
    assert!(
        message.starts_with("line 1, column 11: expected ") && message.ends_with(" (GraphQL 2)"),
        "{message}"
    );
    assert!(!message.contains("-->") && !message.contains('_') && !message.contains("EOI"), "{message}");
}

#[test]
fn what_is_nested_too_deeply_is_json_nevertheless() {
    let nested = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let error = serde_json::from_str::<Json>(&nested).expect_err("too deep");
    assert_eq!(
        crate::graphql::json_fault(&error, "the body"),
        "the body is nested too deeply: at line 1, column 128 more than 127 lists and objects are inside each other"
    );
    let error = serde_json::from_str::<Json>("{").expect_err("cut off");
    assert_eq!(
        crate::graphql::json_fault(&error, "the body"),
        "the body is not JSON: line 1, column 1: EOF while parsing an object"
    );
}

#[test]
fn numbers_beyond_what_a_type_has_are_named_as_they_are_written() {
    let bench = Bench::furnished();
    let limit = "mutation ($limit: Float) { commit(input: { message: \"L\", changes: [{ putRequirement: { id: \"req/REQ-12\",
        constraints: [{ id: \"#constraint\", limit: $limit }] } }] }) { changed } }";
    // As a JSON writer of another language writes a hundred.
    let hundred: Json = serde_json::from_str("{\"limit\": 1e2}").expect("JSON");
    assert_eq!(bench.ask_with(limit, hundred)["errors"], Json::Null);
    let read = bench.data("{ thread { requirement(id: \"req/REQ-12\") { constraints { limit } } } }");
    assert_eq!(read["thread"]["requirement"]["constraints"][0]["limit"].as_f64(), Some(100.0));
    let page = "query ($first: Int) { thread { parts(first: $first) { totalCount } } }";
    for (query, variables, expect) in [
        (
            limit,
            "{\"limit\": 1e400}",
            "$limit: 1e+400 is not of the type Float: a number that a double holds",
        ),
        (
            page,
            "{\"first\": 99999999999999999999}",
            "$first: 99999999999999999999 is not of the type Int: a whole number of 32 bits",
        ),
        (
            "{ thread { parts(first: 99999999999999999999) { totalCount } } }",
            "{}",
            "the number 99999999999999999999 has digits that a GraphQL number does not keep",
        ),
        (
            "{ thread { part(id: \"part/BRG\") { failureRate(confidence: 1e400, window: {from: \"2025-01-01T00:00:00Z\", to: \"2025-02-01T00:00:00Z\"}) { unitCount } } } }",
            "{}",
            "confidence: 1e+400 is not of the type Float",
        ),
    ] {
        let answer = bench.ask_with(query, serde_json::from_str(variables).expect("JSON"));
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with(expect), "{query}: {answer}");
    }
}

#[test]
fn samples_bars_and_resamples_are_counted_before_anything_is_read() {
    let bench = Bench::furnished();
    let window = "window: {from: \"2025-01-01T00:00:00Z\", to: \"2025-02-01T00:00:00Z\"}";
    let refused = |query: &str| {
        let error = bench.error(query, "LIMIT_EXCEEDED");
        let cost = &error["extensions"]["cost"];
        assert!(cost["nodes"].as_u64() > cost["nodesMax"].as_u64() && cost["nodesMax"] == 200_000, "{error}");
    };
    let samples = |units: usize, arguments: &str| {
        format!(
            "{{ thread {{ twinInstances(first: {units}) {{ nodes {{ telemetry({window}{arguments}) {{ samples {{ at value }} }} }} }} }} }}"
        )
    };
    refused(&samples(1000, ""));
    refused(&samples(100, ", limit: 100000"));
    bench.data(&samples(150, ""));
    bench.data(&samples(1000, ", limit: 1000"));
    bench.data(
        &samples(1000, ", bucket: P1D")
            .replace("samples { at value }", "buckets { mean }")
            .replace("P1D", "\"P1D\""),
    );
    let bars = |units: usize| {
        format!(
            "{{ thread {{ parts(first: {units}) {{ nodes {{ fieldUsage(property: \"property/temperature\", {window}, groupBy: [UNIT]) {{ groups {{ usage {{ histogram(bins: 1000) {{ hours }} }} }} }} }} }} }} }}"
        )
    };
    refused(&bars(50));
}
