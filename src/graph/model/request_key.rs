//! The idempotency key of a request, with a digest of what the request asks for, so that a key names one request and no other.

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::ops::Deref;

/// The most characters that a key has.
const LENGTH_MAX: usize = 200;

/// How digests are made; raised where the same request gets another digest. Digests of other versions are not compared.
const VERSION: &str = "1:";

/// The text is no idempotency key, as a commit could not record it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no idempotency key: use 1 to 200 visible ASCII characters")]
pub struct NotAKey(String);

/// An idempotency key, and what the request asks for that has it. It reads as the text of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    text: String,
    /// `None`: what is asked for is not known, as of commits that were made before digests were recorded.
    request: Option<RequestDigest>,
}

/// A digest of an operation and of what it was given: `1:` and a SHA-256 in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestDigest(String);

impl RequestKey {
    /// Names a request: its operation, and what that is given, in a form that is the same whenever the same is asked for.
    /// Fails where the key cannot be recorded in a commit.
    pub fn of<'a>(
        text: &str,
        operation: &str,
        given: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, NotAKey> {
        let request = Some(RequestDigest::of(operation, given));
        let key = Self { text: text.to_owned(), request };
        key.check()?;
        Ok(key)
    }

    /// Returns a key as a commit records it.
    pub(crate) fn recorded(text: String, digest: Option<&str>) -> Self {
        Self { text, request: digest.and_then(RequestDigest::recorded) }
    }

    /// Refuses a key that cannot be recorded in a commit.
    pub(crate) fn check(&self) -> Result<(), NotAKey> {
        let is_length = (1..=LENGTH_MAX).contains(&self.text.len());
        match is_length && self.text.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(()),
            false => Err(NotAKey(self.text.clone())),
        }
    }

    /// Returns the path under which Git keeps what the request came to: the SHA-256 of the key, and the digest.
    pub(crate) fn place(&self) -> String {
        let request = self.request.as_ref().map_or("any".to_owned(), |request| request.0.replace(':', "-"));
        format!("{:x}/{request}", Sha256::digest(&self.text))
    }

    /// Returns the digest of the request, where it is known.
    pub(crate) fn request(&self) -> Option<&RequestDigest> {
        self.request.as_ref()
    }

    /// Returns whether both are known to name different requests.
    pub(crate) fn is_of_another_request(&self, other: &Self) -> bool {
        matches!((&self.request, &other.request), (Some(own), Some(other)) if own != other)
    }
}

/// A key alone, whatever the request asks for.
impl From<String> for RequestKey {
    fn from(text: String) -> Self {
        Self { text, request: None }
    }
}

impl Deref for RequestKey {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl RequestDigest {
    /// Every part is preceded by its length, so that no two requests have the same bytes.
    fn of<'a>(operation: &str, given: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        add(operation.as_bytes());
        given.into_iter().for_each(&mut add);
        Self(format!("{VERSION}{:x}", hash.finalize()))
    }

    fn recorded(text: &str) -> Option<Self> {
        text.starts_with(VERSION).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_one_request() {
        let of = |operation: &str, given: &[&str]| {
            RequestKey::of("k", operation, given.iter().map(|part| part.as_bytes())).expect("a key")
        };
        let first = of("commit", &["a", "bc"]);
        assert!(!first.is_of_another_request(&of("commit", &["a", "bc"])));
        for other in [of("merge", &["a", "bc"]), of("commit", &["ab", "c"]), of("commit", &["a", "bc", ""])] {
            assert!(first.is_of_another_request(&other), "{other:?}");
        }
        let digest = first.request().expect("a digest").to_string();
        let recorded = |digest: Option<&str>| RequestKey::recorded("k".to_owned(), digest);
        assert_eq!(recorded(Some(&digest)), first);
        for unknown in [None, Some("0:abc"), Some("")] {
            assert!(!first.is_of_another_request(&recorded(unknown)), "{unknown:?}");
        }
    }

    #[test]
    fn a_key_is_visible_text() {
        let long = "k".repeat(LENGTH_MAX + 1);
        for wrong in ["", " ", "a b", "a\nb", "é", &long] {
            let refused = RequestKey::of(wrong, "commit", []);
            assert_eq!(refused, Err(NotAKey(wrong.to_owned())));
        }
        assert!(RequestKey::of(&long[1..], "commit", []).is_ok());
    }
}
