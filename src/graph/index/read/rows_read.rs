//! Counts the scans that a thread begins and the rows that it reads.

use std::cell::Cell;

thread_local!(static READ: Cell<usize> = const { Cell::new(0) });

pub(in crate::graph) fn add_one() {
    READ.set(READ.get() + 1);
}

/// Returns how many rows some work reads.
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> (T, usize) {
    READ.set(0);
    let done = work();
    (done, READ.get())
}
