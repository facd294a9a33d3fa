//! Where events are delivered to: `[outbox]` in `throughline.toml`.
//!
//! ```toml
//! [outbox]
//! allow = ["10.1.0.0/16"]             # networks beside the Internet that targets may be in
//! attempts = 12                       # before an event is given up and kept for a person
//!
//! [[outbox.target]]
//! name = "mes"
//! kind = "webhook"                    # or mqtt, csv, b2mml
//! url = "https://mes.plant.example/orders"
//! secret = "secrets/mes"              # a file with whsec_…
//! events = ["action.ordered"]
//! ```

use super::files::{is_file_name, read};
use super::mqtt::Broker;
use crate::app::message::mqtt::options::Endpoint;
use crate::app::message::network::Network;
use crate::app::message::signature::Secret;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// So many targets a thread may have.
const TARGETS_MAX: usize = 32;
/// So long the answer to a command is waited for, in seconds, where nothing is written.
const ANSWER_SECONDS: u64 = 30;
/// So long at the most.
const ANSWER_SECONDS_MAX: u64 = 600;

/// Where events are delivered to.
#[derive(Clone, Debug, Default)]
pub(in crate::app) struct OutboxSettings {
    /// Networks beside the Internet that targets may be in.
    pub(in crate::app) allow: Vec<Network>,
    /// How often an event is tried.
    pub(in crate::app) attempts_max: u32,
    /// The targets, in the order of the file.
    pub(in crate::app) targets: Vec<Target>,
}

/// One target.
#[derive(Clone, Debug)]
pub(in crate::app) struct Target {
    /// Its name.
    pub(in crate::app) name: String,
    /// The events that it takes: kinds, or what they begin with and `*`.
    pub(in crate::app) events: Vec<String>,
    /// How they are delivered.
    pub(in crate::app) delivery: Delivery,
}

/// What a file is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum FileFormat {
    /// A header and one line.
    Csv,
    /// A work request of B2MML.
    B2mml,
}

/// How events are delivered.
#[derive(Clone, Debug)]
pub(in crate::app) enum Delivery {
    /// As a request.
    Http {
        url: String,
        ca: Option<PathBuf>,
        secret: Option<Secret>,
        headers: Vec<(String, String)>,
        template: Option<Value>,
    },
    /// As a command over MQTT.
    Mqtt {
        endpoint: Box<Endpoint>,
        topic: String,
        answer: Option<String>,
        /// How long the broker and the receiver may take.
        patience: Duration,
        template: Option<Value>,
    },
    /// As a file.
    File { folder: PathBuf, format: FileFormat },
}

impl Target {
    /// Returns where it delivers to.
    pub(in crate::app) fn address(&self) -> String {
        match &self.delivery {
            Delivery::Http { url, .. } => url.clone(),
            Delivery::Mqtt { endpoint, topic, .. } => format!("{}/{topic}", endpoint.url()),
            Delivery::File { folder, .. } => folder.display().to_string(),
        }
    }
}

/// The table as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app) struct Written {
    allow: Vec<String>,
    attempts: Option<u32>,
    target: Vec<WrittenTarget>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct WrittenTarget {
    name: String,
    kind: String,
    url: Option<String>,
    secret: Option<PathBuf>,
    token: Option<PathBuf>,
    header: Option<String>,
    template: Option<PathBuf>,
    ca: Option<PathBuf>,
    folder: Option<PathBuf>,
    broker: Option<String>,
    topic: Option<String>,
    answer: Option<String>,
    answer_seconds: Option<u64>,
    events: Vec<String>,
}

impl Written {
    /// Checks what is written, and reads the files that it names; targets may be on these brokers.
    pub(in crate::app) fn settings(
        self,
        folder: &Path,
        brokers: &[Broker],
    ) -> Result<OutboxSettings, String> {
        let allow = self.allow.iter().map(|text| text.parse()).collect::<Result<Vec<Network>, String>>();
        let allow = allow.map_err(|reason| format!("\"allow\": {reason}"))?;
        let attempts_max = match self.attempts.unwrap_or(12) {
            0 => return Err("\"attempts\" must be 1 or more".to_owned()),
            attempts => attempts,
        };
        if self.target.len() > TARGETS_MAX {
            return Err(format!(
                "\"target\": there are {}, and {TARGETS_MAX} are the most",
                self.target.len()
            ));
        }
        let mut names = BTreeSet::new();
        let mut targets = Vec::new();
        for written in self.target {
            let name = written.name.clone();
            let target =
                written.target(folder, brokers).map_err(|reason| format!("\"target\" {name}: {reason}"))?;
            if !names.insert(name.clone()) {
                return Err(format!("\"target\": two targets are called \"{name}\""));
            }
            targets.push(target);
        }
        Ok(OutboxSettings { allow, attempts_max, targets })
    }
}

