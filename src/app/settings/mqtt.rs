//! The brokers whose messages are stored: `[mqtt]` in `throughline.toml`.
//!
//! ```toml
//! [[mqtt.broker]]
//! name = "plant"
//! url = "mqtts://broker.plant.example:8883"
//! user = "throughline"
//! password = "secrets/broker"            # a file, or env:NAME for a variable of the environment
//! email = "plant@plant.example"
//!
//! [[mqtt.broker.topic]]
//! pattern = "plant/{site}/{twin}/{field}"
//! tags = ["site"]
//! ```

use super::files::{is_file_name, read};
use crate::app::access::{Origin, Principal, Role, TwinScope};
use crate::app::message::mqtt::options::{BatchLimits, Endpoint, Secret, Subscription, Version};
use crate::app::message::tls::Identity;
use crate::exchange::samples::mqtt::json::{JsonPath, TimeUnit};
use crate::exchange::samples::mqtt::pattern::{Pattern, Template};
use crate::exchange::samples::mqtt::route::{Payload, Route, TwinName};
use crate::exchange::samples::mqtt::sparkplug::address::NAMESPACE;
use crate::graph::Author;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// So many brokers a thread may have.
const BROKERS_MAX: usize = 16;
/// So many topics a broker may have.
const TOPICS_MAX: usize = 256;
/// The greatest number of messages that version 5 can state.
const UNACKNOWLEDGED_MAX: u32 = 65_535;
/// The largest message that the protocol knows, in KiB.
const MESSAGE_KILOBYTES_MAX: u32 = 262_144;
/// What a topic of Sparkplug B may name; of a node itself its name stands for the device.
const SPARKPLUG_NAMES: [&str; 3] = ["group", "node", "device"];
/// The measurement of samples where none is written.
const MEASUREMENT: &str = "mqtt";

/// A broker, and as whom its samples are stored.
#[derive(Clone, Debug)]
pub(in crate::app) struct Broker {
    /// What is subscribed to.
    pub(in crate::app) subscription: Subscription,
    /// The author of its samples.
    pub(in crate::app) author: Author,
}

impl Broker {
    /// Returns the principal that stores its samples.
    pub(in crate::app) fn principal(&self) -> Principal {
        Principal {
            author: self.author.clone(),
            role: Role::TelemetryWriter,
            twins: self.subscription.twins.clone(),
            act_as: false,
            origin: Origin::Broker(self.subscription.name.clone()),
        }
    }
}

