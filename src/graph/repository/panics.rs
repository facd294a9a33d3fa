//! What panics while a change is made, as a validator may on data that nobody foresaw, refuses that change and no other.

use crate::graph::error::Error;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a change, and makes an error of a panic.
///
/// A panic while Git is written leaves the writer stopped, as an error would; one before that leaves nothing behind.
pub(in crate::graph) fn caught<T>(run: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Err(Error::Panicked(message(&*panic))))
}

/// Returns the message of a panic.
pub(in crate::graph) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
