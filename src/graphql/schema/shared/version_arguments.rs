//! The arguments that name a version and what was known at it.

/// The branch that is read where none is named.
pub(crate) const MAIN: &str = "main";

pub(crate) const VERSION: &str =
    "A version: a branch, a tag, review:ID, a commit id, BRANCH@INSTANT, or an instant of main.";

pub(crate) const KNOWN: &str = "A watermark, or a past instant: the last watermark at or before it, by when samples arrived. The newest where absent.";
