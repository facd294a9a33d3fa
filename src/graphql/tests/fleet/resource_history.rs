//! The history of a resource: who changed it, when, and what.

use crate::graphql::schema::shared::page::opaque;
use crate::graphql::tests::Bench;
use serde_json::{Value as Json, json};

fn limit(bench: &Bench, limit: u32) -> String {
    let constraint = json!([{ "id": "#constraint", "limit": limit }]);
    bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-12", "constraints": constraint } }]))
}

#[test]
fn history_names_each_commit_and_what_it_changed() {
    let bench = Bench::furnished();
    let first = limit(&bench, 80);
    let second = limit(&bench, 75);
    let page = |arguments: &str| {
        let query = format!(
            "{{ thread {{ requirement(id: \"req/REQ-12\") {{ provenance {{ history{arguments} {{ edges {{ cursor }}
                nodes {{ commit {{ id }} difference properties {{ subject property propertyIri removed added }} }}
                pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }} }} }} }}"
        );
        bench.data(&query)["thread"]["requirement"]["provenance"]["history"].clone()
    };
    let newest = page("(first: 2)");
    let change = |id: &str, removed: &str, added: &str| {
        json!({ "commit": { "id": id }, "difference": "CHANGED", "properties": [{
            "subject": "req/REQ-12#constraint", "property": "limit",
            "propertyIri": "https://w3id.org/throughline#limit", "removed": [removed], "added": [added] }] })
    };
    assert_eq!(newest["nodes"], json!([change(&second, "80", "75"), change(&first, "85", "80")]));
    let end = newest["edges"][1]["cursor"].as_str().expect("a cursor");
    assert_eq!(
        newest["pageInfo"],
        json!({ "hasNextPage": true, "hasPreviousPage": false, "endCursor": end })
    );
    let oldest = page(&format!("(after: \"{end}\")"));
    assert_eq!(oldest["nodes"].as_array().map(Vec::len), Some(1));
    assert_eq!(oldest["nodes"][0]["difference"], "ADDED");
    assert_eq!(oldest["pageInfo"]["hasPreviousPage"], true);
    let fragment = bench.data("{ constraint: node(id: \"req/REQ-12#constraint\") { ... on Record { provenance { history { nodes { commit { id } } } } } } thread { part(id: \"part/BRG\") { provenance { history { nodes { commit { id } } } } } } }");
    assert_eq!(fragment["constraint"]["provenance"]["history"]["nodes"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        fragment["thread"]["part"]["provenance"]["history"]["nodes"].as_array().map(Vec::len),
        Some(1)
    );
    bench.error(
        "{ node(id: \"part/BRG\") { ... on Record { provenance { history(after: \"soon\") { nodes { difference } } } } } }",
        "BAD_INPUT",
    );
    // What is marked as a cursor of the list, and none of its commits.
    let strange = format!("{}{}", &end[..8], opaque(&"0".repeat(40)));
    bench.error(
        &format!(
            "{{ node(id: \"part/BRG\") {{ ... on Record {{ provenance {{ history(after: \"{strange}\") {{ nodes {{ difference }} }} }} }} }} }}"
        ),
        "BAD_INPUT",
    );
}

#[test]
fn blame_names_the_commit_of_each_statement() {
    let bench = Bench::furnished();
    let tightened = limit(&bench, 80);
    let data = bench.data(
        "{ node(id: \"req/REQ-12\") { ... on Record { provenance { blame { nodes { subject property propertyIri value commit { id author { name } time message } } } } } } }",
    );
    let blame = data["node"]["provenance"]["blame"]["nodes"].as_array().expect("statements").clone();
    let of = |property: &str| -> Vec<Json> {
        blame.iter().filter(|of| of["property"] == property).cloned().collect()
    };
    let [limit] = of("limit").try_into().expect("one limit");
    assert_eq!(
        (&limit["subject"], &limit["value"], &limit["commit"]["id"]),
        (&json!("req/REQ-12#constraint"), &json!("80"), &json!(tightened))
    );
    assert_eq!(limit["commit"]["author"]["name"], "throughline");
    let [derived] = of("derivedFrom").try_into().expect("one link");
    assert_eq!(derived["value"], "req/REQ-1");
    assert_ne!(derived["commit"]["id"], json!(tightened));
    assert_eq!(of("type").len(), 2, "the resource and its fragment");
}
