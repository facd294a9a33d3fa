//! Field evidence: the content of a record, in the graph and over GraphQL, and that what it names answers for ever.

use super::program::{out, throughline};
use super::world::{PUMP, World};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use throughline::telemetry::Precision;

/// 2024-01-01T00:00:00Z.
const START: i64 = 1_704_067_200;
const JANUARY: &str = r#"window: { from: "2024-01-01T00:00:00Z", to: "2024-02-01T00:00:00Z" }"#;

/// Two pumps of one design, which was simulated, and a third of another.
fn plant() -> World {
    let world = World::new();
    let more = r#"
<model> a tl:SimulationRun ; tl:of <pump/A> ; tl:verifies <REQ-1> ; tl:property <temperature> ; tl:statistic "MAX" ;
    tl:value 77.5 ; tl:unit unit:DEG_C ; tl:at "2023-06-01T00:00:00Z"^^xsd:dateTime .
<other> a tl:Part ; dcterms:identifier "OTHER" .
<other/A> a tl:DesignRevision ; tl:revisionOf <other> ; tl:revision "A" ; tl:signal <other/A#temp> .
<other/A#temp> a tl:Signal ; tl:name "temp" ; tl:property <temperature> ; tl:unit unit:DEG_C .
<lot/2> a tl:Build ; dcterms:identifier "L-2" ; tl:realizes <other/A> .
<unit/O-1> a tl:TwinInstance ; dcterms:identifier "O-1" ; tl:part <other> ; tl:builtBy <lot/2> .
"#;
    world.import("pump", &format!("{PUMP}{more}")).expect("a plant");
    write(&world, 3600, |hour, unit| 70 + (hour * 7 + unit) % 13);
    world
}

/// Writes a month of samples of all three.
fn write(world: &World, step: i64, value: impl Fn(i32, i32) -> i32) {
    let mut lines = String::new();
    for (n, at) in (0..31 * 86_400).step_by(step as usize).enumerate() {
        for (unit, name) in ["P-1", "P-2", "O-1"].iter().enumerate() {
            let temp = value(n as i32, unit as i32);
            let _ = writeln!(lines, "pump,twin={name} temp={temp} {}", START + at);
        }
    }
    let written = world.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    assert!(written.rejected.is_empty(), "{:?}", written.rejected);
}

/// Records evidence on pump/A in January on a branch, from that branch's version; `more` are further arguments.
fn record(world: &World, branch: &str, more: &str) -> Value {
    let query = format!(
        r#"mutation {{ recordEvidence(input: {{ branch: "{branch}", item: "pump/A", openFindings: false, {JANUARY}{more} }}) {{ changed
            evidence {{ iri title verdict observed predicted limit distance conformingUnits commit watermark query ontologyDigest algorithm
                resultDigest outcomeDigest drawnFrom generatedBy violators {{ edges {{ node {{ identifier }} }} }}
                unitResults {{ twin {{ identifier }} verdict observed observedHours conformingHours }} }} }} }}"#
    );
    world.data(&query, json!({}))["recordEvidence"].clone()
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The version was on a branch that is deleted; late samples have taken the place of those that were read; what is not pinned
/// is compacted and dropped by age; the index is rebuilt.
#[test]
fn what_evidence_names_answers_for_ever() {
    let world = plant();
    let commit = r##"mutation { createBranch(input: { name: "review/pump" }) { branch { name } }
        commit(input: { branch: "review/pump", message: "Tighten", changes: [{ putRequirement: { id: "REQ-1", constraints: [{ id: "#limit", limit: 80 }] } }] }) { changed } }"##;
    world.data(commit, json!({}));
    let recorded = record(&world, "review/pump", ", at: \"review/pump\"")["evidence"][0].clone();
    assert_eq!((&recorded["verdict"], &recorded["limit"]), (&json!("VIOLATES"), &json!(80.0)));
    let [version, watermark] = ["commit", "watermark"].map(|name| text_of(&recorded[name]).to_owned());
    let usage = format!(
        r#"{{ thread(at: "{version}", asKnownAt: "{watermark}") {{ watermark commit {{ id message }} designRevision(id: "pump/A") {{
            fieldUsage(property: "temperature", {JANUARY}, bucket: "P1D", groupBy: [UNIT]) {{ sampleCount hours min max mean stddev
                percentile(p: 0.95) histogram(bins: 5) {{ from to sampleCount }} account {{ late: lateCount overwritten: overwrittenCount }}
                buckets {{ from usage {{ sampleCount mean }} }} groups {{ key usage {{ sampleCount mean }} }} }}
            margins({JANUARY}) {{ verdict observed limit predicted units {{ nodes {{ serial verdict observed observedHours }} }} }} }} }} }}"#
    );
    let answers = |world: &World| {
        [text_of(&recorded["query"]), &usage].map(|query| world.data(query, json!({})).to_string())
    };
    let before = answers(&world);
    assert!(
        before[0].contains("\"observed\":82.0") && before[1].contains("\"sampleCount\":\"1488\""),
        "{before:?}"
    );

    world.data(r#"mutation { deleteBranch(input: { name: "review/pump" }) { lastHead } }"#, json!({}));
    write(&world, 1800, |n, _| 90 + n % 7);
    let world = world.reopened(|folder| {
        let keep = "readable = \"P0D\"\n[[retention]]\nmeasurement = \"*\"\nfield = \"*\"\nkeep = \"P1D\"\n";
        std::fs::write(folder.join("telemetry/settings.toml"), keep).expect("settings");
        std::fs::remove_file(folder.join("index.redb")).expect("the index");
    });
    for _ in 0..9 {
        write(&world, 86_400, |n, _| n);
        world.app.seal().expect("sealed");
    }
    world.app.telemetry().maintain().expect("maintained");
    // What no evidence has read is passed by.
    let other = format!(
        r#"{{ thread(asKnownAt: "{watermark}") {{ twinInstance(id: "unit/O-1") {{ latest {{ value }} }} }} }}"#
    );
    world.refusal(&other, json!({}));
    assert_eq!(answers(&world), before);

    let again =
        record(&world, "main", &format!(", at: \"{version}\", asKnownAt: \"{watermark}\""))["evidence"][0]
            .clone();
    assert_eq!(again, recorded, "recorded anew, it is the same record");
    assert_eq!(
        record(&world, "main", &format!(", at: \"{version}\", asKnownAt: \"{watermark}\""))["changed"],
        0
    );
}

