//! SPARQL on a small thread: what is written, what is refused, what is stopped.

use super::*;
use crate::graph::{CommitRequest, Repository};
use crate::model::change::Change;
use crate::model::clock::FixedClock;
use crate::model::instant::Instant;
use crate::model::statement::Statement;
use oxigraph::model::{Literal, NamedNode};
use std::sync::Arc;
use std::time::Duration;

/// So many things, each with a number and a link to the next.
const THINGS: u32 = 300;

fn thing(number: u32) -> NamedNode {
    NamedNode::new_unchecked(format!("https://example.org/thing/{number}"))
}

fn snapshot() -> (tempfile::TempDir, Repository, Snapshot) {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
    let repository = Repository::init(folder.path(), &[], "https://example.org/", clock).expect("a thread");
    let property = |name: &str| NamedNode::new_unchecked(format!("https://example.org/p/{name}"));
    let changes = (0..THINGS).flat_map(|number| {
        let next = thing((number + 1) % THINGS);
        [
            Change::Add(Statement::new(thing(number), property("next"), next)),
            Change::Add(Statement::new(thing(number), property("number"), Literal::from(i64::from(number)))),
        ]
    });
    let request = CommitRequest {
        branch: "main".to_owned(),
        message: "things".to_owned(),
        changes: changes.collect(),
        ..Default::default()
    };
    repository.commit(&request).expect("a commit");
    let snapshot = repository.snapshot("main").expect("main");
    (folder, repository, snapshot)
}

/// Answers in a format, by its name.
fn answer(snapshot: &Snapshot, query: &str, format: &str, limits: &Limits) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let format = Format::named(format).expect("a format");
    snapshot.answer(&Query::read(query)?, format, limits, &mut bytes)?;
    Ok(String::from_utf8(bytes).expect("UTF-8"))
}

