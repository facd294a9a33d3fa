//! A system that takes events over HTTP.

use serde_json::Value;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A connection, plain or over TLS.
trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// A message as it was received.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    head: String,
    pub(crate) body: String,
}

impl Message {
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A system that takes events over HTTP, and answers with the statuses that it is given, else 204.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    messages: Arc<Mutex<Vec<Message>>>,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        Self::start(|stream| Box::new(stream))
    }

    /// Takes events over TLS; the configuration of a connection is the one that is there when it begins.
    pub(super) fn over_tls(config: &Arc<Mutex<Arc<ServerConfig>>>) -> Self {
        let config = Arc::clone(config);
        Self::start(move |stream| {
            let config = Arc::clone(&config.lock().expect("a configuration"));
            let connection = ServerConnection::new(config).expect("a connection");
            Box::new(StreamOwned::new(connection, stream))
        })
    }

    fn start(mut open: impl FnMut(TcpStream) -> Box<dyn Stream> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (messages, answers) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(VecDeque::new())));
        let (taken, scripted) = (Arc::clone(&messages), Arc::clone(&answers));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let mut stream = open(stream);
                let Some(message) = received(&mut *stream) else { continue };
                taken.lock().expect("messages").push(message);
                let answer = scripted.lock().expect("answers").pop_front().unwrap_or("204 No Content");
                let _ = stream.write_all(
                    format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes(),
                );
                let _ = stream.flush();
            }
        });
        Self { address, messages, answers }
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.messages.lock().expect("messages").clone()
    }

    pub(super) fn answer(&self, answers: &[&'static str]) {
        self.answers.lock().expect("answers").extend(answers);
    }

    /// Returns the settings of a target that is this, and of a hook for its reports.
    pub(super) fn settings(&self, events: &str) -> String {
        format!(
            "[outbox]\nallow = [\"127.0.0.0/8\"]\nattempts = 3\n[[outbox.target]]\nname = \"mes\"\nkind = \"webhook\"\nurl = \"http://{}/orders\"\nsecret = \"mes.secret\"\nevents = {events}\n\
             [[hooks.hook]]\nname = \"mes\"\nsecret = \"mes.secret\"\nmapping = \"mes.toml\"\nemail = \"mes@plant.example\"\n",
            self.address
        )
    }
}

/// Reads a message; `None` where the connection ends before it is whole.
fn received(stream: &mut dyn Stream) -> Option<Message> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(Message { head: head.to_owned(), body: body.to_owned() });
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
}
