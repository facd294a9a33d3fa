//! What threads share: a notifier, a cancellation, a cache, and the lock of a file.

pub mod cache;
pub mod cancellation;
pub mod file_lock;
pub mod notifier;
