//! The printed schema.

use crate::graphql::sdl;
use crate::graphql::tests::Bench;
use crate::ontology::Ontology;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

fn shipped() -> Arc<Ontology> {
    Arc::new(
        Ontology::read(Ontology::shipped_files().iter().copied())
            .expect("the shipped files make an ontology"),
    )
}

#[test]
fn the_printed_schema_is_the_one_on_file() {
    let printed = sdl(&shipped()).expect("a schema");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &printed).expect("the file can be written");
    }
    let on_file = std::fs::read_to_string(path).unwrap_or_default();
    let first = printed.lines().zip(on_file.lines()).position(|(a, b)| a != b);
    assert!(
        printed == on_file,
        "schema.graphql differs from the schema (first in line {:?}); run `cargo run -- schema > schema.graphql`",
        first.map(|line| line + 1)
    );
}

#[test]
fn printing_twice_gives_the_same_text() {
    assert_eq!(sdl(&shipped()).expect("a schema"), sdl(&shipped()).expect("a schema"));
}

#[test]
fn types_are_described_as_they_are_printed() {
    let bench = Bench::new();
    let check = |name: &str, asked: &str, expect: Json| {
        let data = bench.data(&format!("{{ __type(name: \"{name}\") {{ {asked} }} }}"));
        assert_eq!(data["__type"], expect, "{name}: {asked}");
    };
    check("Nothing", "name", Json::Null);
    // Null is for what can have none.
    check(
        "Node",
        "kind interfaces { name } inputFields { name }",
        json!({ "kind": "INTERFACE", "interfaces": [], "inputFields": null }),
    );
    check(
        "Query",
        "kind interfaces { name } possibleTypes { name } ofType { name }",
        json!({ "kind": "OBJECT", "interfaces": [], "possibleTypes": null, "ofType": null }),
    );
    check(
        "Int",
        "kind name fields { name } interfaces { name }",
        json!({ "kind": "SCALAR", "name": "Int", "fields": null, "interfaces": null }),
    );
    let kinds = ["SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL"];
    let kinds = kinds.map(|name| json!({ "name": name }));
    check("__TypeKind", "kind enumValues { name }", json!({ "kind": "ENUM", "enumValues": kinds }));
    check(
        "__Field",
        "fields { name type { kind ofType { name } } }",
        json!({ "fields": [
        { "name": "name", "type": { "kind": "NON_NULL", "ofType": { "name": "String" } } },
        { "name": "description", "type": { "kind": "SCALAR", "ofType": null } },
        { "name": "args", "type": { "kind": "NON_NULL", "ofType": { "name": null } } },
        { "name": "type", "type": { "kind": "NON_NULL", "ofType": { "name": "__Type" } } },
        { "name": "isDeprecated", "type": { "kind": "NON_NULL", "ofType": { "name": "Boolean" } } },
        { "name": "deprecationReason", "type": { "kind": "SCALAR", "ofType": null } } ] }),
    );
    check(
        "DateTime",
        "kind specifiedByURL isOneOf",
        json!({ "kind": "SCALAR", "specifiedByURL": "https://www.rfc-editor.org/rfc/rfc3339", "isOneOf": null }),
    );
    check(
        "Change",
        "kind isOneOf __typename",
        json!({ "kind": "INPUT_OBJECT", "isOneOf": true, "__typename": "__Type" }),
    );
    let data = bench.data("{ a: __schema { queryType { name } description } ...F } fragment F on Query { b: __schema { directives { name } } }");
    assert_eq!(data["a"], json!({ "queryType": { "name": "Query" }, "description": null }));
    let names = ["deprecated", "include", "oneOf", "skip", "specifiedBy"].map(|name| json!({ "name": name }));
    assert_eq!(data["b"]["directives"], json!(names));
}
