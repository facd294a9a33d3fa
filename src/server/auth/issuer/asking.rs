//! What the service itself asks of an issuer: small answers over HTTPS, by rustls with the cryptography of `ring`. Each has a limit of bytes and of
//! time, and leads nowhere else: a redirect is an error. Plain HTTP is for this machine alone.

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// No answer takes longer, from the look-up of the name to the last byte.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// No answer is larger.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// The names of this machine itself, which is asked without TLS.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "::1", "localhost"];
/// How many bytes of an answer that reports an error are logged.
const REASON_BYTES: usize = 200;

/// Asks issuers.
#[derive(Clone)]
pub(super) struct Client(Arc<ClientConfig>);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("{0} cannot be asked: it is no URL with https://, or with http:// on this machine")]
    Url(String),
    #[error("no connection to {host}: {reason}")]
    Connect { host: String, reason: io::Error },
    #[error("{url} does not answer in {} s", ANSWER_MAX.as_secs())]
    Late { url: String },
    #[error("{url} leads elsewhere, to {to}: name that address itself")]
    Redirect { url: String, to: String },
    #[error("{url} answers {status}: {reason}")]
    Status { url: String, status: StatusCode, reason: String },
    #[error("{url} sends more than {ANSWER_BYTES_MAX} bytes, or breaks off: {reason}")]
    Body { url: String, reason: String },
    #[error("{url}: {reason}")]
    Http { url: String, reason: String },
}

impl Client {
    /// Trusts the certificates of a file, else those that this machine trusts.
    pub(super) fn new(authorities: Option<&Path>) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        let (found, place) = match authorities {
            Some(path) => {
                let read =
                    CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
                let read = read.map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
                (read, path.display().to_string())
            }
            None => (rustls_native_certs::load_native_certs().certs, "this machine".to_owned()),
        };
        let (taken, _) = roots.add_parsable_certificates(found);
        if taken == 0 {
            let text = format!(
                "{place} has no certificate of an authority, so that no issuer can be asked over HTTPS"
            );
            match authorities {
                Some(_) => return Err(io::Error::other(text)),
                // One on this machine can be.
                None => tracing::warn!("{text}"),
            }
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// Encrypts a connection to a host, whose certificate must be its own and trusted.
    pub(super) async fn encrypt(&self, host: String, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await
    }

    /// Returns what is at a URL.
    pub(super) async fn get(&self, url: &str) -> Result<Bytes, Error> {
        let request = Request::builder().method(Method::GET);
        self.ask(url, request.header(header::ACCEPT, "application/json"), Bytes::new()).await
    }

    /// Sends a form, and returns the answer.
    pub(super) async fn post(
        &self,
        url: &str,
        form: String,
        authorization: Option<&str>,
    ) -> Result<Bytes, Error> {
        let mut request = Request::builder()
            .method(Method::POST)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        self.ask(url, request, Bytes::from(form)).await
    }

    async fn ask(
        &self,
        url: &str,
        request: hyper::http::request::Builder,
        body: Bytes,
    ) -> Result<Bytes, Error> {
        let asked = timeout(ANSWER_MAX, self.exchange(url, request, body)).await;
        asked.unwrap_or_else(|_| Err(Error::Late { url: url.to_owned() }))
    }

    async fn exchange(
        &self,
        url: &str,
        request: hyper::http::request::Builder,
        body: Bytes,
    ) -> Result<Bytes, Error> {
        let no_url = || Error::Url(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| no_url())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(no_url());
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_encrypted = scheme == "https";
        let port = authority.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
        if !is_encrypted && (scheme != "http" || !LOOPBACK.contains(&host.as_str())) {
            return Err(no_url());
        }
        let unreached = |reason| Error::Connect { host: authority.to_string(), reason };
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(unreached)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let request = request.uri(path).header(header::HOST, authority.as_str()).body(Full::new(body));
        let request = request.map_err(|_| no_url())?;
        if is_encrypted {
            send(url, self.encrypt(host, stream).await.map_err(unreached)?, request).await
        } else if stream.peer_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback()) {
            send(url, stream, request).await
        } else {
            Err(no_url())
        }
    }
}

async fn send(
    url: &str,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Bytes, Error> {
    let url = || url.to_owned();
    let failed = |error: hyper::Error| Error::Http { url: url(), reason: error.to_string() };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let connection = tokio::spawn(connection);
    let _ends = super::AbortOnDrop(connection.abort_handle());
    let response = sender.send_request(request).await.map_err(failed)?;
    let (head, body) = response.into_parts();
    if head.status.is_redirection() {
        let to = head.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
        return Err(Error::Redirect { url: url(), to: to.to_owned() });
    }
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
    let body = body.map_err(|error| Error::Body { url: url(), reason: error.to_string() })?.to_bytes();
    if head.status != StatusCode::OK {
        let reason = String::from_utf8_lossy(&body[..body.len().min(REASON_BYTES)]).trim().to_owned();
        return Err(Error::Status { url: url(), status: head.status, reason });
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Answers one request with a text, and returns what the client makes of it.
    async fn asked(answer: Vec<u8>) -> Result<Bytes, Error> {
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
        Client::new(None).expect("a client").get(&format!("http://{address}/jwks?a=b")).await
    }

    #[tokio::test]
    async fn an_answer_is_whole_small_and_from_where_it_was_asked() {
        let ok = asked(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()).await;
        assert_eq!(ok.expect("an answer"), "{}");
        let check = async |answer: Vec<u8>, part: &str| {
            let error = asked(answer).await.expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        };
        let text = |text: &str| text.as_bytes().to_vec();
        let moved = "HTTP/1.1 302 Found\r\nlocation: https://evil.example/\r\ncontent-length: 0\r\n\r\n";
        check(text(moved), "leads elsewhere, to https://evil.example/").await;
        check(text("HTTP/1.1 503 No\r\ncontent-length: 4\r\n\r\ndown"), "503 Service Unavailable: down")
            .await;
        check(text("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"), "breaks off").await;
        check(text("SSH-2.0-OpenSSH\r\n\r\n"), "/jwks").await;
        let mut large = text("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        large.resize(large.len() + ANSWER_BYTES_MAX + 1, b' ');
        check(large, "sends more than").await;
    }

    #[tokio::test]
    async fn nobody_elsewhere_is_asked_without_tls() {
        let client = Client::new(None).expect("a client");
        for url in ["http://192.0.2.1/", "http://login.example/", "ftp://localhost/", "localhost", "https://"]
        {
            let error = client.get(url).await.expect_err(url).to_string();
            assert!(error.contains("is no URL with https://"), "{error}");
        }
    }
}
