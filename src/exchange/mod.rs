//! Foreign bytes to statements and back. Pure: nothing here opens a file, reads a clock or knows a store.

pub mod answer_table;
pub mod archive;
mod blanks;
mod fields;
pub mod foreign;
mod product;
pub mod rdf;
mod reading;
pub mod reqif;
pub mod samples;
pub mod table;
pub mod verification;
mod xml;

pub use fields::FieldMapping;
pub use reading::Context;
