//! Suspect links: found, explained, cleared, and suspect again.

use super::Bench;
use crate::model::statement::change::Change;
use crate::ontology::terms::{tl, xsd};
use oxigraph::model::{Literal, NamedNodeRef};
use serde_json::{Value as Json, json};

fn limit(bench: &Bench, limit: u32) -> String {
    let constraint = json!([{ "id": "#constraint", "limit": limit }]);
    bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-12", "constraints": constraint } }]))
}

/// Returns the suspect links as `from property to`.
fn suspects(bench: &Bench) -> Vec<String> {
    let data =
        bench.data("{ thread { suspectLinks { nodes { from { iri } property to { iri } } totalCount } } }");
    let links = &data["thread"]["suspectLinks"];
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let found: Vec<String> = links["nodes"]
        .as_array()
        .expect("links")
        .iter()
        .map(|link| [&link["from"]["iri"], &link["property"], &link["to"]["iri"]].map(text).join(" "))
        .collect();
    assert_eq!(links["totalCount"], found.len());
    assert_eq!(found, on_edges(bench), "edges show the same");
    found
}

/// Returns the same as the edges of requirements and revisions show it.
fn on_edges(bench: &Bench) -> Vec<String> {
    let data = bench.data(
        "{ thread { designRevisions { nodes { iri satisfies { edges { link { suspect } node { iri } } } supersedes { edges { link { suspect } node { iri } } } } }
            requirements { nodes { iri derivedFrom { edges { link { suspect } node { iri } } } } } } }",
    );
    let mut found = Vec::new();
    for (class, fields) in
        [("designRevisions", vec!["satisfies", "supersedes"]), ("requirements", vec!["derivedFrom"])]
    {
        for node in data["thread"][class]["nodes"].as_array().expect("nodes") {
            for field in &fields {
                let edges = node[field]["edges"].as_array().expect("edges").iter();
                found.extend(edges.filter(|edge| edge["link"]["suspect"] == true).map(|edge| {
                    let text = |value: &Json| value.as_str().expect("an IRI").to_owned();
                    format!("{} {field} {}", text(&node["iri"]), text(&edge["node"]["iri"]))
                }));
            }
        }
    }
    found.sort();
    found
}

/// Returns the confirmations of all revisions of a version.
fn confirmations(thread: &Json) -> Vec<Json> {
    let revisions = thread["designRevisions"]["nodes"].as_array().expect("revisions").iter();
    revisions
        .flat_map(|revision| revision["confirmations"].as_array().expect("confirmations").clone())
        .collect()
}

const ADA: &str = "author: {name: \"Ada\", email: \"ada@example.org\"}";
const NOBODY: &str = ", author: {name: \"Ada\", email: \"nowhere\"}";

fn clear(bench: &Bench, from: &str, more: &str) -> Json {
    clear_as(bench, from, &format!(", {ADA}{more}"))
}

fn clear_as(bench: &Bench, from: &str, more: &str) -> Json {
    bench.tick();
    bench.ask(&format!(
        "mutation {{ confirmLink(input: {{ from: \"{from}\", property: \"satisfies\", to: \"req/REQ-12\"{more} }}) {{
            commit {{ id message author {{ name }} }} thread {{ designRevisions {{ nodes {{ confirmations {{ from property to generatedAt attributedTo }} }} }} }} }} }}"
    ))
}

#[test]
fn a_changed_target_makes_links_suspect_until_they_are_cleared() {
    let bench = Bench::furnished();
    assert!(suspects(&bench).is_empty());
    let tightened = limit(&bench, 80);
    let both = ["part/BRG/B satisfies req/REQ-12", "part/BRG/C satisfies req/REQ-12"];
    assert_eq!(suspects(&bench), both);
    let page = bench.data(
        "{ thread { suspectLinks(first: 1) { pageInfo { hasNextPage } nodes { from { iri } property to { iri } since { id } baseline { id }
            changes { subject property propertyIri before after since { id } } } } } }",
    );
    let page = &page["thread"]["suspectLinks"];
    assert_eq!(page["pageInfo"]["hasNextPage"], true);
    let link = &page["nodes"][0];
    assert_eq!((&link["from"]["iri"], &link["to"]["iri"]), (&json!("part/BRG/B"), &json!("req/REQ-12")));
    assert_eq!(link["since"], link["baseline"]);
    assert_eq!(
        link["changes"],
        json!([{ "subject": "req/REQ-12#constraint", "property": "limit", "propertyIri": "https://w3id.org/throughline#limit",
            "before": ["85"], "after": ["80"], "since": { "id": tightened } }])
    );

    let cleared = clear(&bench, "part/BRG/B", "")["data"]["confirmLink"].clone();
    assert_eq!(
        (&cleared["commit"]["message"], &cleared["commit"]["author"]["name"]),
        (&json!("Confirm that part/BRG/B satisfies req/REQ-12"), &json!("Ada"))
    );
    let confirmation = &confirmations(&cleared["thread"])[0];
    assert_eq!(
        (&confirmation["from"], &confirmation["to"], &confirmation["attributedTo"]),
        (&json!("part/BRG/B"), &json!("req/REQ-12"), &json!(["mailto:ada@example.org"]))
    );
    assert_eq!(suspects(&bench), both[1..]);

    limit(&bench, 75);
    assert_eq!(suspects(&bench), both);
    let baselines =
        bench.data("{ thread { suspectLinks { nodes { baseline { id } changes { before after } } } } }");
    let nodes = &baselines["thread"]["suspectLinks"]["nodes"];
    assert_eq!(nodes[0]["baseline"]["id"], cleared["commit"]["id"]);
    assert_eq!(nodes[0]["changes"], json!([{ "before": ["80"], "after": ["75"] }]));
    assert_eq!(nodes[1]["changes"], json!([{ "before": ["85"], "after": ["75"] }]));
    let again = clear(&bench, "part/BRG/B", "");
    let confirmed = confirmations(&again["data"]["confirmLink"]["thread"]);
    assert_eq!(confirmed.len(), 1, "confirmed anew, not twice: {again}");
    // Back at what it was when the link was made is not what was confirmed.
    limit(&bench, 85);
    assert_eq!(suspects(&bench), both[..1]);
}

