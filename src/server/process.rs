//! What the process has once, however many threads it serves: room for bodies, places for work, and open connections. One thread that is asked
//! much leaves so much less to the others, and all together never take more than one would.

use super::body::Bodies;
use super::body::parsed::Parsed;
use super::reads::Reads;
use super::routes;
use super::share::Pool;
use crate::app::ServerSettings;
use crate::graphql::{Queue, Turns};
use crate::model::sync::cache::BoundedCache;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, watch};

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

/// How many reports are read at once for each core, and how many may wait.
const REPORTS_PER_CORE: usize = 1;
const REPORTS_WAITING_MAX: usize = 256;

/// How many queries in InfluxQL are answered at once for each core.
const DASHBOARDS_PER_CORE: usize = 1;
/// How many of them may wait, half of them of one client: a dashboard sends one for each of its panels.
const DASHBOARDS_WAITING_MAX: usize = 256;

/// How much memory files may take that pages brought; each at most an eighth of it.
const UPLOADS_BYTES: u64 = 160 << 20;

/// How much memory the answers of pages may take that never change.
const PAGE_ANSWERS_BYTES: u64 = 64 << 20;

/// How many refusals are logged at once; the others wait.
const DENIALS_MAX: usize = 4;

/// What the process has once.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) bodies: Bodies,
    pub(super) parsed: Parsed,
    /// For bodies of samples, by their class.
    pub(super) writes: [Queue; 3],
    pub(super) turns: Turns,
    /// For subscriptions that look for events.
    pub(super) looks: Arc<Semaphore>,
    /// For answers that are compressed.
    pub(super) compressed: Arc<Semaphore>,
    pub(super) evaluations: Queue,
    /// For requests of OSLC.
    pub(super) oslc: Reads,
    /// For reports: what the command line reads, and the audit log.
    pub(super) reports: Reads,
    pub(super) large_queries: Queue,
    /// For queries in InfluxQL.
    pub(super) dashboards: Reads,
    pub(super) trials: [Queue; 2],
    /// Open WebSockets, and operations under way over them.
    pub(super) sockets: Pool,
    pub(super) sockets_opened: AtomicU64,
    pub(super) operations: Pool,
    /// Files that pages brought and that are not imported yet: each is found by a key that a thread makes.
    pub(super) uploads: BoundedCache<String, routes::pages::bring::Upload>,
    /// Answers of pages that never change, by the thread and the page.
    pub(super) page_answers: BoundedCache<String, Arc<serde_json::Value>>,
    /// For refusals that are logged.
    pub(super) denials: Semaphore,
    /// How many connections are open.
    pub(super) connections: Arc<AtomicUsize>,
    /// For files that come in and go out.
    pub(super) transfers: routes::transfer::Places,
    /// For the job that is under way.
    pub(super) job: Arc<Mutex<()>>,
    /// Whether the service is closing.
    pub(super) closed: watch::Receiver<bool>,
}

impl Process {
    /// Makes what there is once, by the settings of the first thread.
    pub(super) fn new(settings: &ServerSettings, closed: watch::Receiver<bool>) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let places = |count: usize| Arc::new(Semaphore::new(count));
        // What waits there is bounded by the connections of its client, and by the room for bodies.
        let queue = |count: usize| Queue::new(count, usize::MAX);
        Arc::new(Self {
            bodies: Bodies::new(settings),
            parsed: Parsed::new(settings),
            writes: [SMALL_WRITES_MAX, cores * MEDIUM_WRITES_PER_CORE, cores.div_ceil(CORES_PER_LARGE_WRITE)]
                .map(queue),
            turns: Turns::default(),
            looks: places(cores),
            compressed: places(routes::compression::COMPRESSED_MAX),
            evaluations: Queue::new(cores * EVALUATIONS_PER_CORE, EVALUATIONS_WAITING_MAX),
            oslc: Reads::new("OSLC requests", cores * OSLC_PER_CORE, OSLC_WAITING_MAX),
            reports: Reads::new("reports", cores * REPORTS_PER_CORE, REPORTS_WAITING_MAX),
            large_queries: queue(LARGE_QUERIES_MAX),
            dashboards: Reads::new("queries", cores * DASHBOARDS_PER_CORE, DASHBOARDS_WAITING_MAX),
            trials: TRIALS_PER_CORE.map(|count| queue(cores * count)),
            sockets: Pool::new(settings.sockets_max, settings.sockets_per_client_max),
            sockets_opened: AtomicU64::default(),
            operations: Pool::new(usize::MAX, settings.subscriptions_per_client_max),
            uploads: BoundedCache::with_room(UPLOADS_BYTES),
            page_answers: BoundedCache::with_room(PAGE_ANSWERS_BYTES),
            denials: Semaphore::new(DENIALS_MAX),
            connections: Arc::default(),
            transfers: routes::transfer::Places::default(),
            job: Arc::default(),
            closed,
        })
    }
}
