//! Takes line protocol in: lines, what is refused of them, and the names of series.

pub(super) mod batch;
pub(super) mod catalog;
pub(super) mod dictionary;
pub(super) mod entry;
pub(super) mod limits;
pub(super) mod line;
pub(super) mod lines;
pub(super) mod notes;
pub(super) mod points;
pub(super) mod refusals;
pub(super) mod staged;
pub(super) mod timestamp_precision;
pub(super) mod written;
