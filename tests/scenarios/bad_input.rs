//! Bad input gets a clear error, and nothing changes.

use super::world::{BASE, PUMP, World};
use serde_json::json;

const PREFIXES: &str = "@base <https://test.example/> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
";

fn world() -> World {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world
}

/// Imports Turtle that must be refused with each of these words, and leaves no trace.
fn check(world: &World, turtle: &str, expect: &[&str]) {
    let refs = || {
        (world.app.repository().branches().expect("branches"), world.app.repository().tags().expect("tags"))
    };
    let before = refs();
    let error = world.import("other", &format!("{PREFIXES}{turtle}")).expect_err(turtle);
    for words in expect {
        assert!(error.contains(words), "{turtle}\n{error}\nlacks: {words}");
    }
    assert_eq!(refs(), before, "something changed");
}

#[test]
fn imports_that_are_refused() {
    let world = world();
    check(&world, "<x> tl:limit ;; .", &["other.ttl", ":6:"]);
    check(&world, "<R> a tl:Requirement ; dcterms:title 'no identifier' .", &["R", "identifier"]);
    check(
        &world,
        "<R> a tl:Requirement ; dcterms:identifier 'R' ; tl:constraint <R#c> .
         <R#c> a tl:Constraint ; tl:property <temperature> ; tl:statistic 'MAX' ; tl:comparator 'LE' ; tl:limit 5.0 .",
        &["R#c", "unit"],
    );
    check(
        &world,
        "<R> a tl:Requirement ; dcterms:identifier 'R' ; tl:constraint <R#c> .
         <R#c> a tl:Constraint ; tl:property <temperature> ; tl:statistic 'MAX' ; tl:comparator 'LE' ; tl:limit 5.0 ; tl:unit unit:BAR .",
        &["R#c", "BAR"],
    );
    check(
        &world,
        "<u> a tl:TwinInstance ; dcterms:identifier 'u' ; tl:part <pump> ; tl:commissionedAt '2024-01-01T00:00:00'^^xsd:dateTime .",
        &["u", "commissionedAt", "offset"],
    );
    let bearing = "<brg> a tl:Part ; dcterms:identifier 'BRG' .
        <b/1> a tl:TwinInstance ; dcterms:identifier 'b1' ; tl:part <brg> .
        <b/2> a tl:TwinInstance ; dcterms:identifier 'b2' ; tl:part <brg> .";
    let installed = |name: &str, component: &str, parent: &str, from: &str, to: &str| {
        format!(
            "<i/{name}> a tl:Installation ; tl:component <{component}> ; tl:parent <{parent}> ; tl:position 'drive-end' ;
             tl:from '{from}'^^xsd:dateTime ; tl:to '{to}'^^xsd:dateTime ."
        )
    };
    let backwards = installed("1", "b/1", "unit/P-1", "2024-05-01T00:00:00Z", "2024-04-01T00:00:00Z");
    check(&world, &format!("{bearing}{backwards}"), &["i/1", "2024-04-01"]);
    let first = installed("1", "b/1", "unit/P-1", "2024-04-01T00:00:00Z", "2024-06-01T00:00:00Z");
    let second = installed("2", "b/2", "unit/P-1", "2024-05-01T00:00:00Z", "2024-07-01T00:00:00Z");
    check(&world, &format!("{bearing}{first}{second}"), &["drive-end", "holds 1, but"]);
    let inside = installed("1", "b/1", "b/2", "2024-04-01T00:00:00Z", "2024-06-01T00:00:00Z");
    let outside = installed("2", "b/2", "b/1", "2024-04-01T00:00:00Z", "2024-06-01T00:00:00Z");
    check(&world, &format!("{bearing}{inside}{outside}"), &["sit inside itself"]);
}

