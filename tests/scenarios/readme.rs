//! README's five minutes, done as written: its files, its write, its query, its answer; and the pages that continue them.

use super::page::{blocks, parts, read};
use super::world::{post_graphql, request};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;
use throughline::app::App;
use throughline::cli::demo::answers::describe;

/// The section of README with data of the reader's own.
const OWN_DATA: &str = "Five minutes with your own data";

#[test]
fn five_minutes_as_written() {
    let readme = read("README.md");
    let of = |language: &str| blocks(&readme, OWN_DATA, language);
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in
        [("units.csv", &of("csv")[0]), ("units.toml", &of("toml")[0]), ("design.ttl", &of("turtle")[0])]
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
    let ingest = readme.split("`throughline ingest ").nth(1).and_then(|rest| rest.split('`').next());
    let ingest = ingest.expect("an ingest").split_whitespace();
    let csv = "t,serial,temp\n2024-01-01T00:30:00Z,P-1,71.0\n";
    std::fs::write(folder.path().join("readings.csv"), csv).expect("a file");
    let mut program = Command::new(env!("CARGO_BIN_EXE_throughline"));
    let output = program.current_dir(folder.path()).arg("ingest").args(ingest).output().expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

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
    let expect: Value = serde_json::from_str(&of("json")[0]).expect("README's answer");
    assert_eq!(answer.json(), expect, "README's answer");
    assert_eq!(Arc::strong_count(&world.app), 2, "the server let go of the thread");
}

/// README and docs/demo.md show the requests and answers that `fixtures/` keeps; `.ci/run` asks the demo for these answers.
#[test]
fn requests_are_those_that_fixtures_keep() {
    let (readme, demo) = (read("README.md"), read("docs/demo.md"));
    let json = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let kept = |name: &str| {
        let answer = json(&read(&format!("fixtures/queries/{name}.json")));
        (read(&format!("fixtures/queries/{name}.graphql")), answer["data"].clone())
    };
    let shown = |page: &str, heading: &str| -> Vec<(String, Value)> {
        let answers = blocks(page, heading, "json").into_iter().map(|answer| json(&answer));
        blocks(page, heading, "graphql").into_iter().zip(answers).collect()
    };
    let (request, answer) = shown(&demo, "The question").swap_remove(0);
    assert_eq!((request, answer["data"].clone()), kept("the-question"));
    let truths = ["the-cure", "the-lot", "the-sensor", "the-late-week"].map(kept);
    assert_eq!(shown(&demo, "What the story hides"), truths);
    assert_eq!(shown(&readme, "The question"), truths[..1]);
    let outlook =
        ["which-residual", "how-long-does-b-live", "does-c-live-longer", "which-forecasts", "which-site"];
    assert_eq!(shown(&demo, "What comes"), outlook.map(kept));
    // README's table is what the demo prints for the answer that is kept.
    let printed = describe("is-c-better", &kept("is-c-better").1).join("\n");
    assert_eq!(blocks(&readme, "The question", "text")[0].trim_end(), printed);
}

