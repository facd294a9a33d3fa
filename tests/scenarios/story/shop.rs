//! The shop: it takes orders that are signed, and reports what it has done with them.

use crate::outbox::{Message, Receiver, send, signature};
use serde_json::Value;
use std::cell::Cell;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

/// A message is refused where it is signed for another time than so many seconds about now.
const TOLERANCE_SECONDS: u64 = 300;

pub(super) struct Shop {
    receiver: Receiver,
    /// How many messages have been compared with the clock.
    timely: Cell<usize>,
}

impl Shop {
    pub(super) fn new() -> Self {
        Self { receiver: Receiver::new(), timely: Cell::default() }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.receiver.address
    }

    /// Returns the messages so far, each of which is signed, as Standard Webhooks are, and for now.
    pub(super) fn verified_messages(&self) -> Vec<Message> {
        let messages = self.receiver.messages();
        for (number, message) in messages.iter().enumerate() {
            let (id, at) = (message.header("webhook-id"), message.header("webhook-timestamp"));
            let at: i64 = at.parse().expect("seconds");
            assert_eq!(message.header("webhook-signature"), signature(id, at, &message.body));
            let is_timely = number < self.timely.get() || seconds().abs_diff(at) < TOLERANCE_SECONDS;
            assert!(is_timely, "{at}");
        }
        self.timely.set(messages.len());
        messages
    }

    /// Reports to the hook under a name; returns the commit that it made.
    pub(super) fn report(&self, service: SocketAddr, id: &str, report: &Value) -> String {
        let (at, body) = (seconds(), report.to_string());
        let answer = send(service, id, at, &body, &signature(id, at, &body));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["commit"].as_str().expect("a commit").to_owned()
    }

    /// Reports to the hook, and does not wait for the answer.
    pub(super) fn begin_report(&self, service: SocketAddr, id: &str, report: &Value) {
        let (at, body) = (seconds(), report.to_string());
        let signature = signature(id, at, &body);
        let message = format!(
            "POST /hooks/mes HTTP/1.1\r\nhost: {service}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             webhook-id: {id}\r\nwebhook-timestamp: {at}\r\nwebhook-signature: {signature}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(service).expect("a connection");
        stream.write_all(message.as_bytes()).expect("sent");
    }
}

fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    i64::try_from(since.as_secs()).expect("seconds")
}
