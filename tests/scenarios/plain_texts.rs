//! A name is one text whatever notation it comes in: with a language, a datatype or as a number it is found, bound and compared as the
//! characters that were written.

use super::world::{PUMP, World};
use serde_json::json;
use throughline::app::{ImportOptions, SourceFile, SourceFormat};
use throughline::exchange::rdf::Format;
use throughline::telemetry::Precision;

const PREFIXES: &str = "@base <https://test.example/> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
";

fn world() -> World {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world
}

/// Imports a file of a source that is named as the file is; returns its notices, or the refusal.
fn import(world: &World, name: &str, format: Format, text: &str) -> Result<Vec<String>, String> {
    let bytes = text.as_bytes().to_vec();
    let file = SourceFile { name: name.to_owned(), bytes, reading: SourceFormat::Rdf(format) };
    let options =
        ImportOptions { source: name.to_owned(), into: "main".to_owned(), ..ImportOptions::default() };
    let (statements, report) =
        world.app.read_sources(vec![file], &options).map_err(|error| error.to_string())?;
    world.app.import(statements, options).map_err(|error| error.to_string())?;
    Ok(report.ignored.iter().map(ToString::to_string).collect())
}

fn turtle(world: &World, name: &str, text: &str) -> Result<Vec<String>, String> {
    import(world, name, Format::Turtle, &format!("{PREFIXES}{text}"))
}

/// A unit in JSON-LD, whose texts are German where nothing else is stated.
fn german(serial: &str, more: &str) -> String {
    format!(
        r#"{{ "@context": {{ "@language": "de", "@vocab": "https://w3id.org/throughline#", "dcterms": "http://purl.org/dc/terms/",
             "identifier": "dcterms:identifier", "title": "dcterms:title", "part": {{ "@type": "@id" }}, "builtBy": {{ "@type": "@id" }} }},
             "@id": "unit/{serial}", "@type": "TwinInstance", "identifier": "{serial}", "part": "pump", "builtBy": "lot/1" {more} }}"#
    )
}

fn unit(world: &World, id: &str) -> serde_json::Value {
    let query = "query ($id: ID!) { thread { twinInstance(id: $id) { identifier site title level } } }";
    world.data(query, json!({ "id": id }))["thread"]["twinInstance"].clone()
}

#[test]
fn a_language_is_no_part_of_a_name() {
    let world = world();
    let more = r#", "site": "Werk 1", "title": "Pumpe", "level": "ASSET""#;
    let notices = import(&world, "units.jsonld", Format::JsonLd, &german("P-4", more)).expect("a unit");
    assert_eq!(
        notices,
        [
            "units.jsonld: <https://test.example/unit/P-4> identifier \"P-4\"@de, and 2 values more: their fields have plain texts, so their languages and datatypes are left out"
        ]
    );
    let expect = json!({ "identifier": "P-4", "site": "Werk 1", "title": "Pumpe", "level": "ASSET" });
    assert_eq!(unit(&world, "P-4"), expect, "found by its identifier");

    let line = b"pump,twin=P-4 temp=21.5 1704067200000000000";
    world.app.ingest_lines(line, Precision::Nanoseconds).expect("an ingest");
    let unbound = world.data("{ thread { unboundSeries { nodes { reason } } } }", json!({}));
    assert_eq!(unbound["thread"]["unboundSeries"]["nodes"], json!([]));

    let title = world.data(
        r#"{ thread { twinInstances(filter: { title: { eq: "Pumpe" }, site: { eq: "Werk 1" } }) { nodes { identifier } } } }"#,
        json!({}),
    );
    assert_eq!(title["thread"]["twinInstances"]["nodes"], json!([{ "identifier": "P-4" }]));
}

