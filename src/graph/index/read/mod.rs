//! Reads the index at a place of the history.

pub(crate) mod ancestry;
pub(crate) mod preview;
pub(crate) mod read_log;
pub(crate) mod view;
