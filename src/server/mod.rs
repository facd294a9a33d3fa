//! The HTTP service: routes in, bytes out. Every decision is made below; here are only paths, headers and limits.
//!
//! | path | what |
//! |---|---|
//! | `POST /graphql`, `GET /graphql` | GraphQL over HTTP |
//! | `POST /sparql`, `GET /sparql` | SPARQL 1.1 Protocol, queries only |
//! | `POST /api/v2/write`, `POST /write` | InfluxDB line protocol |
//! | `GET /ping`, `HEAD /ping` | what InfluxDB clients ask first |
//! | `GET /health` | whether the service answers, in the words of InfluxDB's v2 API |

mod accept;
mod graphql;
mod health;
mod parameters;
mod sparql;
mod write;

use crate::app::App;
use crate::graphql::Service;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::future::Future;
use std::io;
use std::num::NonZero;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// The largest GraphQL request.
const GRAPHQL_BYTES_MAX: usize = 16 << 20;
/// The largest SPARQL query.
const SPARQL_BYTES_MAX: usize = 4 << 20;
/// The largest body of samples, unpacked.
const WRITE_BYTES_MAX: usize = 256 << 20;
/// So many bodies of samples are unpacked and stored at once; the others wait.
const WRITES_MAX: usize = 4;
/// So many GraphQL requests are answered at once for each core; the others wait.
const QUERIES_PER_CORE: usize = 2;

/// So many SPARQL queries are evaluated at once for each core; the others wait.
const EVALUATIONS_PER_CORE: usize = 1;

/// What every handler shares.
#[derive(Clone, Debug)]
struct Shared {
    app: Arc<App>,
    service: Arc<Service>,
    writes: Arc<Semaphore>,
    queries: Arc<Semaphore>,
    evaluations: Arc<Semaphore>,
}

impl Shared {
    fn new(app: Arc<App>, service: Arc<Service>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let queries = Arc::new(Semaphore::new(cores * QUERIES_PER_CORE));
        let evaluations = Arc::new(Semaphore::new(cores * EVALUATIONS_PER_CORE));
        Self { app, service, writes: Arc::new(Semaphore::new(WRITES_MAX)), queries, evaluations }
    }
}

/// Makes the routes of a thread.
pub fn router(app: Arc<App>, service: Arc<Service>) -> Router {
    let samples = DefaultBodyLimit::max(WRITE_BYTES_MAX);
    Router::new()
        .route(
            "/graphql",
            get(graphql::get).post(graphql::post).layer(DefaultBodyLimit::max(GRAPHQL_BYTES_MAX)),
        )
        .route("/sparql", get(sparql::get).post(sparql::post).layer(DefaultBodyLimit::max(SPARQL_BYTES_MAX)))
        .route("/api/v2/write", post(write::v2).layer(samples))
        .route("/write", post(write::v1).layer(samples))
        .route("/ping", get(health::ping))
        .route("/health", get(health::health))
        .with_state(Shared::new(app, service))
}

/// Serves until `stop` is done; requests under way are answered first.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    service: Arc<Service>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(app, service)).with_graceful_shutdown(stop).await
}
