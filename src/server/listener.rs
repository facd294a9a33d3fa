//! Connections: accepted up to a number, closed where their clients let the service wait too long, and closed at the end.
//!
//! Where all places are taken, the connection that has waited longest for its client makes room: an idle one costs its client one new
//! connection, and silent ones keep nobody away. A client that sends a byte now and then is not idle until its patience ends.

use super::share::Client;
use super::stream::{Activity, Pausing, Stream};
use crate::app::ServerSettings;
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// A connection that has waited less for its client makes room for no other.
const IDLE_MIN: Duration = Duration::from_secs(1);
/// How long a connection may wait for its client when the service stops.
const IDLE_AT_END: Duration = Duration::from_secs(1);
/// How soon another attempt follows one that found no room.
const RETRY: Duration = Duration::from_millis(20);
/// The largest head of a request.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Accepts connections until the service stops, and then waits for those that are open.
pub(super) struct Listener {
    router: Router,
    connections: Connections,
    patience: Duration,
    stop_max: Duration,
    closed: watch::Receiver<bool>,
}

/// The open connections.
#[derive(Clone)]
struct Connections {
    max: usize,
    open: Arc<Mutex<HashMap<u64, Arc<Activity>>>>,
}

impl Listener {
    pub(super) fn new(router: Router, settings: &ServerSettings, closed: watch::Receiver<bool>) -> Self {
        let connections = Connections { max: connections_max(settings), open: Arc::default() };
        Self { router, connections, patience: settings.patience, stop_max: settings.stop_max, closed }
    }

    /// Runs until the service stops and no connection is open any more.
    pub(super) async fn run(self, listener: TcpListener) {
        let mut closed = self.closed.clone();
        let mut number = 0;
        loop {
            let accepted = tokio::select! {
                () = closing(&mut closed) => break,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, peer)) = accepted else {
                // The process has no file left, or the client has gone already.
                self.connections.close_one();
                sleep(RETRY).await;
                continue;
            };
            number += 1;
            let activity = Activity::new();
            tokio::select! {
                () = closing(&mut closed) => break,
                () = self.connections.enter(number, &activity) => {}
            }
            self.spawn(number, stream, peer, activity);
        }
        drop(listener);
        let all_ended = async {
            while !self.connections.is_empty() {
                sleep(RETRY).await;
            }
        };
        drop(timeout(self.stop_max + IDLE_AT_END, all_ended).await);
    }

    fn spawn(&self, number: u64, stream: TcpStream, peer: SocketAddr, activity: Arc<Activity>) {
        // Answers are written whole, so that nothing is gained by waiting for more.
        drop(stream.set_nodelay(true));
        let (router, connections) = (self.router.clone(), self.connections.clone());
        let (patience, stop_max, closed) = (self.patience, self.stop_max, self.closed.clone());
        tokio::spawn(async move {
            let stream = Stream::new(stream, Arc::clone(&activity), patience);
            serve(stream, peer, router, &activity, patience, (closed, stop_max)).await;
            connections.leave(number);
        });
    }
}

/// Serves one connection to its end.
async fn serve(
    stream: Stream<TcpStream>,
    peer: SocketAddr,
    router: Router,
    activity: &Arc<Activity>,
    patience: Duration,
    (mut closed, stop_max): (watch::Receiver<bool>, Duration),
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let work = Pausing::new(activity);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Client::from(peer));
        request.extensions_mut().insert(work.clone());
        let answer = router.call(request);
        async move {
            let answer = answer.await;
            work.set(false);
            answer
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
            () = sleep_until(end) => return,
            () = sleep(RETRY) => {
                if activity.idle().is_some_and(|idle| idle >= IDLE_AT_END) {
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

impl Connections {
    /// Waits for a place, and makes room where none is free.
    async fn enter(&self, number: u64, activity: &Arc<Activity>) {
        while !self.try_enter(number, activity) {
            self.close_one();
            sleep(RETRY).await;
        }
    }

    fn try_enter(&self, number: u64, activity: &Arc<Activity>) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= self.max {
            return false;
        }
        open.insert(number, Arc::clone(activity));
        true
    }

    /// Closes the connection that has waited longest for its client, where one has waited long enough.
    fn close_one(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = open.values().filter_map(|activity| Some((activity.idle()?, activity)));
        let idle = idle.filter(|(idle, _)| *idle >= IDLE_MIN).max_by_key(|(idle, _)| *idle);
        if let Some((_, activity)) = idle {
            activity.close.notify_one();
        }
    }

    fn leave(&self, number: u64) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }

    fn is_empty(&self) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
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
