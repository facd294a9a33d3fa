//! JSON Web Tokens of an issuer that users log in at (RFC 7519, RFC 8725): verified by the issuer's public keys, and made into principals by
//! their claims. The keys are a file, read anew when it is another one, so that keys can be rotated.

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
use jsonwebtoken::jwk::{Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};
use settings::JwtSettings;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// A token of more bytes is none.
const TOKEN_BYTES_MAX: usize = 8 << 10;
/// A file of keys of more bytes is none.
const KEYS_BYTES_MAX: u64 = 1 << 20;

/// The roles from the one with most rights: whoever has several groups has the first of theirs.
const RANKS: [Role; 6] =
    [Role::Operator, Role::Approver, Role::Contributor, Role::Reader, Role::TelemetryWriter, Role::Monitor];

/// Verifies the tokens of one issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    settings: JwtSettings,
    path: PathBuf,
    loaded: RwLock<(Option<FileStamp>, Keys)>,
}

/// The keys of the issuer by their ids; none where the file cannot be read.
type Keys = Option<Arc<HashMap<String, Key>>>;

/// A public key.
#[derive(Clone, Debug)]
struct Key {
    key: DecodingKey,
    /// The only algorithm that it is for, where its set states one.
    algorithm: Option<Algorithm>,
}

/// Why a token is not taken; no part of it is in the reason.
type Invalid = &'static str;

impl Issuer {
    /// Reads the keys; a file that cannot be read is reported, and lets nobody in until it can.
    pub(super) fn open(settings: JwtSettings, path: PathBuf) -> Self {
        provider::install();
        let loaded = (FileStamp::of(&path), read(&path));
        Self { settings, path, loaded: RwLock::new(loaded) }
    }

    /// Returns the principal that a token proves.
    pub(super) fn authenticate(&self, token: &str, now: Instant) -> Result<Principal, Denied> {
        let keys = self.keys().ok_or(Denied::Unavailable)?;
        let claims = self.verified(&keys, token).map_err(|reason| {
            tracing::info!(reason, "a JSON Web Token was not taken");
            Denied::Unknown
        })?;
        let expires = self.check_times(&claims, now)?;
        self.principal(&claims, expires)
    }

    /// Returns whether a token that ends at a time is still valid.
    pub(super) fn is_valid(&self, expires: Instant, now: Instant) -> bool {
        now.nanos() < expires.plus_nanos(self.leeway()).nanos()
    }

    fn leeway(&self) -> i64 {
        i64::from(self.settings.leeway_seconds) * 1_000_000_000
    }

    /// Verifies the signature, the issuer and the audience.
    fn verified(&self, keys: &HashMap<String, Key>, token: &str) -> Result<Map<String, Value>, Invalid> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err("it has too many bytes");
        }
        let header = header(token)?;
        let algorithm: Algorithm = header
            .get("alg")
            .and_then(Value::as_str)
            .and_then(|name| name.parse().ok())
            .ok_or("no algorithm")?;
        if !self.settings.algorithms.contains(&algorithm) {
            return Err("its algorithm is not one of the settings");
        }
        // What must be understood is not (RFC 7515, 4.1.11).
        if header.contains_key("crit") {
            return Err("it has extensions that must be understood");
        }
        let is_kind =
            |kind: &str| ["jwt", "at+jwt", "application/at+jwt"].contains(&kind.to_lowercase().as_str());
        if header.get("typ").is_some_and(|kind| !kind.as_str().is_some_and(is_kind)) {
            return Err("its type is not that of an access token");
        }
        let id = header.get("kid").and_then(Value::as_str).ok_or("it names no key")?;
        let key = keys.get(id).ok_or("its key is not in the set")?;
        if key.algorithm.is_some_and(|only| only != algorithm) {
            return Err("its key is for another algorithm");
        }
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        // By the clock of the thread, below.
        validation.validate_exp = false;
        jsonwebtoken::decode(token, &key.key, &validation)
            .map(|data| data.claims)
            .map_err(|_| "its signature, issuer or audience is another one, or a claim is missing")
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

    /// Returns the keys, read anew where their file is another one. A file that is missing or damaged keeps the keys that were read.
    fn keys(&self) -> Keys {
        let stamp = FileStamp::of(&self.path);
        {
            let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
            if loaded.0 == stamp {
                return loaded.1.clone();
            }
        }
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        if loaded.0 != stamp {
            loaded.0 = stamp;
            if let Some(keys) = read(&self.path) {
                loaded.1 = Some(keys);
            }
        }
        loaded.1.clone()
    }
}

/// Reads the header of a token, before anything of it is believed.
fn header(token: &str) -> Result<Map<String, Value>, Invalid> {
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

/// Reads a JWK set (RFC 7517); `None` where it cannot be read, which is reported.
fn read(path: &std::path::Path) -> Keys {
    let read = || -> Result<HashMap<String, Key>, String> {
        let bytes = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if bytes > KEYS_BYTES_MAX {
            return Err(format!("it has more than {KEYS_BYTES_MAX} bytes"));
        }
        keys_of(&std::fs::read(path).map_err(|error| error.to_string())?)
    };
    match read() {
        Ok(keys) => Some(Arc::new(keys)),
        Err(reason) => {
            tracing::error!(path = %path.display(), "the keys of the issuer cannot be read: {reason}");
            None
        }
    }
}

/// Returns the keys of a set that can verify a token: public ones, with an id, for signatures.
fn keys_of(text: &[u8]) -> Result<HashMap<String, Key>, String> {
    let set: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let entries =
        set.get("keys").and_then(Value::as_array).ok_or("it is no JWK set: there is no list \"keys\"")?;
    let mut keys = HashMap::new();
    for entry in entries {
        let Some((id, key)) = key_of(entry) else {
            let id = entry.get("kid").and_then(Value::as_str).unwrap_or_default();
            tracing::debug!(kid = id, "a key of the issuer is left out: it is none for signatures");
            continue;
        };
        if keys.insert(id.clone(), key).is_some() {
            return Err(format!("two keys have the id {id:?}"));
        }
    }
    if keys.is_empty() { Err("there is no public key for signatures in it".to_owned()) } else { Ok(keys) }
}

fn key_of(entry: &Value) -> Option<(String, Key)> {
    // A shared secret verifies nothing: whoever reads it could sign.
    if entry.get("kty")?.as_str()? == "oct" {
        return None;
    }
    let jwk: Jwk = serde_json::from_value(entry.clone()).ok()?;
    let common = &jwk.common;
    let is_for_signatures = common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature)
        && common.key_operations.as_ref().is_none_or(|of| of.contains(&KeyOperations::Verify));
    let id = common.key_id.clone().filter(|_| is_for_signatures)?;
    let algorithm = match common.key_algorithm {
        Some(algorithm) => Some(algorithm.to_string().parse().ok()?),
        None => None,
    };
    Some((id, Key { key: DecodingKey::from_jwk(&jwk).ok()?, algorithm }))
}

#[cfg(test)]
mod tests;
