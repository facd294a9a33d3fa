//! The domain's words as plain values, and what any layer may use: a notifier, a cancellation, a cache, the
//! lock of a file, files that are replaced in one step, and the names that a misspelt one may have meant. Nothing here reads a file, a clock or a store.

pub mod accept;
pub mod durable;
pub mod near;
pub mod number;
pub mod random;
pub mod settings_file;
pub mod statement;
pub mod sync;
pub mod time;
pub mod use_case;
pub mod utf8;
pub mod varint;
pub mod visible;
