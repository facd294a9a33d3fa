//! From values to text.

pub(in crate::pages) mod escape;
pub(in crate::pages) mod number;
pub(in crate::pages) mod time;
pub(in crate::pages) mod words;
