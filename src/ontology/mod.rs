//! The vocabulary of the thread: classes, fields, allowed values and units, read from the Turtle files of `ontology/`
//! and the user's own; and the validation of data against it. Nothing here knows where the data is kept.

pub mod class;
pub mod data;
pub mod error;
mod focus;
mod graph;
mod read;
mod rules;
pub mod schema;
mod shapes;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod units;
pub mod violation;

pub use class::{Class, Enumeration, Field, FieldKind, Inverse, Property, Reserved, Upward, with_article};
pub use data::Data;
pub(crate) use data::with_predicate;
pub use error::Error;
pub use rules::{Completion, Cut, FROZEN, Loss, REVIEW, Writer, is_review_open};
pub use schema::Ontology;
pub use units::{Unit, Units};
pub use violation::{Overlap, Violation};
