//! The outbox: targets, and how far each has come. What is to be delivered is not stored: it follows from the commits after the place of
//! the target, so that a commit needs no second write and none can be forgotten.

use super::target_state::{Attempt, DeadLetter, TargetState};
use crate::app::error::Error;
use crate::app::settings::outbox::{Delivery, OutboxSettings, Target};
use crate::graph::{RequestKey, Snapshot};
use crate::model::durable;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The folder of the files, in that of the thread.
const FOLDER: &str = "outbox";

/// The targets of a thread.
#[derive(Debug)]
pub(in crate::app) struct Outbox {
    pub(in crate::app) settings: OutboxSettings,
    folder: PathBuf,
    /// Locked while a target delivers, so that its events leave in order.
    pub(super) delivering: BTreeMap<String, Mutex<()>>,
    pub(super) counts: Mutex<BTreeMap<String, TargetCounts>>,
    /// The failed commands of which findings were filed last; `None` before the first time.
    filed: Mutex<Option<Vec<(String, DeadLetter)>>>,
}

/// What a target has done since the thread was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetCounts {
    /// Events that were delivered.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Events that were given up.
    pub dead: u64,
}

/// A target as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetStatus {
    /// Its name.
    pub name: String,
    /// Where it delivers to: a URL or a folder.
    pub address: String,
    /// The events that it takes.
    pub events: Vec<String>,
    /// The commit up to which all is dealt with; `None` before the first run.
    pub commit: Option<String>,
    /// How many events it has delivered.
    pub delivered_count: u64,
    /// How many attempts the next event has had.
    pub attempt_count: u32,
    /// When the next attempt is due.
    pub next_attempt_at: Option<String>,
    /// What the last attempt came to, where it failed.
    pub error: Option<String>,
    /// What could not be delivered, the oldest first.
    pub dead_letters: Vec<DeadLetter>,
}

impl Outbox {
    /// Opens the outbox of the thread in a folder.
    pub(in crate::app) fn open(folder: &Path, settings: OutboxSettings) -> Self {
        let names = settings.targets.iter().map(|target| (target.name.clone(), Mutex::new(())));
        let delivering = names.collect();
        Self {
            settings,
            folder: folder.join(FOLDER),
            delivering,
            counts: Mutex::default(),
            filed: Mutex::default(),
        }
    }

    pub(super) fn target(&self, name: &str) -> Result<&Target, Error> {
        let found = self.settings.targets.iter().find(|target| target.name == name);
        found.ok_or_else(|| Error::NoTarget(name.to_owned()))
    }

    /// Returns the lock of a target's deliveries.
    pub(super) fn lock(&self, name: &str) -> Option<MutexGuard<'_, ()>> {
        Some(self.delivering.get(name)?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// Returns the state of a target; one that is new begins at a version, so that it gets what comes after.
    pub(super) fn state(&self, name: &str, head: &Snapshot) -> Result<TargetState, Error> {
        if let Some(state) = TargetState::read(&self.path(name))? {
            return Ok(state);
        }
        let state = TargetState::after(head.commit().id, head.commit().time);
        durable::make_folders(&self.folder)
            .map_err(|error| Error::Outbox { path: self.folder.clone(), reason: error.to_string() })?;
        self.keep(name, &state)?;
        Ok(state)
    }

    pub(super) fn keep(&self, name: &str, state: &TargetState) -> Result<(), Error> {
        state.write(&self.path(name))
    }

    pub(super) fn count(&self, name: &str, add: impl FnOnce(&mut TargetCounts)) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        add(counts.entry(name.to_owned()).or_default());
    }

    /// Returns each target with what it has done since the thread was opened, and how many events are kept that were given up.
    pub(in crate::app) fn figures(&self) -> Result<Vec<(String, TargetCounts, usize)>, Error> {
        let statuses = self.statuses()?;
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |status: TargetStatus| {
            let own = counts.get(&status.name).copied().unwrap_or_default();
            (status.name, own, status.dead_letters.len())
        };
        Ok(statuses.into_iter().map(of).collect())
    }

