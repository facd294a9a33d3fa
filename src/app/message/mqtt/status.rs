//! What has become of the messages of a broker: counts since the thread was opened, and the topics that were of no use.

use super::homes;
use crate::exchange::samples::mqtt::json::shown;
use crate::exchange::samples::mqtt::route::{Reason, Refusal};
use crate::exchange::samples::mqtt::sparkplug::{Change, Homes};
use crate::model::time::instant::Instant;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many topics are listed; others are counted.
const LISTED_MAX: usize = 200;
/// So many nodes and devices are listed.
const UNITS_MAX: usize = 100_000;
/// So many characters of a topic are listed.
const TOPIC_MAX: usize = 256;

/// How a client is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkState {
    /// The thread is not served, so that nobody subscribes.
    #[default]
    Idle,
    /// It is about to connect.
    Connecting,
    /// It is connected.
    Connected,
    /// It waits before it connects again.
    Waiting,
}

impl LinkState {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Idle, "IDLE"),
        (Self::Connecting, "CONNECTING"),
        (Self::Connected, "CONNECTED"),
        (Self::Waiting, "WAITING"),
    ];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(own, _)| *own == self).map_or("", |(_, name)| name)
    }
}

/// A broker, and what has become of its messages since the thread was opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerStatus {
    /// Its name in the settings.
    pub name: String,
    /// Its URL.
    pub url: String,
    /// How the client is connected.
    pub state: LinkState,
    /// Since when.
    pub since: Option<Instant>,
    /// What went wrong last, until it is over.
    pub error: Option<String>,
    /// The filters that the broker does not grant.
    pub refused_filters: Vec<String>,
    /// How often the client was connected.
    pub connections: u64,
    /// Messages that arrived.
    pub messages: u64,
    /// Those of them that may have arrived before.
    pub repeated: u64,
    /// Messages that arrived and are not acknowledged yet.
    pub unacknowledged: u64,
    /// Samples that were stored.
    pub samples: u64,
    /// What was no sample, by reason.
    pub refused: BTreeMap<Reason, u64>,
    /// The topics of it.
    pub topics: Vec<RefusedTopic>,
    /// How much of it is of topics that are not listed.
    pub unlisted: u64,
}

/// Messages of one topic that were of no use, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedTopic {
    /// The topic.
    pub topic: String,
    /// Why.
    pub reason: Reason,
    /// How many.
    pub count: u64,
    /// When the last one arrived.
    pub at: Instant,
    /// What was wrong with the last one.
    pub detail: String,
}

impl BrokerStatus {
    /// Counts something that is no sample, and lists its topic.
    pub(super) fn refuse(&mut self, topic: &[u8], refusal: Refusal, at: Instant) {
        let Refusal { reason, detail } = refusal;
        *self.refused.entry(reason).or_default() += 1;
        let topic = String::from_utf8_lossy(topic);
        let topic: String = match topic.char_indices().nth(TOPIC_MAX) {
            None => topic.into_owned(),
            Some((end, _)) => format!("{}…", &topic[..end]),
        };
        let known = self.topics.iter().position(|own| own.reason == reason && own.topic == topic);
        match known {
            Some(known) => {
                let known = &mut self.topics[known];
                known.count += 1;
                (known.at, known.detail) = (at, detail);
            }
            None if self.topics.len() < LISTED_MAX => {
                tracing::warn!(
                    broker = self.name,
                    topic,
                    reason = reason.name(),
                    "a message is of no use: {}",
                    shown(&detail)
                );
                self.topics.push(RefusedTopic { topic, reason, count: 1, at, detail });
            }
            None => self.unlisted += 1,
        }
    }
}

/// An edge node of Sparkplug B, or a device of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparkplugUnit {
    /// What became of it last.
    pub state: Change,
    /// When.
    pub since: Instant,
}

/// The group, the node and the device of a unit.
type Place = (String, String, Option<String>);

/// The status of a broker, which its client changes and others read.
#[derive(Debug)]
pub(in crate::app) struct Status {
    counts: Mutex<BrokerStatus>,
    units: Mutex<BTreeMap<Place, SparkplugUnit>>,
    homes: Mutex<Homes>,
    /// The file of the homes.
    path: PathBuf,
}

impl Status {
    /// Begins with nothing but what is known of units.
    pub(in crate::app) fn new(name: &str, url: String, path: PathBuf, homes: Homes) -> Self {
        let counts = BrokerStatus { name: name.to_owned(), url, ..BrokerStatus::default() };
        Self { counts: Mutex::new(counts), units: Mutex::default(), homes: Mutex::new(homes), path }
    }

    /// Returns the nodes and devices that were born or have died since the thread was opened.
    pub(in crate::app) fn units(&self) -> Vec<SparkplugUnit> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Takes notice of births and deaths.
    pub(super) fn change(&self, changes: Vec<Change>, at: Instant) {
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        for state in changes {
            let place = (state.group.clone(), state.node.clone(), state.device.clone());
            if units.len() >= UNITS_MAX && !units.contains_key(&place) {
                continue;
            }
            units.insert(place, SparkplugUnit { state, since: at });
        }
    }

    /// Returns under which node each unit was born.
    pub(in crate::app) fn homes(&self) -> Homes {
        self.homes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps durably under which node each unit was born.
    pub(in crate::app) fn keep_homes(&self, homes: Homes) -> Result<(), String> {
        homes::write(&self.path, &homes)?;
        *self.homes.lock().unwrap_or_else(PoisonError::into_inner) = homes;
        Ok(())
    }

    /// Returns what it is now.
    pub(in crate::app) fn read(&self) -> BrokerStatus {
        self.lock().clone()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BrokerStatus> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how the client is connected.
    pub(super) fn turn(&self, state: LinkState, at: Instant) {
        let mut status = self.lock();
        (status.state, status.since) = (state, Some(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_listed_up_to_a_bound_and_counted_beyond() {
        let (mut status, at) = (BrokerStatus::default(), Instant::from_seconds(1));
        for number in 0..LISTED_MAX + 50 {
            let topic = format!("a/{number}");
            status.refuse(topic.as_bytes(), Refusal::new(Reason::Unmatched, "first"), at);
        }
        status.refuse(b"a/0", Refusal::new(Reason::Unmatched, "again"), Instant::from_seconds(2));
        assert_eq!((status.topics.len(), status.unlisted), (LISTED_MAX, 50));
        assert_eq!(status.refused[&Reason::Unmatched], 251);
        let first = &status.topics[0];
        assert_eq!((first.count, first.detail.as_str(), first.at), (2, "again", Instant::from_seconds(2)));
        status.topics.clear();
        status.refuse("ü".repeat(300).as_bytes(), Refusal::new(Reason::Payload, ""), at);
        assert_eq!(status.topics[0].topic, format!("{}…", "ü".repeat(TOPIC_MAX)));
    }
}
