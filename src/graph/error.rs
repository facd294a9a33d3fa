//! Why the graph refuses or fails.

use super::index;
use super::model::commit::{Commit, CommitId, NotAMessage};
use super::model::conflict::Conflict;
use super::model::fault::Fault;
use super::model::request_key::NotAKey;
use super::text::turtle;
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::ontology::{self, Violation};
use oxigraph::model::NamedNode;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why the graph refuses or fails; nothing has changed where one of these is returned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No version has this name.
    #[error(
        "no version is called \"{0}\": name a branch, a tag, review:ID, a commit id, BRANCH@INSTANT or an instant such as 2026-01-31T00:00:00Z"
    )]
    UnknownVersion(String),
    /// The branch, tag or review is there, but it or its history cannot be read.
    #[error("{name} cannot be read: {reason}; throughline fsck names what is damaged, and what to do")]
    Unreadable {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// Git has no branch `main`, and the index may not know its last commit.
    #[error(
        "{} has no branch main, and the index, which may lack the last commits as the process was killed, knows it at {commit}: look for later commits with `git -C {} fsck --unreachable`, then `git -C {} update-ref refs/heads/main COMMIT`",
        .git.display(), .git.display(), .git.display()
    )]
    LostMain {
        /// The Git repository.
        git: PathBuf,
        /// The last commit of `main` that the index knows.
        commit: CommitId,
    },
    /// A branch had no commit at the instant.
    #[error("{branch} has no commit that was recorded at or before {instant}")]
    BeforeFirst {
        /// The instant asked for.
        instant: Instant,
        /// The branch.
        branch: String,
    },
    /// The version is in no history, so nothing can be previewed on top of it.
    #[error("{0} is itself only supposed: suppose all changes at once")]
    OnlySupposed(CommitId),
    /// Several commits begin with these digits.
    #[error("several commits begin with \"{0}\": write more digits")]
    AmbiguousVersion(String),
    /// No branch has this name.
    #[error("no branch is called \"{0}\"")]
    UnknownBranch(String),
    /// The branch or tag is there already.
    #[error("the {kind} \"{name}\" exists already")]
    Exists {
        /// `branch` or `tag`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Git refuses the name.
    #[error(
        "\"{0}\" cannot be a name: use letters, digits, - _ . and / between parts, and not the digits of a commit id"
    )]
    InvalidName(String),
    /// The text is no IRI and no short form of one.
    #[error("\"{0}\" is not an IRI, nor the short form of one below {1}")]
    NotAnIri(String, String),
    /// The names of a thread cannot begin so.
    #[error(
        "\"{0}\" cannot begin the names of a thread: write an IRI that ends in /, as https://example.org/plant/"
    )]
    NoBase(String),
    /// The IRI's path has a segment `.` or `..`.
    #[error("{0} has a segment \".\" or \"..\" in its path, which Turtle would resolve away")]
    DotSegments(NamedNode),
    /// The idempotency key cannot be recorded in a commit.
    #[error(transparent)]
    IdempotencyKey(#[from] NotAKey),
    /// The message cannot be kept.
    #[error(transparent)]
    Message(#[from] NotAMessage),
    /// The ontology file cannot be changed so.
    #[error("the ontology file {0} {1}")]
    OntologyFile(String, &'static str),
    /// The branch holds the statements of a source, and nothing else.
    #[error("{0} holds the statements of its source: import a file to change it")]
    VendorBranch(String),
    /// A commit cannot bear this recording date.
    #[error("nothing can be recorded on {branch} as of {instant}: {reason}")]
    RecordedAt {
        /// The recording date.
        instant: Instant,
        /// The branch.
        branch: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The branch of a history takes imports with their recording dates.
    #[error(
        "{0} holds the history of another system: it takes imports that state when that recorded them (--recorded-at), as what is recorded now closes it for all earlier dates; record this on another branch"
    )]
    NoRecordingDate(String),
    /// The branch cannot be deleted.
    #[error("the branch \"{0}\" stays: {1}")]
    Stays(String, &'static str),
    /// The repository holds no such ref or commit.
    #[error("no ref or commit is called \"{0}\": push it to refs/incoming/NAME first")]
    UnknownRef(String),
    /// Commits made elsewhere cannot be taken in.
    #[error("{reference} cannot be adopted: {reason}")]
    Unadoptable {
        /// The ref.
        reference: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Commits made elsewhere hold what a thread does not.
    #[error("{}", faults_text(.0))]
    Faults(Vec<Fault>),
    /// The resource does not exist at the version.
    #[error("{0} does not exist at this version")]
    UnknownResource(NamedNode),
    /// A statement is put into a document that it does not belong to.
    #[error("{subject} is not {resource} nor a fragment of it")]
    OutsideDocument {
        /// The document's resource.
        resource: NamedNode,
        /// The subject of the statement.
        subject: NamedNode,
    },
    /// The data breaks the ontology's shapes or rules.
    #[error("{}", violations_text(.0))]
    Violations(Vec<Violation>),
    /// A resource cannot be retired while others link to it.
    #[error("{reason}")]
    Linked {
        /// The resource.
        resource: NamedNode,
        /// The statements that link to it; at least one.
        inbound: Vec<Statement>,
        /// Which resource it is and what links to it, for a person.
        reason: String,
    },
    /// The branch has moved, or two lines of history conflict.
    #[error(transparent)]
    Conflict(Box<Divergence>),
    /// The two commits have no common ancestor.
    #[error("{a} and {b} have no common ancestor: it cannot be determined who changed what")]
    Unrelated {
        /// One commit.
        a: CommitId,
        /// The other.
        b: CommitId,
    },
    /// A resolution cannot be meant: what it is about, and why.
    #[error("the resolution of {0} cannot be applied: it {1}")]
    Resolution(String, &'static str),
    /// The commit is not in the branch's history.
    #[error("{commit} is not in the history of {branch}: there is nothing to undo")]
    NotBehind {
        /// The commit.
        commit: CommitId,
        /// The branch.
        branch: String,
    },
    /// The first commit cannot be undone.
    #[error("the first commit begins the thread and cannot be undone")]
    FirstCommit,
    /// The same idempotency key came with another request.
    #[error(
        "the idempotency key \"{key}\" was used for another request (commit {}, {}): send another key", .commit.id, .commit.time
    )]
    KeyReused {
        /// The key.
        key: String,
        /// What the other request made.
        commit: Box<Commit>,
    },
    /// The idempotency key came before with a request that made no commit, such as for a branch.
    #[error(
        "the idempotency key \"{key}\" was used for another request (which came to commit {commit}): send another key"
    )]
    KeyOfName {
        /// The key.
        key: String,
        /// What the name was given to, or taken from.
        commit: CommitId,
    },
    /// The commit of an idempotency key is not on the branch of the request.
    #[error(
        "the idempotency key \"{key}\" was used for a commit that is not on the branch {branch} (commit {}, {}): send another key",
        .commit.id, .commit.time
    )]
    KeyElsewhere {
        /// The key.
        key: String,
        /// The branch of the request.
        branch: String,
        /// The commit of the key.
        commit: Box<Commit>,
    },
    /// Another process holds the folder.
    #[error("{0} is locked by another process: stop that server, or send it the request over HTTP")]
    Locked(PathBuf),
    /// The folder that this process serves is not the one it opened any more.
    #[error(
        "the lock file of {0} was deleted or replaced, or the folder moved, while it was open here; another process may have opened \
         it, so nothing more is written: stop this process, see that no other one has the folder, and start again"
    )]
    LostFolder(PathBuf),
    /// The folder is a copy that was made while it was written, and the copy lacks something.
    #[error(
        "{folder} was copied while a process had it open, and the copy is not whole ({source}): copy it again with `throughline \
         backup`, which may be done beside the service"
    )]
    TornCopy {
        /// The folder.
        folder: PathBuf,
        /// What is missing.
        source: git2::Error,
    },
    /// The thread was opened to be read only.
    #[error("{0} was opened to be read only: nothing is written")]
    ReadOnly(PathBuf),
    /// The folder holds no thread.
    #[error("{0} holds no thread: make one with `throughline init`")]
    NoThread(PathBuf),
    /// The folder holds a thread already.
    #[error("{0} holds a thread already")]
    ThreadExists(PathBuf),
    /// The repository is of a format that this program does not know.
    #[error("the thread is of format {0}; this program knows formats 1 to 3")]
    Format(String),
    /// Another program holds the ref just now.
    #[error("Git holds the branch just now (git gc does, for a moment): try again")]
    Busy,
    /// An earlier write failed half-way; the process must be restarted.
    #[error("an earlier write failed; restart the service, which checks and repairs the repository")]
    Stopped,
    /// The cursor was not given out by a page.
    #[error("\"{0}\" is not a cursor of a page")]
    Cursor(String),
    /// The SPARQL query is malformed, or its evaluation failed.
    #[error("the query failed: {0}")]
    Query(String),
    /// A file of the repository is not canonical text.
    #[error(transparent)]
    Text(#[from] turtle::Error),
    /// The ontology does not parse or contradicts itself.
    #[error(transparent)]
    Ontology(#[from] ontology::Error),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] index::Error),
    /// The index has other statements of a resource than Git.
    #[error(
        "nothing was committed: the index has other statements of {resource} at {commit} than Git, which is the truth; stop the \
         service and make the index anew with `throughline reindex`"
    )]
    IndexDisagrees {
        /// The resource.
        resource: NamedNode,
        /// The commit whose files were compared.
        commit: CommitId,
    },
    /// The clock is before the thread's first commit.
    #[error(
        "nothing was committed: the clock of this machine shows {now}, which is before the thread began at {first}: set the clock, \
         and try again"
    )]
    Clock {
        /// The time that the clock shows.
        now: Instant,
        /// When the first commit was made.
        first: Instant,
    },
    /// Validation, or something else that a change passes through, panicked.
    #[error(
        "nothing was committed: the change made the program panic ({0}), which is a defect of the program: report it"
    )]
    Panicked(String),
    /// A write to Git failed, as on a full disk: the branch is where it was, and nothing of the write is in its place.
    #[error("nothing was committed: {0}; try again once that is mended")]
    NotWritten(git2::Error),
    /// A sync failed after objects had been moved to their places: the branch is where it was, and this process writes no more.
    #[error(
        "nothing was committed: {0}; restart the service once that is mended: it syncs all objects when it starts"
    )]
    Unsynced(git2::Error),
    /// An import is committed, but its tag could not be made.
    #[error(
        "the import is committed as {commit}, but the tag {tag} was not made: {error}; make it of that commit, and do not import again"
    )]
    Untagged {
        /// The head of the target branch.
        commit: CommitId,
        /// The name of the tag.
        tag: String,
        /// Why it was not made.
        #[source]
        error: Box<Self>,
    },
    /// Git failed.
    #[error("Git failed: {0}")]
    Git(#[from] git2::Error),
    /// The file system failed.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// Reports that a key names another request, which gave a name to a commit or took one from it.
    pub(crate) fn key_of_name(key: &str, commit: &Commit) -> Self {
        Self::KeyOfName { key: key.to_owned(), commit: commit.id }
    }

    /// Reports that a key names another request, which made a commit.
    pub(crate) fn key_reused(key: &str, commit: Commit) -> Self {
        Self::KeyReused { key: key.to_owned(), commit: Box::new(commit) }
    }

    /// Returns whether a folder could not be opened because it may not be written.
    pub fn is_unwritable(&self) -> bool {
        use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        let Self::Io { source, .. } = self else { return false };
        matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem)
    }
}