#[test]
fn requests_that_are_refused() {
    let world = world();
    let window = r#"window: { from: "2024-01-01T00:00:00Z", to: "2024-02-01T00:00:00Z" }"#;
    let revision = |inner: &str| format!(r#"{{ thread {{ designRevision(id: "pump/A") {{ {inner} }} }} }}"#);
    let check = |query: &str, code: &str, words: &str| {
        let (got, message) = world.refusal(query, json!({}));
        assert!(got == code && message.contains(words), "{query}\n{got}: {message}");
    };
    check(r#"{ thread(at: "nowhere") { commit { id } } }"#, "NOT_FOUND", "no version is called \"nowhere\"");
    check(r#"{ thread { valve(id: "V-1") { iri } } }"#, "BAD_INPUT", "valve");
    check(
        &revision(&format!(r#"fieldUsage(property: "colour", {window}) {{ mean }}"#)),
        "NOT_FOUND",
        "colour",
    );
    check(
        &revision(&format!(r#"fieldUsage(property: "temperature", unit: "FURLONG", {window}) {{ mean }}"#)),
        "NOT_FOUND",
        "FURLONG",
    );
    check(
        &revision(&format!(r#"fieldUsage(property: "temperature", unit: "BAR", {window}) {{ mean }}"#)),
        "BAD_INPUT",
        "BAR",
    );
    let backwards = r#"fieldUsage(property: "temperature", window: { from: "2024-02-01T00:00:00Z", to: "2024-01-01T00:00:00Z" }) { mean }"#;
    check(&revision(backwards), "BAD_INPUT", "2024-01-01T00:00:00Z does not come after");
    let floating = r#"fieldUsage(property: "temperature", window: { from: "2024-02-01T00:00:00", to: "2024-03-01T00:00:00Z" }) { mean }"#;
    check(&revision(floating), "BAD_INPUT", "has no offset");
}

#[test]
fn a_moved_head_that_does_not_rebase_is_a_conflict() {
    let world = world();
    let head = world.app.snapshot("main").expect("main").commit().id.to_string();
    let put = |value: f64, head: &str| {
        format!(
            r#"mutation {{ commit(input: {{ branch: "main", message: "m", expectedHead: "{head}", changes: [
                {{ putRequirement: {{ id: "REQ-1", constraints: [{{ id: "REQ-1#limit", limit: {value} }}] }} }}] }}) {{ commit {{ id }} }} }}"#
        )
    };
    let moved = world.data(&put(80.0, &head), json!({}))["commit"]["commit"]["id"].clone();
    let (code, message) = world.refusal(&put(75.0, &head), json!({}));
    assert_eq!(code, "CONFLICT");
    assert!(message.contains(&head) && message.contains(moved.as_str().expect("an id")), "{message}");
    // Another property of the same requirement rebases by itself.
    let title = format!(
        r#"mutation {{ commit(input: {{ branch: "main", message: "m", expectedHead: "{head}", changes: [
            {{ putRequirement: {{ id: "REQ-1", title: "Stay cooler" }} }}] }}) {{ changed }} }}"#
    );
    assert_eq!(world.data(&title, json!({}))["commit"]["changed"], 2);
    let limit = world.app.snapshot("main").expect("main");
    let iri = oxigraph::model::NamedNode::new_unchecked(format!("{BASE}REQ-1#limit"));
    let predicate = oxigraph::model::NamedNodeRef::new_unchecked("https://w3id.org/throughline#limit");
    assert_eq!(limit.number(&iri, predicate).expect("a read"), Some(80.0));
}

