//! Who is let in beside the bearers of tokens: `[access]` in `throughline.toml`.
//!
//! ```toml
//! [access.proxy]                  # a proxy that authenticates, and names the user in a header
//! header = "x-remote-user"        # which the proxy sets on every request, and removes from what it receives
//! addresses = ["127.0.0.1"]       # of the proxy; the header of anybody else counts for nothing
//!
//! [access.proxy.roles]            # of its users; others are refused
//! "anna@plant.example" = "approver"
//! ```

use super::jwt::login::settings::{OidcSettings, Written as WrittenOidc};
use super::jwt::settings::{JwtSettings, Written as WrittenJwt};
use super::operation::Role;
use crate::graph::Author;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

/// Who is let in beside the bearers of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessSettings {
    /// The proxy that is trusted.
    pub proxy: Option<ProxySettings>,
    /// The issuer whose JSON Web Tokens are taken.
    pub jwt: Option<JwtSettings>,
    /// The issuer that browsers sign in at.
    pub oidc: Option<OidcSettings>,
}

/// A proxy that authenticates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxySettings {
    /// The header that names the user, in lower case.
    pub header: String,
    /// Where the proxy connects from.
    pub addresses: Vec<IpAddr>,
    /// The roles of its users.
    pub roles: BTreeMap<String, Role>,
    /// How long a WebSocket of theirs may be open: the proxy is asked when one is opened, and not again.
    pub socket_max: Duration,
}

/// How long a WebSocket of a user of the proxy may be open, in seconds.
const SOCKET_SECONDS: u32 = 3600;

/// Headers that mean something else.
const OTHERS: [&str; 8] =
    ["authorization", "connection", "content-length", "content-type", "cookie", "host", "origin", "accept"];

/// The settings as written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::app) struct Written {
    proxy: Option<WrittenProxy>,
    jwt: Option<WrittenJwt>,
    oidc: Option<WrittenOidc>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WrittenProxy {
    header: String,
    addresses: Vec<IpAddr>,
    #[serde(default)]
    roles: BTreeMap<String, Role>,
    socket_seconds: Option<NonZeroU32>,
}

impl Written {
    /// Refuses what would let in nobody, or everybody.
    pub(in crate::app) fn settings(self) -> Result<AccessSettings, String> {
        let jwt = self.jwt.map(WrittenJwt::settings).transpose()?;
        let oidc = self.oidc.map(WrittenOidc::settings).transpose()?;
        let Some(WrittenProxy { header, addresses, roles, socket_seconds }) = self.proxy else {
            return Ok(AccessSettings { proxy: None, jwt, oidc });
        };
        let socket_max = Duration::from_secs(socket_seconds.map_or(SOCKET_SECONDS, NonZeroU32::get).into());
        let header = header.to_ascii_lowercase();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if header.is_empty() || !header.bytes().all(is_name) || OTHERS.contains(&header.as_str()) {
            return Err(format!("\"header\" under [access.proxy] names no header for a user: \"{header}\""));
        }
        if addresses.is_empty() || addresses.iter().any(IpAddr::is_unspecified) {
            return Err(
                "\"addresses\" under [access.proxy] names the addresses of the proxy, each by itself"
                    .to_owned(),
            );
        }
        for user in roles.keys() {
            let author = Author::new(user, &super::token_file::email_of(user));
            if author.is_err() || user.trim() != user {
                return Err(format!("\"{user}\" under [access.proxy.roles] is no name of a user"));
            }
        }
        let addresses = addresses.into_iter().map(|address| address.to_canonical()).collect();
        Ok(AccessSettings { proxy: Some(ProxySettings { header, addresses, roles, socket_max }), jwt, oidc })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_described_or_refused() {
        let read =
            |text: &str| toml::from_str::<Written>(text).map_err(|error| error.to_string())?.settings();
        let check = |text: &str, part: &str| {
            let error = read(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        };
        assert_eq!(read(""), Ok(AccessSettings::default()));
        let proxy = read(
            "[proxy]\nheader = \"X-User\"\naddresses = [\"::ffff:10.0.0.1\"]\n[proxy.roles]\nada = \"approver\"",
        );
        let proxy = proxy.expect("read").proxy.expect("a proxy");
        assert_eq!((proxy.header.as_str(), proxy.roles["ada"]), ("x-user", Role::Approver));
        assert_eq!(proxy.addresses, ["10.0.0.1".parse::<IpAddr>().expect("an address")]);
        check("[proxy]\nheader = \"x\"", "missing field");
        check("[proxy]\nheader = \"Host\"\naddresses = [\"10.0.0.1\"]", "no header for a user");
        check("[proxy]\nheader = \"a b\"\naddresses = [\"10.0.0.1\"]", "no header for a user");
        check("[proxy]\nheader = \"x\"\naddresses = []", "each by itself");
        check("[proxy]\nheader = \"x\"\naddresses = [\"0.0.0.0\"]", "each by itself");
        check(
            "[proxy]\nheader = \"x\"\naddresses = [\"10.0.0.1\"]\n[proxy.roles]\n\" a\" = \"reader\"",
            "no name of a user",
        );
        check(
            "[proxy]\nheader = \"x\"\naddresses = [\"10.0.0.1\"]\n[proxy.roles]\na = \"admin\"",
            "unknown variant",
        );
    }
}
