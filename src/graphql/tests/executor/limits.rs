//! What a request may ask for: the sizes of answers, and what happens beyond them.

use crate::app::App;
use crate::graphql::query::Query;
use crate::graphql::service::{Manner, Service};
use crate::graphql::tests::Bench;
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// What graphql-js, and GraphiQL with it, asks a service for its whole schema.
const WHOLE_SCHEMA: &str = "
    query IntrospectionQuery {
      __schema {
        description
        queryType { name kind } mutationType { name kind } subscriptionType { name kind }
        types { ...FullType }
        directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
      }
    }
    fragment FullType on __Type {
      kind name description specifiedByURL isOneOf
      fields(includeDeprecated: true) {
        name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
      }
      inputFields(includeDeprecated: true) { ...InputValue }
      interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef }
    }
    fragment InputValue on __InputValue {
      name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
    }
    fragment TypeRef on __Type {
      kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
    }";

/// A bench whose answers may have one megabyte.
fn narrow() -> Bench {
    with_settings("[server]\nanswerMegabytes = 1")
}

/// A bench with settings.
pub(super) fn with_settings(settings: &str) -> Bench {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(folder.path().join("settings.toml"), settings).expect("settings");
    let clock = Arc::new(FixedClock::new("2026-01-01T00:00:00Z".parse().expect("an instant")));
    let app = App::init(folder.path(), &[], "https://example.org/", Arc::clone(&clock) as _);
    let app = Arc::new(app.expect("a thread"));
    let service = Service::new(Arc::clone(&app)).expect("a service");
    Bench { service, clock, app, _folder: folder }
}

#[test]
fn the_schema_can_be_asked_for_as_a_whole_but_not_again_and_again() {
    let bench = Bench::new();
    let data = bench.data(WHOLE_SCHEMA);
    let types = data["__schema"]["types"].as_array().map_or(0, Vec::len);
    assert!(types > 400, "{types} types");
    bench.data("{ __type(name: \"Node\") { possibleTypes { interfaces { name } } } }");
    bench.data("{ __type(name: \"__Type\") { fields { type { fields { name } } } } }");
    let deep = "possibleTypes{interfaces{".repeat(5) + "name" + &"}}".repeat(5);
    let hundred = |text: &str| (0..100).map(|at| format!("a{at}:{text}")).collect::<String>();
    let bombs = [
        format!("{{__type(name:\"Node\"){{{deep}}}}}"),
        format!("{{__schema{{types{{interfaces{{{deep}}}}}}}}}"),
        format!("{{__schema{{types{{{}}}}}}}", hundred("fields{name description} ")),
        format!("{{{}}}", hundred("__schema{types{name description fields{name description}}} ")),
        format!("query($n:String=\"Node\"){{__type(name:$n){{...F}}}} fragment F on __Type{{{deep}}}"),
    ];
    for bomb in bombs {
        let errors = bench.ask(&bomb)["errors"].clone();
        assert_eq!(errors[0]["extensions"]["code"], "LIMIT_EXCEEDED", "{bomb:.200}");
        let message = errors[0]["message"].as_str().expect("a message");
        assert!(message.starts_with("an answer about the schema may have 24 MiB"), "{message}");
    }
}

#[test]
fn an_answer_that_is_too_large_is_refused_with_the_limit() {
    let bench = narrow();
    let signals = ["a", "b", "c", "d"].map(
        |name| json!({ "name": name, "property": format!("property/{name}"), "unit": "DEG_C", "expectedPeriod": "PT10M" }),
    );
    let properties = ["a", "b", "c", "d"]
        .map(|name| json!({ "putProperty": { "id": format!("property/{name}"), "title": name, "quantityKind": "Temperature" } }));
    bench.commit(&Json::Array(properties.into()));
    bench.commit(&json!([
        { "putPart": { "id": "part/P", "identifier": "P", "title": "x".repeat(60_000) } },
        { "putDesignRevision": { "id": "part/P/A", "revisionOf": "part/P", "revision": "A", "signals": signals } },
        { "putBuild": { "id": "lot/L", "identifier": "L", "realizes": "part/P/A" } },
        { "putTwinInstance": { "id": "twin/T", "identifier": "T", "part": "part/P", "builtBy": "lot/L", "commissionedAt": "2025-12-01T00:00:00Z" } },
    ]));
    let lines = b"m,twin=T a=1,b=2,c=3,d=4 1767225000";
    bench.app.ingest_lines(lines, Precision::Seconds).expect("stored");
    let one =
        bench.data("{ thread { twinInstance(id: \"twin/T\") { latest { twin { latest { value } } } } } }");
    assert_eq!(one["thread"]["twinInstance"]["latest"].as_array().map(Vec::len), Some(4), "{one}");
    let deep = "latest{twin{".repeat(10) + "id" + &"}}".repeat(10);
    let titles: String = (0..20).map(|at| format!("t{at}: title ")).collect();
    let part = format!("part(id: \"part/P\") {{ {titles} }}");
    for query in [
        format!("{{ thread {{ twinInstance(id: \"twin/T\") {{ {deep} }} }} }}"),
        format!("{{ thread {{ {part} }} }}"),
        format!("{{ a: thread {{ {part} }} branches {{ nodes {{ name }} }} }}"),
    ] {
        assert_eq!(bench.ask(&query)["data"], Json::Null);
        let error = bench.error(&query, "LIMIT_EXCEEDED");
        let message = error["message"].as_str().expect("a message");
        assert!(message.starts_with("the answer is larger than 1 MB: ask for"), "{message}");
        assert!(
            message.ends_with("or raise answerMegabytes under [server] in throughline.toml"),
            "{message}"
        );
    }
    // A change is made whatever is asked of it afterwards, and the answer reports it.
    let change = format!(
        "mutation {{ commit(input: {{ message: \"Q\", changes: [{{ putPart: {{ id: \"part/Q\", identifier: \"Q\" }} }}] }}) {{ thread {{ {part} }} }} }}"
    );
    let error = bench.error(&change, "LIMIT_EXCEEDED");
    assert_eq!(error["extensions"]["outcome"], "COMMITTED", "{error}");
    assert_eq!(
        bench.data("{ thread { part(id: \"part/Q\") { identifier } } }")["thread"]["part"]["identifier"],
        "Q"
    );
}

