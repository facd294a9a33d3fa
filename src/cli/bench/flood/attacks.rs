//! The kinds of requests, each of which once stopped the service or took all memory.

use super::Failure;
use crate::cli::bench::requests::{graphql, graphql_body, post, sparql};
use serde_json::{Value as Json, json};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// How many clients send each request at once.
const CLIENTS: usize = 64;
/// How many clients hold connections open.
const HOLDERS: usize = 1100;
/// Branches to merge.
const BRANCHES: usize = 8;

/// One kind of request.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) clients: usize,
    pub(super) kind: Payload,
    /// How all answers begin.
    pub(super) expect: &'static [&'static str],
}

impl Attack {
    /// Makes the request of a client by its number; empty where it sends messages over a WebSocket.
    pub(super) fn request(&self, number: usize) -> Vec<u8> {
        match &self.kind {
            Payload::Requests(request, _) => request(number),
            Payload::Sockets(..) => Vec::new(),
        }
    }
}

/// Makes the request of a client by its number.
type Request = Box<dyn Fn(usize) -> Vec<u8> + Send + Sync>;

/// What a client sends.
pub(super) enum Payload {
    Requests(Request, Reads),
    /// Messages over a WebSocket, and whether the client reads.
    Sockets(Vec<String>, bool),
}

/// What a client reads.
#[derive(Clone, Copy)]
pub(super) enum Reads {
    All,
    /// The first byte at the most.
    Little,
    /// Nothing; it sends more bytes now and then.
    Drips,
}

const WINDOW: &str = "window: { from: \"2000-01-01T00:00:00Z\", to: \"2100-01-01T00:00:00Z\" }";
const BUSY: &[&str] = &["200", "503", "closed"];

/// Makes all kinds.
pub(super) fn attacks() -> io::Result<Vec<Attack>> {
    Ok([
        of_queries(),
        of_sparql(),
        of_samples()?,
        of_strangers(),
        of_slow_clients(),
        of_sockets(),
        of_changes(),
    ]
    .into_iter()
    .flatten()
    .collect())
}

