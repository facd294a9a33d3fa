//! How many requests and bytes a principal may send in a minute, by its role: the generic cell rate algorithm, which lets a principal that was
//! idle send a minute's worth at once, and then as much as the rate gives.

use super::Shared;
use super::auth;
use crate::app::access::{Origin, Principal, Role};
use crate::app::{RateSettings, Session};
use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt as _;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// Bytes are counted in pieces of so many, a piece that is begun as a whole one.
const PIECE_BYTES: u64 = 1024;

/// A limit of each principal of a role.
type Limiter<C> =
    RateLimiter<String, DefaultKeyedStateStore<String>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The limits of all roles.
#[derive(Clone, Debug)]
pub(super) struct Limits<C: Clock = DefaultClock>(Arc<BTreeMap<Role, OfRole<C>>>, C);

#[derive(Debug)]
struct OfRole<C: Clock> {
    requests: Option<Limiter<C>>,
    pieces: Option<Limiter<C>>,
}

/// What a request that is refused may do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    /// Send it again after so long.
    Later(&'static str, Duration),
    /// Send less at once: it is more than a minute's worth.
    Never,
}

impl Limits {
    /// Makes the limits that the settings state.
    pub(super) fn new(rates: &BTreeMap<Role, RateSettings>) -> Self {
        Self::with_clock(rates, DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limits<C> {
    fn with_clock(rates: &BTreeMap<Role, RateSettings>, clock: C) -> Self {
        let limiter = |per_minute: Option<NonZeroU32>| {
            per_minute
                .map(|count| RateLimiter::new(Quota::per_minute(count), Default::default(), clock.clone()))
        };
        let of_role = |rate: &RateSettings| OfRole {
            requests: limiter(rate.requests_per_minute),
            pieces: limiter(rate.kibibytes_per_minute),
        };
        Self(Arc::new(rates.iter().map(|(role, rate)| (*role, of_role(rate))).collect()), clock)
    }

    /// Counts a request with a body of so many bytes, where that is known; refuses it beyond a limit of its principal.
    pub(super) fn admit(&self, principal: &Principal, bytes: Option<u64>) -> Result<(), Excess> {
        let Some(of_role) = self.0.get(&principal.role) else { return Ok(()) };
        let key = key(principal);
        // The bytes first: a request that is refused for them counts as none.
        if let Some(limiter) = &of_role.pieces {
            self.take(limiter, &key, pieces(bytes.unwrap_or(1)), "bytes")?;
        }
        match &of_role.requests {
            Some(limiter) => self.take(limiter, &key, NonZeroU32::MIN, "requests"),
            None => Ok(()),
        }
    }

    fn take(
        &self,
        limiter: &Limiter<C>,
        key: &String,
        count: NonZeroU32,
        limit: &'static str,
    ) -> Result<(), Excess> {
        match limiter.check_key_n(key, count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(Excess::Later(limit, not_until.wait_time_from(self.1.now()))),
            Err(_) => Err(Excess::Never),
        }
    }

    /// Counts bytes that have come without being announced: what is beyond the limit empties it, so that the next request waits.
    fn count(&self, principal: &Principal, bytes: u64) {
        let limiter = self.0.get(&principal.role).and_then(|of_role| of_role.pieces.as_ref());
        let Some(limiter) = limiter else { return };
        let (key, mut left) = (key(principal), pieces(bytes).get());
        let mut step = left;
        while let Some(count) = NonZeroU32::new(step.min(left)) {
            match limiter.check_key_n(&key, count) {
                Ok(Ok(())) => left -= count.get(),
                _ => step = count.get() / 2,
            }
        }
    }

    fn counts_bytes(&self, principal: &Principal) -> bool {
        self.0.get(&principal.role).is_some_and(|of_role| of_role.pieces.is_some())
    }
}

/// Names a principal: a token by its id, a user by the address of its author.
fn key(principal: &Principal) -> String {
    match &principal.origin {
        Origin::Token(id) => format!("token {id}"),
        origin => format!("{} {}", origin.describe(), principal.author.email),
    }
}

fn pieces(bytes: u64) -> NonZeroU32 {
    let pieces = u32::try_from(bytes.div_ceil(PIECE_BYTES)).unwrap_or(u32::MAX);
    NonZeroU32::new(pieces).unwrap_or(NonZeroU32::MIN)
}

impl Excess {
    /// Returns the reason, and after how many seconds the request may come again.
    pub(super) fn describe(self, principal: &Principal) -> (String, u64) {
        let role = principal.role;
        match self {
            Self::Later(limit, wait) => {
                // A part of a second is a second to whoever waits.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let text = format!(
                    "more {limit} in a minute than a principal with the role {role} may send (rates of [server] in throughline.toml): try again in {seconds} s"
                );
                (text, seconds.max(1))
            }
            Self::Never => {
                let text = format!(
                    "the body is larger than all that a principal with the role {role} may send in a minute (rates of [server] in throughline.toml): send it in parts"
                );
                (text, 60)
            }
        }
    }
}

/// Refuses a request beyond a limit of its principal, or passes it on.
pub(super) async fn limit(shared: &Shared, request: Request, next: Next) -> Response {
    let announced =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let announced = announced.or_else(|| request.body().is_end_stream().then_some(0));
    let mut counted_for = None;
    if let Some(session) = request.extensions().get::<Session>() {
        if let Err(excess) = shared.limits.admit(session.principal(), announced) {
            return refuse(shared, request.uri().path(), session.principal(), excess);
        }
        let is_counted = announced.is_none() && shared.limits.counts_bytes(session.principal());
        counted_for = is_counted.then(|| session.clone());
    }
    let request = match counted_for {
        Some(session) => request.map(|body| counted(body, shared, &session)),
        None => request,
    };
    next.run(request).await
}

/// Counts the bytes of a body as they come.
fn counted(body: Body, shared: &Shared, session: &Session) -> Body {
    let (limits, session) = (shared.limits.clone(), session.clone());
    Body::from_stream(body.into_data_stream().inspect(move |piece| {
        if let Ok(piece) = piece {
            limits.count(session.principal(), piece.len() as u64);
        }
    }))
}

fn refuse(shared: &Shared, path: &str, principal: &Principal, excess: Excess) -> Response {
    let (limit, status) = match excess {
        Excess::Later(limit, _) => (limit, StatusCode::TOO_MANY_REQUESTS),
        Excess::Never => ("bytes", StatusCode::PAYLOAD_TOO_LARGE),
    };
    shared.metrics.limited(limit);
    let (text, seconds) = excess.describe(principal);
    let mut response = auth::in_form_of(path, status, &text);
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    #[test]
    fn each_principal_has_its_own_minute() {
        let rate = RateSettings {
            requests_per_minute: NonZeroU32::new(60),
            kibibytes_per_minute: NonZeroU32::new(120),
        };
        let clock = FakeRelativeClock::default();
        let limits = Limits::with_clock(&[(Role::Operator, rate)].into(), clock.clone());
        let ada = Principal::local();
        let mut bob = Principal::local();
        bob.author.email = "bob@plant.example".to_owned();
        for _ in 0..60 {
            assert_eq!(limits.admit(&ada, Some(0)), Ok(()));
        }
        assert_eq!(limits.admit(&ada, Some(0)), Err(Excess::Later("requests", Duration::from_secs(1))));
        assert_eq!(limits.admit(&bob, Some(0)), Ok(()), "another principal");
        clock.advance(Duration::from_secs(1));
        assert_eq!(limits.admit(&ada, Some(0)), Ok(()));
        assert!(limits.admit(&ada, Some(0)).is_err());
        let reader = Principal { role: Role::Reader, ..Principal::local() };
        (0..200).for_each(|_| assert_eq!(limits.admit(&reader, None), Ok(()), "a role without a limit"));

        let mut cleo = Principal::local();
        cleo.author.email = "cleo@plant.example".to_owned();
        assert_eq!(limits.admit(&cleo, Some(121 << 10)), Err(Excess::Never));
        assert_eq!(limits.admit(&cleo, Some(100 << 10)), Ok(()));
        assert_eq!(limits.admit(&cleo, Some(40 << 10)), Err(Excess::Later("bytes", Duration::from_secs(10))));
        // What comes unannounced leaves nothing to the next.
        limits.count(&cleo, 1 << 20);
        assert!(matches!(limits.admit(&cleo, None), Err(Excess::Later("bytes", _))));
        let (text, seconds) = Excess::Later("bytes", Duration::from_millis(1_200)).describe(&cleo);
        assert_eq!(seconds, 2);
        assert!(text.ends_with("try again in 2 s"), "{text}");
    }
}
