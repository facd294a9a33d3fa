//! The one client over HTTP for other services: webhooks, issuers of tokens, and sets of resources that are pulled. A host is resolved once, and the connection is made to
//! the very address that was checked; over TLS outside one's own network; no redirect is followed, and time and bytes are bounded.

use super::network::{Network, is_allowed, is_public};
use super::tls::Trust;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

/// So many bytes of an answer are read, where a client states nothing else.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// So long a whole request may take, from the look-up of the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(30);
/// So long a connection may take to one address.
const CONNECTED_WITHIN: Duration = Duration::from_secs(10);
/// So many characters of an answer are part of an error.
const QUOTED_MAX: usize = 200;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing<'a> {
    method: Method,
    url: &'a str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl<'a> Outgoing<'a> {
    /// Asks for what is at a URL.
    pub(crate) fn get(url: &'a str) -> Self {
        Self { method: Method::GET, url, headers: Vec::new(), body: Vec::new() }
    }

    /// Sends a body to a URL.
    pub(crate) fn post(url: &'a str, content_type: &str, body: Vec<u8>) -> Self {
        let request = Self { method: Method::POST, url, headers: Vec::new(), body };
        request.header(header::CONTENT_TYPE.as_str(), content_type)
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Where requests may go that are not to the Internet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// Networks that are no part of the Internet and that requests may go to all the same, without TLS too.
    pub(crate) allow: Vec<Network>,
    /// A host that the settings name: it may be in one's own network, over TLS, and on this machine without.
    pub(crate) named: Option<String>,
}

/// Sends requests.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    authorities: Option<PathBuf>,
    reach: Reach,
    answer_bytes_max: usize,
    /// Read when it is needed first.
    trust: Arc<OnceLock<Trust>>,
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status; never that of a redirect.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    url: String,
    bytes_max: usize,
    /// What it says, or why that could not be read.
    body: Result<Bytes, String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The text is no URL that is sent to.
    #[error("\"{0}\" is no URL such as https://HOST/PATH")]
    Url(String),
    /// The name of the host leads nowhere.
    #[error("{host} cannot be resolved: {reason}")]
    Unresolved {
        /// The host.
        host: String,
        /// Why.
        reason: io::Error,
    },
    /// The host is in a network that requests may not go to.
    #[error(
        "{host} is {address}, which is no address of the Internet: list its network in allow under [outbox]"
    )]
    Private {
        /// The host.
        host: String,
        /// Its address.
        address: IpAddr,
    },
    /// Anybody in between could read and answer the request.
    #[error("{host} is not on this machine, nor in a network of allow under [outbox]: use https")]
    Plain {
        /// The host.
        host: String,
    },
    /// The host cannot be connected to.
    #[error("no connection to {host}: {reason}")]
    Connect {
        /// The host.
        host: String,
        /// Why.
        reason: io::Error,
    },
    /// The request takes too long.
    #[error("{url} does not answer within {seconds} s")]
    Late {
        /// The URL.
        url: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The answer is at another URL.
    #[error("{url} answers {status} and leads to {to}: redirects are not followed, name that address itself")]
    Redirect {
        /// The URL.
        url: String,
        /// The status.
        status: StatusCode,
        /// Where it leads.
        to: String,
    },
    /// The answer is too large, or ends too soon.
    #[error("{url} sends more than {bytes_max} bytes, or breaks off: {reason}")]
    Body {
        /// The URL.
        url: String,
        /// How many bytes are read.
        bytes_max: usize,
        /// Why.
        reason: String,
    },
    /// What comes is no HTTP, or cannot be sent by it.
    #[error("{url}: {reason}")]
    Http {
        /// The URL.
        url: String,
        /// Why.
        reason: String,
    },
}

impl Answer {
    /// Returns all that the answer says.
    pub(crate) fn whole(self) -> Result<Bytes, Error> {
        let (url, bytes_max) = (self.url, self.bytes_max);
        self.body.map_err(|reason| Error::Body { url, bytes_max, reason })
    }

    /// Returns the beginning of what the answer says, for a person.
    pub(crate) fn quoted(&self) -> String {
        let text = String::from_utf8_lossy(self.body.as_ref().map_or(&[], |body| body));
        text.chars().filter(|sign| !sign.is_control()).take(QUOTED_MAX).collect()
    }
}

