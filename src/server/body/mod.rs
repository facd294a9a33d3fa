//! Bodies of requests and answers in memory: each limited, all of them limited together, and no client waited for too long.
//!
//! What is small is never refused for want of room, so that whoever holds large bodies open keeps nobody else away.

pub(in crate::server) mod parsed;

use crate::app::ServerSettings;
use crate::exchange::archive::Unpacked;
use crate::server::connection::activity::Pausing;
use crate::server::connection::stream::Patience;
use crate::server::share::{Client, Full, Pool, Share};
use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt as _;
use hyper::body::{Frame, SizeHint};
use std::convert::Infallible;
use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How much of each body is not counted.
const FREE_BYTES: usize = 256 << 10;
/// An answer is given to the connection in pieces of this size.
const PIECE_BYTES: usize = 64 << 10;
/// How much of a refused body is still taken, how long each piece of it is awaited, and all of it as long as a client may let the
/// service wait.
const DISCARDED_BYTES_MAX: usize = 64 << 20;
const DISCARD_WAIT_MAX: Duration = Duration::from_secs(1);
/// A large body grows by so many bytes at least.
const GROWTH_BYTES_MIN: usize = 8 << 20;
/// A body is unpacked in pieces of this size.
const UNPACK_BYTES: usize = 256 << 10;

/// The room for bodies.
#[derive(Clone, Debug)]
pub(in crate::server) struct Bodies {
    received: Pool,
    unread: Pool,
    patience: Duration,
    bytes_max: (usize, usize),
}

/// Who sends a request, and the work on it.
#[derive(Clone, Debug)]
pub(in crate::server) struct Sender {
    pub(in crate::server) client: Client,
    pub(in crate::server) work: Pausing,
}

/// Why a body is refused: a status and a text.
pub(in crate::server) type Refused = (StatusCode, String);

/// A body in memory, with the room that it takes.
pub(in crate::server) struct Received {
    pub(in crate::server) bytes: Vec<u8>,
    room: Room,
}

/// The room that one body takes.
struct Room {
    share: Share,
    bytes: usize,
    all: usize,
}

impl Bodies {
    pub(in crate::server) fn new(settings: &ServerSettings) -> Self {
        let three_quarters = |all: usize| all - all / 4;
        let pool = |all: usize, one: usize| Pool::new(all, three_quarters(all).max(one));
        Self {
            received: pool(settings.bodies_bytes_max, settings.body_bytes_max),
            unread: pool(settings.unread_bytes_max, settings.answer_bytes_max),
            patience: settings.patience,
            bytes_max: (settings.bodies_bytes_max, settings.unread_bytes_max),
        }
    }

