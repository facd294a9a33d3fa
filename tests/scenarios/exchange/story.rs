//! Beside a requirement manager and a test bench: what the tool exports again changes what the tool owns, what was written here
//! stays, and a failed test shows at the requirement.

use super::reqif::{export, import};
use crate::world::World;
use serde_json::{Value, json};

const REQUIREMENTS: &str = include_str!("bearing.reqif");
const FIELDS: &str = include_str!("../../../docs/integrations/bearing-fields.toml");
const PROPERTY: &str = r#"@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
    <property/bearing-temperature> a tl:Property ; dcterms:title "Bearing temperature" ."#;
const RESULTS: &str = r#"<testsuites><testsuite name="rig" timestamp="2026-01-01T00:00:00Z">
    <testcase name="endurance at full load" classname="rig.bearing">
        <properties><property name="verifies" value="SRS-2"/></properties>
        <failure message="P95 was 83.1 °C"/></testcase>
    <testcase name="starts [SRS-3]" classname="rig.bearing"/>
    </testsuite></testsuites>"#;

fn limit(world: &World) -> Value {
    let query = r#"{ thread { requirement(id: "SRS-2") { title description constraints { limit unit { symbol } }
        satisfiedBy { nodes { revision } } derivedFrom { nodes { identifier } } } } }"#;
    world.data(query, json!({}))["thread"]["requirement"].clone()
}

/// Commits changes of the user's own.
fn commit(world: &World, changes: &str) {
    let answer = world.data(
        &format!("mutation {{ commit(input: {{ message: \"Work\", changes: [{changes}] }}) {{ changed }} }}"),
        json!({}),
    );
    assert!(answer["commit"]["changed"].as_u64().is_some_and(|changed| changed > 0), "{answer}");
}

fn suspects(world: &World) -> Vec<String> {
    let nodes = &world.data("{ thread { suspectLinks { nodes { property to { iri } } } } }", json!({}))["thread"]
        ["suspectLinks"]["nodes"];
    let text = |node: &Value| {
        format!("{} {}", node["property"].as_str().unwrap_or(""), node["to"]["iri"].as_str().unwrap_or(""))
    };
    nodes.as_array().expect("links").iter().map(text).collect()
}

#[test]
fn a_limit_changes_in_the_tool_and_a_test_fails_on_the_bench() {
    let world = World::new();
    world.import("plan", PROPERTY).expect("a property");
    let (_, gaps) = import(&world, "doors", "srs.reqif", REQUIREMENTS.as_bytes(), FIELDS).expect("an import");
    assert_eq!(gaps, Vec::<String>::new());
    assert_eq!(limit(&world)["derivedFrom"]["nodes"][0]["identifier"], "SRS-1");
    // Written here: a design that satisfies the requirement, and a note on it.
    commit(
        &world,
        r#"{ putPart: { id: "part/B", identifier: "B" } },
            { putDesignRevision: { id: "design/B-A", revision: "A", revisionOf: "part/B", satisfies: ["reqif/doors/object/_2"] } },
            { putRequirement: { id: "reqif/doors/object/_2", verificationMethods: [TEST] } }"#,
    );
    assert_eq!(suspects(&world), Vec::<String>::new());

    // The tool's next export has one other limit.
    let next = REQUIREMENTS.replace("THE-VALUE=\"85.0\"", "THE-VALUE=\"80.0\"");
    let (changed, _) = import(&world, "doors", "srs.reqif", next.as_bytes(), FIELDS).expect("an import");
    assert_eq!(changed, 4, "the attribute and the limit, before and after");
    let now = limit(&world);
    assert_eq!(now["constraints"][0]["limit"], json!(80.0), "{now}");
    assert_eq!(now["satisfiedBy"]["nodes"][0]["revision"], "A", "{now}");
    let suspect = suspects(&world);
    assert!(suspect.iter().any(|own| own.starts_with("satisfies") && own.ends_with("/_2")), "{suspect:?}");
    let again = import(&world, "doors", "srs.reqif", next.as_bytes(), FIELDS).expect("an import");
    assert_eq!(again.0, 0);

    // The bench reports.
    let (_, gaps) = import(&world, "bench", "results.xml", RESULTS.as_bytes(), "").expect("results");
    assert_eq!(gaps, Vec::<String>::new());
    let query = r#"{ thread {
        requirement(id: "SRS-2") { testResults { nodes { verdict description testCase { title } at } } }
        requirementCoverage { need withoutCount without { nodes { identifier } } }
        trace(from: "SRS-2", direction: BACKWARD) { nodes { depth resource { iri } } } } }"#;
    let thread = world.data(query, json!({}))["thread"].clone();
    let result = &thread["requirement"]["testResults"]["nodes"][0];
    assert_eq!(
        (&result["verdict"], &result["description"]),
        (&json!("FAIL"), &json!("P95 was 83.1 °C")),
        "{thread}"
    );
    let verification = thread["requirementCoverage"]
        .as_array()
        .expect("needs")
        .iter()
        .find(|own| own["need"] == "VERIFICATION");
    let without = &verification.expect("verification")["without"]["nodes"];
    assert_eq!(*without, json!([{ "identifier": "SRS-1" }]), "{thread}");
    let reached = thread["trace"]["nodes"].as_array().expect("steps").iter();
    assert!(
        reached
            .filter_map(|step| step["resource"]["iri"].as_str())
            .any(|iri| iri.contains("junit/bench/result")),
        "{thread}"
    );

    // What was changed here goes back to the tool, and comes again as it is.
    commit(
        &world,
        r#"{ putRequirement: { id: "reqif/doors/object/_2", title: "Bearing temperature" } },
            { putRequirement: { id: "requirement/new", identifier: "SRS-9", title: "Grease", isPartOf: "reqif/doors/object/_1",
                derivedFrom: ["reqif/doors/object/_3"] } }"#,
    );
    let (exported, notices) = export(&world, Some("doors"));
    let text = String::from_utf8(exported).expect("text");
    assert!(notices.len() == 1 && notices[0].contains("no attribute for verificationMethod"), "{notices:?}");
    for part in [
        "THE-VALUE=\"Bearing temperature\"",
        "_tl.requirement-2Fnew",
        "THE-VALUE=\"80.0\"",
        "THE-VALUE=\"SRS-9\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let (_, gaps) = import(&world, "doors", "srs.reqif", text.as_bytes(), FIELDS).expect("an import");
    assert_eq!(gaps, Vec::<String>::new());
    assert_eq!(limit(&world)["title"], "Bearing temperature");
    let new = world.data(r#"{ thread { requirement(id: "SRS-9") { iri isPartOf { identifier } derivedFrom { nodes { identifier } } } } }"#, json!({}));
    let new = &new["thread"]["requirement"];
    assert!(new["iri"].as_str().is_some_and(|iri| iri.ends_with("requirement/new")), "{new}");
    assert_eq!(
        (&new["isPartOf"]["identifier"], &new["derivedFrom"]["nodes"][0]["identifier"]),
        (&json!("SRS-1"), &json!("SRS-3"))
    );
    assert_eq!(
        import(&world, "doors", "srs.reqif", &export(&world, Some("doors")).0, FIELDS).expect("an import").0,
        0
    );
}

#[test]
fn the_requirements_of_a_thread_leave_as_a_document_of_their_own() {
    let world = World::new();
    world
        .import(
            "plan",
            r#"@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
            <r/1> a tl:Requirement ; dcterms:identifier "R-1" ; dcterms:title "Chapter" ; tl:order 1 .
            <r/2> a tl:Requirement ; dcterms:identifier "R-2" ; dcterms:description "Line < 1\nline & 2" ; tl:order 1 ;
                dcterms:isPartOf <r/1> ; tl:derivedFrom <r/1> ; tl:status "APPROVED" ; tl:verificationMethod "TEST" , "ANALYSIS" ."#,
        )
        .expect("an import");
    let (bytes, _) = export(&world, None);
    let (changed, gaps) = import(&world, "copy", "copy.reqif", &bytes, "").expect("an import");
    assert_eq!(gaps, Vec::<String>::new());
    assert!(changed > 0);
    let query =
        "{ thread { requirements { nodes { iri identifier title description status verificationMethods order
        isPartOf { identifier } derivedFrom { nodes { identifier } } } } } }";
    let other = World::new();
    import(&other, "copy", "copy.reqif", &bytes, "").expect("an import");
    assert_eq!(other.data(query, json!({})), world.data(query, json!({})));
}

