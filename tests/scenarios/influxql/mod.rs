//! `/query`: InfluxQL for dashboards.

mod context;
mod language;
mod oracle;
mod requests;
