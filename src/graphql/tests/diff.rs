//! What differs between two versions, and what it means.

use super::Bench;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::ontology::terms::{rdf, tl};
use oxigraph::model::{Literal, NamedNodeRef, Term};
use serde_json::{Value as Json, json};

fn diff(bench: &Bench, from: &str, more: &str) -> Json {
    bench.data(&format!(
        "{{ diff(from: \"{from}\", to: \"main\"{more}) {{
            resources {{ totalCount nodes {{ iri difference notes {{ kind }} properties {{ subject property propertyIri removed added }} }} }}
            notes {{ nodes {{ kind text subject before after position at resource {{ iri __typename }} related {{ iri }} }} }} }} }}"
    ))["diff"]
        .clone()
}

fn iris(diff: &Json) -> Vec<&str> {
    let resources = diff["resources"]["nodes"].as_array().expect("resources").iter();
    resources.filter_map(|resource| resource["iri"].as_str()).collect()
}

#[test]
fn notes_explain_what_a_difference_means() {
    let bench = Bench::furnished();
    bench.data("mutation { tag(input: { name: \"PDR\" }) { tag { name } } }");
    bench.commit(&json!([
        { "putRequirement": { "id": "req/REQ-12", "constraints": [{ "id": "#constraint", "limit": 80 }] } },
        { "putInstallation": { "id": "installation/1", "component": "twin/T-1", "parent": "twin/T-2", "position": "drive-end", "from": "2025-06-01T00:00:00Z" } },
    ]));
    let diff = diff(&bench, "PDR", "");
    assert_eq!(
        diff["notes"]["nodes"],
        json!([
            { "kind": "UNIT_INSTALLED", "text": "twin/T-1 is installed in twin/T-2, drive-end, at 2025-06-01T00:00:00Z",
              "subject": "installation/1", "before": null, "after": null, "position": "drive-end", "at": "2025-06-01T00:00:00Z",
              "resource": { "iri": "installation/1", "__typename": "PlainInstallation" }, "related": [{ "iri": "twin/T-1" }, { "iri": "twin/T-2" }] },
            { "kind": "LIMIT_TIGHTENED", "text": "req/REQ-12: limit tightened: P95 ≤ 85 °C → P95 ≤ 80 °C",
              "subject": "req/REQ-12#constraint", "before": "P95 ≤ 85 °C", "after": "P95 ≤ 80 °C", "position": null, "at": null,
              "resource": { "iri": "req/REQ-12", "__typename": "PlainRequirement" }, "related": [{ "iri": "property/temperature" }] },
        ])
    );
    assert_eq!(diff["resources"]["nodes"][1]["notes"], json!([{ "kind": "LIMIT_TIGHTENED" }]));
    let history =
        bench.data("{ node(id: \"req/REQ-12\") { ... on Record { provenance { history { nodes { notes { kind } } } } } } }");
    assert_eq!(
        history["node"]["provenance"]["history"]["nodes"],
        json!([{ "notes": [{ "kind": "LIMIT_TIGHTENED" }] }, { "notes": [] }])
    );
}

/// Records evidence, as a program does.
fn record(bench: &Bench, evidence: &str, constraint: &str, design: &str) {
    let head = bench.app.snapshot("main").expect("main");
    let iri = |name: &str| head.expand(name).expect("an IRI");
    let add = |predicate: NamedNodeRef<'_>, object: Term| {
        Change::Add(Statement::new(iri(evidence), predicate.into_owned(), object))
    };
    let text = |text: &str| Term::from(Literal::new_simple_literal(text));
    let statements = [
        add(rdf::TYPE, tl::FIELD_EVIDENCE.into_owned().into()),
        add(tl::CONSTRAINT, iri(constraint).into()),
        add(tl::DESIGN, iri(design).into()),
        add(tl::VERDICT, text("CONFORMS")),
        add(tl::COMMIT, text("c")),
        add(tl::WATERMARK, text("w")),
    ];
    bench.app.commit("main", statements.to_vec()).expect("evidence");
}

#[test]
fn reach_keeps_what_touches_one_resource() {
    let bench = Bench::furnished();
    bench.data("mutation { tag(input: { name: \"PDR\" }) { tag { name } } }");
    bench.commit(&json!([
        { "putRequirement": { "id": "req/REQ-12", "title": "Keep them cool" } },
        { "putDesignRevision": { "id": "part/BRG/C", "satisfies": ["req/REQ-1"] } },
        { "putTwinInstance": { "id": "twin/T-1", "site": "east" } },
        { "retire": "twin/T-5" },
    ]));
    record(&bench, "evidence/1", "req/REQ-12#constraint", "part/BRG");
    let reached = |reach: &str| -> Vec<String> {
        let diff = diff(&bench, "PDR", &format!(", affects: \"{reach}\""));
        iris(&diff).into_iter().map(str::to_owned).collect()
    };
    assert_eq!(
        iris(&diff(&bench, "PDR", "")),
        ["evidence/1", "part/BRG/C", "req/REQ-12", "twin/T-1", "twin/T-5"]
    );
    assert_eq!(
        reached("req/REQ-12"),
        ["evidence/1", "part/BRG/C", "req/REQ-12"],
        "a removed link counts too"
    );
    assert_eq!(reached("req/REQ-12#constraint"), ["evidence/1", "req/REQ-12"]);
    assert_eq!(reached("part/BRG"), ["evidence/1", "part/BRG/C", "twin/T-1", "twin/T-5"]);
    assert_eq!(reached("twin/T-5"), ["twin/T-5"]);
    let retired = diff(&bench, "PDR", ", affects: \"twin/T-5\"");
    assert_eq!(retired["resources"]["nodes"][0]["difference"], "REMOVED");
    let site = json!({ "subject": "twin/T-5", "property": "site", "propertyIri": "https://w3id.org/throughline#site", "removed": ["south"], "added": [] });
    assert!(
        retired["resources"]["nodes"][0]["properties"].as_array().expect("properties").contains(&site),
        "{retired}"
    );
    assert_eq!(
        retired["notes"]["nodes"][0]["resource"],
        json!({ "iri": "twin/T-5", "__typename": "PlainTwinInstance" })
    );
    bench.error(
        "{ diff(from: \"PDR\", to: \"main\", affects: \"req/REQ-99\") { resources { totalCount } } }",
        "NOT_FOUND",
    );
}

