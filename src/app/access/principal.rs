//! Principals: persons and systems, as the service knows them.

use super::operation::Role;
use super::token_id::TokenId;
use crate::graph::Author;
use crate::model::time::instant::Instant;
use serde::{Deserialize, Serialize};

/// Whoever does something to a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The author of what it commits.
    pub author: Author,
    /// What it may do.
    pub role: Role,
    /// Of which twins it may send samples; `None`: of all.
    pub twins: Option<TwinScope>,
    /// Whether it may name others as authors, as an integration does for its users.
    pub act_as: bool,
    /// How it proved who it is.
    pub origin: Origin,
}

/// How a principal proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It may read and write the folder of the thread, or access is not configured.
    Local,
    /// By a token.
    Token(TokenId),
    /// By the header of a trusted proxy.
    Proxy,
    /// By a JSON Web Token.
    Jwt {
        /// Whom it is about, by its issuer.
        subject: String,
        /// When it ends.
        expires: Instant,
    },
    /// By the signature of a message to a hook.
    Hook(String),
    /// It is the client of a broker in the settings.
    Broker(String),
    /// By the session of a browser that has signed in at an issuer.
    Session {
        /// The session.
        id: SessionId,
        /// Whom it is about, by the issuer.
        subject: String,
        /// When it ends.
        expires: Instant,
    },
}

/// A session of a browser: the digest of what its cookie carries.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionId(pub(super) [u8; 32]);

impl std::fmt::Debug for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionId")
    }
}

impl Origin {
    /// Returns the origin as the audit log names it.
    pub fn describe(&self) -> String {
        match self {
            Self::Local => "local".to_owned(),
            Self::Token(id) => format!("token {id}"),
            Self::Proxy => "proxy".to_owned(),
            Self::Jwt { subject, .. } => format!("jwt {subject}"),
            Self::Hook(name) => format!("hook {name}"),
            Self::Broker(name) => format!("broker {name}"),
            Self::Session { subject, .. } => format!("session {subject}"),
        }
    }
}

impl Principal {
    /// Returns whoever works on this machine: it does everything, and names the author of each commit itself.
    pub fn local() -> Self {
        Self {
            author: Author::default(),
            role: Role::Operator,
            twins: None,
            act_as: true,
            origin: Origin::Local,
        }
    }

    /// Returns whether it is whoever works on this machine.
    pub fn is_local(&self) -> bool {
        self.origin == Origin::Local
    }
}

/// Some of the twins, by the names that samples are sent under.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TwinScope {
    /// Names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// What names begin with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
}

impl TwinScope {
    /// Returns whether a twin is among them, by the name that its samples have.
    pub fn contains(&self, twin: &str) -> bool {
        self.names.iter().any(|name| name == twin)
            || self.prefixes.iter().any(|prefix| twin.starts_with(prefix.as_str()))
    }
}

/// Until when something applies.
pub(super) fn is_over(end: Option<Instant>, now: Instant) -> bool {
    end.is_some_and(|end| end <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_named_or_share_a_prefix() {
        let scope = TwinScope { names: vec!["P-1".to_owned()], prefixes: vec!["plant-a/".to_owned()] };
        let check = |twin: &str, expect: bool| assert_eq!(scope.contains(twin), expect, "{twin}");
        check("P-1", true);
        check("P-10", false);
        check("p-1", false);
        check("plant-a/7", true);
        check("plant-b/7", false);
        check("", false);
        assert!(!TwinScope::default().contains("P-1"), "a scope of nothing contains nothing");
    }
}
