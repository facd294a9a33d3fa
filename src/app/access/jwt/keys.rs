//! Sets of public keys of an issuer (RFC 7517).

use jsonwebtoken::jwk::{Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// A file of keys of more bytes is none.
const KEYS_BYTES_MAX: u64 = 1 << 20;

/// The keys by their ids.
pub(super) type KeySet = Arc<HashMap<String, Key>>;

/// A public key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) key: DecodingKey,
    /// The only algorithm that it is for, where its set states one.
    pub(super) algorithm: Option<Algorithm>,
}

/// Reads a JWK set (RFC 7517); `None` where it cannot be read, which is reported.
pub(super) fn read(path: &Path) -> Option<KeySet> {
    let read = || -> Result<KeySet, String> {
        let bytes = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if bytes > KEYS_BYTES_MAX {
            return Err(format!("it has more than {KEYS_BYTES_MAX} bytes"));
        }
        parse(&std::fs::read(path).map_err(|error| error.to_string())?)
    };
    match read() {
        Ok(keys) => Some(keys),
        Err(reason) => {
            tracing::error!(path = %path.display(), "the keys of the issuer cannot be read: {reason}");
            None
        }
    }
}

/// Returns the keys of a set that can verify a token: public ones, with an id, for signatures.
pub(super) fn parse(text: &[u8]) -> Result<KeySet, String> {
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
    match keys.is_empty() {
        true => Err("there is no public key for signatures in it".to_owned()),
        false => Ok(Arc::new(keys)),
    }
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
