//! The record as the standards of Open Services for Lifecycle Collaboration (OSLC) describe it: Core 3.0 with Query, Requirements Management
//! 2.1, Architecture Management 3.0, Change Management 3.0, Quality Management 2.1, Configuration Management 1.0 and Tracked Resource Set 3.0.
//!
//! Pure: terms and queries are mapped, and documents are made of values. Nothing here reads a version or knows HTTP.

pub mod address;
pub mod alias;
pub mod configuration;
pub mod consume;
pub mod document;
pub mod domain;
pub mod preview;
pub mod query;
pub mod service;
pub mod shape;
pub mod tracked;
pub mod vocabulary;