#[test]
fn a_link_of_a_released_design_can_be_cleared() {
    let bench = Bench::furnished();
    bench.commit(&json!([{ "putDesignRevision": { "id": "part/BRG/B", "status": "RELEASED" } }]));
    limit(&bench, 80);
    assert_eq!(clear(&bench, "part/BRG/B", "")["errors"], Json::Null);
    limit(&bench, 70);
    assert_eq!(clear(&bench, "part/BRG/B", "")["errors"], Json::Null);
    assert_eq!(suspects(&bench), ["part/BRG/C satisfies req/REQ-12"]);
}

#[test]
fn another_spelling_of_a_target_makes_no_link_suspect() {
    let bench = Bench::furnished();
    let head = bench.app.snapshot("main").expect("main");
    let subject = head.expand("req/REQ-12#constraint").expect("an IRI");
    let written = |text: &str, datatype: NamedNodeRef<'_>| {
        let values = vec![Literal::new_typed_literal(text, datatype).into()];
        let set = Change::Set { subject: subject.clone(), predicate: tl::LIMIT.into_owned(), values };
        bench.app.commit("main", vec![set]).expect("a commit").changed
    };
    for (text, datatype) in
        [("85.0", xsd::DECIMAL), ("085", xsd::INTEGER), ("8.5E1", xsd::DOUBLE), ("+85.00", xsd::DECIMAL)]
    {
        assert_eq!(written(text, datatype), 0, "{text}");
        assert!(suspects(&bench).is_empty(), "{text}");
    }
    assert_eq!(written("85.00000000000000001", xsd::DECIMAL), 2);
    assert_eq!(suspects(&bench).len(), 2);
}

#[test]
fn a_confirmation_goes_with_its_link() {
    let bench = Bench::furnished();
    limit(&bench, 80);
    clear(&bench, "part/BRG/B", "");
    let count = || {
        let data = bench.data("{ thread { designRevisions { nodes { confirmations { iri } } } } }");
        confirmations(&data["thread"]).len()
    };
    assert_eq!(count(), 1);
    let link = json!({ "from": "part/BRG/B", "property": "satisfies", "to": "req/REQ-12" });
    bench.commit(&json!([{ "unlink": link }]));
    assert_eq!(count(), 0);
    bench.commit(&json!([{ "link": link }]));
    assert_eq!(suspects(&bench), ["part/BRG/C satisfies req/REQ-12"], "a new link is in order");
    let forged = json!({ "from": "part/BRG/B", "property": "https://w3id.org/throughline#satisfies", "to": "req/REQ-1",
        "generatedAt": "2026-01-01T00:00:00Z", "attributedTo": ["mailto:ada@example.org"] });
    let answer = bench
        .commit_answer(&json!([{ "putDesignRevision": { "id": "part/BRG/B", "confirmations": [forged] } }]));
    let error = &answer["errors"][0];
    assert!(error["message"].to_string().contains("only confirmLink writes it"), "{answer}");
}

#[test]
fn a_merge_drops_the_confirmation_of_a_link_that_one_side_removed() {
    for (clears, unlinks) in [("side", "main"), ("main", "side")] {
        let bench = Bench::furnished();
        limit(&bench, 80);
        bench.data("mutation { createBranch(input: { name: \"side\" }) { branch { name } } }");
        clear(&bench, "part/BRG/B", &format!(", branch: \"{clears}\""));
        bench.tick();
        bench.data(&format!(
            "mutation {{ commit(input: {{ branch: \"{unlinks}\", message: \"Unlink\", changes: [{{ unlink: {{ from: \"part/BRG/B\", property: \"satisfies\", to: \"req/REQ-12\" }} }}] }}) {{ changed }} }}"
        ));
        let merged = bench.data(
            "mutation { merge(input: { source: \"side\" }) { thread { designRevisions { nodes { confirmations { iri } } } designRevision(id: \"part/BRG/B\") { satisfies { totalCount } } } } }",
        );
        let thread = &merged["merge"]["thread"];
        assert_eq!(
            (confirmations(thread).len(), &thread["designRevision"]["satisfies"]["totalCount"]),
            (0, &json!(0)),
            "{clears} clears, {unlinks} unlinks"
        );
    }
}

#[test]
fn only_a_suspect_link_is_cleared() {
    let bench = Bench::furnished();
    let refused = |answer: &Json, code: &str| {
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
    };
    refused(&clear(&bench, "part/BRG/B", ""), "BAD_INPUT");
    let before = limit(&bench, 80);
    refused(&clear(&bench, "part/BRG", ""), "BAD_INPUT");
    refused(&clear(&bench, "twin/T-1", ""), "BAD_INPUT");
    // A person confirms the link: one with a name and an address, and not the service.
    for nobody in ["", NOBODY, &NOBODY.replace("nowhere", "throughline@localhost")] {
        refused(&clear_as(&bench, "part/BRG/B", nobody), "BAD_INPUT");
    }
    refused(&clear(&bench, "part/BRG/B", ", branch: \"nowhere\""), "NOT_FOUND");
    limit(&bench, 70);
    refused(&clear(&bench, "part/BRG/B", &format!(", basedOn: \"{before}\"")), "CONFLICT");
    assert_eq!(clear(&bench, "part/BRG/B", ", basedOn: \"main\"")["errors"], Json::Null);
}
