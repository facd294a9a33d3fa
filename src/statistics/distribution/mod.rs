//! Distributions, and the functions that they follow from.

pub mod poisson;

pub(super) mod normal;
pub(super) mod special;
pub(super) mod student;
