//! The index is derived: deleted and rebuilt, every answer is the same. And Git reads like a change note.

use super::program::{is_there, out, throughline};
use super::world::{BASE, PUMP, World};
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

const QUESTIONS: [&str; 3] = [
    "{ thread { commit { id } requirements { totalCount edges { cursor node { identifier title constraints { limit } } } }
        twinInstances(orderBy: [{site: DESC}]) { edges { cursor node { iri site } } } } }",
    r#"{ then: thread(at: "FIRST") { requirement(id: "REQ-1") { constraints { limit } } }
        now: thread { requirement(id: "REQ-1") { constraints { limit } satisfiedBy { edges { link { since { id message } } node { iri } } } } } }"#,
    r#"{ log { edges { node { id message time } } } diff(from: "FIRST", to: "main") {
        resources { nodes { iri difference properties { subject property removed added } } } } branches { nodes { name head { id } } } tags { nodes { name commit { id } } } }"#,
];

fn answers(world: &World) -> Vec<Value> {
    QUESTIONS.iter().map(|question| world.data(question, json!({}))).collect()
}

fn tightened() -> World {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.app.tag("FIRST", "main", "The first state").expect("a tag");
    let tighten = r#"mutation { commit(input: { branch: "main", message: "Tighten the limit", changes: [
        { putRequirement: { id: "REQ-1", constraints: [{ id: "REQ-1#limit", limit: 80 }] } }] }) { changed } }"#;
    assert_eq!(world.data(tighten, json!({}))["commit"]["changed"], 2);
    world
}

#[test]
fn a_deleted_index_changes_no_answer() {
    let world = tightened();
    let before = answers(&world);
    let world = world.reopened(|folder| std::fs::remove_file(folder.join("index.redb")).expect("the index"));
    assert_eq!(answers(&world), before);
    let world =
        world.reopened(|folder| std::fs::write(folder.join("index.redb"), b"damaged").expect("the index"));
    assert_eq!(answers(&world), before);
}

/// A page that is not the index's is reported in one sentence, without the text of the store's panic.
#[test]
fn a_damaged_index_is_reported_and_rebuilt() {
    let World { folder, app, service } = tightened();
    drop((app, service));
    let path = folder.path().join("index.redb");
    let mut bytes = std::fs::read(&path).expect("the index");
    // The first page is what the store itself needs to open the file.
    bytes[4096..].fill(0xab);
    std::fs::write(&path, bytes).expect("the index");
    let output = throughline(folder.path(), &["log", "--data", "."]);
    assert!(out(&output).contains("Tighten the limit"));
    let log = String::from_utf8(output.stderr).expect("text");
    assert!(log.contains("the index cannot be opened and is rebuilt") && !log.contains("panicked"), "{log}");
}

#[test]
fn git_log_reads_like_a_change_note() {
    let world = tightened();
    let git = world.folder.path().join("thread.git");
    if !is_there("git", &["--version"]) {
        return;
    }
    let output = Command::new("git").arg("-C").arg(&git).args(["log", "-p", "-1", "--format=%s"]).output();
    let output = output.expect("git");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.starts_with("Tighten the limit\n"), "{text}");
    let changes: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with(['-', '+']) && !line.starts_with("---") && !line.starts_with("+++"))
        .collect();
    assert_eq!(changes, ["-<REQ-1#limit> tl:limit 85 .", "+<REQ-1#limit> tl:limit 80 ."], "{text}");
    let fsck = Command::new("git").arg("-C").arg(&git).args(["fsck", "--strict"]).output().expect("git");
    assert!(fsck.status.success(), "{}", String::from_utf8_lossy(&fsck.stderr));
}

/// Damages one byte in each of many blocks of the index, those among them that every start reads.
#[test]
fn a_start_that_reads_a_damaged_index_rebuilds_it() {
    const PLACES: usize = 45;
    let mut world = World::new();
    world.import("parts", &parts(300)).expect("an import");
    let title = r#"{ thread { part(id: "part/P7") { title } parts { totalCount } } }"#;
    let expect = world.data(title, json!({}));
    let mut remade = 0;
    for place in 0..PLACES {
        // Open meanwhile, so that no other file can have its number.
        let mut damaged = None;
        world = world.reopened(|folder| {
            let path = folder.join("index.redb");
            let mut bytes = std::fs::read(&path).expect("the index");
            let at = bytes.len() / PLACES * place;
            bytes[at] ^= 8;
            std::fs::write(&path, bytes).expect("the index with a flipped bit");
            damaged = Some(std::fs::File::open(&path).expect("the index"));
        });
        // A question that meets the damage only now is refused; the next start answers it.
        if world.ask(title, json!({}))["errors"].is_array() {
            assert!(world.app.repository().is_index_damaged());
            world = world.reopened(|_| {});
        }
        assert_eq!(world.data(title, json!({})), expect, "place {place}");
        let damaged = damaged.expect("the index").metadata().expect("a file");
        let now = std::fs::metadata(world.folder.path().join("index.redb")).expect("the index");
        remade += usize::from(now.ino() != damaged.ino());
    }
    assert!(remade > 0, "an index was made anew");
}

/// Returns the Turtle of so many parts.
fn parts(count: usize) -> String {
    let prefixes =
        "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .";
    let part = |n| {
        format!("\n<{BASE}part/P{n}> a tl:Part ; dcterms:identifier \"P{n}\" ; dcterms:title \"Part {n}\" .")
    };
    [prefixes.to_owned()].into_iter().chain((0..count).map(part)).collect()
}
