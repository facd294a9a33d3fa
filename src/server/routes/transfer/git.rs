//! `/thread.git`: the repository of the thread for Git's clients, to read (smart HTTP). What they send and receive passes through
//! `git http-backend`, as it is run by any web server; commits come in by pushes on the machine (`refs/incoming`), not here.

use super::refusal::Refusal;
use super::streams;
use crate::app::Session;
use crate::app::access::Operation;
use crate::graphql::Code;
use crate::server::Shared;
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::share::Client;
use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::io::{self, BufRead as _, BufReader, Read as _, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

/// The largest request of a client: what it wants and has.
const BYTES_MAX: usize = 16 << 20;
/// The largest head of an answer.
const HEAD_BYTES_MAX: u64 = 16 << 10;
/// The one service that there is.
const UPLOAD_PACK: &str = "git-upload-pack";

/// Answers with the refs.
pub(super) async fn refs(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let asked = Asked { method: Method::GET, path: "/info/refs", query: query.clone(), body: Vec::new() };
    match query == format!("service={UPLOAD_PACK}") {
        true => answer(&shared, session, asked, &headers).await.unwrap_or_else(IntoResponse::into_response),
        false => read_only().into_response(),
    }
}

/// Answers with objects.
pub(super) async fn upload_pack(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let answered = async {
        session.authorize(Operation::Read)?;
        let sender = Sender { client, work };
        let received = shared.bodies.receive(&headers, body, BYTES_MAX, &sender).await?;
        let (body, _room) = received.into_parts();
        let asked = Asked { method: Method::POST, path: "/git-upload-pack", query: String::new(), body };
        answer(&shared, session, asked, &headers).await
    };
    answered.await.unwrap_or_else(IntoResponse::into_response)
}

/// Refuses a push.
pub(super) async fn receive_pack() -> Response {
    read_only().into_response()
}

fn read_only() -> Refusal {
    let text = "the repository is read here, and not written: push to refs/incoming/NAME in the folder of the thread, or use POST /import and GraphQL";
    Refusal::new(StatusCode::FORBIDDEN, Code::Forbidden, text)
}

/// What a client of Git asks.
struct Asked {
    method: Method,
    path: &'static str,
    query: String,
    body: Vec<u8>,
}

async fn answer(
    shared: &Shared,
    session: Session,
    asked: Asked,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let place = Arc::clone(&shared.transfers.exports).try_acquire_owned();
    let place = place.map_err(|_| Refusal::crowded("too much is being exported: try again later"))?;
    let command = command(&session.repository_folder()?, &asked, headers);
    let begun = tokio::task::spawn_blocking(move || Backend::start(command, asked.body)).await;
    let mut backend = begun.map_err(Refusal::failed)?.map_err(Refusal::failed)?;
    let (status, fields) = (backend.status, std::mem::take(&mut backend.fields));
    let body = streams::written(shared.app.settings().server.patience, move |out| {
        let _place = place;
        backend.copy(out)
    });
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().extend(fields);
    Ok(response)
}

fn command(folder: &Path, asked: &Asked, headers: &HeaderMap) -> Command {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut command = Command::new("git");
    command
        .arg("http-backend")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
    command.envs([
        ("GIT_HTTP_EXPORT_ALL", "1"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        // The folder may belong to another user than the service runs as.
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", "*"),
        ("REQUEST_METHOD", asked.method.as_str()),
        ("QUERY_STRING", &asked.query),
        ("CONTENT_TYPE", text(header::CONTENT_TYPE)),
        ("CONTENT_LENGTH", &asked.body.len().to_string()),
        ("HTTP_CONTENT_ENCODING", text(header::CONTENT_ENCODING)),
        ("GIT_PROTOCOL", text(HeaderName::from_static("git-protocol"))),
    ]);
    command.env("GIT_PROJECT_ROOT", folder).env("PATH_INFO", asked.path);
    command
}

/// A program that answers, and ends with this.
struct Backend {
    child: Child,
    out: BufReader<ChildStdout>,
    status: StatusCode,
    fields: HeaderMap,
}

impl Backend {
    /// Starts it, hands it the request, and reads the head of its answer.
    fn start(mut command: Command, body: Vec<u8>) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let (input, out) = (child.stdin.take(), child.stdout.take());
        let out = BufReader::new(out.ok_or_else(|| io::Error::other("git has no output"))?);
        let mut backend = Self { child, out, status: StatusCode::OK, fields: HeaderMap::new() };
        if let Some(mut input) = input {
            // Beside, as it may answer before it has read all; and it may end before it has.
            std::thread::spawn(move || drop(input.write_all(&body)));
        }
        backend.read_head()?;
        Ok(backend)
    }

    /// Reads the head as CGI has it (RFC 3875, 6.3).
    fn read_head(&mut self) -> io::Result<()> {
        let mut head = (&mut self.out).take(HEAD_BYTES_MAX);
        loop {
            let mut line = String::new();
            if head.read_line(&mut line)? == 0 {
                return Err(io::Error::other("git http-backend has not answered: is git installed?"));
            }
            let line = line.trim_end();
            let Some((name, value)) = line.split_once(':') else {
                return if line.is_empty() { Ok(()) } else { Err(io::Error::other("git answers no CGI")) };
            };
            let value = value.trim();
            if name.eq_ignore_ascii_case("status") {
                let code = value.split(' ').next().and_then(|code| code.parse().ok());
                self.status =
                    code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::BAD_GATEWAY);
            } else if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                self.fields.append(name, value);
            }
        }
    }

    /// Passes the body on.
    fn copy(&mut self, out: &mut dyn Write) -> io::Result<()> {
        io::copy(&mut self.out, out)?;
        match self.child.wait()?.success() {
            true => Ok(()),
            false => Err(io::Error::other("git http-backend failed")),
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // Where the client is not there any more; else it has ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
