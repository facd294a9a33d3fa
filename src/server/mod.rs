//! The HTTP service: routes in, bytes out. Every decision is made below; here are only paths, headers and limits.
//!
//! | path | what |
//! |---|---|
//! | `GET /` | what the service is and where to go; a browser is led to the pages |
//! | `/pages/…` | pages for browsers |
//! | `POST /graphql`, `GET /graphql` | GraphQL over HTTP |
//! | `GET /graphql` of a browser, `/graphiql/…` | GraphiQL |
//! | `GET /schema.graphql` | the GraphQL schema |
//! | WebSocket `/graphql` | GraphQL over graphql-transport-ws: subscriptions |
//! | `POST /sparql`, `GET /sparql` | SPARQL 1.1 Protocol, queries only |
//! | `POST /api/v2/write`, `POST /write` | InfluxDB line protocol |
//! | `POST /query`, `GET /query` | InfluxQL, for Grafana and other clients of InfluxDB 1.x |
//! | `GET /ping`, `HEAD /ping` | what InfluxDB clients ask first |
//! | `POST /import`, `POST /ingest`, `GET /export`, `/jobs` | files that come in and go out |
//! | `GET /audit` | the audit log |
//! | `POST /hooks/NAME` | what other systems report |
//! | `GET /metrics` | what the service counts, for Prometheus |
//! | `GET /health` | whether the service answers, in the words of InfluxDB's v2 API |

mod auth;
mod body;
mod connection;
mod cors;
mod limits;
mod metrics;
mod observe;
mod operator;
mod origins;
mod parsed;
mod root;
mod routes;
mod share;

pub use operator::{back_up, connect, maintain, query, reaches, reindex};

use crate::app::{App, ServerSettings};
use crate::graphql::{About, Queue, Service, Turns};
use crate::model::sync::cache::BoundedCache;
use auth::form_token::FormKey;
use auth::issuer::{Keys, Login};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, http::Method};
use body::Bodies;
use connection::listener::Listener;
use connection::tls::Tls;
use limits::Limits;
use metrics::Metrics;
use observe::Observed;
use parsed::Parsed;
use routes::compression::{compress, takes_gzip};
use share::Pool;
use std::future::Future;
use std::io;
use std::num::NonZero;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;
use tracing::Instrument as _;

/// How many small bodies of samples are unpacked and stored at once; the others wait.
const SMALL_WRITES_MAX: usize = 4;
/// How many medium ones for each core.
const MEDIUM_WRITES_PER_CORE: usize = 1;
/// How many cores, or begun ones, are there for a large one.
const CORES_PER_LARGE_WRITE: usize = 2;

/// How many SPARQL queries are evaluated at once for each core; the others are tried, and wait where they are not quick.
const EVALUATIONS_PER_CORE: usize = 1;
/// How many SPARQL queries are tried at once for each core, at first and once more.
const TRIALS_PER_CORE: [usize; 2] = [2, 1];
/// How many large SPARQL queries are parsed and evaluated at once.
const LARGE_QUERIES_MAX: usize = 1;
/// How many SPARQL queries may wait to be evaluated, half of them of one client.
const EVALUATIONS_WAITING_MAX: usize = 256;

/// How many OSLC requests are answered at once for each core, and how many may wait.
const OSLC_PER_CORE: usize = 2;
const OSLC_WAITING_MAX: usize = 256;

/// How many queries in InfluxQL are answered at once for each core.
const DASHBOARDS_PER_CORE: usize = 1;
/// How many of them may wait, half of them of one client: a dashboard sends one for each of its panels.
const DASHBOARDS_WAITING_MAX: usize = 256;

/// How much memory the names of text fields may take that the log has named.
const NOTED_BYTES: u64 = 1 << 18;

/// How much memory files may take that pages brought; each at most an eighth of it.
const UPLOADS_BYTES: u64 = 160 << 20;

/// How much memory the answers of pages may take that never change.
const PAGE_ANSWERS_BYTES: u64 = 64 << 20;

/// How many refusals are logged at once; the others wait.
const DENIALS_MAX: usize = 4;

/// How long open WebSockets may take to close at the end.
const CLOSE_MAX: Duration = Duration::from_secs(5);
/// How often it is looked whether they have.
const CLOSE_LOOK: Duration = Duration::from_millis(20);