impl Client {
    /// Trusts the certificates of a file, else those that this machine trusts.
    pub(crate) fn new(authorities: Option<&Path>, reach: Reach) -> Self {
        let (authorities, answer_bytes_max) = (authorities.map(Path::to_owned), ANSWER_BYTES_MAX);
        Self { authorities, reach, answer_bytes_max, trust: Arc::default() }
    }

    /// Reads answers of so many bytes.
    pub(crate) fn reading(self, answer_bytes_max: usize) -> Self {
        Self { answer_bytes_max, ..self }
    }

    /// Reads the certificates now. That this machine has none is logged alone, as requests on it itself need none.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        match self.trust() {
            Ok(_) => Ok(()),
            Err(error) if self.authorities.is_some() => Err(error),
            Err(error) => {
                tracing::warn!("nothing can be asked for over HTTPS: {error}");
                Ok(())
            }
        }
    }

    fn trust(&self) -> io::Result<&Trust> {
        match self.trust.get() {
            Some(trust) => Ok(trust),
            None => {
                let trust = Trust::of(self.authorities.as_deref())?;
                Ok(self.trust.get_or_init(|| trust))
            }
        }
    }

    /// Sends a request, and waits for the answer on this thread.
    pub(crate) fn send_blocking(&self, request: &Outgoing<'_>) -> Result<Answer, Error> {
        let client = self.clone().blocking().map_err(|error| failed(request.url, error))?;
        { client }.send(request)
    }

    /// Makes a client that sends one request after the other, each of which is waited for on this thread.
    pub(crate) fn blocking(self) -> io::Result<BlockingClient> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(BlockingClient { client: self, runtime: Some(runtime), kept: None })
    }

    /// Sends a request, and returns the answer, whatever its status but for a redirect.
    pub(crate) async fn send(&self, request: &Outgoing<'_>) -> Result<Answer, Error> {
        self.send_within(PATIENCE, &mut None, request).await
    }

    async fn send_within(
        &self,
        patience: Duration,
        kept: &mut Option<Connection>,
        request: &Outgoing<'_>,
    ) -> Result<Answer, Error> {
        let sent = tokio::time::timeout(patience, self.exchange(kept, request)).await;
        sent.unwrap_or_else(|_| Err(Error::Late { url: request.url.to_owned(), seconds: patience.as_secs() }))
    }

    /// Sends a request over the connection that was kept, where that leads to the same host, else over a new one; keeps it for the next.
    async fn exchange(&self, kept: &mut Option<Connection>, request: &Outgoing<'_>) -> Result<Answer, Error> {
        let target = Target::of(request.url)?;
        let message = || message_of(request, &target.uri).map_err(|error| failed(request.url, error));
        let usable = kept.take().filter(|kept| kept.leads_to(&target) && request.method == Method::GET);
        if let Some(mut connection) = usable {
            match connection.answer(request.url, message()?, self.answer_bytes_max).await {
                // The host has closed it meanwhile.
                Err(Error::Http { .. }) => {}
                answer => return Ok(keep(kept, connection, answer?)),
            }
        }
        let mut connection = self.connection(request.url, target).await?;
        let message =
            message_of(request, &connection.target.uri).map_err(|error| failed(request.url, error))?;
        let answer = connection.answer(request.url, message, self.answer_bytes_max).await?;
        Ok(keep(kept, connection, answer))
    }

    async fn connection(&self, url: &str, target: Target) -> Result<Connection, Error> {
        let addresses = self.checked_addresses(&target.host, target.port, target.is_tls).await?;
        let unreached = |reason| Error::Connect { host: target.host.clone(), reason };
        let stream = connected(&addresses).await.map_err(unreached)?;
        if target.is_tls {
            let trust = self.trust().map_err(unreached)?;
            let stream = trust.encrypt(target.host.clone(), stream).await.map_err(unreached)?;
            Connection::open(url, target, stream).await
        } else {
            Connection::open(url, target, stream).await
        }
    }

    /// Resolves a host, and refuses it where any of its addresses may not be sent to.
    async fn checked_addresses(&self, host: &str, port: u16, is_tls: bool) -> Result<Vec<SocketAddr>, Error> {
        let unresolved = |reason| Error::Unresolved { host: host.to_owned(), reason };
        let found = tokio::net::lookup_host((host, port)).await.map_err(unresolved)?;
        let addresses: Vec<SocketAddr> = found.collect();
        if addresses.is_empty() {
            return Err(unresolved(io::Error::other("it has no address")));
        }
        for address in &addresses {
            self.reach.check(host, address.ip(), is_tls)?;
        }
        Ok(addresses)
    }
}

