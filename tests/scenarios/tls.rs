//! HTTPS by the service itself, and certificates that are renewed while it runs.

use super::world::World;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const SETTINGS: &str = "[server.tls]\ncertificate = \"tls/chain.pem\"\nkey = \"tls/key.pem\"\n";

/// Puts a new certificate of its own into the folder, as a renewal replaces it; returns it.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    std::fs::create_dir_all(folder.join("tls")).expect("a folder");
    let replace = |name: &str, text: String| {
        let new = folder.join("tls").join(format!("{name}.new"));
        std::fs::write(&new, text).expect("a file");
        std::fs::rename(new, folder.join("tls").join(name)).expect("replaced");
    };
    replace("key.pem", made.signing_key.serialize_pem());
    replace("chain.pem", made.cert.pem());
    made.cert.der().clone()
}

/// Asks over TLS, and believes this certificate alone.
fn ask(address: SocketAddr, trusted: &CertificateDer<'static>) -> Result<String, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut stream = StreamOwned::new(client, TcpStream::connect(address)?);
    stream.write_all(b"GET /ping HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

#[test]
fn a_renewed_certificate_takes_no_restart() {
    let mut first = None;
    let world = World::new().reopened(|folder| {
        std::fs::write(folder.join("throughline.toml"), SETTINGS).expect("settings");
        first = Some(renew(folder));
    });
    let first = first.expect("a certificate");
    let folder = world.folder.path().to_owned();
    world.served(|address| {
        assert!(ask(address, &first).expect("an answer").starts_with("HTTP/1.1 204"));
        // Plain HTTP is not answered.
        let mut plain = TcpStream::connect(address).expect("a connection");
        plain.write_all(b"GET /ping HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sent");
        let mut answer = Vec::new();
        let _ = plain.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
        let second = renew(&folder);
        assert!(ask(address, &first).is_err(), "the certificate before");
        assert!(ask(address, &second).expect("an answer").starts_with("HTTP/1.1 204"));
        // One that cannot be used changes nothing.
        std::fs::write(folder.join("tls/chain.pem"), "no certificate").expect("a file");
        assert!(ask(address, &second).is_ok());
        let third = renew(&folder);
        assert!(ask(address, &third).is_ok());
    });
}

#[test]
fn a_start_without_a_certificate_names_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| super::program::throughline(folder.path(), arguments);
    super::program::out(&run(&["init", "plant"]));
    std::fs::write(folder.path().join("plant/throughline.toml"), SETTINGS).expect("settings");
    let message = super::program::refused(&run(&["serve", "--data", "plant", "--listen", "127.0.0.1:0"]));
    assert!(message.contains("plant/tls/chain.pem: "), "{message}");
    // The key of another certificate.
    renew(&folder.path().join("plant"));
    let key = std::fs::read(folder.path().join("plant/tls/key.pem")).expect("a key");
    renew(&folder.path().join("plant"));
    std::fs::write(folder.path().join("plant/tls/key.pem"), key).expect("a file");
    let message = super::program::refused(&run(&["serve", "--data", "plant", "--listen", "127.0.0.1:0"]));
    assert!(message.contains("plant/tls/key.pem: "), "{message}");
}

#[test]
fn the_command_line_asks_over_tls_whom_it_trusts() {
    let world = World::new().reopened(|folder| {
        std::fs::write(folder.join("throughline.toml"), SETTINGS).expect("settings");
        renew(folder);
    });
    let trusted = world.folder.path().join("tls/chain.pem");
    let other = tempfile::tempdir().expect("a folder");
    renew(other.path());
    world.served(|address| {
        let url = format!("https://localhost:{}", address.port());
        let run = |trusted: &Path| {
            std::process::Command::new(env!("CARGO_BIN_EXE_throughline"))
                .args(["tag", "--url", &url])
                .env("SSL_CERT_FILE", trusted)
                .output()
                .expect("the program")
        };
        super::program::out(&run(&trusted));
        let message = super::program::refused(&run(&other.path().join("tls/chain.pem")));
        assert!(message.contains("certificate") && message.contains("SSL_CERT_FILE"), "{message}");
    });
}