#[test]
fn pages_of_a_diff_are_the_whole() {
    let bench = Bench::furnished();
    bench.data("mutation { tag(input: { name: \"PDR\" }) { tag { name } } }");
    for units in [2, 5] {
        let names: Vec<_> = (1..=units).map(|n| format!("twin/T-{n}")).collect();
        let moved: Vec<_> = names
            .iter()
            .map(|id| json!({ "putTwinInstance": { "id": id, "site": format!("site {units}") } }))
            .collect();
        bench.commit(&Json::from(moved));
        let whole = diff(&bench, "PDR", "");
        assert_eq!(
            (iris(&whole), &whole["resources"]["totalCount"]),
            (names.iter().map(String::as_str).collect(), &json!(units))
        );
        for first in 1..=6 {
            let (mut paged, mut after) = (Vec::new(), "null".to_owned());
            loop {
                let page = bench.data(&format!(
                    "{{ diff(from: \"PDR\", to: \"main\") {{ resources(first: {first}, after: {after}) {{ nodes {{ iri }} pageInfo {{ endCursor }} }} }} }}"
                ));
                let found: Vec<_> = iris(&page["diff"]).into_iter().map(str::to_owned).collect();
                assert!(found.len() <= first);
                let Some(last) = found.last() else { break };
                after = format!(
                    "\"{}\"",
                    page["diff"]["resources"]["pageInfo"]["endCursor"].as_str().unwrap_or(last)
                );
                paged.extend(found);
            }
            assert_eq!(paged, names, "{first} at a time");
        }
    }
}

/// Follows the pages of a list of differences to its end; returns the resources in order.
fn follow(read: impl Fn(usize, &str) -> Json, first: usize) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), "null".to_owned());
    loop {
        let page = read(first, &after);
        let nodes = page["nodes"].as_array().expect("nodes");
        assert!(nodes.len() <= first, "{page}");
        found.extend(nodes.iter().map(|node| node["iri"].as_str().expect("an IRI").to_owned()));
        if page["pageInfo"]["hasNextPage"] != true {
            return found;
        }
        after = format!("\"{}\"", page["pageInfo"]["endCursor"].as_str().expect("a cursor"));
    }
}

const PAGE: &str = "totalCount nodes { iri } pageInfo { hasNextPage endCursor }";

#[test]
fn pages_of_what_a_review_depends_on_are_the_whole() {
    let bench = Bench::furnished();
    let units = || (1..=5).map(|n| format!("twin/T-{n}"));
    let put = |fields: &Json| -> Json {
        let put = |id: String| {
            let mut put = fields.clone();
            put["id"] = json!(id);
            json!({ "putTwinInstance": put })
        };
        units().map(put).collect()
    };
    bench.commit(&json!([{ "putBuild": { "id": "lot/1", "identifier": "L-1", "realizes": "part/BRG/B" } }]));
    bench.commit(&put(&json!({ "builtBy": "lot/1" })));
    bench.data("mutation { openReview(input: { title: \"Fit?\", designs: [\"part/BRG/B\"], window: { from: \"2025-06-01T00:00:00Z\", to: \"2025-06-02T00:00:00Z\" } }) { changed } }");
    bench.commit(&put(&json!({ "site": "east" })));
    bench.commit(&json!([{ "putPart": { "id": "part/SEAL", "identifier": "SEAL" } }]));
    let read = |first: usize, after: &str| {
        let query = format!(
            "{{ thread {{ designReview(id: \"review/DR-1\") {{ since {{ diff {{ resources(first: {first}, after: {after}) {{ {PAGE} }} }} }} }} }} }}"
        );
        bench.data(&query)["thread"]["designReview"]["since"]["diff"]["resources"].clone()
    };
    assert_eq!(read(1, "null")["totalCount"], 5);
    for first in 1..=6 {
        assert_eq!(follow(read, first), units().collect::<Vec<_>>(), "{first} at a time");
    }
}

#[test]
fn pages_of_what_a_merge_would_change_are_the_whole() {
    let bench = Bench::furnished();
    bench.data("mutation { createBranch(input: { name: \"work\" }) { branch { name } } }");
    let parts: Vec<_> = (1..=7).map(|n| format!("part/P-{n}")).collect();
    let put = |(n, id): (usize, &String)| json!({ "putPart": { "id": id, "identifier": format!("P-{n}") } });
    let changes: Json = parts.iter().enumerate().map(put).collect();
    let commit = "mutation ($c: [Change!]!) { commit(input: { branch: \"work\", message: \"Add\", changes: $c }) { changed } }";
    assert_eq!(bench.ask_with(commit, json!({ "c": changes }))["errors"], Json::Null);
    let read = |first: usize, after: &str| {
        let query = format!(
            "{{ mergePreview(source: \"work\") {{ clean changes(first: {first}, after: {after}) {{ {PAGE} }} }} }}"
        );
        bench.data(&query)["mergePreview"]["changes"].clone()
    };
    assert_eq!(read(1, "null")["totalCount"], 7);
    for first in 1..=8 {
        assert_eq!(follow(read, first), parts, "{first} at a time");
    }
}
