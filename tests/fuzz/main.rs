//! Parsers that face the network or a file, under inputs that nobody meant: a small corpus of each, mutated by a generator of its own, so that
//! a failure comes again with the same number. Nothing may panic, and what is refused is refused with a reason.
//!
//! A run takes a fixed number of inputs; `THROUGHLINE_FUZZ_SECONDS=600 cargo test --test fuzz` takes as many as there is time for, of each target.

mod mutator;

use mutator::Mutator;
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use throughline::app::access::{Access, AccessSettings, Credentials, JwtSettings};
use throughline::app::{App, Sources};
use throughline::exchange::rdf::{self, Format};
use throughline::exchange::samples::influxql;
use throughline::exchange::table::{self, Mapping};
use throughline::graph::read::sparql::{Form, Format as AnswerFormat, Limits, Query};
use throughline::graphql::{Manner, Service};
use throughline::model::sync::cancellation::Cancellation;
use throughline::model::time::clock::FixedClock;
use throughline::model::time::instant::Instant as Time;
use throughline::ontology::Ontology;
use throughline::telemetry::Precision;

const BASE: &str = "https://plant.example/";
/// How many inputs of each target there are in a run of all tests.
const INPUTS: u64 = 200;

/// Tries inputs until there were enough, or for the time that the environment gives.
fn fuzz(corpus: &[&[u8]], mut target: impl FnMut(&[u8])) {
    let seconds = std::env::var("THROUGHLINE_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut number = 0;
    while end.map_or(number < INPUTS, |end| Instant::now() < end) {
        let input = Mutator::new(number).input(corpus);
        if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
            panic!("input {number} panics: {}", String::from_utf8_lossy(&input));
        }
        number += 1;
    }
    if end.is_some() {
        eprintln!("{number} inputs");
    }
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(Time::from_seconds(1_767_225_600)))
}

fn app(folder: &Path) -> Arc<App> {
    Arc::new(App::init(folder, &[], BASE, clock()).expect("a thread"))
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).expect("a fixture")
}

#[test]
fn rdf_in_every_syntax() {
    let json = br#"{"@context": {"tl": "https://w3id.org/throughline#"}, "@id": "p", "@type": "tl:Part", "tl:x": [{"@value": 1.5}]}"#;
    let xml = br#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://a.example/"><rdf:Description rdf:about="p"><a:b rdf:datatype="http://a.example/t">1</a:b></rdf:Description></rdf:RDF>"#;
    let triples = b"<http://a.example/p> <http://a.example/b> \"x\\u00e4\"@en .\n_:b <http://a.example/b> <http://a.example/p> .\n";
    for (format, text) in [
        (Format::Turtle, file("design.ttl")),
        (Format::JsonLd, json.to_vec()),
        (Format::RdfXml, xml.to_vec()),
        (Format::NTriples, triples.to_vec()),
    ] {
        fuzz(&[&text], |input| {
            if let Err(error) = rdf::read(input, format, BASE, "input") {
                assert!(!error.to_string().is_empty());
            }
        });
    }
}

#[test]
fn tables_and_their_mappings() {
    let ontology = Ontology::read(Ontology::shipped_files().iter().copied()).expect("the ontology");
    let (mapping, csv) = (file("builds.toml"), file("builds.csv"));
    let text = String::from_utf8(mapping.clone()).expect("text");
    let good = Mapping::parse(&text, "builds.toml").expect("a mapping");
    fuzz(&[&csv, b"a;b\r\n\"1\";2\r\n", b"\xff\xfea\0,\0b\0"], |input| {
        drop(table::read(&good, input, "input", BASE, &ontology));
    });
    fuzz(&[&mapping, &file("swaps.toml")], |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        if let Ok(mapping) = Mapping::parse(text, "input") {
            drop(table::read(&mapping, csv.as_slice(), "builds.csv", BASE, &ontology));
        }
    });
}

#[test]
fn line_protocol() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path());
    let corpus: [&[u8]; 3] = [
        b"pump,twin=P-1,site=a\\ b temp=91.5,n=3i,on=true,text=\"a, b\" 1704067200000000000\n# note\n",
        b"m,twin=\"x\" f=1e308,g=-0.0,h=18446744073709551615u -9223372036854775808\n",
        b"m,twin=P f=1\nm,twin=P f=1 1\r\n\n",
    ];
    fuzz(&corpus, |input| drop(app.ingest_lines(input, Precision::default())));
}

