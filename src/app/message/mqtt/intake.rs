//! Messages on their way to the store: read by their routes, gathered in a batch, with the numbers to acknowledge once it is stored.

use super::options::Subscription;
use super::packet::Message;
use super::status::Status;
use super::units::{Report, SparkplugUnit};
use crate::exchange::samples::mqtt::route::{Payload, Reason, Refusal, Route, Sample};
use crate::exchange::samples::mqtt::sparkplug::Host;
use crate::model::time::clock::Clock;
use crate::model::time::instant::Instant;
use crate::telemetry::{Batch, SeriesKey, Written};
use bytes::Bytes;
use std::sync::Arc;

const DAY_SECONDS: i64 = 86_400;
/// What a message takes in memory beside its bytes, about.
const MESSAGE_BYTES: usize = 64;

/// Messages that are not stored yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Their samples.
    pub(super) batch: Batch,
    /// The numbers to acknowledge, in the order of arrival.
    pub(super) numbers: Vec<u16>,
    /// The connection that those are of.
    pub(super) link: u64,
    /// How many there are.
    messages: usize,
    /// The topics of those with samples.
    topics: Vec<Bytes>,
    /// Of each sample the place of its topic.
    origins: Vec<u32>,
    /// The births and deaths among them, in the order of arrival.
    pub(super) reports: Vec<Report>,
    bytes: usize,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.messages == 0
    }
}

/// How many series a broker may bring that are not known yet, in one day of UTC.
#[derive(Debug)]
struct NewSeries {
    max: usize,
    brought: usize,
    day: i64,
}

impl NewSeries {
    /// Returns how many it may bring still.
    fn left(&mut self, now: Instant) -> usize {
        let day = now.seconds().div_euclid(DAY_SECONDS);
        if day != self.day {
            (self.day, self.brought) = (day, 0);
        }
        self.max.saturating_sub(self.brought)
    }
}

/// A topic and what is sent to it.
type Command = (String, Vec<u8>);

/// What messages go through.
#[derive(Debug)]
pub(in crate::app) struct Intake {
    subscription: Arc<Subscription>,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
    pending: Pending,
    /// The nodes of Sparkplug B.
    host: Host,
    /// Commands to them that are to be sent.
    commands: Vec<Command>,
    new_series: NewSeries,
    /// The last instant of arrival: no two messages have the same, so that none takes the place of another.
    last: Instant,
}

impl Intake {
    /// Makes one for the messages of a broker.
    pub(in crate::app) fn new(
        subscription: Arc<Subscription>,
        clock: Arc<dyn Clock>,
        status: Arc<Status>,
        new_series_max: usize,
    ) -> Self {
        let units = status.units();
        let alive = units.iter().map(|SparkplugUnit { state, .. }| state).filter(|state| state.is_alive);
        let (last, host) = (clock.now().plus_nanos(-1), Host::new(alive));
        let (pending, commands) = (Pending::default(), Vec::new());
        let new_series = NewSeries { max: new_series_max, brought: 0, day: 0 };
        Self { subscription, clock, status, pending, host, commands, new_series, last }
    }

    /// Returns whether a batch is so large that no more is taken before it is on its way.
    pub(super) fn is_full(&self) -> bool {
        let limits = &self.subscription.limits;
        self.pending.batch.len() >= limits.samples_max
            || self.pending.messages >= limits.samples_max
            || self.pending.bytes >= limits.bytes_max
    }

    /// Returns whether there is nothing to store or to acknowledge.
    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Takes a message.
    pub(super) fn take(&mut self, message: &Message) {
        self.note(message.number, message.topic.len() + message.payload.len(), message.is_repeated);
        let now = self.arrival();
        let subscription = Arc::clone(&self.subscription);
        let topic = std::str::from_utf8(&message.topic).unwrap_or_default();
        let found =
            subscription.routes.iter().find_map(|route| Some((route, route.pattern.captures(topic)?)));
        let Some((route, captures)) = found else {
            let refusal = Refusal::new(Reason::Unmatched, "no topic of the settings fits");
            return self.refuse(&message.topic, refusal, now);
        };
        if message.is_retained && !route.has_time() {
            // Nobody knows when such a value was measured, and whoever subscribes again gets it again.
            let detail = "the broker has kept it from before, and it does not state its time";
            return self.refuse(&message.topic, Refusal::new(Reason::Retained, detail), now);
        }
        let before = self.pending.batch.len();
        if route.payload == Payload::Sparkplug {
            self.take_sparkplug(route, message, topic, now);
        } else {
            route.read(&captures, &message.payload, &mut |read| self.keep(read, &message.topic, now));
        }
        if self.pending.batch.len() > before {
            self.pending.topics.push(message.topic.clone());
        }
    }

    fn take_sparkplug(&mut self, route: &Route, message: &Message, topic: &str, now: Instant) {
        let mut all = Vec::new();
        let taken = self.host.take(route, (topic, &message.payload), now, &mut |read| all.push(read));
        for read in all {
            self.keep(read, &message.topic, now);
        }
        let scope = self.subscription.twins.as_ref();
        let reports = taken.changes.into_iter().map(|state| Report {
            is_in_scope: scope.is_none_or(|scope| scope.contains(&state.twin)),
            unit: SparkplugUnit { state, since: now },
        });
        self.pending.reports.extend(reports);
        self.commands.extend(taken.command);
    }

