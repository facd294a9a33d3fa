//! Commits: who recorded what, when, on top of what.

use crate::model::time::instant::Instant;
use oxigraph::model::NamedNode;
use std::fmt;
use std::str::FromStr;

/// The name of a commit: its Git object id, 40 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub(crate) [u8; 20]);

/// The text is no commit id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a commit id of 40 hexadecimal digits")]
pub struct NotAnId(String);

impl FromStr for CommitId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let refuse = || NotAnId(text.to_owned());
        if text.len() != 40 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refuse());
        }
        let mut bytes = [0; 20];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).map_err(|_| refuse())?;
        }
        Ok(Self(bytes))
    }
}

/// How many zeros begin the id of a commit that is only a preview; no digest of Git's begins with them.
const PREVIEW_ZEROS: usize = 8;

impl CommitId {
    /// Makes the id of a commit that is not in Git, out of a digest of its content.
    pub(crate) fn of_preview(mut digest: [u8; 20]) -> Self {
        digest[..PREVIEW_ZEROS].fill(0);
        Self(digest)
    }

    /// Returns whether the commit was only supposed, and is not in Git.
    pub fn is_preview(self) -> bool {
        self.0[..PREVIEW_ZEROS] == [0; PREVIEW_ZEROS]
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Commit {
    /// Returns whether somebody is its author.
    pub fn is_of(&self, author: &Author) -> bool {
        (&self.author.name, &self.author.email) == (&author.name, &author.email)
    }
}

/// Who makes a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The person's or system's name.
    pub name: String,
    /// Where to reach it.
    pub email: String,
    /// Who commits for the author, where that is another person or system: Git's committer. It is written, and not read again.
    pub by: Option<Box<Self>>,
}

impl Default for Author {
    fn default() -> Self {
        Self { name: "throughline".to_owned(), email: "throughline@localhost".to_owned(), by: None }
    }
}

impl Author {
    /// Makes an author of a name and an address that a line of Git's can hold as they are.
    pub fn new(name: &str, email: &str) -> Result<Self, NotAnAuthor> {
        let is_plain = |text: &str| {
            !text.is_empty()
                && text.trim() == text
                && !text.contains(|c: char| c.is_control() || matches!(c, '<' | '>'))
        };
        match is_plain(name) && is_plain(email) {
            true => Ok(Self { name: name.to_owned(), email: email.to_owned(), by: None }),
            false => Err(NotAnAuthor::Parts(name.to_owned(), email.to_owned())),
        }
    }

    /// Returns the name by which records name a person who did something.
    pub fn person(&self) -> Result<NamedNode, NotAPerson> {
        if self.email == Self::default().email {
            return Err(NotAPerson::Service);
        }
        let iri = NamedNode::new(format!("mailto:{}", self.email)).ok();
        iri.filter(|_| self.email.contains('@')).ok_or_else(|| NotAPerson::NoAddress(self.email.clone()))
    }
}

impl fmt::Display for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

/// The text is no message of a commit or a tag, which Git ends at the first NUL and terminals take orders from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the message has the control character U+{:04X} in it, which is not kept: leave it out", u32::from(*.character))]
pub struct NotAMessage {
    line: usize,
    character: char,
}

/// Refuses a message with control characters other than ends of lines and tabs.
pub fn check_message(message: &str) -> Result<(), NotAMessage> {
    let is_refused = |char: char| char.is_control() && !matches!(char, '\n' | '\r' | '\t');
    match message.char_indices().find(|(_, char)| is_refused(*char)) {
        None => Ok(()),
        Some((at, character)) => {
            Err(NotAMessage { line: message[..at].matches('\n').count() + 1, character })
        }
    }
}

/// The author is no person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPerson {
    /// It is the service itself.
    #[error("only a person can do so: name the author")]
    Service,
    /// Nobody is reached at the address.
    #[error("\"{0}\" is no e-mail address")]
    NoAddress(String),
}

/// The text names no author.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAuthor {
    /// It is written in another way.
    #[error("\"{0}\" is not written as NAME <EMAIL>")]
    Form(String),
    /// A part is empty, or has what ends a part.
    #[error(
        "an author has a name and an e-mail address, without <, >, control characters and blanks at their ends: {0:?}, {1:?}"
    )]
    Parts(String, String),
}

impl FromStr for Author {
    type Err = NotAnAuthor;

    fn from_str(text: &str) -> Result<Self, NotAnAuthor> {
        let parts = text.trim().strip_suffix('>').and_then(|text| text.split_once('<'));
        match parts.map(|(name, email)| (name.trim(), email.trim())) {
            Some((name, email)) if !name.is_empty() && email.contains('@') => Self::new(name, email),
            _ => Err(NotAnAuthor::Form(text.to_owned())),
        }
    }
}

/// One commit of the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: CommitId,
    /// Its parents; the first one is its own line of history.
    pub parents: Vec<CommitId>,
    /// Who made it.
    pub author: Author,
    /// When it was recorded, by the clock of the recorder. It comes after its first parent's, unless that one's clock
    /// ran fast by more than a second: then it is the time of a clock that was corrected.
    pub time: Instant,
    /// An instant that always comes after the first parent's: `time`, but where a clock was put right.
    pub order: Instant,
    /// Its message, without trailers.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_forty_digits_and_nothing_else() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(id.parse::<CommitId>().expect("an id").to_string(), id);
        for wrong in ["+f".repeat(20), id[1..].to_owned(), format!("{id}0"), format!("{}é", &id[2..])] {
            assert_eq!(wrong.parse::<CommitId>(), Err(NotAnId(wrong.clone())));
        }
    }
}
