//! Replaces `reqwest`: the same names, and every request is refused.
//!
//! `rudof_iri`, which `shacl` needs, can fetch what an IRI names. Throughline never asks it to. So that nothing can, and so that no TLS is
//! compiled for it, this crate takes the place of the HTTP client (`[patch.crates-io]` in the top `Cargo.toml`). Only the names that
//! `rudof_iri` uses are here.

pub use http::header;

use std::fmt;

/// The refusal of a request.
#[derive(Debug)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this program was built without an HTTP client, and fetches nothing")
    }
}

impl std::error::Error for Error {}

/// The client that blocks.
pub mod blocking {
    use super::{Error, header::HeaderMap};

    /// A client without a network.
    pub struct Client;

    /// A request that will be refused.
    pub struct RequestBuilder;

    /// An answer; there is none.
    pub enum Response {}

    impl Client {
        /// Begins a client.
        #[must_use]
        pub fn builder() -> Self {
            Self
        }

        /// Takes the headers, which nobody will see.
        #[must_use]
        pub fn default_headers(self, _: HeaderMap) -> Self {
            self
        }

        /// Ends the making of a client.
        ///
        /// # Errors
        /// None.
        pub fn build(self) -> Result<Self, Error> {
            Ok(self)
        }

        /// Begins a request.
        pub fn get<U>(&self, _: U) -> RequestBuilder {
            RequestBuilder
        }
    }

    impl RequestBuilder {
        /// Refuses the request.
        ///
        /// # Errors
        /// Always.
        pub fn send(self) -> Result<Response, Error> {
            Err(Error)
        }
    }

    impl Response {
        /// Reads the body of an answer.
        ///
        /// # Errors
        /// None: there is no answer.
        pub fn text(self) -> Result<String, Error> {
            match self {}
        }
    }
}