fn faults_text(faults: &[Fault]) -> String {
    let lines: Vec<_> = faults.iter().take(20).map(ToString::to_string).collect();
    let more = faults.len().saturating_sub(20);
    let rest = if more > 0 { format!("\n… and {more} more") } else { String::new() };
    format!("{}{rest}", lines.join("\n"))
}

fn violations_text(violations: &[Violation]) -> String {
    let lines: Vec<_> = violations.iter().take(20).map(ToString::to_string).collect();
    let more = violations.len().saturating_sub(20);
    let rest = if more > 0 { format!("\n… and {more} more") } else { String::new() };
    format!("{}{rest}", lines.join("\n"))
}

/// The conflicts between two lines of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The head that the change was made against.
    pub expected: CommitId,
    /// The head of the branch now.
    pub head: CommitId,
    /// The values that conflict.
    pub conflicts: Vec<Conflict>,
}

impl std::error::Error for Divergence {}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.conflicts.as_slice() {
            [] => write!(f, "the branch is at {}, not at {} as expected", self.head, self.expected),
            conflicts => {
                write!(
                    f,
                    "what changed since {} and the branch at {} conflict in ",
                    self.expected, self.head
                )?;
                write!(f, "{} {}:", conflicts.len(), if conflicts.len() == 1 { "place" } else { "places" })?;
                conflicts.iter().take(10).try_for_each(|conflict| write!(f, "\n{conflict}"))
            }
        }
    }
}

pub(super) fn io(path: &Path, source: std::io::Error) -> Error {
    Error::Io { path: PathBuf::from(path), source }
}