/// A record of a month in which P-2 is too hot for an hour, as the graph has it: its statements without their subject.
const RECORD: &str = r#"a tl:FieldEvidence .
dcterms:title "pump/A: MAX of temperature breaks ≤ 85 °C with 95.0000: VIOLATES" .
prov:wasDerivedFrom <REQ-1> .
prov:wasDerivedFrom <model> .
prov:wasDerivedFrom <pump/A> .
prov:wasGeneratedBy <IRI#assessment> .
tl:algorithm "throughline margin 12" .
tl:commit "COMMIT" .
tl:conformingHours 9.993279569892473E-1 .
tl:conformingUnits 5.0E-1 .
tl:constraint <REQ-1#limit> .
tl:design <pump/A> .
tl:distance -1.0E1 .
tl:distancePercent -1.1764705882352942E1 .
tl:from "2024-01-01T00:00:00Z"^^xsd:dateTime .
tl:limit 8.5E1 .
tl:missingHours 0.0E0 .
tl:observed 9.5E1 .
tl:observedHours 1.488E3 .
tl:ontologyDigest "ONTOLOGY" .
tl:outcomeDigest "OUTCOME" .
tl:predicted 7.75E1 .
tl:property <temperature> .
tl:query "QUERY" .
tl:requirement <REQ-1> .
tl:resultDigest "RESULT" .
tl:statistic "MAX" .
tl:to "2024-02-01T00:00:00Z"^^xsd:dateTime .
tl:transform "NONE" .
tl:undecidedHours 0.0E0 .
tl:unit unit:DEG_C .
tl:unitResult <IRI#unit-00001> .
tl:unitResult <IRI#unit-00002> .
tl:unknownConfigurationHours 0.0E0 .
tl:verdict "VIOLATES" .
tl:violator <unit/P-2> .
tl:watermark "WATERMARK" .
#assessment a prov:Activity .
#assessment prov:used <REQ-1> .
#assessment prov:used <model> .
#assessment prov:used <pump/A> .
#assessment prov:used <urn:git:commit:COMMIT> .
#unit-00001 a tl:UnitResult .
#unit-00001 tl:conformingHours 1.0E0 .
#unit-00001 tl:observed 8.2E1 .
#unit-00001 tl:observedHours 7.44E2 .
#unit-00001 tl:twin <unit/P-1> .
#unit-00001 tl:verdict "CONFORMS" .
#unit-00002 a tl:UnitResult .
#unit-00002 tl:conformingHours 9.986559139784946E-1 .
#unit-00002 tl:observed 9.5E1 .
#unit-00002 tl:observedHours 7.44E2 .
#unit-00002 tl:twin <unit/P-2> .
#unit-00002 tl:verdict "VIOLATES" .
"#;