#[test]
fn needs_and_items_of_doorstop_come_with_their_links() {
    let world = World::new();
    let needs = json!({ "current_version": "1.0", "project": "p", "versions": { "1.0": { "needs": {
        "R1": { "id": "R1", "type": "req", "title": "Hot", "content": "Below 85.", "status": "open", "links": [], "tags": ["a"], "cost": 3 },
        "R2": { "id": "R2", "type": "spec", "title": "Hotter", "links": ["R1", "R7"], "links_back": ["T1"] },
        "T1": { "id": "T1", "type": "test", "title": "Heat it", "links": ["R2"] } } } } });
    let text = needs.to_string();
    let (_, gaps) = import(&world, "docs", "needs.json", text.as_bytes(), "").expect("needs");
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(
        gaps[0].contains("\"open\" is no DesignStatus")
            && gaps[1].contains("\"R7\" in \"links\" is not in the file"),
        "{gaps:?}"
    );
    assert_eq!(import(&world, "docs", "needs.json", text.as_bytes(), "").expect("needs").0, 0);
    let query = r#"{ thread { requirement(id: "R2") { title derivedFrom { nodes { title } } testCases { nodes { title } } } } }"#;
    let expect = json!({ "title": "Hotter", "derivedFrom": { "nodes": [{ "title": "Hot" }] }, "testCases": { "nodes": [{ "title": "Heat it" }] } });
    assert_eq!(world.data(query, json!({}))["thread"]["requirement"], expect);

    let item = |text: &str, links: &str| {
        format!(
            "active: true\nderived: false\nheader: |\n  Cold\nlevel: 1.10\nlinks:{links}\nnormative: true\nref: ''\nreviewed: null\ntext: |\n  {text}\n"
        )
    };
    let types = "[types]\nTST = \"TestCase\"";
    import(&world, "door", "reqs/CLD001.yml", item("Above 5.", " []").as_bytes(), types).expect("an item");
    import(&world, "door", "tests/TST001.yml", item("Cool it.", "\n- CLD001: abc").as_bytes(), types)
        .expect("an item");
    let query = r#"{ thread { requirement(id: "CLD001") { title description testCases { nodes { description } } } } }"#;
    let expect = json!({ "title": "Cold", "description": "Above 5.", "testCases": { "nodes": [{ "description": "Cool it." }] } });
    assert_eq!(world.data(query, json!({}))["thread"]["requirement"], expect);
    let refused = import(&world, "door", "X1.yml", b"a: &a [b]\ntext: *a", "").expect_err("an alias");
    assert!(refused.contains("aliases are not read"), "{refused}");
}
