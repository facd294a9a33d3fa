//! What a connection waits for: the service, or its client and since when.
//!
//! Bytes alone are no progress: a client that sends one now and then makes the service wait as long as a silent one. A wait begins
//! when a connection is opened, a head is complete, or an answer is ready; each byte that the client then sends or takes shortens
//! it by the time that the byte takes at `RATE`. So the wait of a client that keeps up with that rate is nought.

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// A wait amid a request or an answer weighs so many times a wait between two requests.
const PARTIAL_WEIGHT: u32 = 10;

/// How one connection makes use of its place.
#[derive(Debug)]
pub(in crate::server) struct Activity {
    opened: Instant,
    /// Until when the client has kept up with the rate, in microseconds since the connection was opened.
    kept_up: AtomicU64,
    /// How many requests the service works on.
    working: AtomicUsize,
    /// Whether a request or an answer is transferred in part.
    is_partial: AtomicBool,
    /// Notified when the connection must close.
    pub(in crate::server) close: Notify,
}

impl Activity {
    pub(in crate::server) fn new(now: Instant) -> Arc<Self> {
        Arc::new(Self {
            opened: now,
            kept_up: AtomicU64::new(0),
            working: AtomicUsize::new(0),
            is_partial: AtomicBool::new(true),
            close: Notify::new(),
        })
    }

    fn micros(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.opened).as_micros()).unwrap_or(u64::MAX)
    }

    /// Notes that the client sent or took some bytes.
    pub(in crate::server) fn moved(&self, bytes: usize, now: Instant) {
        let (now, earned) = (self.micros(now), (bytes as u64).saturating_mul(1_000_000) / RATE);
        let later = |kept_up: u64| Some(kept_up.saturating_add(earned).min(now));
        // Never refused: the closure returns a value for any.
        let _ = self.kept_up.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
    }

    /// Notes that a request or an answer is under way.
    pub(in crate::server) fn begin_transfer(&self) {
        self.is_partial.store(true, Ordering::Relaxed);
    }

    /// Begins a wait for the client.
    fn restart(&self, now: Instant) {
        self.kept_up.store(self.micros(now), Ordering::Relaxed);
    }

    /// Notes that the service works, until the returned value is dropped.
    pub(in crate::server) fn work(self: &Arc<Self>) -> Work {
        self.working.fetch_add(1, Ordering::Relaxed);
        Work(Arc::clone(self))
    }

    /// Returns how long the service has waited for the client; `None` while the service works.
    pub(in crate::server) fn waited(&self, now: Instant) -> Option<Duration> {
        if self.working.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let kept_up = self.kept_up.load(Ordering::Relaxed);
        Some(Duration::from_micros(self.micros(now).saturating_sub(kept_up)))
    }

    /// Returns how much a wait counts against this connection where another one needs its place.
    pub(in crate::server) fn weight(&self, waited: Duration) -> Duration {
        if self.is_partial.load(Ordering::Relaxed) { waited * PARTIAL_WEIGHT } else { waited }
    }
}

/// Work on a request.
#[derive(Debug)]
pub(in crate::server) struct Work(Arc<Activity>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.restart(Instant::now());
        self.0.working.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The work on one request, which pauses while the client is awaited; shared by the connection and the handler.
#[derive(Clone, Debug)]
pub(in crate::server) struct Pausing(Arc<Mutex<Option<Work>>>, Arc<Activity>);

impl Pausing {
    pub(in crate::server) fn new(activity: &Arc<Activity>) -> Self {
        Self(Arc::new(Mutex::new(Some(activity.work()))), Arc::clone(activity))
    }

    /// Sets whether the service works or waits for the client.
    pub(in crate::server) fn set(&self, works: bool) {
        let mut work = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if works != work.is_some() {
            *work = works.then(|| self.1.work());
        }
    }
}

/// The body of an answer: the service works while the next piece of it is made, and the transfer ends with it.
pub(in crate::server) struct Answering {
    inner: Body,
    work: Pausing,
}

impl Answering {
    pub(in crate::server) fn new(inner: Body, work: Pausing) -> Self {
        Self { inner, work }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.work.set(false);
        self.work.1.is_partial.store(false, Ordering::Relaxed);
    }
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        self.work.set(polled.is_pending());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// How many bytes a second a client must take or send on average, while the service waits for it.
pub(in crate::server) const RATE: u64 = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn bytes_shorten_a_wait_by_the_time_they_take_at_the_rate() {
        let check = |bytes: usize, every: Duration, times: u32, expect: Duration| {
            let opened = Instant::now();
            let activity = Activity::new(opened);
            (1..=times).for_each(|time| activity.moved(bytes, opened + every * time));
            let waited = activity.waited(opened + every * times).expect("the service waits");
            let off = waited.abs_diff(expect);
            assert!(off < SECOND / 100, "{bytes} bytes each {every:?}: {waited:?}, not {expect:?}");
        };
        check(0, SECOND, 60, SECOND * 60);
        check(1, SECOND * 9 / 10, 60, SECOND * 54);
        check(8 << 10, SECOND, 60, SECOND * 30);
        check(16 << 10, SECOND, 60, Duration::ZERO);
        check(1 << 20, SECOND, 60, Duration::ZERO);
    }

    #[test]
    fn bytes_are_no_credit_for_later() {
        let opened = Instant::now();
        let activity = Activity::new(opened);
        activity.moved(1 << 30, opened + SECOND);
        assert_eq!(activity.waited(opened + SECOND * 3), Some(SECOND * 2));
    }

    #[test]
    fn the_service_waits_for_nobody_while_it_works() {
        let opened = Instant::now();
        let activity = Activity::new(opened);
        let work = Pausing::new(&activity);
        assert_eq!(activity.waited(opened + SECOND), None);
        work.set(false);
        assert!(activity.waited(opened + SECOND).is_some());
        work.set(true);
        assert_eq!(activity.waited(opened + SECOND), None, "the body is complete");
        drop(Answering::new(Body::empty(), work));
        let waited = activity.waited(opened + SECOND).expect("the answer is given");
        assert_eq!(activity.weight(waited), waited);
        activity.begin_transfer();
        assert_eq!(activity.weight(waited), waited * PARTIAL_WEIGHT, "the next request has begun");
    }
}
