//! `/pages/login`, `/pages/logout`: how a browser proves who sends its requests, by a token that a cookie keeps, or at an issuer (see `oidc`).

use super::form::{form, value, with_cookie};
use crate::app::access::Credentials;
use crate::pages;
use crate::server::Shared;
use crate::server::auth::browser::{COOKIE_TERMS, local, respond, see_other, token_of_cookie};
use crate::server::auth::{self, Peer};
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::routes::parameters;
use crate::server::share::Client;
use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;

/// Asks for a token.
pub(in crate::server) async fn login(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let parameters = parameters::parse(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let (mount, access) = (&shared.mount, shared.app.access());
    let then = local(mount, value(&parameters, "then"));
    match access.is_configured() {
        true => respond(pages::login(mount, 200, &then, "", access.login().is_some())),
        false => see_other(mount, &then),
    }
}

/// Takes a token, and remembers it in a cookie where it is valid.
pub(in crate::server) async fn sign_in(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let form = match form(&shared, Sender { client, work }, &headers, body).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let (mount, access) = (&shared.mount, shared.app.access());
    let (then, token) = (local(mount, value(&form, "then")), value(&form, "token").trim());
    match auth::admit(&shared, access.look(), Credentials { token: Some(token), user: None, peer }).await {
        Ok(_) => {
            let name = &shared.cookies.session;
            with_cookie(see_other(mount, &then), &format!("{name}={token}; {COOKIE_TERMS}"))
        }
        Err(denied) => {
            auth::note_denied(&shared, denied, peer, "/pages/login").await;
            let has_issuer = access.login().is_some();
            let (status, reason) = (auth::status(denied).as_u16(), denied.to_string());
            respond(pages::login(mount, status, &then, &reason, has_issuer))
        }
    }
}

/// Forgets the token.
pub(in crate::server) async fn sign_out(
    State(shared): State<Shared>,
    Extension(client): Extension<Client>,
    Extension(work): Extension<Pausing>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match form(&shared, Sender { client, work }, &headers, body).await {
        Ok(_) => {
            if let Ok(Some(cookie)) = token_of_cookie(&shared.cookies, "/pages/", &headers) {
                let (app, cookie) = (Arc::clone(&shared.app), cookie.to_owned());
                drop(tokio::task::spawn_blocking(move || app.access().sign_out(&cookie)).await);
            }
            let login = see_other(&shared.mount, &shared.mount.path("/pages/login"));
            with_cookie(login, &format!("{}=; Max-Age=0; {COOKIE_TERMS}", shared.cookies.session))
        }
        Err(response) => response,
    }
}
