//! SPARQL at the head and in the past, beside a plain oxigraph memory store of the same 100,000 statements, in one run.
//!
//! Each query runs a few times on both and the quickest counts; the ratio is ours to the plain store's, which keeps one
//! version and no history. Run: `cargo bench --bench sparql`.

#![allow(clippy::print_stdout)]

use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::sync::Arc;
use std::time::Instant;
use throughline::graph::read::sparql::{Limits, Query};
use throughline::graph::{CommitRequest, ImportRequest, Repository, Snapshot};
use throughline::model::statement::Statement;
use throughline::model::statement::change::Change;
use throughline::model::time::clock::SystemClock;
use throughline::ontology::terms::{dcterms, tl};

const UNITS: usize = 17_000;
const LOTS: usize = 400;
const BASE: &str = "https://bench.example.org/";

const QUERIES: [(&str, &str); 9] = [
    ("grouped by a value", "SELECT ?site (COUNT(?u) AS ?n) { ?u tl:site ?site } GROUP BY ?site"),
    (
        "grouped over a join",
        "SELECT ?lot (COUNT(?u) AS ?n) (MAX(?k) AS ?m) { ?u tl:builtBy ?b ; tl:unitNumber ?k . ?b dcterms:identifier ?lot } GROUP BY ?lot",
    ),
    (
        "sum of numbers, filtered",
        "SELECT (SUM(?k) AS ?s) { ?u tl:unitNumber ?k FILTER(?k > 1000 && ?k < 16000) }",
    ),
    (
        "join of three, one site",
        "SELECT ?u ?id ?at { ?u tl:site \"site-07\" ; dcterms:identifier ?id ; tl:commissionedAt ?at }",
    ),
    (
        "star of all units",
        "SELECT ?u ?id ?site ?at { ?u a tl:TwinInstance ; dcterms:identifier ?id ; tl:site ?site ; tl:commissionedAt ?at }",
    ),
    (
        "ordered by text",
        "SELECT ?u ?id { ?u tl:site \"site-11\" ; dcterms:identifier ?id } ORDER BY DESC(?id) LIMIT 50",
    ),
    (
        "optional, not exists",
        "SELECT ?u { ?u tl:site \"site-03\" OPTIONAL { ?u tl:retiredAt ?r } FILTER NOT EXISTS { ?u tl:unitNumber 3 } }",
    ),
    (
        "path, backwards",
        "SELECT (COUNT(DISTINCT ?u) AS ?n) { <https://bench.example.org/part/pump> (^tl:part/tl:builtBy/^tl:builtBy) ?u }",
    ),
    ("one resource", "SELECT ?p ?o { <https://bench.example.org/unit/77> ?p ?o }"),
];

fn iri(local: impl std::fmt::Display) -> NamedNode {
    NamedNode::new_unchecked(format!("{BASE}{local}"))
}

fn plant() -> Vec<Statement> {
    let part = iri("part/pump");
    let mut statements = Vec::new();
    let mut add = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: Term| {
        statements.push(Statement::new(subject.clone(), predicate.into_owned(), object));
    };
    add(&part, rdf::TYPE, tl::PART_CLASS.into_owned().into());
    add(&part, dcterms::IDENTIFIER, Literal::from("pump").into());
    for lot in 0..LOTS {
        let build = iri(format!("lot/{lot}"));
        add(&build, rdf::TYPE, tl::BUILD.into_owned().into());
        add(&build, dcterms::IDENTIFIER, Literal::from(format!("L-{lot}")).into());
    }
    for number in 0..UNITS {
        let unit = iri(format!("unit/{number}"));
        add(&unit, rdf::TYPE, tl::TWIN_INSTANCE.into_owned().into());
        add(&unit, dcterms::IDENTIFIER, Literal::from(format!("U-{number:06}")).into());
        add(&unit, tl::PART, part.clone().into());
        add(&unit, tl::BUILT_BY, iri(format!("lot/{}", number * 7 % LOTS)).into());
        add(&unit, tl::SITE, Literal::from(format!("site-{:02}", number * 7919 % 40)).into());
        add(&unit, tl::UNIT_NUMBER, Literal::from(i64::try_from(number).unwrap_or(0)).into());
        let at = format!("20{:02}-{:02}-01T00:00:00Z", 10 + number % 14, 1 + number % 12);
        add(&unit, tl::COMMISSIONED_AT, Literal::new_typed_literal(at, xsd::DATE_TIME).into());
    }
    statements
}

/// Returns the quickest of a few runs in milliseconds, and how many rows it gave.
fn timed(runs: u32, mut run: impl FnMut() -> usize) -> (f64, usize) {
    let mut best = (f64::MAX, 0);
    for _ in 0..runs {
        let began = Instant::now();
        let rows = run();
        best = (best.0.min(began.elapsed().as_secs_f64() * 1e3), rows);
    }
    best
}

fn ours(snapshot: &Snapshot, query: &str) -> (f64, usize) {
    let query = Query::read(query).expect("a query");
    timed(7, || {
        snapshot.query(&query, &Limits::none(), throughline::graph::read::oracle::drain).expect("an answer")
    })
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(SystemClock::default());
    let repository = Repository::init(folder.path(), &[], BASE, clock).expect("a thread");
    let statements = plant();
    println!("{} statements", statements.len());
    let request = ImportRequest {
        source: "plant".to_owned(),
        into: "main".to_owned(),
        message: "plant".to_owned(),
        statements,
        ..Default::default()
    };
    repository.import(request).expect("an import");
    let past = repository.snapshot("main").expect("main");
    for number in 0..200 {
        let unit = iri(format!("unit/{}", number * 80));
        let change = Change::Add(Statement::new(unit, iri("note"), Literal::from("moved")));
        let request = CommitRequest {
            branch: "main".to_owned(),
            message: "move".to_owned(),
            changes: vec![change],
            ..Default::default()
        };
        repository.commit(&request).expect("a commit");
    }
    let head = repository.snapshot("main").expect("main");
    let plain = past.oracle().expect("a plain store");
    println!(
        "{:28} {:>8} {:>10} {:>10} {:>10} {:>8} {:>8}",
        "query", "rows", "plain ms", "head ms", "past ms", "head ×", "past ×"
    );
    for (name, query) in QUERIES {
        let query = format!(
            "PREFIX tl: <https://w3id.org/throughline#> PREFIX dcterms: <http://purl.org/dc/terms/> {query}"
        );
        let (floor, rows) = timed(7, || plain.query(&query).expect("an answer"));
        let (at_head, _) = ours(&head, &query);
        let (at_past, same) = ours(&past, &query);
        assert_eq!(rows, same, "{name}");
        println!(
            "{name:28} {rows:8} {floor:10.3} {at_head:10.3} {at_past:10.3} {:8.2} {:8.2}",
            at_head / floor,
            at_past / floor
        );
    }
}
