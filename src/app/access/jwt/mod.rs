//! JSON Web Tokens of an issuer that users log in at (RFC 7519, RFC 8725): verified by the issuer's public keys, and made into principals by
//! their claims. The keys are a file, read anew when it is another one, so that keys can be rotated; or they are fetched from a URL by whoever has the
//! network, and used until they are old.

mod keys;
pub(super) mod login;
mod provider;
pub(super) mod settings;

use super::error::Denied;
use super::file_stamp::FileStamp;
use super::operation::Role;
use super::principal::{Origin, Principal};
use super::token_file::email_of;
use crate::graph::Author;
use crate::model::time::instant::Instant;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation};
use keys::KeySet;
use serde_json::{Map, Value};
use settings::{JwtSettings, KeyFetch, KeySource};
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

/// A token of more bytes is none.
const TOKEN_BYTES_MAX: usize = 8 << 10;

/// The roles from the one with most rights: whoever has several groups has the first of theirs.
const RANKS: [Role; 6] =
    [Role::Operator, Role::Approver, Role::Contributor, Role::Reader, Role::TelemetryWriter, Role::Monitor];

/// Verifies the tokens of one issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    settings: JwtSettings,
    source: Source,
}

/// Where the keys are from.
#[derive(Debug)]
enum Source {
    /// A file, and what was read of it.
    File { path: PathBuf, loaded: RwLock<(Option<FileStamp>, Option<KeySet>)> },
    /// They are handed over, and are used for so many nanoseconds.
    Fetched { nanos_max: i64, put: RwLock<Option<(Instant, KeySet)>> },
}

/// Why a token is not taken; no part of it is in the reason.
enum Invalid {
    /// The set has no key of this name.
    Key,
    Other(&'static str),
}

impl From<&'static str> for Invalid {
    fn from(reason: &'static str) -> Self {
        Self::Other(reason)
    }
}

impl Issuer {
    /// Reads the keys that are in a file; one that cannot be read is reported, and lets nobody in until it can.
    pub(super) fn open(settings: JwtSettings) -> Self {
        provider::install();
        let source = match &settings.keys {
            KeySource::File(path) => {
                let loaded = RwLock::new((FileStamp::of(path), keys::read(path)));
                Source::File { path: path.clone(), loaded }
            }
            KeySource::Url(_, KeyFetch { kept, .. }) => {
                let nanos_max = i64::try_from(kept.as_nanos()).unwrap_or(i64::MAX);
                Source::Fetched { nanos_max, put: RwLock::default() }
            }
        };
        Self { settings, source }
    }

    /// Takes the keys that were fetched; returns how many there are.
    pub(super) fn put_keys(&self, text: &[u8], now: Instant) -> Result<usize, String> {
        let Source::Fetched { put, .. } = &self.source else { return Err("the keys are a file".to_owned()) };
        let keys = keys::parse(text)?;
        let count = keys.len();
        *put.write().unwrap_or_else(PoisonError::into_inner) = Some((now, keys));
        Ok(count)
    }

    /// Returns the principal that a token proves.
    pub(super) fn authenticate(&self, token: &str, now: Instant) -> Result<Principal, Denied> {
        self.authenticate_with_claims(token, now).map(|(principal, _)| principal)
    }

    /// Returns the principal that a token proves, and all that the token claims.
    pub(super) fn authenticate_with_claims(
        &self,
        token: &str,
        now: Instant,
    ) -> Result<(Principal, Map<String, Value>), Denied> {
        let claims = self.claims(token, now)?;
        let expires = self.check_times(&claims, now)?;
        Ok((self.principal(&claims, expires)?, claims))
    }

    /// Returns the claims of a token whose signature, issuer and audience fit.
    fn claims(&self, token: &str, now: Instant) -> Result<Map<String, Value>, Denied> {
        let keys = self.keys(now).ok_or(Denied::Unavailable)?;
        self.verified(&keys, token).map_err(|invalid| match (invalid, &self.source) {
            (Invalid::Key, Source::Fetched { .. }) => Denied::UnknownKey,
            (invalid, _) => {
                let reason =
                    if let Invalid::Other(reason) = invalid { reason } else { "its key is not in the set" };
                tracing::info!(reason, "a JSON Web Token was not taken");
                Denied::Unknown
            }
        })
    }

    /// Returns whether a token that ends at a time is still valid.
    pub(super) fn is_valid(&self, expires: Instant, now: Instant) -> bool {
        now.nanos() < expires.plus_nanos(self.leeway()).nanos()
    }

    fn leeway(&self) -> i64 {
        i64::from(self.settings.leeway_seconds) * 1_000_000_000
    }

