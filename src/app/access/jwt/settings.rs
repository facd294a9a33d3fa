//! Whose JSON Web Tokens are taken, and what their claims mean: `[access.jwt]` in `throughline.toml`.

use crate::app::access::operation::Role;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Whose tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtSettings {
    /// Who issues them: the claim `iss`.
    pub issuer: String,
    /// Whom they are for: one of the claim `aud`.
    pub audience: String,
    /// Where the issuer's public keys are, a JWK set.
    pub keys: KeySource,
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

/// Where the public keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In a file.
    File(PathBuf),
    /// At a URL.
    Url(String, KeyFetch),
}

/// How keys are fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFetch {
    /// How often.
    pub every: Duration,
    /// For how long the last ones are used while the issuer does not answer.
    pub kept: Duration,
    /// The file of the certificates that are trusted, in the place of those that this machine trusts.
    pub authorities: Option<PathBuf>,
}

const FETCH_MINUTES: u32 = 15;
const KEPT_HOURS: u32 = 24;
/// Keys that were withdrawn must not be used for longer than this.
const KEPT_HOURS_MAX: u32 = 24 * 30;

impl KeyFetch {
    fn new(
        minutes: Option<NonZeroU32>,
        hours: Option<NonZeroU32>,
        authorities: Option<PathBuf>,
    ) -> Result<Self, String> {
        let minutes = minutes.map_or(FETCH_MINUTES, NonZeroU32::get);
        let hours = hours.map_or(KEPT_HOURS, NonZeroU32::get);
        if hours > KEPT_HOURS_MAX {
            return Err(format!("\"keysHours\" under [access.jwt] is {KEPT_HOURS_MAX} at most"));
        }
        let (every, kept) =
            (Duration::from_secs(60 * u64::from(minutes)), Duration::from_secs(3_600 * u64::from(hours)));
        if kept < every {
            return Err("\"keysHours\" under [access.jwt] is less than \"keysMinutes\", so that nobody would be let in".to_owned());
        }
        Ok(Self { every, kept, authorities })
    }
}

impl KeyFetch {
    /// Fetches keys where the issuer of ID tokens states it, when a sign-in needs them.
    pub(in crate::app::access) fn of_discovery(authorities: Option<PathBuf>) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Self { every: seconds(60 * FETCH_MINUTES), kept: seconds(3_600 * KEPT_HOURS), authorities }
    }
}

/// Refuses what is no address of an issuer: what it answers is believed, so that nobody may be able to answer in its place.
pub fn check_url(name: &str, url: &str) -> Result<(), String> {
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.contains(['#', '\\']);
    let rest = url.strip_prefix("https://").map(|rest| (rest, false));
    let (rest, is_open) = rest.or(url.strip_prefix("http://").map(|rest| (rest, true))).unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let host = host.map_or(authority, |(host, _)| host);
    if !is_plain || host.is_empty() || authority.contains('@') {
        return Err(format!("\"{name}\" is no URL: write https://HOST/PATH, not \"{url}\""));
    }
    if is_open && !["127.0.0.1", "[::1]", "localhost"].contains(&host) {
        return Err(format!("\"{name}\" needs https://, as anybody in between could answer \"{url}\""));
    }
    Ok(())
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
    keys: String,
    keys_minutes: Option<NonZeroU32>,
    keys_hours: Option<NonZeroU32>,
    authorities: Option<PathBuf>,
    algorithms: Option<Vec<String>>,
    leeway_seconds: Option<u32>,
    role_claim: Option<String>,
    name_claim: Option<String>,
    email_claim: Option<String>,
    #[serde(default)]
    roles: BTreeMap<String, Role>,
}

impl JwtSettings {
    /// Returns the settings with their files below a folder.
    pub(in crate::app::access) fn below(mut self, folder: &Path) -> Self {
        match &mut self.keys {
            KeySource::File(path) => *path = folder.join(&path),
            KeySource::Url(_, fetch) => {
                fetch.authorities = fetch.authorities.take().map(|path| folder.join(path));
            }
        }
        self
    }
}

