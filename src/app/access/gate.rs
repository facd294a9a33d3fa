//! Lets principals in: by a token, or by the header of a trusted proxy. Where neither is configured everybody is the local operator, and the
//! server listens on loopback only.

use super::audit::Audit;
use super::entry::{Event, Outcome};
use super::error::{Denied, Error};
use super::file_stamp::FileStamp;
use super::jwt::Issuer;
use super::jwt::login::Login;
use super::jwt::login::settings::OidcSettings;
use super::jwt::settings::{KeyFetch, KeySource};
use super::operation_counts::OperationCounts;
use super::principal::{Origin, Principal};
use super::settings::AccessSettings;
use super::token::{self, Token};
use super::token_file::{Tokens, email_of};
use super::token_id::TokenId;
use crate::graph::Author;
use crate::model::time::clock::Clock;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// What a request carries to prove who sends it.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The token.
    pub token: Option<&'a str>,
    /// The user that a proxy names.
    pub user: Option<&'a str>,
    /// Where the request comes from.
    pub peer: IpAddr,
}

impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A token is in no log.
        f.debug_struct("Credentials")
            .field("user", &self.user)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

/// Decides who is let in, and has the log of what they do.
#[derive(Debug)]
pub struct Access {
    tokens: Tokens,
    settings: AccessSettings,
    clock: Arc<dyn Clock>,
    audit: Audit,
    operations: OperationCounts,
    issuer: Option<Issuer>,
    login: Option<Login>,
    loaded: RwLock<Loaded>,
}

/// What one look at the file of the tokens has found: who is let in by it.
#[derive(Debug)]
pub struct Look(Option<KnownTokens>);

/// The tokens by their ids; an error where their file is lost or damaged.
type KnownTokens = Result<Arc<HashMap<TokenId, Token>>, ()>;

impl Look {
    /// Returns whether access is configured.
    pub fn is_configured(&self) -> bool {
        self.0.is_some()
    }
}

/// The tokens as they were read.
#[derive(Debug)]
struct Loaded {
    stamp: Option<FileStamp>,
    /// Whether there was a file of tokens at any time: access that was configured stays so, whatever becomes of the file.
    was_there: bool,
    tokens: KnownTokens,
}

impl Access {
    /// Opens the access of a thread's folder.
    pub fn open(folder: &Path, settings: AccessSettings, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let (tokens, audit) = (Tokens::of(folder), Audit::of(folder, Arc::clone(&clock)));
        let stamp = FileStamp::of(tokens.path());
        let read = tokens.read()?;
        let loaded = Loaded { stamp, was_there: read.is_some(), tokens: Ok(by_id(read.unwrap_or_default())) };
        let operations = OperationCounts::default();
        let AccessSettings { proxy, jwt, oidc } = settings;
        let (jwt, oidc) = (jwt.map(|jwt| jwt.below(folder)), oidc.map(|oidc| oidc.below(folder)));
        let (issuer, login) = (jwt.clone().map(Issuer::open), oidc.clone().map(Login::open));
        let settings = AccessSettings { proxy, jwt, oidc };
        Ok(Self { tokens, settings, clock, audit, operations, issuer, login, loaded: RwLock::new(loaded) })
    }

    /// Returns the settings.
    pub fn settings(&self) -> &AccessSettings {
        &self.settings
    }

    /// Returns the log of what was done.
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Returns how often each operation was done, refused or failed.
    pub fn operations(&self) -> &OperationCounts {
        &self.operations
    }

    /// Returns whether access is configured: whether there is or was a token, or a proxy.
    pub fn is_configured(&self) -> bool {
        self.look().is_configured()
    }

    /// Looks at the file of the tokens: once for each request, as that takes a call of the system.
    pub fn look(&self) -> Look {
        let is_issued = self.issuer.is_some() || self.login.is_some();
        let is_configured = self.settings.proxy.is_some() || is_issued;
        self.with_loaded(|loaded| Look((is_configured || loaded.was_there).then(|| loaded.tokens.clone())))
    }

    /// Returns where the keys of the issuer of JSON Web Tokens are to be fetched, and how.
    pub fn key_url(&self) -> Option<(&str, &KeyFetch)> {
        match &self.settings.jwt.as_ref()?.keys {
            KeySource::Url(url, fetch) => Some((url, fetch)),
            KeySource::File(_) => None,
        }
    }

    /// Takes the keys that were fetched; returns how many there are.
    pub fn put_keys(&self, text: &[u8]) -> Result<usize, String> {
        let issuer = self.issuer.as_ref().ok_or("no issuer is configured")?;
        issuer.put_keys(text, self.clock.now())
    }

    /// Returns the principal that sends a request.
    pub fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, Denied> {
        self.authenticate_by(self.look(), credentials)
    }