/// The examples of docs/history.md, on the thread of README's five minutes.
#[test]
fn history_as_written() {
    let design = &blocks(&read("README.md"), OWN_DATA, "turtle")[0];
    let page = read("docs/history.md");
    let of = |language: &str| -> Vec<String> {
        let blocks = parts(&page).0.into_iter().filter(|block| block.language == language);
        blocks.map(|block| block.text).collect()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str]| {
        let program =
            Command::new(env!("CARGO_BIN_EXE_throughline")).current_dir(folder.path()).args(words).output();
        let output = program.expect("the program");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let write = |text: &str| std::fs::write(folder.path().join("design.ttl"), text).expect("a file");
    run(&["init", "plant", "--base", "https://plant.example/"]);
    write(design);
    run(&["import", "--data", "plant", "design.ttl"]);
    run(&["tag", "--data", "plant", "PDR"]);
    write(&design.replace("tl:limit 85", "tl:limit 80"));
    run(&["import", "--data", "plant", "design.ttl", "--message", "Tighten REQ-1 after the review"]);
    let query = folder.path().join("q.graphql");
    std::fs::write(&query, &of("graphql")[0]).expect("a file");
    let answer: Value =
        serde_json::from_str(&run(&["query", "--data", "plant", "q.graphql"])).expect("an answer");
    let requirement = &answer["data"]["thread"]["requirement"];
    let expect: Value = serde_json::from_str(&of("json")[0]).expect("the answer");
    assert_eq!(requirement["provenance"]["history"], expect["provenance"]["history"]);

    // Commits and instants differ from run to run; the shell's words with a quoted part are cut by hand.
    let without_commits = |text: &str| {
        text.lines().map(|line| line.split("  (").next().unwrap_or(line).to_owned()).collect::<Vec<_>>()
    };
    let mut printed = Vec::new();
    for line in of("sh").join("").lines() {
        let command = line.split(" #").next().unwrap_or(line).trim();
        let (words, quoted) = command.split_once('"').unwrap_or((command, ""));
        let quoted = quoted.trim_end_matches('"');
        let words = words.split_whitespace().skip(1).chain(Some(quoted).filter(|text| !text.is_empty()));
        printed.push(run(&words.collect::<Vec<_>>()));
    }
    let [diff, blame, log, suspects, cleared] = printed.try_into().expect("five commands");
    assert_eq!(diff, of("text")[0]);
    assert_eq!(without_commits(&suspects), without_commits(&of("text")[1]));
    assert!(blame.contains("#constraint limit: 80  (Tighten REQ-1 after the review)"), "{blame}");
    assert!(log.contains("        #constraint limit: 85 → 80\n"), "{log}");
    assert!(cleared.contains("Confirm that pump/A satisfies REQ-1"), "{cleared}");
    assert_eq!(run(&["suspects", "--data", "plant"]), "");
}

/// The words of a command, of which one part may be quoted.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate().flat_map(|(index, part)| match index % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    parts.skip(1).collect()
}

/// The examples of docs/branches.md, on the thread of README's five minutes after the limit was tightened.
#[test]
fn a_merge_as_written() {
    let design = &blocks(&read("README.md"), OWN_DATA, "turtle")[0];
    let page = read("docs/branches.md");
    let of = |language: &str| blocks(&page, "A merge with a conflict", language).swap_remove(0);
    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str]| {
        let program =
            Command::new(env!("CARGO_BIN_EXE_throughline")).current_dir(folder.path()).args(words).output();
        let output = program.expect("the program");
        (String::from_utf8(output.stdout).expect("text"), String::from_utf8(output.stderr).expect("text"))
    };
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    run(&["init", "plant", "--base", "https://plant.example/"]);
    write("design.ttl", design);
    run(&["import", "--data", "plant", "design.ttl"]);
    run(&["tag", "--data", "plant", "PDR"]);
    write("design.ttl", &design.replace("tl:limit 85", "tl:limit 80"));
    run(&["import", "--data", "plant", "design.ttl", "--message", "Tighten REQ-1 after the review"]);
    write("lab.ttl", &of("turtle"));
    let printed: Vec<_> = of("sh").lines().map(|line| run(&words(line))).collect();
    // Commits and instants differ from run to run.
    let plain = |text: &str| {
        let cut = |line: &str| match line.split_once(": ") {
            Some((side, rest)) if line.starts_with("    ") => {
                format!("{side}: {}", rest.split_once("throughline: ").map_or(rest, |(_, message)| message))
            }
            _ => line.to_owned(),
        };
        text.lines().map(cut).collect::<Vec<_>>()
    };
    let (shown, errors) = printed.last().expect("the merge");
    assert_eq!(plain(shown), plain(&of("text")), "{errors}");
}