impl Reach {
    /// Refuses an address that requests may not go to.
    fn check(&self, host: &str, address: IpAddr, is_tls: bool) -> Result<(), Error> {
        if is_allowed(address, &self.allow) {
            return Ok(());
        }
        let is_named = self.named.as_deref().is_some_and(|named| named.eq_ignore_ascii_case(host));
        if !is_public(address) && !is_named {
            return Err(Error::Private { host: host.to_owned(), address });
        }
        let is_here = is_named && address.to_canonical().is_loopback();
        if is_tls || is_here { Ok(()) } else { Err(Error::Plain { host: host.to_owned() }) }
    }
}

/// Connects to the first address that answers.
async fn connected(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::other("there is no address");
    for address in addresses {
        match tokio::time::timeout(CONNECTED_WITHIN, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => {
                let text = format!("{address} does not answer within {} s", CONNECTED_WITHIN.as_secs());
                last = io::Error::new(io::ErrorKind::TimedOut, text);
            }
        }
    }
    Err(last)
}

fn message_of(request: &Outgoing<'_>, uri: &Uri) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let mut message = Request::builder()
        .method(request.method.clone())
        .uri(path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, concat!("throughline/", env!("CARGO_PKG_VERSION")));
    for (name, value) in &request.headers {
        message = message.header(name, value);
    }
    message.body(Full::new(Bytes::from(request.body.clone())))
}

/// Ends a task where it is no longer waited for.
struct Ended(AbortHandle);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Where a request goes.
struct Target {
    uri: Uri,
    host: String,
    port: u16,
    is_tls: bool,
}

impl Target {
    fn of(url: &str) -> Result<Self, Error> {
        let no_url = || Error::Url(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| no_url())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(no_url());
        };
        let is_tls = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(no_url()),
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Self { uri, host, port, is_tls })
    }
}

/// A connection to the address that was checked of a host.
struct Connection {
    target: Target,
    sender: http1::SendRequest<Full<Bytes>>,
    _ended: Ended,
}

impl Connection {
    async fn open(
        url: &str,
        target: Target,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    ) -> Result<Self, Error> {
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(url, error))?;
        let connection = tokio::spawn(connection);
        Ok(Self { target, sender, _ended: Ended(connection.abort_handle()) })
    }

    fn leads_to(&self, other: &Target) -> bool {
        let own = &self.target;
        (&own.host, own.port, own.is_tls) == (&other.host, other.port, other.is_tls)
    }

    /// Sends a request, and reads the answer as far as the bound.
    async fn answer(
        &mut self,
        url: &str,
        message: Request<Full<Bytes>>,
        bytes_max: usize,
    ) -> Result<Answer, Error> {
        self.sender.ready().await.map_err(|error| failed(url, error))?;
        let answer = self.sender.send_request(message).await.map_err(|error| failed(url, error))?;
        let (head, body) = answer.into_parts();
        if head.status.is_redirection() {
            let to = head.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
            return Err(Error::Redirect { url: url.to_owned(), status: head.status, to: to.to_owned() });
        }
        let body = Limited::new(body, bytes_max).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).map_err(|error| error.to_string());
        Ok(Answer { status: head.status, headers: head.headers, url: url.to_owned(), bytes_max, body })
    }
}

/// Keeps a connection whose answer was read to its end.
fn keep(kept: &mut Option<Connection>, connection: Connection, answer: Answer) -> Answer {
    *kept = answer.body.is_ok().then_some(connection);
    answer
}

/// Sends one request after the other, each of which is waited for; the connection is kept for as long as they go to the same host.
pub(crate) struct BlockingClient {
    client: Client,
    /// There until the client is dropped.
    runtime: Option<Runtime>,
    kept: Option<Connection>,
}

