//! The service as HTTP sees it: statuses and media types, time-outs, a changed ontology.

use super::Bench;
use crate::graph::CommitRequest;
use crate::graphql::service::{MEDIA_TYPE, Manner, OLDER_MEDIA_TYPE, Service};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn statuses_follow_the_media_type() {
    let bench = Bench::new();
    let check = |body: &str, new: u16, older: u16| {
        for (accept, status) in [(MEDIA_TYPE, new), (OLDER_MEDIA_TYPE, older)] {
            let manner = Manner::accepting(Some(accept), false).expect("a media type we have");
            let answer = bench.service.answer(body.as_bytes(), manner);
            assert_eq!((answer.status, answer.media_type), (status, accept), "{body}");
            let errors = serde_json::from_slice::<Json>(&answer.body).expect("JSON")["errors"].clone();
            assert_eq!(errors.is_array(), status != 200 || new != 200, "{body}");
        }
    };
    check(r#"{"query": "{ branches { nodes { name } } }"}"#, 200, 200);
    check(r#"{"query": "{ nothing }"}"#, 400, 200);
    check(r#"{"query": "{ branches "}"#, 400, 200);
    check(r#"{"query": "query A { branches { nodes { name } } }", "operationName": "B"}"#, 400, 200);
    check(
        r#"{"query": "query ($n: Int!) { log(first: $n) { nodes { id } } }", "variables": {"n": "x"}}"#,
        400,
        200,
    );
    check(r#"{"query": "{ branches { nodes { name } } }", "variables": [1]}"#, 400, 200);
    check(r#"{"query": "subscription { branches { nodes { name } } }"}"#, 400, 200);
    check(r#"{"variables": {}}"#, 400, 400);
    check(r#"{"query": 1}"#, 400, 400);
    check("[]", 400, 400);
    check(r#"["{ branches { nodes { name } } }", null, null, null]"#, 400, 400);
    check(r#"[{"query": "{ branches { nodes { name } } }"}]"#, 400, 400);
    check(r#"{"query": "{ branches { nodes { name } } }", "operationName": 1}"#, 400, 400);
    check(r#"{"query": "{ branches { nodes { name } } }", "extensions": []}"#, 400, 400);
    check(
        r#"{"query": "{ branches { nodes { name } } }", "operationName": null, "variables": null, "extensions": {}}"#,
        200,
        200,
    );
    check(r#"{"query": "query ($x: [Foo] = [1]) { __typename }"}"#, 400, 200);
    check(r#"{"query": "query ($x: [Foo] = [1]) { __schema { description } }"}"#, 400, 200);
    check(
        r#"{"query": "query ($i: Boolean!) { __typename @skip(if: $i) __schema { description @skip(if: $i) } }", "variables": {"i": true}}"#,
        200,
        200,
    );
    check("", 400, 400);
}

#[test]
fn the_accept_header_chooses() {
    let check = |accept: Option<&str>, expect: Option<&str>| {
        let bench = Bench::new();
        let manner = Manner::accepting(accept, false);
        let answer = manner.map(|manner| bench.service.answer(b"", manner).media_type);
        assert_eq!(answer, expect, "{accept:?}");
    };
    check(None, Some(OLDER_MEDIA_TYPE));
    check(Some("*/*"), Some(OLDER_MEDIA_TYPE));
    check(Some("application/*, application/json;q=0.5"), Some(MEDIA_TYPE));
    check(Some("application/json"), Some(OLDER_MEDIA_TYPE));
    check(Some("text/html, application/graphql-response+json; charset=utf-8"), Some(MEDIA_TYPE));
    check(Some("application/graphql-response+json;q=0, application/json;q=0.5"), Some(OLDER_MEDIA_TYPE));
    check(Some("application/graphql-response+json;q=0.1, application/json;q=0.9"), Some(OLDER_MEDIA_TYPE));
    check(Some("application/json;q=0.2, */*;q=0.1"), Some(OLDER_MEDIA_TYPE));
    check(Some("text/html"), None);
}

#[test]
fn a_get_may_not_change_anything() {
    let bench = Bench::new();
    let manner = Manner::accepting(None, true).expect("a media type we have");
    let body = json!({ "query": "mutation { tag(input: { name: \"t\" }) { tag { name } } }" }).to_string();
    assert_eq!(bench.service.answer(body.as_bytes(), manner).status, 405);
    assert_eq!(bench.data("{ tags { nodes { name } } }")["tags"]["nodes"], json!([]));
}

#[test]
fn a_request_that_takes_too_long_ends_with_a_timeout() {
    let bench = Bench::new();
    let service = Service::new(Arc::clone(&bench.app)).expect("a service").with_time_max(Duration::ZERO);
    let query = crate::graphql::query::Query {
        query: Some("{ branches { nodes { name } } }".to_owned()),
        ..Default::default()
    };
    assert_eq!(service.run(&query)["errors"][0]["extensions"]["code"], "TIMEOUT");
}

const PUMPS: &str = r#"
@prefix acme: <https://acme.example/terms#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix tl: <https://w3id.org/throughline#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
acme:Pump a owl:Class ; rdfs:subClassOf tl:TwinInstance ; rdfs:comment "A pump." .
acme:stages a owl:DatatypeProperty ; rdfs:comment "How many stages it has." .
acme:PumpShape a sh:NodeShape ; sh:targetClass acme:Pump ;
    sh:property [ sh:path acme:stages ; sh:datatype xsd:integer ; sh:maxCount 1 ] .
"#;

fn set_ontology(bench: &Bench, name: &str, text: &str) {
    bench.tick();
    let request = CommitRequest {
        branch: "main".to_owned(),
        message: "Add more".to_owned(),
        ontology: vec![(name.to_owned(), Some(text.to_owned()))],
        ..CommitRequest::default()
    };
    bench.app.commit_as(&request).expect("a commit");
}

#[test]
fn a_users_class_appears_without_a_restart() {
    let bench = Bench::furnished();
    let sdl = |bench: &Bench| bench.service.schema().sdl();
    assert!(!sdl(&bench).contains("type Pump "));
    set_ontology(&bench, "acme.ttl", PUMPS);
    bench.commit(
        &json!([{ "putPump": { "id": "twin/PU-1", "identifier": "PU-1", "part": "part/BRG", "stages": 3 } }]),
    );
    let data = bench.data(
        "{ thread { pumps(filter: {stages: {gt: 2}}) { nodes { iri stages part { title } } } twinInstances { totalCount }
            twinInstance(id: \"twin/PU-1\") { __typename identifier } lookup(identifier: \"PU-1\") { nodes { __typename ... on Fielded { population { unitCount } } } } } }",
    );
    assert_eq!(
        data["thread"],
        json!({ "pumps": { "nodes": [{ "iri": "twin/PU-1", "stages": "3", "part": { "title": "Bearing" } }] }, "twinInstances": { "totalCount": 6 },
            "twinInstance": { "__typename": "Pump", "identifier": "PU-1" },
            "lookup": { "nodes": [{ "__typename": "Pump", "population": data["thread"]["lookup"]["nodes"][0]["population"] }] } })
    );
}

#[test]
fn an_ontology_that_makes_no_schema_leaves_the_one_before() {
    let bench = Bench::furnished();
    // GraphQL has a type of this name already.
    set_ontology(&bench, "clash.ttl", &PUMPS.replace("acme:Pump ", "acme:PageInfo "));
    assert_eq!(bench.data("{ thread { parts { totalCount } } }")["thread"]["parts"]["totalCount"], 1);
}
