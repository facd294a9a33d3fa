//! What a series is: its key and names, a sample, a row of one, and a watermark.

pub(super) mod key;
pub(super) mod name;
pub(super) mod row;
pub(super) mod sample;
pub(super) mod watermark;
