//! The time series.
