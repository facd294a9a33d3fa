//! Exposure on the demo's story, as `docs/exposure.md` shows it.

use super::demo::story;
use super::program::{out, refused, throughline};
use super::world::{PUMP, World};
use serde_json::{Value, json};
use std::path::Path;
use throughline::telemetry::Precision;

#[test]
fn exposure_as_documented() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/exposure.md"))
        .expect("the page");
    let blocks = |language: &str| -> Vec<String> {
        let fence = format!("```{language}\n");
        page.split(fence.as_str())
            .skip(1)
            .map(|rest| rest.split("```").next().expect("an end").to_owned())
            .collect()
    };
    let (questions, answers) = (blocks("graphql"), blocks("json"));
    assert_eq!((questions.len(), answers.len()), (2, 2));
    for (question, answer) in questions.iter().zip(&answers) {
        let mut expect: Value = serde_json::from_str(answer).expect("JSON");
        let mut found = json!({ "data": story().world.data(question, json!({})) });
        // How many units lie just below a limit depends on how often they report.
        for margins in [&mut expect, &mut found].map(|of| &mut of["data"]["thread"]["exposure"]["margins"]) {
            for margin in margins.as_array_mut().expect("margins") {
                margin.as_object_mut().expect("a margin").remove("newlyViolatingCount");
            }
        }
        assert_eq!(found, expect, "{found:#}");
    }
}

/// REQ-1 as the pump has it, with a limit of 80 °C.
fn tighter() -> String {
    let at = |begin: &str| PUMP.find(begin).expect("a place in the pump");
    let (prefixes, requirement) = (&PUMP[..at("<temperature> a")], &PUMP[at("<REQ-1> a")..at("<pump> a")]);
    format!("{prefixes}{requirement}").replace("tl:limit 85", "tl:limit 80")
}

#[test]
fn exposure_at_the_terminal() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let hours: Vec<String> = (0..24)
        .flat_map(|hour| {
            [("P-1", 70), ("P-2", 82)]
                .map(|(unit, temp)| format!("m,twin={unit} temp={temp} {}", 1_704_067_200 + 3600 * hour))
        })
        .collect();
    world.app.ingest_lines(hours.join("\n").as_bytes(), Precision::Seconds).expect("an ingest");
    let head = world.app.snapshot("main").expect("main").commit().id;
    let World { folder, app, service } = world;
    drop((app, service));
    let data = folder.path().to_str().expect("a path");
    std::fs::write(folder.path().join("tighter.ttl"), tighter()).expect("a file");
    let day = ["--from", "2024-01-01T00:00:00Z", "--to", "2024-01-02T00:00:00Z"];
    let program = |arguments: &[&str]| {
        throughline(folder.path(), &[&["exposure", "--data", data], arguments, day.as_slice()].concat())
    };
    assert_eq!(
        out(&program(&["tighter.ttl"])),
        "2 statements would change\ndesigns: pump/A\nunits: 2, 0 moved, 48.0 h → 48.0 h\n\
         pump/A REQ-1#limit: CONFORMS 82.0000 (limit 85) → VIOLATES 82.0000 (limit 80)\n    newly violating: P-2\n\
         suspect: pump/A satisfies REQ-1\n"
    );
    let printed: Value = serde_json::from_str(&out(&program(&["tighter.ttl", "--json"]))).expect("JSON");
    assert_eq!(
        (&printed["margins"][0]["newlyViolating"], &printed["hoursAfter"], &printed["commit"]),
        (&json!(["P-2"]), &json!(48.0), &json!(head.to_string()))
    );
    // What a commit would be refused for is reported, and the rest is answered all the same.
    let retired = out(&program(&["--retire", "unit/P-2", "--retire", "lot/1"]));
    assert!(
        retired.starts_with("refused: ") && retired.contains("units: 2, 2 moved, 48.0 h → 0.0 h"),
        "{retired}"
    );
    assert!(refused(&program(&["--retire", "unit/P-9"])).contains("unit/P-9> does not exist"));
    assert!(refused(&program(&["none.ttl"])).contains("none.ttl: "));
    let app = throughline::app::App::open(folder.path(), super::world::clock()).expect("the thread");
    assert_eq!(app.snapshot("main").expect("main").commit().id, head, "nothing is written");
}
