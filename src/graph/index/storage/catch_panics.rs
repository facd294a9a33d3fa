//! Reading what may be damaged: redb panics on pages that are not its own, and that is an error as any other.

use crate::graph::index::error::Error;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs what reads a file that may be damaged.
pub(crate) fn guarded<T, E: From<Error>>(run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let outer = GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(run));
    GUARDED.set(outer);
    done.unwrap_or_else(|_| Err(Error::corrupt("a page that is not the index's").into()))
}

/// Returns whether a panic of this thread is caught and reported as an error, so that a program need not report it by itself.
pub fn is_guarded() -> bool {
    GUARDED.get()
}