impl WrittenTarget {
    fn target(self, folder: &Path, brokers: &[Broker]) -> Result<Target, String> {
        if !is_file_name(&self.name) {
            return Err("name: letters, digits, - and _ make the name of a target".to_owned());
        }
        if self.events.is_empty() {
            return Err("events: name those that it takes, such as [\"action.*\"]".to_owned());
        }
        let (name, events) = (self.name.clone(), self.events.clone());
        let delivery = match self.kind.as_str() {
            "webhook" => self.http(folder)?,
            "mqtt" => self.mqtt(folder, brokers)?,
            "csv" => self.file(folder, FileFormat::Csv)?,
            "b2mml" => self.file(folder, FileFormat::B2mml)?,
            other => return Err(format!("kind: \"{other}\" is none of webhook, mqtt, csv and b2mml")),
        };
        Ok(Target { name, events, delivery })
    }

    fn file(self, thread: &Path, format: FileFormat) -> Result<Delivery, String> {
        let folder = self.folder.ok_or_else(|| "folder: name the one that takes the files".to_owned())?;
        Ok(Delivery::File { folder: thread.join(folder), format })
    }

    fn mqtt(self, folder: &Path, brokers: &[Broker]) -> Result<Delivery, String> {
        let name = self.broker.ok_or_else(|| "broker: name one of [[mqtt.broker]]".to_owned())?;
        let broker = brokers.iter().find(|broker| broker.subscription.name == name);
        let broker = broker.ok_or_else(|| format!("broker: no [[mqtt.broker]] is called \"{name}\""))?;
        let topic = self.topic.ok_or_else(|| "topic: name the one that takes the commands".to_owned())?;
        for (key, topic) in [("topic", Some(&topic)), ("answer", self.answer.as_ref())] {
            let is_wrong = |topic: &String| topic.is_empty() || topic.contains(['+', '#', '\0']);
            if let Some(topic) = topic.filter(|topic| is_wrong(topic)) {
                return Err(format!(
                    "{key}: \"{topic}\" is no topic such as commands/{{data.fields.target}}"
                ));
            }
        }
        let seconds = self.answer_seconds.unwrap_or(ANSWER_SECONDS);
        if !(1..=ANSWER_SECONDS_MAX).contains(&seconds) {
            return Err(format!("answerSeconds: {seconds} is not between 1 and {ANSWER_SECONDS_MAX}"));
        }
        let patience = Duration::from_secs(seconds);
        let own = &broker.subscription.endpoint;
        // A client beside the one that subscribes, of which the broker keeps nothing.
        let client = format!("{}-{}", own.client, self.name);
        let endpoint = Endpoint { client, session: Duration::ZERO, ..own.clone() };
        let template = template(folder, self.template)?;
        Ok(Delivery::Mqtt { endpoint: Box::new(endpoint), topic, answer: self.answer, patience, template })
    }

    fn http(self, folder: &Path) -> Result<Delivery, String> {
        let url = self.url.ok_or_else(|| "url: name the one that takes the events".to_owned())?;
        if !(url.starts_with("https://") || url.starts_with("http://")) || url.contains(char::is_whitespace) {
            return Err(format!("url: \"{url}\" is no URL such as https://mes.plant.example/orders"));
        }
        let secret = self.secret.map(|path| read(folder, &path).and_then(|text| Secret::standard(&text)));
        let secret = secret.transpose().map_err(|reason| format!("secret: {reason}"))?;
        let token = self.token.map(|path| read(folder, &path)).transpose();
        let token = token.map_err(|reason| format!("token: {reason}"))?;
        let headers = match (token, self.header) {
            (None, _) => Vec::new(),
            (Some(token), None) => vec![("authorization".to_owned(), format!("Bearer {}", token.trim()))],
            (Some(token), Some(name)) => vec![(name.to_lowercase(), token.trim().to_owned())],
        };
        let template = template(folder, self.template)?;
        let ca = self.ca.map(|path| folder.join(path));
        Ok(Delivery::Http { url, ca, secret, headers, template })
    }
}

/// Reads the file of a body of another shape.
fn template(folder: &Path, path: Option<PathBuf>) -> Result<Option<Value>, String> {
    let template = path.map(|path| {
        read(folder, &path).and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
    });
    template.transpose().map_err(|reason| format!("template: {reason}"))
}