#[test]
fn what_a_graphql_number_or_an_author_cannot_hold_is_refused() {
    let world = world();
    let head = || world.data("{ thread { commit { id } } }", json!({}));
    let before = head();
    let put = |declared: &str, author: &str, limit: &str| {
        format!(
            r##"mutation {declared} {{ commit(input: {{ message: "Change", author: {{ name: "{author}", email: "eve@plant" }},
            changes: [{{ putRequirement: {{ id: "REQ-9", identifier: "R-9", title: "Stay warm", constraints: [{{ id: "#limit",
            property: "temperature", statistic: MIN, comparator: GE, limit: {limit}, unit: "°C", scope: EACH_UNIT, kind: LIMIT }}] }} }}] }}) {{ changed }} }}"##
        )
    };
    world.served(|address| {
        let refused = |method: &str, path: &str, body: &str, words: &str| {
            let answer = super::world::request(
                address,
                method,
                path,
                &[
                    ("content-type", "application/json"),
                    ("accept", "application/graphql-response+json, */*;q=0.5"),
                ],
                body.as_bytes(),
            );
            assert_eq!(answer.status, 400, "{}", answer.body);
            assert!(answer.body.contains(words), "{}", answer.body);
        };
        let digits =
            "the number 84.99999999999999999 has digits that a GraphQL number does not keep (it would be 85)";
        let body = json!({ "query": put("", "Eve", "84.99999999999999999") }).to_string();
        refused("POST", "/graphql", &body, digits);
        let body = json!({ "query": put("($limit: Float)", "Eve", "$limit"), "variables": { "limit": 0 } })
            .to_string();
        refused("POST", "/graphql", &body.replace(":0}", ":84.99999999999999999}"), digits);
        refused(
            "GET",
            "/graphql?query=%7B__typename%7D&variables=%7B%22x%22:84.99999999999999999%7D",
            "",
            digits,
        );
    });
    let (code, message) =
        world.refusal(&put("", "Eve", "80").replace("Change\"", "Change\\u0000 and more\""), json!({}));
    assert!(code == "BAD_INPUT" && message.contains("the control character U+0000"), "{message}");
    for author in ["Eve <root@plant>", "Eve\\u0000", "Eve\\nauthor Bob", " "] {
        let (code, message) = world.refusal(&put("", author, "80"), json!({}));
        assert!(code == "BAD_INPUT" && message.contains("without <, >, control characters"), "{message}");
    }
    assert_eq!(head(), before);
    world.data(&put("", "Eve", "80.5"), json!({}));
    assert_ne!(head(), before);
}

#[test]
fn names_that_look_like_another_are_refused_by_every_way_in() {
    let world = world();
    let head = || world.data("{ thread { commit { id } } }", json!({}));
    let before = head();
    let put = |identifier: &str| {
        let query = "mutation ($identifier: String!) { commit(input: { message: \"m\", changes: [
            { putTwinInstance: { id: \"unit/X\", identifier: $identifier, part: \"pump\" } }] }) { changed } }";
        world.ask(query, json!({ "identifier": identifier }))
    };
    for (identifier, words) in [
        ("P-1 ", "ends with a space"),
        ("P-1\n", "a control character (U+000A)"),
        ("P\u{a0}1", "the blank U+00A0"),
        ("P\u{200b}-1", "an invisible character (U+200B)"),
        ("P-\u{ff11}", "write \"P-1\""),
    ] {
        let answer = put(identifier);
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "SHAPE_VIOLATION", "{identifier:?}: {answer}");
        let violation = &error["extensions"]["violations"]["nodes"][0];
        assert_eq!(violation["path"], "identifier", "{answer}");
        assert!(violation["message"].as_str().is_some_and(|message| message.contains(words)), "{answer}");
        let escaped = identifier.replace('\n', "\\n");
        check(
            &world,
            &format!("<unit/X> a tl:TwinInstance ; dcterms:identifier \"{escaped}\" ; tl:part <pump> ."),
            &["unit/X (", " identifier", words],
        );
    }
    check(
        &world,
        "<unit/X\u{200b}> a tl:TwinInstance ; dcterms:identifier 'X' ; tl:part <pump> .",
        &["its name has an invisible character (U+200B)"],
    );
    assert_eq!(head(), before);
    for identifier in ["1.0", "00471", "2024-05-01", "9E+12", "p-1"] {
        assert!(put(identifier).get("errors").is_none(), "{identifier}: {}", put(identifier));
    }
}
