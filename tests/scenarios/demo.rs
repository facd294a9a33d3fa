//! The demo's story, loaded as `throughline demo` loads it, and every truth that was planted in it, asked over GraphQL.

use super::world::World;
use serde_json::{Value, json};
use std::sync::OnceLock;
use throughline::cli::demo::answers::describe;
use throughline::cli::demo::load::load;
use throughline::cli::demo::story::QUESTIONS;
use throughline::model::time::period::Period;

/// Every pump reports four times a day here, and hourly in the demo; the same instant has the same value.
const SIX_HOURS: Period = Period::from_nanos(6 * 3_600_000_000_000);

pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) before: String,
}

/// Loads the story once for all tests.
pub(crate) fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (app, before) = load(folder.path(), SIX_HOURS, |_| {}).expect("the story");
        Story { world: World::of(folder, app), before: before.to_string() }
    })
}

/// Answers one of the story's questions.
fn answer(name: &str) -> Value {
    let question = QUESTIONS.iter().find(|question| question.name == name).expect("a question");
    let variables =
        if question.graphql.contains("$before") { json!({ "before": story().before }) } else { json!({}) };
    story().world.data(question.graphql, variables)
}

fn margin<'a>(revision: &'a Value, requirement: &str) -> &'a Value {
    let margins = revision["margins"].as_array().expect("margins");
    margins.iter().find(|margin| margin["requirement"]["identifier"] == requirement).expect("a margin")
}

fn serials(margin: &Value) -> Vec<&str> {
    let violators = margin["violators"]["nodes"].as_array().expect("violators");
    violators.iter().map(|unit| unit["serial"].as_str().expect("a serial")).collect()
}

fn number(value: &Value) -> f64 {
    // A Long is a string of digits.
    let long = || value.as_str().and_then(|digits| digits.parse().ok());
    value.as_f64().or_else(long).unwrap_or_else(|| panic!("{value} is no number"))
}

fn group<'a>(usage: &'a Value, key: &str) -> &'a Value {
    let groups = usage["groups"].as_array().expect("groups");
    &groups.iter().find(|group| group["key"] == key).expect("a group")["usage"]
}

#[test]
fn revision_b_runs_hot_and_c_cures_it() {
    let answer = answer("is-c-better");
    assert_eq!(answer["then"]["requirement"]["constraints"][0]["limit"], json!(90.0), "at the design review");
    let now = &answer["now"];
    assert_eq!(now["requirement"]["constraints"][0]["limit"], json!(85.0));
    let verdicts = ["a", "b", "c"].map(|revision| &margin(&now[revision], "REQ-12")["verdict"]);
    assert_eq!(verdicts, ["CONFORMS", "VIOLATES", "CONFORMS"]);
    let hot = margin(&now["b"], "REQ-12");
    assert!(number(&hot["conformingUnits"]) < 0.5, "most units of B run hot: {hot}");
    assert_eq!(hot["predicted"], json!(80.0), "what the simulation predicted");
    let p95 = |revision: &str| number(&now[revision]["fieldUsage"]["p95"]);
    assert!(p95("c") < p95("a") && p95("a") < p95("b"));
    let cure = &now["cure"];
    assert_eq!(cure["verdict"], "LOWER", "{cure}");
    let (low, high) = (number(&cure["interval"]["low"]), number(&cure["interval"]["high"]));
    assert!(
        low < number(&cure["difference"]) && number(&cure["difference"]) < high && high < -10.0,
        "{cure}"
    );
    assert!(number(&cure["cliffsDelta"]) < -0.9, "nearly every unit of C runs cooler than any of B: {cure}");
}

/// The answers in `docs/cohorts.md`: those of the demo, which reports hourly, differ from these in the last digits alone.
#[test]
fn the_cure_is_the_documented_one() {
    let kept: Value =
        serde_json::from_str(include_str!("../../fixtures/queries/is-c-better.json")).expect("JSON");
    let (kept, found) = (&kept["data"]["now"]["cure"], &answer("is-c-better")["now"]["cure"]);
    let close = |path: &str| {
        let (kept, found) =
            (number(kept.pointer(path).expect(path)), number(found.pointer(path).expect(path)));
        assert!((kept - found).abs() < 0.03 * kept.abs(), "{path}: {kept}, {found}");
    };
    ["/difference", "/interval/low", "/interval/high", "/left/mean", "/right/mean"]
        .into_iter()
        .for_each(close);
    assert_eq!(kept["left"]["unitCount"], found["left"]["unitCount"]);
    let page = include_str!("../../docs/cohorts.md");
    let block = |language: &str| {
        let rest = page.split(&format!("```{language}\n")).nth(1).expect("a block");
        rest.split("```").next().expect("an end")
    };
    let documented: Value = serde_json::from_str(block("json")).expect("JSON");
    assert_eq!(documented, json!({ "data": { "thread": { "cure": kept } } }));
    assert_eq!(story().world.data(block("graphql"), json!({})), json!({ "thread": { "cure": found } }));
}

