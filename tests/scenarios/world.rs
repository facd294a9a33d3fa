//! A thread in a temporary folder, served on a free port, and a small HTTP client.

use super::payload_errors::{asking_errors, with_payload_errors};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use throughline::app::{App, ImportOptions, SourceFile, SourceFormat, ThreadName};
use throughline::exchange::rdf::Format;
use throughline::graph::Author;
use throughline::graphql::{Query, Service};
use throughline::model::time::clock::FixedClock;
use throughline::model::time::instant::Instant;
use throughline::server::Hosted;

pub(crate) const BASE: &str = "https://test.example/";

/// The clock of every test shows 2026-01-01T00:00:00Z until it is moved.
pub(crate) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(Instant::from_seconds(1_767_225_600)))
}

/// How long a request may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(600);

/// A thread in a folder of its own.
pub(crate) struct World {
    pub folder: tempfile::TempDir,
    pub app: Arc<App>,
    pub service: Arc<Service>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::init(folder.path(), &[], BASE, clock()).expect("a thread");
        Self::of(folder, app)
    }

    pub(crate) fn of(folder: tempfile::TempDir, app: App) -> Self {
        let app = Arc::new(app);
        // No request is given up because the machine is slow.
        let service = Service::new(Arc::clone(&app)).expect("a schema").with_time_max(PATIENCE);
        let service = Arc::new(service);
        Self { folder, app, service }
    }

    /// Closes the thread and opens it again, after `meanwhile` has seen its folder.
    pub(crate) fn reopened(self, meanwhile: impl FnOnce(&Path)) -> Self {
        let Self { folder, app, service } = self;
        drop(service);
        drop(Arc::into_inner(app).expect("nobody else holds the thread"));
        meanwhile(folder.path());
        let app = App::open(folder.path(), clock()).expect("the thread");
        Self::of(folder, app)
    }

    /// Imports Turtle as a source, returns how many statements changed or the error.
    pub(crate) fn import(&self, source: &str, turtle: &str) -> Result<usize, String> {
        let name = format!("{source}.ttl");
        let file = SourceFile {
            name,
            bytes: turtle.as_bytes().to_vec(),
            reading: SourceFormat::Rdf(Format::Turtle),
        };
        let options = ImportOptions {
            source: source.to_owned(),
            into: "main".to_owned(),
            message: None,
            author: Author::default(),
            ..Default::default()
        };
        let (statements, _) =
            self.app.read_sources(vec![file], &options).map_err(|error| error.to_string())?;
        self.app.import(statements, options).map(|done| done.changed).map_err(|error| error.to_string())
    }

    /// Answers a GraphQL request; what the payload of a mutation refuses is beside the errors of the response.
    pub(crate) fn ask(&self, query: &str, variables: Value) -> Value {
        let asked = asking_errors(query);
        let query = asked.as_deref().unwrap_or(query).to_owned();
        let answer = self.service.run(&Query { query: Some(query), variables, ..Query::default() });
        if asked.is_some() { with_payload_errors(answer) } else { answer }
    }

    /// Answers a GraphQL request that must succeed, and returns its data.
    pub(crate) fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.ask(query, variables);
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// Answers a GraphQL request that must fail: returns the code and message of its first error.
    pub(crate) fn refusal(&self, query: &str, variables: Value) -> (String, String) {
        let answer = self.ask(query, variables);
        let error = &answer["errors"][0];
        let text =
            |value: &Value| value.as_str().unwrap_or_else(|| panic!("no refusal: {answer:#}")).to_owned();
        (text(&error["extensions"]["code"]), text(&error["message"]))
    }

    /// Serves the thread while `client` runs.
    pub(crate) fn served<T>(&self, client: impl FnOnce(SocketAddr) -> T) -> T {
        self.served_beside(&[], client)
    }

    /// Serves the thread, and further ones by their names, while `client` runs.
    pub(crate) fn served_beside<T>(
        &self,
        further: &[(&str, &Self)],
        client: impl FnOnce(SocketAddr) -> T,
    ) -> T {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let name = |name: &str| ThreadName::new(name).expect("a name");
        let further = further.iter().map(|(text, world)| (name(text), world.hosted())).collect();
        let server = runtime.spawn(throughline::server::serve_all(listener, self.hosted(), further, async {
            let _ = stopped.await;
        }));
        let result = client(address);
        drop(stop);
        runtime.block_on(server).expect("the server ends").expect("it ends well");
        result
    }

    fn hosted(&self) -> Hosted {
        Hosted { app: Arc::clone(&self.app), service: Arc::clone(&self.service) }
    }
}

