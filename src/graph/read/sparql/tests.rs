//! SPARQL on a small thread: what is written, what is refused, what is stopped.

use super::*;
use crate::graph::repository::Repository;
use crate::graph::write::commit::CommitRequest;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use oxigraph::model::{Literal, NamedNode};
use std::sync::Arc;
use std::time::Duration;

/// As many things, each with a number and a link to the next.
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
        let message = match answer(&snapshot, &query, format, &Limits::none()) {
            Ok(text) => text,
            Err(error) => error.to_string(),
        };
        assert!(message.contains(expect), "{query} as {format}: {message}");
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
fn refusals_name_what_to_do() {
    let (_folder, _repository, snapshot) = snapshot();
    let check = |query: &str, expect: &str| {
        let message = answer(&snapshot, query, "json", &Limits::none()).expect_err(query).to_string();
        assert!(message.contains(expect), "{query}: {message}");
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
        other.join().expect("it is reported");
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

/// Nests a function so many times around a text.
fn nested(times: usize, before: &str, text: &str, after: &str) -> String {
    format!("{}{text}{}", before.repeat(times), after.repeat(times))
}

#[test]
fn texts_are_bounded_inside_of_expressions() {
    let (_folder, _repository, snapshot) = snapshot();
    let check = |expression: &str| {
        let query = format!("SELECT (STRLEN({expression}) AS ?n) {{}}");
        assert!(matches!(stopped(&snapshot, &query, &Limits::none()), Error::Text(_)), "{query}");
    };
    check(&nested(9, "REPLACE(", "'xxxxxxxx'", ", 'x', 'xxxxxxxx')"));
    let thousand = format!("'{}'", "x".repeat(1 << 10));
    check(&nested(12, "REPLACE(", &thousand, ", '(.*)', '$1$1', 's')"));
    check(&format!(
        "REPLACE({}, '^', 'x')",
        nested(20, "CONCAT(", "'x'", ", 'x')").replace("'x'", &"'x'".replace('x', &"x".repeat(1 << 17)))
    ));
    let large = format!("'{}'", "x".repeat(1 << 19));
    check(&format!("REPLACE({large}, 'x', 'xyz')"));
    check(&format!("REPLACE({large}, '.*', '$0$0$0$0$0$0$0$0$0$0', 's')"));
    check(&format!("CONCAT({})", vec![large.as_str(); 40].join(", ")));
    check(&format!("ENCODE_FOR_URI('{}')", "%".repeat(500_000)));
    check(&format!("UCASE('{}')", "\u{149}".repeat(500_000)));
    let deep = format!("ASK {{ FILTER({} = 'x') }}", nested(40, "UCASE(", "'x'", ")"));
    assert!(matches!(stopped(&snapshot, &deep, &Limits::none()), Error::Complex(_)));
    // A collection joins two patterns for each of its items; within EXISTS as well.
    let items = "1 ".repeat(100);
    for pattern in [format!("?s ?p ({items})"), format!("FILTER EXISTS {{ ?s ?p ({items}) }}")] {
        let refused = stopped(&snapshot, &format!("ASK {{ {pattern} }}"), &Limits::none());
        assert!(matches!(refused, Error::Complex(_)), "{refused}");
    }
}

/// What holds texts or rows in places that hold no terms.
#[test]
fn aggregates_and_templates_are_bounded() {
    let (_folder, _repository, snapshot) = snapshot();
    let product = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i";
    let limits = Limits { terms: 50_000, ..Limits::none() };
    let check = |query: &str| {
        let error = stopped(&snapshot, query, &limits);
        assert!(matches!(error, Error::Memory | Error::Text(_)), "{query}: {error}");
    };
    let pair = "CONCAT(STR(?a), STR(?d), STR(?g))";
    check(&format!("SELECT (GROUP_CONCAT(?c) AS ?x) {{ {product} }}"));
    check(&format!("SELECT (GROUP_CONCAT({pair}) AS ?x) {{ {product} }} GROUP BY ?b"));
    for distinct in ["GROUP_CONCAT", "COUNT", "SUM", "AVG", "MIN", "SAMPLE"] {
        check(&format!("SELECT ({distinct}(DISTINCT {pair}) AS ?x) {{ {product} }}"));
    }
    check(&format!("SELECT (COUNT(DISTINCT ?p) AS ?x) {{ {product} BIND({pair} AS ?p) }}"));
    check(&format!("SELECT (MAX({pair}) AS ?x) (MIN({pair}) AS ?y) {{ {product} }} GROUP BY ?a ?d ?g"));
    check(&format!("SELECT (COUNT(*) AS ?x) {{ {product} }} GROUP BY ?a ?d ?g"));
    check(&format!("SELECT (COUNT(*) AS ?x) {{ {product} }} GROUP BY ({pair} AS ?p)"));
    check(&format!(
        "SELECT (COUNT(?x) AS ?y) {{ SELECT (GROUP_CONCAT(?c) AS ?x) {{ {product} }} GROUP BY ?a ?d ?g }}"
    ));
    check(&format!("SELECT * {{ {product} BIND({pair} AS ?p) }} ORDER BY ?p"));
    check("CONSTRUCT { ?a ?e ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }");
    // Wide rows, of which little is bound.
    let unbound: String = (0..150).map(|at| format!("BIND(?none + {at} AS ?x{at}) ")).collect();
    check(&format!("SELECT * {{ ?a ?b ?c . ?d ?e ?f . {unbound} }} ORDER BY ?c"));
}

/// Rows that bind nothing: nothing of them would be counted.
#[test]
fn rows_without_terms_are_counted() {
    let (_folder, _repository, snapshot) = snapshot();
    let empty = format!("VALUES () {{ {} }} ", "() ".repeat(50));
    let undefined = format!("VALUES ?x {{ {} }} ", "UNDEF ".repeat(50));
    let projected = "{ SELECT ?none { ?a ?b ?c } } ";
    for rows in [
        &empty,
        &undefined,
        projected,
        "{ {} UNION {} UNION {} } ",
        "{ { OPTIONAL { ?x <urn:p> ?y } } UNION { } } ",
    ] {
        let rows = rows.repeat(22);
        let limits = Limits { time: Duration::from_millis(30), ..Limits::none() };
        let query = format!("SELECT (COUNT(*) AS ?n) {{ {rows} }}");
        assert!(matches!(stopped(&snapshot, &query, &limits), Error::Late(_)), "{query}");
        let limits = Limits { terms: 50_000, ..Limits::none() };
        let query = format!("SELECT * {{ {rows} }} ORDER BY ?x");
        assert!(matches!(stopped(&snapshot, &query, &limits), Error::Memory), "{query}");
    }
}

#[test]
fn regular_expressions_fit_their_texts() {
    let (_folder, _repository, snapshot) = snapshot();
    let text = format!("'{}'", "01".repeat(1 << 18));
    let check = |expression: &str| {
        let query = format!("SELECT ({expression} AS ?n) {{}}");
        assert!(matches!(stopped(&snapshot, &query, &Limits::none()), Error::Pattern(_)), "{query:.80}");
    };
    check(&format!("REGEX({text}, '[01]*1[01]{{2000}}$')"));
    check(&format!("STRLEN(REPLACE({text}, '[01]*1[01]{{2000}}$', ''))"));
}

/// Rewritten functions answer as the evaluator's own do.
#[test]
fn rewritten_functions_answer_alike() {
    let (_folder, _repository, snapshot) = snapshot();
    let values = [
        "CONCAT('a', 'b'@en)",
        "CONCAT('a'@en, 'b'@en, 'c'@en)",
        "CONCAT('a'@en, 'b'@de, 'c'@de)",
        "CONCAT('a', 1)",
        "CONCAT()",
        "CONCAT('a'@en)",
        "CONCAT('a', 'b', 'c', 'd', 'e')",
        "CONCAT('a', ?none)",
        "REPLACE('abab'@en, 'b', 'Z')",
        "REPLACE('abAB', 'b', 'Z', 'i')",
        "REPLACE('abc', '(.)(.)', '$2$1-$$-${1}x')",
        "REPLACE('abc', 'x', 'y')",
        "REPLACE('a.c', '.', 'y', 'q')",
        "REPLACE('abc', '(', 'y')",
        "REPLACE('abc', 'b', 'y', 'w')",
        "REPLACE('abc', 'b'@en, 'y')",
        "REPLACE(1, '1', 'y')",
        "REPLACE('', '', 'x')",
        "REPLACE('aé', '', '-')",
        "REGEX('Abc', '^a')",
        "REGEX('Abc', '^a', 'i')",
        "REGEX('abc'@en, 'B')",
        "REGEX('a\\nb', 'a.b', 's')",
        "REGEX('abc', '[')",
        "REGEX(<urn:a>, 'a')",
        "REGEX('abc', 'a', 'z')",
        "UCASE('straße'@de)",
        "LCASE('ÄB')",
        "UCASE(1)",
        "ENCODE_FOR_URI('a b/é%'@en)",
        "STRLEN(UCASE('ß'))",
    ];
    for value in values {
        let text = format!("SELECT ({value} AS ?x) {{}}");
        let parsed = SparqlParser::new().parse_query(&text).expect("a query");
        let dataset = oxigraph::model::Dataset::new();
        let QueryResults::Solutions(plain) =
            evaluator().for_query(parsed).on_queryable_dataset(&dataset).execute().expect("an answer")
        else {
            panic!("solutions")
        };
        let plain: Vec<_> = plain.map(|row| row.expect("a row").get("x").map(ToString::to_string)).collect();
        let query = Query::read(text).expect("a query");
        let ours = snapshot.query(&query, &Limits::none(), |results| {
            let QueryResults::Solutions(rows) = results else { panic!("solutions") };
            Ok(rows.map(|row| row.expect("a row").get("x").map(ToString::to_string)).collect::<Vec<_>>())
        });
        assert_eq!(ours.expect("an answer"), plain, "{value}");
    }
}

/// Aggregates answer as before with a meter beside each.
#[test]
fn metered_aggregates_answer_alike() {
    let (_folder, _repository, snapshot) = snapshot();
    let check = |query: &str, expect: &str| {
        let query = format!("BASE <https://example.org/> {query}");
        assert_eq!(answer(&snapshot, &query, "csv", &Limits::none()).expect("an answer"), expect, "{query}");
    };
    let few = "?s <p/number> ?n FILTER(?n < 4)";
    check(
        &format!(
            "SELECT (GROUP_CONCAT(STR(?n)) AS ?x) (COUNT(DISTINCT ?n / 2) AS ?y) (SUM(DISTINCT FLOOR(?n / 2)) AS ?z) {{ {few} }}"
        ),
        "x,y,z\r\n0 1 2 3,4,1.0\r\n",
    );
    check(
        &format!(
            "SELECT (GROUP_CONCAT(DISTINCT STR(FLOOR(?n / 2)); SEPARATOR='') AS ?x) (MAX(?n) AS ?y) (SAMPLE(1) AS ?z) {{ {few} }}"
        ),
        "x,y,z\r\n01,3,1\r\n",
    );
    check("SELECT (COUNT(*) AS ?x) { VALUES () { () () } { {} UNION {} } }", "x\r\n4\r\n");
    check("SELECT * { VALUES ?x { UNDEF 1 } { SELECT ?y { } } }", "x,y\r\n,\r\n1,\r\n");
    check("SELECT DISTINCT * { { {} UNION {} } { SELECT ?y { ?a <p/next> ?b } } }", "y\r\n\r\n");
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
