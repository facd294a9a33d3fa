//! One request to another service over HTTP: resolved once, sent to the address that was checked, over TLS outside one's own network;
//! no redirect is followed, and time and bytes are bounded.

use super::network::{Network, is_allowed, is_public};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Response, Uri, header};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// So many bytes of an answer are read.
const ANSWER_BYTES_MAX: usize = 65_536;
/// So long a whole request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// So many characters of an answer are part of an error.
const QUOTED_MAX: usize = 200;

/// A request.
#[derive(Clone, Debug)]
pub(in crate::app) struct Outgoing<'a> {
    pub(in crate::app) url: &'a str,
    pub(in crate::app) headers: Vec<(String, String)>,
    pub(in crate::app) body: Vec<u8>,
}

/// Where requests may go, and whom to trust.
#[derive(Clone, Debug)]
pub(in crate::app) struct Routes<'a> {
    /// Networks that are no part of the Internet and that requests may go to all the same.
    pub(in crate::app) allow: &'a [Network],
    /// A file of certificates to trust instead of those of the system.
    pub(in crate::app) ca: Option<&'a Path>,
}

/// Why a request was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Undelivered {
    /// What went wrong.
    pub(in crate::app) reason: String,
    /// How long the service asks to wait.
    pub(in crate::app) retry_after: Option<Duration>,
    /// Whether it is useless to try again.
    pub(in crate::app) is_final: bool,
}

impl Undelivered {
    pub(in crate::app) fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), retry_after: None, is_final: false }
    }
}

/// Sends a request with the method POST; it is taken where the answer's status is of the two hundreds.
pub(in crate::app) fn post(outgoing: &Outgoing<'_>, routes: &Routes<'_>) -> Result<(), Undelivered> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Undelivered::because(error.to_string()))?;
    let sent = runtime.block_on(async {
        match tokio::time::timeout(PATIENCE, send(outgoing, routes)).await {
            Ok(sent) => sent,
            Err(_) => Err(Undelivered::because(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    });
    // A look-up of a name that goes on is not waited for.
    runtime.shutdown_background();
    sent
}

async fn send(outgoing: &Outgoing<'_>, routes: &Routes<'_>) -> Result<(), Undelivered> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error: &dyn std::fmt::Display| Undelivered::because(format!("{what}: {error}"))
    };
    let uri: Uri = outgoing.url.parse().map_err(|error| failed("the URL")(&error))?;
    let host = uri.host().unwrap_or_default().to_owned();
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let address = checked_address(&host, port, is_tls, routes).await?;
    let stream = TcpStream::connect(address).await.map_err(|error| failed("cannot connect")(&error))?;
    let request = request_of(outgoing, &uri).map_err(|error| failed("the request")(&error))?;
    let answer = match is_tls {
        true => {
            let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let name = ServerName::try_from(name).map_err(|error| failed("the host")(&error))?;
            let connector = TlsConnector::from(client_config(routes.ca)?);
            let stream = connector.connect(name, stream).await.map_err(|error| failed("TLS")(&error))?;
            exchange(stream, request).await?
        }
        false => exchange(stream, request).await?,
    };
    taken(&answer)
}

/// Resolves a host, and refuses it where any of its addresses may not be sent to.
async fn checked_address(
    host: &str,
    port: u16,
    is_tls: bool,
    routes: &Routes<'_>,
) -> Result<SocketAddr, Undelivered> {
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let found = tokio::net::lookup_host((name, port)).await;
    let found = found.map_err(|error| Undelivered::because(format!("{host} cannot be resolved: {error}")))?;
    let addresses: Vec<SocketAddr> = found.collect();
    for address in &addresses {
        let is_own = is_allowed(address.ip(), routes.allow);
        if !is_own && !is_public(address.ip()) {
            return Err(Undelivered::because(format!(
                "{host} is {}, which is no address of the Internet: list its network in allow under [outbox]",
                address.ip()
            )));
        }
        if !is_own && !is_tls {
            return Err(Undelivered::because(format!("{host} is reached over the Internet: use https")));
        }
    }
    addresses.first().copied().ok_or_else(|| Undelivered::because(format!("{host} has no address")))
}

fn request_of(outgoing: &Outgoing<'_>, uri: &Uri) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let mut request = Request::post(path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, concat!("throughline/", env!("CARGO_PKG_VERSION")))
        .header(header::CONTENT_TYPE, "application/json");
    for (name, value) in &outgoing.headers {
        request = request.header(name, value);
    }
    request.body(Full::new(Bytes::from(outgoing.body.clone())))
}

/// Sends a request on a connection of its own, and reads as much of the answer as may be quoted.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Response<String>, Undelivered> {
    let broken = |error: hyper::Error| Undelivered::because(format!("the connection broke: {error}"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(broken)?;
    let (head, body) = answer.into_parts();
    // What is beyond the bound is not read: the status decides.
    let text = match Limited::new(body, ANSWER_BYTES_MAX).collect().await {
        Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        Err(_) => String::new(),
    };
    connection.abort();
    Ok(Response::from_parts(head, text))
}

fn taken(answer: &Response<String>) -> Result<(), Undelivered> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let retry_after = answer.headers().get(header::RETRY_AFTER);
    let retry_after =
        retry_after.and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let reason = match status.is_redirection() {
        true => format!("{status}: redirects are not followed"),
        false => {
            let quoted: String =
                answer.body().chars().filter(|sign| !sign.is_control()).take(QUOTED_MAX).collect();
            format!("{status}: {quoted}")
        }
    };
    // Whoever is gone for good says so.
    Err(Undelivered { reason, retry_after, is_final: status == hyper::StatusCode::GONE })
}

/// Makes the settings of TLS: the certificates of a file, or of the system.
fn client_config(ca: Option<&Path>) -> Result<Arc<ClientConfig>, Undelivered> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            let wrong = |error: String| Undelivered::because(format!("{}: {error}", path.display()));
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
                roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
        }
    }
    if roots.is_empty() {
        return Err(Undelivered::because(
            "there is no certificate to trust: install those of the system, or name a file in ca",
        ));
    }
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| Undelivered::because(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