/// A clock that breaks.
#[derive(Debug)]
struct BreakingClock {
    clock: FixedClock,
    broken: AtomicBool,
}

impl Clock for BreakingClock {
    fn now(&self) -> Instant {
        assert!(!self.broken.load(Ordering::Relaxed), "the secret cause");
        self.clock.now()
    }

    fn new_id(&self) -> uuid::Uuid {
        self.clock.new_id()
    }
}

#[test]
fn a_panic_fails_one_request_without_its_cause_and_nothing_else() {
    let folder = TempDir::new().expect("a temporary folder");
    let clock = FixedClock::new("2026-01-01T00:00:00Z".parse().expect("an instant"));
    let clock = Arc::new(BreakingClock { clock, broken: AtomicBool::new(false) });
    let app = App::init(folder.path(), &[], "https://example.org/", Arc::clone(&clock) as _);
    let service = Arc::new(Service::new(Arc::new(app.expect("a thread"))).expect("a service"));
    let change = "mutation { commit(input: { message: \"P\", changes: [{ putPart: { id: \"part/P\", identifier: \"P\" } }] }) { changed } }";
    let query = |text: &str| Query { query: Some(text.to_owned()), ..Query::default() };
    for text in ["{ branches { nodes { name } } }", change] {
        clock.broken.store(true, Ordering::Relaxed);
        let manner = Manner::accepting(None, false).expect("a media type we have");
        let answer = service.answer_query(&query(text), manner);
        let body: Json = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!((answer.status, &body["errors"][0]["extensions"]["code"]), (500, &json!("INTERNAL")));
        assert!(!body.to_string().contains("secret"), "{body}");
        clock.broken.store(false, Ordering::Relaxed);
        assert_eq!(service.run(&query(text))["errors"], Json::Null);
    }
}

#[test]
fn an_answer_after_a_panic_states_what_became_of_the_changes() {
    let check = |window: &'static str, fields: &str, expect: (u16, &str)| {
        let bench = Bench::new();
        crate::graph::startle_window(window);
        let query = Query { query: Some(format!("mutation {{ {fields} }}")), ..Query::default() };
        let manner = Manner::accepting(None, false).expect("a media type we have");
        let answer = bench.service.answer_query(&query, manner);
        let body: Json = serde_json::from_slice(&answer.body).expect("JSON");
        let extensions = &body["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "INTERNAL", "{fields}: {body}");
        assert_eq!((answer.status, &extensions["outcome"]), (expect.0, &json!(expect.1)), "{fields}: {body}");
    };
    let commit = "commit(input: { message: \"P\", changes: [{ putPart: { id: \"part/P\", identifier: \"P\" } }] }) { changed }";
    let branch = "createBranch(input: { name: \"try\" }) { branch { name } }";
    check("validate", commit, (200, "NOT_COMMITTED"));
    check("ref made", branch, (500, "UNKNOWN"));
    check("ref made", &format!("{commit} {branch}"), (500, "UNKNOWN"));
}

#[test]
fn many_violations_are_counted_and_some_of_them_listed() {
    let bench = Bench::new();
    let parts: Vec<Json> =
        (0..500).map(|at| json!({ "putPart": { "id": format!("p/{at}"), "identifier": "ALIKE" } })).collect();
    let answer = bench.commit_answer(&Json::Array(parts));
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "SHAPE_VIOLATION", "{answer}");
    assert_eq!(extensions["violations"]["nodes"].as_array().map(Vec::len), Some(50));
    // Each part names three others, and is named by them.
    let count = extensions["violations"]["totalCount"].as_u64().expect("a count");
    assert!((1500..=3000).contains(&count), "{count}");
}
