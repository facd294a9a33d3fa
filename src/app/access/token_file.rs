//! The file of the tokens, `tokens.json` in the folder of a thread. It is replaced as a whole, by one process at a time, and may be changed
//! while the thread is served. A token that was revoked stays in it, so that access never turns off by itself.

use super::error::Error;
use super::operation::Role;
use super::principal::TwinScope;
use super::token::{self, RANDOM_BYTES, Token};
use super::token_id::TokenId;
use crate::graph::Author;
use crate::model::durable;
use crate::model::time::instant::Instant;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The version of the file; version 1 has no sum.
const VERSION: u32 = 2;

/// A token that is to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The name of the person or system.
    pub name: String,
    /// Where to reach it; `None`: an address is made of the name.
    pub email: Option<String>,
    /// What it may do.
    pub role: Role,
    /// Of which twins it may send samples; `None`: of all.
    pub twins: Option<TwinScope>,
    /// Whether it may name others as authors.
    pub act_as: bool,
    /// From when on it is not valid.
    pub expires: Option<Instant>,
}

impl NewToken {
    /// Returns whom the token makes of its bearer, where that is somebody.
    fn author(&self) -> Result<Author, Error> {
        let email = self.email.clone().unwrap_or_else(|| email_of(&self.name));
        let author = Author::new(&self.name, &email).map_err(|error| Error::Token(error.to_string()))?;
        match author.person() {
            Ok(_) => Ok(author),
            Err(_) => Err(Error::Token(format!(
                "\"{email}\" is no e-mail address of a person or system: give one with --email"
            ))),
        }
    }
}

/// Returns the e-mail address of a name: itself where it is one, else one that leads nowhere.
pub(super) fn email_of(name: &str) -> String {
    if name.contains('@') {
        return name.to_owned();
    }
    let mut local: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' })
        .collect();
    local.truncate(64);
    format!("{local}@principals.invalid")
}

/// The file of the tokens of one thread.
#[derive(Clone, Debug)]
pub struct Tokens {
    path: PathBuf,
}

impl Tokens {
    /// Names the file of a thread's folder.
    pub fn of(folder: &Path) -> Self {
        Self { path: folder.join("tokens.json") }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads all tokens, those that are not valid any more too; none where there is no file.
    pub fn list(&self) -> Result<Vec<Token>, Error> {
        Ok(self.read()?.unwrap_or_default())
    }

    /// Reads all tokens; `None` where there is no file.
    pub(super) fn read(&self) -> Result<Option<Vec<Token>>, Error> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.io(source)),
        };
        let written: Written =
            serde_json::from_str(&text).map_err(|error| self.malformed(error.to_string()))?;
        written.check().map_err(|reason| self.malformed(reason))?;
        let tokens = written.tokens.into_iter().map(WrittenToken::read);
        tokens.collect::<Result<_, _>>().map(Some).map_err(|reason| self.malformed(reason))
    }

    /// Makes a token of random bytes; returns what is stored, and the text, which is stored nowhere.
    pub fn create(
        &self,
        new: &NewToken,
        random: &[u8; RANDOM_BYTES],
        now: Instant,
    ) -> Result<(Token, String), Error> {
        let author = new.author()?;
        if new.expires.is_some_and(|expires| expires <= now) {
            return Err(Error::Token("the token would have expired already".to_owned()));
        }
        if new.twins.is_some() && new.role != Role::TelemetryWriter {
            return Err(Error::Token(format!(
                "twins limit the samples that a telemetry-writer may send; the role {} reads the whole thread",
                new.role
            )));
        }
        let (id, text) = token::write(random);
        let made = Token {
            id,
            author,
            role: new.role,
            twins: new.twins.clone(),
            act_as: new.act_as,
            created: now,
            expires: new.expires,
            revoked: None,
            digest: token::digest(&text),
        };
        self.change(|tokens| {
            if tokens.iter().any(|token| token.id == made.id) {
                return Err(Error::Token("there is a token with this id: try again".to_owned()));
            }
            tokens.push(made.clone());
            Ok(())
        })?;
        Ok((made, text))
    }

    /// Revokes the token with an id, or all with a name; returns those that were valid until now.
    pub fn revoke(&self, named: &str, now: Instant) -> Result<Vec<Token>, Error> {
        let mut revoked = Vec::new();
        self.change(|tokens| {
            let is_meant = |token: &Token| token.id.as_str() == named || token.author.name == named;
            if !tokens.iter().any(is_meant) {
                return Err(Error::NoToken(named.to_owned()));
            }
            for token in tokens.iter_mut().filter(|token| is_meant(token) && token.revoked.is_none()) {
                token.revoked = Some(now);
                revoked.push(token.clone());
            }
            Ok(())
        })?;
        Ok(revoked)
    }

    /// Changes the file while no other process does.
    fn change(&self, change: impl FnOnce(&mut Vec<Token>) -> Result<(), Error>) -> Result<(), Error> {
        let lock = self.path.with_extension("lock");
        let locked = OpenOptions::new().create(true).truncate(false).write(true).open(&lock);
        let locked = locked.and_then(|file| protect(&file).and_then(|()| file.lock()).map(|()| file));
        let _locked: File = locked.map_err(|source| Error::Io { path: lock, source })?;
        let mut tokens = self.read()?.unwrap_or_default();
        change(&mut tokens)?;
        let tokens: Vec<_> = tokens.iter().map(WrittenToken::of).collect();
        let malformed = |error: serde_json::Error| self.malformed(error.to_string());
        let sha256 = Some(sum(&tokens).map_err(malformed)?);
        let written = Written { version: VERSION, tokens, sha256 };
        let mut text = serde_json::to_string_pretty(&written).map_err(malformed)?;
        text.push('\n');
        let replaced = durable::replace_with(&self.path, |file| {
            protect(file)?;
            file.write_all(text.as_bytes())
        });
        replaced.map_err(|source| self.io(source))
    }

    fn io(&self, source: io::Error) -> Error {
        Error::Io { path: self.path.clone(), source }
    }

    fn malformed(&self, reason: String) -> Error {
        Error::Malformed { path: self.path.clone(), reason }
    }
}

