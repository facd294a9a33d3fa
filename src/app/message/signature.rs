//! Signatures of messages: Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`) and those of GitHub
//! (`X-Hub-Signature-256`), both HMAC-SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// What the secrets of Standard Webhooks begin with.
const PREFIX: &str = "whsec_";

/// A secret that both sides share.
#[derive(Clone)]
pub(in crate::app) struct Secret(Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Reads a secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in Base64.
    pub(in crate::app) fn standard(text: &str) -> Result<Self, String> {
        let encoded = text.trim().strip_prefix(PREFIX).unwrap_or(text.trim());
        let bytes = STANDARD.decode(encoded).map_err(|error| format!("the secret is no Base64: {error}"))?;
        match bytes.len() {
            24..=64 => Ok(Self(bytes)),
            length => Err(format!("the secret has {length} bytes, where 24 to 64 are right")),
        }
    }

    /// Takes a secret of GitHub, which is any text.
    pub(in crate::app) fn plain(text: &str) -> Result<Self, String> {
        match text.trim() {
            short if short.len() < 16 => Err("the secret has fewer than 16 characters".to_owned()),
            text => Ok(Self(text.as_bytes().to_vec())),
        }
    }

    /// Signs a message of Standard Webhooks.
    pub(in crate::app) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let tag = hmac::sign(&self.key(), &signed(id, timestamp, body));
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    }

    /// Returns whether one of the signatures of a message, apart by spaces, is by this secret.
    pub(in crate::app) fn verifies(&self, id: &str, timestamp: i64, body: &[u8], signatures: &str) -> bool {
        let message = signed(id, timestamp, body);
        let mut each = signatures.split(' ').filter_map(|one| one.strip_prefix("v1,"));
        each.any(|one| {
            STANDARD.decode(one).is_ok_and(|tag| hmac::verify(&self.key(), &message, &tag).is_ok())
        })
    }

    /// Returns whether a signature such as `sha256=0f…` is of a body by this secret.
    pub(in crate::app) fn verifies_github(&self, body: &[u8], signature: &str) -> bool {
        let Some(tag) = signature.strip_prefix("sha256=").and_then(from_hex) else { return false };
        hmac::verify(&self.key(), body, &tag).is_ok()
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }
}

fn signed(id: &str, timestamp: i64, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.to_string().as_bytes(), b".", body].concat()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification of Standard Webhooks, and that of GitHub's documentation.
    #[test]
    fn signatures_are_those_of_the_specifications() {
        let secret = Secret::standard("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let body = br#"{"test": 2432232314}"#;
        let (id, at) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(secret.sign(id, at, body), signature);
        let check = |id: &str, at: i64, body: &[u8], signatures: &str, expect: bool| {
            assert_eq!(secret.verifies(id, at, body, signatures), expect, "{signatures}");
        };
        check(id, at, body, signature, true);
        check(id, at, body, &format!("v1,AAAA v2,x {signature}"), true);
        check(id, at + 1, body, signature, false);
        check("msg_other", at, body, signature, false);
        check(id, at, b"{}", signature, false);
        check(id, at, body, "", false);
        check(id, at, body, &signature.replace("v1,", ""), false);
        assert!(Secret::standard("whsec_AAAA").is_err() && Secret::standard("whsec_!").is_err());

        let github = Secret::plain("It's a Secret to Everybody").expect("a secret");
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(github.verifies_github(b"Hello, World!", signature));
        assert!(!github.verifies_github(b"Hello, World?", signature));
        assert!(
            !github.verifies_github(b"Hello, World!", &signature[..70]) && Secret::plain("short").is_err()
        );
    }
}
