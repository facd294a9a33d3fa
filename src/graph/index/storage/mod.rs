//! The file: blocks with checksums, and entries packed into them.

pub(crate) mod block;
pub(crate) mod catch_panics;
pub(crate) mod checked_file;
pub(crate) mod packed;
