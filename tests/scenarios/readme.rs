//! README's ten minutes, done as written: its files, its write, its query, its answer.

use super::world::{post_graphql, request};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use throughline::app::App;

/// Returns the code blocks of a language after a heading.
fn blocks<'a>(text: &'a str, heading: &str, language: &str) -> Vec<&'a str> {
    let section = text.split(heading).nth(1).expect("the section").split("\n## ").next().expect("a section");
    let fence = format!("```{language}\n");
    section.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().expect("an end")).collect()
}

#[test]
fn ten_minutes_as_written() {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md");
    let of = |language: &str| blocks(&readme, "## Your own data in ten minutes", language);
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in
        [("units.csv", of("csv")[0]), ("units.toml", of("toml")[0]), ("design.ttl", of("turtle")[0])]
    {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let commands = of("sh").join("\n");
    let mut ran = 0;
    for line in commands.lines().filter(|line| line.starts_with("throughline ") && !line.contains("serve")) {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let output =
            Command::new(env!("CARGO_BIN_EXE_throughline")).current_dir(folder.path()).args(&words).output();
        let output = output.expect("the program");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        ran += 1;
    }
    assert_eq!(ran, 3, "init and two imports");

    let app = App::open(&folder.path().join("plant"), super::world::clock()).expect("the thread");
    let world = super::world::World::of(folder, app);
    let samples =
        commands.split("--data-binary '").nth(1).and_then(|rest| rest.split('\'').next()).expect("samples");
    let query =
        commands.split("<<'END'\n").nth(1).and_then(|rest| rest.split("\nEND").next()).expect("a query");
    let query: Value = serde_json::from_str(query).expect("a request in JSON");
    let answer = world.served(|address| {
        let written = request(address, "POST", "/api/v2/write?precision=s", &[], samples.as_bytes());
        assert_eq!(written.status, 204, "{}", written.body);
        post_graphql(address, query["query"].as_str().expect("a query"), &json!({}))
    });
    let expect: Value = serde_json::from_str(of("json")[0]).expect("README's answer");
    assert_eq!(answer.json(), expect, "README's answer");
    assert_eq!(Arc::strong_count(&world.app), 2, "the server let go of the thread");
}

/// README shows the query and the answer that `fixtures/` keeps; `.ci/run` asks the demo for that answer.
#[test]
fn the_question_is_the_one_that_fixtures_keep() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a file");
    let readme = read("README.md");
    let shown = |language: &str| blocks(&readme, "## The question", language)[0].to_owned();
    assert_eq!(shown("graphql"), read("fixtures/queries/the-question.graphql"));
    let json = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_eq!(json(&shown("json")), json(&read("fixtures/queries/the-question.json")));
}
