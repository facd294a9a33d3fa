//! What threads share: a notifier, a cancellation, a cache, the lock of a file, and counts; and how they are started.

pub mod background;
pub mod cache;
pub mod cancellation;
pub mod counter;
pub mod file_lock;
pub mod notifier;
