//! Whom the service answers and how much it does for them: `[server]` in `throughline.toml`.
//!
//! ```toml
//! [server]
//! hosts = ["throughline.plant.example"]      # names that the service is asked by, beside addresses and localhost
//! address = "https://throughline.plant.example"  # by which others link here; where it is not written, the one that a request names
//! frames = ["https://alm.plant.example"]     # whose pages may show OSLC previews and dialogs inside theirs
//! origins = ["https://tools.plant.example"]  # whose pages may use it
//! documents = "documents"  # the folder of the documents that clients may name instead of sending them; none where absent
//! documentsOnly = false    # whether no others are answered
//! seconds = 30            # that one GraphQL request or SPARQL query may take
//! answerMegabytes = 32    # that one GraphQL answer may have
//! unreadMegabytes = 256   # that all answers together may have which their clients have not taken yet
//! bodyMegabytes = 256     # that one body of samples may have, unpacked
//! bodiesMegabytes = 512   # that all bodies together may have which are being received, unpacked or stored
//! parsedMegabytes = 384   # that the values of all GraphQL requests may take in memory, about; large ones wait for one another
//! patienceSeconds = 30    # that a client may let the service wait: for the head of a request, its body, a pong, to take an answer
//! connections = 1024      # that may be open; fewer where the system lets the process open few files
//! connectionsPerClient = 512  # of one address; where it is not written half of all, and all for clients on this machine
//! sockets = 256           # of WebSockets that may be open
//! socketsPerClient = 64   # of one address
//! subscriptionsPerClient = 400
//! stopSeconds = 10        # that requests under way have to end when the service stops
//!
//! [server.threads]
//! press = "../press"      # the folder of another thread, which is served at /t/press/
//! ```

use super::threads::ThreadName;
use crate::app::access::Role;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

/// Whom the service answers, and how much it does for them at the most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// The names that the service is known by, without ports.
    pub hosts: Vec<String>,
    /// The address by which others link to it, such as `https://throughline.example`; where it is absent, the one that a request names.
    pub address: Option<String>,
    /// The origins whose pages may show its previews and dialogs of OSLC inside theirs.
    pub frames: Vec<String>,
    /// The origins whose pages may use it, such as `https://tools.example`.
    pub origins: Vec<String>,
    /// The folder of the documents that clients may name instead of sending them.
    pub documents: Option<PathBuf>,
    /// Whether no other documents are answered.
    pub documents_only: bool,
    /// How long one GraphQL request or SPARQL query may take.
    pub time_max: Duration,
    /// How many bytes one GraphQL answer may have.
    pub answer_bytes_max: usize,
    /// How many bytes all answers that wait for their clients may have.
    pub unread_bytes_max: usize,
    /// How many bytes one body of samples may have, unpacked.
    pub body_bytes_max: usize,
    /// How many bytes all bodies may have that are being received, unpacked or stored.
    pub bodies_bytes_max: usize,
    /// How many bytes the values of all GraphQL requests may take in memory, about.
    pub parsed_bytes_max: usize,
    /// How long a client may let the service wait: for a head, a body, a pong, or to take an answer.
    pub patience: Duration,
    /// How many connections may be open.
    pub connections_max: usize,
    /// How many connections one address may have open; where it is absent half of all, and all on this machine.
    pub connections_per_client_max: Option<usize>,
    /// How many WebSockets may be open.
    pub sockets_max: usize,
    /// How many WebSockets one address may have open.
    pub sockets_per_client_max: usize,
    /// How many operations one address may have under way over its WebSockets.
    pub subscriptions_per_client_max: usize,
    /// How long requests under way may take to end when the service stops.
    pub stop_max: Duration,
    /// How much a principal of a role may send in a minute.
    pub rates: BTreeMap<Role, RateSettings>,
    /// What connections are encrypted with; none where it is absent.
    pub tls: Option<TlsSettings>,
    /// The folders of further threads.
    pub threads: BTreeMap<ThreadName, PathBuf>,
}

