//! Deliveries: at least once, in order for each target, under the same name however often. An attempt that fails is repeated later and
//! later; one that failed too often is kept for a person, and the next event goes on.

use super::derivation::BRANCH;
use super::event::Event;
use super::file_drop::drop_file;
use super::target_state::{Attempt, DEAD_MAX, DeadLetter, TargetState};
use super::undelivered::Undelivered;
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::message::http::{Client, Outgoing};
use crate::app::message::mqtt::command::{Command, send, topic_of};
use crate::app::message::template::fill;
use crate::app::settings::outbox::{Delivery, Target};
use crate::graph::{CommitId, Snapshot};
use crate::model::sync::background;
use crate::model::sync::notifier::Listening;
use crate::model::time::instant::Instant;
use crate::twins::DataFault;
use sha2::{Digest as _, Sha256};
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long after the first failure an event is tried again; twice as long after each further one.
const BACK_OFF_NS: i64 = 5_000_000_000;
/// It is never longer than this.
const BACK_OFF_MAX_NS: i64 = 3_600_000_000_000;
/// How often a target looks whether there is something, beside whenever a branch moves.
const LOOK: Duration = Duration::from_secs(10);

/// What a run of deliveries came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// How many events were delivered.
    pub delivered: u64,
    /// When the next attempt is due, where one failed.
    pub next: Option<Instant>,
}

impl App {
    /// Delivers what is due to every target; one that fails keeps no other from its events.
    pub fn deliver_all(&self) -> Result<Deliveries, Error> {
        let mut all = Deliveries::default();
        for target in &self.outbox().settings.targets {
            let done = self.deliver(&target.name)?;
            all.delivered += done.delivered;
            all.next = [all.next, done.next].into_iter().flatten().min();
        }
        Ok(all)
    }

    /// Delivers what is due to a target. Commands that are given up, or delivered after all, are findings on data, or are no longer.
    pub fn deliver(&self, name: &str) -> Result<Deliveries, Error> {
        if !self.outbox().is_command(name) {
            return self.deliver_due(name);
        }
        let before = self.outbox().failed_commands()?;
        let done = self.deliver_due(name)?;
        let failed = self.outbox().failed_commands()?;
        if failed != before || !self.outbox().is_filed(&failed) {
            self.file_faults(DataFault::Command)?;
            self.outbox().note_filed(failed);
        }
        Ok(done)
    }

    fn deliver_due(&self, name: &str) -> Result<Deliveries, Error> {
        let outbox = self.outbox();
        let target = outbox.target(name)?;
        let _lock = outbox.lock(name);
        let head = self.repository().head(BRANCH)?;
        let mut state = outbox.state(name, &head)?;
        let before = state.clone();
        let mut done = Deliveries::default();
        if !self.deliver_again(target, &mut state, &mut done)? {
            return Ok(done);
        }
        for commit in self.commits_after(&head, &state)? {
            let snapshot = self.repository().snapshot_at(commit)?;
            let events = self.events_of(&snapshot)?;
            for event in events.iter().skip(state.handled) {
                if event.is_of(&target.events) && !self.attempt(target, event, &mut state, &mut done)? {
                    return Ok(done);
                }
                state.handled += 1;
                if event.is_of(&target.events) {
                    outbox.keep(name, &state)?;
                }
            }
            (state.commit, state.handled) = (commit.to_string(), 0);
            state.time = snapshot.commit().time.to_string();
            if !events.is_empty() {
                outbox.keep(name, &state)?;
            }
        }
        // Nothing new is nothing to write.
        if state != before {
            outbox.keep(name, &state)?;
        }
        Ok(done)
    }

    /// Delivers what a person asked to deliver again; returns whether the others may follow.
    fn deliver_again(
        &self,
        target: &Target,
        state: &mut TargetState,
        done: &mut Deliveries,
    ) -> Result<bool, Error> {
        while let Some(letter) = state.again.first().cloned() {
            if let Some(event) = letter.event()
                && !self.attempt(target, &event, state, done)?
            {
                return Ok(false);
            }
            state.again.remove(0);
            self.outbox().keep(&target.name, state)?;
        }
        Ok(true)
    }

