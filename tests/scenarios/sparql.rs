//! `/sparql` as clients of the SPARQL 1.1 Protocol see it.

use super::world::{Answer, PUMP, World, request};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const SITES: &str =
    "PREFIX tl: <https://w3id.org/throughline#> SELECT ?unit ?site { ?unit tl:site ?site } ORDER BY ?site";

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn get(address: SocketAddr, parameters: &str, accept: &str) -> Answer {
    request(address, "GET", &format!("/sparql?{parameters}"), &[("accept", accept)], b"")
}

fn ask(address: SocketAddr, query: &str, accept: &str) -> Answer {
    get(address, &format!("query={}", encoded(query)), accept)
}

fn post(address: SocketAddr, url: &str, content: &str, body: &str) -> Answer {
    let headers = [("content-type", content), ("accept", "text/csv")];
    request(address, "POST", &format!("/sparql{url}"), &headers, body.as_bytes())
}

fn world() -> World {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world
}

#[test]
fn three_ways_to_ask() {
    let world = world();
    let head = world.app.snapshot("main").expect("main").commit().id.to_string();
    world.served(|address| {
        let sites = "unit,site\r\nhttps://test.example/unit/P-2,Bergen\r\nhttps://test.example/unit/P-1,Rotterdam\r\n";
        let form = format!("query={}", encoded(SITES));
        for answer in [
            ask(address, SITES, "text/csv"),
            post(address, "", "application/x-www-form-urlencoded", &form),
            post(address, "", "Application/SPARQL-query; charset=\"UTF-8\"", SITES),
            post(address, "?version=main", "application/sparql-query", SITES),
        ] {
            assert_eq!((answer.status, answer.body.as_str()), (200, sites));
            assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
            assert_eq!(answer.header("throughline-commit"), Some(head.as_str()));
            assert!(answer.complete);
        }
        let head_only = request(address, "HEAD", &format!("/sparql?{form}"), &[], b"");
        assert_eq!((head_only.status, head_only.body.as_str()), (200, ""));
    });
}

#[test]
fn formats_are_negotiated() {
    let world = world();
    world.served(|address| {
        let check = |query: &str, accept: &str, media_type: &str| {
            let answer = ask(address, query, accept);
            assert_eq!(answer.status, 200, "{accept}: {}", answer.body);
            assert_eq!(
                answer.header("content-type").and_then(|value| value.split(';').next()),
                Some(media_type),
                "{accept}"
            );
            assert!(!answer.body.is_empty() && answer.complete);
        };
        for media_type in [
            "application/sparql-results+json",
            "application/sparql-results+xml",
            "text/csv",
            "text/tab-separated-values",
        ] {
            check(SITES, media_type, media_type);
            check("ASK { ?s ?p ?o }", media_type, media_type);
        }
        for media_type in
            ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]
        {
            check("DESCRIBE <https://test.example/REQ-1>", media_type, media_type);
            check("CONSTRUCT WHERE { ?s ?p ?o }", media_type, media_type);
        }
        check(SITES, "*/*", "application/sparql-results+json");
        check(SITES, "application/json", "application/sparql-results+json");
        check(
            SITES,
            "text/csv;q=0.4, application/sparql-results+xml;q=0.5, text/html",
            "application/sparql-results+xml",
        );
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        check(SITES, browser, "application/sparql-results+xml");
        let refused = ask(address, SITES, "text/html, text/turtle");
        assert_eq!(refused.status, 406);
        assert!(
            refused
                .body
                .contains("application/sparql-results+json, application/sparql-results+xml, text/csv"),
            "{}",
            refused.body
        );
        assert_eq!(
            ask(address, "ASK { ?s ?p ?o }", "application/sparql-results+json").json(),
            json!({ "head": {}, "boolean": true })
        );
    });
}

#[test]
fn every_name_of_a_version() {
    let world = world();
    let before = world.app.snapshot("main").expect("main").commit().id.to_string();
    world.app.tag("PDR", "main", "review").expect("a tag");
    world.import("pump", &PUMP.replace("Rotterdam", "Gdańsk")).expect("an import");
    world.served(|address| {
        let check = |version: &str, expect: &str| {
            let parameters = format!("query={}&version={}", encoded(SITES), encoded(version));
            let answer = get(address, &parameters, "text/csv");
            assert_eq!(answer.status, 200, "{version}: {}", answer.body);
            assert!(answer.body.contains(expect), "{version}: {}", answer.body);
            answer.header("throughline-commit").expect("a commit").to_owned()
        };
        assert_eq!(check("PDR", "Rotterdam"), before);
        assert_eq!(check(&before, "Rotterdam"), before);
        assert_eq!(check(&before[..12], "Rotterdam"), before);
        assert_ne!(check("main", "Gdańsk"), before);
        check("import/pump", "Gdańsk");
        check("2030-01-01T00:00:00Z", "Gdańsk");
        let unknown = get(address, &format!("query={}&version=nothing", encoded(SITES)), "text/csv");
        assert_eq!(unknown.status, 404);
        assert!(unknown.body.contains("no version is called \"nothing\""), "{}", unknown.body);
    });
}

