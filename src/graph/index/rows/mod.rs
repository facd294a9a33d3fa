//! Rows of statements and the lifespans in them.

pub(crate) mod closed;
pub(crate) mod key;
pub(crate) mod lifespan;
pub(crate) mod time_bucket;