fn attack(name: &'static str, request: Vec<u8>, reads: Reads, expect: &'static [&'static str]) -> Attack {
    let kind = Payload::Requests(Box::new(move |_| request.clone()), reads);
    Attack { name, clients: CLIENTS, kind, expect }
}

fn of_queries() -> Vec<Attack> {
    let bomb = |depth: usize| {
        let (open, close) = ("possibleTypes{interfaces{".repeat(depth), "}}".repeat(depth));
        graphql(&format!("{{ __type(name: \"Node\") {{ {open} name {close} }} }}"))
    };
    let deep = format!(
        "{{ thread {{ twinInstances(first: 1000) {{ nodes {{ {} id {} }} }} }} }}",
        "latest{twin{".repeat(11),
        "}}".repeat(11)
    );
    let samples = graphql(&samples());
    let large: Vec<_> = (0..200_000).map(|at| json!({ "putPart": { "id": format!("p/{at}") } })).collect();
    let variables = graphql_body(&json!({ "query": "{ __typename }", "variables": { "large": large } }));
    vec![
        attack("introspection, possibleTypes{interfaces{ four deep", bomb(4), Reads::All, &["400"]),
        attack("introspection, possibleTypes{interfaces{ five deep", bomb(5), Reads::All, &["400"]),
        attack("latest{twin{ eleven deep", graphql(&deep), Reads::All, &["400"]),
        attack("all samples of 1,000 units", samples.clone(), Reads::All, BUSY),
        attack("all samples of 1,000 units, unread", samples, Reads::Little, &["kept open", "closed"]),
        attack(
            "a query with 200,000 objects in its variables",
            variables,
            Reads::All,
            &["200", "413", "503", "closed"],
        ),
        attack(
            "a default of an unknown type",
            graphql("query($x: [Foo] = [1]) { __typename }"),
            Reads::All,
            &["400"],
        ),
        attack(
            "a list as the request",
            graphql_body(&json!(["{__typename}", null, null, null])),
            Reads::All,
            &["400"],
        ),
    ]
}

fn samples() -> String {
    format!(
        "{{ thread {{ twinInstances(first: 1000) {{ nodes {{ telemetry({WINDOW}, limit: 100000) {{ samples {{ at value }} }} }} }} }} }}"
    )
}

fn of_sparql() -> Vec<Attack> {
    let nested = format!(
        "{}'a'{}",
        "REPLACE(".repeat(9),
        ", 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')".repeat(9)
    );
    let replace = sparql(&format!("SELECT (STRLEN({nested}) AS ?n) {{}}"));
    let concat = sparql("SELECT (GROUP_CONCAT(CONCAT(STR(?c), STR(?f))) AS ?t) { ?a ?b ?c . ?d ?e ?f }");
    let count = sparql("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }");
    let construct = sparql("CONSTRUCT { ?a ?b ?f } WHERE { ?a ?b ?c . ?d ?e ?f }");
    let values = format!("SELECT * {{ VALUES ?x {{ {} }} }}", "1 ".repeat((4 << 20) / 2 - 100));
    let values =
        post("/sparql", "content-type: application/sparql-query\r\n", values.as_bytes(), values.len());
    let refused = &["422", "503", "400"];
    vec![
        attack("SPARQL, nested REPLACE", replace, Reads::All, refused),
        attack("SPARQL, GROUP_CONCAT over a product", concat, Reads::All, refused),
        attack("SPARQL, count of a product", count, Reads::All, refused),
        attack("SPARQL, CONSTRUCT of a product", construct.clone(), Reads::All, BUSY),
        attack("SPARQL, CONSTRUCT of a product, unread", construct, Reads::Little, &["kept open", "closed"]),
        attack("SPARQL, 4 MB of VALUES", values, Reads::All, &["200", "400", "422", "503"]),
    ]
}

fn of_samples() -> io::Result<Vec<Attack>> {
    let tag = "x".repeat(1 << 20);
    let long: String = (0..240).map(|at| format!("m,twin=t{at},tag={tag} v=1 1\n")).collect();
    let long = packed_post(&packed(long.as_bytes(), 1)?);
    let bad = packed_post(&packed(&b"x\n".repeat(1 << 19), 240)?);
    let good = packed_post(&packed(&b"m,twin=flood v=1 1\n".repeat(1 << 16), 200)?);
    let known = &["204", "400", "503"];
    let fresh = move |number: usize| {
        let lines: String = (0..10_000).map(|at| format!("m,twin=n{number}-{at} v=1 1\n")).collect();
        packed_post(&packed(lines.as_bytes(), 1).unwrap_or_default())
    };
    let fresh = Payload::Requests(Box::new(fresh), Reads::All);
    let half = vec![b'x'; 8 << 20];
    let half = post("/write", "", &half, half.len() + 1);
    Ok(vec![
        attack("gzip of 240 lines with tags of 1 MiB", long, Reads::All, &["400", "503"]),
        attack("gzip of 240 MiB of bad lines", bad, Reads::All, &["400", "503"]),
        attack("gzip of 250 MB of good lines", good, Reads::All, known),
        Attack { name: "10,000 new series", clients: CLIENTS, kind: fresh, expect: known },
        attack("bodies 8 MiB long, one byte short", half, Reads::Little, &["closed", "kept open"]),
    ])
}

fn of_strangers() -> Vec<Attack> {
    let line = b"pump,twin=P-001 bearing_temperature=4136";
    let foreign = |header: &str| post("/write", header, line, line.len());
    let host =
        "GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    let forged = "mutation { commit(input: { message: \"x\", changes: [{ putDesignReview: { id: \"review/DR-1\", title: \"x\" } }] }) { changed } }";
    vec![
        attack(
            "a sample sent by a page of another site",
            foreign("origin: https://evil.example\r\n"),
            Reads::All,
            &["403"],
        ),
        attack("a query to another host", host.as_bytes().to_vec(), Reads::All, &["421"]),
        attack("a decision that no review made", graphql(forged), Reads::All, &["200 ", "400"]),
    ]
}

fn of_slow_clients() -> Vec<Attack> {
    let hold = |name, bytes: &[u8], reads, expect| Attack {
        clients: HOLDERS,
        ..attack(name, bytes.to_vec(), reads, expect)
    };
    let half_head = b"GET / HTTP/1.1\r\nhost: a";
    let half_body = post("/write", "", b"m", 1000);
    let open = &["closed", "kept open", "408"];
    vec![
        hold("silent connections", b"", Reads::Little, open),
        hold("half heads", half_head, Reads::Little, open),
        hold("heads, a byte each 0.9 s", half_head, Reads::Drips, open),
        hold("bodies, a byte each 0.9 s", &half_body, Reads::Drips, open),
    ]
}

fn of_sockets() -> Vec<Attack> {
    let init = r#"{"type":"connection_init"}"#.to_owned();
    let subscribe = |query: &str| {
        let message = |id: usize| {
            json!({ "type": "subscribe", "id": id.to_string(), "payload": { "query": query } }).to_string()
        };
        [init.clone()].into_iter().chain((0..100).map(message)).collect::<Vec<_>>()
    };
    let margins = "subscription { margins(requirement: \"requirement/REQ-11\", window: \"P700D\", below: 1000.0) { __typename } }";
    let readings = "subscription { readings(twins: [\"pump/P-001\"]) { lagged: laggedCount readings { at value property { title } } } }";
    let sockets = |name, clients, messages, reads| Attack {
        name,
        clients,
        kind: Payload::Sockets(messages, reads),
        expect: &["101", "503", "closed"],
    };
    vec![
        sockets("WebSockets that send nothing", HOLDERS, Vec::new(), true),
        sockets("WebSockets with 100 subscriptions to margins", CLIENTS, subscribe(margins), true),
        sockets("WebSockets with 100 subscriptions to readings, unread", CLIENTS, subscribe(readings), false),
        sockets("WebSockets with 100 queries for all samples, unread", CLIENTS, subscribe(&samples()), false),
    ]
}

fn of_changes() -> Vec<Attack> {
    let of = |name, request: Request| Attack {
        name,
        clients: CLIENTS,
        kind: Payload::Requests(request, Reads::All),
        expect: &["200", "503 TIMEOUT NOT_COMMITTED", "503 TIMEOUT UNKNOWN", "503 UNAVAILABLE", "closed"],
    };
    let merge = |number: usize| {
        graphql(&format!(
            "mutation {{ merge(input: {{ source: \"flood-{}\" }}) {{ changed }} }}",
            number % BRANCHES
        ))
    };
    vec![
        of("merges of 1,000 parts", Box::new(merge)),
        of("commits of 10,000 statements", Box::new(|number| commit(&format!("c{number}"), "main", 3_333))),
        of("commits of 10,000 parts with one identifier", Box::new(|number| graphql_body(&alike(number)))),
        of(
            "commits of 170,000 parts, too many for their time",
            Box::new(|number| commit(&format!("l{number}"), "main", 170_000)),
        ),
    ]
}

/// Makes branches to merge.
pub(super) fn prepare(address: SocketAddr) -> Result<(), Failure> {
    for number in 0..BRANCHES {
        let branch = format!("flood-{number}");
        let made = graphql(&format!(
            "mutation {{ createBranch(input: {{ name: \"{branch}\" }}) {{ branch {{ name }} }} }}"
        ));
        for request in [made, commit(&branch, &branch, 1_000)] {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(&request)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            if !answer.starts_with("HTTP/1.1 200") || answer.contains("\"errors\"") {
                return Err(answer.into());
            }
        }
    }
    Ok(())
}

/// Makes a commit of so many parts, each three statements, whose ids begin with a word.
fn commit(word: &str, branch: &str, parts: usize) -> Vec<u8> {
    let part = |at: usize| json!({ "putPart": { "id": format!("{word}/{at}"), "identifier": format!("{word}-{at}"), "title": "p" } });
    let changes: Vec<Json> = (0..parts).map(part).collect();
    let query = "mutation($b: String!, $c: [Change!]!) { commit(input: { branch: $b, message: \"m\", changes: $c }) { changed } }";
    graphql_body(&json!({ "query": query, "variables": { "b": branch, "c": changes } }))
}

/// Makes a commit of parts that all have one identifier, which no two may have.
fn alike(number: usize) -> Json {
    let part = |at: usize| json!({ "putPart": { "id": format!("a{number}/{at}"), "identifier": "alike" } });
    let changes: Vec<Json> = (0..10_000).map(part).collect();
    let query = "mutation($c: [Change!]!) { commit(input: { message: \"m\", changes: $c }) { changed } }";
    json!({ "query": query, "variables": { "c": changes } })
}

/// Packs some bytes so many times over.
fn packed(bytes: &[u8], times: usize) -> io::Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    (0..times).try_for_each(|_| packed.write_all(bytes))?;
    packed.finish()
}

fn packed_post(packed: &[u8]) -> Vec<u8> {
    post("/write", "content-encoding: gzip\r\n", packed, packed.len())
}
