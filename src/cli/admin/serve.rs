//! `throughline serve`.

use crate::app::{App, Schedule, Upkeep};
use crate::cli::Data;
use crate::cli::error::Failure;
use crate::graphql::Service;
use crate::server;
use std::net::SocketAddr;
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

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    serve(arguments.data.open_app()?, arguments.listen, |address| {
        println!("listening on http://{address}");
    })
}

/// Serves a thread until it is stopped (Ctrl-C or SIGTERM); `ready` receives the address once requests are answered.
pub(in crate::cli) fn serve(
    app: Arc<App>,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Failure> {
    check_access(&app, listen)?;
    let service = Arc::new(Service::new(app.clone())?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async move {
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|error| Failure::new(format!("cannot listen on {listen}: {error}")))?;
        ready(listener.local_addr()?);
        let _monitors = Schedule::start(app.clone())?;
        let _upkeep = Upkeep::start(app.clone())?;
        Ok(server::serve(listener, app, service, stop()).await?)
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

/// Waits for a signal to stop; a second one ends the process at once.
async fn stop() {
    signal().await;
    tokio::spawn(async {
        signal().await;
        eprintln!("stopped at once");
        std::process::exit(ENDED_AT_ONCE);
    });
}

/// Waits for Ctrl-C or SIGTERM.
async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Where no signal can be received the service runs until it is killed, which it survives.
    if interrupt.await.is_err() {
        std::future::pending::<()>().await;
    }
}
