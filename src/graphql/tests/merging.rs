//! Merging and undoing over GraphQL.

use super::{Bench, flat};
use serde_json::{Value as Json, json};

fn limit(value: i64) -> Json {
    json!([{ "putRequirement": { "id": "req/REQ-12", "constraints": [{ "id": "req/REQ-12#constraint", "limit": value }] } }])
}

impl Bench {
    fn commit_to(&self, branch: &str, message: &str, changes: &Json) -> String {
        self.tick();
        let answer = self.ask_with(
            "mutation ($branch: String!, $message: String!, $changes: [Change!]!) { commit(input: { branch: $branch, message: $message, changes: $changes }) { commit { id } } }",
            json!({ "branch": branch, "message": message, "changes": changes }),
        );
        assert_eq!(answer["errors"], Json::Null);
        answer["data"]["commit"]["commit"]["id"].as_str().expect("an id").to_owned()
    }

    fn limit_at(&self, version: &str) -> Json {
        let query = format!(
            r#"{{ thread(at: "{version}") {{ requirement(id: "req/REQ-12") {{ constraints {{ limit }} }} }} }}"#
        );
        self.data(&query)["thread"]["requirement"]["constraints"][0]["limit"].clone()
    }
}

/// A bench whose branch `work` and `main` disagree on a limit, where `work` also has a new part.
fn apart() -> (Bench, String, String) {
    let bench = Bench::furnished();
    bench.data(r#"mutation { createBranch(input: { name: "work" }) { branch { name } } }"#);
    let mut theirs = limit(90);
    theirs
        .as_array_mut()
        .expect("a list")
        .push(json!({ "putPart": { "id": "part/SEAL", "identifier": "SEAL" } }));
    let theirs = bench.commit_to("work", "Loosen", &theirs);
    let ours = bench.commit_to("main", "Tighten", &limit(80));
    (bench, ours, theirs)
}

#[test]
fn a_preview_shows_both_sides_and_writes_nothing() {
    let (bench, ours, theirs) = apart();
    let preview = bench.data(
        r#"{ mergePreview(source: "work") { into { id } source { id } bases { message } mergedAlready clean
            conflicts { nodes { kind resource property base ours { values commit { id message } } theirs { values commit { id message } } links { from } } }
            violations { nodes { message } } changes { nodes { iri difference resource { ... on Part { identifier } } } } } }"#,
    );
    let side = |value: &str, id: &str, message: &str| json!({ "values": [value], "commit": { "id": id, "message": message } });
    assert_eq!(
        flat(&preview["mergePreview"]),
        json!({ "into": { "id": ours }, "source": { "id": theirs }, "bases": [{ "message": "Change" }],
            "mergedAlready": false, "clean": false,
            "conflicts": [{ "kind": "BOTH_CHANGED", "resource": "req/REQ-12#constraint", "property": "limit", "base": ["85"],
                "ours": side("80", &ours, "Tighten"), "theirs": side("90", &theirs, "Loosen"), "links": [] }],
            "violations": [],
            "changes": [{ "iri": "part/SEAL", "difference": "ADDED", "resource": { "identifier": "SEAL" } }] })
    );
    assert_eq!(bench.data("{ thread { commit { id } } }")["thread"]["commit"]["id"], *ours);
}

