//! Reads series from parts and memory: samples, rollups, and whether they satisfy guards and limits.

pub(super) mod fragment;
pub(super) mod guard;
pub(super) mod limit;
pub(super) mod maker;
pub(super) mod plan;
pub(super) mod rollup;
pub(super) mod source;
pub(super) mod tally;
pub(super) mod track;
