//! What the service itself asks of an issuer, over the one client for other services.

use crate::app::App;
use crate::app::http::{self, Outgoing};
use hyper::body::Bytes;
use hyper::{StatusCode, Uri};
use std::io;
use std::path::Path;

/// Asks an issuer.
#[derive(Clone)]
pub(super) struct Client(http::Client);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Http(#[from] http::Error),
    #[error("{url} answers {status}: {reason}")]
    Status { url: String, status: StatusCode, reason: String },
}

impl Client {
    /// Asks the issuer at a URL of the settings, trusting the certificates of a file, else those that this machine trusts. What the issuer
    /// names beside itself is asked where requests may go at all.
    pub(super) fn new(app: &App, url: &str, authorities: Option<&Path>) -> io::Result<Self> {
        let uri = url.parse::<Uri>().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        let named = Some(host.trim_start_matches('[').trim_end_matches(']').to_owned());
        let client = http::Client::new(authorities, app.reach(named));
        client.prepare()?;
        Ok(Self(client))
    }

    /// Returns what is at a URL.
    pub(super) async fn get(&self, url: &str) -> Result<Bytes, Error> {
        self.ask(url, Outgoing::get(url)).await
    }

    /// Sends a form, and returns the answer.
    pub(super) async fn post(
        &self,
        url: &str,
        form: String,
        authorization: Option<&str>,
    ) -> Result<Bytes, Error> {
        let request = Outgoing::post(url, "application/x-www-form-urlencoded", form.into_bytes());
        let request = match authorization {
            Some(authorization) => request.header("authorization", authorization),
            None => request,
        };
        self.ask(url, request).await
    }

    async fn ask(&self, url: &str, request: Outgoing<'_>) -> Result<Bytes, Error> {
        let answer = self.0.send(&request.header("accept", "application/json")).await?;
        if answer.status != StatusCode::OK {
            let (url, reason) = (url.to_owned(), answer.quoted());
            return Err(Error::Status { url, status: answer.status, reason });
        }
        Ok(answer.whole()?)
    }
}