/// The demo prints what was planted as tables and sentences, so that nobody needs to read JSON.
#[test]
fn answers_are_tables_and_sentences() {
    let check = |name: &str, parts: &[&str]| {
        let lines = describe(name, &answer(name));
        let text = lines.join("\n");
        for part in parts {
            assert!(text.contains(part), "{name}: no {part} in\n{text}");
        }
        assert!(!text.contains(['{', '"']), "{text}");
        lines
    };
    let compared =
        check("is-c-better", &["cooler than those of B", "REQ-12 allows 85 °C now", "it allowed 90 °C"]);
    let verdicts = [1, 2, 3].map(|row: usize| compared[row].contains("VIOLATES"));
    assert_eq!(verdicts, [false, true, false], "{compared:#?}");
    check(
        "which-units",
        &["154 bearings", "B-1003   P-002  Rotterdam  drive-end/bearing  2025-05-08 09:15  still there"],
    );
    check("which-lot-vibrates", &["L-2503  27 ", "Lot L-2503 was built on 2025-03-31, 30 bearings."]);
    check("which-sensor", &["2025-02  ", "AS CORRECTED: MEAN"]);
    let late = check("what-came-late", &["Singapore  "]);
    assert_eq!(late.iter().filter(|line| line.ends_with("  0")).count(), 5, "{late:#?}");
    check(
        "what-is-unknown",
        &["of P-193 until 2025-06-03 14:45; since when is not recorded", "3,624 h more"],
    );
    check("which-shaft", &["VIOLATES  0.77 mm    0.60 mm    B-1197"]);
    check("which-residual", &["B-1103   P-042  2025-03-11"]);
    check(
        "how-long-does-b-live",
        &["Of 140 bearings of B 39 overheated, 12 are in service.", "They wear out"],
    );
    check("does-c-live-longer", &["C: 0 failures", "Bearings of C live at least 2.5 times as long"]);
    check("which-forecasts", &["CAME_TRUE", "EXPIRED", "forecasts made on 1 August 2025"]);
    check("which-site", &["REQ-17 VIOLATES: 88 %", "Jubail       25     25"]);
}

#[test]
fn one_lot_of_c_is_bad() {
    let answer = answer("which-lot-vibrates");
    let usage = &answer["thread"]["designRevision"]["fieldUsage"];
    let beyond: Vec<_> = usage["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .filter(|group| number(&group["usage"]["p95"]) > 4.5)
        .collect();
    assert_eq!(beyond.len(), 1, "{usage}");
    assert_eq!(beyond[0]["key"], "build/L-2503");
    let violators = story().world.data(
        r#"{ thread { build(id: "build/L-2503") { twins { totalCount } }
            designRevision(id: "design/BRG-7-C") { margins(window: { from: "2024-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }) {
                requirement { identifier } violators { nodes { serial unit { builtBy { identifier } } } } } } } }"#,
        json!({}),
    );
    let vibrating = margin(&violators["thread"]["designRevision"], "REQ-10")["violators"]["nodes"]
        .as_array()
        .expect("units")
        .clone();
    assert!(
        vibrating.len() > 20
            && vibrating.iter().all(|unit| unit["unit"]["builtBy"]["identifier"] == "L-2503"),
        "{vibrating:?}"
    );
}

#[test]
fn the_bad_lot_failed_by_spalling() {
    let answer = story().world.data(
        r#"{ thread { failureMode(id: "failure-mode/SPALLING") { events(first: 100) { totalCount edges { node { kind state note } } } } } }"#,
        json!({}),
    );
    let events = &answer["thread"]["failureMode"]["events"];
    assert_eq!(events["totalCount"], 14);
    for event in events["edges"].as_array().expect("events") {
        assert_eq!(
            (&event["node"]["kind"], &event["node"]["state"]),
            (&json!("FAILURE"), &json!("CONFIRMED"))
        );
        assert!(event["node"]["note"].as_str().expect("a note").contains("lot L-2503"), "{event}");
    }
}

