//! What one evaluation may spend, and how it is stopped.
//!
//! An evaluator passes errors along as items, and some of its loops only collect them and go on: under `COUNT(*)` over a
//! cross product a cancelled evaluation would still run to its end. What every loop does, however, is to clone terms. So
//! each term counts itself in and out here, and where the budget is spent, the stack is unwound from there to
//! [`Budget::run`]: no loop can swallow that. (rust-analyzer's `salsa` cancels in this way.) Failures of the index go the
//! same way, as expressions would take them for unbound.

use super::error::Error;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// So many terms are counted between two looks at the clock.
const STRIDE: u32 = 512;

/// What one query may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long it may be evaluated; waiting for whoever takes the answer does not count.
    pub time: Duration,
    /// How many terms it may hold at once; 32 bytes of computed text count as one.
    pub terms: u64,
    /// How many bytes the answer may have.
    pub bytes: u64,
    /// Whether to stop: set by whoever no longer waits for the answer.
    pub cancelled: Arc<AtomicBool>,
}

impl Limits {
    /// No limit at all: for tests, benchmarks and the command line.
    pub fn none() -> Self {
        Self {
            time: Duration::from_secs(u64::from(u32::MAX)),
            terms: u64::MAX,
            bytes: u64::MAX,
            cancelled: Arc::default(),
        }
    }
}

/// What is left for one evaluation.
pub(super) struct Budget {
    limits: Limits,
    deadline: Cell<Instant>,
    held: Cell<u64>,
    written: Cell<u64>,
    until_look: Cell<u32>,
    cause: RefCell<Option<Error>>,
}

/// What unwinds the stack; the cause stands in the budget.
struct Stopped;

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            deadline: Cell::new(Instant::now() + limits.time),
            limits,
            held: Cell::new(0),
            written: Cell::new(0),
            until_look: Cell::new(STRIDE),
            cause: RefCell::new(None),
        }
    }

    /// Runs an evaluation to its end or to where it is stopped.
    pub(super) fn run<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Err(error)) => Err(self.cause.take().unwrap_or(error)),
            Ok(done) => done,
            Err(panic) if panic.is::<Stopped>() => Err(self.cause.take().unwrap_or(Error::Cancelled)),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Counts `weight` terms in.
    pub(super) fn hold(&self, weight: u64) {
        let held = self.held.get() + weight;
        self.held.set(held);
        if held > self.limits.terms {
            self.stop(Error::Memory);
        }
        self.tick();
    }

    /// Counts `weight` terms out.
    pub(super) fn release(&self, weight: u64) {
        self.held.set(self.held.get().saturating_sub(weight));
    }

    /// Looks at the clock every now and then.
    pub(super) fn tick(&self) {
        match self.until_look.get() {
            0 => self.look(),
            left => self.until_look.set(left - 1),
        }
    }

    /// Looks at the clock.
    pub(super) fn look(&self) {
        self.until_look.set(STRIDE);
        if Instant::now() >= self.deadline.get() {
            self.stop(Error::Late(self.limits.time));
        }
        if self.limits.cancelled.load(Ordering::Relaxed) {
            self.stop(Error::Cancelled);
        }
    }

    /// Counts bytes of the answer, and takes the time that their reader took from nobody's account.
    pub(super) fn wrote(&self, bytes: usize, waited: Duration) -> Result<(), Error> {
        self.deadline.set(self.deadline.get() + waited);
        self.written.set(self.written.get() + bytes as u64);
        if self.written.get() > self.limits.bytes { Err(Error::Size(self.limits.bytes)) } else { Ok(()) }
    }

    /// Remembers why the evaluation ends with the error that is about to be returned.
    pub(super) fn note(&self, cause: Error) {
        self.cause.replace(Some(cause));
    }

    /// Ends the evaluation, whatever loop it is in. Never called while a term is dropped.
    pub(super) fn stop(&self, cause: Error) -> ! {
        self.note(cause);
        resume_unwind(Box::new(Stopped))
    }
}
