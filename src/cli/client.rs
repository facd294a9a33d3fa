//! Where a command works: on the folder of a thread that it opens itself, or through a service that has the thread open. A service is found by its
//! URL, by a profile, or by its socket in the folder.

use crate::app::access::Principal;
use crate::app::report::refusal::RefusalDetails;
use crate::app::{self, App, Session};
use crate::cli::error::Failure;
use crate::cli::{Data, is_unwritable, sources};
use crate::model::time::clock::SystemClock;
use crate::{graph, server};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// The folder of a thread, or the service that has one open.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Place {
    /// The folder of the thread; where a service has it open, that is asked [default: throughline-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The address of a service that has the thread open, as https://plant.example or http://127.0.0.1:7300 [default: $THROUGHLINE_URL, where it is set and --data is
    /// not]
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    url: Option<String>,
    /// The token that the service lets in [default: $THROUGHLINE_TOKEN]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// A service and its token by their name in profiles.toml ($THROUGHLINE_PROFILES, else ~/.config/throughline/profiles.toml)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["data", "url", "token"])]
    profile: Option<String>,
}

/// How often it is looked whether a job is over.
const LOOK: Duration = Duration::from_millis(200);

/// Where the thread is.
pub(in crate::cli) enum Thread {
    /// Here.
    Here(Session),
    /// In a service.
    There(Service),
}

/// A profile.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    url: String,
    token: Option<String>,
}

impl Place {
    /// Returns the service that is named; `None` where none is.
    pub(in crate::cli) fn named(&self) -> Result<Option<Service>, Failure> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(name) = &self.profile {
            let Profile { url, token } = profile(name)?;
            return Service::at(&url, token).map(Some);
        }
        let is_folder_meant = self.data.is_some();
        let url = self.url.clone().or_else(|| variable("THROUGHLINE_URL").filter(|_| !is_folder_meant));
        let token = || self.token.clone().or_else(|| variable("THROUGHLINE_TOKEN"));
        url.map(|url| Service::at(&url, token())).transpose()
    }

    /// Opens the thread, or finds the service that has it open.
    pub(in crate::cli) fn open(&self) -> Result<Thread, Failure> {
        self.find(|locked| Err(locked.into()))
    }

    /// Like [`Self::open`], for a command that only reads: also where the folder may not be written, or another process has it open that
    /// answers nothing.
    pub(in crate::cli) fn open_to_read(&self) -> Result<Thread, Failure> {
        self.find(|_| Ok(Arc::new(self.data().open_to_read()?).session(Principal::local())))
    }

    fn find(
        &self,
        unreached: impl FnOnce(app::Error) -> Result<Session, Failure>,
    ) -> Result<Thread, Failure> {
        if let Some(service) = self.named()? {
            return Ok(Thread::There(service));
        }
        let folder = self.data().data;
        match App::open_with(&folder, Arc::new(SystemClock::default()), sources()) {
            Err(locked @ app::Error::Graph(graph::Error::Locked(_))) => match Service::of_folder(&folder)? {
                Some(service) => Ok(Thread::There(service)),
                None => unreached(locked).map(Thread::Here),
            },
            Err(error) if is_unwritable(&error) => unreached(error).map(Thread::Here),
            app => Ok(Thread::Here(Arc::new(app?).session(Principal::local()))),
        }
    }

    /// Returns the folder.
    pub(in crate::cli) fn data(&self) -> Data {
        Data { data: self.data.clone().unwrap_or_else(|| PathBuf::from("throughline-data")) }
    }
}

