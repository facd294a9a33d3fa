//! Where a value is heading: its slope over time, and when it reaches a limit.

pub mod crossing;
pub mod similarity;
pub mod slope;
