//! Browsers that sign in at an issuer (OpenID Connect, code flow with PKCE): what is secret of each sign-in, the ID token that ends it, and the
//! sessions of those who have signed in. A session is in memory alone, by the digest of what its cookie carries: after a restart browsers sign in again.

pub(in crate::app::access) mod settings;

use super::Issuer;
use crate::app::access::error::Denied;
use crate::app::access::principal::{Origin, Principal, SessionId};
use crate::model::time::instant::Instant;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use settings::OidcSettings;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the cookie of a session begins with.
const PREFIX: &str = "ts_";
/// How many random bytes a secret has.
const SECRET_BYTES: usize = 32;
/// How many sessions there are at most, and of one user.
const SESSIONS_MAX: usize = 10_000;
const SESSIONS_OF_USER_MAX: usize = 32;

/// Signs users in.
#[derive(Debug)]
pub(in crate::app::access) struct Login {
    pub(in crate::app::access) settings: OidcSettings,
    issuer: Issuer,
    sessions: Mutex<HashMap<SessionId, Session>>,
}

#[derive(Debug)]
struct Session {
    principal: Principal,
    subject: String,
    ends: Instant,
}

/// What is secret of one sign-in, until it ends: each in base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Comes back with the code, from the same browser.
    pub state: String,
    /// Is in the ID token.
    pub nonce: String,
    /// Shows the issuer that whoever brings the code has begun the sign-in (RFC 7636).
    pub verifier: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

impl SignIn {
    /// Begins one; `None` where the system gives no random bytes.
    pub fn begin() -> Option<Self> {
        Some(Self { state: secret()?, nonce: secret()?, verifier: secret()? })
    }

    /// Returns what the issuer compares the verifier with (S256).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// Returns whether a state is that of this sign-in; takes as long wherever they differ.
    pub fn is(&self, state: &str) -> bool {
        same(&self.state, state)
    }
}

/// Compares secrets by their digests, so that the time discloses neither.
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    let differing = one.iter().zip(&other).fold(0, |sum, (one, other)| sum | (one ^ other));
    std::hint::black_box(differing) == 0
}

