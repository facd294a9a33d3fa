//! Connections: accepted up to a number, closed where their clients let the service wait too long, and closed at the end.

use super::activity::{Activity, Answering, Pausing};
use super::connections::Connections;
use super::stream::Stream;
use super::threads::Threads;
use super::tls::Tls;
use crate::app::ServerSettings;
use crate::graphql::Code;
use crate::graphql::service::refuse_transport;
use crate::server::auth::{Local, Peer};
use crate::server::share::Client;
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_rustls::server::TlsStream;

/// How long a connection may wait for its client when the service stops.
const WAIT_AT_END: Duration = Duration::from_secs(1);
/// How soon another attempt follows one that found no room.
const RETRY: Duration = Duration::from_millis(20);
/// How many refused clients are sent the reason at the same time, and how long one may take to read it.
const REFUSALS_MAX: usize = 64;
const REFUSAL_MAX: Duration = Duration::from_secs(1);
/// The largest head of a request.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Accepts connections until the service stops, and then waits for those that are open.
pub(in crate::server) struct Listener {
    threads: Threads,
    connections: Connections,
    refusals: Arc<Semaphore>,
    patience: Duration,
    stop_max: Duration,
    closed: watch::Receiver<bool>,
    /// How many connections are open.
    open: Arc<AtomicUsize>,
    /// What they are encrypted with.
    tls: Option<Tls>,
}

impl Listener {
    pub(in crate::server) fn new(
        threads: Threads,
        settings: &ServerSettings,
        (closed, open, tls): (watch::Receiver<bool>, Arc<AtomicUsize>, Option<Tls>),
    ) -> Self {
        let connections = Connections::new(connections_max(settings), settings.connections_per_client_max);
        let refusals = Arc::new(Semaphore::new(REFUSALS_MAX));
        let (patience, stop_max) = (settings.patience, settings.stop_max);
        Self { threads, connections, refusals, patience, stop_max, closed, open, tls }
    }

    /// Runs until the service stops and no connection is open any more.
    pub(in crate::server) async fn run(self, listener: TcpListener) {
        let mut closed = self.closed.clone();
        let mut number = 0;
        loop {
            let accepted = tokio::select! {
                () = closing(&mut closed) => break,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                // The client has closed it already.
                Err(error)
                    if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) =>
                {
                    continue;
                }
                Err(error) => {
                    // The process has no file left.
                    tracing::debug!(%error, "a connection was not accepted");
                    self.connections.make_room();
                    sleep(RETRY).await;
                    continue;
                }
            };
            number += 1;
            let activity = Activity::new(Instant::now());
            let entered = tokio::select! {
                () = closing(&mut closed) => break,
                entered = self.connections.enter(number, Client::from(peer), &activity) => entered,
            };
            match entered {
                Ok(()) => self.spawn(number, stream, peer, activity),
                Err(max) => self.refuse(stream, max),
            }
        }
        drop(listener);
        let all_ended = async {
            while !self.connections.is_empty() {
                sleep(RETRY).await;
            }
        };
        drop(timeout(self.stop_max + WAIT_AT_END, all_ended).await);
    }

    fn spawn(&self, number: u64, stream: TcpStream, peer: SocketAddr, activity: Arc<Activity>) {
        // Answers are written whole, so that nothing is gained by waiting for more.
        drop(stream.set_nodelay(true));
        let (threads, connections) = (self.threads.clone(), self.connections.clone());
        let (patience, stop_max, closed) = (self.patience, self.stop_max, self.closed.clone());
        let (open, tls) = (Arc::clone(&self.open), self.tls.clone());
        tokio::spawn(async move {
            open.fetch_add(1, Ordering::Relaxed);
            let stream = Stream::new(stream, Arc::clone(&activity), patience);
            let end = (closed, stop_max);
            match tls {
                None => serve(stream, peer, threads, &activity, patience, end).await,
                Some(tls) => {
                    if let Some(stream) = encrypted(stream, &tls, &activity, patience).await {
                        serve(stream, peer, threads, &activity, patience, end).await;
                    }
                }
            }
            connections.leave(number);
            open.fetch_sub(1, Ordering::Relaxed);
        });
    }

    /// Sends a client the reason why it gets no place; where many are sent one, the connection is closed without.
    fn refuse(&self, mut stream: TcpStream, max: usize) {
        // Over TLS there is nothing to read without a handshake, which is work.
        if self.tls.is_some() {
            return;
        }
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
        tokio::spawn(async move {
            let _permit = permit;
            let sent = async {
                stream.write_all(&refusal(max)).await?;
                stream.shutdown().await?;
                // A connection that is closed with bytes unread loses what was sent (RFC 9112, 9.6).
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
            };
            drop(timeout(REFUSAL_MAX, sent).await);
        });
    }
}