#[test]
fn a_language_or_datatype_evades_no_unique_key() {
    let world = world();
    for (format, text) in [
        (Format::Turtle, "<https://test.example/unit/X> a <https://w3id.org/throughline#TwinInstance> ; <http://purl.org/dc/terms/identifier> \"P-1\"@en ; <https://w3id.org/throughline#part> <https://test.example/pump> ."),
        (Format::NTriples, "<https://test.example/unit/X> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/throughline#TwinInstance> .
            <https://test.example/unit/X> <http://purl.org/dc/terms/identifier> \"P-1\"^^<https://test.example/Serial> .
            <https://test.example/unit/X> <https://w3id.org/throughline#part> <https://test.example/pump> ."),
        (Format::RdfXml, "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:tl=\"https://w3id.org/throughline#\" xmlns:d=\"http://purl.org/dc/terms/\" xml:lang=\"de\">
            <tl:TwinInstance rdf:about=\"https://test.example/unit/X\"><d:identifier>P-1</d:identifier><tl:part rdf:resource=\"https://test.example/pump\"/></tl:TwinInstance></rdf:RDF>"),
        (Format::JsonLd, &german("P-1", "").replace("unit/P-1", "unit/X")),
    ] {
        let refused = import(&world, "second", format, text).expect_err("a second P-1");
        assert!(refused.contains("identifier \"P-1\"") && refused.contains("unit/P-1"), "{format:?}: {refused}");
    }
    let two = turtle(
        &world,
        "sites",
        "<unit/P-3> a tl:TwinInstance ; dcterms:identifier \"P-3\" ; tl:part <pump> ; tl:site \"Köln\"@de , \"Cologne\"@en .",
    );
    assert!(two.is_err_and(|error| error.contains("site")), "two sites");
}

#[test]
fn a_text_keeps_its_characters() {
    let world = world();
    let unit_of = |name: &str, site: &str| {
        format!(
            "<unit/{name}> a tl:TwinInstance ; dcterms:identifier \"{name}\" ; tl:part <pump> ; tl:site {site} ."
        )
    };
    for (at, (site, expect)) in [
        ("007", "007"),
        ("1.10", "1.10"),
        ("1e3", "1e3"),
        ("true", "true"),
        ("\"2024-03-01\"^^xsd:date", "2024-03-01"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("T-{at}");
        assert_eq!(turtle(&world, &name, &unit_of(&name, site)), Ok(vec![]), "{site}");
        assert_eq!(unit(&world, &name)["site"], expect, "{site}");
    }
    let json_unit = |site: &str| german("J-1", &format!(", \"site\": {site}"));
    import(&world, "j", Format::JsonLd, &json_unit("1.10")).expect("a number");
    assert_eq!(unit(&world, "J-1")["site"], "1.10");
    let refused = import(&world, "j", Format::JsonLd, &json_unit("1e3")).expect_err("an exponent");
    assert!(refused.contains("1e3") || refused.contains("1e+3"), "{refused}");
    let refused = turtle(&world, "bad", &unit_of("T-9", "\"Bergen\"^^xsd:date")).expect_err("no date");
    assert!(refused.contains("\"Bergen\" is no xsd:date"), "{refused}");
}

#[test]
fn resources_without_a_class_are_reported() {
    let world = world();
    let notices = turtle(&world, "a.ttl", "<unit/P-01> tl:site \"Bergen\" . <unit/P-2> tl:site \"Bergen\" .");
    let expect = "a.ttl: <https://test.example/unit/P-01> has no class, neither here nor in the thread: it is stored, but no rule checks it and no list has it; is its name mistyped?";
    assert_eq!(notices, Ok(vec![expect.to_owned()]));
    let many: String = (1..=5).map(|at| format!("<x/{at}> dcterms:title \"x\" . ")).collect();
    let notices = turtle(&world, "b.ttl", &many).expect("an import");
    assert!(
        notices.len() == 1 && notices[0].contains("<https://test.example/x/3> and 2 more have no class"),
        "{notices:?}"
    );
    assert_eq!(
        turtle(&world, "c.ttl", "<f> a <https://other.example/Thing> ; dcterms:title \"x\" ."),
        Ok(vec![])
    );
}