/// What the digest of its outcome is of.
const OUTCOME: &str = "item <https://test.example/pump/A>
design <https://test.example/pump/A>
requirement <https://test.example/REQ-1>
constraint <https://test.example/REQ-1#limit>
limit ≤ 85
window [2024-01-01T00:00:00Z, 2024-02-01T00:00:00Z)
verdict VIOLATES
observed 95
distance -10
predicted 77.5
conforming-units 0.5
conforming-hours 0.9993279569892473
observed-hours 1488
missing-hours 0
undecided-hours 0
unknown-configuration-hours 0
unit <https://test.example/unit/P-1> CONFORMS 82 744 1
unit <https://test.example/unit/P-2> VIOLATES 95 744 0.9986559139784946
";

#[test]
fn a_record_states_what_was_asked_and_what_was_found() {
    let world = plant();
    world.app.ingest_lines(b"pump,twin=P-2 temp=95 1704070800", Precision::Seconds).expect("a hot hour");
    let scope = world.data("{ thread { watermark commit { id } } }", json!({}))["thread"].clone();
    let ontology = world.app.snapshot("main").expect("main").ontology().digest().to_owned();
    let (commit, watermark) = (text_of(&scope["commit"]["id"]), text_of(&scope["watermark"]));
    let query = format!(
        "{{ thread(at: \"{commit}\", asKnownAt: \"{watermark}\") {{ designRevision(id: \"pump/A\") {{ margins({JANUARY}, \
         sufficiency: {{ hours: 1, share: 0.5, unitShare: 0.5 }}) {{ verdict observed limit distance constraint {{ iri }} }} }} }} }}"
    );
    let asked = format!(
        "algorithm throughline margin 12\ncommit {commit}\nwatermark {watermark}\nontology {ontology}\nquery {query}\n"
    );
    let (result, outcome) = (digest(&format!("{asked}{OUTCOME}")), digest(OUTCOME));
    let iri = format!("evidence/{}", &result[..32]);
    let unit = |serial: &str, verdict: &str, observed: f64, conforming: f64| json!({ "twin": { "identifier": serial }, "verdict": verdict, "observed": observed, "observedHours": 744.0, "conformingHours": conforming });

    let recorded = record(&world, "main", "")["evidence"][0].clone();
    assert_eq!(
        recorded,
        json!({ "iri": iri, "title": "pump/A: MAX of temperature breaks ≤ 85 °C with 95.0000: VIOLATES",
            "verdict": "VIOLATES", "observed": 95.0, "predicted": 77.5, "limit": 85.0, "distance": -10.0, "conformingUnits": 0.5,
            "commit": commit, "watermark": watermark, "query": query, "ontologyDigest": ontology, "algorithm": "throughline margin 12",
            "resultDigest": result, "outcomeDigest": outcome, "drawnFrom": ["REQ-1", "model", "pump/A"],
            "generatedBy": format!("{iri}#assessment"), "violators": { "edges": [{ "node": { "identifier": "P-2" } }] },
            "unitResults": [unit("P-1", "CONFORMS", 82.0, 1.0), unit("P-2", "VIOLATES", 95.0, 743.0 / 744.0)] })
    );
    let values = [
        ("IRI", &*iri),
        ("COMMIT", commit),
        ("WATERMARK", watermark),
        ("ONTOLOGY", &ontology),
        ("OUTCOME", &outcome),
        ("RESULT", &result),
        ("QUERY", &query.replace('"', "\\\"")),
    ];
    let expect = values.iter().fold(RECORD.to_owned(), |text, (name, value)| text.replace(name, value));
    world.reopened(|folder| {
        let written = out(&throughline(folder, &["show", "--data", ".", &iri]));
        let lines = written.lines().filter_map(|line| line.strip_prefix(&format!("<{iri}")));
        let lines: String =
            lines.map(|line| format!("{}\n", line.replacen("> ", " ", 1).trim_start())).collect();
        assert_eq!(lines, expect);
    });
}

/// Returns the SHA-256 of a text, in hexadecimal.
fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
