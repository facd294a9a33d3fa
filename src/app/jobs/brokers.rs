//! The brokers of a thread, and what has become of their messages.

use crate::app::error::Error;
use crate::app::message::mqtt::status::{BrokerStatus, SharedHomes, Status};
use crate::app::message::mqtt::units::{self, SparkplugUnit};
use crate::app::message::mqtt::units_file;
use crate::app::settings::mqtt::Broker;
use crate::exchange::samples::mqtt::route::Payload;
use crate::exchange::samples::mqtt::sparkplug::Homes;
use std::path::Path;
use std::sync::Arc;

/// The folder of what is kept of brokers, in that of the thread.
const FOLDER: &str = "mqtt";

/// The brokers of a thread, in the order of the settings.
#[derive(Debug, Default)]
pub(in crate::app) struct Brokers {
    all: Vec<(Broker, Arc<Status>)>,
    /// Under which node each unit was born, whichever broker has carried the birth.
    homes: Arc<SharedHomes>,
}

impl Brokers {
    /// Opens the brokers of the thread in a folder.
    pub(in crate::app) fn open(folder: &Path, brokers: Vec<Broker>) -> Result<Self, Error> {
        let (mut all, mut homes) = (Vec::new(), Homes::default());
        let shared: Arc<SharedHomes> = Arc::default();
        for broker in brokers {
            let (name, url) = (&broker.subscription.name, broker.subscription.endpoint.url());
            let path = folder.join(FOLDER).join(format!("{name}.json"));
            let kept =
                units_file::read(&path).map_err(|reason| Error::Brokers { path: path.clone(), reason })?;
            homes.join(kept.homes);
            let status = Arc::new(Status::new((name, url), path, kept.units, Arc::clone(&shared)));
            all.push((broker, status));
        }
        shared.set(homes);
        Ok(Self { all, homes: shared })
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

    /// Returns under which node each unit was born, of those that a broker of Sparkplug B may report.
    pub(in crate::app) fn homes(&self) -> Homes {
        self.homes.read().only(|twin| self.all.iter().any(|(broker, _)| may_report(broker, twin)))
    }

    /// Returns the nodes and devices that have died and are alive nowhere, of those that the broker that reports them may.
    pub(in crate::app) fn dead_units(&self) -> Vec<SparkplugUnit> {
        let reported = self.all.iter().flat_map(|(broker, status)| {
            status.units().into_iter().filter(|unit| may_report(broker, &unit.state.twin))
        });
        units::dead_of(reported)
    }
}

/// Returns whether a broker is one of Sparkplug B, and the unit of a name among those whose samples are taken.
fn may_report(broker: &Broker, twin: &str) -> bool {
    let subscription = &broker.subscription;
    let is_sparkplug = subscription.routes.iter().any(|route| route.payload == Payload::Sparkplug);
    is_sparkplug && subscription.twins.as_ref().is_none_or(|scope| scope.contains(twin))
}
