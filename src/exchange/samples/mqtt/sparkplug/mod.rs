//! Sparkplug B: births declare metrics and their short names, data refers to them, deaths end them. What no birth has declared is no
//! sample, and has the node asked for its births.

pub mod address;
mod host;
mod message;
mod node;

pub use host::{Change, Home, Homes, Host, Taken};
