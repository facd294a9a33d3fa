//! Browsers sign in at an issuer: OpenID Connect with discovery, the code flow, and PKCE (RFC 6749, RFC 7636). What the issuer knows is asked for over
//! the service's own connection; the browser carries the code, and nothing else of worth.

use super::asking::{Client, Error};
use crate::app::App;
use crate::app::access::{Denied, OidcSettings, SignIn, check_url};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

/// For how long what an issuer states of itself is believed.
const KNOWN_MAX: Duration = Duration::from_secs(3_600);
/// How many browsers are signed in at once; nobody has proved yet who they are.
const AT_ONCE_MAX: usize = 8;

/// What a value in a form may have as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Signs browsers in.
#[derive(Clone)]
pub(in crate::server) struct Login(Arc<Inner>);

struct Inner {
    app: Arc<App>,
    settings: OidcSettings,
    client: Client,
    provider: Mutex<Option<(Instant, Arc<Provider>)>>,
    places: Semaphore,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("issuer", &self.0.settings.tokens.issuer).finish_non_exhaustive()
    }
}

/// What an issuer states of itself (OpenID Connect Discovery, 3).
#[derive(Debug, Deserialize)]
struct Provider {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// What the issuer answers to a code.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Why a browser is not signed in.
#[derive(Debug)]
pub(in crate::server) enum Failed {
    /// Too many are being signed in.
    Crowded,
    /// The issuer does not answer as it should; the reason is for the log.
    Issuer(String),
    /// What it answers lets nobody in.
    Denied(Denied),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Issuer(error.to_string())
    }
}

impl Login {
    /// Returns what signs browsers in; `None` where no issuer is configured.
    pub(in crate::server) fn of(app: &Arc<App>) -> io::Result<Option<Self>> {
        let Some(settings) = app.access().login().cloned() else { return Ok(None) };
        let client = Client::new(app, &settings.tokens.issuer, settings.authorities())?;
        let (app, provider, places) = (Arc::clone(app), Mutex::default(), Semaphore::new(AT_ONCE_MAX));
        Ok(Some(Self(Arc::new(Inner { app, settings, client, provider, places }))))
    }

    /// Returns who the issuer is.
    pub(in crate::server) fn issuer(&self) -> &str {
        &self.0.settings.tokens.issuer
    }

