//! Places for work of which only so much may run at once, as whoever reads needs the other cores.

use std::num::NonZero;
use std::sync::{Condvar, Mutex, PoisonError};

/// Half of the cores, at least one.
pub(in crate::graph) struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Default for Slots {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { free: Mutex::new((cores / 2).max(1)), freed: Condvar::new() }
    }
}

impl Slots {
    /// Waits for a slot, and keeps it until the returned value is dropped.
    pub(in crate::graph) fn take(&self) -> Slot<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let free = self.freed.wait_while(free, |free| *free == 0);
        *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        Slot(self)
    }
}

/// A slot that is taken.
pub(in crate::graph) struct Slot<'a>(&'a Slots);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