    /// Returns how many bytes bodies take, beside small ones.
    pub(in crate::server) fn taken(&self) -> [(&'static str, usize); 2] {
        [("received", self.received.taken()), ("unread", self.unread.taken())]
    }

    /// Receives a body of so many bytes at the most.
    pub(in crate::server) async fn receive(
        &self,
        headers: &HeaderMap,
        body: Body,
        bytes_max: usize,
        sender: &Sender,
    ) -> Result<Received, Refused> {
        let pieces = body.into_data_stream();
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if announced.is_some_and(|announced: usize| announced > bytes_max) {
            tokio::spawn(timeout(self.patience, discard(pieces)));
            return Err(too_large(bytes_max));
        }
        sender.work.set(false);
        let mut pieces = pieces;
        let received = self.read(&mut pieces, announced, bytes_max, sender.client).await;
        sender.work.set(true);
        if received.as_ref().is_err_and(|(status, _)| *status != StatusCode::REQUEST_TIMEOUT) {
            tokio::spawn(timeout(self.patience, discard(pieces)));
        }
        received
    }

    async fn read(
        &self,
        pieces: &mut BodyDataStream,
        announced: Option<usize>,
        bytes_max: usize,
        client: Client,
    ) -> Result<Received, Refused> {
        let (mut bytes, mut room) = (Vec::new(), self.room(client));
        let mut patience = Patience::new(self.patience);
        loop {
            let began = Instant::now();
            let piece = timeout(patience.left(), pieces.next()).await.map_err(|_| slow(self.patience))?;
            let Some(piece) = piece else { return Ok(Received { bytes, room }) };
            let piece =
                piece.map_err(|error| (StatusCode::BAD_REQUEST, format!("the body broke off: {error}")))?;
            patience.waited(began.elapsed());
            patience.moved(piece.len());
            if bytes.len() + piece.len() > bytes_max {
                return Err(too_large(bytes_max));
            }
            room.grow(piece.len())?;
            make_room(&mut bytes, piece.len(), announced);
            bytes.extend_from_slice(&piece);
        }
    }

    /// Reads on after a refusal; see [`discard`].
    pub(in crate::server) fn discard(&self, body: Body) {
        tokio::spawn(timeout(self.patience, discard(body.into_data_stream())));
    }

    fn room(&self, client: Client) -> Room {
        Room { share: self.received.share(client), bytes: 0, all: self.bytes_max.0 }
    }

    /// Unpacks a gzip body; `None` where it unpacks to more than `stop_at` bytes and fewer are allowed.
    pub(in crate::server) fn unpack(
        &self,
        packed: &[u8],
        client: Client,
        stop_at: usize,
        bytes_max: usize,
    ) -> Result<Option<Received>, Refused> {
        let (mut room, mut bytes) = (self.room(client), Vec::new());
        if stop_at >= bytes_max {
            // Room for all at once: growth would copy the bytes, and for a moment hold them twice.
            bytes.reserve_exact(unpacked_bytes(packed).min(bytes_max) + UNPACK_BYTES);
        }
        let mut reader = Unpacked::new(packed);
        loop {
            let mut piece = reader.by_ref().take(UNPACK_BYTES as u64);
            let read = piece.read_to_end(&mut bytes);
            let read = read.map_err(|error| {
                (StatusCode::BAD_REQUEST, format!("the body cannot be unpacked: {error}"))
            })?;
            if read == 0 {
                return Ok(Some(Received { bytes, room }));
            }
            if bytes.len() > bytes_max {
                return Err(too_large(bytes_max));
            }
            if bytes.len() > stop_at {
                return Ok(None);
            }
            room.grow(read)?;
        }
    }

    /// Makes the body of an answer; it takes room until the client has taken it.
    pub(in crate::server) fn answer(&self, bytes: Vec<u8>, client: Client) -> Result<Body, String> {
        let share = self.room_unread(bytes.len(), client)?;
        Ok(Body::new(Unread { bytes: bytes.into(), _share: share }))
    }

    /// Takes the room for an answer that its client has not taken yet.
    pub(in crate::server) fn room_unread(&self, bytes: usize, client: Client) -> Result<Share, String> {
        self.unread.take(client, bytes.saturating_sub(FREE_BYTES)).map_err(|full| {
            let whose = match full {
                Full::All => "all clients",
                Full::Client => "this client",
            };
            format!(
                "answers to {whose} wait to be read, and {} MB is all that may (unreadMegabytes under [server] in throughline.toml): read them, and ask again",
                self.bytes_max.1 / 1_000_000
            )
        })
    }
}

impl Room {
    fn grow(&mut self, bytes: usize) -> Result<(), Refused> {
        let counted = |bytes: usize| bytes.saturating_sub(FREE_BYTES);
        let more = counted(self.bytes + bytes) - counted(self.bytes);
        self.bytes += bytes;
        self.share.grow(more).map_err(|_| {
            let text = format!(
                "the bodies of other requests take all the room that there is, {} MB (bodiesMegabytes under [server] in throughline.toml): try again later, or send less at once",
                self.all / 1_000_000
            );
            (StatusCode::SERVICE_UNAVAILABLE, text)
        })
    }
}

impl Received {
    /// Takes the bytes, and the room, which is free again once it is dropped.
    pub(in crate::server) fn into_parts(self) -> (Vec<u8>, impl Send + 'static) {
        (self.bytes, self.room)
    }
}

/// Reads on after a refusal without keeping anything: a client that is still sending would meet a closed connection, and never read
/// the refusal (RFC 9112, 9.6).
async fn discard(mut pieces: BodyDataStream) {
    let mut bytes = 0;
    while bytes < DISCARDED_BYTES_MAX
        && let Ok(Some(Ok(piece))) = timeout(DISCARD_WAIT_MAX, pieces.next()).await
    {
        bytes += piece.len();
    }
}

/// Makes room for more bytes.
fn make_room(bytes: &mut Vec<u8>, more: usize, announced: Option<usize>) {
    let needed = bytes.len() + more;
    if needed > bytes.capacity() {
        bytes.reserve_exact(capacity(bytes.capacity(), needed, announced) - bytes.len());
    }
}

/// Returns for how many bytes there is to be room: twice as much as before, but no more than were announced. A large body gets much at
/// once: memory that it has not reached yet is not taken, whereas each room that is outgrown stays with the allocator for a while.
fn capacity(before: usize, needed: usize, announced: Option<usize>) -> usize {
    let step = if needed > FREE_BYTES { GROWTH_BYTES_MIN } else { 0 };
    (2 * before).max(before + step).min(announced.unwrap_or(usize::MAX)).max(needed)
}

/// Returns how many bytes a gzip body states that it unpacks to: the end of its last member states it (RFC 1952, ISIZE).
fn unpacked_bytes(packed: &[u8]) -> usize {
    packed.last_chunk::<4>().map_or(0, |size| u32::from_le_bytes(*size) as usize)
}

fn too_large(bytes_max: usize) -> Refused {
    (StatusCode::PAYLOAD_TOO_LARGE, format!("the body has more than {bytes_max} bytes: send it in parts"))
}

fn slow(patience: Duration) -> Refused {
    let seconds = patience.as_secs();
    let text = format!(
        "the body came too slowly: a client may let the service wait {seconds} s in all (patienceSeconds under [server] in throughline.toml)"
    );
    (StatusCode::REQUEST_TIMEOUT, text)
}

/// The body of an answer that the client has not taken yet.
struct Unread {
    bytes: Bytes,
    _share: Share,
}

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.bytes.len().min(PIECE_BYTES);
        // A copy, so that what the connection still holds of the last pieces does not keep the whole answer in memory.
        let piece = Bytes::copy_from_slice(&self.bytes.split_to(size));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_grows_in_few_steps_to_what_was_announced() {
        let check = |announced: Option<usize>, all: usize, expect: &[usize]| {
            let (mut room, mut found) = (0, Vec::new());
            for needed in (PIECE_BYTES..=all).step_by(PIECE_BYTES) {
                if needed > room {
                    room = capacity(room, needed, announced);
                    found.push(room);
                }
            }
            assert_eq!(found, expect, "{announced:?} {all}");
        };
        let small = [64 << 10, 128 << 10, 256 << 10];
        check(Some(256 << 10), 256 << 10, &small);
        check(None, 256 << 10, &small);
        let announced = (8 << 20) + 1;
        check(Some(announced), 8 << 20, &[&small[..], &[announced]].concat());
        let first = (256 << 10) + GROWTH_BYTES_MIN;
        check(None, 20 << 20, &[&small[..], &[first, 2 * first, 4 * first]].concat());
        check(Some(20 << 20), 20 << 20, &[&small[..], &[first, 2 * first, 20 << 20]].concat());
    }
}
