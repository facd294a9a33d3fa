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
//!
//! Each further thread of a service has the same paths below `/t/NAME/`: [`connection::threads`] finds the thread and leaves the path inside it,
//! so that nothing below knows where its thread is mounted, but for what writes addresses ([`Mount`]).

mod auth;
mod body;
mod connection;
mod limits;
mod metrics;
mod observe;
mod operator;
mod origins;
mod process;
mod reads;
mod root;
mod routes;
mod share;

pub use operator::{back_up, connect, maintain, query, reaches, reindex};

use crate::app::{App, Mount, ServerSettings, ThreadName};
use crate::graphql::{About, Queue, Service};
use crate::model::sync::cache::BoundedCache;
use auth::browser::CookieNames;
use auth::form_token::FormKey;
use auth::issuer::{Keys, Login};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, http::Method};
use connection::listener::Listener;
use connection::threads::Threads;
use connection::tls::Tls;
use limits::Limits;
use metrics::Metrics;
use observe::Observed;
use process::Process;
use routes::compression::{compress, takes_gzip};
use std::future::Future;
use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tracing::Instrument as _;

/// How much memory the names of text fields may take that the log has named.
const NOTED_BYTES: u64 = 1 << 18;

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

/// What there is once for all requests to a thread.
#[derive(Debug)]
struct Common {
    /// Where the paths of the thread begin.
    mount: Mount,
    app: Arc<App>,
    service: Arc<Service>,
    /// What the process has once for all threads.
    process: Arc<Process>,
    metrics: Metrics,
    /// What each principal may send.
    limits: Limits,
    /// For the forms of pages.
    form_key: FormKey,
    /// What the cookies of browsers are called.
    cookies: CookieNames,
    /// What fetches the keys of the issuer of JSON Web Tokens.
    keys: Option<Keys>,
    /// The issuer that browsers sign in at.
    login: Option<Login>,
    /// For whom jobs are.
    job_sessions: routes::transfer::Sessions,
    /// The text fields of line protocol that the log has named.
    noted: Arc<BoundedCache<String, ()>>,
    /// The further threads of the service, where this is the first.
    further: Vec<Shared>,
}

impl Shared {
    fn new(
        process: &Arc<Process>,
        mount: Mount,
        Hosted { app, service }: Hosted,
        further: Vec<Self>,
    ) -> io::Result<Self> {
        let (keys, login) = (Keys::of(&app)?, Login::of(&app)?);
        Ok(Self(Arc::new(Common {
            process: Arc::clone(process),
            metrics: Metrics::default(),
            limits: Limits::new(&app.settings().server.rates),
            form_key: FormKey::draw()?,
            cookies: CookieNames::of(&mount),
            keys,
            login,
            job_sessions: Arc::default(),
            noted: Arc::new(BoundedCache::with_room(NOTED_BYTES)),
            mount,
            app,
            service,
            further,
        })))
    }

    /// Shares a thread that is served alone, for tests of what is made of it.
    #[cfg(test)]
    fn alone(app: Arc<App>, service: Arc<Service>) -> Self {
        let process = Process::new(&app.settings().server, watch::channel(false).1);
        Self::new(&process, Mount::default(), Hosted { app, service }, Vec::new()).expect("shared")
    }
}

