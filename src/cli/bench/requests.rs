//! Requests as bytes: a benchmark of the service makes them before its clock runs.

use serde_json::{Value as Json, json};

/// Makes a GraphQL request without variables.
pub(super) fn graphql(query: &str) -> Vec<u8> {
    graphql_body(&json!({ "query": query }))
}

/// Makes a GraphQL request with its variables.
pub(super) fn graphql_body(request: &Json) -> Vec<u8> {
    let body = request.to_string().into_bytes();
    let headers = "content-type: application/json\r\naccept: application/graphql-response+json\r\n";
    post("/graphql", headers, &body, body.len())
}

/// Makes a request without a body.
pub(super) fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n").into_bytes()
}

/// Makes a SPARQL query by GET.
pub(super) fn sparql(query: &str) -> Vec<u8> {
    let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    get(&format!("/sparql?query={query}"), "")
}

/// Makes a request that announces a body of some length.
pub(super) fn post(path: &str, headers: &str, body: &[u8], length: usize) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}
