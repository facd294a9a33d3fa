//! The GraphQL engine, independent of the schema: types, prepared documents, limits, the executor.
//!
//! async-graphql parses documents, checks that the types fit together and prints the schema. Introspection is ours, as async-graphql reports no
//! interfaces of interfaces. Validation is ours, since its rules let conflicting
//! fields and misplaced variables pass, refuse some valid documents and panic at others; and so is execution: its
//! dynamic executor drops a failed field from the answer where the specification wants `null`, and boxes several futures a
//! field; ours is synchronous, writes JSON as it goes, and stops at the request's deadline.
//!
//! A field can be resolved for a whole *batch*, the objects of one type at one place of the query: then all objects above it
//! are resolved level by level, so that its batch is complete when the first of them is asked. Everything else is resolved depth
//! first, in place.

pub(crate) mod document;
pub(crate) mod run;
pub(crate) mod types;

pub(crate) use types::arguments::Arguments;
pub(crate) use types::value::Value;
pub(crate) use types::{Call, Types};