/// What every handler shares. Each request clones it several times.
#[derive(Clone, Debug)]
struct Shared(Arc<Common>);

impl Deref for Shared {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.0
    }
}

/// What there is once for all requests.
#[derive(Debug)]
struct Common {
    app: Arc<App>,
    service: Arc<Service>,
    bodies: Bodies,
    parsed: Parsed,
    /// For bodies of samples, by their class.
    writes: [Queue; 3],
    turns: Turns,
    /// For subscriptions that look for events.
    looks: Arc<Semaphore>,
    /// For answers that are compressed.
    compressed: Arc<Semaphore>,
    evaluations: Queue,
    /// For requests of OSLC.
    oslc: Queue,
    large_queries: Queue,
    /// For queries in InfluxQL.
    dashboards: Queue,
    trials: [Queue; 2],
    /// Open WebSockets, and operations under way over them.
    sockets: Pool,
    sockets_opened: Arc<AtomicU64>,
    operations: Pool,
    metrics: Metrics,
    /// What each principal may send.
    limits: Limits,
    /// Answers of pages that never change.
    page_answers: Arc<BoundedCache<String, Arc<serde_json::Value>>>,
    /// Files that pages brought and that are not imported yet.
    uploads: Arc<BoundedCache<String, routes::pages::bring::Upload>>,
    /// For the forms of pages.
    form_key: FormKey,
    /// For refusals that are logged.
    denials: Arc<Semaphore>,
    /// How many connections are open.
    connections: Arc<AtomicUsize>,
    /// What fetches the keys of the issuer of JSON Web Tokens.
    keys: Option<Keys>,
    /// The issuer that browsers sign in at.
    login: Option<Login>,
    /// Files that come in and go out.
    transfers: routes::transfer::Places,
    /// The text fields of line protocol that the log has named.
    noted: Arc<BoundedCache<String, ()>>,
    /// Whether the service is closing.
    closed: watch::Receiver<bool>,
}

impl Shared {
    fn new(
        app: Arc<App>,
        service: Arc<Service>,
        closed: watch::Receiver<bool>,
        form_key: FormKey,
    ) -> io::Result<Self> {
        let (keys, login) = (Keys::of(&app)?, Login::of(&app)?);
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let places = |count: usize| Arc::new(Semaphore::new(count));
        // What waits there is bounded by the connections of its client, and by the room for bodies.
        let queue = |count: usize| Queue::new(count, usize::MAX);
        let settings = &app.settings().server;
        Ok(Self(Arc::new(Common {
            bodies: Bodies::new(settings),
            parsed: Parsed::new(settings),
            writes: [SMALL_WRITES_MAX, cores * MEDIUM_WRITES_PER_CORE, cores.div_ceil(CORES_PER_LARGE_WRITE)]
                .map(queue),
            turns: Turns::default(),
            looks: places(cores),
            compressed: places(routes::compression::COMPRESSED_MAX),
            evaluations: Queue::new(cores * EVALUATIONS_PER_CORE, EVALUATIONS_WAITING_MAX),
            oslc: Queue::new(cores * OSLC_PER_CORE, OSLC_WAITING_MAX),
            large_queries: queue(LARGE_QUERIES_MAX),
            dashboards: Queue::new(cores * DASHBOARDS_PER_CORE, DASHBOARDS_WAITING_MAX),
            trials: TRIALS_PER_CORE.map(|count| queue(cores * count)),
            sockets: Pool::new(settings.sockets_max, settings.sockets_per_client_max),
            sockets_opened: Arc::default(),
            operations: Pool::new(usize::MAX, settings.subscriptions_per_client_max),
            metrics: Metrics::default(),
            limits: Limits::new(&settings.rates),
            page_answers: Arc::new(BoundedCache::with_room(PAGE_ANSWERS_BYTES)),
            uploads: Arc::new(BoundedCache::with_room(UPLOADS_BYTES)),
            form_key,
            denials: places(DENIALS_MAX),
            connections: Arc::default(),
            keys,
            login,
            transfers: routes::transfer::Places::default(),
            noted: Arc::new(BoundedCache::with_room(NOTED_BYTES)),
            app,
            service,
            closed,
        })))
    }
}

