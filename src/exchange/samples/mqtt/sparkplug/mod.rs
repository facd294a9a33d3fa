//! Sparkplug B: births declare metrics and their short names, data refers to them, deaths end them. What no birth has declared is no
//! sample, and has the node asked for its births.

pub mod address;
mod homes;
mod host;
mod message;
mod node;
mod reader;
mod rebirth;
#[cfg(test)]
mod tests;
mod unit;

pub use homes::{Home, Homes};
pub use host::{Host, Taken};
pub use unit::Change;
