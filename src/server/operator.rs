//! What the operator of the machine may ask of a running service: a backup, a new index, upkeep of the Git repository, or an answer of
//! GraphQL. It is asked through a socket in the folder of the thread, so that only who may write there can ask, and nobody over the
//! network.
//!
//! A request is one line of JSON, `{"backup": "/absolute/folder"}`, `{"reindex": null}`, `{"maintain": {"prune": 14}}` or
//! `{"query": {"query": "…", …}}`; the answer is one line, `{"done": …}` or `{"error": "…"}`. After `{"http": null}` and its answer the connection
//! goes on as one of HTTP, with all paths of the service and the rights of the local operator.

use super::connection::listener;
use crate::app::access::Principal;
use crate::app::{App, BackedUp, ServerSettings, Session};
use crate::graph::Maintained;
use crate::graphql::Service;
use crate::model::sync::background;
use axum::Router;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;

const SOCKET: &str = "operator.sock";
/// The folder in which it is made; with the name in it no longer than the name of the socket, as the paths of sockets are short.
const CLOSED: &str = "operator";
const REQUEST_BYTES_MAX: u64 = 16 << 20;
/// How long a request may take to come in.
const REQUEST_MAX: Duration = Duration::from_secs(5);
/// How soon another attempt follows one that failed, as where the process has no file or thread left.
const RETRY: Duration = Duration::from_millis(100);

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Request {
    Backup(PathBuf),
    Query(Value),
    Reindex(()),
    Maintain { prune: Option<u32> },
    Http(()),
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Answer<T> {
    Done(T),
    Error(String),
}

/// What answers: it goes when the service ends, whoever still asks.
#[derive(Clone)]
struct Handler {
    app: Weak<App>,
    service: Weak<Service>,
    http: Arc<Http>,
}

/// What a connection that goes on in HTTP is served with; it goes when the service ends, whoever still asks.
pub(super) struct Http {
    runtime: Handle,
    router: Mutex<Option<Router>>,
    settings: ServerSettings,
    closed: watch::Receiver<bool>,
}

impl Http {
    pub(super) fn new(router: Router, settings: ServerSettings, closed: watch::Receiver<bool>) -> Arc<Self> {
        let (runtime, router) = (Handle::current(), Mutex::new(Some(router)));
        Arc::new(Self { runtime, router, settings, closed })
    }

    /// Serves a connection to its end.
    fn serve(&self, stream: UnixStream) -> io::Result<()> {
        let router = self.router.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(router) = router else { return Ok(()) };
        stream.set_read_timeout(None)?;
        stream.set_nonblocking(true)?;
        let (settings, closed) = (self.settings.clone(), self.closed.clone());
        self.runtime.spawn(async move {
            match tokio::net::UnixStream::from_std(stream) {
                Ok(stream) => listener::serve_local(stream, router, &settings, closed).await,
                Err(error) => tracing::warn!(%error, "a request of the operator was not accepted"),
            }
        });
        Ok(())
    }
}

/// The socket of a running service; it goes with this.
pub(super) struct Operator {
    path: PathBuf,
    http: Arc<Http>,
    is_closed: Arc<AtomicBool>,
}

impl Operator {
    /// Listens in the folder of the thread; where that is not possible the service runs without, and logs it.
    pub(super) fn listen(app: &Arc<App>, service: &Arc<Service>, http: Arc<Http>) -> Option<Self> {
        let path = app.repository().folder().join(SOCKET);
        // Whoever has the thread open is the only one to listen there.
        match std::fs::remove_file(&path).and(Ok(())).or_else(ignore_missing).and_then(|()| bind(&path)) {
            Ok(listener) => {
                let is_closed = Arc::new(AtomicBool::new(false));
                let (app, service) = (Arc::downgrade(app), Arc::downgrade(service));
                let asked = Handler { app, service, http: Arc::clone(&http) };
                let closed = Arc::clone(&is_closed);
                let answering = background::spawn("operator", move || answer_all(&listener, &asked, &closed));
                answering.inspect_err(|error| no_operator(&path, error)).ok()?;
                Some(Self { path, http, is_closed })
            }
            Err(error) => {
                no_operator(&path, &error);
                None
            }
        }
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::Release);
        drop(self.http.router.lock().unwrap_or_else(PoisonError::into_inner).take());
        // Wakes the thread that waits for a request.
        drop(UnixStream::connect(&self.path));
        drop(std::fs::remove_file(&self.path));
    }
}

