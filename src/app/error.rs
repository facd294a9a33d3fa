//! Why a use case fails.

use crate::{graph, telemetry};

/// Why a use case fails; the source says more.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The graph refuses or fails.
    #[error(transparent)]
    Graph(#[from] graph::Error),
    /// The telemetry store refuses or fails.
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
    /// The text is no watermark.
    #[error(transparent)]
    Watermark(#[from] telemetry::MalformedWatermark),
}