#[test]
fn one_sensor_changed_its_unit() {
    let answer = answer("which-sensor");
    let hottest = |version: &str| {
        let buckets = answer[version]["twinInstance"]["fieldUsage"]["buckets"].as_array().expect("buckets");
        buckets.iter().map(|bucket| number(&bucket["usage"]["max"])).fold(f64::MIN, f64::max)
    };
    assert!(hottest("recorded") > 140.0, "before the correction it seems to boil: {}", hottest("recorded"));
    assert!(hottest("corrected") < 85.0, "corrected it never did: {}", hottest("corrected"));
}

#[test]
fn late_data_changes_july_and_the_watermark_does_not() {
    let answer = answer("what-came-late");
    let site = |when: &str| group(&answer[when]["designRevision"]["fieldUsage"], "Singapore").clone();
    let (before, now) = (site("before"), site("now"));
    assert_eq!((&before["timeBeyond"], &before["account"]["lateCount"]), (&json!(0.0), &json!("0")));
    assert!(number(&now["max"]) > 85.0 && number(&now["timeBeyond"]) > 0.0, "{now}");
    assert!(
        number(&now["account"]["lateCount"]) > 0.0
            && number(&now["sampleCount"]) > number(&before["sampleCount"])
    );
    let houston = |when: &str| group(&answer[when]["designRevision"]["fieldUsage"], "Houston").clone();
    assert_eq!(houston("before"), houston("now"));
}

#[test]
fn a_lost_start_belongs_to_nobody() {
    let answer = answer("what-is-unknown");
    let installed = answer["thread"]["twinInstance"]["configuration"]["nodes"]
        .as_array()
        .expect("a configuration")
        .clone();
    let bearing = installed.iter().find(|member| member["path"] == "drive-end/bearing").expect("a bearing");
    assert_eq!((&bearing["from"], &bearing["certainty"]), (&Value::Null, &json!("UNKNOWN")));
    let account = &answer["thread"]["designRevision"]["fieldUsage"]["account"];
    // 1 January to 1 June 2025 has 151 days.
    assert_eq!(account["unknownConfigurationHours"], json!(151.0 * 24.0));
}

#[test]
fn only_the_absolute_value_shows_the_shaft() {
    let answer = answer("which-shaft");
    let shaft = margin(&answer["thread"]["designRevision"], "REQ-13");
    assert_eq!((shaft["verdict"].as_str(), serials(shaft).len()), (Some("VIOLATES"), 1));
    let pump = story().world.data(
        r#"query($serial: String!) { thread { lookup(identifier: $serial) { nodes { ... on TwinInstance {
            installations { edges { node { parent { identifier } } } } } } } } }"#,
        json!({ "serial": serials(shaft)[0] }),
    );
    let installations = pump["thread"]["lookup"]["nodes"][0]["installations"]["edges"]
        .as_array()
        .expect("installations")
        .clone();
    assert!(
        installations.iter().any(|edge| edge["node"]["parent"]["identifier"] == "P-088"),
        "{installations:?}"
    );
}

#[test]
fn a_residual_finds_the_sensor_on_its_first_day() {
    let answer = answer("which-residual");
    let residuals = &answer["thread"]["designRevision"]["residuals"];
    let units = residuals["units"]["nodes"].as_array().expect("units");
    let farthest = |unit: &Value| {
        let points = unit["points"]["nodes"].as_array().expect("points");
        points.iter().map(|point| number(&point["residual"]).abs()).fold(0.0, f64::max)
    };
    let pump =
        |unit: &Value| unit["unit"]["installations"]["edges"][0]["node"]["parent"]["identifier"].clone();
    assert_eq!((pump(&units[0]), units.len()), (json!("P-042"), 3), "{residuals}");
    assert!(farthest(&units[0]) > 60.0 && farthest(&units[1]) < 5.0, "{residuals}");
    assert_eq!(residuals["missingInputBucketCount"], 0, "{residuals}");
    // Nobody has complained of it: the record has no event of the pump.
    let complaints = r#"{ thread { fieldEvents(filter: { twin: { eq: "pump/P-042" } }) { totalCount } } }"#;
    assert_eq!(story().world.data(complaints, json!({}))["thread"]["fieldEvents"]["totalCount"], 0);
}

