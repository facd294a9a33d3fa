//! Tokens: what a client shows to prove who it is. Only the SHA-256 of one is stored.
//!
//! A token is `tl_ID_SECRET`: an id of 12 hexadecimal digits by which it is looked up, and 32 random bytes in base64url. The id is no
//! secret; it is in lists and in the audit log.

use super::operation::Role;
use super::principal::{Origin, Principal, TwinScope, is_over};
use super::token_id::{ID_BYTES, TokenId};
use crate::graph::Author;
use crate::model::time::instant::Instant;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What every token begins with, so that scanners for leaked secrets find one.
const PREFIX: &str = "tl_";
/// How many bytes a secret has.
const SECRET_BYTES: usize = 32;
/// The random bytes of a token.
pub const RANDOM_BYTES: usize = ID_BYTES + SECRET_BYTES;

/// A token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whom it makes of its bearer.
    pub author: Author,
    /// What the bearer may do.
    pub role: Role,
    /// Of which twins the bearer may send samples; `None`: of all.
    pub twins: Option<TwinScope>,
    /// Whether the bearer may name others as authors.
    pub act_as: bool,
    /// When it was made.
    pub created: Instant,
    /// From when on it is not valid.
    pub expires: Option<Instant>,
    /// Since when it is not valid any more.
    pub revoked: Option<Instant>,
    pub(super) digest: [u8; 32],
}

impl Token {
    /// Returns the principal that the bearer is.
    pub(super) fn principal(&self) -> Principal {
        Principal {
            author: self.author.clone(),
            role: self.role,
            twins: self.twins.clone(),
            act_as: self.act_as,
            origin: Origin::Token(self.id.clone()),
        }
    }

    /// Returns whether it has expired.
    pub fn is_expired(&self, now: Instant) -> bool {
        is_over(self.expires, now)
    }

    /// Returns whether a text that was shown is this token; takes as long wherever they differ.
    pub(super) fn is(&self, shown: &str) -> bool {
        let digest = digest(shown);
        let differing = digest.iter().zip(&self.digest).fold(0, |sum, (one, other)| sum | (one ^ other));
        std::hint::black_box(differing) == 0
    }
}

/// Writes a token of random bytes; returns its id and the text.
pub(super) fn write(random: &[u8; RANDOM_BYTES]) -> (TokenId, String) {
    let (id, secret) = random.split_at(ID_BYTES);
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!("{PREFIX}{id}_{}", URL_SAFE_NO_PAD.encode(secret));
    (TokenId(id), text)
}

/// Returns whether a text is meant as a token of the thread, whatever becomes of it.
pub(super) fn is_own(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Returns the id of a text that has the form of a token.
pub(super) fn id_of(text: &str) -> Option<TokenId> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let is_secret = URL_SAFE_NO_PAD.decode(secret).is_ok_and(|bytes| bytes.len() == SECRET_BYTES);
    TokenId::parse(id).filter(|_| is_secret)
}

pub(super) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_its_form() {
        let mut random = [7; RANDOM_BYTES];
        random[0] = 0xAB;
        let (id, text) = write(&random);
        assert_eq!((id.as_str(), text.len()), ("ab0707070707", 59));
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(id_of(text).as_ref().map(TokenId::as_str), expect, "{text}");
        };
        check(&text, Some("ab0707070707"));
        check("", None);
        check("tl_", None);
        check(&text[..58], None);
        check(&format!("{text}A"), None);
        check(&text.to_uppercase(), None);
        check(&text.replace("tl_ab", "tl_AB"), None);
        check(&format!(" {text}"), None);
    }
}
