//! History that answers: a limit is tightened on a branch and merged; who did it, what it makes suspect, and how that is
//! cleared, over GraphQL and at the terminal.

use super::world::{PUMP, World};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Runs the program on a thread's folder and returns what it prints.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let data = folder.to_str().expect("a path");
    let output = Command::new(env!("CARGO_BIN_EXE_throughline"))
        .args(&arguments[..1])
        .args(["--data", data])
        .args(&arguments[1..])
        .output()
        .expect("the program");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn json_of(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&run(folder, arguments)).expect("JSON")
}

/// Commits to a branch and returns the commit's id.
fn commit(world: &World, branch: &str, message: &str, changes: &Value) -> String {
    let query = "mutation($branch: String!, $message: String!, $changes: [Change!]!) {
        commit(input: { branch: $branch, message: $message, changes: $changes, author: { name: \"Ada\", email: \"ada@example.org\" } }) { commit { id } } }";
    let data = world.data(query, json!({ "branch": branch, "message": message, "changes": changes }));
    data["commit"]["commit"]["id"].as_str().expect("an id").to_owned()
}

fn suspects(world: &World) -> Value {
    let query = "{ thread { suspectLinks { nodes { from { iri } property to { iri } baseline { message }
        changes { subject property before after since { id } } } } } }";
    world.data(query, json!({}))["thread"]["suspectLinks"]["nodes"].clone()
}

/// A pump whose limit was tightened on a branch that was then merged; with the commit that tightened it.
fn merged() -> (World, String) {
    let world = World::new();
    world.import("pump", PUMP).expect("a pump");
    world.data("mutation { tag(input: { name: \"PDR\" }) { tag { name } } createBranch(input: { name: \"heat\" }) { branch { name } } }", json!({}));
    let tighter = json!([{ "putRequirement": { "id": "REQ-1", "status": "APPROVED", "constraints": [{ "id": "#limit", "limit": 80 }] } }]);
    let tightened = commit(&world, "heat", "Tighten the limit", &tighter);
    // The clock does not move: two commits on main make it later than the branch.
    let moved = json!([{ "putTwinInstance": { "id": "unit/P-1", "site": "Hamburg" } }]);
    commit(&world, "main", "Move a unit", &moved);
    commit(
        &world,
        "main",
        "Name it better",
        &json!([{ "putRequirement": { "id": "REQ-1", "title": "Stay cool enough" } }]),
    );
    world.data("mutation { merge(input: { source: \"heat\" }) { commit { parents } } }", json!({}));
    (world, tightened)
}

#[test]
fn a_merged_change_names_the_commit_that_made_it() {
    let (world, tightened) = merged();
    let query = "{ thread { requirement(id: \"REQ-1\") {
        provenance { history { nodes { commit { id message } difference notes { kind } properties { property } } } }
        provenance { blame { nodes { subject property value commit { id message time author { name email } } } } } } }
        log(resource: \"REQ-1\") { nodes { message } } }";
    let data = world.data(query, json!({}));
    let requirement = &data["thread"]["requirement"];
    let messages = |nodes: &Value, path: &str| -> Vec<String> {
        let nodes = nodes.as_array().expect("nodes").iter();
        nodes.map(|node| node.pointer(path).and_then(Value::as_str).expect("a message").to_owned()).collect()
    };
    let expect = ["Name it better", "Tighten the limit", "Import pump.ttl"];
    assert_eq!(messages(&requirement["provenance"]["history"]["nodes"], "/commit/message"), expect);
    assert_eq!(messages(&data["log"]["nodes"], "/message"), expect);
    let change = &requirement["provenance"]["history"]["nodes"][1];
    assert_eq!(change["notes"], json!([{ "kind": "STATUS_CHANGED" }, { "kind": "LIMIT_TIGHTENED" }]));
    let blame = requirement["provenance"]["blame"]["nodes"].as_array().expect("statements");
    let limit = blame.iter().find(|of| of["property"] == "limit").expect("the limit");
    assert_eq!((&limit["value"], &limit["commit"]["id"]), (&json!("80"), &json!(tightened)));
    assert_eq!(limit["commit"]["author"], json!({ "name": "Ada", "email": "ada@example.org" }));
    let made = |commit: &str| world.app.snapshot(commit).expect("a version").commit().time.to_string();
    assert_eq!(limit["commit"]["time"], made(&tightened));
    let title = &blame.iter().find(|of| of["property"] == "title").expect("the title")["commit"];
    assert_eq!(
        (&title["message"], &title["time"]),
        (&json!("Name it better"), &json!(made(title["id"].as_str().expect("an id"))))
    );
    assert_ne!(title["time"], limit["commit"]["time"]);

    world.reopened(|folder| {
        let blame = run(folder, &["blame", "REQ-1"]);
        let line = blame.lines().find(|line| line.contains("#limit limit: 80")).expect("the limit");
        assert!(line.starts_with(&tightened[..10]) && line.ends_with("(Tighten the limit)"), "{blame}");
        assert!(!run(folder, &["blame", "REQ-1", "--at", "PDR"]).contains("Tighten"));
        let printed = json_of(folder, &["blame", "REQ-1", "--json"]);
        assert_eq!(
            printed["statements"].as_array().map(Vec::len),
            Some(requirement["provenance"]["blame"]["nodes"].as_array().map_or(0, Vec::len))
        );
        let log = run(folder, &["log", "--resource", "REQ-1", "--patch"]);
        assert!(
            log.contains(
                "Tighten the limit\n        status: RELEASED → APPROVED\n        #limit limit: 85 → 80\n"
            ),
            "{log}"
        );
    });
}