/// How much a principal may send in a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateSettings {
    /// Requests; no limit where it is absent.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Kibibytes of their bodies, as they are sent.
    pub kibibytes_per_minute: Option<NonZeroU32>,
}

/// The files that connections are encrypted with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// The certificate with its chain, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// The limits of a role as written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WrittenRate {
    requests_per_minute: Option<NonZeroU32>,
    megabytes_per_minute: Option<NonZeroU32>,
}

impl WrittenRate {
    fn settings(self) -> RateSettings {
        let kibibytes = |megabytes: NonZeroU32| {
            let kibibytes = u64::from(megabytes.get()) * MEGABYTE as u64 / 1024;
            NonZeroU32::new(u32::try_from(kibibytes).unwrap_or(u32::MAX))
        };
        RateSettings {
            requests_per_minute: self.requests_per_minute,
            kibibytes_per_minute: self.megabytes_per_minute.and_then(kibibytes),
        }
    }
}

const MEGABYTE: usize = 1_000_000;

/// How many further threads one service has at the most: each takes memory for itself.
const THREADS_MAX: usize = 32;

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            address: None,
            frames: Vec::new(),
            origins: Vec::new(),
            documents: None,
            documents_only: false,
            time_max: Duration::from_secs(30),
            answer_bytes_max: 32 * MEGABYTE,
            unread_bytes_max: 256 * MEGABYTE,
            body_bytes_max: 256 * MEGABYTE,
            bodies_bytes_max: 512 * MEGABYTE,
            parsed_bytes_max: 384 * MEGABYTE,
            patience: Duration::from_secs(30),
            connections_max: 1024,
            connections_per_client_max: None,
            sockets_max: 256,
            sockets_per_client_max: 64,
            subscriptions_per_client_max: 400,
            stop_max: Duration::from_secs(10),
            rates: BTreeMap::new(),
            tls: None,
            threads: BTreeMap::new(),
        }
    }
}

/// The settings as written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::app) struct Written {
    hosts: Option<Vec<String>>,
    address: Option<String>,
    frames: Option<Vec<String>>,
    origins: Option<Vec<String>>,
    documents: Option<PathBuf>,
    documents_only: Option<bool>,
    seconds: Option<u32>,
    answer_megabytes: Option<u32>,
    unread_megabytes: Option<u32>,
    body_megabytes: Option<u32>,
    bodies_megabytes: Option<u32>,
    parsed_megabytes: Option<u32>,
    patience_seconds: Option<u32>,
    connections: Option<u32>,
    connections_per_client: Option<u32>,
    sockets: Option<u32>,
    sockets_per_client: Option<u32>,
    subscriptions_per_client: Option<u32>,
    stop_seconds: Option<u32>,
    #[serde(default)]
    rates: BTreeMap<Role, WrittenRate>,
    tls: Option<TlsSettings>,
    #[serde(default)]
    threads: BTreeMap<String, PathBuf>,
}