impl BlockingClient {
    /// Sends a request, and returns the answer, whatever its status but for a redirect.
    pub(crate) fn send(&mut self, request: &Outgoing<'_>) -> Result<Answer, Error> {
        self.send_within(PATIENCE, request)
    }

    /// Like [`Self::send`], for a request that may take so long, and no longer than any other.
    pub(crate) fn send_within(
        &mut self,
        patience: Duration,
        request: &Outgoing<'_>,
    ) -> Result<Answer, Error> {
        let runtime = self.runtime.as_ref().ok_or_else(|| failed(request.url, "the client is closed"))?;
        runtime.block_on(self.client.send_within(patience.min(PATIENCE), &mut self.kept, request))
    }
}

impl Drop for BlockingClient {
    fn drop(&mut self) {
        self.kept = None;
        // A look-up of a name that goes on is not waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn failed(url: &str, reason: impl std::fmt::Display) -> Error {
    Error::Http { url: url.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    fn client(named: &str) -> Client {
        Client::new(None, Reach { allow: Vec::new(), named: Some(named.to_owned()) })
    }

    /// Answers one request with a text, and returns what the client makes of it.
    async fn asked(answer: Vec<u8>) -> Result<Answer, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.expect("a request"));
            }
            // A client that has seen enough closes.
            drop(stream.write_all(&answer).await);
        });
        client("127.0.0.1").send(&Outgoing::get(&format!("http://{address}/jwks?a=b"))).await
    }

    #[tokio::test]
    async fn an_answer_is_whole_small_and_from_where_it_was_asked() {
        let ok = asked(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()).await;
        assert_eq!(ok.expect("an answer").whole().expect("its body"), "{}");
        let check = async |answer: Vec<u8>, part: &str| {
            let error = asked(answer).await.and_then(Answer::whole).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        };
        let text = |text: &str| text.as_bytes().to_vec();
        let moved = "HTTP/1.1 302 Found\r\nlocation: https://evil.example/\r\ncontent-length: 0\r\n\r\n";
        check(text(moved), "302 Found and leads to https://evil.example/: redirects are not followed").await;
        check(text("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"), "breaks off").await;
        check(text("SSH-2.0-OpenSSH\r\n\r\n"), "/jwks").await;
        let mut large = text("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        large.resize(large.len() + ANSWER_BYTES_MAX + 1, b' ');
        check(large, "sends more than").await;
        let down = asked(text("HTTP/1.1 503 No\r\ncontent-length: 4\r\n\r\ndown")).await.expect("an answer");
        assert_eq!((down.status.as_u16(), down.quoted().as_str()), (503, "down"));
    }

    #[tokio::test]
    async fn what_is_no_url_is_not_sent_to() {
        for url in ["ftp://localhost/", "localhost", "https://", "/path", "http:///x"] {
            let error = client("localhost").send(&Outgoing::get(url)).await.expect_err(url).to_string();
            assert!(error.contains("is no URL"), "{error}");
        }
    }

    #[test]
    fn one_rule_states_where_requests_go() {
        let allow = vec!["10.0.0.0/8".parse().expect("a network")];
        let reach = Reach { allow, named: Some("login.example".to_owned()) };
        let check = |host: &str, address: &str, is_tls: bool, expect: Result<(), &str>| {
            let got = reach.check(host, address.parse().expect("an address"), is_tls);
            match (got, expect) {
                (Ok(()), Ok(())) => {}
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{host}: {error}"),
                (got, expect) => panic!("{host} {address} {is_tls}: {got:?}, not {expect:?}"),
            }
        };
        let (private, plain) = (Err("no address of the Internet"), Err("use https"));
        check("hooks.example", "8.8.8.8", true, Ok(()));
        check("hooks.example", "8.8.8.8", false, plain);
        check("login.example", "8.8.8.8", false, plain);
        check("mes.plant", "10.1.2.3", false, Ok(()));
        check("mes.plant", "192.168.1.1", true, private);
        check("LOGIN.example", "192.168.1.1", true, Ok(()));
        check("login.example", "192.168.1.1", false, plain);
        check("login.example", "127.0.0.1", false, Ok(()));
        check("other.example", "127.0.0.1", true, private);
        check("other.example", "169.254.169.254", true, private);
        check("other.example", "::ffff:127.0.0.1", true, private);
    }
}
