//! The domain's words as plain values, and five things that any layer may use: a bell, a cancellation, a memory of what was met of
//! late, the lock of a file, and files that are replaced in one step. Nothing here reads a file, a clock or a store.

pub mod accept;
pub mod bell;
pub mod bounds;
pub mod cancellation;
pub mod change;
pub mod clock;
pub mod decimal;
pub mod difference;
pub mod durable;
pub mod duration;
pub mod held;
pub mod instant;
pub mod interval;
pub mod literal;
pub mod numeral;
pub mod period;
pub mod quantity;
pub mod random;
pub mod ratio;
pub mod recent;
pub mod shares;
pub mod statement;
pub mod use_case;
pub mod utf8;
pub mod value;
