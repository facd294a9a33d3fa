//! How far a target has come: a file of its own, replaced after each delivery, so that whatever ends the process leaves either the place
//! before a delivery or the one after it.

use super::event::Event;
use crate::app::error::Error;
use crate::graph::{CommitId, RequestKey};
use crate::model::durable;
use crate::model::time::instant::Instant;
use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The version of the files; those of version 1 have no `retried`.
const VERSION: u32 = 2;
/// So many requests to deliver again are remembered with their idempotency keys.
const RETRIED_MAX: usize = 100;
/// So many letters that could not be delivered are kept for a target; then it stops, so that none is lost.
pub(super) const DEAD_MAX: usize = 1_000;

/// How far a target has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TargetState {
    version: u32,
    /// The commit up to which all events are dealt with.
    pub(super) commit: String,
    /// When it was recorded.
    pub(super) time: String,
    /// How many events of the next commit are dealt with.
    #[serde(default)]
    pub(super) handled: usize,
    /// What the next delivery has come to so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) attempt: Option<Attempt>,
    /// How many events were delivered.
    #[serde(default)]
    pub(super) delivered: u64,
    /// What could not be delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) dead: Vec<DeadLetter>,
    /// What a person asked to deliver again, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) again: Vec<DeadLetter>,
    /// What was asked for under idempotency keys, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    retried: Vec<Retried>,
}

/// A request to deliver again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retried {
    /// The digests of its key and of what it asks for.
    request: String,
    letters: Vec<DeadLetter>,
}

/// Attempts to deliver one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::app) struct Attempt {
    /// Of which.
    pub(in crate::app) id: String,
    /// How many.
    pub(in crate::app) count: u32,
    /// When the next one is due.
    pub(in crate::app) next_at: String,
    /// What the last one came to.
    pub(in crate::app) error: String,
}

/// An event that could not be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The name under which it was to be delivered.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// The commit.
    pub commit: String,
    /// The resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// How often it was tried.
    #[serde(alias = "attempts")]
    pub attempt_count: u32,
    /// When it was given up.
    pub at: String,
    /// What the last attempt came to.
    pub error: String,
}

impl TargetState {
    /// Begins after a commit.
    pub(super) fn after(commit: CommitId, time: Instant) -> Self {
        Self {
            version: VERSION,
            commit: commit.to_string(),
            time: time.to_string(),
            handled: 0,
            attempt: None,
            delivered: 0,
            dead: Vec::new(),
            again: Vec::new(),
            retried: Vec::new(),
        }
    }

    /// Reads the state of a target; `None` where it has none yet.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(path, error.to_string())),
        };
        let state: Self = serde_json::from_str(&text).map_err(|error| failed(path, error.to_string()))?;
        match state.version {
            1..=VERSION => Ok(Some(Self { version: VERSION, ..state })),
            other => {
                Err(failed(path, format!("it has the format {other}, which this program does not know")))
            }
        }
    }

    /// Returns what was delivered again under an idempotency key.
    pub(super) fn retried(&self, key: &RequestKey) -> Option<&[DeadLetter]> {
        let request = key.place();
        self.retried.iter().find(|retried| retried.request == request).map(|retried| &*retried.letters)
    }

    /// Remembers what is delivered again under an idempotency key.
    pub(super) fn remember(&mut self, key: &RequestKey, letters: &[DeadLetter]) {
        let more = (self.retried.len() + 1).saturating_sub(RETRIED_MAX);
        self.retried.drain(..more);
        self.retried.push(Retried { request: key.place(), letters: letters.to_vec() });
    }

    /// Writes it to the disk.
    pub(super) fn write(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(path, error.to_string()))?;
        durable::replace(path, format!("{text}\n").as_bytes())
            .map_err(|error| failed(path, error.to_string()))
    }
}

impl DeadLetter {
    pub(super) fn of(event: &Event, attempt_count: u32, at: Instant, error: String) -> Self {
        Self {
            id: event.id.clone(),
            kind: event.kind.clone(),
            commit: event.commit.to_string(),
            resource: event.resource.as_ref().map(|resource| resource.as_str().to_owned()),
            attempt_count,
            at: at.to_string(),
            error,
        }
    }

    /// Returns the event again.
    pub(super) fn event(&self) -> Option<Event> {
        let resource = self.resource.as_ref().map(|iri| NamedNode::new_unchecked(iri.clone()));
        Some(Event::new(self.kind.clone(), self.commit.parse().ok()?, resource))
    }
}

fn failed(path: &Path, reason: String) -> Error {
    Error::Outbox { path: PathBuf::from(path), reason }
}
