//! An error of a document before it runs.

use crate::graphql::error::{Code, Error};
use async_graphql::ServerError;
use async_graphql::parser::Pos;

/// An error of the request as a whole, with where in the document it lies.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) error: Error,
    pub(crate) locations: Vec<Pos>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, locations: Vec::new() }
    }
}

impl From<ServerError> for Refusal {
    fn from(error: ServerError) -> Self {
        let code = match error.message.contains("recursion") {
            true => Code::LimitExceeded,
            false => Code::BadInput,
        };
        Self { error: Error::new(code, error.message), locations: error.locations }
    }
}
