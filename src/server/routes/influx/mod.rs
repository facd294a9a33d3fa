//! The APIs of InfluxDB: line protocol in, InfluxQL out.

pub(in crate::server) mod query;
pub(in crate::server) mod write;
