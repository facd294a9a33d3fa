//! InfluxQL, as dashboards send it to InfluxDB 1.x: queries to plain values, results to its JSON and CSV.
//!
//! The language is what InfluxDB 1.8 documents for `SELECT` and `SHOW`. A statement or clause that is not supported is an error that names it; a
//! query is never read as something that it does not state. Nothing here knows a store or a clock.

pub mod answer;
mod clauses;
pub mod condition;
mod expression;
mod parser;
mod scanner;
pub mod statement;

pub use parser::parse;
pub use scanner::Error;

/// Values bound to the parameters (`$name`) of a query, from the JSON object that a request brings.
pub type Parameters = serde_json::Map<String, serde_json::Value>;
