//! Brokers: their messages are stored by principals of their own, with the rights of a telemetry-writer.

use super::Session;
use crate::app::access::Operation;
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::message::mqtt::client::Client;
use crate::app::message::mqtt::intake::Intake;
use crate::app::message::mqtt::status::BrokerStatus;
use crate::app::message::mqtt::units::SparkplugUnit;
use crate::app::message::mqtt::writer::Store;
use crate::model::sync::background;
use crate::twins::DataFault;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::watch;

impl Session {
    /// Returns the brokers, with what has become of their messages.
    pub fn brokers(&self) -> Result<Vec<BrokerStatus>, Error> {
        self.authorize(Operation::Read)?;
        Ok(self.app.brokers().statuses())
    }

    /// Returns the nodes and devices of Sparkplug B that a broker has reported, each as it was reported last.
    pub fn sparkplug_units(&self, broker: &str) -> Result<Vec<SparkplugUnit>, Error> {
        self.authorize(Operation::Read)?;
        Ok(self.app.brokers().units(broker))
    }
}

/// Takes messages from all brokers for as long as it lives, each in a thread of its own; what has arrived is stored at the end.
#[derive(Debug)]
pub struct Subscriber {
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

impl Subscriber {
    /// Starts to subscribe.
    pub fn start(app: &Arc<App>) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let mut started = Self { stop, threads: Vec::new() };
        for (broker, status) in app.brokers().all() {
            let session = app.session(broker.principal());
            let kept = Arc::clone(status);
            let store: Store = Arc::new(move |batch, reports| {
                let written = session.ingest_batch(batch).map_err(|error| error.to_string())?;
                kept.keep(reports, || {
                    if let Err(error) = session.app.file_faults(DataFault::Moved) {
                        tracing::error!(
                            "a unit was born under another node, which could not be filed: {error}"
                        );
                    }
                })?;
                Ok(written)
            });
            let subscription = Arc::new(broker.subscription.clone());
            let intake = Intake::new(
                Arc::clone(&subscription),
                Arc::clone(app.clock()),
                Arc::clone(status),
                app.telemetry().settings().new_series_max,
            );
            let client =
                Client::new(subscription, intake, (Arc::clone(status), Arc::clone(app.clock())), store);
            let (stopped, name) = (stopped.clone(), broker.subscription.name.clone());
            started.threads.push(background::spawn(format!("mqtt-{name}"), move || {
                if let Err(error) = client.run(stopped) {
                    tracing::error!(broker = name, "nothing is subscribed to: {error}");
                }
            })?);
        }
        Ok(started)
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        for thread in self.threads.drain(..) {
            // A panic there was reported by its own message; what was not acknowledged comes again.
            let _ = thread.join();
        }
    }
}
