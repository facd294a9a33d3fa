//! The HTTP service: routes in, bytes out. Every decision is made below; here are only paths, headers and limits.
//!
//! | path | what |
//! |---|---|
//! | `POST /graphql`, `GET /graphql` | GraphQL over HTTP |
//! | WebSocket `/graphql` | GraphQL over graphql-transport-ws: subscriptions |
//! | `POST /sparql`, `GET /sparql` | SPARQL 1.1 Protocol, queries only |
//! | `POST /api/v2/write`, `POST /write` | InfluxDB line protocol |
//! | `GET /ping`, `HEAD /ping` | what InfluxDB clients ask first |
//! | `GET /health` | whether the service answers, in the words of InfluxDB's v2 API |

mod accept;
mod graphql;
mod guard;
mod health;
mod operator;
mod parameters;
mod socket;
mod sparql;
mod write;

pub use operator::query;

use crate::app::App;
use crate::graphql::Service;
use crate::model::recent::Recent;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use std::future::Future;
use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

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

/// So many SPARQL queries are evaluated at once for each core; the others are tried, and wait where they are not quick.
const EVALUATIONS_PER_CORE: usize = 1;
/// So many SPARQL queries are tried at once for each core.
const TRIALS_PER_CORE: usize = 1;

/// How much memory the names of text fields may take that the log has named.
const NOTED_BYTES: u64 = 1 << 18;

/// So many WebSockets may be open.
const CONNECTIONS_MAX: usize = 256;
/// How long open WebSockets may take to close at the end.
const CLOSE_MAX: Duration = Duration::from_secs(5);

/// What every handler shares.
#[derive(Clone, Debug)]
struct Shared {
    app: Arc<App>,
    service: Arc<Service>,
    writes: Arc<Semaphore>,
    queries: Arc<Semaphore>,
    evaluations: Arc<Semaphore>,
    trials: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    /// The text fields of line protocol that the log has named.
    noted: Arc<Recent<String, ()>>,
    /// Whether the service is closing.
    closed: watch::Receiver<bool>,
}

impl Shared {
    fn new(app: Arc<App>, service: Arc<Service>, closed: watch::Receiver<bool>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let queries = Arc::new(Semaphore::new(cores * QUERIES_PER_CORE));
        let evaluations = Arc::new(Semaphore::new(cores * EVALUATIONS_PER_CORE));
        let trials = Arc::new(Semaphore::new(cores * TRIALS_PER_CORE));
        let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let writes = Arc::new(Semaphore::new(WRITES_MAX));
        let noted = Arc::new(Recent::with_room(NOTED_BYTES));
        Self { app, service, writes, queries, evaluations, trials, connections, noted, closed }
    }
}

/// Makes the routes of a thread.
fn router(shared: Shared) -> Router {
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
        .layer(middleware::from_fn_with_state(shared.clone(), guard::guard))
        .with_state(shared)
}

/// Serves until `stop` is done; requests under way are answered first.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    service: Arc<Service>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (closing, closed) = watch::channel(false);
    let _operator = operator::Operator::listen(&app, &service);
    let shared = Shared::new(app, service, closed);
    let connections = Arc::clone(&shared.connections);
    let stop = async move {
        stop.await;
        // Fails only where nobody is left to hear it.
        let _ = closing.send(true);
    };
    axum::serve(listener, router(shared)).with_graceful_shutdown(stop).await?;
    // A WebSocket has left its request behind: each says good-bye on its own.
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    drop(tokio::time::timeout(CLOSE_MAX, connections.acquire_many(all)).await);
    Ok(())
}
