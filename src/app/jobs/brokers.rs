//! The brokers of a thread, and what has become of their messages.

use crate::app::error::Error;
use crate::app::message::mqtt::homes;
use crate::app::message::mqtt::homes::SparkplugUnit;
use crate::app::message::mqtt::status::{BrokerStatus, Status};
use crate::app::settings::mqtt::Broker;
use std::path::Path;
use std::sync::Arc;

/// The folder of what is kept of brokers, in that of the thread.
const FOLDER: &str = "mqtt";

/// The brokers of a thread, in the order of the settings.
#[derive(Debug, Default)]
pub(in crate::app) struct Brokers {
    all: Vec<(Broker, Arc<Status>)>,
}

impl Brokers {
    /// Opens the brokers of the thread in a folder.
    pub(in crate::app) fn open(folder: &Path, brokers: Vec<Broker>) -> Result<Self, Error> {
        let mut all = Vec::new();
        for broker in brokers {
            let (name, url) = (&broker.subscription.name, broker.subscription.endpoint.url());
            let path = folder.join(FOLDER).join(format!("{name}.json"));
            let kept = homes::read(&path).map_err(|reason| Error::Brokers { path: path.clone(), reason })?;
            let status = Arc::new(Status::new(name, url, path, kept));
            all.push((broker, status));
        }
        Ok(Self { all })
    }

    /// Returns each broker with its status.
    pub(in crate::app) fn all(&self) -> &[(Broker, Arc<Status>)] {
        &self.all
    }

    /// Returns what has become of the messages of each.
    pub(in crate::app) fn statuses(&self) -> Vec<BrokerStatus> {
        self.all.iter().map(|(_, status)| status.read()).collect()
    }

    /// Returns the nodes and devices of Sparkplug B that a broker has reported.
    pub(in crate::app) fn units(&self, name: &str) -> Vec<SparkplugUnit> {
        let found = self.all.iter().find(|(broker, _)| broker.subscription.name == name);
        found.map(|(_, status)| status.units()).unwrap_or_default()
    }
}