/// The table as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app) struct Written {
    broker: Vec<WrittenBroker>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct WrittenBroker {
    name: String,
    url: String,
    version: Option<String>,
    client: Option<String>,
    session_hours: Option<u32>,
    user: Option<String>,
    password: Option<String>,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    keep_alive_seconds: Option<u32>,
    email: String,
    twins: Option<Vec<String>>,
    batch_samples: Option<u32>,
    batch_kilobytes: Option<u32>,
    batch_milliseconds: Option<u32>,
    unacknowledged: Option<u32>,
    message_kilobytes: Option<u32>,
    topic: Vec<WrittenTopic>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct WrittenTopic {
    pattern: String,
    payload: Option<String>,
    twin: Option<String>,
    measurement: Option<String>,
    field: Option<String>,
    tags: Vec<String>,
    values: BTreeMap<String, String>,
    each: Option<String>,
    time: Option<String>,
    time_unit: Option<String>,
}

impl Written {
    /// Returns what each broker knows the service as: its URL, and the name of the client.
    pub(in crate::app) fn clients(&self) -> impl Iterator<Item = (&str, String)> {
        self.broker.iter().map(|of| (of.url.as_str(), of.client()))
    }

    /// Checks what is written, and reads the files that it names.
    pub(in crate::app) fn settings(self, folder: &Path) -> Result<Vec<Broker>, String> {
        if self.broker.len() > BROKERS_MAX {
            return Err(format!(
                "\"broker\": there are {}, and {BROKERS_MAX} are the most",
                self.broker.len()
            ));
        }
        let mut names = BTreeSet::new();
        let mut brokers = Vec::new();
        for written in self.broker {
            let name = written.name.clone();
            brokers.push(written.broker(folder).map_err(|reason| format!("\"broker\" {name}: {reason}"))?);
            if !names.insert(name.clone()) {
                return Err(format!("\"broker\": two brokers are called \"{name}\""));
            }
        }
        Ok(brokers)
    }
}

impl WrittenBroker {
    /// Returns what the broker knows the service as.
    fn client(&self) -> String {
        self.client.clone().unwrap_or_else(|| format!("throughline-{}", self.name))
    }

    fn broker(self, folder: &Path) -> Result<Broker, String> {
        if !is_file_name(&self.name) {
            return Err("name: letters, digits, - and _ make the name of a broker".to_owned());
        }
        if self.topic.is_empty() || self.topic.len() > TOPICS_MAX {
            return Err(format!("topic: 1 to {TOPICS_MAX} [[mqtt.broker.topic]] name what is subscribed to"));
        }
        let endpoint = self.endpoint(folder)?;
        let limits = BatchLimits {
            samples_max: within("batchSamples", self.batch_samples, 10_000, 1, 1_000_000)? as usize,
            bytes_max: within("batchKilobytes", self.batch_kilobytes, 4_096, 1, 1_048_576)? as usize * 1024,
            every: Duration::from_millis(
                within("batchMilliseconds", self.batch_milliseconds, 5, 0, 60_000)?.into(),
            ),
        };
        let author = Author::new(&self.name, &self.email).map_err(|error| format!("email: {error}"))?;
        let twins = self.twins.map(scope);
        let routes = self.topic.into_iter().enumerate().map(|(number, written)| {
            let pattern = written.pattern.clone();
            written.route().map_err(|reason| format!("topic {} ({pattern}): {reason}", number + 1))
        });
        let routes = routes.collect::<Result<Vec<Route>, String>>()?;
        let subscription = Subscription { name: self.name, endpoint, routes, twins, limits };
        Ok(Broker { subscription, author })
    }

    fn endpoint(&self, folder: &Path) -> Result<Endpoint, String> {
        let (is_tls, host, port) = address(&self.url)?;
        let version = match self.version.as_deref().unwrap_or("5") {
            "5" => Version::V5,
            "3.1.1" => Version::V3,
            other => return Err(format!("version: \"{other}\" is neither 5 nor 3.1.1")),
        };
        let identity = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => {
                Some(Identity { certificate: folder.join(certificate), key: folder.join(key) })
            }
            (None, None) => None,
            _ => return Err("certificate and key belong together: name both or none".to_owned()),
        };
        if !is_tls && (self.ca.is_some() || identity.is_some()) {
            return Err("url: certificates are for mqtts:// alone".to_owned());
        }
        let login = match (&self.user, &self.password) {
            (Some(user), Some(place)) => Some((
                user.clone(),
                Secret(secret(folder, place).map_err(|error| format!("password: {error}"))?),
            )),
            (Some(user), None) => Some((user.clone(), Secret(String::new()))),
            (None, Some(_)) => return Err("user: a password belongs to a user".to_owned()),
            (None, None) => None,
        };
        let hours = within("sessionHours", self.session_hours, 24, 0, 1_000_000)?;
        let seconds = within("keepAliveSeconds", self.keep_alive_seconds, 30, 2, 65_535)?;
        let unacknowledged = within("unacknowledged", self.unacknowledged, 20_000, 1, UNACKNOWLEDGED_MAX)?;
        let kilobytes =
            within("messageKilobytes", self.message_kilobytes, 1_024, 1, MESSAGE_KILOBYTES_MAX - 1)?;
        Ok(Endpoint {
            host,
            port,
            is_tls,
            ca: self.ca.as_ref().map(|path| folder.join(path)),
            identity,
            version,
            client: self.client(),
            login,
            session: Duration::from_secs(u64::from(hours) * 3600),
            keep_alive: Duration::from_secs(seconds.into()),
            unacknowledged_max: u16::try_from(unacknowledged).unwrap_or(u16::MAX),
            message_bytes_max: kilobytes * 1024,
        })
    }
}

/// Names of twins, those with `*` at the end by what they begin with.
fn scope(twins: Vec<String>) -> TwinScope {
    let mut scope = TwinScope::default();
    for twin in twins {
        match twin.strip_suffix('*') {
            Some(prefix) => scope.prefixes.push(prefix.to_owned()),
            None => scope.names.push(twin),
        }
    }
    scope
}

fn within(name: &str, written: Option<u32>, default: u32, least: u32, most: u32) -> Result<u32, String> {
    match written.unwrap_or(default) {
        value if (least..=most).contains(&value) => Ok(value),
        value => Err(format!("{name} = {value}: it lies between {least} and {most}")),
    }
}