    /// Returns where a browser goes to sign in.
    pub(in crate::server) async fn start(&self, sign_in: &SignIn) -> Result<String, Failed> {
        let _place = self.0.places.try_acquire().map_err(|_| Failed::Crowded)?;
        let provider = self.provider().await?;
        let OidcSettings { tokens, redirect, scopes, .. } = &self.0.settings;
        let form = form(&[
            ("response_type", "code"),
            ("client_id", &tokens.audience),
            ("redirect_uri", redirect),
            ("scope", scopes),
            ("state", &sign_in.state),
            ("nonce", &sign_in.nonce),
            ("code_challenge", &sign_in.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        let place = &provider.authorization_endpoint;
        let sign = if place.contains('?') { '&' } else { '?' };
        Ok(format!("{place}{sign}{form}"))
    }

    /// Takes the code that a browser has brought; returns what the cookie of its session carries.
    pub(in crate::server) async fn finish(&self, sign_in: &SignIn, code: &str) -> Result<String, Failed> {
        let _place = self.0.places.try_acquire().map_err(|_| Failed::Crowded)?;
        let provider = self.provider().await?;
        let token = self.exchange(&provider, sign_in, code).await?;
        let mut found = self.session(&token, sign_in).await?;
        if let Err(Denied::UnknownKey | Denied::Unavailable) = found {
            let keys = self.0.client.get(&provider.jwks_uri).await?;
            let put = self.0.app.access().put_login_keys(&keys);
            put.map_err(|error| Failed::Issuer(format!("{}: {error}", provider.jwks_uri)))?;
            found = self.session(&token, sign_in).await?;
        }
        found.map_err(Failed::Denied)
    }

    async fn session(&self, token: &str, sign_in: &SignIn) -> Result<Result<String, Denied>, Failed> {
        let (app, token, nonce) = (Arc::clone(&self.0.app), token.to_owned(), sign_in.nonce.clone());
        // The audit log is written meanwhile.
        let done = tokio::task::spawn_blocking(move || app.access().sign_in(&token, &nonce)).await;
        done.map_err(|error| Failed::Issuer(error.to_string()))
    }

    /// Exchanges a code for an ID token.
    async fn exchange(&self, provider: &Provider, sign_in: &SignIn, code: &str) -> Result<String, Failed> {
        let OidcSettings { tokens, redirect, .. } = &self.0.settings;
        let client = tokens.audience.as_str();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("client_id", client),
            ("code_verifier", &sign_in.verifier),
        ];
        let secret = self.secret().await?;
        let takes_basic = provider
            .token_endpoint_auth_methods_supported
            .as_ref()
            .is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        let mut authorization = None;
        if let Some(secret) = &secret {
            if takes_basic {
                let pair = format!("{}:{}", encoded(client), encoded(secret));
                authorization = Some(format!("Basic {}", STANDARD.encode(pair)));
            } else {
                fields.push(("client_secret", secret));
            }
        }
        let answer =
            self.0.client.post(&provider.token_endpoint, form(&fields), authorization.as_deref()).await?;
        Ok(parse::<Tokens>(&provider.token_endpoint, &answer)?.id_token)
    }

    /// Reads the secret of the client, where it has one, at each sign-in, so that it can be replaced.
    async fn secret(&self) -> Result<Option<String>, Failed> {
        let Some(path) = self.0.settings.secret.clone() else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || {
            std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        });
        let read = read.await.map_err(|error| Failed::Issuer(error.to_string()))?;
        read.map(|secret| Some(secret.trim().to_owned())).map_err(Failed::Issuer)
    }

    /// Returns what the issuer states of itself.
    async fn provider(&self) -> Result<Arc<Provider>, Failed> {
        let mut known = self.0.provider.lock().await;
        if let Some((_, provider)) = known.as_ref().filter(|(at, _)| at.elapsed() < KNOWN_MAX) {
            return Ok(Arc::clone(provider));
        }
        let issuer = self.issuer();
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let provider: Provider = parse(&url, &self.0.client.get(&url).await?)?;
        provider.check(issuer).map_err(|reason| Failed::Issuer(format!("{url}: {reason}")))?;
        let provider = Arc::new(provider);
        *known = Some((Instant::now(), Arc::clone(&provider)));
        Ok(provider)
    }
}

impl Provider {
    /// Refuses what is of another issuer, or would lead browsers and codes to where anybody answers.
    fn check(&self, issuer: &str) -> Result<(), String> {
        if self.issuer != issuer {
            return Err(format!("it is of the issuer {}, and not of {issuer}", self.issuer));
        }
        check_url("authorization_endpoint", &self.authorization_endpoint)?;
        check_url("token_endpoint", &self.token_endpoint)?;
        check_url("jwks_uri", &self.jwks_uri)?;
        let takes = |methods: &Vec<String>| methods.iter().any(|method| method == "S256");
        if self.code_challenge_methods_supported.as_ref().is_some_and(|methods| !takes(methods)) {
            return Err("it takes no code challenge by S256".to_owned());
        }
        Ok(())
    }
}

fn parse<T: DeserializeOwned>(url: &str, answer: &Bytes) -> Result<T, Failed> {
    // The answer may hold tokens: nothing of it is in the reason.
    serde_json::from_slice(answer).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Failed::Issuer(format!("{url}: its answer is not what is expected, at line {line}, column {column}"))
    })
}

/// Writes a form (application/x-www-form-urlencoded).
fn form(fields: &[(&str, &str)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    fields.join("&")
}

fn encoded(value: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(value, PLAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_issuer_states_of_itself_is_checked() {
        let check = |change: &dyn Fn(&mut Provider), expect: Result<(), &str>| {
            let mut provider = Provider {
                issuer: "https://login.example".to_owned(),
                authorization_endpoint: "https://login.example/auth?a=b".to_owned(),
                token_endpoint: "https://api.login.example/token".to_owned(),
                jwks_uri: "https://login.example/jwks".to_owned(),
                code_challenge_methods_supported: None,
                token_endpoint_auth_methods_supported: None,
            };
            change(&mut provider);
            match (provider.check("https://login.example"), expect) {
                (Ok(()), Ok(())) => {}
                (Err(reason), Err(part)) => assert!(reason.contains(part), "{reason}"),
                (got, expect) => panic!("{got:?}, not {expect:?}"),
            }
        };
        check(&|_| {}, Ok(()));
        check(&|of| of.issuer.push('/'), Err("and not of https://login.example"));
        check(&|of| of.token_endpoint = "http://login.example/token".to_owned(), Err("needs https://"));
        check(&|of| of.authorization_endpoint = "javascript:alert(1)".to_owned(), Err("is no URL"));
        check(&|of| of.jwks_uri = "http://10.0.0.1/jwks".to_owned(), Err("needs https://"));
        let methods = |method: &str| Some(vec![method.to_owned()]);
        check(&|of| of.code_challenge_methods_supported = methods("S256"), Ok(()));
        check(&|of| of.code_challenge_methods_supported = methods("plain"), Err("S256"));
    }

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form(&[("a", "b c&d=e"), ("f", "ä~")]), "a=b%20c%26d%3De&f=%C3%A4~");
    }
}