#[test]
fn b_wears_out_and_c_lives_longer() {
    let life = answer("how-long-does-b-live")["thread"]["designRevision"]["lifetime"].clone();
    assert!(number(&life["distribution"]["shape"]["low"]) > 1.0, "{life}");
    assert!(number(&life["forecast"]["expected"]) > 0.0, "{life}");
    let gain = answer("does-c-live-longer")["thread"]["compareLife"].clone();
    assert_eq!((&gain["verdict"], &gain["right"]["failureCount"]), (&json!("LONGER"), &json!(0.0)), "{gain}");
    assert!(number(&gain["ratio"]["low"]) > 2.0, "{gain}");
}

#[test]
fn forecasts_of_the_bad_lot_came_true_and_did_not() {
    let answer = answer("which-forecasts");
    let score = &answer["thread"]["forecastScore"];
    let count = |name: &str| number(&score[name]);
    assert!(count("trueCount") > 0.0 && count("expiredCount") > 0.0, "{score}");
    assert!(count("pendingCount") == 0.0 && number(&score["leadHours"]) > 0.0, "{score}");
    let all = answer["thread"]["findings"]["nodes"].as_array().expect("findings");
    assert_eq!(all.len() as f64, count("madeCount"));
    for finding in all {
        let of = &finding["forecast"];
        assert_eq!(of["madeAt"], "2025-08-01T00:00:00Z", "{finding}");
        assert_eq!(of["crossedAt"].is_null(), of["outcome"] != "CAME_TRUE", "{finding}");
    }
}

#[test]
fn one_site_is_beyond_the_tested_duty() {
    let design = answer("which-site")["thread"]["designRevision"].clone();
    let sites = design["duty"]["sites"].as_array().expect("sites");
    assert_eq!(sites.len(), 6);
    for site in sites {
        let is_flushed = site["site"] == "Jubail";
        let expect = if is_flushed { site["unitCount"].clone() } else { json!(0) };
        assert_eq!(site["beyondCount"], expect, "{site}");
        assert_eq!(number(&site["greatestUtilisation"]) > 1.0, is_flushed, "{site}");
    }
    let margin = margin(&design, "REQ-17");
    assert_eq!(
        (&margin["verdict"], &margin["conformingUnits"]),
        (&json!("VIOLATES"), &json!(0.875)),
        "{margin}"
    );
}

#[test]
fn the_population_shows_who_carried_c_and_when() {
    let answer = answer("which-units");
    let population = &answer["thread"]["designRevision"]["population"];
    assert_eq!(population["unitCount"], 154);
    let members = population["members"]["nodes"].as_array().expect("members");
    let first = members.iter().find(|member| member["item"]["identifier"] == "B-1003").expect("B-1003");
    let expect = json!({ "identifier": "P-002", "site": "Rotterdam" });
    assert_eq!(
        (&first["asset"], &first["from"], &first["to"]),
        (&expect, &json!("2025-05-08T09:15:00Z"), &Value::Null)
    );
}

#[test]
fn evidence_is_recorded_once_and_stays() {
    let world = &story().world;
    let record = |branch: &str| {
        let query = r#"mutation($branch: String!) { recordEvidence(input: { branch: $branch, item: "design/BRG-7-B", requirement: "requirement/REQ-12",
            window: { from: "2024-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z" } }) { evidence { iri resultDigest verdict } commit { id } } }"#;
        world.data(query, json!({ "branch": branch }))["recordEvidence"].clone()
    };
    world.data(
        r#"mutation { createBranch(input: { name: "review/bearing", at: "main" }) { branch { name } } }"#,
        json!({}),
    );
    let first = record("review/bearing");
    assert_eq!(record("review/bearing"), first, "the same question again changes nothing");
    let evidence = &first["evidence"][0];
    assert_eq!(evidence["verdict"], "VIOLATES");
    let read = r#"query($id: ID!) { thread(at: "review/bearing") { fieldEvidence(id: $id) { resultDigest requirement { identifier } } } main: thread { fieldEvidence(id: $id) { iri } } }"#;
    let read = world.data(read, json!({ "id": evidence["iri"] }));
    assert_eq!(read["thread"]["fieldEvidence"]["resultDigest"], evidence["resultDigest"]);
    assert_eq!(read["main"]["fieldEvidence"], Value::Null);
}
