//! Whose JSON Web Tokens are taken, and what their claims mean: `[access.jwt]` in `throughline.toml`.

use crate::app::access::operation::Role;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Whose tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtSettings {
    /// Who issues them: the claim `iss`.
    pub issuer: String,
    /// Whom they are for: one of the claim `aud`.
    pub audience: String,
    /// The file of the issuer's public keys, a JWK set.
    pub keys: PathBuf,
    /// What may have signed them.
    pub algorithms: Vec<Algorithm>,
    /// By how many seconds the clocks of the issuer and this machine may differ.
    pub leeway_seconds: u32,
    /// The claim that names the groups of a user; dots lead into objects.
    pub role_claim: String,
    /// The claims with the name and the address of a user.
    pub name_claim: String,
    /// The address.
    pub email_claim: String,
    /// The role of each group.
    pub roles: BTreeMap<String, Role>,
}

/// What is taken where nothing is written: what nearly every issuer signs with.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];
/// The algorithms of public keys. With a shared secret (`HS256`) whoever verifies could also sign.
const PUBLIC: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];
const LEEWAY_SECONDS: u32 = 30;
const LEEWAY_SECONDS_MAX: u32 = 300;

/// The settings as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::app::access) struct Written {
    issuer: String,
    audience: String,
    keys: PathBuf,
    algorithms: Option<Vec<String>>,
    leeway_seconds: Option<u32>,
    role_claim: Option<String>,
    name_claim: Option<String>,
    email_claim: Option<String>,
    #[serde(default)]
    roles: BTreeMap<String, Role>,
}

impl Written {
    /// Refuses what would let in nobody, or whoever signs in another way.
    pub(in crate::app::access) fn settings(self) -> Result<JwtSettings, String> {
        for (name, text) in [("issuer", &self.issuer), ("audience", &self.audience)] {
            if text.trim().is_empty() {
                return Err(format!("\"{name}\" under [access.jwt] is empty, which no token fits"));
            }
        }
        let algorithms = match &self.algorithms {
            None => ALGORITHMS.to_vec(),
            Some(names) if names.is_empty() => {
                return Err("\"algorithms\" under [access.jwt] is empty, which no token fits".to_owned());
            }
            Some(names) => names.iter().map(|name| algorithm(name)).collect::<Result<_, _>>()?,
        };
        let leeway_seconds = self.leeway_seconds.unwrap_or(LEEWAY_SECONDS);
        if leeway_seconds > LEEWAY_SECONDS_MAX {
            return Err(format!("\"leewaySeconds\" under [access.jwt] is {LEEWAY_SECONDS_MAX} at most"));
        }
        Ok(JwtSettings {
            issuer: self.issuer,
            audience: self.audience,
            keys: self.keys,
            algorithms,
            leeway_seconds,
            role_claim: self.role_claim.unwrap_or_else(|| "roles".to_owned()),
            name_claim: self.name_claim.unwrap_or_else(|| "name".to_owned()),
            email_claim: self.email_claim.unwrap_or_else(|| "email".to_owned()),
            roles: self.roles,
        })
    }
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    let found = PUBLIC.iter().find(|(known, _)| *known == name);
    found.map(|(_, algorithm)| *algorithm).ok_or_else(|| {
        let known: Vec<_> = PUBLIC.iter().map(|(known, _)| *known).collect();
        format!(
            "\"algorithms\" under [access.jwt]: \"{name}\" is none of those of public keys: {}",
            known.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_algorithms_of_public_keys_are_taken() {
        let read = |rest: &str| {
            let text = format!(
                "issuer = 'https://login.example/'\naudience = 'throughline'\nkeys = 'keys.json'\n{rest}"
            );
            toml::from_str::<Written>(&text).map_err(|error| error.to_string())?.settings()
        };
        assert_eq!(read("").map(|settings| settings.algorithms), Ok(ALGORITHMS.to_vec()));
        assert_eq!(
            read("algorithms = ['EdDSA']").map(|settings| settings.algorithms),
            Ok(vec![Algorithm::EdDSA])
        );
        let check = |rest: &str, part: &str| {
            let error = read(rest).expect_err(rest);
            assert!(error.contains(part), "{rest}: {error}");
        };
        for wrong in ["none", "HS256", "HS512", "RS1", "rs256", ""] {
            check(&format!("algorithms = ['{wrong}']"), "is none of those of public keys: RS256, ");
        }
        check("algorithms = []", "which no token fits");
        check("leewaySeconds = 301", "300 at most");
        check("[roles]\nadmins = 'admin'", "unknown variant");
        assert!(toml::from_str::<Written>("issuer = 'x'").is_err());
    }
}
