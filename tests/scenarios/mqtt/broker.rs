//! Debian's mosquitto, in a folder of its own.

use crate::program::is_there;
use crate::world::until;
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A broker in a folder of its own.
pub(crate) struct Broker {
    pub(super) folder: tempfile::TempDir,
    pub(crate) port: u16,
    process: Option<Child>,
}

impl Broker {
    /// Starts a broker that lets in everybody; `None` where mosquitto is not there.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with("allow_anonymous true\n", |_| {})
    }

    pub(crate) fn start_with(settings: &str, prepare: impl FnOnce(&Path)) -> Option<Self> {
        if !is_there("sh", &["-c", "command -v mosquitto"]) {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        prepare(folder.path());
        let mut broker = Self { folder, port: 0, process: None };
        until(|| {
            let free = TcpListener::bind("127.0.0.1:0").expect("a port");
            broker.port = free.local_addr().expect("an address").port();
            drop(free);
            let (path, port) = (broker.folder.path().display(), broker.port);
            // What was accepted is kept whatever ends the broker.
            let text = format!(
                "listener {port} 127.0.0.1\nuser root\npersistence true\npersistence_location {path}/\nautosave_on_changes true\nautosave_interval 1\nmax_queued_messages 0\nlog_dest none\n{}",
                settings.replace("FOLDER", &path.to_string())
            );
            std::fs::write(broker.folder.path().join("mosquitto.conf"), text).expect("a file");
            // Another test may have taken the port meanwhile.
            broker.is_resumed()
        });
        Some(broker)
    }

    /// Starts it again, with what it has kept.
    pub(crate) fn resume(&mut self) {
        // Another test may have its port for a moment.
        until(|| self.is_resumed());
    }

    /// Starts it; returns whether it listens.
    fn is_resumed(&mut self) -> bool {
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(self.folder.path().join("mosquitto.conf"));
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("mosquitto");
        let mut has_ended = false;
        until(|| {
            has_ended = process.try_wait().expect("a process").is_some();
            has_ended || TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
        self.process = Some(process);
        !has_ended
    }

    /// Ends it as a restart does: it writes what it keeps.
    pub(crate) fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let id = process.id().to_string();
        assert!(Command::new("kill").arg(&id).status().expect("kill").success());
        process.wait().expect("it ends");
    }

    /// Publishes messages in order, each at least once, and waits until the broker has all of them.
    pub(crate) fn publish(&self, messages: &[(&str, &str)]) {
        let mut options = MqttOptions::new(format!("test-{}", messages.len()), "127.0.0.1", self.port);
        options.set_keep_alive(Duration::from_secs(60)).set_max_packet_size(10_000_000, 10_000_000);
        let (client, mut connection) = Client::new(options, messages.len() + 1);
        for (topic, payload) in messages {
            let is_retained = topic.starts_with("kept/");
            client.publish(*topic, QoS::AtLeastOnce, is_retained, *payload).expect("queued");
        }
        let mut missing = messages.len();
        for event in connection.iter() {
            if matches!(event.expect("a connection"), Event::Incoming(Packet::PubAck(_))) {
                missing -= 1;
            }
            if missing == 0 {
                break;
            }
        }
    }

    pub(crate) fn settings(&self, more: &str, topics: &str) -> String {
        format!(
            "[[mqtt.broker]]\nname = \"plant\"\nurl = \"mqtt://127.0.0.1:{}\"\nemail = \"plant@test.example\"\n{more}\n{topics}",
            self.port
        )
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