impl Written {
    /// Takes the default for what is not written, and refuses what leaves the service without room.
    pub(in crate::app) fn settings(self) -> Result<ServerSettings, String> {
        let default = ServerSettings::default();
        let seconds = |name, written: Option<u32>, default: Duration| {
            Ok::<_, String>(positive(name, written)?.map_or(default, |of| Duration::from_secs(of as u64)))
        };
        let bytes = |name, written, default| {
            Ok::<_, String>(positive(name, written)?.map_or(default, |of| of.saturating_mul(MEGABYTE)))
        };
        let count = |name, written, default| Ok::<_, String>(positive(name, written)?.unwrap_or(default));
        let settings = ServerSettings {
            hosts: self.hosts.unwrap_or_default(),
            address: self.address,
            frames: self.frames.unwrap_or_default(),
            origins: self.origins.unwrap_or_default(),
            documents: self.documents,
            documents_only: self.documents_only.unwrap_or_default(),
            time_max: seconds("seconds", self.seconds, default.time_max)?,
            answer_bytes_max: bytes("answerMegabytes", self.answer_megabytes, default.answer_bytes_max)?,
            unread_bytes_max: bytes("unreadMegabytes", self.unread_megabytes, default.unread_bytes_max)?,
            body_bytes_max: bytes("bodyMegabytes", self.body_megabytes, default.body_bytes_max)?,
            bodies_bytes_max: bytes("bodiesMegabytes", self.bodies_megabytes, default.bodies_bytes_max)?,
            parsed_bytes_max: bytes("parsedMegabytes", self.parsed_megabytes, default.parsed_bytes_max)?,
            patience: seconds("patienceSeconds", self.patience_seconds, default.patience)?,
            connections_max: count("connections", self.connections, default.connections_max)?,
            connections_per_client_max: positive("connectionsPerClient", self.connections_per_client)?,
            sockets_max: count("sockets", self.sockets, default.sockets_max)?,
            sockets_per_client_max: count(
                "socketsPerClient",
                self.sockets_per_client,
                default.sockets_per_client_max,
            )?,
            subscriptions_per_client_max: count(
                "subscriptionsPerClient",
                self.subscriptions_per_client,
                default.subscriptions_per_client_max,
            )?,
            stop_max: seconds("stopSeconds", self.stop_seconds, default.stop_max)?,
            rates: self.rates.into_iter().map(|(role, rate)| (role, rate.settings())).collect(),
            tls: self.tls,
            threads: threads(self.threads)?,
        };
        settings.checked()
    }
}

/// Reads the names of further threads.
fn threads(written: BTreeMap<String, PathBuf>) -> Result<BTreeMap<ThreadName, PathBuf>, String> {
    if written.len() > THREADS_MAX {
        return Err(format!(
            "\"threads\" under [server] are {}: one process serves {THREADS_MAX} further ones at the most, so serve the others by another",
            written.len()
        ));
    }
    let named = written.into_iter().map(|(name, folder)| Ok((ThreadName::new(&name)?, folder)));
    named.collect::<Result<_, String>>().map_err(|reason| format!("\"threads\" under [server]: {reason}"))
}

fn positive(name: &str, written: Option<u32>) -> Result<Option<usize>, String> {
    match written {
        Some(0) => Err(format!("\"{name}\" under [server] must be 1 or more")),
        written => Ok(written.and_then(|of| usize::try_from(of).ok())),
    }
}

impl ServerSettings {
    /// Returns the settings of a further thread: what concerns its own requests and the pages that use it is its own, all else is of the
    /// process. Refuses an answer that is larger than all that may wait.
    pub(super) fn of_further(self, process: &Self) -> Result<Self, String> {
        let Self { frames, origins, documents, documents_only, time_max, answer_bytes_max, rates, .. } = self;
        if answer_bytes_max > process.unread_bytes_max {
            let text = "\"answerMegabytes\" under [server] must not be more than \"unreadMegabytes\" of the first thread";
            return Err(text.to_owned());
        }
        let threads = BTreeMap::new();
        let process = process.clone();
        Ok(Self {
            frames,
            origins,
            documents,
            documents_only,
            time_max,
            answer_bytes_max,
            rates,
            threads,
            ..process
        })
    }

    /// Refuses limits of one that are beyond those of all.
    fn checked(self) -> Result<Self, String> {
        if self.documents_only && self.documents.is_none() {
            return Err("\"documentsOnly\" under [server] needs the folder \"documents\"".to_owned());
        }
        if let Some(wrong) = self.origins.iter().find(|origin| !is_origin(origin)) {
            return Err(format!(
                "\"{wrong}\" under origins of [server] is no origin: write https://tools.example or http://localhost:5173, or http://localhost:* for any port"
            ));
        }
        if let Some(wrong) = self.frames.iter().chain(&self.address).find(|origin| !is_fixed_origin(origin)) {
            return Err(format!(
                "\"{wrong}\" under [server] is no origin: write frames and address as https://tools.example, without a path"
            ));
        }
        for (each, one, together, all) in [
            ("answerMegabytes", self.answer_bytes_max, "unreadMegabytes", self.unread_bytes_max),
            ("bodyMegabytes", self.body_bytes_max, "bodiesMegabytes", self.bodies_bytes_max),
            (
                "connectionsPerClient",
                self.connections_per_client_max.unwrap_or(1),
                "connections",
                self.connections_max,
            ),
        ] {
            if one > all {
                return Err(format!("\"{each}\" under [server] must not be more than \"{together}\""));
            }
        }
        Ok(self)
    }
}

