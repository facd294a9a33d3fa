//! Foreign bytes to statements and back. Pure: nothing here opens a file, reads a clock or knows a store.

mod blanks;
pub mod rdf;
pub mod samples;
pub mod table;
