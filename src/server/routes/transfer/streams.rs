//! Bodies that are never in memory as a whole: one that is written while it is sent, and one that goes to the disk while it is received. Either
//! waits for its client no longer than any client may let the service wait.

use super::refusal::Refusal;
use crate::model::sync::cancellation::Cancellation;
use crate::server::body::Sender;
use crate::server::connection::stream::Patience;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How many pieces may wait for the client.
const SENT_MAX: usize = 4;
/// The size of a piece.
const PIECE_BYTES: usize = 64 << 10;

type Piece = Result<Bytes, io::Error>;

/// Returns a body that `write` writes on a thread where waiting is allowed; `sent` is abandoned once the client takes no more of it. Where it fails the connection is broken off, so that nobody takes
/// a part for the whole.
pub(super) fn written<E: std::fmt::Display>(
    patience: Duration,
    sent: &Cancellation,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E> + Send + 'static,
) -> Body {
    let (sender, mut pieces) = mpsc::channel(SENT_MAX);
    let out = Pieces { sender, patience: Patience::new(patience), runtime: Handle::current() };
    tokio::task::spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(PIECE_BYTES, out);
        let done = write(&mut out).map_err(|error| error.to_string());
        let done = done.and_then(|()| out.flush().map_err(|error| error.to_string()));
        if let Err(error) = done {
            tracing::warn!(%error, "an answer was broken off");
            let (pieces, _) = out.into_parts();
            // Nobody listens where this fails.
            drop(pieces.sender.try_send(Err(io::Error::other(error))));
        }
    });
    let interest = sent.abandon_on_drop();
    Body::from_stream(futures_util::stream::poll_fn(move |context| {
        // Dropped with the stream.
        let _ = &interest;
        pieces.poll_recv(context)
    }))
}

/// The pieces of an answer on their way.
struct Pieces {
    sender: mpsc::Sender<Piece>,
    patience: Patience,
    runtime: Handle,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let began = Instant::now();
        let piece = Ok(Bytes::copy_from_slice(bytes));
        let sent = self.runtime.block_on(self.sender.send_timeout(piece, self.patience.left()));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        self.patience.waited(began.elapsed());
        self.patience.moved(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How many pieces may wait for the disk.
const RECEIVED_MAX: usize = 8;

/// Writes a body into a file; returns how many bytes it has.
pub(super) async fn spool(
    body: Body,
    path: PathBuf,
    bytes_max: u64,
    patience: Duration,
    sender: &Sender,
) -> Result<u64, Refusal> {
    let (pieces, received) = mpsc::channel(RECEIVED_MAX);
    let writing = tokio::task::spawn_blocking(move || keep(path, received));
    sender.work.set(false);
    let received_all = receive(body, &pieces, bytes_max, patience).await;
    sender.work.set(true);
    drop(pieces);
    let written = writing.await.map_err(Refusal::failed)?;
    let bytes = received_all?;
    written.map_err(|error| Refusal::crowded(format!("the body cannot be kept: {error}")))?;
    Ok(bytes)
}

/// Writes the pieces, and waits until they are on the disk.
fn keep(path: PathBuf, mut pieces: mpsc::Receiver<Bytes>) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    while let Some(piece) = pieces.blocking_recv() {
        file.write_all(&piece)?;
    }
    file.sync_all()
}

async fn receive(
    body: Body,
    pieces: &mpsc::Sender<Bytes>,
    bytes_max: u64,
    patience_max: Duration,
) -> Result<u64, Refusal> {
    let (mut body, mut patience, mut bytes) = (body.into_data_stream(), Patience::new(patience_max), 0);
    loop {
        let began = tokio::time::Instant::now();
        let piece = timeout(patience.left(), body.next()).await.map_err(|_| {
            let text = "the body came too slowly (patienceSeconds under [server] in settings.toml)";
            Refusal::from((StatusCode::REQUEST_TIMEOUT, text.to_owned()))
        })?;
        let Some(piece) = piece else { return Ok(bytes) };
        let piece = piece.map_err(|error| Refusal::bad(format!("the body broke off: {error}")))?;
        patience.waited(began.elapsed());
        patience.moved(piece.len());
        bytes += piece.len() as u64;
        if bytes > bytes_max {
            let text = format!("the body has more than {bytes_max} bytes: send it in parts");
            return Err((StatusCode::PAYLOAD_TOO_LARGE, text).into());
        }
        if pieces.send(piece).await.is_err() {
            return Err(Refusal::crowded("the body cannot be kept"));
        }
    }
}