#[test]
fn every_format_is_written() {
    let (_folder, _repository, snapshot) = snapshot();
    let check = |query: &str, format: &str, expect: &str| {
        let query = format!("BASE <https://example.org/> {query}");
        let told = match answer(&snapshot, &query, format, &Limits::none()) {
            Ok(text) => text,
            Err(error) => error.to_string(),
        };
        assert!(told.contains(expect), "{query} as {format}: {told}");
    };
    let select = "SELECT ?n { <thing/7> <p/number> ?n }";
    check(
        select,
        "json",
        r#""n":{"type":"literal","value":"7","datatype":"http://www.w3.org/2001/XMLSchema#integer"}"#,
    );
    check(
        select,
        "xml",
        r#"<binding name="n"><literal datatype="http://www.w3.org/2001/XMLSchema#integer">7<"#,
    );
    check(select, "csv", "n\r\n7");
    check(select, "tsv", "?n\n7");
    check("ASK { <thing/7> <p/number> 7 }", "json", r#""boolean":true"#);
    check("ASK { <thing/7> <p/number> 8 }", "xml", "<boolean>false</boolean>");
    let construct =
        "CONSTRUCT { ?x <https://w3id.org/throughline#number> ?n } { ?x <p/number> ?n FILTER(?n = 7) }";
    check(construct, "turtle", "tl:number 7");
    check(construct, "ntriples", "<https://w3id.org/throughline#number> \"7\"^^");
    check(construct, "rdfxml", "<tl:number rdf:datatype=");
    check(construct, "jsonld", "\"@value\":\"7\"");
    for format in ["nquads", "trig", "n3"] {
        check(construct, format, "7");
    }
    check("DESCRIBE <thing/7>", "ntriples", "<https://example.org/thing/8>");
    check(select, "turtle", "cannot hold the answer to SELECT; these can: json, xml, csv, tsv");
    check(construct, "json", "turtle, ntriples, rdfxml, jsonld");
}

#[test]
fn refusals_say_what_to_do() {
    let (_folder, _repository, snapshot) = snapshot();
    let check = |query: &str, expect: &str| {
        let told = answer(&snapshot, query, "json", &Limits::none()).expect_err(query).to_string();
        assert!(told.contains(expect), "{query}: {told}");
    };
    check("SELECT ?x { ?x a tl:Part ; dcterms:title ?t }", "PREFIX tl: <https://w3id.org/throughline#>");
    check("SELECT ?x { ?x <p/next> ?y }", "BASE <https://example.org/>");
    check("SELECT ?x { ?x ", "no SPARQL 1.1 query: error at 1:");
    check("DELETE WHERE { ?s ?p ?o }", "only reads");
    check("SELECT (<urn:f>(1) AS ?x) {}", "custom function");
}

#[test]
fn there_is_one_graph_and_it_has_no_name() {
    let (_folder, _repository, snapshot) = snapshot();
    let check = |query: &str, expect: &str| {
        let query = format!("BASE <https://example.org/> SELECT (COUNT(*) AS ?n) {query}");
        assert_eq!(
            answer(&snapshot, &query, "tsv", &Limits::none()).expect("an answer"),
            format!("?n\n{expect}\n"),
            "{query}"
        );
    };
    check("{ ?s <p/next> ?o }", "300");
    check("{ GRAPH ?g { ?s <p/next> ?o } }", "0");
    check("{ GRAPH <g> { ?s <p/next> ?o } }", "0");
}

/// Evaluations that would run for minutes, hours or for ever, or take gigabytes.
const ENDLESS: [&str; 9] = [
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "SELECT (COUNT(*) AS ?n) { { ?a ?b ?c } { ?d ?e ?f } { ?g ?h ?i } { ?j ?k ?l } }",
    "SELECT (SUM(?x * ?y) AS ?n) { ?a <p/number> ?x . ?b <p/number> ?y . ?c <p/number> ?z . ?d <p/number> ?w } GROUP BY ?b",
    "SELECT ?a { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c + ?f + ?i = -1) }",
    "SELECT (COUNT(*) AS ?n) { ?a (<p/next>/<p/next>)* ?b . ?c <p/next>* ?d . ?e (<p/next>|^<p/next>)* ?f }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?f ?c",
    "SELECT DISTINCT ?b ?e ?h { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER NOT EXISTS { ?a ?x ?c . ?d ?y ?f } }",
    "CONSTRUCT { ?a <p/x> ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i MINUS { ?a ?y ?z . ?q <p/next> ?r } FILTER(?i = -1) }",
];

/// Answers a query that must be stopped.
fn stopped(snapshot: &Snapshot, query: &str, limits: &Limits) -> Error {
    let query = Query::read(format!("BASE <https://example.org/> {query}")).expect("a query");
    snapshot.answer(&query, Format::of(query.form())[0], limits, io::sink()).expect_err(query.text())
}

#[test]
fn time_runs_out_in_every_loop() {
    let (_folder, _repository, snapshot) = snapshot();
    for query in ENDLESS {
        let limits = Limits { time: Duration::from_millis(30), ..Limits::none() };
        assert!(matches!(stopped(&snapshot, query, &limits), Error::Late(_)), "{query}");
    }
}

#[test]
fn whoever_no_longer_waits_ends_the_evaluation() {
    let (_folder, _repository, snapshot) = snapshot();
    for query in ENDLESS {
        let limits = Limits::none();
        let cancelled = Arc::clone(&limits.cancelled);
        let other = thread::spawn(move || cancelled.store(true, std::sync::atomic::Ordering::Relaxed));
        assert!(matches!(stopped(&snapshot, query, &limits), Error::Cancelled), "{query}");
        other.join().expect("it is told");
    }
}

#[test]
fn memory_is_bounded() {
    let (_folder, _repository, snapshot) = snapshot();
    let check = |query: &str, terms: u64| {
        let limits = Limits { terms, ..Limits::none() };
        assert!(matches!(stopped(&snapshot, query, &limits), Error::Memory), "{query}");
    };
    check(ENDLESS[5], 100_000);
    check("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i", 100_000);
    check("SELECT DISTINCT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", 100_000);
    check("SELECT (GROUP_CONCAT(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?a ?d ?g", 100_000);
    // What streams holds little, however much passes through.
    let query = Query::read("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d <https://example.org/p/next> ?f }")
        .expect("a query");
    let limits = Limits { terms: 5_000, ..Limits::none() };
    let mut bytes = Vec::new();
    snapshot.answer(&query, Format::of(query.form())[3], &limits, &mut bytes).expect("an answer");
    assert_eq!(bytes, b"?n\n180000\n");
}

#[test]
fn answers_and_texts_are_bounded() {
    let (_folder, _repository, snapshot) = snapshot();
    let limits = Limits { bytes: 100_000, ..Limits::none() };
    assert!(matches!(stopped(&snapshot, "SELECT * { ?a ?b ?c . ?d ?e ?f }", &limits), Error::Size(100_000)));
    let mut binds = "BIND('0123456789abcdef' AS ?x0)".to_owned();
    for at in 1..30 {
        binds.push_str(&format!(" BIND(CONCAT(?x{0}, ?x{0}) AS ?x{at})", at - 1));
    }
    let query = format!("SELECT (STRLEN(?x29) AS ?n) {{ {binds} }}");
    assert!(matches!(stopped(&snapshot, &query, &Limits::none()), Error::Text(_)));
}

#[test]
fn nothing_is_fetched() {
    // A server that would be asked if SERVICE were on: it must never see a connection.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("not blocking");
    let address = listener.local_addr().expect("an address");
    for silent in ["", "SILENT"] {
        let text = format!("SELECT * WHERE {{ SERVICE {silent} <http://{address}/sparql> {{ ?s ?p ?o }} }}");
        assert!(matches!(Query::read(&text), Err(Error::Service)));
        // The evaluator itself has no way out either.
        let dataset = oxigraph::model::Dataset::new();
        let prepared = evaluator().parse_query(&text).expect("a query");
        let Ok(QueryResults::Solutions(solutions)) = prepared.on_queryable_dataset(&dataset).execute() else {
            panic!("solutions")
        };
        assert_eq!(solutions.filter(Result::is_err).count(), usize::from(silent.is_empty()));
    }
    assert!(listener.accept().is_err(), "something was fetched");
}

/// What nests as deep as it may is evaluated, or refused, but never overflows the stack.
#[test]
fn the_deepest_query_has_stack_enough() {
    let (_folder, _repository, snapshot) = snapshot();
    let many = |part: &str, times: usize| part.repeat(times);
    for query in [
        format!("ASK {{ FILTER({}true{}) }}", many("(", 97), many(")", 97)),
        format!("ASK {}{}", many("{", 100), many("}", 100)),
        format!("ASK {{ FILTER({}true) }}", many("!", 990)),
        format!("ASK {{ FILTER(1 > 0{}) }}", many(" || 1 > 2", 300)),
        format!("ASK {{ FILTER(1{} > 0) }}", many(" + 1", 990)),
        format!("ASK {{ {{}}{} }}", many(" UNION {}", 120)),
        format!("ASK {{ {} }}", many("OPTIONAL { ?a ?b ?c } ", 120)),
        format!("ASK {{ {} }}", many("MINUS { ?a ?b ?c } ", 120)),
        format!("ASK {{ {} }}", (0..300).map(|at| format!("BIND(1 AS ?x{at})")).collect::<String>()),
        format!("ASK {{ ?a {}<urn:p>{} ?b }}", many("^(", 95), many(")", 95)),
        format!("ASK {{ ?a <urn:p>{} ?b }}", many("/<urn:p>", 120)),
        format!("ASK {{ ?a <urn:p>{} ?b }}", many("|<urn:p>", 990)),
        format!("ASK {{ ?a {}<urn:p>{} ?b }}", many("(", 95), many(")*", 95)),
        format!("ASK {{ {} }}", (0..60).map(|at| format!("?a <urn:p> ?x{at} . ")).collect::<String>()),
        format!("ASK {{ ?a <urn:p> {} 1 {} }}", many("[ <urn:p> ", 97), many("]", 97)),
    ] {
        let query = Query::read(query).expect("within bounds");
        let answered = snapshot.answer(&query, Format::of(query.form())[0], &Limits::none(), io::sink());
        assert!(answered.is_ok(), "{}: {answered:?}", query.text());
    }
}
