//! What has become of the messages of a broker: counts since the thread was opened, and the topics that were of no use.

use super::homes::{self, Dead, Kept, SparkplugUnit};
use crate::exchange::samples::mqtt::json::shown;
use crate::exchange::samples::mqtt::route::{Reason, Refusal};
use crate::exchange::samples::mqtt::sparkplug::{Change, Homes};
use crate::model::time::instant::Instant;
use std::collections::{BTreeMap, HashSet};
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
    /// How many of those connections the broker began without the session of the one before: what had waited in it is lost.
    pub lost_sessions: u64,
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

/// The group, the node and the device of a unit.
type Place = (String, String, Option<String>);

/// The nodes and devices that were born or have died.
#[derive(Debug, Default)]
struct Units {
    all: BTreeMap<Place, SparkplugUnit>,
    /// Where each twin died last, until it is born again.
    dead: BTreeMap<String, Place>,
}

impl Units {
    /// Takes notice of a birth or a death; returns whether what is kept of deaths is another now.
    fn change(&mut self, state: Change, since: Instant) -> bool {
        let place = (state.group.clone(), state.node.clone(), state.device.clone());
        if self.all.len() >= UNITS_MAX && !self.all.contains_key(&place) {
            return false;
        }
        let is_changed = match state.is_alive {
            true => self.dead.remove(&state.twin).is_some(),
            false => {
                self.dead.insert(state.twin.clone(), place.clone());
                true
            }
        };
        self.all.insert(place, SparkplugUnit { state, since });
        is_changed
    }

    /// Returns those that have died and are alive nowhere else.
    fn dead(&self) -> Vec<Dead> {
        let alive = self.all.values().filter(|unit| unit.state.is_alive);
        let alive: HashSet<&str> = alive.map(|unit| unit.state.twin.as_str()).collect();
        let dead = self.dead.iter().filter(|(twin, _)| !alive.contains(twin.as_str()));
        dead.filter_map(|(_, place)| self.all.get(place)).map(Dead::of).collect()
    }
}

/// The status of a broker, which its client changes and others read.
#[derive(Debug)]
pub(in crate::app) struct Status {
    counts: Mutex<BrokerStatus>,
    units: Mutex<Units>,
    homes: Mutex<Homes>,
    /// The file of what is kept.
    path: PathBuf,
}

impl Status {
    /// Begins with nothing but what is known of units.
    pub(in crate::app) fn new(name: &str, url: String, path: PathBuf, kept: Kept) -> Self {
        let counts = BrokerStatus { name: name.to_owned(), url, ..BrokerStatus::default() };
        let mut units = Units::default();
        for SparkplugUnit { state, since } in kept.dead.into_iter().map(Dead::unit) {
            units.change(state, since);
        }
        Self { counts: Mutex::new(counts), units: Mutex::new(units), homes: Mutex::new(kept.homes), path }
    }

    /// Returns the nodes and devices that were born or have died since the thread was opened, and those that were dead by then.
    pub(in crate::app) fn units(&self) -> Vec<SparkplugUnit> {
        self.lock_units().all.values().cloned().collect()
    }

    fn lock_units(&self) -> MutexGuard<'_, Units> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes notice of births and deaths; returns whether what is kept of deaths is another now.
    pub(super) fn change(&self, changes: Vec<Change>, at: Instant) -> bool {
        let mut units = self.lock_units();
        changes.into_iter().filter(|state| units.change(state.clone(), at)).count() > 0
    }

    /// Returns under which node each unit was born.
    pub(in crate::app) fn homes(&self) -> Homes {
        self.homes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps durably under which node each unit was born, and which of them are dead; returns whether a unit was born under another node.
    pub(in crate::app) fn keep(&self, homes: Homes) -> Result<bool, String> {
        let kept = Kept { homes, dead: self.lock_units().dead() };
        homes::write(&self.path, &kept)?;
        let mut known = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
        let has_moved = *known != kept.homes;
        *known = kept.homes;
        Ok(has_moved)
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

    /// A death is known after a restart, until a birth of the same twin anywhere.
    #[test]
    fn deaths_are_kept_until_a_birth() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mqtt/plant.json");
        let open = || Status::new("plant", String::new(), path.clone(), homes::read(&path).expect("a file"));
        let change = |node: &str, is_alive: bool| Change {
            group: "g".to_owned(),
            node: node.to_owned(),
            device: Some("P-1".to_owned()),
            twin: "P-1".to_owned(),
            is_alive,
            metrics: 0,
        };
        let at = Instant::from_seconds;
        let status = open();
        assert!(!status.change(vec![change("a", true)], at(1)), "a first birth");
        assert!(status.change(vec![change("a", false)], at(2)));
        assert!(!status.keep(Homes::default()).expect("kept"));
        let status = open();
        assert_eq!(status.units(), [SparkplugUnit { state: change("a", false), since: at(2) }]);
        assert!(status.change(vec![change("b", true)], at(3)), "it is alive elsewhere");
        status.keep(Homes::default()).expect("kept");
        assert!(open().units().is_empty());
        // Dead under one node and alive under another is alive.
        status.change(vec![change("a", false)], at(4));
        status.keep(Homes::default()).expect("kept");
        assert!(open().units().is_empty());
        std::fs::write(&path, "{\"version\": 1, \"homes\": {}}").expect("a file of the first version");
        assert!(open().units().is_empty());
    }

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
