//! Foreign bytes to statements and back. Pure: nothing here opens a file, reads a clock or knows a store.

pub mod answer_table;
mod blanks;
pub mod rdf;
pub mod samples;
pub mod table;
