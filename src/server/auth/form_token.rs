//! What a form of a page carries to prove that a page of this service made it, for the same principal: beside what browsers report of a
//! page's origin, and of no use to another site, which cannot read the page.

use crate::app::access::Principal;
use sha2::{Digest as _, Sha256};
use std::io;

/// How long the key is; half of SHA-256's block.
const KEY_BYTES: usize = 32;

/// The key of the service's forms; another one after each start.
#[derive(Clone)]
pub(in crate::server) struct FormKey([u8; KEY_BYTES]);

impl std::fmt::Debug for FormKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FormKey")
    }
}

impl FormKey {
    /// Draws a key.
    pub(in crate::server) fn draw() -> io::Result<Self> {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self(key))
    }

    /// Returns what the forms of a principal carry: a keyed digest, nested so that it cannot be extended.
    pub(in crate::server) fn token(&self, principal: &Principal) -> String {
        let whose = format!("{}\n{}", principal.author, principal.origin.describe());
        let inner = Sha256::new().chain_update(self.0).chain_update(whose).finalize();
        let outer = Sha256::new().chain_update(self.0).chain_update(inner).finalize();
        outer.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns whether a token is that of a principal; how long it takes states nothing of the right one.
    pub(in crate::server) fn is_of(&self, token: &str, principal: &Principal) -> bool {
        let right = self.token(principal);
        let differs =
            token.bytes().zip(right.bytes()).fold(0, |differs, (one, other)| differs | (one ^ other));
        token.len() == right.len() && differs == 0
    }
}

#[cfg(test)]
mod tests {
    use super::FormKey;
    use crate::app::access::Principal;
    use crate::graph::Author;

    #[test]
    fn a_token_is_of_one_principal_and_one_key() {
        let (key, other) = (FormKey([7; 32]), FormKey([8; 32]));
        let author = Author::new("Ada", "ada@plant.example").expect("an author");
        let (local, ada) = (Principal::local(), Principal { author, ..Principal::local() });
        let token = key.token(&ada);
        assert!(key.is_of(&token, &ada));
        for (key, token, principal) in [
            (&key, token.as_str(), &local),
            (&other, &token, &ada),
            (&key, &token[1..], &ada),
            (&key, "", &ada),
        ] {
            assert!(!key.is_of(token, principal), "{token} of {principal:?}");
        }
    }
}
