//! What a federation gateway asks for: the objects of other subgraphs, by their types and ids.

use super::limits::with_settings;
use serde_json::{Value as Json, json};

#[test]
fn an_entity_that_is_wrong_is_null_beside_its_error() {
    let bench = with_settings("[graphql]\nfederation = true");
    bench.commit(&json!([{ "putPart": { "id": "part/P", "identifier": "P" } }]));
    let id = bench.data("{ thread { part(id: \"part/P\") { id } } }")["thread"]["part"]["id"].clone();
    let query =
        "query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Part { identifier } } }";
    let answer = bench.ask_with(
        query,
        json!({ "of": [
            { "__typename": "Part", "id": id },
            { "__typename": "PlainPart", "id": id },
            { "__typename": "Requirement", "id": id },
            { "id": id },
            { "__typename": "Part" },
            { "__typename": "Part", "id": "part/none" },
        ] }),
    );
    let part = json!({ "__typename": "PlainPart", "identifier": "P" });
    let found = answer["data"]["_entities"].as_array().expect("entities").clone();
    assert_eq!(found[..2], [part.clone(), part], "{answer}");
    assert!(found[2..].iter().all(Json::is_null), "{answer}");
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(errors[0]["path"], json!(["_entities", 2]), "{answer}");
    assert!(
        errors[0]["message"].as_str().is_some_and(|message| message.ends_with("is no Requirement")),
        "{answer}"
    );
    assert_eq!(errors[1]["message"], "\"__typename\" is missing", "{answer}");
    assert_eq!(errors[2]["message"], "\"id\" is missing", "{answer}");
}
