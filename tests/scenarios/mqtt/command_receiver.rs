//! A unit that takes commands over MQTT, and answers them.

use super::Broker;
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// Takes the commands of all units, `commands/UNIT`, and answers at `commands/UNIT/answer`.
pub(crate) struct CommandReceiver {
    commands: Arc<Mutex<Vec<Value>>>,
    client: Client,
}

impl CommandReceiver {
    /// Answers each command by a function; none where that returns none.
    pub(crate) fn start(
        broker: &Broker,
        mut answer: impl FnMut(&Value) -> Option<Value> + Send + 'static,
    ) -> Self {
        let (client, mut connection) = Client::new(MqttOptions::new("unit", "127.0.0.1", broker.port), 10);
        let commands = Arc::new(Mutex::new(Vec::new()));
        client.subscribe("commands/+", QoS::AtLeastOnce).expect("queued");
        let (taken, own) = (Arc::clone(&commands), client.clone());
        let (ready, is_ready) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for event in connection.iter().map_while(Result::ok) {
                match event {
                    Event::Incoming(Packet::SubAck(_)) => ready.send(()).expect("awaited"),
                    Event::Incoming(Packet::Publish(publish)) => {
                        let command: Value = serde_json::from_slice(&publish.payload).expect("JSON");
                        let answer = answer(&command).map(|mut answer| {
                            answer["id"] = command["id"].clone();
                            answer.to_string()
                        });
                        taken.lock().expect("commands").push(command);
                        if let Some(answer) = answer {
                            let topic = format!("{}/answer", publish.topic);
                            own.publish(topic, QoS::AtLeastOnce, false, answer).expect("queued");
                        }
                    }
                    _ => {}
                }
            }
        });
        is_ready.recv().expect("subscribed");
        Self { commands, client }
    }

    /// Returns the commands so far, in their order.
    pub(crate) fn commands(&self) -> Vec<Value> {
        self.commands.lock().expect("commands").clone()
    }
}

impl Drop for CommandReceiver {
    fn drop(&mut self) {
        let _ = self.client.disconnect();
    }
}
