//! Branches, tags and merges by the forms of the pages alone.

use super::{done, open, submit};
use crate::world::{PUMP, World};
use serde_json::json;
use throughline::telemetry::Precision;

const BY: [(&str, &str); 2] = [("authorName", "Anna"), ("authorEmail", "anna@plant.example")];

/// Sets the limit of the requirement on a branch.
fn set_limit(world: &World, branch: &str, limit: f64) {
    let query = "mutation ($branch: String!, $limit: Float!) { commit(input: { branch: $branch, message: \"Set the limit\", changes: [
        { putRequirement: { id: \"REQ-1\", constraints: [{ id: \"#limit\", limit: $limit }] } }] }) { commit { id } } }";
    world.data(query, json!({ "branch": branch, "limit": limit }));
}

#[test]
fn a_branch_is_made_compared_and_merged_with_a_conflict_decided() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.served(|address| {
        let (_, page) = open(address, "/pages/versions");
        assert_eq!(page.status, 200, "{}", page.body);
        let (path, page) = done(address, &page.body, "create-branch", &[("name", "try")]);
        assert!(path.contains("branch=try") && path.contains("at=try"), "{path}");
        done(address, &page.body, "tag", &[("name", "PDR"), ("message", "Before")]);
        set_limit(&world, "try", 80.0);
        set_limit(&world, "main", 82.0);
        let taken = submit(address, &[], &page.body, "create-branch", &[("name", "try")]);
        assert!(taken.status == 409 && taken.body.contains("value=\"try\""), "{}", taken.body);
        let (_, diff) = open(address, "/pages/versions?at=try&then=PDR");
        for part in ["In the words of engineering", "85", "80"] {
            assert!(diff.body.contains(part), "{part}: {}", diff.body);
        }
        let merge = || open(address, "/pages/merge?source=try&into=main");
        let (path, page) = merge();
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        for part in ["main: 82", "try: 80", "before, it was 85", "another value:"] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let refused = submit(address, &[], &page.body, "merge", &BY);
        assert!(refused.status == 409 && refused.body.contains("conflict"), "{}", refused.body);
        let mut decided = BY.to_vec();
        decided.extend([("take:0", "VALUES"), ("values:0", "hot"), ("message", "Agreed on 81")]);
        let broken = submit(address, &[], &page.body, "merge", &decided);
        assert!((400..500).contains(&broken.status) && broken.body.contains("hot"), "{}", broken.body);
        decided.retain(|(name, _)| *name != "values:0");
        decided.push(("values:0", "81"));
        let (path, log) = done(address, &page.body, "merge", &decided);
        assert!(path.contains("branch=main") && log.body.contains("Agreed on 81"), "{path}: {}", log.body);
        let (_, requirement) = open(address, "/pages/requirement?id=REQ-1");
        assert!(requirement.body.contains("MAX ≤ 81"), "{}", requirement.body);
        assert!(merge().1.body.contains("main has all of try already"));
        let (_, page) = open(address, "/pages/versions");
        let (_, page) = done(address, &page.body, "delete-branch", &[("name", "try")]);
        assert!(!page.body.contains("/pages/merge?source=try"), "{}", page.body);
    });
}

#[test]
fn a_side_is_taken_and_a_commit_is_undone() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.served(|address| {
        let (_, page) = open(address, "/pages/versions");
        done(address, &page.body, "create-branch", &[("name", "try")]);
        set_limit(&world, "try", 80.0);
        set_limit(&world, "main", 82.0);
        let (_, page) = open(address, "/pages/merge?source=try&into=main");
        let mut decided = BY.to_vec();
        decided.push(("take:0", "THEIRS"));
        // The branch has moved since the page was made.
        set_limit(&world, "main", 83.0);
        let moved = submit(address, &[], &page.body, "merge", &decided);
        assert!(moved.status == 409 && moved.body.contains("See what has changed since"), "{}", moved.body);
        let (_, page) = open(address, "/pages/merge?source=try&into=main");
        done(address, &page.body, "merge", &decided);
        let limit = || {
            let query = "{ thread { commit { id } requirement(id: \"REQ-1\") { constraints { limit } } } }";
            let thread = world.data(query, json!({}))["thread"].clone();
            (
                thread["commit"]["id"].as_str().expect("an id").to_owned(),
                thread["requirement"]["constraints"][0]["limit"].clone(),
            )
        };
        let (merged, taken) = limit();
        assert_eq!(taken, json!(80.0));
        set_limit(&world, "main", 70.0);
        let (last, _) = limit();
        assert_ne!(last, merged);
        let (_, page) = open(address, "/pages/versions");
        let mut undo = BY.to_vec();
        undo.extend([("commit", last.as_str()), ("reason", "Too low")]);
        done(address, &page.body, "revert", &undo);
        assert_eq!(limit().1, json!(80.0));
    });
}

#[test]
fn a_design_is_shown_at_two_versions_and_under_another_limit() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let line = format!("m,twin=P-1 temp=84 {}", 1_765_324_800);
    world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("an ingest");
    world.served(|address| {
        let (_, page) = open(address, "/pages/versions");
        done(address, &page.body, "tag", &[("name", "PDR")]);
        set_limit(&world, "main", 80.0);
        let window = "from=2025-12-01&to=2026-01-01";
        let (path, page) = open(address, &format!("/pages/design?id=pump/A&then=PDR&{window}"));
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        for part in ["Then and now: PDR", "MAX ≤ 85", "MAX ≤ 80", "≠ differs"] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let (_, unit) = open(address, &format!("/pages/unit?id=unit/P-1&then=PDR&{window}"));
        assert!(unit.body.contains("Then and now: PDR") && unit.body.contains("≠ differs"), "{}", unit.body);
        let (_, record) = open(address, &format!("/pages/record?id=REQ-1&then=PDR&{window}"));
        assert!(record.body.contains("Then and now: PDR"), "{}", record.body);
        let exposed = |limit: &str| {
            open(
                address,
                &format!("/pages/design?id=pump/A&at=PDR&exposed=REQ-1%23limit&limit={limit}&{window}"),
            )
        };
        let (path, page) = exposed("80");
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        for part in ["Units that would violate, and do not now", "MAX ≤ 80", ">P-1</a>"] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let (_, page) = exposed("84.5");
        assert!(
            page.body.contains("<b>Units that would violate, and do not now.</b> None."),
            "{}",
            page.body
        );
        for limit in ["hot", "NaN", "inf"] {
            assert_eq!(exposed(limit).1.status, 400, "{limit}");
        }
        let limit = world.data(
            "{ thread(at: \"PDR\") { requirement(id: \"REQ-1\") { constraints { limit } } } }",
            json!({}),
        );
        assert_eq!(
            limit["thread"]["requirement"]["constraints"][0]["limit"],
            json!(85.0),
            "nothing is written"
        );
    });
}
