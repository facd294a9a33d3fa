//! The public keys of the issuer of JSON Web Tokens, where they are at a URL: fetched at the start, then again and again, and when a token names a key
//! that is not known, as after a rotation. While the URL fails, those that were fetched before are used, until they are too old.

use super::asking::{Client, Error};
use crate::app::App;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// Tokens with unknown keys make the service ask so often at the most: twice at once, and then once in this time.
const ASKED_EVERY: Duration = Duration::from_secs(30);
const ASKED_AT_ONCE: NonZero<u32> = NonZero::new(2).expect("it is not zero");
/// When the issuer is asked again that has not answered.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Fetches the keys of an issuer.
#[derive(Clone)]
pub(in crate::server) struct Keys(Arc<Inner>);

struct Inner {
    app: Arc<App>,
    client: Client,
    url: String,
    every: Duration,
    asked: DefaultDirectRateLimiter,
    /// Locked while the issuer is asked.
    asking: Mutex<()>,
    /// How often it was.
    times: AtomicU64,
    /// Whether it answered with keys the last time.
    fetched: AtomicBool,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("url", &self.0.url).finish_non_exhaustive()
    }
}

impl Keys {
    /// Returns what fetches them; `None` where they are at no URL.
    pub(in crate::server) fn of(app: &Arc<App>) -> io::Result<Option<Self>> {
        let Some((url, fetch)) = app.access().key_url() else { return Ok(None) };
        let client = Client::new(app, url, fetch.authorities.as_deref())?;
        let quota = Quota::with_period(ASKED_EVERY).map(|quota| quota.allow_burst(ASKED_AT_ONCE));
        let asked = RateLimiter::direct(quota.ok_or_else(|| io::Error::other("a period of nothing"))?);
        let (app, url, every) = (Arc::clone(app), url.to_owned(), fetch.every);
        let (asking, times, fetched) = (Mutex::default(), AtomicU64::default(), AtomicBool::default());
        Ok(Some(Self(Arc::new(Inner { app, client, url, every, asked, asking, times, fetched }))))
    }

    /// Fetches them again and again.
    pub(in crate::server) async fn keep(self) {
        let mut known = 0;
        loop {
            {
                let asking = self.0.asking.lock().await;
                // What was fetched for a token meanwhile is as good.
                if self.0.times.load(Ordering::Acquire) == known {
                    self.fetch(&asking).await;
                }
                known = self.0.times.load(Ordering::Acquire);
            }
            let fetched = self.0.fetched.load(Ordering::Acquire);
            tokio::time::sleep(if fetched { self.0.every } else { AGAIN_AFTER.min(self.0.every) }).await;
        }
    }

    /// Fetches them for a token whose key is not known; whoever comes meanwhile waits for the same answer. Returns whether the token is to be looked
    /// at again.
    pub(in crate::server) async fn renew(&self) -> bool {
        let before = self.0.times.load(Ordering::Acquire);
        let asking = self.0.asking.lock().await;
        if self.0.times.load(Ordering::Acquire) != before {
            return true;
        }
        self.0.asked.check().is_ok() && self.fetch(&asking).await
    }

    /// Fetches them, while nobody else does; returns whether that succeeded.
    async fn fetch(&self, _asking: &MutexGuard<'_, ()>) -> bool {
        let is_fetched = self.ask().await;
        self.0.fetched.store(is_fetched, Ordering::Release);
        self.0.times.fetch_add(1, Ordering::Release);
        is_fetched
    }

    async fn ask(&self) -> bool {
        let Inner { app, client, url, .. } = &*self.0;
        let answer = client.get(url).await;
        let taken = answer.map_err(|error: Error| error.to_string());
        let taken =
            taken.and_then(|keys| app.access().put_keys(&keys).map_err(|error| format!("{url}: {error}")));
        match taken {
            Ok(count) => tracing::debug!(count, "the keys of the issuer were fetched"),
            Err(error) => {
                tracing::warn!(
                    "the keys of the issuer cannot be fetched, those before stay in use for a time: {error}"
                );
                return false;
            }
        }
        true
    }
}