#[test]
fn a_merge_needs_every_conflict_decided() {
    let (bench, ours, theirs) = apart();
    let error = bench.error(r#"mutation { merge(input: { source: "work" }) { changed } }"#, "CONFLICT");
    let conflict = &error["extensions"]["conflicts"]["nodes"][0];
    assert_eq!((&conflict["kind"], &conflict["theirs"]["values"]), (&json!("BOTH_CHANGED"), &json!(["90"])));
    let with = |resolution: &str| {
        format!(
            r#"mutation {{ merge(input: {{ source: "work", resolutions: [{resolution}] }}) {{ commit {{ parents message }} changed }} }}"#
        )
    };
    for wrong in [
        r#"{ resource: "req/REQ-12#constraint", property: "limit" }"#,
        r#"{ resource: "req/REQ-12#constraint", property: "limit", take: OURS, values: ["1"] }"#,
        r#"{ resource: "req/REQ-12#constraint", property: "limit", values: ["warm"] }"#,
        r#"{ resource: "req/REQ-1", take: OURS }"#,
    ] {
        bench.error(&with(wrong), "BAD_INPUT");
    }
    let invalid = r#"{ resource: "req/REQ-12#constraint", property: "statistic", values: ["P96"] }, { resource: "req/REQ-12#constraint", property: "limit", take: OURS }"#;
    bench.error(&with(invalid), "BAD_INPUT");
    let decided = with(r#"{ resource: "req/REQ-12#constraint", property: "limit", values: ["82.5"] }"#)
        .replace("resolutions:", r#"author: { name: "Ada", email: "ada@example.org" }, resolutions:"#)
        .replace("parents message", "parents message author { name }");
    let merged = bench.data(&decided);
    let commit = &merged["merge"]["commit"];
    assert_eq!(
        *commit,
        json!({ "parents": [ours, theirs], "message": "Merge work into main", "author": { "name": "Ada" } })
    );
    assert_eq!(bench.limit_at("main"), 82.5);
    assert_eq!(bench.limit_at("work"), 90.0);
    let again = bench.data(r#"mutation { merge(input: { source: "work" }) { changed } }"#);
    assert_eq!(again["merge"]["changed"], 0);
}

#[test]
fn a_merge_can_change_more_to_mend_what_its_result_would_break() {
    let bench = Bench::furnished();
    bench.data(r#"mutation { createBranch(input: { name: "work" }) { branch { name } } }"#);
    let part = |id: &str| json!([{ "putPart": { "id": id, "identifier": "SEAL" } }]);
    bench.commit_to("work", "A seal", &part("part/one"));
    bench.commit_to("main", "A seal too", &part("part/two"));
    let preview = bench.data(
        r#"{ mergePreview(source: "work") { clean conflicts { nodes { kind } } violations { nodes { resource path } } } }"#,
    );
    assert_eq!(preview["mergePreview"]["clean"], false);
    assert_eq!(preview["mergePreview"]["violations"]["nodes"][0]["path"], "identifier");
    bench.error(r#"mutation { merge(input: { source: "work" }) { changed } }"#, "SHAPE_VIOLATION");
    let mended = bench.data(
        r#"mutation { merge(input: { source: "work", changes: [{ putPart: { id: "part/two", identifier: "SEAL-2" } }] }) { resources { iri } } }"#,
    );
    assert_eq!(mended["merge"]["resources"][0]["iri"], "part/two");
}

#[test]
fn a_link_to_what_the_other_side_retired_is_a_conflict() {
    let bench = Bench::furnished();
    bench.commit_to("main", "A seal", &json!([{ "putPart": { "id": "part/SEAL", "identifier": "SEAL" } }]));
    bench.data(r#"mutation { createBranch(input: { name: "work" }) { branch { name } } }"#);
    let seal = json!([{ "putDesignRevision": { "id": "part/SEAL/A", "revisionOf": "part/SEAL", "revision": "A", "status": "DRAFT" } }]);
    bench.commit_to("work", "A seal to build", &seal);
    bench.commit_to("main", "No seal", &json!([{ "retire": "part/SEAL" }]));
    let preview = bench.data(
        r#"{ mergePreview(source: "work") { conflicts { nodes { kind resource property ours { values commit { message } } links { from property to } } } } }"#,
    );
    let conflict = &preview["mergePreview"]["conflicts"]["nodes"][0];
    assert_eq!(
        *conflict,
        json!({ "kind": "RETIRED_AND_LINKED", "resource": "part/SEAL", "property": null,
            "ours": { "values": [], "commit": { "message": "No seal" } },
            "links": [{ "from": "part/SEAL/A", "property": "revisionOf", "to": "part/SEAL" }] })
    );
    let error = bench.error(r#"mutation { merge(input: { source: "work" }) { changed } }"#, "CONFLICT");
    assert_eq!(error["extensions"]["conflicts"]["nodes"][0]["links"][0]["from"], "part/SEAL/A");
    bench.data(
        r#"mutation { merge(input: { source: "work", resolutions: [{ resource: "part/SEAL", take: THEIRS }] }) { changed } }"#,
    );
    let seal =
        bench.data(r#"{ thread { designRevision(id: "part/SEAL/A") { revisionOf { identifier } } } }"#);
    assert_eq!(seal["thread"]["designRevision"]["revisionOf"]["identifier"], "SEAL");
}

#[test]
fn a_revert_undoes_a_commit() {
    let (bench, ours, theirs) = apart();
    let revert = |commit: &str| {
        format!(
            r#"mutation {{ revert(input: {{ commit: "{commit}" }}) {{ changed commit {{ message }} }} }}"#
        )
    };
    bench.error(&revert(&theirs), "BAD_INPUT");
    bench.error(&revert("nowhere"), "NOT_FOUND");
    let undone = bench.data(&revert(&ours));
    assert_eq!(undone["revert"]["changed"], 2);
    assert_eq!(bench.limit_at("main"), 85.0);
    bench.commit_to("main", "Once more", &limit(70));
    bench.error(&revert(&ours), "CONFLICT");
}