    /// Returns the principal that sends a request, by what a look has found.
    pub fn authenticate_by(&self, look: Look, credentials: Credentials<'_>) -> Result<Principal, Denied> {
        let Some(tokens) = look.0 else { return Ok(Principal::local()) };
        match (credentials.token, credentials.user) {
            (Some(token), _) => self.bearer(token, tokens),
            (None, Some(user)) if self.is_proxy(credentials.peer) => self.user(user),
            (None, _) => Err(Denied::Absent),
        }
    }

    /// Returns where browsers sign in.
    pub fn login(&self) -> Option<&OidcSettings> {
        self.login.as_ref().map(|login| &login.settings)
    }

    /// Takes the keys of the issuer that browsers sign in at; returns how many there are.
    pub fn put_login_keys(&self, text: &[u8]) -> Result<usize, String> {
        let login = self.login.as_ref().ok_or("no issuer is configured that browsers sign in at")?;
        login.put_keys(text, self.clock.now())
    }

    /// Begins the session of whom an ID token is about, of the sign-in with a nonce; returns what its cookie carries. That is logged.
    pub fn sign_in(&self, token: &str, nonce: &str) -> Result<String, Denied> {
        let login = self.login.as_ref().ok_or(Denied::Absent)?;
        let (cookie, principal) = login.begin(token, nonce, self.clock.now())?;
        self.note(&principal, "signIn");
        Ok(cookie)
    }

    /// Returns the principal whose session a cookie carries.
    pub fn of_session(&self, cookie: &str) -> Result<Principal, Denied> {
        let login = self.login.as_ref().ok_or(Denied::Unknown)?;
        login.principal(cookie, self.clock.now())
    }

    /// Ends a session; that is logged.
    pub fn sign_out(&self, cookie: &str) {
        if let Some(principal) = self.login.as_ref().and_then(|login| login.end(cookie)) {
            self.note(&principal, "signOut");
        }
    }

    fn note(&self, principal: &Principal, operation: &str) {
        if let Err(error) = self.audit.record(Event::of(principal, operation, Outcome::Done)) {
            tracing::error!(%error, "a sign-in is not in the audit log");
        }
    }

    /// Returns whether a principal that was let in is still the same one.
    pub fn is_valid(&self, principal: &Principal) -> bool {
        match &principal.origin {
            Origin::Local => !self.is_configured(),
            Origin::Token(id) => self.with_loaded(|loaded| {
                let token = loaded.tokens.as_ref().ok().and_then(|tokens| tokens.get(id));
                token.is_some_and(|token| self.check_token(token).is_ok() && token.principal() == *principal)
            }),
            Origin::Jwt { expires, .. } => {
                self.issuer.as_ref().is_some_and(|issuer| issuer.is_valid(*expires, self.clock.now()))
            }
            // It ends with its message, or with the service.
            Origin::Hook(_) | Origin::Broker(_) => true,
            Origin::Session { id, .. } => {
                let found = self.login.as_ref().map(|login| login.of(id, self.clock.now()));
                found.is_some_and(|found| found.as_ref() == Ok(principal))
            }
            Origin::Proxy => self.user(&principal.author.name).as_ref() == Ok(principal),
        }
    }

    /// Notes that somebody was not let in.
    pub fn note_denied(&self, denied: Denied, peer: IpAddr, path: &str) {
        if self.is_configured() {
            self.audit.record_counted(Event {
                on: Some(path.to_owned()),
                reason: Some(denied.to_string()),
                client: Some(peer.to_string()),
                ..Event::new("authenticate", Outcome::Denied)
            });
        }
    }

    fn bearer(&self, shown: &str, tokens: KnownTokens) -> Result<Principal, Denied> {
        if let Some(issuer) = self.issuer.as_ref().filter(|_| !token::is_own(shown)) {
            return issuer.authenticate(shown, self.clock.now());
        }
        let id = token::id_of(shown).ok_or(Denied::Unknown)?;
        let tokens = tokens.map_err(|()| Denied::Unavailable)?;
        let token = tokens.get(&id).filter(|token| token.is(shown)).ok_or(Denied::Unknown)?;
        self.check_token(token).map(|()| token.principal())
    }

    /// Refuses a token that is not valid any more.
    fn check_token(&self, token: &Token) -> Result<(), Denied> {
        if token.revoked.is_some() {
            return Err(Denied::Unknown);
        }
        if token.is_expired(self.clock.now()) { Err(Denied::Expired) } else { Ok(()) }
    }

    /// Returns whether a header of this address is believed.
    fn is_proxy(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.settings.proxy.as_ref().is_some_and(|proxy| proxy.addresses.contains(&peer))
    }

    fn user(&self, user: &str) -> Result<Principal, Denied> {
        let proxy = self.settings.proxy.as_ref().ok_or(Denied::Absent)?;
        let role = *proxy.roles.get(user).ok_or(Denied::NoRole)?;
        let author = Author::new(user, &email_of(user)).map_err(|_| Denied::Malformed)?;
        Ok(Principal { author, role, twins: None, act_as: false, origin: Origin::Proxy })
    }

