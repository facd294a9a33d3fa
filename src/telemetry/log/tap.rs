//! Taps: what arrives for some twins, handed on once it is durable. A tap holds a bounded number of samples; where its reader
//! is too slow the oldest are dropped, and the reader gets their number.

use crate::model::time::instant::Instant;
use crate::telemetry::ingest::catalog::Names;
use crate::telemetry::ingest::entry::Entry;
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::series::sample::Sample;
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

/// A sample that has arrived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// Its series.
    pub series: SeriesId,
    /// The sample.
    pub sample: Sample,
}

/// Hears what arrives, for as long as it lives.
pub struct Tap(Arc<Inner>);

struct Inner {
    twins: RwLock<HashSet<String>>,
    capacity: usize,
    queue: Mutex<Queue>,
    notify: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct Queue {
    arrivals: VecDeque<Arrival>,
    lost: u64,
}

impl Tap {
    /// Sets the twins that it follows, by the names that senders use.
    pub fn set_twins(&self, twins: HashSet<String>) {
        *self.0.twins.write().unwrap_or_else(PoisonError::into_inner) = twins;
    }

    /// Takes up to `limit` samples in the order of their arrival, and how many were lost before them.
    pub fn take(&self, limit: usize) -> (Vec<Arrival>, u64) {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let count = limit.min(queue.arrivals.len());
        let taken = queue.arrivals.drain(..count).collect();
        (taken, std::mem::take(&mut queue.lost))
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

/// All taps of a store.
#[derive(Default)]
pub(in crate::telemetry) struct Taps(Mutex<Vec<Weak<Inner>>>);

impl Taps {
    /// Opens a tap that holds up to `capacity` samples; `notify` is called, on a writer's thread, when some have arrived.
    pub(in crate::telemetry) fn open(
        &self,
        twins: HashSet<String>,
        capacity: usize,
        notify: impl Fn() + Send + Sync + 'static,
    ) -> Tap {
        let (twins, queue) = (RwLock::new(twins), Mutex::default());
        let inner = Arc::new(Inner { twins, capacity, queue, notify: Box::new(notify) });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&inner));
        Tap(inner)
    }

    /// Hands on a batch that has become durable.
    pub(super) fn offer(&self, names: &Names, entry: &Entry) {
        let mut taps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taps.retain(|tap| tap.strong_count() > 0);
        for tap in taps.iter().filter_map(Weak::upgrade) {
            tap.offer(names, entry);
        }
    }

    /// Returns whether nobody listens.
    pub(in crate::telemetry) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl fmt::Debug for Taps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Taps")
    }
}

impl Inner {
    fn offer(&self, names: &Names, entry: &Entry) {
        let twins = self.twins.read().unwrap_or_else(PoisonError::into_inner);
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut some, mut last) = (false, None);
        for ((&series, &at), &value) in entry.series.iter().zip(&entry.at).zip(&entry.values) {
            let wanted = match last {
                Some((known, wanted)) if known == series => wanted,
                _ => names
                    .tracks()
                    .get(series as usize)
                    .is_some_and(|track| twins.contains(&track.series.twin)),
            };
            last = Some((series, wanted));
            if wanted {
                let sample = Sample { at: Instant::from_nanos(at), value };
                queue.push(Arrival { series: SeriesId(series), sample }, self.capacity);
                some = true;
            }
        }
        drop(queue);
        if some {
            (self.notify)();
        }
    }
}

impl Queue {
    fn push(&mut self, arrival: Arrival, capacity: usize) {
        if self.arrivals.len() >= capacity {
            self.arrivals.pop_front();
            self.lost += 1;
        }
        self.arrivals.push_back(arrival);
    }
}
