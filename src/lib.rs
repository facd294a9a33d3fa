//! Throughline: a digital-thread service.

pub mod model;

pub mod ontology;

pub mod graph;

pub mod telemetry;

pub mod exchange;

pub mod thread;

pub mod twins;

pub mod feedback;

pub mod app;

pub mod graphql;

pub mod server;

pub mod cli;
