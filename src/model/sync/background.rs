//! Threads that work in the background, whose log entries are marked as those of whoever starts them.

use std::io;
use std::thread::{Builder, JoinHandle};
use tracing::Span;

/// Starts a thread of a name within the span of the caller: all that it logs carries the fields of that.
pub fn spawn<T: Send + 'static>(
    name: impl Into<String>,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.into()).spawn(within_span(work))
}

/// Returns work that is done elsewhere, within the span of the caller.
pub fn within_span<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let span = Span::current();
    move || span.in_scope(work)
}
