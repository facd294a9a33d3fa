//! What differs between two groups: a test of ranks, and what is left of many tests at once.

pub mod multiplicity;
pub mod rank_sum;
