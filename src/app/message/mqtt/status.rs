//! What has become of the messages of a broker: counts since the thread was opened, and the topics that were of no use.

use super::units::{Report, SparkplugUnit, Units};
use super::units_file::{self, Kept};
use crate::exchange::samples::mqtt::json::shown;
use crate::exchange::samples::mqtt::route::{Reason, Refusal};
use crate::exchange::samples::mqtt::sparkplug::Homes;
use crate::model::time::instant::Instant;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many topics are listed; others are counted.
const LISTED_MAX: usize = 200;
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

/// The status of a broker, which its client changes and others read.
#[derive(Debug)]
pub(in crate::app) struct Status {
    counts: Mutex<BrokerStatus>,
    units: Mutex<Units>,
    /// What of the births and deaths that were taken notice of is still to be done.
    due: Mutex<Due>,
    /// Those of all brokers.
    homes: Arc<SharedHomes>,
    /// The file of what is kept.
    path: PathBuf,
}

/// Under which node each unit was born, whichever broker has carried the birth.
#[derive(Debug, Default)]
pub(in crate::app) struct SharedHomes {
    homes: Mutex<Homes>,
    /// Locked from the notice of a birth until it is kept. What is kept of one broker has the births that others have carried: without this
    /// it might have one whose move is not filed yet.
    keeping: Mutex<()>,
}

impl SharedHomes {
    /// Begins with those that were kept.
    pub(in crate::app) fn set(&self, homes: Homes) {
        *self.lock() = homes;
    }

    /// Returns them.
    pub(in crate::app) fn read(&self) -> Homes {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Homes> {
        self.homes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is still to be done.
#[derive(Clone, Copy, Debug, Default)]
struct Due {
    /// To file that a unit was born under another node than before.
    filing: bool,
    /// To write what is kept.
    keeping: bool,
}

impl Status {
    /// Begins with nothing but the units that were kept.
    pub(in crate::app) fn new(
        (name, url): (&str, String),
        path: PathBuf,
        units: Vec<SparkplugUnit>,
        homes: Arc<SharedHomes>,
    ) -> Self {
        let counts = BrokerStatus { name: name.to_owned(), url, ..BrokerStatus::default() };
        let (counts, units) = (Mutex::new(counts), Mutex::new(Units::of(units)));
        Self { counts, units, due: Mutex::default(), homes, path }
    }

    /// Returns the nodes and devices that were born or have died since the thread was opened, and those that were known by then.
    pub(in crate::app) fn units(&self) -> Vec<SparkplugUnit> {
        self.lock_units().all().cloned().collect()
    }

    fn lock_units(&self) -> MutexGuard<'_, Units> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes notice of births and deaths whose samples are stored: calls `file` where a unit was born under another node than before, and keeps
    /// durably under which node each unit was born, and which of them are alive or dead.
    ///
    /// What is kept comes last: where the process ends before that, the messages come again, and come to the same. Where it fails, the call is to
    /// be repeated.
    pub(in crate::app) fn keep(&self, reports: &[Report], file: impl FnOnce()) -> Result<(), String> {
        let _keeping = self.homes.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        for Report { unit, is_in_scope } in reports {
            let has_moved = *is_in_scope && self.homes.lock().settle(&unit.state, unit.since);
            let has_changed = self.lock_units().change(unit.clone());
            due.filing |= has_moved;
            due.keeping |= has_moved || has_changed;
        }
        if due.filing {
            file();
            due.filing = false;
        }
        if due.keeping {
            let (homes, units) = (self.homes.read(), self.lock_units().kept());
            units_file::write(&self.path, &Kept { homes, units })?;
            due.keeping = false;
        }
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
    use crate::exchange::samples::mqtt::sparkplug::Change;

    /// What was alive and what was dead is known after a restart, and files of earlier versions are read.
    #[test]
    fn units_are_kept_in_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mqtt/plant.json");
        let open = || {
            let Kept { homes, units } = units_file::read(&path).expect("a file");
            let shared = SharedHomes::default();
            shared.set(homes);
            Status::new(("plant", String::new()), path.clone(), units, Arc::new(shared))
        };
        let report = |node: &str, device: Option<&str>, is_alive: bool, second: i64| {
            let state = Change {
                group: "g".to_owned(),
                node: node.to_owned(),
                device: device.map(str::to_owned),
                twin: device.unwrap_or(node).to_owned(),
                is_alive,
                metrics: usize::from(is_alive),
                bd_seq: (is_alive && device.is_none()).then_some(3),
            };
            Report { unit: SparkplugUnit { state, since: Instant::from_seconds(second) }, is_in_scope: true }
        };
        let filed = |status: &Status, reports: &[Report]| {
            let mut is_filed = false;
            status.keep(reports, || is_filed = true).map(|()| is_filed)
        };
        let status = open();
        let born = ["P-1", "P-2"].map(|device| report("a", Some(device), true, 1));
        assert_eq!(filed(&status, &[report("a", None, true, 1)]), Ok(false));
        assert_eq!(filed(&status, &born), Ok(true));
        assert_eq!(filed(&status, &[report("a", Some("P-2"), false, 2)]), Ok(false));
        assert_eq!(open().units(), status.units());
        assert_eq!(filed(&open(), &born[..1]), Ok(false), "nothing is new");
        // It is filed before it is kept: where the process ends between the two, the birth comes again, and is filed again.
        let (again, moved) = (open(), [report("b", Some("P-1"), true, 3)]);
        std::fs::rename(&path, folder.path().join("kept")).expect("moved");
        std::fs::create_dir(&path).expect("nothing can be written there");
        let mut is_filed = false;
        again.keep(&moved, || is_filed = true).expect_err("not kept");
        assert!(is_filed);
        std::fs::remove_dir(&path).expect("removed");
        std::fs::rename(folder.path().join("kept"), &path).expect("moved back");
        let restarted = open();
        assert_eq!(filed(&again, &moved), Ok(false), "kept by the second try, which files nothing anew");
        assert_eq!(open().homes.read(), again.homes.read());
        assert_eq!(filed(&restarted, &moved), Ok(true));
        assert_eq!(open().homes.read(), again.homes.read(), "both come to the same");
        let dead = r#"{"group": "g", "node": "a", "twin": "a", "since": "2026-01-01T00:00:00Z"}"#;
        for (text, count) in [
            (r#"{"version": 1, "homes": {}}"#.to_owned(), 0),
            (format!(r#"{{"version": 2, "homes": {{}}, "dead": [{dead}]}}"#), 1),
        ] {
            std::fs::write(&path, text).expect("a file of an earlier version");
            assert_eq!(open().units().len(), count);
        }
        std::fs::write(&path, r#"{"version": 4, "homes": {}}"#).expect("a file of a later version");
        assert!(units_file::read(&path).expect_err("unknown").contains("the format 4"));
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
