//! Connections to brokers over TLS, and who is let in.

use super::{Broker, TOPICS, broker_of, plant};
use crate::world::until;
use std::path::Path;
use std::process::Command;
use throughline::app::Subscriber;

#[test]
fn brokers_are_reached_over_tls_by_certificate_or_password() {
    let made = |name: &str| {
        let mut parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = rcgen::KeyPair::generate().expect("a key");
        (parameters, key)
    };
    let (mut authority, authority_key) = made("authority");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_pem = authority.self_signed(&authority_key).expect("a certificate").pem();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let issued = |name: &str| {
        let (parameters, key) = made(name);
        (parameters.signed_by(&key, &issuer).expect("a certificate").pem(), key.serialize_pem())
    };
    let files = |folder: &Path| {
        std::fs::write(folder.join("ca.pem"), &authority_pem).expect("a file");
        for name in ["localhost", "throughline"] {
            let (certificate, key) = issued(name);
            std::fs::write(folder.join(format!("{name}.pem")), certificate).expect("a file");
            std::fs::write(folder.join(format!("{name}.key")), key).expect("a file");
        }
    };
    let settings = "allow_anonymous false\ncafile FOLDER/ca.pem\ncertfile FOLDER/localhost.pem\nkeyfile FOLDER/localhost.key\nrequire_certificate true\nuse_identity_as_username true\n";
    let Some(broker) = Broker::start_with(settings, files) else { return };
    let own = broker.folder.path().display();
    let tls = |more: &str| {
        broker
            .settings(&format!("ca = \"{own}/ca.pem\"\n{more}"), TOPICS)
            .replace("mqtt://127.0.0.1", "mqtts://localhost")
    };
    let world =
        plant(&tls(&format!("certificate = \"{own}/throughline.pem\"\nkey = \"{own}/throughline.key\"")));
    let subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    drop(subscriber);
    let world = plant(&tls(""));
    let subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["error"].is_string());
    drop(subscriber);

    let password = |folder: &Path| {
        let mut made = Command::new("mosquitto_passwd");
        made.args(["-b", "-c"]).arg(folder.join("users"));
        assert!(made.args(["throughline", "right"]).status().expect("mosquitto_passwd").success());
    };
    let settings = "allow_anonymous false\npassword_file FOLDER/users\n";
    let Some(broker) = Broker::start_with(settings, password) else { return };
    for (version, text, expect) in
        [("5", "right\n", "CONNECTED"), ("5", "wrong", "WAITING"), ("3.1.1", "wrong", "WAITING")]
    {
        let secret = broker.folder.path().join("secret");
        std::fs::write(&secret, text).expect("a file");
        let login =
            format!("version = \"{version}\"\nuser = \"throughline\"\npassword = \"{}\"", secret.display());
        let world = plant(&broker.settings(&login, TOPICS));
        let _subscriber = Subscriber::start(&world.app).expect("threads");
        until(|| broker_of(&world)["state"] == expect);
        if expect == "WAITING" {
            let error = broker_of(&world)["error"].to_string();
            assert!(error.contains("refuses the connection: NotAuthorized"), "{error}");
        }
    }
}
