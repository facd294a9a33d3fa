//! An error of a document before it runs.

use crate::graphql::error::Error;
use async_graphql::parser;
use async_graphql::parser::Pos;

/// An error of the request as a whole, with where in the document it lies.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) error: Box<Error>,
    pub(crate) locations: Vec<Pos>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error: Box::new(error), locations: Vec::new() }
    }
}

impl From<parser::Error> for Refusal {
    fn from(error: parser::Error) -> Self {
        use parser::Error as Parser;
        let mut locations: Vec<Pos> = error.positions().collect();
        let message = match &error {
            Parser::Syntax { message, start, .. } => {
                format!("line {}, column {}: {} (GraphQL 2)", start.line, start.column, sentence(message))
            }
            Parser::MultipleOperations { .. } => {
                "an operation without a name must be the only one of its document: name each of them (GraphQL 5.2.3.1)".to_owned()
            }
            Parser::OperationDuplicated { operation, .. } => {
                format!("two operations are called {operation}: give one of them another name (GraphQL 5.2.2.1)")
            }
            Parser::FragmentDuplicated { fragment, .. } => {
                format!("two fragments are called {fragment}: give one of them another name (GraphQL 5.5.1.1)")
            }
            Parser::MissingOperation => {
                locations = vec![Pos { line: 1, column: 1 }];
                "the document has no operation: it needs a query, a mutation or a subscription (GraphQL 2.2)".to_owned()
            }
            Parser::RecursionLimitExceeded => {
                return Error::limit("the document nests deeper than is read: nest selections and values less deep").into();
            }
            other => other.to_string(),
        };
        Self { error: Box::new(Error::bad_input(message)), locations }
    }
}

/// Returns what the parser expected, without the picture of the place that it draws.
fn sentence(message: &str) -> String {
    let reason = message.lines().rev().find_map(|line| line.trim().strip_prefix("= "));
    let reason = reason.unwrap_or_else(|| message.lines().next().unwrap_or_default());
    reason.replace("EOI", "the end of the document").replace('_', " ")
}
