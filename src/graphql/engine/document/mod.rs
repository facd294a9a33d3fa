//! A document before it runs: parsed, coerced, validated and limited.

pub(crate) mod coerce;
mod descriptions;
pub(super) mod introspection;
pub(crate) mod limits;
pub(crate) mod prepare;
pub(crate) mod refusal;
pub(in crate::graphql) mod text;
pub(super) mod validate;