#[test]
fn influxql_queries() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path());
    app.ingest_lines(
        b"pump,twin=P-1 temp=1,load=2 1704067200000000000\npump,twin=P-2 temp=3 1704067260000000000\n",
        Precision::default(),
    )
    .expect("samples");
    let session = app.session(throughline::app::access::Principal::local());
    let parameters =
        serde_json::from_str(r#"{"x": 1.5, "t": "P-1", "b": true, "n": null}"#).expect("parameters");
    let corpus: [&[u8]; 4] = [
        b"SELECT mean(\"temp\") AS \"v\", derivative(max(load), 1s) / 2 FROM \"autogen\".\"pump\" WHERE (\"twin\"::tag =~ /^P-[12]$/ OR temp > $x) AND time >= 1704067200000ms and time <= now() GROUP BY time(10s, -2s), \"twin\", /x/ fill(previous) ORDER BY time DESC LIMIT 5 OFFSET 1 SLIMIT 2 tz('Europe/Berlin')",
        b"SHOW TAG VALUES ON throughline FROM /pump/ WITH KEY IN (\"twin\", \"revision\") WHERE \"site\" != 'x' LIMIT 3; SHOW SERIES EXACT CARDINALITY",
        b"SELECT *, temp * -1 FROM pump, throughline..\"p\\\"q\" WHERE time > '2024-01-01' + 1w -- all\n GROUP BY *",
        b"SELECT title FROM throughline_events WHERE kind = $t; SELECT moving_average(mean(*), 2), percentile(temp, 9e9) FROM pump GROUP BY time(9223372036854775807ns)",
    ];
    fuzz(&corpus, |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        match influxql::parse(text, &parameters) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(statements) => {
                let wanted = Cancellation::at(Instant::now() + Duration::from_secs(5));
                let answered = session.influxql(&statements, Some("throughline"), &wanted).expect("answers");
                assert_eq!(answered.len(), statements.len());
            }
        }
    });
}

#[test]
fn graphql_requests() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::new(app(folder.path())).expect("a schema");
    let corpus: [&[u8]; 4] = [
        br#"{"query": "query A($a: Boolean! = true) { thread { base parts(first: 2) { nodes { id ...F @include(if: $a) } } } } fragment F on Part { title }", "variables": {"a": false}}"#,
        br#"{"query": "{ __schema { types { name fields { name args { defaultValue } } } } }", "operationName": null}"#,
        br#"{"query": "mutation { commit(input: { message: \"m\", changes: [{ putPart: { id: \"p\", identifier: \"P\" } }] }) { changed } }"}"#,
        b"{\"query\": \"{ thread(at: \\\"main\\\") { requirement(id: \\\"\\\"\\\"R\\\"\\\"\\\") { title } } }\"}",
    ];
    fuzz(&corpus, |input| {
        let manner = Manner::accepting(None, false).expect("a media type");
        let answer = service.answer(input, manner);
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert!(answer.status != 500 && body["errors"][0]["extensions"]["code"] != "INTERNAL", "{body}");
    });
}

#[test]
fn sparql_queries() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path());
    let main = app.snapshot("main").expect("main");
    let corpus: [&[u8]; 3] = [
        b"PREFIX tl: <https://w3id.org/throughline#> SELECT ?p (COUNT(*) AS ?n) WHERE { ?p a tl:Part ; tl:x/tl:y* ?z . FILTER(?z > 1 && REGEX(STR(?p), \"a+\")) OPTIONAL { ?p ?q 'x'@en } } GROUP BY ?p ORDER BY ?n LIMIT 3",
        b"CONSTRUCT { ?a ?b ?c } WHERE { VALUES (?a ?b) { (<x> UNDEF) } ?a ?b ?c MINUS { ?a <y> 1.5e3 } }",
        b"ASK { BIND(REPLACE(\"abc\", \"b\", \"$0\") AS ?x) FILTER NOT EXISTS { SELECT * { ?s ?p ?o } } }",
    ];
    let limits = Limits::within(Duration::from_secs(5)).with_memory(50_000_000);
    fuzz(&corpus, |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let Ok(query) = Query::read(text.to_owned()) else { return };
        let format = match query.form() {
            Form::Select | Form::Ask => AnswerFormat::named("tsv").expect("a format"),
            form => AnswerFormat::of(form)[0],
        };
        drop(main.answer(&query, format, &limits, std::io::sink()));
    });
}

