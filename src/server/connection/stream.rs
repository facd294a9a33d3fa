//! A connection's bytes, with an account of whom the connection waits for: a client that takes its answer too slowly is cut off.

use super::activity::{Activity, RATE};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a client may still let the service wait: less by each wait, more by each byte that it then takes or sends.
#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct Patience {
    left: Duration,
    most: Duration,
}

impl Patience {
    pub(in crate::server) const fn new(most: Duration) -> Self {
        Self { left: most, most }
    }

    pub(in crate::server) const fn left(self) -> Duration {
        self.left
    }

    pub(in crate::server) fn waited(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    pub(in crate::server) fn moved(&mut self, bytes: usize) {
        let earned = Duration::from_nanos((bytes as u64).saturating_mul(1_000_000_000) / RATE);
        self.left = self.left.saturating_add(earned).min(self.most);
    }
}

/// A stream of bytes to a client.
pub(in crate::server) struct Stream<S> {
    inner: S,
    activity: Arc<Activity>,
    patience: Patience,
    /// Since when the client takes nothing, and until when it may.
    stalled: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<S> Stream<S> {
    pub(in crate::server) fn new(inner: S, activity: Arc<Activity>, patience: Duration) -> Self {
        Self { inner, activity, patience: Patience::new(patience), stalled: None }
    }

    /// Keeps account of an attempt to write.
    fn account(&mut self, wrote: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match wrote {
            Poll::Ready(Ok(bytes)) => {
                if let Some((since, _)) = self.stalled.take() {
                    self.patience.waited(since.elapsed());
                }
                self.patience.moved(bytes);
                self.activity.moved(bytes, Instant::now());
                Poll::Ready(Ok(bytes))
            }
            Poll::Pending => {
                self.activity.begin_transfer();
                let left = self.patience.left();
                let (_, until) = self.stalled.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
                ready!(until.as_mut().poll(cx));
                let text = "the client does not take its answer";
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, text)))
            }
            failed => failed,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        let bytes = buffer.filled().len() - before;
        if bytes > 0 {
            self.activity.begin_transfer();
            self.activity.moved(bytes, Instant::now());
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.account(wrote, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.inner).poll_write_vectored(cx, bytes);
        self.account(wrote, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_with_waits_and_grows_with_bytes() {
        let second = Duration::from_secs(1);
        let mut patience = Patience::new(10 * second);
        patience.moved(1 << 30);
        assert_eq!(patience.left(), 10 * second, "never more than at the beginning");
        patience.waited(8 * second);
        patience.moved(3 * RATE as usize);
        assert_eq!(patience.left(), 5 * second);
        // A byte in each second does not keep it up.
        for _ in 0..5 {
            patience.waited(second);
            patience.moved(1);
        }
        assert!(patience.left() < Duration::from_millis(1), "{patience:?}");
    }
}
