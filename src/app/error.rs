//! Why a use case fails.

use crate::exchange::{rdf, samples, table};

use crate::{feedback, graph, telemetry};
use oxigraph::model::NamedNode;

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
    /// A file is not the RDF it is said to be.
    #[error(transparent)]
    Rdf(#[from] rdf::Error),
    /// A table or its mapping is wrong.
    #[error(transparent)]
    Table(#[from] table::Error),
    /// A file is no table of readings.
    #[error(transparent)]
    Samples(#[from] samples::Error),
    /// Usage cannot be held against the design record.
    #[error(transparent)]
    Feedback(#[from] feedback::Error),
    /// The value of a resolution is not what the property takes.
    #[error("the value of a resolution: {0}")]
    ResolutionValue(String),
    /// There is nothing to record evidence for.
    #[error("no requirement with a limit on something observed is satisfied by the design of {0}")]
    NoEvidence(NamedNode),
}