#[test]
fn settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let reference = throughline::app::settings_reference();
    let all = reference.replace("\n# ", "\n");
    let path = folder.path().join("throughline.toml");
    fuzz(&[reference.as_bytes(), all.as_bytes()], |input| {
        std::fs::write(&path, input).expect("a file");
        match Sources::default().read(folder.path()) {
            Ok(loaded) => drop(loaded.effective()),
            Err(error) => assert!(error.to_string().contains("throughline.toml"), "{error}"),
        }
    });
    let variables = b"THROUGHLINE_SERVER__HOSTS=[\"a\"]" as &[u8];
    std::fs::write(&path, "").expect("a file");
    fuzz(
        &[variables, b"THROUGHLINE_ACCESS__PROXY__ROLES={a = \"reader\"}", b"THROUGHLINE_ENOUGH__HOURS=1e9"],
        |input| {
            let text = String::from_utf8_lossy(input);
            let Some((name, value)) = text.split_once('=') else { return };
            drop(Sources::new(None, [(name.to_owned(), value.to_owned())]).read(folder.path()));
        },
    );
}

#[test]
fn json_web_tokens_and_their_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = br#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "use": "sig", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}, {"kty": "RSA", "kid": "b", "n": "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri", "e": "AQAB"}]}"#;
    std::fs::write(folder.path().join("keys.json"), keys).expect("a file");
    let text =
        "[access.jwt]\nissuer = 'i'\naudience = 'a'\nkeys = 'keys.json'\nalgorithms = ['EdDSA', 'RS256']\n";
    std::fs::write(folder.path().join("throughline.toml"), text).expect("a file");
    let settings = Sources::default().read(folder.path()).expect("settings").settings.access;
    let access = Access::open(folder.path(), settings.clone(), clock()).expect("access");
    let peer = std::net::IpAddr::from([127, 0, 0, 1]);
    let corpus: [&[u8]; 2] = [
        b"eyJhbGciOiJFZERTQSIsImtpZCI6ImEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJpIiwiYXVkIjoiYSIsInN1YiI6InUiLCJleHAiOjE3NjcyMjU3MDB9.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        b"tl_0123456789ab_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];
    fuzz(&corpus, |input| {
        let token = String::from_utf8_lossy(input);
        let let_in = access.authenticate(Credentials { token: Some(&token), user: None, peer });
        assert!(let_in.is_err(), "let in: {token}");
    });
    let settings: AccessSettings = settings;
    let jwt: JwtSettings = settings.jwt.clone().expect("an issuer");
    assert_eq!(jwt.leeway_seconds, 30);
    fuzz(&[keys.as_slice()], |input| {
        std::fs::write(folder.path().join("keys.json"), input).expect("a file");
        let access = Access::open(folder.path(), settings.clone(), clock()).expect("access");
        let token = std::str::from_utf8(corpus[0]).expect("text");
        assert!(access.authenticate(Credentials { token: Some(token), user: None, peer }).is_err());
    });
}

#[test]
fn parts_and_the_index_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path());
    app.ingest_lines(
        b"pump,twin=P-1 temp=91 1704067200\npump,twin=P-1 temp=70 1704070800",
        Precision::Seconds,
    )
    .expect("samples");
    app.seal().expect("a part");
    drop(app);
    let telemetry = folder.path().join("telemetry");
    let mut parts: Vec<_> = std::fs::read_dir(&telemetry)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    parts.retain(|path| {
        path.is_file() && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("part-"))
    });
    assert!(!parts.is_empty());
    for path in parts.into_iter().chain([folder.path().join("index.redb")]) {
        let sound = std::fs::read(&path).expect("a file");
        fuzz_some(&sound, |input| {
            std::fs::write(&path, input).expect("a file");
            drop(App::open(folder.path(), clock()));
            std::fs::write(&path, &sound).expect("a file");
        });
    }
}

/// Tries a tenth of the inputs, as each opens a whole thread.
fn fuzz_some(sound: &[u8], mut target: impl FnMut(&[u8])) {
    let mut number = 0_u64;
    fuzz(&[sound], |input| {
        number += 1;
        if number % 10 == 1 {
            target(input);
        }
    });
}
