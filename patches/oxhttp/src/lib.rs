//! Replaces `oxhttp`: the same names, and every request is refused.
//!
//! `rudof_rdf`, which `shacl` needs, switches on the HTTP client of oxigraph, with which SPARQL's `SERVICE` asks other servers. Throughline's
//! evaluator has no such service. So that nothing can fetch, and so that no TLS is compiled for it, this crate takes the place of the HTTP
//! client (`[patch.crates-io]` in the top `Cargo.toml`). Only the names that oxigraph uses are here.

use std::io::{Error, ErrorKind, Read, Result};
use std::time::Duration;

/// Requests and answers.
pub mod model {
    pub use super::Body;
    pub use http::{Method, Request, Response, header};
}

/// The body of an answer; there is none.
pub enum Body {}

impl Body {
    /// Reads the body as text.
    ///
    /// # Errors
    /// None: there is no answer.
    pub fn to_string(self) -> Result<String> {
        match self {}
    }
}

impl Read for Body {
    fn read(&mut self, _: &mut [u8]) -> Result<usize> {
        match *self {}
    }
}

/// A client without a network.
#[derive(Debug, Default)]
pub struct Client;

impl Client {
    /// Makes a client.
    #[must_use]
    pub fn new() -> Self {
        Self
    }

    /// Takes a limit that nothing will meet.
    #[must_use]
    pub fn with_redirection_limit(self, _: usize) -> Self {
        self
    }

    /// Takes a name that nobody will see.
    ///
    /// # Errors
    /// None.
    pub fn with_user_agent(self, _: impl Into<String>) -> Result<Self> {
        Ok(self)
    }

    /// Takes a time-out that nothing will meet.
    #[must_use]
    pub fn with_global_timeout(self, _: Duration) -> Self {
        self
    }

    /// Refuses the request.
    ///
    /// # Errors
    /// Always.
    pub fn request<B>(&self, _: http::Request<B>) -> Result<http::Response<Body>> {
        let text = "this program was built without an HTTP client, and fetches nothing";
        Err(Error::new(ErrorKind::Unsupported, text))
    }
}