    /// Tries to deliver an event where that is due; returns whether it is dealt with.
    fn attempt(
        &self,
        target: &Target,
        event: &Event,
        state: &mut TargetState,
        done: &mut Deliveries,
    ) -> Result<bool, Error> {
        let (outbox, now) = (self.outbox(), self.clock().now());
        let before = state.attempt.take().filter(|attempt| attempt.id == event.id);
        if let Some(attempt) = &before
            && let Ok(next_at) = attempt.next_at.parse::<Instant>()
            && next_at > now
        {
            (state.attempt, done.next) = (before, Some(next_at));
            return Ok(false);
        }
        let Err(undelivered) = self.send(target, event, now) else {
            state.delivered += 1;
            done.delivered += 1;
            outbox.count(&target.name, |counts| counts.delivered += 1);
            return Ok(true);
        };
        outbox.count(&target.name, |counts| counts.failed += 1);
        let count = before.map_or(0, |attempt| attempt.count) + 1;
        let error = undelivered.reason;
        tracing::warn!(
            target_name = target.name,
            event = event.kind,
            id = event.id,
            count,
            "not delivered: {error}"
        );
        let is_given_up = undelivered.is_final || count >= outbox.settings.attempts_max;
        if is_given_up && state.dead.len() < DEAD_MAX {
            state.dead.push(DeadLetter::of(event, count, now, error));
            outbox.count(&target.name, |counts| counts.dead += 1);
            return Ok(true);
        }
        let asked =
            undelivered.retry_after.map_or(0, |wait| i64::try_from(wait.as_nanos()).unwrap_or(i64::MAX));
        let wait = back_off(&event.id, count).max(asked.min(BACK_OFF_MAX_NS));
        let next_at = now.plus_nanos(wait);
        state.attempt = Some(Attempt { id: event.id.clone(), count, next_at: next_at.to_string(), error });
        outbox.keep(&target.name, state)?;
        done.next = Some(next_at);
        Ok(false)
    }

    /// Sends an event once.
    fn send(&self, target: &Target, event: &Event, now: Instant) -> Result<(), Undelivered> {
        let mut body = self.event_body(event).map_err(Undelivered::because)?;
        match &target.delivery {
            Delivery::File { folder, format } => drop_file(folder, *format, &event.id, &body),
            Delivery::Mqtt { endpoint, topic, answer, patience, template } => {
                body["id"] = event.id.clone().into();
                let filled = template.as_ref().map_or(body.clone(), |template| fill(template, &body));
                let topic = topic_of(topic, &body).map_err(unsendable)?;
                let answer = answer.as_ref().map(|answer| topic_of(answer, &body));
                let answer = answer.transpose().map_err(unsendable)?;
                let (topic, answer) = (topic.as_str(), answer.as_deref());
                let command = Command { id: &event.id, topic, body: &filled, answer, patience: *patience };
                let sent = send(endpoint, &command);
                sent.map_err(|not| Undelivered { is_final: not.is_final, ..Undelivered::because(not.reason) })
            }
            Delivery::Http { url, ca, secret, headers, template } => {
                let filled = template.as_ref().map_or(body.clone(), |template| fill(template, &body));
                let bytes = serde_json::to_vec(&filled).map_err(Undelivered::because)?;
                let at = now.seconds();
                let signature = secret.as_ref().map(|secret| secret.sign(&event.id, at, &bytes));
                let mut request = Outgoing::post(url, "application/json", bytes);
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                request = request.header("webhook-id", &event.id);
                request = request.header("webhook-timestamp", &at.to_string());
                if let Some(signature) = signature {
                    request = request.header("webhook-signature", &signature);
                }
                Undelivered::unless_taken(
                    Client::new(ca.as_deref(), self.reach(None)).send_blocking(&request),
                )
            }
        }
    }

    /// Returns the commits after the place of a target on the first parents of a head, oldest first. Where the place is no longer
    /// behind the head, those that were recorded after it.
    fn commits_after(&self, head: &Snapshot, state: &TargetState) -> Result<Vec<CommitId>, Error> {
        let place = state.time.parse::<Instant>().ok();
        let (mut commits, mut at) = (Vec::new(), head.clone());
        loop {
            let commit = at.commit();
            if commit.id.to_string() == state.commit || place.is_some_and(|place| commit.time <= place) {
                break;
            }
            commits.push(commit.id);
            let Some(parent) = commit.parents.first().copied() else { break };
            at = self.repository().snapshot_at(parent)?;
        }
        commits.reverse();
        Ok(commits)
    }
}

