//! `GET /`: what this service is and where to go, for a person who opens its address. Nothing of the thread is on it.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

/// What the service answers: path, and what is there.
const PATHS: [(&str, &str); 13] = [
    ("/graphql", "GraphQL: POST a query, GET ?query=…, or subscribe over a WebSocket; in a browser GraphiQL"),
    ("/schema.graphql", "the GraphQL schema"),
    ("/sparql", "SPARQL 1.1 queries at any version: GET ?query=…&version=main, or POST"),
    ("/api/v2/write, /write", "samples in InfluxDB line protocol, for Telegraf and InfluxDB clients"),
    ("/import, /ingest", "POST files: RDF and tables as the content of a source, tables of readings"),
    (
        "/export",
        "a version in Turtle and other notations, or samples as CSV: GET ?version=main&format=turtle",
    ),
    ("/jobs", "what large files become: states, results, events"),
    ("/thread.git", "the repository: git clone http://…/thread.git, with a token as the password"),
    ("/audit", "who did what, for operators: GET ?after=1000&limit=100"),
    ("/metrics", "what the service counts, for Prometheus"),
    ("/health", "whether the service can read and write"),
    ("/health/live, /health/ready", "whether the process answers, and whether requests are to be sent here"),
    ("/ping", "what InfluxDB clients ask first"),
];

const ABOUT: &str = "Throughline keeps requirements, designs, builds and field records in one versioned graph, and joins the telemetry of \
every unit to it.";

const NEXT: &str = "The documentation is in docs/ of the source, from docs/README.md on.";

/// Answers with a page for a browser, and with plain text for anything else.
pub(super) async fn root(headers: HeaderMap) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let (kind, body) = match accepted.any(|accept| accept.contains("text/html")) {
        true => ("text/html; charset=utf-8", html()),
        false => ("text/plain; charset=utf-8", plain()),
    };
    let fields = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::VARY, HeaderValue::from_static("accept")),
        // The page has a style of its own and nothing else.
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        ),
    ];
    (fields, body).into_response()
}

fn plain() -> String {
    let paths: Vec<String> = PATHS.iter().map(|(path, what)| format!("{path:<22} {what}\n")).collect();
    format!("throughline {}\n\n{ABOUT}\n\n{}\n{NEXT}\n", env!("CARGO_PKG_VERSION"), paths.concat())
}

fn html() -> String {
    let rows: Vec<String> = PATHS
        .iter()
        .map(|(path, what)| format!("<tr><td><code>{path}</code></td><td>{what}</td></tr>\n"))
        .collect();
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Throughline</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }}
td {{ padding: .25rem 1rem .25rem 0; vertical-align: top; }}
</style>
</head>
<body>
<h1>Throughline <small>{}</small></h1>
<p>{ABOUT}</p>
<table>
{}</table>
<p><a href=\"/graphql\">Ask it with GraphiQL.</a> <a href=\"/health\">Is it healthy?</a></p>
<p>{NEXT}</p>
</body>
</html>
",
        env!("CARGO_PKG_VERSION"),
        rows.concat().replace('&', "&amp;"),
    )
}
