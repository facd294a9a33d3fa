//! Commands print JSON where that is asked for, of a folder and of a service alike; completions and manual pages are made of them.

use super::access::{new, token};
use super::program::{out, refused, throughline};
use super::world::{PUMP, World};
use serde_json::{Value, json};
use std::path::Path;
use throughline::app::access::Role;

/// Commands whose output is a document by itself, or that print none.
const OTHERWISE: [&str; 17] = [
    "serve",
    "export",
    "show",
    "query",
    "sparql",
    "schema",
    "demo",
    "completions",
    "man",
    "config",
    "job show",
    "job cancel",
    "job run",
    "token create",
    "token revoke",
    "audit verify",
    "bench",
];

/// Names the commands that have no others below them.
fn leaves(command: &clap::Command, name: &str, found: &mut Vec<(String, bool)>) {
    let below: Vec<_> = command.get_subcommands().filter(|below| below.get_name() != "help").collect();
    if below.is_empty() {
        let has_json = command.get_arguments().any(|argument| argument.get_long() == Some("json"));
        found.push((name.trim().to_owned(), has_json));
    }
    for command in below {
        leaves(command, &format!("{name} {}", command.get_name()), found);
    }
}

#[test]
fn every_command_that_prints_takes_json() {
    let mut found = Vec::new();
    leaves(&throughline::cli::command(), "", &mut found);
    let is_other =
        |name: &str| OTHERWISE.iter().any(|other| name == *other || name.starts_with(&format!("{other} ")));
    let lacking: Vec<_> = found.iter().filter(|(name, has_json)| !has_json && !is_other(name)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
    assert!(found.len() > 30, "{found:?}");
}

fn answer(folder: &Path, arguments: &[&str]) -> Value {
    let printed = out(&throughline(folder, &[arguments, &["--json"]].concat()));
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {printed}"))
}

#[test]
fn what_commands_come_to_is_one_value() {
    let folder = tempfile::tempdir().expect("a folder");
    let ask = |arguments: &[&str]| answer(folder.path(), arguments);
    assert_eq!(ask(&["init", "plant"])["folder"], "plant");
    std::fs::write(folder.path().join("pump.ttl"), PUMP).expect("a file");
    let data = ["--data", "plant"];
    let with = |command: &[&str], more: &[&str]| ask(&[command, &data[..], more].concat());
    assert!(with(&["import"], &["pump.ttl", "--source", "pump"])["commit"].is_string());
    let head = with(&["log"], &[])["commits"][0]["commit"]["id"].as_str().expect("a commit").to_owned();
    let branch = with(&["branch"], &["try"]);
    assert_eq!(branch, json!({ "name": "try", "commit": head }));
    assert_eq!(with(&["branch"], &[])["branches"].as_array().map(Vec::len), Some(3));
    assert_eq!(with(&["branch"], &["--delete", "try"])["deleted"], head.as_str());
    assert_eq!(with(&["tag"], &["CDR"]), json!({ "name": "CDR", "commit": head }));
    let tags = with(&["tag"], &[]);
    assert_eq!((&tags["tags"][0]["name"], &tags["unreadable"]), (&json!("CDR"), &json!([])));
    assert_eq!(
        with(&["adopt"], &["main", "--as", "again"]),
        json!({ "branch": "again", "commit": head, "commitCount": 0 })
    );
    let reverted = with(&["revert"], &[&head]);
    assert!(reverted["commit"] != head.as_str() && reverted["changed"].as_u64() > Some(0), "{reverted}");
    std::fs::write(folder.path().join("t.csv"), "t,u,temp\n2026-01-01T00:00:00Z,P-1,20\n").expect("a file");
    let stored = with(&["ingest"], &["--time", "t", "--twin", "u", "t.csv"]);
    assert_eq!((&stored["files"][0]["samples"], &stored["files"][0]["file"]), (&json!(1), &json!("t.csv")));
    let series = with(&["series", "list"], &[]);
    assert_eq!(series["series"][0]["twin"], "P-1", "{series}");
    assert_eq!(with(&["series", "delete"], &["--twin", "P-1", "--dry-run"])["deleted"], false);
    assert!(with(&["ontology"], &[])["digest"].is_string());
    assert!(with(&["maintain"], &[])["packs"].is_u64());
    assert!(with(&["reindex"], &[])["commitCount"].as_u64() > Some(1));
    assert_eq!(with(&["migrate"], &[]), json!({ "branches": [] }));
    assert!(with(&["trust-clock"], &[])["now"].is_string());
    let checked = with(&["fsck"], &[]);
    assert_eq!((&checked["damages"], &checked["complete"]), (&json!([]), &json!(true)), "{checked}");
    assert_eq!(with(&["backup"], &["kept"])["number"], 1);
    let restored = ask(&["restore", "kept", "again"]);
    assert_eq!((restored["commit"].is_string(), &restored["missing"]), (true, &json!([])));
    assert_eq!(with(&["review", "show"], &[]), json!({ "reviews": [] }));
    let none = refused(&throughline(folder.path(), &["monitor", "--data", "plant", "--json"]));
    assert!(none.contains("there are no monitors"), "{none}");
}

#[test]
fn branches_are_made_and_commits_adopted_through_a_service() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let operator = token(&world, 1, &new("officer", Role::Operator));
    let reader = token(&world, 2, &new("reader", Role::Reader));
    let head = world.app.snapshot("main").expect("main").commit().id.to_string();
    let folder = tempfile::tempdir().expect("a folder");
    world.served(|address| {
        let url = format!("http://{address}");
        let ask = |command: &str, more: &[&str]| {
            answer(folder.path(), &[&[command, "--url", &url, "--token", &operator][..], more].concat())
        };
        assert_eq!(ask("branch", &["try"]), json!({ "name": "try", "commit": head }));
        let listed = ask("branch", &[]);
        let names: Vec<_> =
            listed["branches"].as_array().expect("branches").iter().map(|of| &of["name"]).collect();
        assert_eq!(names, ["import/pump", "main", "try"]);
        assert_eq!(
            ask("adopt", &["try", "--as", "other"]),
            json!({ "branch": "other", "commit": head, "commitCount": 0 })
        );
        assert_eq!(ask("branch", &["--delete", "try"]), json!({ "name": "try", "deleted": head }));
        let printed = out(&throughline(folder.path(), &["branch", "--url", &url, "--token", &operator]));
        assert!(printed.lines().count() == 3 && printed.contains("  other\n"), "{printed}");
        for (command, more) in [("branch", vec!["x"]), ("adopt", vec!["main", "--as", "x"])] {
            let arguments = [&[command, "--url", &url, "--token", &reader][..], &more].concat();
            let text = refused(&throughline(folder.path(), &arguments));
            assert!(text.contains("has the role reader"), "{text}");
        }
    });
}

#[test]
fn shells_and_manuals_know_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let printed = out(&throughline(folder.path(), &["completions", shell]));
        assert!(printed.contains("trust-clock") && printed.contains("salvage-telemetry"), "{shell}");
    }
    out(&throughline(folder.path(), &["man", "pages"]));
    let page = |name: &str| std::fs::read_to_string(folder.path().join("pages").join(name)).expect(name);
    assert!(page("throughline.1").contains("throughline\\-import(1)"), "{}", page("throughline.1"));
    assert!(page("throughline-token-create.1").contains("\\-\\-role"));
}