fn secret() -> Option<String> {
    let mut bytes = [0; SECRET_BYTES];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// Returns whether a text is the cookie of a session, and no token.
pub fn is_session(text: &str) -> bool {
    text.starts_with(PREFIX)
}

impl Login {
    pub(in crate::app::access) fn open(settings: OidcSettings) -> Self {
        let issuer = Issuer::open(settings.tokens.clone());
        Self { settings, issuer, sessions: Mutex::default() }
    }

    pub(in crate::app::access) fn put_keys(&self, text: &[u8], now: Instant) -> Result<usize, String> {
        self.issuer.put_keys(text, now)
    }

    /// Begins the session of whom an ID token is about; returns what its cookie carries.
    pub(in crate::app::access) fn begin(
        &self,
        token: &str,
        nonce: &str,
        now: Instant,
    ) -> Result<(String, Principal), Denied> {
        let (mut principal, claims) = self.issuer.authenticate_with_claims(token, now)?;
        let text = |name: &str| claims.get(name).and_then(serde_json::Value::as_str);
        if !text("nonce").is_some_and(|found| same(found, nonce)) {
            tracing::info!("an ID token is of another sign-in: its nonce differs");
            return Err(Denied::Unknown);
        }
        // Where it is for several, it names whom it was made for (OpenID Connect Core, 3.1.3.7).
        let is_of_several =
            claims.get("aud").and_then(serde_json::Value::as_array).is_some_and(|of| of.len() > 1);
        let is_ours = text("azp").map_or(!is_of_several, |of| of == self.settings.tokens.audience);
        if !is_ours {
            tracing::info!("an ID token was made for another client: its azp differs");
            return Err(Denied::Unknown);
        }
        let subject = text("sub").unwrap_or_default().to_owned();
        let cookie = format!("{PREFIX}{}", secret().ok_or(Denied::Unavailable)?);
        let ends = now.plus_nanos(i64::try_from(self.settings.session.as_nanos()).unwrap_or(i64::MAX));
        let id = id_of(&cookie);
        principal.origin = Origin::Session { id: id.clone(), subject: subject.clone(), expires: ends };
        let mut sessions = self.lock();
        make_room(&mut sessions, &subject, now);
        sessions.insert(id, Session { principal: principal.clone(), subject, ends });
        Ok((cookie, principal))
    }

    /// Returns whose session a cookie carries.
    pub(in crate::app::access) fn principal(&self, cookie: &str, now: Instant) -> Result<Principal, Denied> {
        self.of(&id_of(cookie), now)
    }

    /// Returns whose session it is.
    pub(in crate::app::access) fn of(&self, id: &SessionId, now: Instant) -> Result<Principal, Denied> {
        let sessions = self.lock();
        let session = sessions.get(id).ok_or(Denied::Expired)?;
        if session.ends <= now { Err(Denied::Expired) } else { Ok(session.principal.clone()) }
    }

    /// Ends a session; returns whose it was.
    pub(in crate::app::access) fn end(&self, cookie: &str) -> Option<Principal> {
        self.lock().remove(&id_of(cookie)).map(|session| session.principal)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id_of(cookie: &str) -> SessionId {
    SessionId(Sha256::digest(cookie).into())
}

/// Removes sessions that are over, and those that end first of too many.
fn make_room(sessions: &mut HashMap<SessionId, Session>, subject: &str, now: Instant) {
    sessions.retain(|_, session| session.ends > now);
    let first = |sessions: &HashMap<SessionId, Session>, is_meant: &dyn Fn(&Session) -> bool| {
        let meant = sessions.iter().filter(|(_, session)| is_meant(session));
        meant.min_by_key(|(_, session)| session.ends).map(|(id, _)| id.clone())
    };
    let of_user = |session: &Session| session.subject == subject;
    if sessions.values().filter(|session| of_user(session)).count() >= SESSIONS_OF_USER_MAX {
        first(sessions, &of_user).map(|id| sessions.remove(&id));
    }
    if sessions.len() >= SESSIONS_MAX {
        first(sessions, &|_| true).map(|id| sessions.remove(&id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::access::Role;
    use crate::graph::Author;

    #[test]
    fn a_sign_in_is_known_by_its_state() {
        let sign_in = SignIn::begin().expect("random bytes");
        let other = SignIn::begin().expect("random bytes");
        assert!(sign_in.is(&sign_in.state) && !sign_in.is(&other.state) && !sign_in.is(""));
        assert_eq!((sign_in.state.len(), format!("{sign_in:?}").as_str()), (43, "SignIn { .. }"));
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let challenge = SignIn { verifier, ..other }.challenge();
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn sessions_are_bounded() {
        let mut sessions = HashMap::new();
        let principal = |subject: &str| Principal {
            author: Author::new(subject, "a@plant.example").expect("an author"),
            role: Role::Reader,
            twins: None,
            act_as: false,
            origin: Origin::Local,
        };
        let at = |seconds: usize| Instant::from_seconds(i64::try_from(seconds).expect("a time"));
        let mut add = |subject: &str, number: usize, ends: usize, now: usize| {
            make_room(&mut sessions, subject, at(now));
            let session =
                Session { principal: principal(subject), subject: subject.to_owned(), ends: at(ends) };
            sessions.insert(id_of(&format!("{subject}{number}")), session);
            sessions.len()
        };
        for number in 0..40 {
            add("ada", number, 1_000 + number, 0);
        }
        assert_eq!(add("bob", 0, 500, 0), SESSIONS_OF_USER_MAX + 1);
        assert_eq!(add("cleo", 0, 2_000, 600), SESSIONS_OF_USER_MAX + 1, "that of bob is over");
        assert_eq!(add("cleo", 1, 2_000, 1_500), 2, "and those of ada are");
    }
}