    /// Reads the loaded tokens, anew where their file is another one.
    fn with_loaded<T>(&self, read: impl FnOnce(&Loaded) -> T) -> T {
        let stamp = FileStamp::of(self.tokens.path());
        {
            let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
            if loaded.stamp == stamp {
                return read(&loaded);
            }
        }
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        loaded.tokens = match self.tokens.read() {
            Ok(Some(tokens)) => Ok(by_id(tokens)),
            Ok(None) if !loaded.was_there => Ok(Arc::default()),
            Ok(None) => {
                tracing::error!("the file of the tokens is missing, so that no token is valid");
                Err(())
            }
            Err(error) => {
                tracing::error!(%error, "the tokens cannot be read, so that none is valid");
                Err(())
            }
        };
        loaded.was_there |= stamp.is_some();
        loaded.stamp = stamp;
        read(&loaded)
    }
}

fn by_id(tokens: Vec<Token>) -> Arc<HashMap<TokenId, Token>> {
    Arc::new(tokens.into_iter().map(|token| (token.id.clone(), token)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::operation::Role;
    use super::super::settings::ProxySettings;
    use super::super::token::RANDOM_BYTES;
    use super::super::token_file::NewToken;
    use super::*;
    use crate::model::time::clock::FixedClock;
    use crate::model::time::instant::Instant;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn new(expires: Option<Instant>) -> NewToken {
        let (name, role) = ("ada".to_owned(), Role::Contributor);
        NewToken { name, email: None, role, twins: None, act_as: false, expires }
    }

    #[test]
    fn tokens_are_valid_until_they_expire_or_are_revoked() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_000)));
        let access = Access::open(folder.path(), AccessSettings::default(), clock.clone()).expect("opened");
        let ask = |token: Option<&str>| access.authenticate(Credentials { token, user: None, peer: HERE });
        assert_eq!(ask(None), Ok(Principal::local()), "nothing is configured");
        assert_eq!(ask(Some("any")), Ok(Principal::local()));
        let local = Principal::local();
        assert!(access.is_valid(&local));

        let tokens = Tokens::of(folder.path());
        let expires = Some(Instant::from_seconds(2_000));
        let (_, text) = tokens.create(&new(expires), &[1; RANDOM_BYTES], clock.now()).expect("made");
        let (other, _) = tokens.create(&new(None), &[2; RANDOM_BYTES], clock.now()).expect("made");
        assert!(!access.is_valid(&local), "the first token ends what was open to all");
        assert_eq!(ask(None), Err(Denied::Absent));
        assert_eq!(ask(Some("")), Err(Denied::Unknown));
        let forged = text.replace("tl_010101010101", &format!("tl_{}", other.id));
        assert_eq!(ask(Some(&forged)), Err(Denied::Unknown), "the id of another token");
        let ada = ask(Some(&text)).expect("let in");
        assert_eq!((ada.author.name.as_str(), ada.role), ("ada", Role::Contributor));
        assert!(access.is_valid(&ada));
        clock.set(Instant::from_seconds(2_000));
        assert_eq!(ask(Some(&text)), Err(Denied::Expired));
        assert!(!access.is_valid(&ada));
        clock.set(Instant::from_seconds(1_500));
        tokens.revoke("ada", clock.now()).expect("revoked");
        assert_eq!(ask(Some(&text)), Err(Denied::Unknown));
        assert!(!access.is_valid(&ada) && access.is_configured());
        std::fs::remove_file(tokens.path()).expect("lost");
        assert_eq!(ask(None), Err(Denied::Absent), "access never turns off by itself");
        assert_eq!(ask(Some(&text)), Err(Denied::Unavailable));
    }

    #[test]
    fn only_the_proxy_names_users() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_000)));
        let proxy = ProxySettings {
            header: "x-user".to_owned(),
            addresses: vec!["10.0.0.1".parse().expect("an address")],
            roles: [("ada".to_owned(), Role::Approver)].into(),
            socket_max: std::time::Duration::from_secs(60),
        };
        let settings = AccessSettings { proxy: Some(proxy), ..AccessSettings::default() };
        let access = Access::open(folder.path(), settings, clock).expect("opened");
        let ask = |peer: &str, user: Option<&str>| {
            let peer = peer.parse().expect("an address");
            access.authenticate(Credentials { token: None, user, peer }).map(|principal| principal.role)
        };
        assert_eq!(ask("10.0.0.1", Some("ada")), Ok(Role::Approver));
        assert_eq!(ask("::ffff:10.0.0.1", Some("ada")), Ok(Role::Approver));
        assert_eq!(ask("10.0.0.1", Some("Ada")), Err(Denied::NoRole));
        assert_eq!(ask("10.0.0.1", None), Err(Denied::Absent));
        for forger in ["10.0.0.2", "127.0.0.1", "::1"] {
            assert_eq!(ask(forger, Some("ada")), Err(Denied::Absent), "{forger}");
        }
    }
}