/// What no repetition makes better.
fn unsendable(reason: String) -> Undelivered {
    Undelivered { is_final: true, ..Undelivered::because(reason) }
}

/// Returns how long to wait after so many failures. It differs from event to event by up to a quarter, so that what failed together is not
/// tried together; for one event it is the same in every run.
fn back_off(id: &str, count: u32) -> i64 {
    let doubled =
        BACK_OFF_NS.saturating_mul(1_i64.checked_shl(count.saturating_sub(1).min(20)).unwrap_or(i64::MAX));
    let wait = doubled.min(BACK_OFF_MAX_NS);
    let digest = Sha256::digest(format!("{id}\n{count}\n"));
    let part = i64::from(u16::from_be_bytes([digest[0], digest[1]]));
    wait - wait / 4 * part / i64::from(u16::MAX)
}

/// Delivers for as long as it lives, each target in a thread of its own; a delivery under way is ended first.
#[derive(Debug)]
pub struct Deliverer {
    wakes: Vec<Arc<Wake>>,
    threads: Vec<JoinHandle<()>>,
    _listening: Vec<Listening>,
}

/// What a target waits for: that a branch moves, or that the service ends.
#[derive(Debug, Default)]
struct Wake {
    news: Mutex<News>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct News {
    has_moved: bool,
    is_over: bool,
}

impl Wake {
    fn note(&self, note: impl FnOnce(&mut News)) {
        note(&mut self.news.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits until there is news, at most so long; returns whether the service goes on.
    fn wait(&self, most: Duration) -> bool {
        let news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        let is_quiet = |news: &mut News| !news.has_moved && !news.is_over;
        let waited = self.changed.wait_timeout_while(news, most, is_quiet);
        let (mut news, _) = waited.unwrap_or_else(PoisonError::into_inner);
        news.has_moved = false;
        !news.is_over
    }
}

impl Deliverer {
    /// Starts to deliver.
    pub fn start(app: &Arc<App>) -> io::Result<Self> {
        let mut started = Self { wakes: Vec::new(), threads: Vec::new(), _listening: Vec::new() };
        for target in &app.outbox().settings.targets {
            let wake = Arc::new(Wake::default());
            let (app_of, name, wake_of) = (Arc::clone(app), target.name.clone(), Arc::clone(&wake));
            let work = move || serve(&app_of, &name, &wake_of);
            started.threads.push(background::spawn("outbox", work)?);
            let moved = Arc::clone(&wake);
            started
                ._listening
                .push(app.repository().listen(move || moved.note(|news| news.has_moved = true)));
            started.wakes.push(wake);
        }
        Ok(started)
    }
}

impl Drop for Deliverer {
    fn drop(&mut self) {
        for wake in &self.wakes {
            wake.note(|news| news.is_over = true);
        }
        for thread in self.threads.drain(..) {
            // A panic there was reported by its own message; a delivery that is not recorded is repeated under its name.
            let _ = thread.join();
        }
    }
}

fn serve(app: &App, target: &str, wake: &Wake) {
    loop {
        let next = match app.deliver(target) {
            Ok(done) => done.next,
            Err(error) => {
                tracing::warn!(
                    target_name = target,
                    "the outbox could not be read, and is tried again: {error}"
                );
                None
            }
        };
        let wait = next.map(|next| next.nanos().saturating_sub(app.clock().now().nanos()).max(0));
        let wait = wait.map_or(LOOK, |wait| Duration::from_nanos(wait.unsigned_abs()).min(LOOK));
        if !wake.wait(wait) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_waits_twice_as_long_up_to_an_hour() {
        let check = |count: u32, most_seconds: i64| {
            let wait = back_off("msg_1", count);
            let most = most_seconds * 1_000_000_000;
            assert!(wait <= most && wait >= most / 4 * 3, "{count}: {wait}");
            assert_eq!(wait, back_off("msg_1", count), "the same in every run");
        };
        check(1, 5);
        check(2, 10);
        check(4, 40);
        check(20, 3600);
        check(u32::MAX, 3600);
        assert_ne!(back_off("msg_1", 3), back_off("msg_2", 3));
    }
}
