//! Reads series from parts and memory: samples, rollups, and whether they satisfy guards and limits.

pub(super) mod condition;
pub(super) mod derived;
mod excess;
pub(super) mod fragment;
pub(super) mod limit;
pub(super) mod plan;
pub(super) mod rollup;
pub(super) mod rollup_maker;
pub(super) mod source;
pub(super) mod tally;
pub(super) mod track;
