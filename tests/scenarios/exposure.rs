//! Exposure on the demo's story, as `docs/exposure.md` shows it.

use super::demo::story;
use serde_json::{Value, json};
use std::path::Path;

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
        let mut told = json!({ "data": story().world.data(question, json!({})) });
        // How many units lie just below a limit depends on how often they report.
        for margins in [&mut expect, &mut told].map(|of| &mut of["data"]["thread"]["exposure"]["margins"]) {
            for margin in margins.as_array_mut().expect("margins") {
                margin.as_object_mut().expect("a margin").remove("newlyViolatingCount");
            }
        }
        assert_eq!(told, expect, "{told:#}");
    }
}
