//! The content of a commit object, written and read.
//!
//! It carries `throughline-recorded` (nanoseconds) in its header, as Git's own time counts only seconds (commits made
//! by plain Git fall back to those), `throughline-key`, the idempotency key of the request that made it, and beside that
//! `throughline-request`, a digest of what the request asked for (version 1: `1:` and the SHA-256, in hexadecimal digits, of the
//! operation and of what it was given, each part after its length as eight bytes, big-endian). Git's author date is
//! the recorded instant in seconds; its committer date is too, but for a commit of a history that was loaded from another
//! system (see [`crate::graph::model::ref_name::is_history`]), which has its date.

use super::lookup::{find_commit, tree_of};
use super::values::commit_id;
use crate::graph::model::commit::{Author, Commit};
use crate::graph::model::draft::{Draft, Recorded};
use crate::graph::model::request_key::RequestKey;
use crate::model::time::instant::Instant;
use git2::{Oid, Repository};

const RECORDED: &str = "throughline-recorded";
const KEY: &str = "throughline-key";
const REQUEST: &str = "throughline-request";

/// Returns the content of a commit object.
pub(super) fn commit_bytes(tree: Oid, draft: &Draft) -> Vec<u8> {
    let mut text = format!("tree {tree}\n");
    for parent in &draft.parents {
        text.push_str(&format!("parent {parent}\n"));
    }
    let who = signature(&draft.author);
    let committer = draft.author.by.as_deref().map_or_else(|| who.clone(), signature);
    let (time, loaded) = (draft.time.seconds(), draft.loaded.unwrap_or(draft.time).seconds());
    text.push_str(&format!("author {who} {time} +0000\ncommitter {committer} {loaded} +0000\n"));
    text.push_str(&format!("{RECORDED} {}\n", draft.time.nanos()));
    if let Some(key) = &draft.idempotency_key {
        text.push_str(&format!("{KEY} {}\n", &**key));
        if let Some(request) = key.request() {
            text.push_str(&format!("{REQUEST} {request}\n"));
        }
    }
    text.push('\n');
    text.push_str(&draft.message);
    text.push('\n');
    text.into_bytes()
}

/// Writes a person as headers of commits and tags do.
pub(super) fn signature(author: &Author) -> String {
    format!("{} <{}>", plain(&author.name), plain(&author.email))
}

/// Leaves out what would break a line of a commit's header.
fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control() && !matches!(c, '<' | '>')).collect();
    if text.trim().is_empty() { "unknown".to_owned() } else { text }
}

/// Reads a commit with what its header records of it.
pub(super) fn recorded(repository: &Repository, id: Oid) -> Result<Recorded, git2::Error> {
    let commit = find_commit(repository, id)?;
    let header = |name: &str| {
        let bytes = commit.header_field_bytes(name).ok()?;
        Some(std::str::from_utf8(&bytes).ok()?.trim().to_owned())
    };
    let recorded = header(RECORDED).and_then(|text| text.parse().ok()).map(Instant::from_nanos);
    let time = recorded.unwrap_or_else(|| Instant::from_seconds(commit.time().seconds()));
    let message = String::from_utf8_lossy(commit.message_raw_bytes());
    let message = message.strip_suffix('\n').unwrap_or(&message).to_owned();
    let idempotency_key = header(KEY).map(|key| RequestKey::recorded(key, header(REQUEST).as_deref()));
    let mut ontology = [0; 20];
    if let Some(entry) = tree_of(repository, &commit)?.get_name("ontology") {
        ontology.copy_from_slice(entry.id().as_bytes());
    }
    Ok(Recorded {
        commit: Commit {
            id: commit_id(id),
            parents: commit.parent_ids().map(commit_id).collect(),
            author: author_of(&commit),
            time,
            order: time,
            message,
        },
        idempotency_key,
        ontology,
        is_own: recorded.is_some(),
    })
}

/// Reads the author as it is written; libgit2 leaves out dots and other signs at the ends of a name.
fn author_of(commit: &git2::Commit<'_>) -> Author {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let written = commit.header_field_bytes("author").ok().and_then(|line| {
        let line = text(&line);
        let (name, rest) = line.split_once(" <")?;
        let (email, _) = rest.split_once("> ")?;
        Some(Author { name: name.to_owned(), email: email.to_owned(), by: None })
    });
    written.unwrap_or_else(|| {
        let author = commit.author();
        Author { name: text(author.name_bytes()), email: text(author.email_bytes()), by: None }
    })
}