/// Lets only the owner of a file read and write it.
#[cfg(unix)]
pub(super) fn protect(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
pub(super) fn protect(_: &File) -> io::Result<()> {
    Ok(())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    tokens: Vec<WrittenToken>,
    /// The SHA-256 of the tokens as one line of JSON without blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl Written {
    /// Describes what is wrong with the version or the sum.
    fn check(&self) -> Result<(), String> {
        match (self.version, &self.sha256) {
            (1, None) => Ok(()),
            (1, Some(_)) => {
                Err("has version 1 and a sum, which came with version 2: it was changed".to_owned())
            }
            (VERSION, stated) => {
                let sum = sum(&self.tokens).map_err(|error| error.to_string())?;
                let changed = "the sha256 at its end is not that of its tokens: it was damaged, or changed by another program than \
                     throughline token; put back an earlier tokens.json, or make the tokens anew";
                if stated.as_ref() == Some(&sum) { Ok(()) } else { Err(changed.to_owned()) }
            }
            (version, _) => Err(format!("has version {version}, this program reads 1 and {VERSION}")),
        }
    }
}

fn sum(tokens: &[WrittenToken]) -> serde_json::Result<String> {
    let text = serde_json::to_string(tokens)?;
    Ok(Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WrittenToken {
    id: String,
    name: String,
    email: String,
    role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    twins: Option<TwinScope>,
    #[serde(default)]
    act_as: bool,
    created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
    sha256: String,
}

impl WrittenToken {
    fn of(token: &Token) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.author.name.clone(),
            email: token.author.email.clone(),
            role: token.role,
            twins: token.twins.clone(),
            act_as: token.act_as,
            created: token.created.to_string(),
            expires: token.expires.map(|at| at.to_string()),
            revoked: token.revoked.map(|at| at.to_string()),
            sha256: token.digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    fn read(self) -> Result<Token, String> {
        let instant = |text: String| text.parse::<Instant>().map_err(|error| error.to_string());
        let id = TokenId::parse(&self.id).ok_or_else(|| format!("\"{}\" is no id of a token", self.id))?;
        Ok(Token {
            id,
            author: Author::new(&self.name, &self.email).map_err(|error| error.to_string())?,
            role: self.role,
            twins: self.twins,
            act_as: self.act_as,
            created: instant(self.created)?,
            expires: self.expires.map(instant).transpose()?,
            revoked: self.revoked.map(instant).transpose()?,
            digest: bytes_of(&self.sha256).ok_or_else(|| format!("\"{}\" is no SHA-256", self.sha256))?,
        })
    }
}

/// Reads 64 hexadecimal digits.
fn bytes_of(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &str, role: Role) -> NewToken {
        NewToken { name: name.to_owned(), email: None, role, twins: None, act_as: false, expires: None }
    }

    #[test]
    fn tokens_are_stored_by_their_digest_and_revoked() {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = Tokens::of(folder.path());
        assert!(tokens.read().expect("no file").is_none());
        let now = Instant::from_seconds(1_767_225_600);
        let (made, text) =
            tokens.create(&new("Ada L.", Role::Reader), &[1; RANDOM_BYTES], now).expect("made");
        tokens.create(&new("Ada L.", Role::Approver), &[2; RANDOM_BYTES], now).expect("made");
        let file = std::fs::read_to_string(tokens.path()).expect("the file");
        let secret = text.rsplit('_').next().expect("a secret");
        assert!(!file.contains(secret) && file.contains(made.id.as_str()), "{file}");
        assert_eq!(made.author.email, "ada-l.@principals.invalid");
        let listed = tokens.list().expect("listed");
        assert!(listed[0] == made && listed[0].is(&text) && !listed[1].is(&text) && !made.is(""));
        assert_eq!(tokens.revoke("Ada L.", now).expect("revoked").len(), 2);
        assert_eq!(tokens.revoke(made.id.as_str(), now).expect("again").len(), 0);
        assert!(tokens.list().expect("listed").iter().all(|token| token.revoked == Some(now)));
        assert!(matches!(tokens.revoke("nobody", now), Err(Error::NoToken(_))));
    }

    #[test]
    fn what_makes_no_token_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = Tokens::of(folder.path());
        let now = Instant::from_seconds(100);
        let check = |new: &NewToken, part: &str| {
            let error = tokens.create(new, &[3; RANDOM_BYTES], now).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        };
        check(&new("", Role::Reader), "an author has a name");
        check(&NewToken { email: Some("a\nb".to_owned()), ..new("a", Role::Reader) }, "an author has a name");
        check(&NewToken { email: Some("nowhere".to_owned()), ..new("a", Role::Reader) }, "--email");
        check(
            &NewToken { email: Some("throughline@localhost".to_owned()), ..new("a", Role::Reader) },
            "--email",
        );
        check(&NewToken { expires: Some(now), ..new("a", Role::Reader) }, "expired already");
        check(&NewToken { twins: Some(TwinScope::default()), ..new("a", Role::Reader) }, "telemetry-writer");
        assert!(tokens.read().expect("read").is_none(), "nothing is written");
    }

    #[test]
    fn a_file_that_is_not_understood_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = Tokens::of(folder.path());
        for (text, part) in [
            ("", "EOF"),
            (r#"{"version":3,"tokens":[]}"#, "has version 3, this program reads 1 and 2"),
            (r#"{"version":2,"tokens":[]}"#, "is not that of its tokens"),
            (r#"{"version":1,"tokens":[],"sha256":""}"#, "version 1 and a sum"),
            (r#"{"version":1,"tokens":[],"more":1}"#, "unknown field"),
            (
                r#"{"version":1,"tokens":[{"id":"x","name":"a","email":"a@b","role":"reader","created":"2026-01-01T00:00:00Z","sha256":""}]}"#,
                "no id",
            ),
        ] {
            std::fs::write(tokens.path(), text).expect("written");
            let error = tokens.list().expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn every_flipped_bit_is_found_or_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = Tokens::of(folder.path());
        let now = Instant::from_seconds(1_767_225_600);
        tokens.create(&new("Ada L.", Role::Reader), &[1; RANDOM_BYTES], now).expect("made");
        let (whole, listed) =
            (std::fs::read(tokens.path()).expect("the file"), tokens.list().expect("listed"));
        for at in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            std::fs::write(tokens.path(), &flipped).expect("written");
            if let Ok(read) = tokens.list() {
                assert_eq!(read, listed, "bit {at}: {}", String::from_utf8_lossy(&flipped));
            }
        }
    }

    #[test]
    fn a_file_of_version_1_is_read_and_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = Tokens::of(folder.path());
        let now = Instant::from_seconds(1_767_225_600);
        tokens.create(&new("Ada L.", Role::Reader), &[1; RANDOM_BYTES], now).expect("made");
        let listed = tokens.list().expect("listed");
        let text = std::fs::read_to_string(tokens.path()).expect("the file");
        let mut older: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        older["version"] = 1.into();
        older.as_object_mut().expect("an object").remove("sha256").expect("a sum");
        std::fs::write(tokens.path(), older.to_string()).expect("written");
        assert_eq!(tokens.list().expect("version 1"), listed);
        tokens.revoke("Ada L.", now).expect("revoked");
        assert!(std::fs::read_to_string(tokens.path()).expect("the file").contains("\"version\": 2"));
    }
}
