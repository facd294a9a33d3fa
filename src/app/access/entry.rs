//! Entries of the audit log: one line of JSON each, which ends in the SHA-256 of all before it in the line; the line names the hash of the
//! entry before it.

use super::principal::Principal;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The version of the lines.
pub(super) const VERSION: u32 = 1;
/// What the first entry names as the one before it.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How many bytes a text of an entry may have.
const TEXT_BYTES_MAX: usize = 500;

/// What became of something that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Done,
    /// The principal may not do it.
    Denied,
    /// It was refused or failed for another reason.
    Failed,
}

impl Outcome {
    /// Returns its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// What is to be logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Who did it: name and address; absent where nobody was let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// How it was known who that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The author that was named instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acted_as: Option<String>,
    /// What was asked for.
    pub operation: String,
    /// On what: a branch, a name, a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The commit that it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Why it was denied or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The address that it came from, where nobody was let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Of how many such events the entry is: some come many times a second, and are logged once a second.
    pub count: u64,
}

impl Event {
    /// Cuts long texts, so that no request makes the log large.
    #[must_use]
    pub(super) fn cut(mut self) -> Self {
        let texts = [&mut self.principal, &mut self.acted_as, &mut self.on, &mut self.reason];
        for text in texts.into_iter().flatten().filter(|text| text.len() > TEXT_BYTES_MAX) {
            text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
            text.push('…');
        }
        self
    }

    /// Begins to describe what nobody in particular did.
    pub fn new(operation: &str, outcome: Outcome) -> Self {
        Self {
            principal: None,
            origin: None,
            role: None,
            acted_as: None,
            operation: operation.to_owned(),
            on: None,
            outcome,
            commit: None,
            reason: None,
            client: None,
            count: 1,
        }
    }

    /// Begins to describe what a principal did.
    pub fn of(principal: &Principal, operation: &str, outcome: Outcome) -> Self {
        Self {
            principal: Some(principal.author.to_string()),
            origin: Some(principal.origin.describe()),
            role: Some(principal.role.to_string()),
            ..Self::new(operation, outcome)
        }
    }
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The version of the line.
    pub version: u32,
    /// Its place in the log, from 1.
    pub sequence: u64,
    /// When.
    pub at: String,
    /// What.
    #[serde(flatten)]
    pub event: Event,
    /// The hash of the entry before it.
    pub previous: String,
    /// Its own hash.
    #[serde(default)]
    pub hash: String,
}

impl Entry {
    /// Writes the line, without its end; sets the hash.
    pub(super) fn seal(&mut self) -> Result<String, serde_json::Error> {
        self.hash = String::new();
        let text = serde_json::to_string(self)?;
        // The hash is the last field, and empty yet.
        let content = text.strip_suffix(r#","hash":""}"#).unwrap_or(&text).to_owned();
        self.hash = hash(&content);
        Ok(format!(r#"{content},"hash":"{}"}}"#, self.hash))
    }

    /// Reads a line; the error describes what is wrong with it.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let entry: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if entry.version != VERSION {
            return Err(format!("has version {}, this program reads {VERSION}", entry.version));
        }
        let content = line.strip_suffix(&format!(r#","hash":"{}"}}"#, entry.hash));
        match content.map(hash) {
            Some(hash) if hash == entry.hash => Ok(entry),
            _ => Err("does not have the hash that it states: it was changed".to_owned()),
        }
    }
}

fn hash(content: impl AsRef<[u8]>) -> String {
    Sha256::digest(content.as_ref()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_changed_is_noticed() {
        let mut entry = Entry {
            version: VERSION,
            sequence: 1,
            at: "2026-01-01T00:00:00Z".to_owned(),
            event: Event {
                on: Some("main \"x\",\"hash\":\"".to_owned()),
                ..Event::new("commit", Outcome::Done)
            },
            previous: GENESIS.to_owned(),
            hash: String::new(),
        };
        let line = entry.seal().expect("a line");
        assert_eq!(Entry::read(&line), Ok(entry.clone()));
        for (from, to) in
            [("\"done\"", "\"failed\""), ("\"sequence\":1", "\"sequence\":2"), ("main", "Main"), ("{", "{ ")]
        {
            assert!(Entry::read(&line.replacen(from, to, 1)).is_err(), "{from}");
        }
        assert!(Entry::read("").is_err() && Entry::read(&line[..line.len() - 1]).is_err());
        assert!(
            Entry::read(&line.replace("\"version\":1", "\"version\":9"))
                .expect_err("version")
                .contains("version 9")
        );
    }

    #[test]
    fn a_long_text_is_cut() {
        let event = Event { reason: Some("é".repeat(1_000)), ..Event::new("commit", Outcome::Failed) };
        assert_eq!(event.cut().reason.map(|reason| reason.len()), Some(TEXT_BYTES_MAX + "…".len()));
    }
}
