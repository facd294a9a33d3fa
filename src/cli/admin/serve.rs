//! `throughline serve`.

use crate::app::{App, Deliverer, PolicySchedule, Schedule, Subscriber, Upkeep};
use crate::cli::error::Failure;
use crate::cli::{Data, sources};
use crate::graphql::Service;
use crate::server;
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
    for note in &sources().read(&arguments.data.data)?.notes {
        eprintln!("note: {note}");
    }
    let app = arguments.data.open_app()?;
    let scheme = if app.settings().server.tls.is_some() { "https" } else { "http" };
    serve(app, arguments.listen, |address| {
        println!("listening on {scheme}://{address}");
    })
}

/// Serves a thread until it is stopped (Ctrl-C or SIGTERM); `ready` receives the address once requests are answered.
pub(in crate::cli) fn serve(
    app: Arc<App>,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Failure> {
    check_access(&app, listen)?;
    server::check_tls(&app.settings().server)?;
    let service = Arc::new(Service::new(app.clone())?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async move {
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|error| Failure::new(format!("cannot listen on {listen}: {error}")))?;
        // Whoever reads the address may stop the service right away, and it stops as it should.
        let stop = stop();
        ready(listener.local_addr()?);
        let _monitors = Schedule::start(app.clone())?;
        let _deliverer = Deliverer::start(&app)?;
        let _subscriber = Subscriber::start(&app)?;
        let _policies = PolicySchedule::start(app.clone())?;
        let _upkeep = Upkeep::start(app.clone())?;
        Ok(server::serve(listener, app, service, stop).await?)
    });
    // Work that goes on in spite of all is left to the end of the process: whatever it writes is written whole or not at all.
    runtime.shutdown_timeout(LAST_WORK_MAX);
    served
}

/// Refuses to listen where others than this machine reach a thread without access; on this machine alone it is open.
fn check_access(app: &App, listen: SocketAddr) -> Result<(), Failure> {
    if app.access().is_configured() {
        return Ok(());
    }
    if listen.ip().to_canonical().is_loopback() {
        eprintln!(
            "note: no access is configured, so that whoever reaches {listen} on this machine may do everything (throughline token create)"
        );
        return Ok(());
    }
    let text = format!(
        "{listen} is reached from other machines, and no access is configured: whoever reaches it could do everything"
    );
    let hint = "make a token with throughline token create --data DIR --name NAME --role operator, or listen on 127.0.0.1";
    Err(Failure::new(text).hint(hint))
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