/// Reads a profile.
fn profile(name: &str) -> Result<Profile, Failure> {
    let named = std::env::var_os("THROUGHLINE_PROFILES").map(PathBuf::from);
    let home = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")));
    let path = named.or_else(|| home.map(|home| home.join("throughline/profiles.toml")));
    let path =
        path.ok_or_else(|| Failure::new("neither THROUGHLINE_PROFILES nor HOME names a place for profiles"))?;
    let failed = |reason: String| Failure::new(format!("{}: {reason}", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
    let mut profiles: BTreeMap<String, Profile> =
        toml::from_str(&text).map_err(|error| failed(error.to_string()))?;
    let names = profiles.keys().cloned().collect::<Vec<_>>().join(", ");
    profiles.remove(name).ok_or_else(|| failed(format!("there is no profile [{name}], but {names}")))
}

/// A service, and how it is reached.
pub(in crate::cli) struct Service {
    runtime: Runtime,
    address: Address,
    token: Option<String>,
}

enum Address {
    /// The authority of a URL, the path that comes before all others, and whether it is HTTPS.
    Tcp { authority: Authority, path: String, is_encrypted: bool },
    /// The socket in a folder.
    Folder(PathBuf),
}

/// A request.
pub(in crate::cli) struct ClientRequest<'a> {
    pub(in crate::cli) method: Method,
    /// The path, without the query.
    pub(in crate::cli) path: &'a str,
    pub(in crate::cli) query: Vec<(&'a str, String)>,
    /// The media type of the body, and the body.
    pub(in crate::cli) body: Option<(String, Vec<u8>)>,
    /// The media type of the answer.
    pub(in crate::cli) accept: &'static str,
}

impl<'a> ClientRequest<'a> {
    /// Asks for what is at a path.
    pub(in crate::cli) fn get(path: &'a str, query: Vec<(&'a str, String)>) -> Self {
        Self { method: Method::GET, path, query, body: None, accept: "*/*" }
    }

    /// Sends a body to a path.
    pub(in crate::cli) fn post(
        path: &'a str,
        query: Vec<(&'a str, String)>,
        content_type: impl Into<String>,
        body: Vec<u8>,
    ) -> Self {
        Self { method: Method::POST, path, query, body: Some((content_type.into(), body)), accept: "*/*" }
    }
}

/// A part of a form: the name of its field, the name of its file, its media type, and its content.
pub(in crate::cli) type Part<'a> = (&'a str, &'a str, &'static str, &'a [u8]);

/// Writes a form (RFC 7578): its content type, and its bytes.
pub(in crate::cli) fn form(parts: &[Part<'_>]) -> (String, Vec<u8>) {
    let is_in = |boundary: &String| {
        parts.iter().any(|(.., content)| memmem::find(content, boundary.as_bytes()).is_some())
    };
    let mut boundaries = (0_u64..).map(|number| format!("throughline-{number}"));
    let boundary = boundaries.find(|boundary| !is_in(boundary)).unwrap_or_default();
    let mut body = Vec::new();
    for (name, file, media_type, content) in parts {
        let file = file.replace(['"', '\r', '\n'], "_");
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {media_type}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// A refusal of the service.
#[derive(Debug, Default)]
pub(in crate::cli) struct Refusal {
    pub(in crate::cli) message: String,
    /// The code of the error; empty where the service has none.
    pub(in crate::cli) code: String,
    pub(in crate::cli) details: RefusalDetails,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.message)
    }
}

impl Service {
    /// Names a service by its URL.
    fn at(url: &str, token: Option<String>) -> Result<Self, Failure> {
        let uri: Uri = url.parse().map_err(|error| Failure::new(format!("{url} is no URL: {error}")))?;
        match (uri.scheme_str(), uri.authority()) {
            (Some(scheme @ ("http" | "https")), Some(authority)) => {
                let (authority, path) = (authority.clone(), uri.path().trim_end_matches('/').to_owned());
                Self::new(Address::Tcp { authority, path, is_encrypted: scheme == "https" }, token)
            }
            _ => Err(Failure::new(format!(
                "{url} is no URL of a service: write http://HOST:PORT or https://HOST"
            ))),
        }
    }

    /// Finds the service that has the thread in a folder open; `None` where none listens there.
    fn of_folder(folder: &Path) -> Result<Option<Self>, Failure> {
        match server::reaches(folder) {
            true => Self::new(Address::Folder(folder.to_owned()), None).map(Some),
            false => Ok(None),
        }
    }

    fn new(address: Address, token: Option<String>) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, address, token })
    }

    /// Sends a request, and returns the answer as JSON.
    pub(in crate::cli) fn read<T: DeserializeOwned>(&self, asked: ClientRequest<'_>) -> Result<T, Failure> {
        Ok(self.json(asked)??)
    }

    /// Like [`Self::read`], and separates a refusal from failures.
    pub(in crate::cli) fn json<T: DeserializeOwned>(
        &self,
        asked: ClientRequest<'_>,
    ) -> Result<Result<T, Refusal>, Failure> {
        let mut body = Vec::new();
        match self.send(asked, &mut body)? {
            Ok(_) => Ok(Ok(serde_json::from_slice(&body)?)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Answers a GraphQL query.
    pub(in crate::cli) fn query(&self, text: &str, variables: &Value) -> Result<Value, Failure> {
        let body = json!({ "query": text, "variables": variables }).to_string().into_bytes();
        let mut answer: Value =
            self.read(ClientRequest::post("/graphql", Vec::new(), "application/json", body))?;
        match answer.pointer("/errors/0/message").and_then(Value::as_str) {
            Some(message) => Err(Failure::new(message)),
            None => Ok(answer["data"].take()),
        }
    }

    /// Carries out a GraphQL mutation, whose field is called `done`, and returns its payload.
    pub(in crate::cli) fn change(&self, text: &str, variables: &Value) -> Result<Value, Failure> {
        let done = self.payload(text, variables)?;
        match done.pointer("/errors/0/message").and_then(Value::as_str) {
            Some(message) => Err(Failure::new(message)),
            None => Ok(done),
        }
    }

    /// Like [`Self::change`], with the errors of the payload.
    pub(in crate::cli) fn payload(&self, text: &str, variables: &Value) -> Result<Value, Failure> {
        Ok(self.query(text, variables)?["done"].take())
    }

    /// Sends files, and waits for the job that they become, where they become one.
    pub(in crate::cli) fn transfer<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Vec<(&str, String)>,
        parts: &[Part<'_>],
    ) -> Result<Result<T, Refusal>, Failure> {
        let (content_type, body) = form(parts);
        let answer: Value = match self.json(ClientRequest::post(path, query, content_type, body))? {
            Ok(answer) => answer,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(id) = answer.get("job").and_then(Value::as_str) else {
            return Ok(Ok(serde_json::from_value(answer)?));
        };
        match self.wait(id)? {
            Ok(result) => Ok(Ok(serde_json::from_value(result)?)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Waits until a job is over, and returns its result.
    pub(in crate::cli) fn wait(&self, id: &str) -> Result<Result<Value, Refusal>, Failure> {
        let path = format!("/jobs/{id}");
        loop {
            let mut job: Value = self.read(ClientRequest::get(&path, Vec::new()))?;
            match job["state"].as_str() {
                Some("QUEUED" | "RUNNING") => std::thread::sleep(LOOK),
                Some("DONE") => return Ok(Ok(job["result"].take())),
                Some("FAILED") => return Ok(Err(described(job["error"].take()))),
                state => {
                    let state = state.unwrap_or_default();
                    return Err(Failure::new(format!("the job {id} is {state}"))
                        .hint(format!("throughline job run {id}")));
                }
            }
        }
    }

    /// Sends a request, and writes the body of the answer as it comes.
    pub(in crate::cli) fn send(
        &self,
        asked: ClientRequest<'_>,
        out: &mut impl Write,
    ) -> Result<Result<Response<()>, Refusal>, Failure> {
        self.runtime.block_on(async {
            let response = self.ask(asked).await?;
            let (parts, mut body) = response.into_parts();
            if !parts.status.is_success() {
                let mut bytes = Vec::new();
                copy(&mut body, &mut bytes).await?;
                return Ok(Err(refusal(parts.status, &bytes)));
            }
            copy(&mut body, out).await?;
            Ok(Ok(Response::from_parts(parts, ())))
        })
    }

    async fn ask(&self, asked: ClientRequest<'_>) -> Result<Response<Incoming>, Failure> {
        match &self.address {
            Address::Tcp { authority, path, is_encrypted } => {
                let host = authority.host().trim_start_matches('[').trim_end_matches(']');
                let port = authority.port_u16().unwrap_or(if *is_encrypted { 443 } else { 80 });
                let unreached = |error| Failure::new(format!("no service answers at {authority}: {error}"));
                let stream = TcpStream::connect((host, port)).await.map_err(unreached)?;
                if !is_encrypted {
                    return self.exchange(stream, authority.as_str(), path, asked).await;
                }
                let hint = "SSL_CERT_FILE=authority.pem names whom this client trusts, in the place of what the machine does";
                let stream = app::encrypt(host, stream).await.map_err(|error| unreached(error).hint(hint))?;
                self.exchange(stream, authority.as_str(), path, asked).await
            }
            Address::Folder(folder) => {
                let stream = server::connect(folder)?;
                stream.set_nonblocking(true)?;
                self.exchange(tokio::net::UnixStream::from_std(stream)?, "localhost", "", asked).await
            }
        }
    }

    async fn exchange(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        host: &str,
        before: &str,
        asked: ClientRequest<'_>,
    ) -> Result<Response<Incoming>, Failure> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let ClientRequest { method, path, query, body, accept } = asked;
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let mut request = Request::builder().method(method).uri(format!("{before}{path}{query}"));
        request = request.header(header::HOST, host).header(header::ACCEPT, accept);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let bytes = match body {
            Some((content_type, bytes)) => {
                request = request.header(header::CONTENT_TYPE, content_type);
                bytes
            }
            None => Vec::new(),
        };
        Ok(sender.send_request(request.body(Full::new(Bytes::from(bytes)))?).await?)
    }
}

/// What a value in a query may hold as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/').remove(b':');

fn encoded(value: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(value, PLAIN)
}

/// Reads a body to its end.
async fn copy(body: &mut Incoming, out: &mut impl Write) -> Result<(), Failure> {
    loop {
        match body.frame().await {
            None => return Ok(()),
            Some(frame) => {
                if let Ok(bytes) = frame?.into_data() {
                    out.write_all(&bytes)?;
                }
            }
        }
    }
}

/// Reads why the service refuses.
fn refusal(status: StatusCode, body: &[u8]) -> Refusal {
    let mut refusal = serde_json::from_slice(body).map(described).unwrap_or_default();
    if refusal.message.is_empty() {
        refusal.message = String::from_utf8_lossy(body).trim().to_owned();
    }
    if refusal.message.is_empty() {
        refusal.message = format!("the service answers {status}");
    }
    refusal
}

/// Reads a refusal in JSON.
fn described(fields: Value) -> Refusal {
    let message = fields.get("message").or_else(|| fields.pointer("/errors/0/message"));
    let message = message.and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = fields.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
    Refusal { message, code, details: serde_json::from_value(fields).unwrap_or_default() }
}
