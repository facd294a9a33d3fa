//! Figures of a thread for those who watch it.

use super::Session;
use crate::app::access::{Operation, Outcome};
use crate::app::error::Error;
use crate::app::message::mqtt::status::BrokerStatus;
use crate::app::outbox::targets::TargetCounts;
use crate::{graph, telemetry};

/// Figures of a thread at one moment.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Those of the graph.
    pub graph: graph::Figures,
    /// Those of telemetry.
    pub telemetry: telemetry::Figures,
    /// Entries that were written to the audit log since the thread was opened, and those that could not be.
    pub audit: (u64, u64),
    /// What each target of the outbox has done since the thread was opened, and how much of it was given up and is kept.
    pub outbox: Vec<(String, TargetCounts, usize)>,
    /// What has become of the messages of each broker since the thread was opened.
    pub brokers: Vec<BrokerStatus>,
    /// Operations since the thread was opened, by outcome.
    pub operations: Vec<(Operation, Outcome, u64)>,
}

impl Session {
    /// Returns figures of now.
    pub fn figures(&self) -> Result<Figures, Error> {
        self.authorize(Operation::ReadMetrics)?;
        Ok(Figures {
            graph: self.app.repository().figures()?,
            telemetry: self.app.telemetry().figures(),
            audit: self.app.access().audit().written(),
            outbox: self.app.outbox().figures()?,
            brokers: self.app.brokers().statuses(),
            operations: self.app.access().operations().all(),
        })
    }
}
