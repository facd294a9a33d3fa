//! Why access is refused or cannot be decided.

use super::operation::{Operation, Role};
use crate::model::sync::cancellation::Cancelled;
use std::io;
use std::path::PathBuf;

/// Why the files of access cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what this program has written.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A read is no longer wanted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A token is asked for that cannot be made.
    #[error("{0}")]
    Token(String),
    /// There is no such token.
    #[error("there is no token with the id or the name \"{0}\" (throughline token list)")]
    NoToken(String),
}

/// A principal may not do what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Its role does not include it.
    #[error("{name} has the role {role} and may not {}: that takes the role {}", operation.words(), named(operation.roles()))]
    Role {
        /// The principal.
        name: String,
        /// Its role.
        role: Role,
        /// What was asked for.
        operation: Operation,
    },
    /// It names somebody else as the author.
    #[error(
        "{name} may not act as {other}: leave out the author, or use a token that may act as others (token create --act-as)"
    )]
    ActAs {
        /// The principal.
        name: String,
        /// The author that was named.
        other: String,
    },
    /// The samples are of twins that it may not send.
    #[error("{name} may not send samples of {twin}: nothing of the request is stored")]
    Twin {
        /// The principal.
        name: String,
        /// One of the twins.
        twin: String,
    },
    /// The idempotency key is that of a commit of somebody else.
    #[error("the idempotency key is that of a commit of another author: use a new one")]
    KeyOfAnother,
    /// A rule of the thread requires somebody else.
    #[error("{0}")]
    Rule(String),
}

/// Returns roles as a list in words.
fn named(roles: &[Role]) -> String {
    let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Why a request proves nothing about who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It carries no proof.
    #[error(
        "this service requires a token: send it as Authorization: Bearer TOKEN (throughline token create)"
    )]
    Absent,
    /// The token is not one of this thread's, or was revoked.
    #[error("the token is not valid")]
    Unknown,
    /// The token of an issuer names a key that is not among those that were fetched.
    #[error("the token is not valid")]
    UnknownKey,
    /// The token was valid until some time ago.
    #[error("the token has expired")]
    Expired,
    /// What proves who sends it is written in another way, or twice.
    #[error("the credentials are malformed: send one Authorization header with Bearer, Token or Basic")]
    Malformed,
    /// The proxy names somebody who has no role.
    #[error(
        "the proxy names a user who has no role here: add the user to roles under [access.proxy] in throughline.toml"
    )]
    NoRole,
    /// The token of an issuer names no group that has a role.
    #[error(
        "the token names no group that has a role here: add one to roles under [access.jwt] in throughline.toml"
    )]
    NoClaim,
    /// The file of the tokens cannot be read.
    #[error(
        "the tokens or the keys of their issuer cannot be read, so nobody is let in; the cause is in the log of the service"
    )]
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_roles_that_may() {
        let check = |operation: Operation, expect: &str| {
            let error = Forbidden::Role { name: "ada".to_owned(), role: Role::Reader, operation };
            assert_eq!(error.to_string(), expect);
        };
        check(
            Operation::SignReview,
            "ada has the role reader and may not sign a review: that takes the role approver or operator",
        );
        check(
            Operation::ReadAudit,
            "ada has the role reader and may not read the audit log: that takes the role operator",
        );
    }
}