/// An HTTP answer.
pub(crate) struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
    /// Whether the body came to its end.
    pub complete: bool,
}

impl Answer {
    /// Returns the value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// Returns all values of a header, in order.
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Sends one request on a connection of its own; where it breaks before there is a head, the status is 0.
pub(crate) fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let host = if headers.iter().any(|(name, _)| *name == "host") {
        String::new()
    } else {
        format!("host: {address}\r\n")
    };
    let mut head =
        format!("{method} {path} HTTP/1.1\r\n{host}connection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(120))).expect("a time-out");
    // A service that refuses may close the connection before all is sent or read; what it answered counts.
    let sent = stream.write_all(&[head.as_bytes(), body].concat());
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    for broken in [sent, read.map(drop)].into_iter().filter_map(Result::err) {
        let kinds = [std::io::ErrorKind::ConnectionReset, std::io::ErrorKind::BrokenPipe];
        assert!(kinds.contains(&broken.kind()), "no answer: {broken}");
    }
    let text = String::from_utf8(bytes).expect("an answer in UTF-8");
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Answer { status: 0, head: text, body: String::new(), complete: false };
    };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let mut answer = Answer { status, head: head.to_owned(), body: body.to_owned(), complete: true };
    if answer.header("transfer-encoding") == Some("chunked") {
        (answer.body, answer.complete) = joined(body);
    }
    answer
}

/// Tries until it succeeds; fails the test where it does not within three minutes, so that no run waits for ever.
pub(crate) fn until(mut succeeds: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(180);
    while !succeeds() {
        assert!(std::time::Instant::now() < end, "it did not succeed within three minutes");
        // What is awaited needs a processor as well.
        std::thread::yield_now();
    }
}

/// Joins the chunks of a body, and returns whether the last one came.
fn joined(mut rest: &str) -> (String, bool) {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("the size of a chunk");
        let Some(chunk) = after.get(..size).filter(|_| size > 0) else { return (body, size == 0) };
        body.push_str(chunk);
        rest = after.get(size + 2..).unwrap_or("");
    }
    (body, false)
}

/// Posts a GraphQL request.
pub(crate) fn post_graphql(address: SocketAddr, query: &str, variables: &Value) -> Answer {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
    request(address, "POST", "/graphql", &headers, body.as_bytes())
}

/// A pump with one revision, one temperature signal and one requirement.
pub(crate) const PUMP: &str = r#"
@base <https://test.example/> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix quantitykind: <http://qudt.org/vocab/quantitykind/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<temperature> a tl:Property ; dcterms:title "temperature" ; tl:quantityKind quantitykind:Temperature .
<REQ-1> a tl:Requirement ; dcterms:identifier "REQ-1" ; dcterms:title "Stay cool" ; tl:status "RELEASED" ;
    tl:constraint <REQ-1#limit> .
<REQ-1#limit> a tl:Constraint ; tl:property <temperature> ; tl:statistic "MAX" ; tl:comparator "LE" ; tl:limit 85 ;
    tl:unit unit:DEG_C ; tl:scope "EACH_UNIT" ; tl:kind "LIMIT" .
<pump> a tl:Part ; dcterms:identifier "PUMP" ; dcterms:title "Pump" .
<pump/A> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision "A" ; tl:satisfies <REQ-1> ; tl:signal <pump/A#temp> .
<pump/A#temp> a tl:Signal ; tl:name "temp" ; tl:property <temperature> ; tl:unit unit:DEG_C ; tl:expectedPeriod "PT1H"^^xsd:duration .
<lot/1> a tl:Build ; dcterms:identifier "L-1" ; tl:realizes <pump/A> .
<unit/P-1> a tl:TwinInstance ; dcterms:identifier "P-1" ; tl:part <pump> ; tl:builtBy <lot/1> ; tl:site "Rotterdam" ;
    tl:commissionedAt "2024-01-01T00:00:00Z"^^xsd:dateTime .
<unit/P-2> a tl:TwinInstance ; dcterms:identifier "P-2" ; tl:part <pump> ; tl:builtBy <lot/1> ; tl:site "Bergen" ;
    tl:commissionedAt "2024-01-01T00:00:00Z"^^xsd:dateTime .
"#;
