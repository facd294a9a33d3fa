//! A connection to a broker: bytes in and out, over TLS where that is asked for.

use super::options::Endpoint;
use super::packet::{self, Incoming};
use crate::app::message::tls::Trust;
use bytes::{Buf as _, Bytes, BytesMut};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long a broker may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many bytes are read at once.
const READ_BYTES: usize = 256 << 10;
/// How long bytes may wait to be taken by the broker.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// A connection that the broker has accepted.
pub(in crate::app) struct Link {
    stream: Box<dyn Stream>,
    received: BytesMut,
    to_send: BytesMut,
    endpoint: Endpoint,
    /// How many bytes of a message that is too large are still to come.
    skipped: usize,
    /// Whether the broker has kept the session.
    pub(super) has_session: bool,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Link {
    /// Connects to a broker.
    pub(in crate::app) async fn open(endpoint: &Endpoint) -> Result<Self, String> {
        match tokio::time::timeout(PATIENCE, Self::connect(endpoint)).await {
            Ok(link) => link,
            Err(_) => Err(format!("{} does not answer within {} s", endpoint.url(), PATIENCE.as_secs())),
        }
    }

    async fn connect(endpoint: &Endpoint) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("cannot connect to {}: {error}", endpoint.url());
        let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await;
        let stream = stream.map_err(|error| failed(&error))?;
        // Acknowledgements are small, and the broker waits for them.
        stream.set_nodelay(true).map_err(|error| failed(&error))?;
        let stream: Box<dyn Stream> = match endpoint.is_tls {
            false => Box::new(stream),
            true => {
                let trust = Trust::with_identity(endpoint.ca.as_deref(), endpoint.identity.as_ref());
                let trust = trust.map_err(|error| failed(&error))?;
                let encrypted = trust.encrypt(endpoint.host.clone(), stream).await;
                Box::new(encrypted.map_err(|error| failed(&error))?)
            }
        };
        let (received, to_send) = (BytesMut::new(), BytesMut::new());
        let (endpoint_of, skipped) = (endpoint.clone(), 0);
        let mut link = Self { stream, received, to_send, endpoint: endpoint_of, skipped, has_session: false };
        packet::write_connect(endpoint, &mut link.to_send)?;
        link.flush().await?;
        match link.next().await? {
            Incoming::Connected { has_session } => link.has_session = has_session,
            Incoming::Refused(reason) => {
                return Err(format!("{} refuses the connection: {reason}", endpoint.url()));
            }
            _ => return Err(failed(&"it answers with another packet than CONNACK")),
        }
        Ok(link)
    }

    /// Returns the next packet that has arrived as a whole.
    pub(super) fn taken(&mut self) -> Result<Option<Incoming>, String> {
        let skipped = self.skipped.min(self.received.len());
        self.received.advance(skipped);
        self.skipped -= skipped;
        if self.skipped > 0 {
            return Ok(None);
        }
        if let Some(large) = packet::large(&self.received, self.endpoint.message_bytes_max) {
            let Some(large) = large else { return Ok(None) };
            self.skipped = large.bytes;
            let topic = Bytes::from(large.topic);
            return Ok(Some(Incoming::TooLarge { topic, number: large.number, bytes: large.bytes }));
        }
        packet::read(self.endpoint.version, &mut self.received, self.endpoint.message_bytes_max)
    }

    /// Waits for more bytes. Nothing is lost where it is no longer waited for.
    pub(super) async fn receive(&mut self) -> Result<(), String> {
        self.received.reserve(READ_BYTES);
        match self.stream.read_buf(&mut self.received).await {
            Ok(0) => Err("the broker has closed the connection".to_owned()),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("the connection to the broker broke: {error}")),
        }
    }

    /// Waits for a packet.
    pub(super) async fn next(&mut self) -> Result<Incoming, String> {
        loop {
            if let Some(packet) = self.taken()? {
                return Ok(packet);
            }
            self.receive().await?;
        }
    }

    /// Sends what was written.
    pub(super) async fn flush(&mut self) -> Result<(), String> {
        if self.to_send.is_empty() {
            return Ok(());
        }
        let sent = async {
            self.stream.write_all(&self.to_send).await?;
            self.stream.flush().await
        };
        let sent = tokio::time::timeout(WRITE_PATIENCE, sent).await;
        self.to_send.clear();
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("the connection to the broker broke: {error}")),
            Err(_) => Err("the broker takes nothing".to_owned()),
        }
    }

    /// Subscribes to filters, without waiting for the answer.
    pub(super) async fn subscribe(&mut self, filters: &[String]) -> Result<(), String> {
        packet::write_subscribe(self.endpoint.version, filters, &mut self.to_send)?;
        self.flush().await
    }

    /// Acknowledges messages.
    pub(super) async fn acknowledge(&mut self, numbers: &[u16]) -> Result<(), String> {
        for number in numbers {
            packet::write_acknowledgement(*number, &mut self.to_send);
        }
        self.flush().await
    }

    /// Sends a message, without waiting until it is acknowledged; without a number it is not.
    pub(super) async fn publish(
        &mut self,
        topic: &str,
        payload: &[u8],
        number: Option<u16>,
    ) -> Result<(), String> {
        packet::write_publish(self.endpoint.version, (topic, payload), number, &mut self.to_send)?;
        self.flush().await
    }

    /// Shows that the client is there.
    pub(super) async fn ping(&mut self) -> Result<(), String> {
        packet::write_ping(&mut self.to_send);
        self.flush().await
    }

    /// Leaves; the broker keeps the session.
    pub(super) async fn close(mut self) {
        packet::write_disconnect(&mut self.to_send);
        // Whoever leaves need not know whether that arrives.
        let _ = self.flush().await;
    }
}
