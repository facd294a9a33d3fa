//! `throughline serve`.

use crate::app::{
    App, Deliverer, FurtherThread, Mount, PolicySchedule, Schedule, Subscriber, ThreadName, Upkeep,
};
use crate::cli::error::Failure;
use crate::cli::{Data, sources};
use crate::graphql::Service;
use crate::model::time::clock::SystemClock;
use crate::server::{self, Hosted};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7300")]
    listen: SocketAddr,
}

impl Arguments {
    /// Returns the folder of the thread.
    pub(in crate::cli) fn folder(&self) -> &Path {
        &self.data.data
    }
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = &arguments.data.data;
    let loaded = sources().read(folder)?;
    let further = loaded.further(folder)?;
    for note in std::iter::once(&loaded).chain(further.iter().map(|one| &one.loaded)).flat_map(|of| &of.notes)
    {
        eprintln!("note: {note}");
    }
    let app = arguments.data.open_app()?;
    let further = further.into_iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let scheme = if app.settings().server.tls.is_some() { "https" } else { "http" };
    let names: Vec<ThreadName> = further.iter().map(|(name, _)| name.clone()).collect();
    serve_all(app, further, arguments.listen, |address| {
        let further = names.iter().map(|name| format!("serving {name} at {scheme}://{address}/t/{name}/\n"));
        let text = format!("listening on {scheme}://{address}\n{}", further.collect::<String>());
        // In one piece: whoever reads the first line may close the pipe after it.
        print!("{text}");
    })
}

/// Opens a further thread; one that cannot be opened refuses the start, so that nobody learns from its users that it is not served.
fn open(further: FurtherThread) -> Result<(ThreadName, Arc<App>), Failure> {
    let FurtherThread { name, folder, loaded } = further;
    // What the store does in the background belongs to the thread as well.
    let _entered = Mount::of(name.clone()).span().entered();
    let opened = App::open_under(&folder, Arc::new(SystemClock::default()), loaded);
    let app = opened.map_err(|error| {
        let place = format!("the thread {name} in {}", folder.display());
        let hint = format!("mend it, or remove {name} from [server.threads] to serve the others without");
        Failure::from(error).within(&place).hint(hint)
    })?;
    Ok((name, Arc::new(app)))
}

/// Serves a thread until it is stopped (Ctrl-C or SIGTERM); `ready` receives the address once requests are answered.
pub(in crate::cli) fn serve(
    app: Arc<App>,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Failure> {
    serve_all(app, Vec::new(), listen, ready)
}

/// Serves a thread and further ones, each with what it does by itself, until they are stopped together.
fn serve_all(
    app: Arc<App>,
    further: Vec<(ThreadName, Arc<App>)>,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Failure> {
    let is_closed = std::iter::once(&app)
        .chain(further.iter().map(|(_, app)| app))
        .any(|app| app.access().is_configured());
    check_access(&app, None, listen, is_closed)?;
    further.iter().try_for_each(|(name, app)| check_access(app, Some(name), listen, is_closed))?;
    check_audit(&app);
    for (name, app) in &further {
        Mount::of(name.clone()).span().in_scope(|| check_audit(app));
    }
    server::check_tls(&app.settings().server)?;
    let hosted =
        |app: Arc<App>| Ok::<_, Failure>(Hosted { service: Arc::new(Service::new(app.clone())?), app });
    let first = hosted(app)?;
    let further = further.into_iter().map(|(name, app)| Ok((name, hosted(app)?)));
    let further = further.collect::<Result<Vec<_>, Failure>>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async move {
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|error| Failure::new(format!("cannot listen on {listen}: {error}")))?;
        // Whoever reads the address may stop the service right away, and it stops as it should.
        let stop = stop();
        ready(listener.local_addr()?);
        let mounted = further.iter().map(|(name, hosted)| (Mount::of(name.clone()), hosted));
        let all = std::iter::once((Mount::default(), &first)).chain(mounted);
        let started =
            |(mount, hosted): (Mount, &Hosted)| mount.span().in_scope(|| OwnWork::start(&hosted.app));
        let _own_work = all.map(started).collect::<Result<Vec<_>, _>>()?;
        Ok(server::serve_all(listener, first, further, stop).await?)
    });
    // Work that goes on in spite of all is left to the end of the process: whatever it writes is written whole or not at all.
    runtime.shutdown_timeout(LAST_WORK_MAX);
    served
}

/// What a thread does by itself while it is served; it ends with this.
struct OwnWork {
    _monitors: Option<Schedule>,
    _deliverer: Deliverer,
    _subscriber: Subscriber,
    _policies: PolicySchedule,
    _upkeep: Upkeep,
}

impl OwnWork {
    fn start(app: &Arc<App>) -> Result<Self, Failure> {
        Ok(Self {
            _monitors: Schedule::start(app.clone())?,
            _deliverer: Deliverer::start(app)?,
            _subscriber: Subscriber::start(app)?,
            _policies: PolicySchedule::start(app.clone())?,
            _upkeep: Upkeep::start(app.clone())?,
        })
    }
}

/// Refuses to listen where others than this machine reach a thread without access; on this machine alone it is open, but not beside one
/// that is closed, as others may reach that one through a proxy, and with it all.
fn check_access(
    app: &App,
    name: Option<&ThreadName>,
    listen: SocketAddr,
    is_beside_closed: bool,
) -> Result<(), Failure> {
    let of = name.map(|name| format!(" for the thread {name}")).unwrap_or_default();
    if app.access().is_configured() {
        return Ok(());
    }
    if is_beside_closed {
        let open = name.map_or_else(|| "the first thread".to_owned(), |name| format!("the thread {name}"));
        let text = format!(
            "{open} has no access configured, and another thread of this service has: whoever reaches the service could do everything in it"
        );
        let hint = "make a token for it with throughline token create --data DIR --name NAME --role operator";
        return Err(Failure::new(text).hint(hint));
    }
    if listen.ip().to_canonical().is_loopback() {
        eprintln!(
            "note: no access is configured{of}, so that whoever reaches {listen} on this machine may do everything (throughline token create)"
        );
        return Ok(());
    }
    let text = format!(
        "{listen} is reached from other machines, and no access is configured{of}: whoever reaches it could do everything"
    );
    let hint = "make a token with throughline token create --data DIR --name NAME --role operator, or listen on 127.0.0.1";
    Err(Failure::new(text).hint(hint))
}

/// Warns of an audit log that is damaged, or of which all is lost. The service starts in spite of it: what it does is logged behind.
fn check_audit(app: &Arc<App>) {
    let audit = app.access().audit();
    if let Err(error) = audit.note_loss() {
        tracing::error!(%error, "the audit log cannot be written");
    }
    audit.verify_beside();
}

/// How long work may still go on once all connections are closed.
const LAST_WORK_MAX: Duration = Duration::from_secs(5);

/// The exit code where a second signal ends the process at once.
const ENDED_AT_ONCE: i32 = 130;

/// Listens to Ctrl-C and SIGTERM from the call on and returns what waits for the first; a second one ends the process at once, however
/// soon it follows.
#[cfg(unix)]
fn stop() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    // What comes while nobody waits yet is kept.
    let listening = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = listening else {
            // Where no signal can be received the service runs until it is killed, which it survives.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            end_at_once();
        });
    }
}

/// Waits for Ctrl-C to stop; a second one ends the process at once.
#[cfg(not(unix))]
async fn stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        return std::future::pending().await;
    }
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            end_at_once();
        }
    });
}

fn end_at_once() -> ! {
    eprintln!("stopped at once");
    std::process::exit(ENDED_AT_ONCE);
}
