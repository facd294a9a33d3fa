//! TLS by rustls, with the cryptography of `ring`: the certificate and its key are files, which are read anew when they are others, or on
//! SIGHUP, so that a renewed certificate takes no restart.

use crate::app::TlsSettings;
use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What connections are encrypted with.
#[derive(Clone)]
pub(in crate::server) struct Tls {
    settings: TlsSettings,
    loaded: Arc<Mutex<Loaded>>,
}

struct Loaded {
    stamps: [Stamp; 2],
    config: Arc<ServerConfig>,
}

/// What shows that a file is another one.
type Stamp = Option<(Option<SystemTime>, u64, u64)>;

impl Tls {
    /// Reads the certificate and its key.
    pub(in crate::server) fn load(settings: &TlsSettings) -> io::Result<Self> {
        let loaded = Loaded { stamps: stamps(settings), config: config(settings)? };
        Ok(Self { settings: settings.clone(), loaded: Arc::new(Mutex::new(loaded)) })
    }

    /// Returns what accepts a connection; the files are read anew where they are others. Files that cannot be used are reported once, and
    /// those before stay in use.
    pub(in crate::server) fn acceptor(&self) -> TlsAcceptor {
        let stamps = stamps(&self.settings);
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.stamps != stamps {
            loaded.stamps = stamps;
            self.reload(&mut loaded);
        }
        TlsAcceptor::from(Arc::clone(&loaded.config))
    }

    /// Reads the files anew.
    pub(in crate::server) fn reload_now(&self) {
        self.reload(&mut self.loaded.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn reload(&self, loaded: &mut Loaded) {
        match config(&self.settings) {
            Ok(config) => {
                loaded.config = config;
                tracing::info!("the certificate was read anew");
            }
            Err(error) => tracing::error!("the certificate before stays in use: {error}"),
        }
    }
}

fn config(settings: &TlsSettings) -> io::Result<Arc<ServerConfig>> {
    let failed =
        |path: &Path, error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
    let (certificate, key) = (&settings.certificate, &settings.key);
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| failed(certificate, &error))?;
    if chain.is_empty() {
        return Err(failed(certificate, &"there is no certificate in PEM in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| failed(key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| failed(key, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn stamps(settings: &TlsSettings) -> [Stamp; 2] {
    [&settings.certificate, &settings.key].map(|path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok(), metadata.len(), number(&metadata)))
    })
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    metadata.ino()
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}
