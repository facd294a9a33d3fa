//! Deliveries over TLS: to whom a certificate belongs, by an authority that the settings name, both renewed while the service runs.

use super::{Receiver, configured};
use crate::actions::Plant;
use std::sync::{Arc, Mutex};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// An authority of the plant's own, which nobody else trusts.
struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut parameters = rcgen::CertificateParams::new(Vec::new()).expect("names");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().expect("a key");
        let pem = parameters.self_signed(&key).expect("a certificate").pem();
        Self { issuer: rcgen::Issuer::new(parameters, key), pem }
    }

    /// Issues a new certificate of a host, for a server.
    fn issue(&self, host: &str) -> Arc<ServerConfig> {
        let parameters = rcgen::CertificateParams::new(vec![host.to_owned()]).expect("a name");
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("a certificate");
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            );
        Arc::new(config.expect("a certificate with its key"))
    }
}

/// Puts the certificate of an authority in the place of the one before, as a renewal does.
fn trust(plant: &Plant, authority: &Authority) {
    let folder = plant.world.folder.path();
    std::fs::write(folder.join("ca.new"), &authority.pem).expect("a file");
    std::fs::rename(folder.join("ca.new"), folder.join("ca.pem")).expect("replaced");
}

/// A plant whose events go over TLS to `localhost`; `ca.pem` is in the settings where an authority is to be trusted.
fn plant(receiver: &Receiver, authority: Option<&Authority>) -> Plant {
    let port = receiver.address.port();
    let settings = receiver
        .settings(r#"["action.*"]"#)
        .replace(r#"["127.0.0.0/8"]"#, r#"["127.0.0.0/8", "::1/128"]"#)
        .replace(&format!("http://127.0.0.1:{port}"), &format!("https://localhost:{port}"));
    let Some(authority) = authority else { return configured(&settings) };
    let plant = configured(&settings.replace("\nevents = ", "\nca = \"ca.pem\"\nevents = "));
    trust(&plant, authority);
    plant
}

/// Proposes an action, and returns how many events were delivered and why the next one was not.
fn delivered(plant: &Plant) -> (u64, String) {
    plant.propose(r#"targets: ["unit/P-1"]"#);
    let delivered = plant.deliver();
    (delivered, plant.outbox()["error"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_target_proves_its_name_by_an_authority_that_is_trusted() {
    let authority = Authority::new("plant");
    let config = Arc::new(Mutex::new(authority.issue("localhost")));
    let receiver = Receiver::over_tls(&config);
    // This machine does not know the authority.
    let (count, error) = delivered(&plant(&receiver, None));
    assert!(count == 0 && error.starts_with("no connection to localhost: "), "{count} {error}");
    let (count, error) = delivered(&plant(&receiver, Some(&Authority::new("other"))));
    assert!(count == 0 && error.contains("invalid peer certificate: "), "{count} {error}");
    assert!(receiver.messages().is_empty());
    assert_eq!(delivered(&plant(&receiver, Some(&authority))), (1, String::new()));
    *config.lock().expect("a configuration") = authority.issue("mes.example");
    let (count, error) = delivered(&plant(&receiver, Some(&authority)));
    assert!(count == 0 && error.contains("not valid for name \"localhost\""), "{count} {error}");
    assert_eq!(receiver.messages().len(), 1);
}

/// The service reads the authorities anew for each delivery, as their file may be renewed too.
#[test]
fn renewed_certificates_take_no_restart() {
    let (first, second) = (Authority::new("first"), Authority::new("second"));
    let config = Arc::new(Mutex::new(first.issue("localhost")));
    let receiver = Receiver::over_tls(&config);
    let plant = plant(&receiver, Some(&first));
    assert_eq!(delivered(&plant), (1, String::new()));
    *config.lock().expect("a configuration") = first.issue("localhost");
    assert_eq!(delivered(&plant), (1, String::new()), "by the same authority");
    *config.lock().expect("a configuration") = second.issue("localhost");
    let (count, error) = delivered(&plant);
    assert!(count == 0 && error.contains("invalid peer certificate: "), "{count} {error}");
    trust(&plant, &second);
    // The attempt that failed is due again by then.
    plant.at(1);
    assert_eq!(delivered(&plant), (2, String::new()), "by another one, which is trusted meanwhile");
    assert_eq!(receiver.messages().len(), 4);
}
