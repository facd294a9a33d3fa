//! What a broker is, and how much of it is taken at once.

use crate::app::access::TwinScope;
use crate::app::message::tls::Identity;
use crate::exchange::samples::mqtt::route::Route;
use std::path::PathBuf;
use std::time::Duration;

/// A version of MQTT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Version {
    /// 3.1.1.
    V3,
    /// 5.
    V5,
}

/// How to reach a broker, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Endpoint {
    /// Its host, without a port.
    pub(in crate::app) host: String,
    /// Its port.
    pub(in crate::app) port: u16,
    /// Whether the connection is encrypted.
    pub(in crate::app) is_tls: bool,
    /// A file of certificates to trust instead of those of the system.
    pub(in crate::app) ca: Option<PathBuf>,
    /// The certificate of the client.
    pub(in crate::app) identity: Option<Identity>,
    /// The version of the protocol.
    pub(in crate::app) version: Version,
    /// The name of the client.
    pub(in crate::app) client: String,
    /// User and password.
    pub(in crate::app) login: Option<(String, Secret)>,
    /// How long the broker keeps the session while the client is away; zero: not at all.
    pub(in crate::app) session: Duration,
    /// How often the client shows that it is there.
    pub(in crate::app) keep_alive: Duration,
    /// How many messages the broker may send before they are acknowledged; version 3.1.1 cannot state it.
    pub(in crate::app) unacknowledged_max: u16,
    /// How many bytes one message may have.
    pub(in crate::app) message_bytes_max: u32,
}

/// A text that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::app) struct Secret(pub(in crate::app) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Endpoint {
    /// Returns its URL, without user and password.
    pub(in crate::app) fn url(&self) -> String {
        let scheme = if self.is_tls { "mqtts" } else { "mqtt" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{scheme}://{host}:{}", self.port)
    }
}

/// How much is stored together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) struct BatchLimits {
    /// So many samples or messages.
    pub(in crate::app) samples_max: usize,
    /// So many bytes of messages.
    pub(in crate::app) bytes_max: usize,
    /// A batch is not begun sooner after the one before.
    pub(in crate::app) every: Duration,
}

/// A broker whose messages are stored.
#[derive(Clone, Debug)]
pub(in crate::app) struct Subscription {
    /// The name of the broker in the settings.
    pub(in crate::app) name: String,
    /// The broker.
    pub(in crate::app) endpoint: Endpoint,
    /// What its messages mean; the first route that fits is taken.
    pub(in crate::app) routes: Vec<Route>,
    /// Of which twins samples are taken; of all where absent.
    pub(in crate::app) twins: Option<TwinScope>,
    /// How much is stored together.
    pub(in crate::app) limits: BatchLimits,
}
