//! `GET /`: what this service is and where to go; a browser is led to the pages. Of the thread nothing is on it.

use super::Shared;
use crate::app::Session;
use crate::app::access::Operation;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// What the service answers: path, and what is there.
const PATHS: [(&str, &str); 18] = [
    ("/pages/", "pages for browsers: requirements by margin, units, designs, what is open"),
    ("/graphql", "GraphQL: POST a query, GET ?query=…, or subscribe over a WebSocket; in a browser GraphiQL"),
    ("/schema.graphql", "the GraphQL schema"),
    ("/sparql", "SPARQL 1.1 queries at any version: GET ?query=…&version=main, or POST"),
    ("/api/v2/write, /write", "samples in InfluxDB line protocol, for Telegraf and InfluxDB clients"),
    ("/query", "InfluxQL queries, for Grafana: GET ?db=throughline&q=SHOW MEASUREMENTS, or POST"),
    ("/import, /ingest", "POST files: RDF and tables as the content of a source, tables of readings"),
    (
        "/export",
        "a version in Turtle and other notations, or samples as CSV: GET ?version=main&format=turtle",
    ),
    ("/jobs", "what large files become: states, results, events"),
    ("/backup", "POST to make a backup as a job, for operators; GET /jobs/ID/backup downloads it"),
    (
        "/thread.git",
        "the repository: git clone http://…/thread.git, with a token as the password; git push to refs/incoming/",
    ),
    ("/audit", "who did what, for operators: GET ?after=1000&limit=100"),
    ("/hooks/NAME", "what other systems report, signed"),
    (
        "/oslc/rootservices",
        "OSLC for requirement, change, quality and architecture management: root services, catalogue",
    ),
    ("/metrics", "what the service counts, for Prometheus"),
    ("/health", "whether the service can read and write"),
    ("/health/live, /health/ready", "whether the process answers, and whether requests are to be sent here"),
    ("/ping", "what InfluxDB clients ask first"),
];

const ABOUT: &str = "Throughline keeps requirements, designs, builds and field records in one versioned graph, and joins the telemetry of \
every unit to it.";

const NEXT: &str = "The documentation is in docs/ of the source, from docs/README.md on.";

/// Leads a browser to the pages, and answers anything else with plain text; the first thread names further ones to whoever may read it.
pub(super) async fn root(
    State(shared): State<Shared>,
    session: Option<Extension<Session>>,
    headers: HeaderMap,
) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let vary = (header::VARY, HeaderValue::from_static("accept"));
    if accepted.any(|accept| accept.contains("text/html")) {
        let mut response = (StatusCode::SEE_OTHER, [vary]).into_response();
        let pages = HeaderValue::from_str(&shared.mount.path("/pages/"));
        response.headers_mut().extend(pages.ok().map(|pages| (header::LOCATION, pages)));
        return response;
    }
    let fields = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")), vary];
    let may_read = session.is_some_and(|Extension(session)| session.principal().role.may(Operation::Read));
    (fields, plain() + &if may_read { threads(&shared) } else { String::new() }).into_response()
}

/// Lists the further threads of the service.
fn threads(shared: &Shared) -> String {
    if shared.further.is_empty() {
        return String::new();
    }
    let paths: String = shared.further.iter().map(|of| of.mount.path("/\n")).collect();
    format!("\nOther threads of this service, each with its own access and the same paths:\n\n{paths}")
}

fn plain() -> String {
    let paths: Vec<String> = PATHS.iter().map(|(path, what)| format!("{path:<22} {what}\n")).collect();
    format!("throughline {}\n\n{ABOUT}\n\n{}\n{NEXT}\n", env!("CARGO_PKG_VERSION"), paths.concat())
}
