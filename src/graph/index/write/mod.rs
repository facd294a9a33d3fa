//! Takes commits in.

pub(crate) mod replay;
pub(crate) mod update;
