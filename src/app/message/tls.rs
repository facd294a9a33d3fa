//! TLS of connections to other services, by rustls with the cryptography of `ring`: whose certificates are trusted, and the handshake.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The authorities whose certificates are trusted.
#[derive(Clone, Debug)]
pub(super) struct Trust(Arc<ClientConfig>);

impl Trust {
    /// Trusts the certificates of a file, else those that this machine trusts.
    pub(super) fn of(authorities: Option<&Path>) -> io::Result<Self> {
        let mut config = config(authorities, None)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// Trusts the same for another protocol, and proves who the client is, where it has a certificate.
    pub(super) fn with_identity(authorities: Option<&Path>, identity: Option<&Identity>) -> io::Result<Self> {
        Ok(Self(Arc::new(config(authorities, identity)?)))
    }

    /// Encrypts a connection to a host, whose certificate must be its own and trusted.
    pub(super) async fn encrypt(&self, host: String, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await
    }
}

/// The files of a client certificate, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Identity {
    /// The certificate with its chain.
    pub(in crate::app) certificate: PathBuf,
    /// Its private key.
    pub(in crate::app) key: PathBuf,
}

fn certificates(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    read.map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}

fn config(authorities: Option<&Path>, identity: Option<&Identity>) -> io::Result<ClientConfig> {
    let (found, place) = match authorities {
        Some(path) => (certificates(path)?, path.display().to_string()),
        None => (rustls_native_certs::load_native_certs().certs, "this machine".to_owned()),
    };
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(found);
    if taken == 0 {
        return Err(io::Error::other(format!(
            "{place} has no certificate of an authority to trust: install those of the system, or name a file of certificates"
        )));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots);
    let Some(Identity { certificate, key }) = identity else { return Ok(config.with_no_client_auth()) };
    let wrong =
        |path: &Path, error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
    let key_of = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let config = config.with_client_auth_cert(certificates(certificate)?, key_of);
    config.map_err(|error| wrong(certificate, &error))
}

/// Encrypts a connection to a host that the user of the command line names, by the certificates that this machine trusts.
pub async fn encrypt(
    host: &str,
    stream: TcpStream,
) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
    Trust::of(None)?.encrypt(host.to_owned(), stream).await
}