impl Written {
    /// Refuses what would let in nobody, or whoever signs in another way.
    pub(in crate::app::access) fn settings(self) -> Result<JwtSettings, String> {
        let keys = match self.keys.contains("://") {
            true => {
                check_url("keys", &self.keys).map_err(|error| format!("{error} (under [access.jwt])"))?;
                KeySource::Url(
                    self.keys,
                    KeyFetch::new(self.keys_minutes, self.keys_hours, self.authorities)?,
                )
            }
            false
                if self.keys_minutes.is_some() || self.keys_hours.is_some() || self.authorities.is_some() =>
            {
                return Err("\"keysMinutes\", \"keysHours\" and \"authorities\" under [access.jwt] are for keys at a URL, and \"keys\" names a file".to_owned());
            }
            false => KeySource::File(PathBuf::from(self.keys)),
        };
        let of_client = JwtSettings::of_client(
            self.issuer,
            self.audience,
            self.algorithms.as_deref(),
            self.leeway_seconds,
            keys,
        )?;
        Ok(JwtSettings {
            role_claim: self.role_claim.unwrap_or(of_client.role_claim),
            name_claim: self.name_claim.unwrap_or(of_client.name_claim),
            email_claim: self.email_claim.unwrap_or(of_client.email_claim),
            roles: self.roles,
            ..of_client
        })
    }
}

impl JwtSettings {
    /// Describes the tokens of an issuer for a client, with the claims that most issuers use, and no roles yet.
    pub(in crate::app::access) fn of_client(
        issuer: String,
        audience: String,
        algorithms: Option<&[String]>,
        leeway_seconds: Option<u32>,
        keys: KeySource,
    ) -> Result<Self, String> {
        for (name, text) in [("issuer", &issuer), ("audience", &audience)] {
            if text.trim().is_empty() {
                return Err(format!("\"{name}\" under [access.jwt] is empty, which no token fits"));
            }
        }
        let algorithms = match algorithms {
            None => ALGORITHMS.to_vec(),
            Some([]) => {
                return Err("\"algorithms\" under [access.jwt] is empty, which no token fits".to_owned());
            }
            Some(names) => names.iter().map(|name| algorithm(name)).collect::<Result<_, _>>()?,
        };
        let leeway_seconds = leeway_seconds.unwrap_or(LEEWAY_SECONDS);
        if leeway_seconds > LEEWAY_SECONDS_MAX {
            return Err(format!("\"leewaySeconds\" under [access.jwt] is {LEEWAY_SECONDS_MAX} at most"));
        }
        Ok(Self {
            issuer,
            audience,
            keys,
            algorithms,
            leeway_seconds,
            role_claim: "roles".to_owned(),
            name_claim: "name".to_owned(),
            email_claim: "email".to_owned(),
            roles: BTreeMap::new(),
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

    #[test]
    fn keys_are_in_a_file_or_where_nobody_answers_in_the_place_of_the_issuer() {
        let read = |rest: &str| {
            let text = format!("issuer = 'i'\naudience = 'a'\n{rest}");
            toml::from_str::<Written>(&text)
                .map_err(|error| error.to_string())?
                .settings()
                .map(|read| read.keys)
        };
        assert_eq!(read("keys = 'keys.json'"), Ok(KeySource::File(PathBuf::from("keys.json"))));
        for url in [
            "https://login.example/jwks",
            "https://login.example:8443",
            "http://127.0.0.1:7/x",
            "http://[::1]:7/x",
            "http://localhost",
        ] {
            match read(&format!("keys = '{url}'")).expect(url) {
                KeySource::Url(found, fetch) => {
                    assert_eq!(
                        (found.as_str(), fetch.every.as_secs(), fetch.kept.as_secs()),
                        (url, 900, 86_400)
                    );
                }
                KeySource::File(path) => panic!("{}", path.display()),
            }
        }
        let check = |rest: &str, part: &str| {
            let error = read(rest).expect_err(rest);
            assert!(error.contains(part), "{rest}: {error}");
        };
        for url in [
            "http://login.example/jwks",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "http://10.0.0.1/",
        ] {
            check(&format!("keys = '{url}'"), "needs https://");
        }
        for url in [
            "https://",
            "ftp://login.example/",
            "https://a b/",
            "https://user@login.example/",
            "http://127.0.0.1@evil.example/",
            "https://x/#a",
        ] {
            check(&format!("keys = '{url}'"), "is no URL");
        }
        check("keys = 'https://x/'\nkeysHours = 721", "720 at most");
        check("keys = 'https://x/'\nkeysHours = 1\nkeysMinutes = 61", "less than");
        check("keys = 'https://x/'\nkeysHours = 0", "nonzero");
        check("keys = 'keys.json'\nkeysHours = 1", "names a file");
    }
}