/// Reads a secret from a file, or from a variable of the environment that `env:` names.
fn secret(folder: &Path, place: &str) -> Result<String, String> {
    let text = match place.strip_prefix("env:") {
        Some(variable) => {
            std::env::var(variable).map_err(|_| format!("the environment has no variable {variable}"))?
        }
        None => read(folder, Path::new(place))?,
    };
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err("it is empty".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// Takes a URL apart: whether it is encrypted, the host, the port.
fn address(url: &str) -> Result<(bool, String, u16), String> {
    let wrong = || format!("url: \"{url}\" is no URL such as mqtts://broker.plant.example:8883");
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let is_tls = match scheme {
        "mqtt" => false,
        "mqtts" => true,
        _ => return Err(wrong()),
    };
    if rest.contains('@') {
        return Err("url: user and password are settings of their own".to_owned());
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.strip_prefix('[') {
        Some(inside) => {
            let (host, after) = inside.split_once(']').ok_or_else(wrong)?;
            (host, after.strip_prefix(':').or(after.is_empty().then_some("")).ok_or_else(wrong)?)
        }
        None => rest.split_once(':').unwrap_or((rest, "")),
    };
    if host.is_empty() || host.contains(['/', '?', '#']) || host.contains(char::is_whitespace) {
        return Err(wrong());
    }
    let port = match port {
        "" if is_tls => 8883,
        "" => 1883,
        port => port.parse().map_err(|_| wrong())?,
    };
    Ok((is_tls, host.to_owned(), port))
}

impl WrittenTopic {
    fn route(self) -> Result<Route, String> {
        let pattern = Pattern::parse(&self.pattern).map_err(|reason| format!("pattern: {reason}"))?;
        let payload = self.payload()?;
        let is_sparkplug = payload == Payload::Sparkplug;
        let names: Vec<&str> =
            if is_sparkplug { SPARKPLUG_NAMES.to_vec() } else { pattern.names().collect() };
        let is_namespace = self.pattern.starts_with(&format!("{NAMESPACE}/"));
        if is_sparkplug && (!is_namespace || pattern.names().next().is_some()) {
            return Err(
                "pattern: topics of Sparkplug B begin with spBv1.0/, and their names are given".to_owned()
            );
        }
        let (twin_default, measurement) = match is_sparkplug {
            true => ("{device}", "sparkplug"),
            false => ("{twin}", MEASUREMENT),
        };
        if let Some(other) = self.tags.iter().find(|tag| !names.contains(&tag.as_str())) {
            return Err(format!("tags: the pattern has no {{{other}}}"));
        }
        let path = |name: &str, text: &Option<String>| {
            let parsed = text.as_deref().map(JsonPath::parse).transpose();
            parsed.map_err(|reason| format!("{name}: {reason}"))
        };
        let (each, time) = (path("each", &self.each)?, path("time", &self.time)?);
        let unit = self.time_unit.as_deref().map(TimeUnit::named).transpose();
        let unit = unit.map_err(|reason| format!("timeUnit: {reason}"))?;
        if time.is_none() && unit.is_some() {
            return Err("timeUnit: there is no time".to_owned());
        }
        let is_json = matches!(payload, Payload::Json(_) | Payload::Members);
        if !is_json && (each.is_some() || time.is_some()) {
            return Err("each and time are for payloads of JSON".to_owned());
        }
        let time = time.map(|time| (time, unit.unwrap_or(TimeUnit::Rfc3339)));
        let twin = match self.twin.as_deref() {
            Some(twin) if twin.starts_with('$') && is_json => {
                TwinName::Payload(JsonPath::parse(twin).map_err(|reason| format!("twin: {reason}"))?)
            }
            twin => TwinName::Topic(template("twin", twin.unwrap_or(twin_default), &names)?),
        };
        let measurement =
            template("measurement", self.measurement.as_deref().unwrap_or(measurement), &names)?;
        let field = match (self.field.as_deref(), &payload) {
            (Some(field), _) => Some(template("field", field, &names)?),
            (None, Payload::Plain) => Some(template("field", "{field}", &names)?),
            (None, _) => None,
        };
        Ok(Route { payload, twin, measurement, field, tags: self.tags, each, time, pattern })
    }

    fn payload(&self) -> Result<Payload, String> {
        let kind = self.payload.as_deref();
        let kind = kind.unwrap_or(if self.values.is_empty() { "plain" } else { "json" });
        match (kind, self.values.is_empty()) {
            ("plain", true) => Ok(Payload::Plain),
            ("json", true) => Ok(Payload::Members),
            ("json", false) => {
                let value = |(name, path): (&String, &String)| match JsonPath::parse(path) {
                    Ok(path) => Ok((name.clone(), path)),
                    Err(reason) => Err(format!("values: {name}: {reason}")),
                };
                Ok(Payload::Json(self.values.iter().map(value).collect::<Result<_, String>>()?))
            }
            ("sparkplug", true) => Ok(Payload::Sparkplug),
            ("plain" | "sparkplug", false) => Err(format!("values: a {kind} payload has none")),
            (other, _) => Err(format!("payload: \"{other}\" is none of plain, json and sparkplug")),
        }
    }
}

fn template(name: &str, text: &str, names: &[&str]) -> Result<Template, String> {
    Template::parse(text, names).map_err(|reason| format!("{name}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_read_or_refused_with_a_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("secret"), "hidden\n").expect("a file");
        let check = |text: &str, expect: Result<&str, &str>| {
            let written: Result<Written, _> = toml::from_str(text);
            let read = written.map_err(|error| error.to_string()).and_then(|of| of.settings(folder.path()));
            match (read, expect) {
                (Ok(brokers), Ok(expect)) => {
                    assert_eq!(brokers[0].subscription.endpoint.url(), expect, "{text}");
                }
                (Err(got), Err(part)) => assert!(got.contains(part), "{text}: {got}"),
                (got, _) => panic!("{text}: {got:?}"),
            }
        };
        let broker = |more: &str, topic: &str| {
            format!("[[broker]]\nname = 'p'\nemail = 'p@x.example'\n{more}\n[[broker.topic]]\n{topic}\n")
        };
        let (url, topic) = ("url = 'mqtt://b.example'", "pattern = 'a/{twin}/{field}'");
        let checked = |more: &str, expect| check(&broker(&format!("{url}\n{more}"), topic), expect);
        checked("", Ok("mqtt://b.example:1883"));
        checked("user = 'u'\npassword = 'secret'\nversion = '3.1.1'", Ok("mqtt://b.example:1883"));
        checked("user = 'u'\npassword = 'absent'", Err("password: "));
        checked("user = 'u'\npassword = 'env:NO_SUCH_VARIABLE'", Err("no variable NO_SUCH_VARIABLE"));
        checked("password = 'secret'", Err("a password belongs to a user"));
        checked("version = '4'", Err("neither 5 nor 3.1.1"));
        checked("ca = 'ca.pem'", Err("for mqtts:// alone"));
        checked("certificate = 'c.pem'", Err("belong together"));
        checked("unacknowledged = 70000", Err("unacknowledged = 70000: it lies between 1 and 65535"));
        checked("speed = 1", Err("unknown field"));
        for (url, expect) in [
            ("mqtts://b.example", Ok("mqtts://b.example:8883")),
            ("mqtts://b.example:1/", Ok("mqtts://b.example:1")),
            ("mqtt://[::1]:1883", Ok("mqtt://[::1]:1883")),
            ("mqtt://[::1]", Ok("mqtt://[::1]:1883")),
            ("http://b.example", Err("is no URL such as mqtts://")),
            ("mqtt://u:p@b.example", Err("settings of their own")),
            ("mqtt://b.example:x", Err("is no URL")),
            ("mqtt://", Err("is no URL")),
            ("mqtt://b.example/x", Err("is no URL")),
        ] {
            check(&broker(&format!("url = '{url}'"), topic), expect);
        }
        let topics = |topic: &str, expect| check(&broker(url, topic), expect);
        topics("pattern = 'a/{site}/{field}'", Err("topic 1 (a/{site}/{field}): twin: \"{twin}\""));
        topics("pattern = 'a/{twin}'", Err("field: \"{field}\": the pattern has no {field}, but twin"));
        topics(
            "pattern = 'a/{twin}'\npayload = 'json'\ntags = ['site']",
            Err("tags: the pattern has no {site}"),
        );
        topics("pattern = 'a/{twin}'\nvalues = { t = 'x' }", Err("values: t: \"x\" is no path"));
        topics("pattern = 'a/#'\ntwin = '$.id'\npayload = 'json'", Ok("mqtt://b.example:1883"));
        topics("pattern = 'a/{twin}'\npayload = 'xml'", Err("none of plain, json and sparkplug"));
        topics(
            "pattern = 'spBv1.0/#'\npayload = 'sparkplug'\ntwin = '{node}/{device}'",
            Ok("mqtt://b.example:1883"),
        );
        topics("pattern = 'spBv1.0/{x}/#'\npayload = 'sparkplug'", Err("begin with spBv1.0/"));
        topics("pattern = 'a/#'\npayload = 'sparkplug'", Err("begin with spBv1.0/"));
        topics("pattern = 'a/{twin}/{field}'\ntime = '$.t'", Err("for payloads of JSON"));
        topics("pattern = 'a/{twin}'\npayload = 'json'\ntimeUnit = 's'", Err("there is no time"));
        topics(
            "pattern = 'a/{twin}'\npayload = 'json'\ntime = '$.t'\ntimeUnit = 'h'",
            Err("timeUnit: \"h\""),
        );
        check(&broker(url, topic).replace("[[broker.topic]]\n", "").replace(topic, ""), Err("topic: 1 to"));
        check(&format!("{0}{0}", broker(url, topic)), Err("two brokers are called \"p\""));
        check(&broker(url, topic).replace("'p@x.example'", "''"), Err("email: "));
    }

    #[test]
    fn twins_are_named_or_share_a_beginning() {
        let scope = scope(vec!["P-1".to_owned(), "plant/*".to_owned()]);
        assert!(scope.contains("P-1") && scope.contains("plant/7") && !scope.contains("P-10"));
    }
}
