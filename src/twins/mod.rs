//! The join of configuration and telemetry.