#[test]
fn what_is_refused_and_why() {
    let world = world();
    let heads = || world.app.repository().branches().expect("branches");
    let before = heads();
    world.served(|address| {
        let check = |answer: Answer, status: u16, expect: &str| {
            assert_eq!(answer.status, status, "{}", answer.body);
            assert!(answer.body.contains(expect), "{}", answer.body);
            assert!(answer.header("content-type").is_some_and(|value| value.starts_with("text/plain")));
        };
        let form = "application/x-www-form-urlencoded";
        let query = format!("query={}", encoded(SITES));
        check(get(address, "", "*/*"), 400, "the parameter query is missing");
        check(get(address, &format!("{query}&{query}"), "*/*"), 400, "query is given twice");
        check(
            get(address, &format!("{query}&version=main&version=main"), "*/*"),
            400,
            "version is given twice",
        );
        check(
            get(address, &format!("{query}&default-graph-uri=urn:g"), "*/*"),
            400,
            "default-graph-uri is not supported",
        );
        check(get(address, &format!("{query}&named-graph-uri=urn:g"), "*/*"), 400, "one graph");
        check(get(address, "query=%ff", "*/*"), 400, "not UTF-8");
        check(get(address, "update=CLEAR+ALL", "*/*"), 403, "only reads");
        check(post(address, "", form, "update=CLEAR+ALL"), 403, "only reads");
        check(post(address, "", "application/sparql-update", "CLEAR ALL"), 403, "only reads");
        check(post(address, "", "application/sparql-query", "CLEAR ALL"), 400, "only reads");
        check(
            post(address, "", "application/sparql-query", "LOAD <http://test.example/x>"),
            400,
            "only reads",
        );
        check(post(address, &format!("?{query}"), "application/sparql-query", SITES), 400, "two queries");
        check(post(address, &format!("?{query}"), form, &query), 400, "query is given twice");
        check(post(address, "", "application/sparql-query; charset=latin1", SITES), 415, "latin1");
        check(post(address, "", "application/json", "{}"), 415, "application/sparql-query");
        check(
            ask(address, "SELECT ?x { ?x tl:site ", "*/*"),
            400,
            "PREFIX tl: <https://w3id.org/throughline#>",
        );
        check(
            ask(address, "SELECT * { SERVICE SILENT <http://localhost/> { ?s ?p ?o } }", "*/*"),
            400,
            "SERVICE",
        );
        check(
            ask(address, "SELECT * FROM <http://test.example/g> { ?s ?p ?o }", "*/*"),
            400,
            "a version has one graph, which has no name",
        );
        check(ask(address, &format!("ASK {}", "{".repeat(5000)), "*/*"), 400, "too complex");
        let huge = "a".repeat(5 << 20);
        assert_eq!(post(address, "", "application/sparql-query", &huge).status, 413);
        assert_eq!(request(address, "PUT", "/sparql", &[], b"").status, 405);
    });
    assert_eq!(heads(), before);
}

#[test]
fn an_answer_that_fails_half_way_is_broken_off() {
    let world = world();
    world.served(|address| {
        let mut long = "BIND('0123456789abcdef' AS ?x0)".to_owned();
        for at in 1..20 {
            long.push_str(&format!(" BIND(CONCAT(?x{0}, ?x{0}) AS ?x{at})", at - 1));
        }
        let rows = "{ ?a ?b ?c . ?d ?e ?f }";
        let late = ask(address, &format!("SELECT ?a ?x19 {{ {rows} UNION {{ {long} }} }}"), "text/csv");
        assert!(!late.complete && matches!(late.status, 0 | 200), "{}", late.head);
        let early = ask(address, &format!("SELECT ?x19 {{ {long} }}"), "text/csv");
        assert_eq!(early.status, 422);
        assert!(early.body.contains("computed a text longer than"), "{}", early.body);
    });
}

/// A client that goes away ends its evaluation: else these would hold every place for half a minute each.
#[test]
fn evaluations_end_with_their_clients() {
    let world = world();
    world.served(|address| {
        let endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }";
        let target = format!("/sparql?query={}", encoded(endless));
        for _ in 0..16 {
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream
                .write_all(format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes())
                .expect("sent");
            // Long enough for the service to have taken the request; where it has not, nothing is lost.
            stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a time-out");
            assert!(stream.read(&mut [0; 1]).is_err(), "no answer yet");
        }
        assert_eq!(ask(address, SITES, "text/csv").status, 200);
    });
}

/// As many clients as there are places leave long answers unread. What is quick is answered all the same; what is not, once they
/// have disconnected.
#[test]
fn a_quick_query_does_not_wait_for_slow_ones() {
    let world = world();
    let rows = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }";
    world.served(|address| {
        let places = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let unread = || {
            let mut stream = TcpStream::connect(address).expect("a connection");
            let target = format!("/sparql?query={}", encoded(rows));
            let head = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\naccept: text/csv\r\n\r\n");
            stream.set_read_timeout(Some(Duration::from_secs(180))).expect("a time-out");
            stream.write_all(head.as_bytes()).expect("sent");
            stream.read_exact(&mut [0; 64]).expect("the answer begins");
            stream
        };
        let slow: Vec<TcpStream> = (0..places).map(|_| unread()).collect();
        for _ in 0..3 {
            let quick = ask(address, SITES, "text/csv");
            assert_eq!((quick.status, quick.body.lines().count()), (200, 3), "{}", quick.body);
            assert!(quick.header("throughline-commit").is_some());
        }
        assert_eq!(ask(address, "ASK { ?s ", "*/*").status, 400);
        let long = format!("{rows} LIMIT 20000");
        std::thread::scope(|scope| {
            let long = scope.spawn(|| ask(address, &long, "text/csv"));
            assert_eq!(ask(address, "ASK { ?s ?p ?o }", "text/csv").status, 200);
            drop(slow);
            let long = long.join().expect("an answer");
            assert!(long.complete, "{}", long.head);
            assert_eq!((long.status, long.body.lines().count()), (200, 20_001));
        });
    });
}
