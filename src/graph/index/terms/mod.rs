//! Terms as ids, and ids as bytes.

pub(crate) mod codes;
pub(crate) mod dictionary;
pub(crate) mod inline;
pub(crate) mod term_cache;
