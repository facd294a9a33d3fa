//! The file: blocks with checksums, and entries packed into them.

pub(crate) mod block;
pub(crate) mod checked_file;
pub(crate) mod guard;
pub(crate) mod packed;