#[test]
fn a_suspect_link_is_listed_and_cleared() {
    let (world, tightened) = merged();
    let link = |baseline: &str| {
        json!({ "from": { "iri": "pump/A" }, "property": "satisfies", "to": { "iri": "REQ-1" }, "baseline": { "message": baseline },
            "changes": [{ "subject": "REQ-1#limit", "property": "limit", "before": ["85"], "after": ["80"], "since": { "id": tightened } }] })
    };
    assert_eq!(suspects(&world), json!([link("Import pump.ttl")]));
    let world = world.reopened(|folder| {
        let printed = run(folder, &["suspects"]);
        assert!(
            printed.starts_with("pump/A satisfies REQ-1\n    REQ-1 #limit limit: 85 → 80  ("),
            "{printed}"
        );
        assert_eq!(
            json_of(folder, &["suspects", "--json"])["links"][0]["changes"][0]["since"]["id"],
            json!(tightened)
        );
        assert_eq!(run(folder, &["suspects", "PDR"]), "");
        let clear = ["confirm-link", "pump/A", "satisfies", "REQ-1", "--author", "Ada <ada@example.org>"];
        assert!(run(folder, &clear).contains(" on main: Confirm that pump/A satisfies REQ-1"));
        assert_eq!(run(folder, &["suspects"]), "");
    });
    assert_eq!(suspects(&world), json!([]));
    let refused = world.refusal(
        "mutation { confirmLink(input: { from: \"pump/A\", property: \"satisfies\", to: \"REQ-1\", author: { name: \"Ada\", email: \"ada@example.org\" } }) { changed } }",
        json!({}),
    );
    assert_eq!(refused.0, "BAD_INPUT");
    // The tool that wrote the design exports it again without the link: the confirmation is removed with it.
    world.import("pump", &PUMP.replace(" tl:satisfies <REQ-1> ;", "")).expect("a smaller pump");
    let left =
        world.data("{ thread { designRevision(id: \"pump/A\") { confirmations { iri } } } }", json!({}));
    assert_eq!(left["thread"]["designRevision"]["confirmations"], json!([]));
}

#[test]
fn a_difference_is_described_in_engineering_terms() {
    let (world, _) = merged();
    commit(&world, "main", "Retire a unit", &json!([{ "retire": "unit/P-2" }]));
    world.reopened(|folder| {
        assert_eq!(
            run(folder, &["diff", "PDR"]),
            "~ REQ-1\n    title: Stay cool → Stay cool enough\n    status: RELEASED → APPROVED\n    #limit limit: 85 → 80\n\
            \x20   ! REQ-1 goes from RELEASED to APPROVED\n    ! REQ-1: limit tightened: MAX ≤ 85 °C → MAX ≤ 80 °C\n\
            ~ unit/P-1\n    site: Rotterdam → Hamburg\n- unit/P-2\n    identifier: - P-2\n    type: - TwinInstance\n    builtBy: - lot/1\n\
            \x20   commissionedAt: - 2024-01-01T00:00:00Z\n    part: - pump\n    site: - Bergen\n    ! unit/P-2 is retired\n"
        );
        let printed = json_of(folder, &["diff", "PDR", "--json", "--affects", "pump"]);
        let resources = printed["resources"].as_array().expect("resources");
        assert_eq!(resources.len(), 2, "what links to the pump: {printed:#}");
        assert_eq!((&resources[1]["resource"], &resources[1]["difference"]), (&json!("unit/P-2"), &json!("REMOVED")));
        assert_eq!(resources[1]["notes"][0]["kind"], "RETIRED");
        let part = resources[1]["properties"].as_array().expect("properties").iter().find(|of| of["property"] == "part");
        assert_eq!(part.expect("the removed link")["removed"], json!(["pump"]));
    });
}