    /// Returns the targets as they are.
    pub(in crate::app) fn statuses(&self) -> Result<Vec<TargetStatus>, Error> {
        self.settings.targets.iter().map(|target| self.status(target)).collect()
    }

    fn status(&self, target: &Target) -> Result<TargetStatus, Error> {
        let state = TargetState::read(&self.path(&target.name))?;
        let attempt = state.as_ref().and_then(|state| state.attempt.clone());
        let (attempt_count, next_attempt_at, error) = match attempt {
            Some(Attempt { count, next_at, error, .. }) => (count, Some(next_at), Some(error)),
            None => (0, None, None),
        };
        Ok(TargetStatus {
            name: target.name.clone(),
            address: target.address(),
            events: target.events.clone(),
            commit: state.as_ref().map(|state| state.commit.clone()),
            delivered_count: state.as_ref().map_or(0, |state| state.delivered),
            attempt_count,
            next_attempt_at,
            error,
            dead_letters: state.map(|state| state.dead).unwrap_or_default(),
        })
    }

    /// Returns whether a target is sent commands.
    pub(super) fn is_command(&self, name: &str) -> bool {
        self.target(name).is_ok_and(|target| matches!(target.delivery, Delivery::Mqtt { .. }))
    }

    /// Returns the commands that were given up and are not delivered since, each with its target. Those about findings on data are left
    /// out, as each would be a finding on data again.
    pub(in crate::app) fn failed_commands(&self) -> Result<Vec<(String, DeadLetter)>, Error> {
        let mut failed = Vec::new();
        for target in self.settings.targets.iter().filter(|target| self.is_command(&target.name)) {
            let Some(TargetState { dead, again, .. }) = TargetState::read(&self.path(&target.name))? else {
                continue;
            };
            let letters = again.into_iter().chain(dead);
            let letters = letters.filter(|letter| !letter.kind.starts_with("dataFinding."));
            failed.extend(letters.map(|letter| (target.name.clone(), letter)));
        }
        Ok(failed)
    }

    /// Returns whether failed commands were filed as findings: where that has failed it is tried again.
    pub(super) fn is_filed(&self, failed: &[(String, DeadLetter)]) -> bool {
        let filed = self.filed.lock().unwrap_or_else(PoisonError::into_inner);
        filed.as_ref().map_or(failed.is_empty(), |filed| filed == failed)
    }

    /// Notes that failed commands are filed as findings.
    pub(super) fn note_filed(&self, failed: Vec<(String, DeadLetter)>) {
        *self.filed.lock().unwrap_or_else(PoisonError::into_inner) = Some(failed);
    }

    /// Takes letters that could not be delivered back among those that are tried, once for a key.
    pub(in crate::app) fn retry(
        &self,
        name: &str,
        id: Option<&str>,
        key: Option<&RequestKey>,
    ) -> Result<Vec<DeadLetter>, Error> {
        self.target(name)?;
        let _lock = self.lock(name);
        let none = || Error::NoDeadLetter { target: name.to_owned(), id: id.map(str::to_owned) };
        let mut state = TargetState::read(&self.path(name))?.ok_or_else(none)?;
        if let Some(letters) = key.and_then(|key| state.retried(key)) {
            return Ok(letters.to_vec());
        }
        let is_meant = |letter: &DeadLetter| id.is_none_or(|id| letter.id == id);
        let (again, dead): (Vec<_>, Vec<_>) = state.dead.into_iter().partition(is_meant);
        if again.is_empty() {
            return Err(none());
        }
        state.dead = dead;
        state.again.extend(again.iter().cloned());
        if let Some(key) = key {
            state.remember(key, &again);
        }
        self.keep(name, &state)?;
        Ok(again)
    }

    /// Returns what was taken back under a key, as far as that is remembered.
    pub(in crate::app) fn retried(&self, name: &str, key: &RequestKey) -> Result<Vec<DeadLetter>, Error> {
        self.target(name)?;
        let state = TargetState::read(&self.path(name))?;
        Ok(state.as_ref().and_then(|state| state.retried(key)).unwrap_or_default().to_vec())
    }
}