/// Asks the service that has a thread open to back it up into a folder; `None` where no service listens there.
pub fn back_up(thread: &Path, folder: &Path) -> io::Result<Option<Result<BackedUp, String>>> {
    ask(thread, &Request::Backup(folder.to_owned()))
}

/// Asks the service that has a thread open for the answer to a GraphQL request; `None` where no service listens there.
pub fn query(thread: &Path, request: Value) -> io::Result<Option<Result<Value, String>>> {
    ask(thread, &Request::Query(request))
}

/// Asks the service that has a thread open to make its index anew, which may take minutes; returns of how many commits. `None` where no
/// service listens there.
pub fn reindex(thread: &Path) -> io::Result<Option<Result<u64, String>>> {
    ask(thread, &Request::Reindex(()))
}

/// Asks the service that has a thread open to pack its objects, and to remove those that no ref reaches where `prune` states for how many days
/// old they are; `None` where no service listens there.
pub fn maintain(thread: &Path, prune: Option<u32>) -> io::Result<Option<Result<Maintained, String>>> {
    ask(thread, &Request::Maintain { prune })
}

/// Returns whether a service that has a thread open listens in its folder.
pub fn reaches(thread: &Path) -> bool {
    UnixStream::connect(thread.join(SOCKET)).is_ok()
}

/// Connects to the service that has a thread open: what follows on the connection is HTTP, with the rights of the local operator.
pub fn connect(thread: &Path) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(thread.join(SOCKET))?;
    writeln!(&stream, "{}", serde_json::to_string(&Request::Http(()))?)?;
    let mut line = String::new();
    // It sends no more before it is asked.
    BufReader::new(&stream).read_line(&mut line)?;
    match serde_json::from_str(&line) {
        Ok(Answer::Done(Value::Null)) => Ok(stream),
        Ok(Answer::Error(error)) => Err(io::Error::other(format!("the service has no HTTP there: {error}"))),
        _ => Err(io::Error::other("the service ended before it had answered")),
    }
}

fn ask<T: DeserializeOwned>(thread: &Path, request: &Request) -> io::Result<Option<Result<T, String>>> {
    let Ok(mut stream) = UnixStream::connect(thread.join(SOCKET)) else { return Ok(None) };
    writeln!(stream, "{}", serde_json::to_string(request)?)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(Some(match serde_json::from_str(&line) {
        Ok(Answer::Done(done)) => Ok(done),
        Ok(Answer::Error(error)) => Err(error),
        Err(_) => Err("the service ended before it had answered".to_owned()),
    }))
}

/// Makes the socket inside a folder that only its owner may enter, and moves it to its place once only its owner may use it.
fn bind(path: &Path) -> io::Result<UnixListener> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    let closed = path.with_file_name(CLOSED);
    std::fs::remove_dir_all(&closed).or_else(ignore_missing)?;
    std::fs::DirBuilder::new().mode(0o700).create(&closed)?;
    let made = closed.join("s");
    let listener = UnixListener::bind(&made)?;
    std::fs::set_permissions(&made, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&made, path)?;
    std::fs::remove_dir(&closed)?;
    Ok(listener)
}

