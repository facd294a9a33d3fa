//! Why a statement is not answered.

use crate::app::error::Error;
use crate::exchange::samples::influxql;
use crate::{graph, telemetry, twins};

/// Why a statement is not answered.
#[derive(Debug)]
pub enum Failure {
    /// It asks for what there is not, or for too much.
    Refused(String),
    /// The thread cannot be read.
    Failed(Error),
}

impl Failure {
    /// Refuses a statement that would take more than it may.
    pub(super) fn limit(name: &str, asked: usize, most: usize, hint: &str) -> Self {
        Self::Refused(format!("{name} limit exceeded: ({asked}/{most}): {hint}"))
    }
}

impl From<influxql::Error> for Failure {
    fn from(error: influxql::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<telemetry::Error> for Failure {
    fn from(error: telemetry::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<graph::Error> for Failure {
    fn from(error: graph::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<twins::Error> for Failure {
    fn from(error: twins::Error) -> Self {
        Self::Failed(crate::feedback::Error::from(error).into())
    }
}