impl Shared {
    /// Returns how many places are free, how many wait, and what is open.
    fn places(&self) -> metrics::Service {
        let free = Queue::free;
        let [small, medium, large] = &self.writes;
        let [first_trials, later_trials] = &self.trials;
        let turns = self.turns.usage();
        let permits = vec![
            ("graphql_quick", turns.quick.0),
            ("graphql_slow", turns.slow.0),
            ("graphql_write", turns.write.0),
            ("write_small", free(small)),
            ("write_medium", free(medium)),
            ("write_large", free(large)),
            ("sparql_trial", free(first_trials)),
            ("sparql_second_trial", free(later_trials)),
            ("sparql", free(&self.evaluations)),
            ("sparql_large", free(&self.large_queries)),
            ("oslc", free(&self.oslc)),
            ("influxql", free(&self.dashboards)),
            ("subscription_look", self.looks.available_permits()),
            ("compression", self.compressed.available_permits()),
            ("import", self.transfers.free_for_imports()),
        ];
        let waiting = vec![
            ("graphql_quick", turns.quick.1),
            ("graphql_slow", turns.slow.1),
            ("graphql_write", turns.write.1),
            ("sparql", self.evaluations.waiting()),
            ("oslc", self.oslc.waiting()),
            ("influxql", self.dashboards.waiting()),
        ];
        metrics::Service {
            permits,
            waiting,
            connections: self.connections.load(Ordering::Relaxed),
            sockets: self.sockets.taken(),
            socket_operations: self.operations.taken(),
            body_bytes: self.bodies.taken().to_vec(),
        }
    }
}

impl Shared {
    /// Counts a GraphQL operation, and logs it where it was slow: its document by the hash alone.
    fn note_operation(&self, about: &About, took: Duration) {
        self.metrics.operated(about, took);
        if self.is_slow(took) {
            tracing::warn!(
                target: "throughline::slow",
                r#type = about.kind.unwrap_or("none"),
                document = about.document_hash().unwrap_or_default(),
                seconds = took.as_secs_f64(),
                failed = about.failed,
                "a slow operation"
            );
        }
    }

    /// Returns whether something that took so long is logged as slow.
    fn is_slow(&self, took: Duration) -> bool {
        self.app.settings().log.slow.is_some_and(|slow| took >= slow)
    }
}

/// Makes the routes of a thread.
fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", get(root::root))
        .route(
            "/graphql",
            get(routes::graphql::get).post(routes::graphql::post).fallback(routes::graphql::other_method),
        )
        .route("/graphiql/{file}", get(routes::graphql::graphiql::file))
        .route("/pages", get(routes::pages::bare))
        .route("/pages/", get(routes::pages::overview).post(routes::pages::send_from_overview))
        .route("/pages/{page}", get(routes::pages::page).post(routes::pages::send))
        .route("/pages/bring", get(routes::pages::bring_page).post(routes::pages::bring::send))
        .route("/pages/assets/{file}", get(routes::pages::asset))
        .route("/pages/login", get(routes::pages::login::login).post(routes::pages::login::sign_in))
        .route("/pages/login/start", get(routes::pages::oidc::start))
        .route(crate::app::access::CALLBACK, get(routes::pages::oidc::callback))
        .route("/pages/logout", post(routes::pages::login::sign_out))
        .route("/schema.graphql", get(routes::graphql::schema::schema))
        .route("/sparql", get(routes::sparql::get).post(routes::sparql::post))
        .route("/api/v2/write", post(routes::influx::write::v2))
        .route("/write", post(routes::influx::write::v1))
        .route("/query", get(routes::influx::query::get).post(routes::influx::query::post))
        .route("/ping", get(routes::health::ping))
        .route("/audit", get(routes::audit::get))
        .route("/hooks/{name}", post(routes::hooks::post))
        .route("/metrics", get(routes::metrics::get))
        .route("/health", get(routes::health::health))
        .route("/health/live", get(routes::health::live))
        .route("/health/ready", get(routes::health::ready))
        .merge(routes::transfer::routes())
        .merge(routes::oslc::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(middleware::from_fn_with_state(shared.clone(), pass))
        // Each handler receives its body itself, within limits that all share.
        .layer(DefaultBodyLimit::disable())
        .with_state(shared)
}

/// Passes a request to its route: observed, from a host and page that may send it, of somebody who is let in, and within the limits of
/// whoever that is. One layer for all of it, as each layer allocates for every request, and clones the ones below it.
async fn pass(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let observed = Observed::begin(&shared, &request);
    let takes_gzip = takes_gzip(request.headers());
    let response = admitted(&shared, request, next).instrument(observed.span()).await;
    observed.end(&shared, compress(&shared, takes_gzip, response))
}

