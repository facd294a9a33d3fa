//! `/pages/login/start`, `/pages/callback`: a browser goes to the issuer that users sign in at, and comes back with a code.
//!
//! What is secret of a sign-in is in a cookie of the browser until it comes back, and nowhere else: nothing is kept for whoever only begins one.

use super::form::{value, with_cookie};
use crate::app::Mount;
use crate::app::access::{Denied, SignIn};
use crate::pages;
use crate::server::Shared;
use crate::server::auth::browser::{COOKIE_TERMS, LOGIN_COOKIE_TERMS, cookie, local, respond, see_other};
use crate::server::auth::issuer::{Failed, Login};
use crate::server::auth::{self, Peer};
use crate::server::routes::parameters;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::net::IpAddr;

/// How long a sign-in may take, in seconds.
const SIGN_IN_SECONDS: u32 = 600;
/// The longest path that a browser is led to afterwards.
const THEN_BYTES_MAX: usize = 1_024;
/// How many characters of what an issuer reports are shown.
const REASON_CHARACTERS: usize = 200;

/// Leads a browser to the issuer.
pub(in crate::server) async fn start(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let parameters = parameters::parse(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let mount = &shared.mount;
    let then = local(mount, value(&parameters, "then"));
    let then = if then.len() > THEN_BYTES_MAX { mount.path("/pages/") } else { then };
    let Some(login) = &shared.login else { return see_other(mount, &mount.path("/pages/login")) };
    let Some(sign_in) = SignIn::begin() else {
        return failed(Failed::Issuer("the system gives no random bytes".to_owned())).show(mount, &then);
    };
    match login.start(&sign_in).await {
        Ok(place) => {
            let SignIn { state, nonce, verifier } = &sign_in;
            let kept = format!("{state}.{nonce}.{verifier}.{}", URL_SAFE_NO_PAD.encode(&then));
            let terms = format!("{LOGIN_COOKIE_TERMS}; Max-Age={SIGN_IN_SECONDS}");
            with_cookie(see_other(mount, &place), &format!("{}={kept}; {terms}", shared.cookies.login))
        }
        Err(error) => failed(error).show(mount, &then),
    }
}

/// Takes a browser that comes back from the issuer.
pub(in crate::server) async fn callback(
    State(shared): State<Shared>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let (mount, cookies) = (&shared.mount, &shared.cookies);
    let Some(login) = &shared.login else { return see_other(mount, &mount.path("/pages/login")) };
    let begun = cookie(&cookies.login, &headers).ok().flatten().and_then(read);
    let then = local(mount, begun.as_ref().map_or("", |(_, then)| then));
    let done = finish(&shared, login, begun.map(|(sign_in, _)| sign_in), query.as_deref(), peer).await;
    let response = match done {
        Ok(session) => {
            with_cookie(see_other(mount, &then), &format!("{}={session}; {COOKIE_TERMS}", cookies.session))
        }
        Err(refused) => refused.show(mount, &then),
    };
    // No code is taken twice.
    with_cookie(response, &format!("{}=; Max-Age=0; {LOGIN_COOKIE_TERMS}", cookies.login))
}

/// Why a browser is not let in: the status, and what it is shown.
struct Refused(u16, String);

impl Refused {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self(status.as_u16(), text.into())
    }

    fn show(&self, mount: &Mount, then: &str) -> Response {
        respond(pages::login(mount, self.0, then, &self.1, true))
    }
}

async fn finish(
    shared: &Shared,
    login: &Login,
    begun: Option<SignIn>,
    query: Option<&str>,
    peer: IpAddr,
) -> Result<String, Refused> {
    let parameters = parameters::parse(query.unwrap_or_default()).unwrap_or_default();
    let given = |name: &str| value(&parameters, name);
    let Some(sign_in) = begun.filter(|begun| begun.is(given("state"))) else {
        let text = "This sign-in was begun in another browser, or too long ago: sign in again.";
        return Err(Refused::new(StatusCode::BAD_REQUEST, text));
    };
    // Where an issuer names itself it is the one that was asked (RFC 9207).
    if !["", login.issuer()].contains(&given("iss")) {
        let text = "Another issuer answers than the one that was asked.";
        return Err(Refused::new(StatusCode::BAD_REQUEST, text));
    }
    if !given("error").is_empty() {
        let reason: String = given("error").chars().take(REASON_CHARACTERS).collect();
        return Err(Refused::new(StatusCode::FORBIDDEN, format!("The issuer refuses the sign-in: {reason}")));
    }
    match login.finish(&sign_in, given("code")).await {
        Ok(session) => Ok(session),
        Err(Failed::Denied(denied)) => {
            auth::note_denied(shared, denied, peer, crate::app::access::CALLBACK).await;
            let text = match denied {
                Denied::NoClaim => {
                    "None of your groups has a role here: ask whoever runs the service.".to_owned()
                }
                denied => denied.to_string(),
            };
            Err(Refused::new(auth::status(denied), text))
        }
        Err(other) => Err(failed(other)),
    }
}

/// Reports that the issuer cannot be asked.
fn failed(error: Failed) -> Refused {
    let text = match error {
        Failed::Crowded => "Too many users are signing in: try again in a moment.",
        Failed::Issuer(reason) => {
            tracing::warn!("a browser cannot be signed in: {reason}");
            "The issuer cannot be asked now, or refuses; the cause is in the log of the service."
        }
        Failed::Denied(_) => "You are not let in.",
    };
    Refused::new(StatusCode::SERVICE_UNAVAILABLE, text)
}

/// Reads the cookie of a sign-in.
fn read(kept: &str) -> Option<(SignIn, String)> {
    let mut parts = kept.split('.').map(str::to_owned);
    let sign_in = SignIn { state: parts.next()?, nonce: parts.next()?, verifier: parts.next()? };
    let then = String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?;
    let is_whole = parts.next().is_none()
        && [&sign_in.state, &sign_in.nonce, &sign_in.verifier].iter().all(|part| !part.is_empty());
    is_whole.then_some((sign_in, then))
}
