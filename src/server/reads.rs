//! Reads that requests ask for: each on a thread where waiting is allowed, in one of a few places for which clients take turns, until the time of
//! a request is up or its client goes away, and with an answer that is no larger than one may be.

use super::share::Client;
use crate::app::ServerSettings;
use crate::graphql::Queue;
use crate::model::sync::cancellation::Cancellation;
use std::io::{self, Write};
use std::time::{Duration, Instant};
use tokio::task::JoinError;

/// The places of reads of one kind, of all threads together.
#[derive(Clone, Debug)]
pub(super) struct Reads {
    /// What is answered there, as refusals name it.
    name: &'static str,
    places: Queue,
}

/// Why a read was not done.
#[derive(Debug)]
pub(super) enum Unread {
    /// Others have the places, or too many wait for them: later there may be one.
    Crowded(String),
    /// The answer is larger than one may be.
    TooLarge(String),
    /// The service failed.
    Failed(String),
}

impl From<JoinError> for Unread {
    fn from(error: JoinError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Reads {
    /// Makes places for so many at once; so many may wait, half of them of one client.
    pub(super) fn new(name: &'static str, places: usize, waiting_max: usize) -> Self {
        Self { name, places: Queue::new(places, waiting_max) }
    }

    /// Returns how many places are free.
    pub(super) fn free(&self) -> usize {
        self.places.free()
    }

    /// Returns how many wait.
    pub(super) fn waiting(&self) -> usize {
        self.places.waiting()
    }

    /// Reads in a place of its own, within the time of the settings, which counts from now on, with the wait for the place.
    pub(super) async fn read<T: Send + 'static, E: From<Unread> + Send + 'static>(
        &self,
        client: Client,
        settings: &ServerSettings,
        work: impl FnOnce(&Cancellation) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let wanted = Cancellation::at(Instant::now() + settings.time_max);
        // Dropped with this future: as the client goes away, or when the work is done.
        let _interest = wanted.abandon_on_drop();
        let place = tokio::time::timeout(settings.time_max, self.places.take(client.caller())).await;
        let Ok(Ok(place)) = place else {
            let text = format!(
                "too many {} are being answered: try again later, or ask for less at once",
                self.name
            );
            return Err(Unread::Crowded(text).into());
        };
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&wanted)
        });
        done.await.map_err(Unread::from)?
    }
}

/// Reads for a request that has a place of another kind, until its time is up or its client goes away.
pub(super) async fn read_within<T: Send + 'static, E: From<Unread> + Send + 'static>(
    time_max: Duration,
    work: impl FnOnce(&Cancellation) -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    let wanted = Cancellation::at(Instant::now() + time_max);
    let _interest = wanted.abandon_on_drop();
    tokio::task::spawn_blocking(move || work(&wanted)).await.map_err(Unread::from)?
}

/// An answer while it is written: what would be more than it may have is refused.
pub(super) struct Answer {
    bytes: Vec<u8>,
    bytes_max: usize,
    is_too_large: bool,
    less: &'static str,
}

impl Answer {
    /// Begins an answer that is no larger than the settings let one be; `less` is how to ask for a smaller one.
    pub(super) const fn within(settings: &ServerSettings, less: &'static str) -> Self {
        Self { bytes: Vec::new(), bytes_max: settings.answer_bytes_max, is_too_large: false, less }
    }

    /// Returns the bytes, where `written` is the success of all writes.
    pub(super) fn finish<E: std::fmt::Display>(self, written: Result<(), E>) -> Result<Vec<u8>, Unread> {
        match written {
            _ if self.is_too_large => Err(Unread::TooLarge(format!(
                "the answer is larger than {} MB (answerMegabytes under [server] in throughline.toml): ask for {}",
                self.bytes_max / 1_000_000,
                self.less
            ))),
            Err(error) => Err(Unread::Failed(error.to_string())),
            Ok(()) => Ok(self.bytes),
        }
    }

    /// Takes an answer that is written already.
    pub(super) fn whole(mut self, bytes: Vec<u8>) -> Result<Vec<u8>, Unread> {
        self.is_too_large = bytes.len() > self.bytes_max;
        self.bytes = bytes;
        self.finish(Ok::<_, io::Error>(()))
    }
}

impl Write for Answer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.bytes_max {
            self.is_too_large = true;
            return Err(io::Error::other("the answer is too large"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sync::cancellation::Cancelled;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::sync::mpsc;

    fn client() -> Client {
        SocketAddr::from((Ipv4Addr::LOCALHOST, 1)).into()
    }

    #[tokio::test]
    async fn a_read_has_a_place_until_it_is_done_and_is_cancelled_with_its_client() {
        let (reads, settings) = (Reads::new("reports", 1, 1), ServerSettings::default());
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (ended, end) = mpsc::channel();
        let first = tokio::spawn({
            let (reads, settings) = (reads.clone(), settings.clone());
            async move {
                reads
                    .read(client(), &settings, move |wanted| {
                        begun.send(wanted.clone()).expect("a test that waits");
                        end.recv().expect("a test that ends it");
                        Ok::<_, Unread>(())
                    })
                    .await
            }
        });
        let wanted = has_begun.await.expect("the work");
        assert_eq!((wanted.check(), reads.free()), (Ok(()), 0));
        let second = tokio::spawn({
            let (reads, settings) = (reads.clone(), settings.clone());
            async move { reads.read(client(), &settings, |_| Ok::<_, Unread>(())).await }
        });
        while reads.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        let refused = reads.read(client(), &settings, |_| Ok::<_, Unread>(())).await;
        assert!(
            matches!(&refused, Err(Unread::Crowded(text)) if text.contains("too many reports")),
            "{refused:?}"
        );
        first.abort();
        assert!(first.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(wanted.check(), Err(Cancelled::Abandoned));
        assert_eq!(reads.waiting(), 1, "the place is taken until the work has ended");
        ended.send(()).expect("work that waits");
        assert!(second.await.expect("no panic").is_ok());
    }

    #[tokio::test]
    async fn time_is_up_after_the_seconds_of_the_settings() {
        let settings = ServerSettings { time_max: Duration::ZERO, ..ServerSettings::default() };
        let reads = Reads::new("reports", 1, 1);
        let late = reads.read(client(), &settings, |wanted| Ok::<_, Unread>(wanted.check())).await;
        assert_eq!(late.expect("a place"), Err(Cancelled::Late));
    }

    #[test]
    fn an_answer_has_so_many_bytes_at_the_most() {
        let settings = ServerSettings { answer_bytes_max: 4, ..ServerSettings::default() };
        let written = |text: &str| {
            let mut answer = Answer::within(&settings, "less");
            let written = answer.write_all(text.as_bytes());
            (answer.finish(written), Answer::within(&settings, "less").whole(text.into()))
        };
        assert!(matches!(written("1234"), (Ok(bytes), Ok(whole)) if bytes == b"1234" && whole == b"1234"));
        assert!(
            matches!(written("12345"), (Err(Unread::TooLarge(text)), Err(Unread::TooLarge(_))) if text.ends_with("ask for less"))
        );
    }
}