    fn keep(&mut self, read: Result<Sample, Refusal>, topic: &[u8], now: Instant) {
        match read {
            Ok(sample) => self.push(sample, topic, now),
            Err(refusal) => self.refuse(topic, refusal, now),
        }
    }

    /// Takes notice of a new connection.
    pub(super) fn connected(&mut self) {
        self.forget_numbers();
        self.commands = self.host.connected(self.clock.now());
    }

    /// Hands out the commands that are to be sent.
    pub(super) fn commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }

    /// Takes notice of a message that was too large to be read.
    pub(super) fn take_large(&mut self, topic: &Bytes, number: Option<u16>, bytes: usize) {
        self.note(number, 0, false);
        let most = self.subscription.endpoint.message_bytes_max;
        let detail = format!("the message has {bytes} bytes, and {most} are the most (messageKilobytes)");
        let now = self.arrival();
        let text = std::str::from_utf8(topic).unwrap_or_default();
        let route = self.subscription.routes.iter().find(|route| route.pattern.captures(text).is_some());
        if route.is_some_and(|route| route.payload == Payload::Sparkplug) {
            self.commands.extend(self.host.unread(text, now));
        }
        self.refuse(topic, Refusal::new(Reason::Payload, detail), now);
    }

    fn note(&mut self, number: Option<u16>, bytes: usize, is_repeated: bool) {
        self.pending.numbers.extend(number);
        self.pending.messages += 1;
        self.pending.bytes += bytes + MESSAGE_BYTES;
        let mut status = self.status.lock();
        status.messages += 1;
        status.repeated += u64::from(is_repeated);
        status.unacknowledged += u64::from(number.is_some());
    }

    /// Returns the instant at which a message arrives.
    fn arrival(&mut self) -> Instant {
        self.last = self.clock.now().max(self.last.plus_nanos(1));
        self.last
    }

    fn push(&mut self, sample: Sample, topic: &[u8], now: Instant) {
        let Sample { twin, measurement, field, tags, at, value } = sample;
        if self.subscription.twins.as_ref().is_some_and(|scope| !scope.contains(&twin)) {
            let detail = format!("samples of \"{twin}\" are not taken: twins names others");
            return self.refuse(topic, Refusal::new(Reason::Scope, detail), now);
        }
        let pending = &mut self.pending;
        let series = pending.batch.series(SeriesKey { twin, measurement, field, tags });
        pending.batch.push(series, at.unwrap_or(now), value);
        pending.origins.push(u32::try_from(pending.topics.len()).unwrap_or(u32::MAX));
        pending.bytes += MESSAGE_BYTES;
    }

    fn refuse(&self, topic: &[u8], refusal: Refusal, at: Instant) {
        self.status.lock().refuse(topic, refusal, at);
    }

    /// Hands out what has come so far, and begins anew.
    pub(super) fn hand_out(&mut self, link: u64) -> Pending {
        let mut pending = Pending { link, ..std::mem::take(&mut self.pending) };
        pending.batch.new_series_max = self.new_series.left(self.clock.now());
        pending
    }

    /// Forgets the numbers of a connection that is over: its broker sends the messages again.
    fn forget_numbers(&mut self) {
        self.pending.numbers.clear();
        self.status.lock().unacknowledged = 0;
    }

    /// Takes notice of what the store has made of a batch.
    pub(super) fn stored(&mut self, pending: &Pending, written: &Written) {
        let now = self.clock.now();
        self.new_series.brought += written.new_series;
        let mut status = self.status.lock();
        status.samples += written.samples;
        status.error = None;
        for rejected in &written.rejected {
            let topic = pending.origins.get(rejected.line.saturating_sub(1));
            let topic = topic.and_then(|place| pending.topics.get(*place as usize));
            let topic: &[u8] = topic.map_or(b"", |topic| topic);
            let mut detail = rejected.message.clone();
            if detail.contains("newSeriesMax") {
                detail.push_str(&format!("; a broker may bring {} in a day of UTC", self.new_series.max));
            }
            status.refuse(topic, Refusal::new(Reason::Store, detail), now);
        }
        let unnamed = written.rejected_count.saturating_sub(written.rejected.len());
        if unnamed > 0 {
            *status.refused.entry(Reason::Store).or_default() += unnamed as u64;
            status.unlisted += unnamed as u64;
        }
    }

    /// Takes notice that messages are acknowledged.
    pub(super) fn acknowledged(&self, count: usize) {
        let mut status = self.status.lock();
        status.unacknowledged = status.unacknowledged.saturating_sub(count as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_series_count_for_a_day() {
        let mut new_series = NewSeries { max: 10, brought: 0, day: 0 };
        let mut left = |seconds: i64, brought: usize| {
            let left = new_series.left(Instant::from_seconds(seconds));
            new_series.brought += brought;
            left
        };
        assert_eq!(left(DAY_SECONDS, 4), 10);
        assert_eq!(left(DAY_SECONDS + 1, 6), 6);
        assert_eq!(left(2 * DAY_SECONDS - 1, 0), 0);
        assert_eq!(left(2 * DAY_SECONDS, 0), 10, "the next day");
    }
}