    /// Verifies the signature, the issuer and the audience.
    fn verified(&self, keys: &KeySet, token: &str) -> Result<Map<String, Value>, Invalid> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err("it has too many bytes".into());
        }
        let header = header(token)?;
        let algorithm: Algorithm = header
            .get("alg")
            .and_then(Value::as_str)
            .and_then(|name| name.parse().ok())
            .ok_or("no algorithm")?;
        if !self.settings.algorithms.contains(&algorithm) {
            return Err("its algorithm is not one of the settings".into());
        }
        // What must be understood is not (RFC 7515, 4.1.11).
        if header.contains_key("crit") {
            return Err("it has extensions that must be understood".into());
        }
        let is_kind =
            |kind: &str| ["jwt", "at+jwt", "application/at+jwt"].contains(&kind.to_lowercase().as_str());
        if header.get("typ").is_some_and(|kind| !kind.as_str().is_some_and(is_kind)) {
            return Err("its type is not that of an access token".into());
        }
        let id = header.get("kid").and_then(Value::as_str).ok_or("it names no key")?;
        let key = keys.get(id).ok_or(Invalid::Key)?;
        if key.algorithm.is_some_and(|only| only != algorithm) {
            return Err("its key is for another algorithm".into());
        }
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        // By the clock of the thread, below.
        validation.validate_exp = false;
        jsonwebtoken::decode(token, &key.key, &validation)
            .map(|data| data.claims)
            .map_err(|_| "its signature, issuer or audience is another one, or a claim is missing".into())
    }

    /// Returns when the token ends.
    fn check_times(&self, claims: &Map<String, Value>, now: Instant) -> Result<Instant, Denied> {
        let expires = time(claims, "exp")?.ok_or(Denied::Unknown)?;
        if !self.is_valid(expires, now) {
            return Err(Denied::Expired);
        }
        for name in ["nbf", "iat"] {
            if time(claims, name)?.is_some_and(|at| at.nanos() > now.plus_nanos(self.leeway()).nanos()) {
                tracing::info!(claim = name, "a JSON Web Token is of a later time");
                return Err(Denied::Unknown);
            }
        }
        Ok(expires)
    }

    fn principal(&self, claims: &Map<String, Value>, expires: Instant) -> Result<Principal, Denied> {
        let text =
            |name: &str| at(claims, name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let subject = text("sub").ok_or(Denied::Unknown)?;
        let role = self.role(claims).ok_or(Denied::NoClaim)?;
        let name = text(&self.settings.name_claim).unwrap_or(subject);
        let email = text(&self.settings.email_claim).map_or_else(|| email_of(subject), str::to_owned);
        let author = Author::new(name, &email).map_err(|_| Denied::Malformed)?;
        let origin = Origin::Jwt { subject: subject.to_owned(), expires };
        Ok(Principal { author, role, twins: None, act_as: false, origin })
    }

    /// Returns the role of the groups that the claims name.
    fn role(&self, claims: &Map<String, Value>) -> Option<Role> {
        let groups: Vec<&str> = match at(claims, &self.settings.role_claim)? {
            Value::Array(groups) => groups.iter().filter_map(Value::as_str).collect(),
            // Scopes are words in one text (RFC 8693, 4.2).
            Value::String(words) => words.split(' ').collect(),
            _ => return None,
        };
        let roles: Vec<Role> =
            groups.iter().filter_map(|group| self.settings.roles.get(*group).copied()).collect();
        RANKS.into_iter().find(|role| roles.contains(role))
    }

    /// Returns the keys; a file is read anew where it is another one, and one that is missing or damaged keeps the keys that were read.
    fn keys(&self, now: Instant) -> Option<KeySet> {
        let (path, loaded) = match &self.source {
            Source::File { path, loaded } => (path, loaded),
            Source::Fetched { nanos_max, put } => {
                let put = put.read().unwrap_or_else(PoisonError::into_inner);
                let (at, keys) = put.as_ref()?;
                return (now.nanos().saturating_sub(at.nanos()) <= *nanos_max).then(|| keys.clone());
            }
        };
        let stamp = FileStamp::of(path);
        {
            let loaded = loaded.read().unwrap_or_else(PoisonError::into_inner);
            if loaded.0 == stamp {
                return loaded.1.clone();
            }
        }
        let mut loaded = loaded.write().unwrap_or_else(PoisonError::into_inner);
        if loaded.0 != stamp {
            loaded.0 = stamp;
            if let Some(keys) = keys::read(path) {
                loaded.1 = Some(keys);
            }
        }
        loaded.1.clone()
    }
}

/// Reads the header of a token, before anything of it is believed.
fn header(token: &str) -> Result<Map<String, Value>, &'static str> {
    let (header, rest) = token.split_once('.').ok_or("it has no parts")?;
    if rest.matches('.').count() != 1 {
        return Err("it has not three parts");
    }
    let bytes = URL_SAFE_NO_PAD.decode(header).map_err(|_| "its header is not base64url")?;
    serde_json::from_slice(&bytes).map_err(|_| "its header is no object")
}

/// Returns a claim; dots lead into objects, unless the whole name is that of a claim.
fn at<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let mut names = name.split('.');
    let first = claims.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

/// Returns a claim that is a time, in seconds since 1970.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Instant>, Denied> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_f64().filter(|seconds| (0.0..=1e10).contains(seconds)).ok_or(Denied::Unknown)?;
    // Whole seconds are as exact as any clock here.
    Ok(Some(Instant::from_seconds(seconds as i64)))
}

#[cfg(test)]
mod tests;
