//! Reads the index at a place of the history.

pub(crate) mod ancestry;
pub(crate) mod preview;
pub(crate) mod read_log;
mod row_scan;
#[cfg(test)]
pub(crate) mod rows_read;
pub(crate) mod tables;
pub(crate) mod view;
