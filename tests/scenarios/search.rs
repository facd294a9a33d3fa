//! Search, over GraphQL and at a terminal, at versions old and new.

use super::program::{out, refused, throughline};
use super::world::{PUMP, World};
use serde_json::{Value, json};
use std::path::Path;

/// The pump, with a foreign identifier and a description.
fn pump() -> String {
    let more = r#"
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<REQ-1> adms:identifier <REQ-1#doors> .
<REQ-1#doors> a adms:Identifier ; skos:notation "4711" ; adms:schemaAgency "DOORS" .
<pump> dcterms:description "It must stay cool, and moves Kühlwasser." .
"#;
    format!("{PUMP}{more}")
}

fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let rest = page.split(fence.as_str()).skip(1);
    rest.map(|rest| rest.split("```").next().expect("an end").to_owned()).collect()
}

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/search.md")).expect("the page")
}

fn found(world: &World, at: &str, search: &str) -> Vec<String> {
    let data = world.data(
        "query($at: String!, $text: String!) { thread(at: $at) { search(text: $text) { totalCount nodes { iri } } } }",
        json!({ "at": at, "text": search }),
    );
    let search = &data["thread"]["search"];
    let nodes = search["nodes"].as_array().expect("nodes");
    assert_eq!(search["totalCount"], nodes.len());
    nodes.iter().map(|node| node["iri"].as_str().expect("an IRI").to_owned()).collect()
}

#[test]
fn search_as_documented() {
    let world = World::new();
    world.import("pump", &pump()).expect("a pump");
    let page = page();
    let (question, expect) = (&blocks(&page, "graphql")[0], &blocks(&page, "json")[0]);
    let expect: Value = serde_json::from_str(expect).expect("JSON");
    assert_eq!(world.data(question, json!({}))["thread"], expect);

    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("pump.ttl"), pump()).expect("a file");
    let run = |arguments: &[&str]| throughline(folder.path(), arguments);
    out(&run(&["init", "plant", "--base", "https://test.example/"]));
    out(&run(&["import", "--data", "plant", "pump.ttl", "--tag", "PDR"]));
    assert_eq!(out(&run(&["search", "--data", "plant", "stay co"])), blocks(&page, "text")[0]);
    let printed = out(&run(&["search", "--data", "plant", "stay co", "--at", "PDR", "--json", "-n", "1"]));
    let mut printed: Value = serde_json::from_str(&printed).expect("JSON");
    assert!(printed["version"].take().as_str().is_some_and(|id| id.len() == 40));
    assert_eq!(
        printed,
        json!({ "totalCount": 2, "next": "REQ-1", "version": null, "found": [{ "resource": "REQ-1", "class": "Requirement", "identifier": "REQ-1",
            "title": "Stay cool", "place": "TITLE" }] })
    );
    assert!(refused(&run(&["search", "--data", "plant", "--", "-"])).contains("no letter and no digit"));
}

#[test]
fn a_search_answers_for_its_version() {
    let world = World::new();
    world.import("pump", &pump()).expect("a pump");
    let before = world.app.snapshot("main").expect("main").commit().id.to_string();
    assert_eq!(found(&world, "main", "kuhlwasser PUMP"), ["pump"]);
    assert_eq!(found(&world, "main", "p-"), ["unit/P-1", "unit/P-2", "pump"], "words: P begins PUMP too");
    world.import("pump", &pump().replace("Stay cool", "Keep warm")).expect("another title");
    assert_eq!(found(&world, "main", "stay"), ["pump"]);
    assert_eq!(found(&world, "main", "warm"), ["REQ-1"]);
    for at in [before.as_str(), "main"] {
        let warm = if at == "main" { vec!["REQ-1".to_owned()] } else { Vec::new() };
        assert_eq!(found(&world, at, "WARM"), warm, "{at}");
    }
    assert_eq!(found(&world, &before, "stay"), ["REQ-1", "pump"]);
}

#[test]
fn a_search_is_paged_and_bounded() {
    let world = World::new();
    world.import("pump", &pump()).expect("a pump");
    let ask = |more: &str| {
        let question = format!(
            "{{ thread {{ search(text: \"p\"{more}) {{ nodes {{ iri }} pageInfo {{ endCursor hasNextPage }} }} }} }}"
        );
        world.data(&question, json!({}))["thread"]["search"].clone()
    };
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = ask(&format!(", first: 1{after}"));
        all.extend(page["nodes"].as_array().expect("nodes").clone());
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
    assert_eq!(json!(all), ask("")["nodes"]);
    assert!(all.len() > 2, "{all:?}");
    let refusal = |text: &str| {
        world.refusal(
            "query($text: String!) { thread { search(text: $text) { totalCount } } }",
            json!({ "text": text }),
        )
    };
    assert_eq!(refusal("…").0, "BAD_INPUT");
    assert_eq!(refusal(&"pump ".repeat(33)).0, "LIMIT_EXCEEDED");
}
