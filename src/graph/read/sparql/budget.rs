//! What one evaluation may spend, and how it is stopped.
//!
//! An evaluator passes errors along as items, and some of its loops only collect them and go on: under `COUNT(*)` over a
//! cross product a cancelled evaluation would still run to its end. What every loop does, however, is to clone terms. So
//! each term counts itself in and out here, and where the budget is spent, the stack is unwound from there to
//! [`Budget::run`]: no loop can swallow that. (rust-analyzer's `salsa` cancels in this way.) Failures of the index go the
//! same way, as expressions would take them for unbound.

use super::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many terms are counted between two looks at the clock.
const STRIDE: u32 = 512;
/// How many bytes of text count as one term in memory.
pub(super) const BYTES_PER_TERM: u64 = 32;
/// How many bytes of text count as one term between two looks at the clock.
const BYTES_PER_TICK: usize = 1024;
/// A row has a place for each variable of the query, bound or not; the memory that terms may take is divided by the number of
/// times that this goes into the variables, plus one.
const VARIABLES_PER_SHARE: u64 = 16;

/// What one query may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long it may be evaluated; waiting for the client to take the answer does not count.
    pub time: Duration,
    /// How many terms it may hold at once; 32 bytes of computed text count as one.
    pub terms: u64,
    /// How many bytes the answer may have.
    pub bytes: u64,
    /// Whether to stop: set by a caller that no longer waits for the answer.
    pub cancelled: Arc<AtomicBool>,
}

/// How many terms one query may hold: about half a gigabyte.
const TERMS_MAX: u64 = 10_000_000;
/// About how many bytes these take.
const TERMS_BYTES: u64 = 500_000_000;
/// The largest answer.
const ANSWER_BYTES_MAX: u64 = 1 << 30;

impl Limits {
    /// The limits of a query that may take so long.
    pub fn within(time: Duration) -> Self {
        Self { time, terms: TERMS_MAX, bytes: ANSWER_BYTES_MAX, cancelled: Arc::default() }
    }

    /// Allows so many bytes of memory, about.
    #[must_use]
    pub fn with_memory(self, bytes: u64) -> Self {
        Self { terms: bytes.saturating_mul(TERMS_MAX / 1_000_000) / (TERMS_BYTES / 1_000_000), ..self }
    }

    /// No limit at all: for tests and benchmarks.
    pub fn none() -> Self {
        Self {
            time: Duration::from_secs(u64::from(u32::MAX)),
            terms: u64::MAX,
            bytes: u64::MAX,
            cancelled: Arc::default(),
        }
    }
}

/// What is left for one evaluation. One thread counts; atomics let the evaluator's functions share it.
pub(super) struct Budget {
    limits: Limits,
    deadline: Mutex<Instant>,
    terms_max: AtomicU64,
    in_memory: AtomicU64,
    written: AtomicU64,
    until_look: AtomicU32,
    cause: Mutex<Option<Error>>,
}

/// What unwinds the stack; the cause is in the budget.
struct Stopped;

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            deadline: Mutex::new(Instant::now() + limits.time),
            terms_max: AtomicU64::new(limits.terms),
            limits,
            in_memory: AtomicU64::new(0),
            written: AtomicU64::new(0),
            until_look: AtomicU32::new(STRIDE),
            cause: Mutex::new(None),
        }
    }

    /// Takes into account how wide the rows of the query are.
    pub(super) fn set_variables(&self, count: usize) {
        let shares = 1 + count as u64 / VARIABLES_PER_SHARE;
        self.terms_max.store(self.limits.terms / shares, Ordering::Relaxed);
    }

    /// Runs an evaluation to its end or to where it is stopped.
    pub(super) fn run<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Err(error)) => Err(locked(&self.cause).take().unwrap_or(error)),
            Ok(done) => done,
            Err(panic) if panic.is::<Stopped>() => {
                Err(locked(&self.cause).take().unwrap_or(Error::Cancelled))
            }
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Counts `weight` terms in.
    pub(super) fn hold(&self, weight: u64) {
        let in_memory = self.in_memory.load(Ordering::Relaxed).saturating_add(weight);
        self.in_memory.store(in_memory, Ordering::Relaxed);
        if in_memory > self.terms_max.load(Ordering::Relaxed) {
            self.stop(Error::Memory);
        }
        self.tick();
    }

    /// Counts `weight` terms out.
    pub(super) fn release(&self, weight: u64) {
        let in_memory = self.in_memory.load(Ordering::Relaxed);
        self.in_memory.store(in_memory.saturating_sub(weight), Ordering::Relaxed);
    }

    /// Looks at the clock every now and then.
    pub(super) fn tick(&self) {
        self.spend(1);
    }

    /// Looks at the clock the sooner, the longer a text is that was read or made.
    pub(super) fn tick_text(&self, bytes: usize) {
        self.spend(u32::try_from(1 + bytes / BYTES_PER_TICK).unwrap_or(u32::MAX));
    }

    fn spend(&self, ticks: u32) {
        match self.until_look.load(Ordering::Relaxed).checked_sub(ticks) {
            None => self.look(),
            Some(left) => self.until_look.store(left, Ordering::Relaxed),
        }
    }

    /// Looks at the clock.
    pub(super) fn look(&self) {
        self.until_look.store(STRIDE, Ordering::Relaxed);
        if Instant::now() >= *locked(&self.deadline) {
            self.stop(Error::Late(self.limits.time));
        }
        if self.limits.cancelled.load(Ordering::Relaxed) {
            self.stop(Error::Cancelled);
        }
    }

    /// Counts bytes of the answer, and takes the time that their reader took from nobody's account.
    pub(super) fn wrote(&self, bytes: usize, waited: Duration) -> Result<(), Error> {
        *locked(&self.deadline) += waited;
        let written = self.written.load(Ordering::Relaxed) + bytes as u64;
        self.written.store(written, Ordering::Relaxed);
        if written > self.limits.bytes { Err(Error::Size(self.limits.bytes)) } else { Ok(()) }
    }

    /// Remembers why the evaluation ends with the error that is about to be returned.
    pub(super) fn note(&self, cause: Error) {
        locked(&self.cause).replace(cause);
    }

    /// Ends the evaluation, whatever loop it is in. Never called while a term is dropped.
    pub(super) fn stop(&self, cause: Error) -> ! {
        self.note(cause);
        resume_unwind(Box::new(Stopped))
    }
}

/// Locks a value that no panic can leave half written.
fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