/// Writes the answer to a client that has all the connections it may have.
fn refusal(max: usize) -> Vec<u8> {
    let text = format!(
        "{max} connections of this client are open, which is all that may, and none waits for the client (connectionsPerClient under [server] in throughline.toml; behind a proxy all its clients are one): use these, or try again later"
    );
    let body = refuse_transport(503, Code::Unavailable, &text).body;
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nx-content-type-options: nosniff\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

/// Agrees with the client on how a connection is encrypted; `None` where that fails, or takes longer than a client may let the service wait.
async fn encrypted(
    stream: Stream<TcpStream>,
    tls: &Tls,
    activity: &Activity,
    patience: Duration,
) -> Option<TlsStream<Stream<TcpStream>>> {
    let agreed = tokio::select! {
        agreed = timeout(patience, tls.acceptor().accept(stream)) => agreed.ok()?,
        () = activity.close.notified() => return None,
    };
    agreed.inspect_err(|error| tracing::debug!(%error, "a connection was not encrypted")).ok()
}

/// Serves a connection that came through the socket in the folder of the thread.
pub(in crate::server) async fn serve_local(
    stream: UnixStream,
    router: Router,
    settings: &ServerSettings,
    closed: watch::Receiver<bool>,
) {
    let activity = Activity::new(Instant::now());
    let stream = Stream::new(stream, Arc::clone(&activity), settings.patience);
    let threads = Threads::alone(router.layer(axum::Extension(Local)));
    let peer = SocketAddr::from(([127, 0, 0, 1], 0));
    serve(stream, peer, threads, &activity, settings.patience, (closed, settings.stop_max)).await;
}

/// Serves one connection to its end.
async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    threads: Threads,
    activity: &Arc<Activity>,
    patience: Duration,
    (mut closed, stop_max): (watch::Receiver<bool>, Duration),
) {
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let work = Pausing::new(activity);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Client::from(peer));
        request.extensions_mut().insert(Peer(peer.ip()));
        request.extensions_mut().insert(work.clone());
        let router = threads.enter(request.uri_mut());
        let answer = TowerToHyperService::new(router).call(request);
        async move {
            let answer = answer.await;
            work.set(false);
            answer.map(|answer| answer.map(|body| Answering::new(body, work)))
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(HEAD_BYTES_MAX * 2);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    tokio::select! {
        _ = connection.as_mut() => return,
        () = activity.close.notified() => return,
        () = closing(&mut closed) => {}
    }
    connection.as_mut().graceful_shutdown();
    let end = Instant::now() + stop_max;
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            () = activity.close.notified() => return,
            () = sleep_until(end) => return,
            () = sleep(RETRY) => {
                if activity.waited(Instant::now()).is_some_and(|waited| waited >= WAIT_AT_END) {
                    return;
                }
            }
        }
    }
}

/// Waits until the service stops.
async fn closing(closed: &mut watch::Receiver<bool>) {
    drop(closed.wait_for(|closed| *closed).await);
}

/// Returns how many connections may be open: half of the files that the process may open are left to the thread.
fn connections_max(settings: &ServerSettings) -> usize {
    let files = files_max();
    let max = settings.connections_max.min((files / 2).max(1));
    if max < settings.connections_max {
        tracing::warn!(
            "at most {max} connections are served, not {}: the process may open {files} files (ulimit -n)",
            settings.connections_max
        );
    }
    max
}

/// Returns how many files the process may open.
fn files_max() -> usize {
    #[cfg(target_os = "linux")]
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(target_os = "linux"))]
    let files = Some(256_u64);
    files.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX)
}