fn no_operator(path: &Path, error: &io::Error) {
    tracing::warn!(%error, path = %path.display(), "the operator can ask nothing of this service");
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn answer_all(listener: &UnixListener, asked: &Handler, is_closed: &AtomicBool) {
    let open = listener.incoming().take_while(|_| !is_closed.load(Ordering::Acquire));
    each_accepted(
        open,
        || std::thread::sleep(RETRY),
        |stream| {
            let asked = asked.clone();
            let answer = move || {
                if let Err(error) = answer(stream, &asked) {
                    tracing::warn!(%error, "a request of the operator was not answered");
                }
            };
            background::spawn("operator", answer).map(drop)
        },
    );
}

/// Begins to answer each connection; where one cannot be accepted or answered, pauses before the next one.
fn each_accepted<S>(
    accepted: impl Iterator<Item = io::Result<S>>,
    mut pause: impl FnMut(),
    mut begin: impl FnMut(S) -> io::Result<()>,
) {
    let mut failing = false;
    for stream in accepted {
        let started = stream.and_then(&mut begin);
        if let Err(error) = &started {
            // One line for a row of failures.
            if !failing {
                tracing::warn!(%error, "a request of the operator was not accepted");
            }
            pause();
        }
        failing = started.is_err();
    }
}

fn answer(mut stream: UnixStream, asked: &Handler) -> io::Result<()> {
    stream.set_read_timeout(Some(REQUEST_MAX))?;
    let mut line = String::new();
    BufReader::new((&stream).take(REQUEST_BYTES_MAX)).read_line(&mut line)?;
    if line.is_empty() {
        // Somebody has looked whether a service listens here.
        return Ok(());
    }
    if let Ok(Request::Http(())) = serde_json::from_str(&line) {
        writeln!(stream, "{}", serde_json::to_string(&Answer::Done(()))?)?;
        return asked.http.serve(stream);
    }
    let answer = match serde_json::from_str(&line).map_err(|error| error.to_string()) {
        Ok(request) => asked.answer(request),
        Err(error) => Err(error),
    };
    let answer = answer.map_or_else(Answer::Error, Answer::Done);
    writeln!(stream, "{}", serde_json::to_string(&answer)?)
}

impl Handler {
    /// Returns a session of whoever works on this machine; `None` where the service is ending.
    fn session(&self) -> Option<Session> {
        Some(self.app.upgrade()?.session(Principal::local()))
    }

    fn answer(&self, request: Request) -> Result<Value, String> {
        let ending = || "the service is ending".to_owned();
        let text = |error: &dyn std::error::Error| error.to_string();
        match request {
            Request::Http(()) => Err("it is served elsewhere".to_owned()),
            Request::Backup(folder) if !folder.is_absolute() => {
                Err(format!("{} is no absolute path", folder.display()))
            }
            Request::Backup(folder) => {
                let done = self.session().ok_or_else(ending)?.backup(&folder);
                serde_json::to_value(done.map_err(|error| text(&error))?).map_err(|error| text(&error))
            }
            Request::Reindex(()) => {
                let made = self.session().ok_or_else(ending)?.reindex();
                Ok(Value::from(made.map_err(|error| text(&error))?))
            }
            Request::Maintain { prune } => {
                let session = self.session().ok_or_else(ending)?;
                let done = session.maintain(prune).map_err(|error| text(&error))?;
                serde_json::to_value(done).map_err(|error| text(&error))
            }
            Request::Query(query) => {
                let query = serde_json::from_value(query).map_err(|error| text(&error))?;
                Ok(self.service.upgrade().ok_or_else(ending)?.run(&query))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_reaches_the_socket() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(SOCKET);
        // A process that was killed may have left the folder.
        std::fs::create_dir(folder.path().join(CLOSED)).expect("a folder");
        std::fs::write(folder.path().join(CLOSED).join("s"), "").expect("a file");
        let listener = bind(&path).expect("a socket");
        let mode = std::fs::metadata(&path).expect("the socket").permissions().mode();
        assert_eq!((mode & 0o777, folder.path().join(CLOSED).exists()), (0o600, false));
        UnixStream::connect(&path).expect("a connection");
        listener.accept().expect("a client");
    }

    #[test]
    fn a_connection_that_is_not_accepted_is_followed_by_a_pause() {
        let scarce = || io::Error::from(io::ErrorKind::OutOfMemory);
        let accepted = [Ok(1), Err(scarce()), Err(scarce()), Ok(2), Ok(3)];
        let (mut pauses, mut started) = (0, Vec::new());
        each_accepted(
            accepted.into_iter(),
            || pauses += 1,
            |stream| {
                started.push(stream);
                if stream == 2 { Err(scarce()) } else { Ok(()) }
            },
        );
        assert_eq!((pauses, started), (3, vec![1, 2, 3]));
    }
}
