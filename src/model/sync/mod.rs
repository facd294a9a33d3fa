//! What threads share: a notifier, a cancellation, a cache, the lock of a file, and counts.

pub mod cache;
pub mod cancellation;
pub mod counter;
pub mod file_lock;
pub mod notifier;