impl Shared {
    /// Returns how many places are free, how many wait, and what is open.
    fn places(&self) -> metrics::Service {
        let (process, free) = (&self.process, Queue::free);
        let [small, medium, large] = &process.writes;
        let [first_trials, later_trials] = &process.trials;
        let turns = process.turns.usage();
        let permits = vec![
            ("graphql_quick", turns.quick.0),
            ("graphql_slow", turns.slow.0),
            ("graphql_write", turns.write.0),
            ("write_small", free(small)),
            ("write_medium", free(medium)),
            ("write_large", free(large)),
            ("sparql_trial", free(first_trials)),
            ("sparql_second_trial", free(later_trials)),
            ("sparql", free(&process.evaluations)),
            ("sparql_large", free(&process.large_queries)),
            ("oslc", process.oslc.free()),
            ("report", process.reports.free()),
            ("influxql", process.dashboards.free()),
            ("subscription_look", process.looks.available_permits()),
            ("compression", process.compressed.available_permits()),
            ("import", process.transfers.free_for_imports()),
        ];
        let waiting = vec![
            ("graphql_quick", turns.quick.1),
            ("graphql_slow", turns.slow.1),
            ("graphql_write", turns.write.1),
            ("sparql", process.evaluations.waiting()),
            ("oslc", process.oslc.waiting()),
            ("report", process.reports.waiting()),
            ("influxql", process.dashboards.waiting()),
        ];
        metrics::Service {
            permits,
            waiting,
            connections: process.connections.load(Ordering::Relaxed),
            sockets: process.sockets.taken(),
            socket_operations: process.operations.taken(),
            body_bytes: process.bodies.taken().to_vec(),
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
    let origin = origins::cors::allowed(&shared.app.settings().server, request.headers());
    let response = match origin.is_some() && origins::cors::is_preflight(&request) {
        true => origins::cors::preflight(),
        false => known(shared, request, next).await,
    };
    match origin {
        Some(origin) => origins::cors::mark(response, origin),
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

/// A thread that is served.
#[derive(Clone, Debug)]
pub struct Hosted {
    /// The thread.
    pub app: Arc<App>,
    /// What answers GraphQL on it.
    pub service: Arc<Service>,
}

/// Serves a thread alone, until `stop` is done; see [`serve_all`].
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    service: Arc<Service>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_all(listener, Hosted { app, service }, Vec::new(), stop).await
}

/// Serves a thread at `/`, and further ones at `/t/NAME/`, until `stop` is done; requests under way are answered first, as far as there is
/// time.
pub async fn serve_all(
    listener: TcpListener,
    first: Hosted,
    further: Vec<(ThreadName, Hosted)>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (closing, closed) = watch::channel(false);
    let settings = first.app.settings().server.clone();
    let tls = settings.tls.as_ref().map(Tls::load).transpose()?;
    let _reloading = tls.clone().map(reload_on_hangup);
    let process = Process::new(&settings, closed.clone());
    let below = |(name, hosted)| Shared::new(&process, Mount::of(name), hosted, Vec::new());
    let further = further.into_iter().map(below).collect::<io::Result<Vec<_>>>()?;
    let first = Shared::new(&process, Mount::default(), first, further.clone())?;
    let running: Vec<Running> =
        std::iter::once(&first).chain(&further).map(|shared| Running::start(shared, &settings)).collect();
    let routers = further.iter().map(|shared| (shared.mount.clone(), router(shared.clone()))).collect();
    let threads = Threads::new(router(first), routers);
    drop(further);
    let stopping = tokio::spawn(async move {
        stop.await;
        // Fails only where nobody is left to hear it.
        let _ = closing.send(true);
    });
    let open = Arc::clone(&process.connections);
    Listener::new(threads, &settings, (closed, open, tls)).run(listener).await;
    let jobs: Vec<_> = running.into_iter().map(|Running { jobs, .. }| jobs).collect();
    // A WebSocket has left its request behind: each closes on its own.
    let all_closed = async {
        while !process.sockets.is_idle() {
            tokio::time::sleep(CLOSE_LOOK).await;
        }
    };
    drop(tokio::time::timeout(CLOSE_MAX, all_closed).await);
    stopping.abort();
    // Those under way end soon, but not at once.
    jobs.iter().for_each(routes::transfer::Runner::interrupt);
    drop(tokio::task::spawn_blocking(move || drop(jobs)).await);
    Ok(())
}

/// What runs beside the requests to a thread.
struct Running {
    jobs: routes::transfer::Runner,
    _operator: Option<operator::Operator>,
    _fetching: Option<AbortOnDrop>,
}

impl Running {
    fn start(shared: &Shared, settings: &ServerSettings) -> Self {
        let Common { app, service, keys, job_sessions, process, .. } = &**shared;
        let span = shared.mount.span();
        let _entered = span.enter();
        let http = operator::Http::new(router(shared.clone()), settings.clone(), process.closed.clone());
        Self {
            jobs: routes::transfer::Runner::start(app, job_sessions, &process.job),
            _operator: operator::Operator::listen(app, service, http),
            _fetching: keys
                .clone()
                .map(|keys| AbortOnDrop(tokio::spawn(keys.keep().in_current_span()).abort_handle())),
        }
    }
}
