//! Where browsers sign in: `[access.oidc]` in `throughline.toml`.

use crate::app::access::jwt::settings::{JwtSettings, KeyFetch, KeySource, check_url};
use crate::app::access::operation::Role;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where browsers sign in, and what their ID tokens mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcSettings {
    /// How ID tokens are verified; they are for the client, and the keys are where the issuer states it.
    pub tokens: JwtSettings,
    /// The file of the client's secret; none where the client is public.
    pub secret: Option<PathBuf>,
    /// The address of this service as browsers know it, to which they come back.
    pub redirect: String,
    /// What the issuer is asked for.
    pub scopes: String,
    /// How long a session lasts.
    pub session: Duration,
}

const SCOPES: &str = "openid profile email";
const SESSION_HOURS: u32 = 8;
const SESSION_HOURS_MAX: u32 = 24 * 7;
/// Where browsers come back.
pub const CALLBACK: &str = "/pages/callback";

/// The settings as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::app::access) struct Written {
    issuer: String,
    client: String,
    secret: Option<PathBuf>,
    redirect: String,
    scopes: Option<String>,
    session_hours: Option<NonZeroU32>,
    authorities: Option<PathBuf>,
    algorithms: Option<Vec<String>>,
    leeway_seconds: Option<u32>,
    role_claim: Option<String>,
    name_claim: Option<String>,
    email_claim: Option<String>,
    #[serde(default)]
    roles: BTreeMap<String, Role>,
}

impl Written {
    /// Refuses what would let in nobody, or lead browsers elsewhere.
    pub(in crate::app::access) fn settings(self) -> Result<OidcSettings, String> {
        let under = |error: String| format!("{error} (under [access.oidc])");
        check_url("issuer", &self.issuer).map_err(under)?;
        check_url("redirect", &self.redirect).map_err(under)?;
        if !self.redirect.ends_with(CALLBACK) || self.redirect.contains('?') {
            return Err(format!(
                "\"redirect\" under [access.oidc] ends in {CALLBACK}, as https://plant.example{CALLBACK}"
            ));
        }
        let scopes = self.scopes.unwrap_or_else(|| SCOPES.to_owned());
        if !scopes.split(' ').any(|scope| scope == "openid") {
            return Err(
                "\"scopes\" under [access.oidc] has no \"openid\", without which there is no ID token"
                    .to_owned(),
            );
        }
        let hours = self.session_hours.map_or(SESSION_HOURS, NonZeroU32::get);
        if hours > SESSION_HOURS_MAX {
            return Err(format!("\"sessionHours\" under [access.oidc] is {SESSION_HOURS_MAX} at most"));
        }
        let tokens = JwtSettings::of_client(
            self.issuer,
            self.client,
            self.algorithms.as_deref(),
            self.leeway_seconds,
            KeySource::Url(String::new(), KeyFetch::of_discovery(self.authorities)),
        );
        let mut tokens = tokens.map_err(|error| error.replace("[access.jwt]", "[access.oidc]"))?;
        tokens.roles = self.roles;
        for (claim, given) in [
            (&mut tokens.role_claim, self.role_claim),
            (&mut tokens.name_claim, self.name_claim),
            (&mut tokens.email_claim, self.email_claim),
        ] {
            if let Some(given) = given {
                *claim = given;
            }
        }
        let session = Duration::from_secs(3_600 * u64::from(hours));
        Ok(OidcSettings { tokens, secret: self.secret, redirect: self.redirect, scopes, session })
    }
}

impl OidcSettings {
    /// Returns the settings with their files below a folder.
    pub(in crate::app::access) fn below(self, folder: &Path) -> Self {
        let secret = self.secret.map(|path| folder.join(path));
        Self { tokens: self.tokens.below(folder), secret, ..self }
    }

    /// Returns the certificates that the issuer is trusted by.
    pub fn authorities(&self) -> Option<&Path> {
        match &self.tokens.keys {
            KeySource::Url(_, fetch) => fetch.authorities.as_deref(),
            KeySource::File(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_described_or_refused() {
        let read = |rest: &str| {
            let text = format!("client = 'c'\n{rest}");
            toml::from_str::<Written>(&text).map_err(|error| error.to_string())?.settings()
        };
        let both = "issuer = 'https://login.example'\nredirect = 'https://plant.example/pages/callback'\n";
        let settings = read(both).expect("settings");
        assert_eq!((settings.scopes.as_str(), settings.session.as_secs()), ("openid profile email", 28_800));
        assert_eq!((settings.tokens.audience.as_str(), settings.tokens.role_claim.as_str()), ("c", "roles"));
        let check = |rest: &str, part: &str| {
            let error = read(rest).expect_err(rest);
            assert!(error.contains(part), "{rest}: {error}");
        };
        let with = |rest: &str| format!("{both}{rest}");
        check("issuer = 'https://login.example'", "redirect");
        check("issuer = 'http://login.example'\nredirect = 'https://a/pages/callback'", "needs https://");
        check("issuer = 'https://login.example'\nredirect = 'http://a/pages/callback'", "needs https://");
        check("issuer = 'https://login.example'\nredirect = 'https://a/pages/'", "ends in /pages/callback");
        check(&with("scopes = 'profile'"), "no \"openid\"");
        check(&with("sessionHours = 169"), "168 at most");
        check(&with("algorithms = ['HS256']"), "under [access.oidc]: \"HS256\" is none");
        check(&with("secrets = 'x'"), "unknown field");
    }
}
