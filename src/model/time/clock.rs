//! Where time and new names come from. Both are injected, so that the same input gives the same bytes.

use super::instant::Instant;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Returns the present instant and makes new identifiers.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Returns the present instant.
    fn now(&self) -> Instant;
    /// Makes a new UUID (version 7: its order is the order of making).
    fn new_id(&self) -> uuid::Uuid;
}

/// The machine's own clock and randomness.
#[derive(Debug, Default)]
pub struct SystemClock {
    context: Mutex<Option<uuid::ContextV7>>,
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::from_nanos(i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX))
    }

    fn new_id(&self) -> uuid::Uuid {
        let mut guard = self.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let context = guard.get_or_insert_with(uuid::ContextV7::new);
        uuid::Uuid::new_v7(uuid::Timestamp::now(&*context))
    }
}

/// A clock that moves only when it is set, and numbers its identifiers: for tests and the demo.
#[derive(Debug)]
pub struct FixedClock {
    now: AtomicI64,
    made: AtomicU64,
}

impl FixedClock {
    /// Starts the clock at `now`.
    pub const fn new(now: Instant) -> Self {
        Self { now: AtomicI64::new(now.nanos()), made: AtomicU64::new(0) }
    }

    /// Moves the clock to `now`.
    pub fn set(&self, now: Instant) {
        self.now.store(now.nanos(), Ordering::SeqCst);
    }
}

/// A stopped clock that numbers its identifiers (UUIDs of version 8, which no other clock makes): for what is only
/// supposed, where the same question must get the same answer.
#[derive(Debug)]
pub struct PreviewClock {
    now: Instant,
    made: AtomicU64,
}

impl PreviewClock {
    /// Makes a clock stopped at `now`.
    pub const fn new(now: Instant) -> Self {
        Self { now, made: AtomicU64::new(0) }
    }
}

impl Clock for PreviewClock {
    fn now(&self) -> Instant {
        self.now
    }

    fn new_id(&self) -> uuid::Uuid {
        let number = self.made.fetch_add(1, Ordering::SeqCst) + 1;
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        Instant::from_nanos(self.now.load(Ordering::SeqCst))
    }

    fn new_id(&self) -> uuid::Uuid {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let millis = u64::try_from(self.now().nanos() / 1_000_000).unwrap_or(0);
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&number.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}