/// Answers a request that may be sent, and refuses others.
async fn admitted(shared: &Shared, request: Request, next: Next) -> Response {
    if let Some(refusal) = origins::refusal(shared, &request) {
        return refusal;
    }
    let origin = cors::allowed(&shared.app.settings().server, request.headers());
    let response = match origin.is_some() && cors::is_preflight(&request) {
        true => cors::preflight(),
        false => known(shared, request, next).await,
    };
    match origin {
        Some(origin) => cors::mark(response, origin),
        None => response,
    }
}

/// Answers a request of somebody who is let in, within the limits of that principal.
async fn known(shared: &Shared, mut request: Request, next: Next) -> Response {
    let who = match auth::authenticate(shared, &mut request).await {
        Ok(who) => who,
        Err(refusal) => return *refusal,
    };
    let mut response = limits::limit(shared, request, next).await;
    if let Some(who) = who {
        response.extensions_mut().insert(who);
    }
    response
}

/// Answers a path that is none of the service's.
async fn nothing_here(uri: Uri) -> Response {
    let paths = "/, /pages/, /graphql, /sparql, /schema.graphql, /api/v2/write, /write, /query, /import, /ingest, /export, /jobs, /backup, /thread.git, /ping, /audit, /hooks, /oslc/rootservices, /metrics and /health";
    routes::graphql::refused(
        StatusCode::NOT_FOUND,
        &format!("there is nothing at {}: the service answers {paths}", uri.path()),
    )
}

/// Answers a method that a path does not have; the header `Allow` names those that it has.
async fn other_method(method: Method, uri: Uri) -> Response {
    routes::graphql::refused(
        StatusCode::METHOD_NOT_ALLOWED,
        &format!("{} does not take {method}", uri.path()),
    )
}

/// Refuses certificates and keys that cannot be used, before an address is printed.
pub fn check_tls(settings: &ServerSettings) -> io::Result<()> {
    settings.tls.as_ref().map(Tls::load).transpose().map(drop)
}

/// Reads certificates anew at each SIGHUP, until the returned value is dropped.
fn reload_on_hangup(tls: Tls) -> Option<AbortOnDrop> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangups = signal(SignalKind::hangup()).ok()?;
        let task = tokio::spawn(async move {
            while hangups.recv().await.is_some() {
                tls.reload_now();
            }
        });
        Some(AbortOnDrop(task.abort_handle()))
    }
    #[cfg(not(unix))]
    {
        drop(tls);
        None
    }
}

/// A task that ends with this.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Serves until `stop` is done; requests under way are answered first, as far as there is time.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    service: Arc<Service>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (closing, closed) = watch::channel(false);
    let tls = app.settings().server.tls.as_ref().map(Tls::load).transpose()?;
    let _reloading = tls.clone().map(reload_on_hangup);
    let settings = app.settings().server.clone();
    let shared = Shared::new(Arc::clone(&app), Arc::clone(&service), closed.clone(), FormKey::draw()?)?;
    let _fetching = shared.keys.clone().map(|keys| AbortOnDrop(tokio::spawn(keys.keep()).abort_handle()));
    let jobs = routes::transfer::Runner::start(&app, &shared.transfers.sessions);
    let (sockets, open) = (shared.sockets.clone(), Arc::clone(&shared.connections));
    let router = router(shared);
    let http = operator::Http::new(router.clone(), settings.clone(), closed.clone());
    let operator = operator::Operator::listen(&app, &service, http);
    let stopping = tokio::spawn(async move {
        stop.await;
        // Fails only where nobody is left to hear it.
        let _ = closing.send(true);
    });
    Listener::new(router, &settings, (closed, open, tls)).run(listener).await;
    drop(operator);
    // A WebSocket has left its request behind: each closes on its own.
    let all_closed = async {
        while !sockets.is_idle() {
            tokio::time::sleep(CLOSE_LOOK).await;
        }
    };
    drop(tokio::time::timeout(CLOSE_MAX, all_closed).await);
    stopping.abort();
    // The one under way ends soon, but not at once.
    drop(tokio::task::spawn_blocking(move || drop(jobs)).await);
    Ok(())
}