/// Returns whether a text is a scheme, a host and perhaps a port, or `*` for any: what a browser reports of a page.
fn is_origin(text: &str) -> bool {
    let rest = ["http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']))
}

/// Returns whether a text is an origin of one port: it becomes part of a header and of addresses.
fn is_fixed_origin(text: &str) -> bool {
    let is_plain =
        |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '-' | ':' | '[' | ']' | '/');
    is_origin(text) && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_limits_are_read_or_refused() {
        let read =
            |text: &str| toml::from_str::<Written>(text).map_err(|error| error.to_string())?.settings();
        let check = |text: &str, expect: Result<ServerSettings, &str>| match (read(text), expect) {
            (Ok(got), Ok(expect)) => assert_eq!(got, expect, "{text}"),
            (Err(got), Err(expect)) => assert!(got.contains(expect), "{text}: {got}"),
            (got, expect) => panic!("{text}: {got:?}, not {expect:?}"),
        };
        let default = ServerSettings::default();
        check("", Ok(default.clone()));
        check("seconds = 5\nanswerMegabytes = 3\nsocketsPerClient = 7", {
            let (time_max, answer_bytes_max) = (Duration::from_secs(5), 3_000_000);
            Ok(ServerSettings { time_max, answer_bytes_max, sockets_per_client_max: 7, ..default.clone() })
        });
        check("hosts = [\"plant.example\"]", {
            Ok(ServerSettings { hosts: vec!["plant.example".to_owned()], ..default })
        });
        check("connectionsPerClient = 1025", Err("must not be more than \"connections\""));
        check("connectionsPerClient = 1024", {
            Ok(ServerSettings { connections_per_client_max: Some(1024), ..ServerSettings::default() })
        });
        check("connections = 0", Err("\"connections\" under [server] must be 1 or more"));
        check("answerMegabytes = -1", Err("invalid value"));
        check("answerMegabytes = 300", Err("must not be more than \"unreadMegabytes\""));
        check("bodiesMegabytes = 100", Err("\"bodyMegabytes\" under [server] must not be more"));
        check("documentsOnly = true", Err("needs the folder \"documents\""));
        for wrong in ["tools.example", "https://tools.example/", "*", "https://"] {
            check(&format!("origins = [\"{wrong}\"]"), Err("is no origin: write https://tools.example"));
        }
        check("origins = [\"http://localhost:*\", \"https://tools.example:8443\"]", {
            let origins = ["http://localhost:*", "https://tools.example:8443"].map(str::to_owned).to_vec();
            Ok(ServerSettings { origins, ..ServerSettings::default() })
        });
        for wrong in
            ["https://alm.example/", "https://*.example", "https://a.example; script-src *", "alm.example"]
        {
            check(&format!("frames = [\"{wrong}\"]"), Err("is no origin: write frames and address"));
            check(&format!("address = \"{wrong}\""), Err("is no origin: write frames and address"));
        }
        check("address = \"https://plant.example\"\nframes = [\"https://alm.example:8443\"]", {
            let (address, frames) =
                (Some("https://plant.example".to_owned()), vec!["https://alm.example:8443".to_owned()]);
            Ok(ServerSettings { address, frames, ..ServerSettings::default() })
        });
        check("host = \"plant.example\"", Err("unknown field"));
    }
}
